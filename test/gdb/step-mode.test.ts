import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny } from './tiny-guest.ts';

/** A clock comparator that is due interrupts in front of `loop`; its handler lets it do so once. */
const timer = `
_start:	larl	%r1, data
	mvc	0x1b0(16), 0(%r1)
	mvc	0x1c0(16), 16(%r1)
	lctlg	%c0, %c0, 32(%r1)
	lghi	%r2, 0
	lghi	%r3, 0
	lghi	%r15, 0x100
	sckc	40(%r1)
ready:	stosm	0x200, 1
loop:	aghi	%r2, 1
	aghi	%r2, 1
call:	svc	7
	aghi	%r2, 1
	j	loop
external: aghi	%r3, 1
	ni	0x130, 0xfe
	lpswe	0x130
service: aghi	%r4, 1
	lpswe	0x140
	.balign 8
data:	.quad	0x0000000180000000, external
	.quad	0x0000000180000000, service
	.quad	0x800, 0`;

async function ready(mode: string): Promise<Gdb> {
  const gdb = await debugTiny(timer);
  await gdb.run(`monitor step-mode ${mode}`);
  return gdb;
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a step', () => {
  test('mask: goes on in the program, and into the handler of what the program calls', async () => {
    const gdb = await ready('mask');
    const said = await gdb.run('tbreak ready', 'continue', 'stepi', 'stepi', 'info symbol $pc', 'p $r3', 'p $r2');
    expect(said.slice(4)).toEqual(['loop + 4 in section .text', '$1 = 0', '$2 = 1']);
    expect(await gdb.run('stepi', 'stepi', 'info symbol $pc')).toContainEqual('service in section .text');
  });

  test('into: is at the first instruction of the handler of an interruption', async () => {
    const gdb = await ready('into');
    const said = await gdb.run('tbreak ready', 'continue', 'stepi', 'info symbol $pc', 'p $r3', 'p $r2');
    expect(said.slice(3)).toEqual(['external in section .text', '$1 = 0', '$2 = 0']);
  });

  test('over: goes on in the program, and handlers of both kinds have run', async () => {
    const gdb = await ready('over');
    const said = await gdb.run('tbreak ready', 'continue', 'stepi', 'stepi', 'info symbol $pc', 'p $r2', 'p $r3 > 0');
    expect(said.slice(4)).toEqual(['loop + 4 in section .text', '$1 = 1', '$2 = 1']);
    const on = await gdb.run('stepi', 'stepi', 'info symbol $pc', 'p $r4', 'p $r2');
    expect(on.slice(2)).toEqual(['call + 2 in section .text', '$3 = 1', '$4 = 2']);
  });

  test('over: a breakpoint in the handler is met', async () => {
    const gdb = await ready('over');
    const said = await gdb.run('tbreak call', 'continue', 'break service', 'stepi');
    expect(said[3]).toMatch(/^Breakpoint \d, service/m);
  });

  test('says its mode, and refuses others', async () => {
    const gdb = await ready('over');
    const said = await gdb.run('monitor step-mode', 'monitor step-mode sideways');
    expect(said[0]).toBe('mode = over');
    expect(said[1]).toContain('sideways is none of mask, into, over');
  });
});

describeWithTools(['gdb-multiarch'], 'a breakpoint', () => {
  test('in one address space is not met in others', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    await gdb.run('tbreak is_prime', 'continue');
    const [limited] = await gdb.run('monitor break-asce $pswa');
    expect(limited).toMatch(/^limits\[0\] = 0x\w+ in 0x\w+ \(.* table at 0x\w+/);
    expect((await gdb.run('break *$pc', 'continue'))[1]).toMatch(/^Breakpoint 2, /m);
    // Nobody executes in the space whose tables are at 0.
    await gdb.run('monitor break-asce $pswa 0', 'tbreak heartbeat');
    expect((await gdb.run('continue'))[0]).toMatch(/^Temporary breakpoint 3, heartbeat/m);
  });

  test('without a current space, there is nothing to be limited to', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    expect((await gdb.run('monitor break-asce 0x1000'))[0]).toContain('there is no current space');
    expect((await gdb.run('monitor break-asce'))[0]).toBe('limits = none');
  });
});
