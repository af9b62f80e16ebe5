import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { cGuest, debugTiny } from './tiny-guest.ts';

/**
 * What gdb does otherwise than one would guess, as far as the server has to live with it: `depth` calls itself 20 times, with a frame
 * of its own for each; `counter` counts to 5 before that.
 */
const source = `
	.type	_start,@function
_start:	.cfi_startproc
	.cfi_undefined 14
	larl	%r15, stack_end
	larl	%r8, counter
	lghi	%r2, 0
loop:	aghi	%r2, 1
store:	stg	%r2, 0(%r8)
	cghi	%r2, 5
	jl	loop
	lghi	%r2, 20
call:	brasl	%r14, depth
done:	nopr
	nopr
end:	j	end
	.cfi_endproc
	.size	_start,.-_start
	.globl	depth
	.type	depth,@function
depth:	.cfi_startproc
	stmg	%r14, %r15, 112(%r15)
	.cfi_offset 14, -48
	.cfi_offset 15, -40
	aghi	%r15, -160
	.cfi_adjust_cfa_offset 160
	brctg	%r2, 1f
	j	2f
1:	brasl	%r14, depth
2:	lmg	%r14, %r15, 272(%r15)
	.cfi_restore 14
	.cfi_restore 15
	.cfi_adjust_cfa_offset -160
	br	%r14
	.cfi_endproc
	.data
	.balign 8
counter: .quad 0
text:	.asciz "text"
	.balign 8
	.space 65536
stack_end: .space 256
`;

/** A function whose local has one place each time, whoever has it. */
const locals = `
volatile long sum;
void late(long n) { volatile long slot = n; sum += slot; }
void behind(void) { sum++; }
void begin(void) { late(3); late(7); behind(); }
`;

