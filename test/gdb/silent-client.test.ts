import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { GuestProcess } from '../support/guest-process.ts';
import { RspClient } from '../support/rsp-client.ts';
import { describeWithTools } from '../support/tools.ts';
import { tinyGuest } from './tiny-guest.ts';

/** It counts for ever, where a client can see it. */
const counting = `
_start:	agsi	0x800(%r0), 1
	j	_start
`;

/** Somebody who looks whether the port is open, as `nc -z` does, until it is known to be; or stays there. */
async function probe(port: number, sent = '', { stays = false } = {}): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  if (sent !== '') socket.write(sent);
  if (stays) return;
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

/** All that comes by a port and is no packet. */
async function probes(port: number): Promise<void> {
  for (const sent of ['', '', '+', '\x03', 'GET / HTTP/1.0\r\n\r\n', '$qSupp', '']) await probe(port, sent);
}

const counted = async (client: RspClient): Promise<bigint> => BigInt(`0x${await client.ask('m800,8')}`);

describeWithTools(['s390x-linux-gnu-gcc'], 'whoever connects and sends no packet', () => {
  test('does not release a guest that waits for a debugger', async () => {
    const guest = await GuestProcess.start(tinyGuest(counting));
    await probes(guest.port);
    await probe(guest.port, '', { stays: true });
    const client = await RspClient.connect(guest.port);
    expect(await client.ask('?')).toMatch(/^T05/);
    expect(await counted(client)).toBe(0n);
    await probes(guest.port);
    expect(await counted(client)).toBe(0n);
  });

  test('does not stop a guest that runs, neither by coming nor by staying', async () => {
    const free = ['--gdb', '0', '--clock', 'virtual', '--memory', '64M'];
    const guest = await GuestProcess.startWith(['run', tinyGuest(counting), ...free]);
    await probes(guest.port);
    await probe(guest.port, '', { stays: true });
    const seen: bigint[] = [];
    while (seen.length < 3) {
      const client = await RspClient.connect(guest.port);
      const now = await counted(client);
      expect(await client.ask('D')).toBe('OK');
      client.hangUp();
      if (now > (seen.at(-1) ?? 0n)) seen.push(now);
    }
  });

  test('is no interrupt for the debugger that lets the guest run', async () => {
    const guest = await GuestProcess.start(tinyGuest(counting));
    const client = await RspClient.connect(guest.port);
    client.send('vCont;c');
    await probes(guest.port);
    client.sendRaw('\x03');
    expect(await client.reply()).toMatch(/^T02/);
    expect(await counted(client)).toBeGreaterThan(0n);
    client.send('qC');
    expect(await client.reply()).toMatch(/^QC/);
  });
});
