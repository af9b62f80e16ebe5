import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { tinyGuest } from './tiny-guest.ts';

/** Stores 1 to 5 into `counter`, then the same 5 once more, and goes round a loop for ever. */
const counts = `
_start:	larl	%r8, counter
	lghi	%r2, 0
	lghi	%r3, 5
loop:	aghi	%r2, 1
store:	stg	%r2, 0(%r8)
next:	brctg	%r3, loop
silent:	stg	%r2, 0(%r8)
done:	nopr
	nopr
end:	j	end
	.data
	.balign 8
counter: .quad 0
`;

/** Two CPUs count in r9, and the first one comes to `met` at last. */
const twoCpus = `
_start:	larl	%r1, restart_psw
	mvc	0x1a0(16,%r0), 0(%r1)
	lghi	%r2, 1
	sigp	%r0, %r2, 6
	lgfi	%r4, 300000
	lghi	%r9, 0
1:	aghi	%r9, 1
	brctg	%r4, 1b
met:	j	met
cpu1:	lghi	%r9, 0
2:	aghi	%r9, 1
	j	2b
	.balign	8
restart_psw: .quad 0x0000000180000000, cpu1
`;

/** Counts in r2; a function gives 42. */
const withFunction = `
_start:	larl	%r15, stack
	lghi	%r2, 1
	aghi	%r2, 1
again:	nopr
	aghi	%r2, 1
	nopr
done:	nopr
end:	j	end
	.globl function
	.type function,@function
function: lghi	%r2, 42
	br	%r14
	.data
	.space 4096
stack:	.space 256
`;

