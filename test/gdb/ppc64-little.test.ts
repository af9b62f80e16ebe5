/** A little-endian ppc64 guest, whose storage is not mirrored, in front of a real gdb. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { turnedWord } from '../../src/bits/byte-order.ts';
import { Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';

const usual = ['--gdb', '0', '--wait', '--console', 'none'];
const run = ['run', `${root}guests/ppc64-suite/suite-le.elf`, ...usual, '--clock', 'virtual', '--memory', '64M'];

/** A folder that vanishes with the test. */
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'guestscope-little-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

async function attached(options: readonly string[]): Promise<Gdb> {
  const guest = await GuestProcess.startWith([...options]);
  const gdb = new Gdb('-iex', 'set sysroot target:');
  await gdb.run(`target remote 127.0.0.1:${guest.port}`);
  return gdb;
}

const CODE = 0x50_0000;
// std r5,0(r4); ld r6,0(r4); lwbrx r7,0,r4; stw r7,16(r4); b back
const code = [0xf8a4_0000, 0xe8c4_0000, 0x7ce0_242c, 0x90e4_0010, 0x4bff_fff0];
/** A doubleword across two pages. */
const AT = 0x50_1ffd;

/** In the code, with LE as given; gdb writes numbers in the image's order. */
async function inCode(gdb: Gdb, little: boolean): Promise<void> {
  const text = code.map((word) => (little ? word : turnedWord(word)));
  const lines = text.map((word, i) => `set *(unsigned int *) ${CODE + 4 * i} = ${word}`);
  const msr = little ? '0x8000000000000001' : '0x8000000000000000';
  await gdb.run(...lines, `set $msr = ${msr}`, `set $r4 = ${AT}`, 'set $r5 = 0x1122334455667788', `set $pc = ${CODE}`);
}

/** What `print` shows, without the numbers of gdb's history. */
async function values(gdb: Gdb, ...commands: string[]): Promise<string[]> {
  return (await gdb.run(...commands)).map((text) => text.replace(/^\$\d+ = /, ''));
}

describeWithTools(['gdb-multiarch'], 'gdb in front of a little-endian ppc64 guest', () => {
  test('has its byte order without a setting, and reads and writes storage in it', async () => {
    const gdb = await attached(run);
    expect((await gdb.run('show endian'))[0]).toContain('currently little endian');
    await gdb.run(`set *(unsigned long *) ${AT} = 0x0102030405060708`);
    expect(await gdb.run(`x/8xb ${AT}`, `x/gx ${AT}`, `x/2xh ${AT + 2}`)).toEqual([
      '0x501ffd:\t0x08\t0x07\t0x06\t0x05\t0x04\t0x03\t0x02\t0x01',
      '0x501ffd:\t0x0102030405060708',
      '0x501fff:\t0x0506\t0x0304',
    ]);
  });

  test.each([
    ['little', true, '0x1122334455667788', '0x88776655'],
    ['big', false, '0x8877665544332211', '0x44332211'],
  ] as const)('watches a number across pages that the guest stores in %s-endian mode, both ways', async (_, little, seen, turned) => {
    const gdb = await attached(run);
    await inCode(gdb, little);
    await gdb.run(`watch *(unsigned long *) ${AT}`, `awatch *(unsigned int *) ${AT + 16}`);
    const stops = [await gdb.run('continue'), await gdb.run('continue')].flat().join('\n');
    expect(stops).toMatch(/Old value = 0\nNew value = \d+/);
    expect(stops).toMatch(/watchpoint 2: /);
    const [value, loaded, reversed] = await values(
      gdb,
      `print/x *(unsigned long *) ${AT}`,
      'print/x $r6',
      'print/x $r7',
    );
    expect([value, loaded]).toEqual([seen, '0x1122334455667788']);
    expect(reversed).toBe(turned);
    await gdb.run('reverse-continue', 'reverse-continue');
    expect(await values(gdb, 'print/x $pc', `print/x *(unsigned long *) ${AT}`)).toEqual(['0x500000', '0x0']);
    await gdb.run('delete', `break *${CODE + 12}`, 'continue');
    expect(await values(gdb, 'print/x $pc', 'print/x $r6')).toEqual(['0x50000c', '0x1122334455667788']);
  });

  test('goes on in a file', async () => {
    const gdb = await attached(run);
    const file = join(folder(), 'guest');
    await inCode(gdb, true);
    await gdb.run('stepi', 'stepi', `monitor snapshot save ${file}`, 'stepi', 'stepi');
    const after = await values(gdb, `x/4gx ${AT}`, 'print/x $r7');
    const other = await attached(['run', '--snapshot', file, ...usual]);
    expect(await values(other, 'print/x $pc', `print/x *(unsigned long *) ${AT}`)).toEqual([
      '0x500008',
      '0x1122334455667788',
    ]);
    await other.run('stepi', 'stepi');
    expect(await values(other, `x/4gx ${AT}`, 'print/x $r7')).toEqual(after);
    await other.run('reverse-stepi', 'reverse-stepi', 'reverse-stepi', 'reverse-stepi');
    expect(await values(other, 'print/x $pc', `print/x *(unsigned long *) ${AT}`)).toEqual(['0x500000', '0x0']);
  });
});
