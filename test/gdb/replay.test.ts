import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { demoImage, ended, GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';

describeWithTools(['gdb-multiarch'], 'a session of gdb that was recorded', () => {
  test('is replayed, what gdb changed included, and another gdb goes through it in both directions', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guestscope-replay-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'recording');
    const usual = ['--gdb', '0', '--console', 'none'];
    const machine = ['--clock', 'virtual', '--memory', '64M', '--wait'];
    const first = await GuestProcess.startWith(['record', file, '--', 'run', demoImage, ...usual, ...machine]);
    const gdb = await attach(first.port, demoImage);
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
    const other = await attach(second.port, demoImage);
    const [end] = await other.run('continue');
    expect(end).toMatch(/No more reverse-execution history/);
    expect(await other.run('p/x $pc', 'info registers')).toEqual([pc?.replace(/\$\d+/, '$1'), registers]);
    // Back to the second of three, and on from there once more.
    const hits = await other.run(
      'break heartbeat',
      'reverse-continue',
      'reverse-continue',
      'continue',
      'delete',
      'continue',
    );
    expect(hits.slice(1, 4).join()).toMatch(/(Breakpoint 1, heartbeat.*){3}/s);
    expect(hits[5]).toMatch(/No more reverse-execution history/);
    expect((await other.run('info registers'))[0]).toBe(registers);
    expect((await other.run('reverse-continue'))[0]).toMatch(/No more reverse-execution history/);
    expect((await other.run('monitor when'))[0]).toMatch(/^time = 0, /);
    // Who lets go lets it come to its end, which it has as it was recorded.
    await other.run('detach');
    expect(await second.exit).toEqual({ status: 0, signal: null });
    expect(second.words.text).toMatch(/replayed to the end: \d+ inputs, \d+ intervals, all as they were/);
  });

  test('that is no recording is refused', async () => {
    const program = process.env.GUESTSCOPE_PROGRAM ?? `${root}dist/cli/main.js`;
    const child = spawn(process.execPath, [program, 'replay', demoImage, '--gdb', 'none'], { stdio: 'ignore' });
    expect(await ended(child)).toEqual({ status: 2, signal: null });
  });
});
