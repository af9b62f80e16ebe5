import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Gdb } from '../support/gdb.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny, disabledWait } from './tiny-guest.ts';

/** Counts to 100 in r2 and in storage. */
const counts = `
_start:	larl	%r8, counter
	lghi	%r2, 0
	lghi	%r3, 100
loop:	aghi	%r2, 1
store:	stg	%r2, 0(%r8)
next:	brctg	%r3, loop
done:	nopr
	larl	%r1, wait
	lpswe	0(%r1)
	.balign 8
wait:	${disabledWait(0)}
	.data
	.balign 8
counter: .quad 0
text:	.asciz "some text"
`;

async function debug(): Promise<Gdb> {
  const gdb = await debugTiny(counts);
  await gdb.run('hbreak done');
  return gdb;
}
/** Says what a tracepoint collects: gdb reads the lines of a block from a file alone without a prompt for each. */
function actions(gdb: Gdb, number: number, ...lines: readonly string[]): Promise<string[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'guestscope-actions-')), 'actions.gdb');
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  writeFileSync(file, [`actions ${number}`, ...lines, 'end', ''].join('\n'));
  return gdb.run(`source ${file}`);
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'tracepoints in gdb', () => {
  test('collect registers, storage and expressions where the guest runs, and frames have that and nothing else', async () => {
    const gdb = await debug();
    await gdb.run('trace store', 'condition 2 $r2 % 10 == 0');
    await actions(gdb, 2, 'collect $r2, $r3, *(long*)$r8, *(char(*)[4])($r8 + 8)');
    await gdb.run('tstart');
    expect((await gdb.run('continue'))[0]).toMatch(/Breakpoint 1, /);
    const [running, , status, points] = await gdb.run('tstatus', 'tstop', 'tstatus', 'info tracepoints');
    expect(running).toMatch(/Trace is running/);
    expect(status).toMatch(/Trace stopped by a tstop command/);
    expect(status).toMatch(/Collected 10 trace frames/);
    expect(points).toMatch(/hit 10 times/);
    const [first, pc, r2, before, text, missing, other] = await gdb.run(
      'tfind start',
      'p $pc == &store',
      'p $r2',
      'p *(long*)&counter',
      'p *(char(*)[4])&text',
      'p $r9',
      'p *((char*)&text + 6)',
    );
    expect(first).toMatch(/Found trace frame 0, tracepoint 2/);
    expect([pc, r2, before, text].join('\n')).toMatch(/= 1\n.*= 10\n.*= 9\n.*"some"/);
    expect(missing).toMatch(/<unavailable>|not available/);
    expect(other).toMatch(/unavailable|not available|Cannot access/);
    expect((await gdb.run('tfind', 'p $r2'))[1]).toMatch(/= 20$/);
    expect((await gdb.run('tfind 7', 'tdump'))[1]).toMatch(
      /Data collected at tracepoint 2, trace frame 7:\n.*r2 .*80/s,
    );
    expect((await gdb.run('set $r2 = 5'))[0]).toMatch(/cannot|Could not|trace frame/i);
    const [, now] = await gdb.run('tfind none', 'p $r2');
    expect(now).toMatch(/= 100$/);
  });

  test('while-stepping makes a frame of each instruction behind, a pass count ends the run', async () => {
    const gdb = await debug();
    await gdb.run('trace loop', 'passcount 2');
    await actions(gdb, 2, 'collect $r2', 'while-stepping 2', 'collect $pc, $r3', 'end');
    await gdb.run('tstart', 'continue');
    const [status] = await gdb.run('tstatus');
    expect(status).toMatch(/Trace stopped by tracepoint 2/);
    expect(status).toMatch(/Collected 4 trace frames/);
    const at = await gdb.run(
      'tfind 0',
      'p $r2',
      'tfind 1',
      'p $pc == &store',
      'tfind 2',
      'p $pc == &next',
      'tfind 3',
      'p $r2',
    );
    expect([at[1], at[3], at[5], at[7]].join('\n')).toMatch(/= 0\n.*= 1\n.*= 1\n.*= 1$/);
  });

  test('trace state variables count, and conditions see them', async () => {
    const gdb = await debug();
    await gdb.run('tvariable $hits = 5', 'trace store', 'condition 2 $r2 > 90');
    await actions(gdb, 2, 'teval $hits = $hits + 1', 'collect $hits');
    await gdb.run('tstart', 'continue', 'tstop');
    expect((await gdb.run('info tvariables'))[0]).toMatch(/\$hits\s+5\s+15/);
    expect((await gdb.run('tfind 3', 'p $hits'))[1]).toMatch(/= 9$/);
  });

  test('over the past they collect what they would have, and the guest stays where it is', async () => {
    const gdb = await debug();
    await gdb.run('continue', 'trace store', 'condition 2 $r2 > 97');
    await actions(gdb, 2, 'collect $r2');
    expect((await gdb.run('monitor retrace'))[0]).toMatch(/no trace runs/);
    await gdb.run('tstart');
    expect((await gdb.run('monitor retrace'))[0]).toBe('frames = 3');
    const [, there] = await gdb.run('tstop', 'p $pc == &done');
    expect(there).toMatch(/= 1$/);
    expect((await gdb.run('tfind', 'p $r2', 'tfind', 'p $r2')).filter((_, i) => i % 2 === 1).join('\n')).toMatch(
      /= 98\n.*= 99$/,
    );
    await gdb.run('tfind none');
    expect((await gdb.run('reverse-stepi', 'p $pc == &next'))[1]).toMatch(/= 1$/);
  });

  test('a trace that was saved is read back without the guest, and one that is full says so', async () => {
    const gdb = await debug();
    const file = join(tmpdir(), `guestscope-trace-${process.pid}.tf`);
    onTestFinished(() => rmSync(file, { force: true }));
    await gdb.run('trace store');
    await actions(gdb, 2, 'collect $r2');
    await gdb.run('set trace-buffer-size 20000', 'tstart', 'continue', 'tstop');
    expect((await gdb.run('tstatus'))[0]).toMatch(
      /buffer full|Collected 100 trace frames|Trace stopped because the buffer was full/,
    );
    await gdb.run(`tsave ${file}`);
    expect(readFileSync(file).subarray(1, 7).toString()).toBe('TRACE0');
    await gdb.run('detach', `target tfile ${file}`);
    expect((await gdb.run('tfind 4', 'p $r2'))[1]).toMatch(/= 5$/);
  });
});
