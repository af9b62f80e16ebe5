import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { RspClient } from '../support/rsp-client.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny, disabledWait, tinyGuest } from './tiny-guest.ts';

/** Names of the packets that a command sends, in order. */
async function packets(gdb: Gdb, command: string): Promise<string[]> {
  const [, said = ''] = await gdb.run('set debug remote 1', command, 'set debug remote 0');
  return [...said.matchAll(/Sending packet: \$(vCont;[a-z]|qXfer:\w+|[Zz]\d|[a-zA-Z])/g)].map(
    (match) => match[1] ?? '',
  );
}

const loop = `
_start:	lghi	%r2, 0
	lghi	%r1, 3000
loop:	aghi	%r2, 1; aghi %r2, -1; aghi %r2, 1; brctg %r1, loop
after:	lgr	%r3, %r2
	larl	%r1, 1f
	lpswe	0(%r1)
	.balign 8
1:	${disabledWait(0)}
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'stepping', () => {
  test('over a line takes one resume packet, however often the line loops', async () => {
    const gdb = await debugTiny(loop);
    await gdb.run('break loop', 'continue', 'delete');
    const sent = await packets(gdb, 'next');
    expect(sent.filter((name) => name.startsWith('vCont'))).toEqual(['vCont;r']);
    expect(await gdb.run('p $r2', 'p $pc == &after')).toEqual(['$1 = 3000', '$2 = 1']);
  });

  test('of an instruction asks for what the step changed and nothing else', async () => {
    const gdb = await debugTiny(loop);
    await gdb.run('stepi');
    const sent = await packets(gdb, 'stepi');
    // What is left are fetches, by which gdb looks for the caller.
    expect(sent.filter((name) => name !== 'm')).toEqual(['vCont;s', 'qXfer:threads']);
  });

  test('through a range stops at a breakpoint in it, and in front of the first instruction that leaves it', async () => {
    const guest = await GuestProcess.start(tinyGuest(loop));
    const client = await RspClient.connect(guest.port);
    await client.ask('vCont;s:p1.1');
    await client.ask('vCont;s:p1.1');
    const pc = (reply: string): string => /01:([0-9a-f]{16})/.exec(reply)?.[1] ?? reply;
    await client.ask('Z0,10010,2');
    const atBreakpoint = await client.ask('vCont;r10008,10018:p1.1');
    expect(atBreakpoint).toContain('swbreak:');
    expect(pc(atBreakpoint)).toBe('0000000000010010');
    await client.ask('z0,10010,2');
    const left = await client.ask('vCont;r10008,10018:p1.1');
    expect(left).not.toContain('swbreak:');
    expect(pc(left)).toBe('0000000000010018');
    expect(await client.ask('p4')).toBe('0000000000000bb8');
  });

  test('of a range with no end can be interrupted', async () => {
    const guest = await GuestProcess.start(tinyGuest('_start:\tj\t_start'));
    const client = await RspClient.connect(guest.port);
    for (let i = 0; i < 5; i++) {
      client.send('vCont;r10000,10004:p1.1');
      client.sendRaw('\x03');
      expect(await client.reply()).toMatch(/^T02/);
    }
  });

  test('of a supervisor call stops at the first instruction of its handler', async () => {
    const image = tinyGuest(`
_start:	larl	%r1, 1f
	mvc	0x1c0(16), 0(%r1)
	svc	5
after:	j	after
handler: lghi	%r2, 1
	lpswe	0x140
	.balign 8
1:	.quad	0x0000000180000000, handler`);
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    const said = await gdb.run('stepi 2', 'x/i $pc', 'stepi', 'p $pc == &handler', 'x/1xh 0x8a', 'stepi', 'stepi');
    expect(said[1]).toMatch(/svc\t5$/);
    expect(said.slice(3, 5)).toEqual(['$1 = 1', '0x8a:\t0x0005']);
    expect(await gdb.run('p $pc == &after', 'p $r2')).toEqual(['$2 = 1', '$3 = 1']);
  });

  test('of an instruction that makes an exception stops at the first instruction of the handler', async () => {
    const image = tinyGuest(`
_start:	larl	%r1, 1f
	mvc	0x1d0(16), 0(%r1)
	llihh	%r3, 1
	lg	%r2, 0(%r3)
handler: lghi	%r2, 1
	.balign 8
1:	.quad	0x0000000180000000, handler`);
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    const said = await gdb.run('stepi 4', 'p $pc == &handler', 'p $r2', 'x/1xh 0x8e');
    expect(said.slice(1)).toEqual(['$1 = 1', '$2 = 0', '0x8e:\t0x0005']);
  });

  test('keeps interruptions away, and out of an enabled wait goes to the one that ends it', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    await gdb.run('break enabled_wait', 'continue', 'delete');
    const said = await gdb.run(
      'stepi',
      'stepi',
      'info threads',
      'stepi',
      'p $pc == external_entry',
      'stepi',
      'info symbol $pc',
    );
    expect(said[2]).toContain('"CPU 0" (wait, kernel, 64-bit, DAT home)');
    expect(said[4]).toBe('$1 = 1');
    expect(said[6]).toBe('external_entry + 6 in section .text');
  });

  test('into code that spins until an interruption comes, gets there', async () => {
    const image = tinyGuest(`
_start:	larl	%r1, 1f
	mvc	0x1b0(16), 0(%r1)
	lctlg	%c0, %c0, 16(%r1)
	sckc	24(%r1)
	lghi	%r2, 0
	stosm	0x200, 3
spin:	ltgr	%r2, %r2; jz spin
after:	j	after
external: lghi %r2, 1
	lmg	%r4, %r5, 32(%r1)
	stg	%r4, 0x138
	lpswe	0x130
	.balign 8
1:	.quad	0x0000000180000000, external, 0x800, 0
	.quad	after, 0`);
    const guest = await GuestProcess.start(image);
    const client = await RspClient.connect(guest.port);
    await client.ask('vCont;r10000,10022:p1.1');
    const reply = await client.ask('vCont;r10020,10028:p1.1');
    expect(reply).toMatch(/^T05/);
  });
});
