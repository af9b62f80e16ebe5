import { describe, expect, test } from 'vitest';
import type { Gdb } from '../support/gdb.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugReverse, type ReverseGuest, reverseGuests } from './reverse-guests.ts';

for (const guest of reverseGuests) {
  describeWithTools(['gdb-multiarch', guest.compiler], guest.name, () => {
    describe('going back in gdb', () => goingBack(guest));
    describe('the past by name and by writer', () => byNameAndWriter(guest));
  });
}

function goingBack(guest: ReverseGuest): void {
  const debug = (source: string): Promise<Gdb> => debugReverse(guest, source);
  const { counts, down } = guest;

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
      (await gdb.run('p $pc', 'p $r2', `p ${down}`, 'p *(long*)&counter')).map((s) => s.replace(/^\$\d+/, '')).join();
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
}

function byNameAndWriter(guest: ReverseGuest): void {
  const debug = (source: string, ...args: readonly string[]): Promise<Gdb> => debugReverse(guest, source, ...args);
  const { counts, twoCpus, twice, withFunction, prologue, callStores } = guest;

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
    expect(lines[0]).toMatch(/^time \d+: CPU 0, 0x\w+ <silent> at .*tiny\.S:\d+: 5 again, silent$/);
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
      const [, before, said, after] = await gdb.run(`thread ${thread}`, `p ${twice}`, 'reverse-stepi', `p ${twice}`);
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
    // The store of the last round, and the end of the loop's last one.
    const [from, to] = [prologue + 13, prologue + 16];
    expect(said).toContain(`what came after time ${from} is timeline A now`);
    expect((await gdb.run('delete', 'hbreak _start', 'reverse-continue', 'p $r2'))[3]).toMatch(/= 0$/);
    expect((await gdb.run('monitor timeline'))[0]).toBe(`timelines[0] = A from ${from} to ${to}`);
    await gdb.run('monitor timeline A', 'stepi');
    expect((await gdb.run('p *(long*)&counter', 'p $pc == &done')).join()).toMatch(/= 5,.*= 1$/);
    expect((await gdb.run('monitor timeline'))[0]).toMatch(new RegExp(`^timelines\\[0\\] = B from ${from} to \\d+$`));
    expect((await gdb.run('delete', 'hbreak store', 'reverse-continue', 'p $r2'))[3]).toMatch(/= 5$/);
  });

  test('a function that is called in the past and comes home leaves no timeline when gdb has stored nothing', async () => {
    const gdb = await debug(withFunction);
    await gdb.run('hbreak done', 'continue', 'delete', 'hbreak again', 'reverse-continue', 'delete');
    const [called] = await gdb.run('p ((long(*)(void))function)()');
    expect(called).toMatch(/= 42$/);
    await gdb.run('reverse-stepi', 'stepi');
    expect((await gdb.run('monitor timeline'))[0]).toMatch(callStores ? /= A from 4 to 6$/ : /^timelines = none$/);
    await gdb.run('hbreak done', 'continue');
    const [pc, r2, when] = await gdb.run('p $pc == &done', 'p $r2', 'monitor when');
    expect([pc, r2].join()).toMatch(/= 1,.*= 3$/);
    // The two instructions of the function are a part of this present, or they are not.
    expect(when).toBe(`time = ${callStores ? 8 : 6}`);
  });
}
