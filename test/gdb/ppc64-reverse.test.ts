import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { ended, GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools, tool } from '../support/tools.ts';

const demo = `${root}guests/demo-ppc64/demo.elf`;
const START = 0x400000;

/** Stores 1 to 5 into `counter`, then the same 5 once more, and goes round a loop for ever. */
const counts = `
_start:	bcl	20, 31, 1f
1:	mflr	8
	addi	8, 8, counter - 1b
	li	2, 0
	li	3, 5
	mtctr	3
loop:	addi	2, 2, 1
store:	std	2, 0(8)
	bdnz	loop
silent:	std	2, 0(8)
done:	nop
	nop
end:	b	end
	.balign	4096
counter: .quad	0
`;

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

/** Assembles a bare-metal guest, entered at its first byte in 32-bit mode, real addresses. */
function tiny(source: string): string {
  const made = folder();
  const [from, script, to] = [join(made, 'tiny.S'), join(made, 'tiny.lds'), join(made, 'tiny.elf')];
  writeFileSync(from, `\t.text\n\t.globl _start\n${source}\n`);
  writeFileSync(script, `SECTIONS { . = 0x${START.toString(16)}; .text : AT(0) { *(.text) } }\n`);
  const link = ['-nostdlib', '-static', '-Wl,--build-id=none', '-T', script];
  execFileSync(tool('powerpc64-linux-gnu-gcc'), ['-g', '-mcpu=power7', '-o', to, from, ...link], { cwd: made });
  return to;
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

async function debug(source: string): Promise<Gdb> {
  const image = tiny(source);
  const options = ['--gdb', '0', '--wait', '--clock', 'virtual', '--console', 'none', '--memory', '64M'];
  const guest = await GuestProcess.startWith(['run', image, ...options]);
  return attach(guest.port, image);
}

describeWithTools(['gdb-multiarch', 'powerpc64-linux-gnu-gcc'], 'going back on ppc64', () => {
  test('a watchpoint names the newest writer first, with the store undone and the PC at it; a store of the same value is none', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete', 'watch *(long*)&counter');
    for (const [now, before] of [
      [5, 4],
      [4, 3],
      [3, 2],
    ]) {
      const [stop, at] = await gdb.run('reverse-continue', 'p $pc == &store');
      expect(stop).toMatch(new RegExp(`Old value = ${now}\nNew value = ${before}\n`));
      expect(at).toMatch(/= 1$/);
    }
    const [forward] = await gdb.run('continue');
    expect(forward).toMatch(/Old value = 2\nNew value = 3\n/);
  });

  test('steps back and forth come by the same places, and by the beginning', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete');
    const places: string[] = [];
    const where = async (): Promise<string> =>
      (await gdb.run('p $pc', 'p $r2', 'p $ctr', 'p *(long*)&counter')).map((s) => s.replace(/^\$\d+/, '')).join();
    for (let i = 0; i < 14; i++) {
      places.push(await where());
      await gdb.run('reverse-stepi');
    }
    for (const place of places.reverse()) {
      await gdb.run('stepi');
      expect(await where()).toBe(place);
    }
    const [, begin, at] = await gdb.run('delete', 'reverse-continue', 'p $pc == &_start');
    expect(begin).toMatch(/No more reverse-execution history/);
    expect(at).toMatch(/= 1$/);
  });

  test('breakpoints are met in the past, in both directions, also those that are set there', async () => {
    const gdb = await debug(counts);
    await gdb.run('break store', 'continue', 'continue', 'continue');
    for (const value of [2, 1]) {
      const [stop, at] = await gdb.run('reverse-continue', 'p $r2');
      expect(stop).toMatch(/Breakpoint 1, /);
      expect(at).toMatch(new RegExp(`= ${value}$`));
    }
    const [, stop, at] = await gdb.run('break loop', 'continue', 'p $r2');
    expect(stop).toMatch(/Breakpoint 2, /);
    expect(at).toMatch(/= 1$/);
  });

  test('the last writers are listed, the silent one among them, and one goes to them by time', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', `source ${root}gdb-scripts/guestscope.py`);
    const [listed] = await gdb.run('gs-writers *(long*)&counter 3');
    const lines = listed?.split('\n') ?? [];
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^time \d+: CPU 0, 0x\w+ <silent> at .*tiny\.S:\d+: 5 again, silent$/);
    expect(lines[1]).toMatch(/<store> .*: 4 -> 5$/);
    expect(lines[2]).toMatch(/<store> .*: 3 -> 4$/);
    const at = /^time (\d+)/.exec(lines[1] ?? '')?.[1];
    const [, , value, pc] = await gdb.run('monitor mark end', `gs-seek ${at}`, 'p *(long*)&counter', 'p $pc == &store');
    expect([value, pc].join()).toMatch(/= 4,.*= 1$/);
    expect((await gdb.run('gs-seek end', 'p $pc == &done'))[1]).toMatch(/= 1$/);
  });

  test('what is written in the past makes it the present', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete', 'hbreak store', 'reverse-continue', 'delete', 'hbreak done');
    const [, , said] = await gdb.run('set $r2 = 77', 'continue', 'stepi');
    expect((await gdb.run('p *(long*)&counter'))[0]).toMatch(/= 77$/);
    expect(said).toMatch(/what came after time \d+ is timeline A now/);
  });

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
    const [file, image] = [join(folder(), 'crash'), tiny(crashing)];
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
