import { expect, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { disabledWait, tinyGuest } from './tiny-guest.ts';

/** A guest under gdb, stopped at its first instruction. */
async function debug(source: string, ...options: readonly string[]) {
  const image = tinyGuest(source);
  const guest = await GuestProcess.start(image, options);
  return { guest, gdb: await attach(guest.port, image) };
}

/** What a stop's report says besides the place. */
function message(said: string | undefined): string | undefined {
  return said?.split('\n')[1];
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a guest that ends under gdb', () => {
  test('in a disabled wait is a stop with a message, each time it is continued, and can be looked at', async () => {
    const { guest, gdb } = await debug(`
_start:	lghi	%r2, 77
	larl	%r1, 1f
	lpswe	0(%r1)
	.balign 8
1:	${disabledWait(0xdead)}`);
    const first = await gdb.run('continue');
    expect(message(first[0])).toBe('CPU 0: disabled wait at 0xdead');
    expect(first[0]).toContain('Program received signal SIGTRAP');
    expect(await gdb.run('p $r2', 'x/2xb &_start', 'p $pc')).toEqual([
      '$1 = 77',
      '0x10000 <_start>:\t0xa7\t0x29',
      '$2 = (void (*)()) 0xdead',
    ]);
    const again = await gdb.run('continue', 'stepi', 'continue');
    expect(message(again[0])).toBe('CPU 0: disabled wait at 0xdead');
    expect(again[1]).toContain('CPU 0: disabled wait at 0xdead');
    expect(message(again[2])).toBe('CPU 0: disabled wait at 0xdead');
    await gdb.run('detach');
    expect(await guest.exit).toEqual({ status: 1, signal: null });
    expect(guest.words.text).toContain('the guest crashed: CPU 0: disabled wait at 0xdead');
  });

  test('in a disabled wait goes on when the debugger takes the wait away', async () => {
    const { guest, gdb } = await debug(`
_start:	larl	%r1, 1f
	lpswe	0(%r1)
more:	lghi	%r2, 5
	lghi	%r3, 6
	larl	%r1, 2f
	lpswe	0(%r1)
	.balign 8
1:	${disabledWait(0x1)}
2:	${disabledWait(0x2)}`);
    await gdb.run('continue', 'set $pswm = 0x180000000', 'set $pc = &more', 'stepi');
    expect(await gdb.run('p $r2', 'p $pc - (long)&more')).toEqual(['$1 = 5', '$2 = (void (*)()) 0x4']);
    expect(message((await gdb.run('continue'))[0])).toBe('CPU 0: disabled wait at 0x2');
    expect(await gdb.run('p $r3')).toEqual(['$3 = 6']);
    await gdb.run('kill');
    expect((await guest.exit).status).toBe(1);
  });

  test('in a loop of program interruptions', async () => {
    const { gdb } = await debug(`
_start:	larl	%r1, 1f
	mvc	0x1d0(16), 0(%r1)
crash:	.long	0
	.balign 8
1:	.quad	0x0000000180000000, crash`);
    const said = await gdb.run('continue', 'p $pc == &crash', 'x/1hx 0x8e', 'continue', 'p $pc == &crash');
    expect(message(said[0])).toBe('CPU 0: program-interruption loop, code 0x1 (operation)');
    expect(said.slice(1)).toEqual(['$1 = 1', '0x8e:\t0x0001', said[0], '$2 = 1']);
  });

  test('in a loop through a zero program-new PSW: gdb is told what came first', async () => {
    const { gdb } = await debug(`
_start:	lghi	%r2, 0
1:	aghi	%r2, 1
	cghi	%r2, 1000
	jl	1b
	llihl	%r1, 0x70
wild:	stg	%r2, 0(%r1)`);
    const [said] = await gdb.run('continue');
    expect(message(said)).toBe(
      'CPU 0: program-interruption loop, code 0x1 (operation); the program new PSW at 0x1d0 is zero; ' +
        'first was program interruption 0x5 (addressing) at 0x10014, last break 0x1000c',
    );
  });

  test('by stopping its only CPU', async () => {
    const { guest, gdb } = await debug(`
_start:	lghi	%r1, 0
	lghi	%r5, 99
	sigp	%r1, %r1, 5
after:	j	after`);
    const said = await gdb.run('continue', 'p $r5', 'p $pc == &after', 'info threads', 'continue', 'stepi');
    expect(message(said[0])).toBe('all CPUs are stopped');
    expect(said.slice(1, 3)).toEqual(['$1 = 99', '$2 = 1']);
    expect(said[3]).toContain('"CPU 0" (stopped, ');
    expect(message(said[4])).toBe('all CPUs are stopped');
    expect(said[5]).toContain('all CPUs are stopped');
    await gdb.run('detach');
    expect(await guest.exit).toEqual({ status: 0, signal: null });
  });

  test('with nobody attached ends the program at once', async () => {
    const { guest, gdb } = await debug(`
_start:	lghi	%r4, 1
1:	aghi	%r2, 1
	brct	%r4, 1b
	larl	%r1, 2f
	lpswe	0(%r1)
	.balign 8
2:	${disabledWait(0xbad)}`);
    await gdb.run('detach');
    expect(await guest.exit).toEqual({ status: 1, signal: null });
  });
});

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'breakpoints without code', () => {
  test('two in neighbouring halfwords: a branch to the second one reports the second one', async () => {
    const { gdb } = await debug(`
_start:	lghi	%r2, 0
	j	second
first:	lr	%r3, %r3
second:	lr	%r4, %r4
third:	aghi	%r2, 1
	j	second`);
    const said = await gdb.run('break first', 'break second', 'break third', 'continue', 'p $pc == &second');
    expect(said[3]).toMatch(/^Breakpoint 2, second \(\)/m);
    expect(said[4]).toBe('$1 = 1');
    const next = await gdb.run('continue', 'p $pc == &third', 'p $r2', 'continue', 'p $pc == &second', 'p $r2');
    expect(next[0]).toMatch(/^Breakpoint 3, third \(\)/m);
    expect(next.slice(1, 3)).toEqual(['$2 = 1', '$3 = 0']);
    expect(next[3]).toMatch(/^Breakpoint 2, second \(\)/m);
    expect(next.slice(4)).toEqual(['$4 = 1', '$5 = 1']);
  });

  test('where nothing is mapped is taken, and hits when the guest goes there', async () => {
    const { gdb } = await debug(`
_start:	larl	%r1, 1f
	mvc	0x1d0(16), 0(%r1)
	llihh	%r2, 0x4000
	br	%r2
	.balign 8
1:	.quad	0x0002000180000000, 0xaffe`);
    const said = await gdb.run('break *0x4000000000000000', 'break *0x7ffffffffff0', 'continue', 'p $pc');
    expect(said[0]).toBe('Breakpoint 1 at 0x4000000000000000');
    expect(said[2]).toMatch(/Breakpoint 1, 0x4000000000000000 in \?\? \(\)/);
    expect(said[3]).toBe('$1 = (void (*)()) 0x4000000000000000');
    expect(message((await gdb.run('continue'))[0])).toMatch(
      /^CPU 0: disabled wait at 0xaffe; first was program interruption 0x[0-9a-f]+ \([\w -]+\) at 0x4000000000000000, last break 0x10010$/,
    );
  });

  test('set before the guest has put its code there', async () => {
    const { gdb } = await debug(`
_start:	larl	%r1, code
	lghi	%r2, 0x3000
	mvc	0(6, %r2), 0(%r1)
	br	%r2
code:	lghi	%r7, 42
	br	%r2`);
    const said = await gdb.run('x/2xb 0x3000', 'break *0x3004', 'continue', 'p $r7', 'x/2i 0x3000');
    expect(said[0]).toBe('0x3000:\t0x00\t0x00');
    expect(said[2]).toMatch(/Breakpoint 1, 0x0*3004 in \?\? \(\)/);
    expect(said[3]).toBe('$1 = 42');
    expect(said[4]).toBe('   0x3000:\tlghi\t%r7,42\n=> 0x3004:\tbr\t%r2');
  });

  test('an instruction that the debugger changes is executed as changed', async () => {
    const { gdb } = await debug(`
_start:	lghi	%r2, 0
loop:	lhi	%r6, 1
here:	agr	%r2, %r6
	j	loop`);
    const said = await gdb.run('break here', 'continue', 'p $r6', 'continue', 'p $r6');
    expect([said[2], said[4]]).toEqual(['$1 = 1', '$2 = 1']);
    await gdb.run('set var *(short *)((char *)&loop + 2) = 5', 'continue');
    expect(await gdb.run('p $r6', 'p $r2', 'x/i &loop')).toEqual([
      '$3 = 5',
      '$4 = 2',
      '   0x10004 <loop>:\tlhi\t%r6,5',
    ]);
    // Also the one that is next, which the run loop may hold already.
    await gdb.run('set var *(int *)&here = 0x18261807', 'stepi');
    expect(await gdb.run('p $r2')).toEqual(['$5 = 5']);
  });

  test('what the debugger stores is in the dirty log', async () => {
    const { gdb } = await debug('_start:	j	_start');
    const said = await gdb.run(
      'monitor dirty start',
      'monitor dirty get',
      'set {long}0x3ffff8 = 1',
      'set {char[4]}0x234ffe = "abc"',
      'monitor dirty get',
      'monitor dirty get',
    );
    expect(said[1]).toMatch(/^pages = 0\b/m);
    expect(said[4]).toMatch(/^pages = 3\b/m);
    expect(said[5]).toMatch(/^pages = 0\b/m);
  });
});
