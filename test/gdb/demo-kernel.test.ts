import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';

/** The demo guest before its first instruction, with symbols. */
async function demo(): Promise<Gdb> {
  const guest = await GuestProcess.start(demoImage);
  return attach(guest.port, demoImage);
}

/** Number of the first line of a source file of the demo guest that holds `text`. */
function lineOf(file: string, text: string): number {
  const lines = readFileSync(`${root}guests/demo/${file}`, 'utf8').split('\n');
  return lines.findIndex((one) => one.includes(text)) + 1;
}

/** Function names of a backtrace, innermost first. */
function functions(backtrace: string | undefined): string[] {
  return [...(backtrace ?? '').matchAll(/^#\d+ +(?:0x[0-9a-f]+ in )?(<signal handler called>|\w+)/gm)].map(
    (match) => match[1] ?? '',
  );
}

/** The line that a stop shows, without its number. */
function line(said: string | undefined): string | undefined {
  return /^\d+\t\s*(.*)$/m.exec(said ?? '')?.[1];
}

describeWithTools(['gdb-multiarch'], 'the demo kernel under gdb', () => {
  test('breakpoints set before there is code or DAT: by name, by line with a condition, for hardware, once', async () => {
    const gdb = await demo();
    await gdb.run('tbreak kernel_main', 'hbreak dirty_window_step');
    await gdb.run(`break clock.c:${lineOf('clock.c', 'ticks++;')} if ticks == 7`, 'break heartbeat');
    const stops = await gdb.run('continue', 'continue', 'p ticks', 'delete 2', 'continue', 'p ticks', 'continue');
    expect(stops[0]).toMatch(/^Temporary breakpoint 1, kernel_main \(\) at /m);
    expect(stops[1]).toMatch(/^Breakpoint 2, dirty_window_step \(\) at /m);
    expect(stops[2]).toBe('$1 = 1');
    expect(stops[4]).toMatch(/^Breakpoint 3, clock_comparator_interrupt \(\) at /m);
    expect(stops[5]).toBe('$2 = 7');
    expect(stops[6]).toMatch(/^Breakpoint 4, heartbeat \(\) at /m);
    expect(await gdb.run('p ticks', 'p jiffies', 'p heartbeats')).toEqual(['$3 = 250', '$4 = 250', '$5 = 0']);
  });

  test('a backtrace at the first instruction of a function, through an interruption, and up to the first frame', async () => {
    const gdb = await demo();
    const [, , early] = await gdb.run('break kernel_main', 'continue', 'bt');
    expect(functions(early)).toEqual(['kernel_main', '_start']);
    const [, , deep] = await gdb.run('break heartbeat', 'continue', 'bt');
    expect(functions(deep)).toEqual([
      'heartbeat',
      'clock_comparator_interrupt',
      'do_external',
      '<signal handler called>',
      'enabled_wait',
      'idle',
      'kernel_main',
      '_start',
    ]);
  });

  test('next, step, finish, until, stepi', async () => {
    const gdb = await demo();
    await gdb.run('tbreak clock_comparator_interrupt', 'continue');
    const lines = await gdb.run('next', 'next', 'next', 'next', 'next', 'next');
    expect(lines.map(line)).toEqual([
      'u64 now = stck();',
      'ticks++;',
      'while (next_tick <= now) {',
      'next_tick += TICK;',
      'while (next_tick <= now) {',
      'sckc(next_tick);',
    ]);
    const [before, stepi, after] = await gdb.run('p $pc', 'stepi', 'p $pc');
    expect(before).not.toBe(after);
    expect(stepi).not.toContain('SIG');
    const [into, where] = await gdb.run('step', 'info symbol $pc');
    expect(line(into)).toBe('trace(TRACE_TICK, window_base, jiffies);');
    expect(where).toContain('clock_comparator_interrupt');
    const [inside, , back] = await gdb.run('step', 'bt 2', 'finish');
    expect(inside).toMatch(/^trace \(kind=.*TRACE_TICK/m);
    expect(back).toMatch(/^Run till exit from #0 +trace /m);
    expect(back).toMatch(/^clock_comparator_interrupt \(\)/m);
    const [until] = await gdb.run('until 44');
    expect(until).toMatch(/clock_comparator_interrupt|do_external/);
  });

  test('watchpoints of every kind, and of a range of 300 bytes', async () => {
    const gdb = await demo();
    await gdb.run('tbreak clock_comparator_interrupt', 'continue');
    const write = await gdb.run('watch ticks', 'continue', 'continue', 'delete');
    expect(write[0]).toBe('Hardware watchpoint 2: ticks');
    expect(write[1]).toMatch(/^Old value = 0\nNew value = 1\n/m);
    expect(write[2]).toMatch(/^Old value = 1\nNew value = 2\n/m);
    const read = await gdb.run('rwatch window_base', 'continue', 'delete');
    expect(read[1]).toMatch(/^Hardware read watchpoint 3: window_base\n\nValue = 4198400$/m);
    const access = await gdb.run('awatch jiffies', 'continue', 'continue', 'delete');
    expect(access[1]).toMatch(/^Value = 2$/m);
    expect(access[2]).toMatch(/^Old value = 2\nNew value = 3$/m);
    const range = await gdb.run('watch *(char(*)[300])&tasks[0]', 'continue', 'bt 1');
    expect(range[0]).toMatch(/^Hardware watchpoint 5: /);
    expect(range[1]).toMatch(/^Hardware watchpoint 5: /m);
  });

  test('data: print, arrays and structures, strings, disassembly, stores, calls', async () => {
    const gdb = await demo();
    await gdb.run('break heartbeat', 'continue');
    expect(
      await gdb.run(
        'p tasks[0].name',
        'p tasks[1].is31',
        'p current->state',
        'x/s tasks[1].name',
        'p sizeof tasks',
        'p/x ((struct trace_entry *)0x200000000)[0].kind',
        'p ((struct trace_entry *)0x200000000)[1].sequence',
        'x/1i $pc',
        'x/2i external_entry',
      ),
    ).toEqual([
      expect.stringMatching(/"user64"$/),
      '$2 = true',
      '$3 = TASK_IDLE',
      expect.stringMatching(/"user31"$/),
      '$4 = 272',
      '$5 = 0x1',
      '$6 = 2',
      expect.stringMatching(/^=> 0x[0-9a-f]+ <heartbeat>:\t/),
      expect.stringMatching(/^ {3}0x20040 <external_entry>:\tstmg\t%r0,%r15,\d+\n/),
    ]);
    expect(await gdb.run('p table_index(0x12345678, 0)', 'p $pc == heartbeat')).toEqual(['$7 = 291', '$8 = 1']);
    const counted = await gdb.run('set var ticks = 5000', 'continue', 'p ticks');
    expect(counted[2]).toBe('$9 = 5250');
  });

  test('threads and monitor commands', async () => {
    const gdb = await demo();
    await gdb.run('break heartbeat', 'continue');
    const said = await gdb.run('info threads', 'monitor help', 'monitor walk $pc', 'monitor nonsense');
    expect(said[0]).toMatch(/^\* 1 +Thread 1\.1 "CPU 0" \(running, kernel, 64-bit, DAT home\) heartbeat \(\)/m);
    expect(said[1]).toMatch(/^walk ADDR/m);
    expect(said[2]).toMatch(/^address = 0x[0-9a-f]+$/m);
    expect(said[2]).toMatch(/^fetch = allowed$/m);
    expect(said[3]).toContain('nonsense');
    const pages = await gdb.run('monitor dirty start', 'continue', 'monitor dirty get');
    expect(pages[2]).toMatch(/^pages = [1-9]\d*/m);
  });
});
