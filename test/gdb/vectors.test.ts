import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach, Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { disabledWait, tinyGuest } from './tiny-guest.ts';

/** Loads v1 and v17, waits to be looked at, stores both again. */
const source = `
	.machine "z13"
_start:	larl %r1, cr0
	lctlg %c0, %c0, 0(%r1)
	larl %r1, values
	vl %v1, 0(%r1)
	vl %v17, 16(%r1)
	.globl loaded
loaded:	vst %v1, 32(%r1)
	vst %v17, 48(%r1)
	.globl stored
stored:	larl %r1, wait
	lpswe 0(%r1)
	.balign 16
cr0:	.quad 0x600e0
	.balign 16
wait:	${disabledWait(0)}
	.globl values
values:	.quad 0x0001020304050607, 0x08090a0b0c0d0e0f
	.quad 0x3ff8000000000000, 0xc000000000000000
	.space 32
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'vector registers', () => {
  test('are shown whole and by elements, can be set, and are in core files', async () => {
    const image = tinyGuest(source);
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    await gdb.run('break loaded', 'continue');
    const v1 = 'v16_int8 = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}';
    const v17 = 'v2_double = {1.5, -2}';
    const [first, second, floating, elements] = await gdb.run('p $v1', 'p $v17', 'p/x $f1', 'p/x $v17.v4_int32');
    expect(first).toContain(v1);
    expect(second).toContain(v17);
    expect(floating).toMatch(/= 0x1020304050607$/);
    expect(elements).toMatch(/= \{0x3ff80000, 0x0, 0xc0000000, 0x0\}$/);

    const folder = mkdtempSync(join(tmpdir(), 'guestscope-vectors-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const core = join(folder, 'v.core');
    await gdb.run('monitor dump v.core', `remote get /guestscope/dumps/v.core ${core}`);
    const own = join(folder, 'g.core');
    await gdb.run(`generate-core-file ${own}`);
    for (const file of [core, own]) {
      const readelf = execFileSync('s390x-linux-gnu-readelf', ['-nW', file], { encoding: 'utf8' });
      expect(readelf).toContain('NT_S390_VXRS_LOW');
      expect(readelf).toContain('NT_S390_VXRS_HIGH');
      const [, low, high] = await new Gdb(image).run(`core-file ${file}`, 'p $v1', 'p $v17');
      expect(low).toContain(v1);
      expect(high).toContain(v17);
    }

    await gdb.run('set $v1.v8_int16[7] = 0x1234', 'set $v17.v2_int64[0] = -1', 'break stored', 'continue');
    const [storage] = await gdb.run('x/4gx (char *)&values + 32');
    expect(storage?.match(/0x[0-9a-f]{16}/g)).toEqual([
      ...['0x0001020304050607', '0x08090a0b0c0d1234', '0xffffffffffffffff', '0xc000000000000000'],
    ]);

    const opened = await GuestProcess.startWith(['core', core, '--gdb', '0']);
    const again = await attach(opened.port, image);
    const [low, high] = await again.run('p $v1', 'p $v17');
    expect([low, high]).toEqual([expect.stringContaining(v1), expect.stringContaining(v17)]);
  });

  test('are not there on a machine without them', async () => {
    const image = tinyGuest(source);
    const guest = await GuestProcess.startWith(['run', image, '--cpu', 'z15,vx=off', '--gdb', '0', '--wait']);
    const gdb = await attach(guest.port, image);
    const [v17, f1] = await gdb.run('p $v17', 'p/x $f1');
    expect([v17, f1]).toEqual([expect.stringMatching(/= void$/), expect.stringMatching(/= 0x0$/)]);
  });
});

/** A transaction that ends with an operation exception, and the handler that this leads to. */
const aborted = `
	.machine "zEC12"
_start:	larl %r1, cr0
	lctlg %c0, %c0, 0(%r1)
	mvc 0x1d0(16, %r0), 16(%r1)
	lghi %r5, 0x77
	tbegin 0, 0xff00
	lghi %r5, 0x78
	.short 0
	.globl caught
caught:	larl %r1, wait
	lpswe 0(%r1)
	.balign 16
cr0:	.quad 0x800000000400e0, 0
	.quad 0x180000000, caught
wait:	${disabledWait(0)}
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'the transaction diagnostic block', () => {
  test('has registers, which show what the last program interruption of a transaction has left', async () => {
    const image = tinyGuest(aborted);
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    const [, , block, code, own, restored] = await gdb.run(
      ...['break caught', 'continue', 'p/x $tdb0 >> 56', 'p $tac', 'p/x $tr5', 'p/x $r5'],
    );
    expect([block, code, own, restored]).toEqual(
      ['= 0x1', '= 4', '= 0x78', '= 0x77'].map((value) => expect.stringMatching(new RegExp(`${value}$`))),
    );
  });
  test('has none on a machine without transactions', async () => {
    const image = tinyGuest(source);
    const guest = await GuestProcess.startWith(['run', image, '--cpu', 'z15,te=off', '--gdb', '0', '--wait']);
    const [code] = await (await attach(guest.port, image)).run('p $tac');
    expect(code).toMatch(/= void$/);
  });
});
