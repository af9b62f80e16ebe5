import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { ended, GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { tinyPpc64 } from './reverse-guests.ts';

const demo = `${root}guests/demo-ppc64/demo.elf`;

/** Counts down over stores, and gives up as a kernel does that panics. */
const crashing = `
_start:	bcl	20, 31, 1f
1:	mflr	8
	addi	9, 8, place - 1b
	li	3, 1000
	mtctr	3
2:	mfctr	4
store:	std	4, 0(9)
	bdnz	2b
	addi	5, 8, words - 1b
	stw	5, block - 1b + 12(8)
	addi	4, 8, block - 1b
	li	3, 0
	ori	3, 3, 0xf000
	sc	1
	.balign	2048
block:	.long	0x201f, 1, 1, 0, 0
words:	.asciz	"no init found"
	.balign	2048
place:	.quad	0
`;

/** A folder that vanishes with the test. */
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'guestscope-ppc64-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** Runs the program to its end; its status and its words. */
async function run(...args: readonly string[]): Promise<{ status: number | null; words: string }> {
  const program = process.env.GUESTSCOPE_PROGRAM ?? `${root}dist/cli/main.js`;
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const { status } = await ended(child);
  return { status, words };
}

describeWithTools(['gdb-multiarch'], 'going back on ppc64', () => {
  test('an interruption, a hypercall and a fault are gone back over', async () => {
    const guest = await GuestProcess.startWith([
      'demo',
      '--arch',
      'ppc64',
      '--gdb',
      '0',
      '--wait',
      '--console',
      'none',
    ]);
    const gdb = await attach(guest.port, demo);
    await gdb.run('break heartbeat', 'continue', 'continue', 'continue');
    const [third = ''] = await gdb.run('info registers');
    const hits = await gdb.run('reverse-continue', 'p heartbeats', 'reverse-continue', 'p heartbeats');
    expect(hits[0]).toMatch(/Breakpoint 1, heartbeat/);
    expect([hits[1], hits[3]].join()).toMatch(/= 1,.*= 0$/);
    await gdb.run('continue', 'continue');
    expect((await gdb.run('info registers'))[0]).toBe(third);
    // The page that it stored into last was demanded anew, after a hypercall had removed it.
    await gdb.run('delete', 'break demand_page', 'reverse-continue');
    expect((await gdb.run('p/x ea', 'bt 1')).join()).toMatch(/= 0x2000\w+,#0 {2}demand_page/);
    const calls = JSON.parse((await gdb.run('monitor hcalls --json'))[0] ?? '') as { calls: { nr: string }[] };
    expect(calls.calls.length).toBeGreaterThan(2);
  });
});

describeWithTools(['gdb-multiarch', 'powerpc64-linux-gnu-gcc'], 'a ppc64 guest in a file', () => {
  const usual = ['--gdb', '0', '--console', 'none'];

  test('goes on from there with its past in another program', async () => {
    const file = join(folder(), 'guest');
    const first = await GuestProcess.startWith(['run', demo, '--memory', '64M', '--wait', '--smp', '2', ...usual]);
    const gdb = await attach(first.port, demo);
    await gdb.run('break heartbeat', 'continue', 'continue', 'continue');
    const [pc, when, saved] = await gdb.run('p/x $pc', 'monitor when', `monitor snapshot save ${file}`);
    expect(saved).toMatch(/^saved = .*guest\nbytes = \d+\ntime = \d+/);
    await gdb.run('stepi 100');
    const [registers] = await gdb.run('info registers');
    const second = await GuestProcess.startWith(['run', '--snapshot', file, '--wait', ...usual]);
    const other = await attach(second.port, demo);
    expect(await other.run('p/x $pc', 'monitor when')).toEqual([pc?.replace(/\$\d+/, '$1'), when]);
    await other.run('stepi 100');
    expect((await other.run('info registers'))[0]).toBe(registers);
    const back = await other.run('break heartbeat', 'reverse-continue', 'reverse-continue', 'p heartbeats');
    expect(back[2]).toMatch(/Breakpoint 1, heartbeat/);
    expect(back[3]).toMatch(/= 1$/);
  });

  test('a session that was recorded is replayed, what gdb changed included', async () => {
    const file = join(folder(), 'recording');
    const machine = ['--clock', 'virtual', '--memory', '64M', '--wait'];
    const first = await GuestProcess.startWith(['record', file, '--', 'run', demo, ...usual, ...machine]);
    const gdb = await attach(first.port, demo);
    // Without sources gdb ends no line behind a step.
    await gdb.run(`directory ${root}guests/demo-ppc64`);
    await gdb.run(
      'break heartbeat',
      'continue',
      'continue',
      'stepi 3',
      'set $r7 = 0x1234',
      'stepi',
      'next',
      'continue',
    );
    const [pc, registers] = await gdb.run('p/x $pc', 'info registers');
    await gdb.run('kill');
    expect(await first.exit).toEqual({ status: 0, signal: null });

    const second = await GuestProcess.startWith(['replay', file, '--wait', ...usual]);
    const other = await attach(second.port, demo);
    expect((await other.run('continue'))[0]).toMatch(/No more reverse-execution history/);
    expect(await other.run('p/x $pc', 'info registers')).toEqual([pc?.replace(/\$\d+/, '$1'), registers]);
    await other.run('detach');
    expect(await second.exit).toEqual({ status: 0, signal: null });
    expect(second.words.text).toMatch(/replayed to the end: \d+ inputs, \d+ intervals, all as they were/);
  });

  test('that crashed is kept with its last seconds, and gone back from there', async () => {
    const [file, image] = [join(folder(), 'crash'), tinyPpc64(crashing)];
    const crash = await run('run', image, '--gdb', 'none', '--memory', '64M', '--save-on-crash', file);
    expect(crash.words).toMatch(/the guest crashed: the guest's kernel has given up: no init found\n/);
    expect(crash.status).toBe(4);
    const guest = await GuestProcess.startWith(['run', '--snapshot', file, ...usual]);
    expect(guest.words.text).toMatch(/it had ended: .*no init found/);
    const gdb = await attach(guest.port, image);
    const [writers] = await gdb.run('monitor writers 0x401000+8 2');
    expect(writers).toMatch(/CPU 0 at 0x\w+: 0{15}2 -> 0{15}1\n.*CPU 0 at 0x\w+: 0{15}3 -> 0{15}2/);
    const back = await gdb.run('watch *(long *)&place', 'reverse-continue', 'p $pc == &store', 'p $r4');
    expect(back.slice(2).join()).toMatch(/= 1,.*= 1$/);
    expect((await gdb.run('delete', 'continue'))[1]).toMatch(/no init found/);
  });
});
