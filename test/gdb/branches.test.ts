import { expect, test } from 'vitest';
import type { Gdb } from '../support/gdb.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny } from './tiny-guest.ts';

/** Calls two functions twice, and goes round a loop for ever. */
const calls = `
_start:	lghi	%r3, 2
again:	brasl	%r14, one
	brasl	%r14, two
	brctg	%r3, again
done:	nopr
	nopr
end:	j	end
	.globl	one
	.type	one,@function
one:	lghi	%r2, 1
	br	%r14
	.globl	two
	.type	two,@function
two:	lghi	%r2, 2
back:	br	%r14
`;

async function debug(): Promise<Gdb> {
  const gdb = await debugTiny(calls);
  await gdb.run('hbreak done', 'continue', `source ${root}gdb-scripts/guestscope.py`);
  return gdb;
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'how the guest came here', () => {
  test('branches are listed newest first, with symbols, from the past that nobody had to turn on', async () => {
    const gdb = await debug();
    const [plain, named] = await gdb.run('monitor branches 2', 'gs-branches');
    expect(plain).toMatch(/^branches\[0\] = time 13: 0x[\da-f]+ -> 0x[\da-f]+\nbranches\[1\] = time 11: /);
    const lines = named?.split('\n') ?? [];
    // Two rounds of two calls and two returns, and the way round between them.
    expect(lines).toHaveLength(9);
    expect(lines[0]).toMatch(/^time 13: 0x[\da-f]+ <back>.* -> 0x[\da-f]+ <again\+12>/);
    expect(lines[1]).toMatch(/<again\+6>.* -> .*<two>/);
    expect(lines.filter((line) => /-> .*<again>/.test(line))).toHaveLength(1);
    expect((await gdb.run('gs-seek 13', 'p $pc == &back'))[1]).toMatch(/= 1$/);
    expect((await gdb.run('monitor branches 1'))[0]).toMatch(/^branches\[0\] = time 11: /);
  });

  test('record btrace lists functions and instructions, and is answered behind a step, too', async () => {
    const gdb = await debug();
    const [, info, functions] = await gdb.run('record btrace', 'info record', 'record function-call-history');
    expect(info).toMatch(/Recorded \d+ instructions in \d+ functions/);
    expect(functions).toMatch(/one[\s\S]*two[\s\S]*one[\s\S]*two/);
    expect((await gdb.run('record instruction-history'))[0]).toMatch(/brctg|br\t/);
    expect((await gdb.run('stepi', 'info record'))[1]).toMatch(/Recorded \d+ instructions/);
    expect((await gdb.run('record stop', 'reverse-stepi', 'p $pc == &done'))[2]).toMatch(/= 1$/);
  });
});
