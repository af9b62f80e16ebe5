import { expect, test } from 'vitest';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny, disabledWait } from './tiny-guest.ts';

/** Calls the supervisor three times, and ends. */
const calls = `
_start:	larl	%r1, psw
	mvc	0x1c0(16,%r0), 0(%r1)
	lghi	%r2, 3
again:	svc	7
back:	svc	8
	brctg	%r2, again
	larl	%r1, wait
	lpswe	0(%r1)
handler: lpswe	0x140(%r0)
	.balign	8
psw:	.quad 0x0000000180000000, handler
wait:	${disabledWait(0)}
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'events that gdb stops for', () => {
  test('say what they are, behind what made them, forwards and backwards, until they are deleted', async () => {
    const gdb = await debugTiny(calls);
    expect((await gdb.run('monitor catch svc 7'))[0]).toBe('catches[0] = number 1: svc 7');
    for (const left of [3, 2, 1]) {
      const [stop, at, old] = await gdb.run('continue', 'p $pc == &handler && $r2', 'p $r2');
      expect(stop).toMatch(/CPU 0: SVC 7, old PSW address 0x[\da-f]+\n/);
      expect(at).toMatch(/= 1$/);
      expect(old).toMatch(new RegExp(`= ${left}$`));
    }
    const [back, left] = await gdb.run('reverse-continue', 'p $r2');
    expect(back).toMatch(/CPU 0: SVC 7, /);
    expect(left).toMatch(/= 2$/);
    const [stepped, before] = await gdb.run('reverse-stepi', 'p $pc == &again');
    expect(stepped).not.toMatch(/SVC 7/);
    expect(before).toMatch(/= 1$/);
    expect((await gdb.run('stepi'))[0]).toMatch(/SVC 7/);
    expect((await gdb.run('monitor catch delete 1'))[0]).toBe('catches = none');
    expect((await gdb.run('continue'))[0]).toMatch(/disabled wait/);
  });
});