async function debug(...settings: readonly string[]): Promise<Gdb> {
  const gdb = await debugTiny(source);
  await gdb.run('hbreak done', ...settings);
  return gdb;
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'what gdb does otherwise than one would guess', () => {
  test('reverse-next over a recursive call asks once for each level, and comes to the call', async () => {
    const gdb = await debug('continue', 'delete');
    await gdb.run('reverse-next');
    expect((await gdb.run('p $pc == &call', 'p $r2'))[0]).toMatch(/= 1$/);
  });

  test('record full on top of it is taken back by record stop: the history is there as before', async () => {
    const gdb = await debug('continue', 'delete');
    const [, , , back] = await gdb.run('record full', 'stepi', 'reverse-stepi', 'p $pc == &done');
    expect(back).toMatch(/= 1$/);
    await gdb.run('record stop', 'hbreak store', 'reverse-continue');
    expect((await gdb.run('p $r2'))[0]).toMatch(/= 5$/);
  });

  test('reverse-continue N counts as gdb counts: from a breakpoint that one stands on it passes N - 1 more', async () => {
    const gdb = await debug('break store', 'continue', 'continue', 'continue', 'continue', 'continue');
    expect((await gdb.run('reverse-continue 2', 'p $r2'))[1]).toMatch(/= 3$/);
  });

  test('a dprintf whose condition cannot be compiled prints at every hit, and nothing stops', async () => {
    const gdb = await debug('set dprintf-style agent', 'dprintf store,"r2=%ld\\n", $r2');
    await gdb.run('condition 2 $_streq((char*)&text, "nothing")');
    const [said] = await gdb.run('continue');
    expect(said).toMatch(/Breakpoint 1, /);
    expect(said?.match(/r2=/g)).toHaveLength(5);
  });

  test("gdb's ignore counts never travel: every hit comes back to it, and they are right all the same", async () => {
    const gdb = await debug('break store', 'ignore 2 3', 'continue');
    expect((await gdb.run('p $r2'))[0]).toMatch(/= 4$/);
    expect((await gdb.run('info breakpoints'))[0]).toMatch(/already hit 4 times/);
  });

  test('a stop at an agent-style dprintf is gone on from without taking it away: it neither loops nor prints again', async () => {
    const gdb = await debug('set dprintf-style agent', 'hbreak loop', 'continue', 'delete 2');
    await gdb.run('dprintf store,"at %ld\\n", $r2', 'stepi');
    expect((await gdb.run('p $pc == &store'))[0]).toMatch(/= 1$/);
    const [said] = await gdb.run('continue');
    expect(said).toMatch(/Breakpoint 1, /);
    expect(said?.match(/at \d/g)).toEqual(['at 2', 'at 3', 'at 4', 'at 5']);
    // Nor on the way back, where it is passed four times, for one stands behind the last.
    await gdb.run('hbreak _start');
    expect((await gdb.run('reverse-continue'))[0]).toMatch(/Breakpoint 4, |No more reverse-execution history/);
  });

  test('a watched register, and a watch in software, are stepped back to by instruction', async () => {
    const gdb = await debug('continue', 'delete', 'hbreak call', 'reverse-continue', 'delete', 'watch $r2');
    const [last, before] = await gdb.run('reverse-continue', 'reverse-continue');
    expect(last).toMatch(/Old value = 20\nNew value = 5/);
    expect(before).toMatch(/Old value = 5\nNew value = 4/);
    await gdb.run('delete', 'set can-use-hw-watchpoints 0', 'watch *(long*)&counter');
    expect((await gdb.run('reverse-continue'))[0]).toMatch(/Old value = 4\nNew value = 3/);
  });

  test('monitor seek leaves registers and storage of one time until the step that goes there', async () => {
    const gdb = await debug('continue');
    const now = async (): Promise<string> => (await gdb.run('p $pc == &done', 'p *(long*)&counter')).join();
    await gdb.run('monitor seek 7');
    expect(await now()).toMatch(/= 1,.*= 5$/);
    const [, there, counter] = await gdb.run('stepi', 'p $pc != &done', 'p *(long*)&counter < 5');
    expect([there, counter].join()).toMatch(/= 1,.*= 1$/);
    expect((await gdb.run('monitor when'))[0]).toMatch(/^time = 7, /);
  });

  test('under record btrace nothing goes back, and another session finds all as it was', async () => {
    const image = cGuest(locals, 'locals', '-O0');
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    await gdb.run('break late', 'continue', 'delete', 'record btrace', 'stepi', 'stepi');
    const [back] = await gdb.run('reverse-stepi');
    expect(back).toMatch(/PC not available|not available|No more reverse-execution history/);
    gdb.die();
    const other = await attach(guest.port, image);
    // The guest went on when the first gdb died.
    const [, hit, where] = await other.run('hbreak late', 'reverse-continue', 'info symbol $pc');
    expect(hit).toMatch(/Breakpoint 1, /);
    expect(where).toMatch(/^late \+ \d+ in section /);
  });

  test('a watch on a local outlives its call on the way back, and meets who had its place before', async () => {
    const image = cGuest(locals, 'locals', '-O0');
    const gdb = await attach((await GuestProcess.start(image)).port, image);
    await gdb.run('break behind', 'continue', 'reverse-finish', 'reverse-step', 'watch slot');
    const [newest, , older, whose] = await gdb.run('reverse-continue', 'p n', 'reverse-continue', 'p n');
    expect(newest).toMatch(/Old value = 7\nNew value = 3/);
    expect(older).toMatch(/Old value = 3/);
    expect(whose).toMatch(/= 3$/);
  });

  test('a dprintf beside a breakpoint neither loops nor hides it, and one with %hd prints a short', async () => {
    const gdb = await debug('set dprintf-style agent', 'dprintf store,"r2=%ld\\n", $r2', 'break store if $r2 == 3');
    const [both] = await gdb.run('continue');
    expect(both).toMatch(/Breakpoint 3, /);
    expect((await gdb.run('p $r2'))[0]).toMatch(/= 3$/);
    await gdb.run('delete 2 3', 'dprintf store,"short %hd\\n", $r2 + 0x1ffff', 'hbreak loop');
    expect((await gdb.run('continue'))[0]).toMatch(/Continuing.\n\nBreakpoint 5, /);
    expect((await gdb.run('delete 5', 'hbreak call', 'continue'))[2]).toMatch(
      /short 3\nshort 4\n[\s\S]*Breakpoint 6, /,
    );
    await gdb.run('hbreak _start', 'reverse-continue', 'delete 4', 'dprintf store,"char %hhd\\n", $r2');
    expect((await gdb.run('continue'))[0]).toMatch(/Unrecognized format specifier 'h'/);
  });

  test('a character constant cannot be compiled: gdb looks at it itself, hit by hit', async () => {
    const gdb = await debug("break store if *(char*)($r8 + 8) == 't' && $r2 == 3");
    expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 3$/);
    // What gdb looks at itself it counts by itself, but for what is looked at where the guest runs.
    await gdb.run('delete 2', 'set debug remote 1', 'break store if *(char*)($r8 + 8) == 116 && $r2 == 5');
    const [said] = await gdb.run('continue');
    expect(said).toMatch(/Z0,[\da-f]+,\d;X[\da-f]+,/);
    expect(said?.match(/vCont;c|Sending packet: \$c#/g)).toHaveLength(1);
  });

  test('a tracepoint that is made while a trace runs waits for the next one, with its actions, and can be turned off', async () => {
    const gdb = await debug('trace loop', 'tstart', 'hbreak store', 'continue');
    await gdb.run('trace store');
    // By a file: actions are lines that gdb asks for.
    await gdb.run(
      'python gdb.breakpoints()[-1].commands = "collect $r2"',
      'disable 4',
      'enable 4',
      'delete 3',
      'continue',
    );
    expect((await gdb.run('tstop', 'tstatus'))[1]).toMatch(/Collected 5 trace frames/);
    expect((await gdb.run('tstart', 'monitor retrace'))[1]).toBe('frames = 10');
    await gdb.run('tstop');
    expect((await gdb.run('tfind tracepoint 4', 'p $pc == &store'))[1]).toMatch(/= 1$/);
  });

  test('a condition of a tracepoint that cannot be compiled is an error at tstart, and nothing is collected', async () => {
    const gdb = await debug('trace store', 'condition 2 $_streq((char*)&text, "text")');
    expect((await gdb.run('tstart'))[0]).toMatch(/annot .*agent expression|not implemented|[Cc]ondition/);
    expect((await gdb.run('tstatus'))[0]).toMatch(/not running|No trace|never been|Trace/);
    expect((await gdb.run('continue'))[0]).toMatch(/Breakpoint 1, /);
  });
});