async function debug(source: string, ...args: readonly string[]): Promise<Gdb> {
  const image = tinyGuest(source);
  const guest = await GuestProcess.start(image, args);
  return attach(guest.port, image);
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'going back in gdb', () => {
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

  test('the beginning is said, as often as one comes to it', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete');
    for (let i = 0; i < 2; i++) {
      const [stop, at] = await gdb.run('reverse-continue', 'p $pc == &_start');
      expect(stop).toMatch(/No more reverse-execution history/);
      expect(at).toMatch(/= 1$/);
    }
    const [stepped] = await gdb.run('reverse-stepi');
    expect(stepped).toMatch(/No more reverse-execution history/);
  });

  test('from a breakpoint that is set there goes to the time before', async () => {
    const gdb = await debug(counts);
    await gdb.run('break store', 'continue', 'continue', 'continue');
    for (const value of [2, 1]) {
      const [stop, at] = await gdb.run('reverse-continue', 'p $r2');
      expect(stop).toMatch(/Breakpoint 1, /);
      expect(at).toMatch(new RegExp(`= ${value}$`));
    }
    const [stop, at] = await gdb.run('continue', 'p $r2');
    expect(stop).toMatch(/Breakpoint 1, /);
    expect(at).toMatch(/= 2$/);
  });

  test('steps back and forth come by the same places', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete');
    const places: string[] = [];
    const where = async (): Promise<string> =>
      (await gdb.run('p $pc', 'p $r2', 'p $r3', 'p *(long*)&counter')).map((s) => s.replace(/^\$\d+/, '')).join();
    for (let i = 0; i < 14; i++) {
      places.push(await where());
      await gdb.run('reverse-stepi');
    }
    for (const place of places.reverse()) {
      await gdb.run('stepi');
      expect(await where()).toBe(place);
    }
  });

  test('a condition that gdb evaluates works backwards', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete', 'break store if $_streq("a", "a") && $r2 == 2');
    const [stop, at] = await gdb.run('reverse-continue', 'p $r2');
    expect(stop).toMatch(/Breakpoint 2, /);
    expect(at).toMatch(/= 2$/);
  });

  test('Ctrl-C ends a way back through a long past', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete');
    const running = gdb.start('continue');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    gdb.interrupt();
    await running;
    // Nobody fetches that, and every interval has to be run again to know it.
    await gdb.run('rwatch *(long*)0x20000');
    const back = gdb.start('reverse-continue');
    setTimeout(() => gdb.interrupt(), 100);
    expect(await back).toMatch(/SIGINT/);
    // And it goes on from there.
    const [, , more] = await gdb.run('delete', 'hbreak store', 'reverse-continue');
    expect(more).toMatch(/Breakpoint 3, /);
  });
});

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'the past by name and by writer', () => {
  test('the last writers of some storage, the silent one among them, and the way to one', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', `source ${root}gdb-scripts/guestscope.py`);
    expect(await gdb.run('gs-writers nosuch')).toEqual(['gs-writers: No symbol "nosuch" in current context.']);
    await gdb.run('set trace-commands on');
    const traced = (await gdb.run('gs-writers *(long*)&counter 3')).join('\n');
    expect(traced).toMatch(/^time \d+: CPU 0/m);
    expect(traced).not.toContain('infosymbol');
    await gdb.run('set trace-commands off');
    const [listed] = await gdb.run('gs-writers *(long*)&counter 3');
    const lines = listed?.split('\n') ?? [];
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^time \d+: CPU 0, 0x1001c <silent> at .*tiny\.S:\d+: 5 again, silent$/);
    expect(lines[1]).toMatch(/<store> .*: 4 -> 5$/);
    expect(lines[2]).toMatch(/<store> .*: 3 -> 4$/);
    const at = /^time (\d+)/.exec(lines[1] ?? '')?.[1];
    const [, there, value, pc] = await gdb.run(
      'monitor mark end',
      `gs-seek ${at}`,
      'p *(long*)&counter',
      'p $pc == &store',
    );
    expect(there).toMatch(/store/);
    expect([value, pc].join()).toMatch(/= 4,.*= 1$/);
    expect((await gdb.run('monitor when'))[0]).toMatch(new RegExp(`^time = ${at}, \\d+ before the present`));
    expect((await gdb.run('gs-seek -2', 'p $r2'))[1]).toMatch(/= 4$/);
    expect((await gdb.run('gs-seek end', 'p $pc == &done'))[1]).toMatch(/= 1$/);
    expect((await gdb.run('monitor history'))[0]).toMatch(/^begins = 0, since the guest was loaded/);
  });

  test('without a history it is said how to have one', async () => {
    const gdb = await debug(counts, '--history', 'off');
    const [said, back] = await gdb.run('monitor history', 'reverse-stepi');
    expect(said).toMatch(/no history is kept/);
    expect(back).toMatch(/No more reverse-execution history/);
  });

  test('every CPU steps back by itself, and it is the one that was asked that stops', async () => {
    const gdb = await debug(twoCpus, '--smp', '2');
    await gdb.run('hbreak met', 'continue', 'delete');
    for (const thread of [1, 2, 1]) {
      const [, before, said, after] = await gdb.run(`thread ${thread}`, 'p $r9', 'reverse-stepi', 'p $r9');
      expect(said).not.toMatch(/SIGTRAP/);
      const [was, is] = [before, after].map((text) => Number(/= (-?\d+)$/.exec(text ?? '')?.[1]));
      expect((was ?? 0) - (is ?? 0)).toBeLessThanOrEqual(1);
      const [current] = await gdb.run('thread');
      expect(current).toMatch(new RegExp(`Current thread is ${thread} `));
    }
  });

  test('what is written in the past makes it the present, and what came before is a timeline to go back to', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete', 'hbreak store', 'reverse-continue', 'delete', 'hbreak done');
    const [, , said] = await gdb.run('set $r2 = 77', 'continue', 'stepi');
    expect((await gdb.run('p *(long*)&counter'))[0]).toMatch(/= 77$/);
    expect(said).toMatch(/what came after time 16 is timeline A now/);
    expect((await gdb.run('delete', 'hbreak _start', 'reverse-continue', 'p $r2'))[3]).toMatch(/= 0$/);
    expect((await gdb.run('monitor timeline'))[0]).toBe('timelines[0] = A from 16 to 19');
    await gdb.run('monitor timeline A', 'stepi');
    expect((await gdb.run('p *(long*)&counter', 'p $pc == &done')).join()).toMatch(/= 5,.*= 1$/);
    expect((await gdb.run('monitor timeline'))[0]).toMatch(/^timelines\[0\] = B from 16 to \d+$/);
    expect((await gdb.run('delete', 'hbreak store', 'reverse-continue', 'p $r2'))[3]).toMatch(/= 5$/);
  });

  test('a function that is called in the past and comes home leaves no timeline', async () => {
    const gdb = await debug(withFunction);
    await gdb.run('hbreak done', 'continue', 'delete', 'hbreak again', 'reverse-continue', 'delete');
    const [called] = await gdb.run('p ((long(*)(void))function)()');
    expect(called).toMatch(/= 42$/);
    await gdb.run('reverse-stepi', 'stepi');
    expect((await gdb.run('monitor timeline'))[0]).toBe('timelines = none');
    await gdb.run('hbreak done', 'continue');
    expect((await gdb.run('p $pc == &done', 'p $r2', 'monitor when')).join()).toMatch(/= 1,.*= 3,time = 6$/);
  });
});
