import { expect, test } from 'vitest';
import type { Gdb } from '../support/gdb.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny } from './tiny-guest.ts';

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
});
