import { expect, test } from 'vitest';
import { GuestProcess } from '../support/guest-process.ts';
import { RspClient } from '../support/rsp-client.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny, tinyGuest } from './tiny-guest.ts';

/** CPU 1 waits, enabled, for an external call that never comes; CPU 0 is `done` when that has had many a turn. */
const two = `
_start:	larl	%r1, restart_psw
	mvc	0x1a0(16,%r0), 0(%r1)
	lghi	%r2, 1
	sigp	%r0, %r2, 6
	lgfi	%r3, 2000000
loop0:	brctg	%r3, loop0
done:	j	done
cpu1:	larl	%r4, wait_psw
	lpswe	0(%r4)
woken:	lghi	%r3, 1
	j	woken
	.balign	8
restart_psw: .quad 0x0000000180000000, cpu1
wait_psw: .quad 0x0102000180000000, woken
`;

const DONE = '1001e';

/** The only CPU waits, enabled, for a timer that is far away. */
const one = `
_start:	larl	%r15, stack
	larl	%r4, wait_psw
	lpswe	0(%r4)
woken:	j	woken
	.globl	twice
	.type	twice, @function
twice:	.cfi_startproc
	agr	%r2, %r2
	br	%r14
	.cfi_endproc
	.size	twice, .-twice
place:	lghi	%r7, 42
	j	place
	.balign	8
wait_psw: .quad 0x0102000180000000, woken
	.bss
	.balign 16
	.space	4096
stack:	.space	160
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a CPU in an enabled wait', () => {
  test.each(['vCont;s:p1.2', 'vCont;s:p1.2;c'])('is stepped by %s at once, as by any other packet', async (step) => {
    const guest = await GuestProcess.start(tinyGuest(two), ['--smp', '2']);
    const client = await RspClient.connect(guest.port);
    await client.ask('qSupported:multiprocess+');
    await client.ask(`Z0,${DONE},4`);
    expect(await client.ask('vCont;c')).toMatch(/^T05.*thread:p1\.1;/);
    expect(await client.ask(step)).toMatch(/^T05.*thread:p1\.2;/);
    client.send('qThreadExtraInfo,p1.2');
    expect(Buffer.from(await client.reply(), 'hex').toString()).toContain('[wait, ');
  });

  test('goes on where gdb sends it, and waits on when gdb puts its registers back', async () => {
    const gdb = await debugTiny(one);
    // The instruction that loads the PSW; then nothing is left to do.
    await gdb.run('stepi', 'stepi', 'stepi');
    const [stuck, psw] = await gdb.run('stepi', 'monitor psw');
    expect(stuck).toContain('CPU 0 waits for an interruption and has executed nothing');
    expect(psw).toContain('wait = until an interruption comes; to set $pc ends it, too');
    const mask = '0x102000180000000';
    const called = await gdb.run(
      'p ((long (*)(long)) twice)(21)',
      'p/x $pswm',
      'p $pc == &woken',
      'stepi',
      'p $pc == &woken',
    );
    expect([called[0], called[1], called[2], called[4]]).toEqual(['$1 = 42', `$2 = ${mask}`, '$3 = 1', '$4 = 1']);
    expect(called[3]).toContain('CPU 0 waits for an interruption');
    const sent = await gdb.run('set $pc = &place', 'stepi', 'p $r7', 'p $pc == (char *)&place + 4');
    expect(sent.slice(2)).toEqual(['$5 = 42', '$6 = 1']);
  });
});
