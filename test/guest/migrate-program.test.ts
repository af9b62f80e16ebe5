import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { RspClient } from '../support/rsp-client.ts';
import { root } from '../support/sources.ts';

const hex = (text: string): string => Buffer.from(text).toString('hex');
const usualOf = (image: string): string[] => [
  ...['run', image, '--gdb', '0', '--clock', 'virtual', '--memory', '64M', '--smp', '2'],
];
const usual = usualOf(demoImage);

/** A monitor command, whose answer comes as output. */
async function monitor(client: RspClient, line: string): Promise<void> {
  expect(await client.ask(`qRcmd,${hex(line)}`)).toBe('OK');
}

/** A program that waits for a guest, and where. */
async function waiting(machine = usual): Promise<{ readonly there: GuestProcess; readonly port: number }> {
  const there = await GuestProcess.startWith([...machine, '--incoming', '0']);
  const found = await there.words.find(/waits for a guest on 127\.0\.0\.1:(\d+)/);
  return { there, port: Number(found[1]) };
}

/** A place that passes on so many bytes to another and then hangs up. */
async function cutAfter(bytes: number, port: number): Promise<number> {
  const server = createServer((socket) => {
    let left = bytes;
    const other = connect({ host: '127.0.0.1', port });
    other.on('data', (chunk) => socket.write(chunk));
    socket.on('data', (chunk) => {
      other.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0) return;
      socket.destroy();
      other.end();
      server.close();
    });
    for (const one of [socket, other]) one.on('error', () => undefined);
    socket.on('close', () => other.destroy());
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  return at !== null && typeof at === 'object' ? at.port : 0;
}

test.each([
  ['an s390x', usual],
  ['a ppc64', usualOf(`${root}guests/demo-ppc64/demo.elf`)],
])('%s guest moves to another program and goes on there; the first one ends', async (_, machine) => {
  const { there, port } = await waiting(machine);
  const here = await GuestProcess.startWith(machine);
  await here.console.find(/\n.*\n/);
  const client = await RspClient.connect(here.port);
  await monitor(client, `migrate 127.0.0.1:${port}`);
  client.send('vCont;c');
  expect(await here.exit).toEqual({ status: 0, signal: null });
  expect(here.words.text).toMatch(/the guest has moved to 127\.0\.0\.1:\d+; it stood still for [\d.]+ ms/);
  await there.words.find(/the guest is here/);
  // It says what it had yet to say.
  await there.console.find(/\n.*\n/);
  const look = await RspClient.connect(there.port);
  expect(await look.ask('?')).toMatch(/^T/);
});

test('a connection that breaks leaves the guest where it is, and it moves when it tries again', async () => {
  const { there, port } = await waiting();
  const here = await GuestProcess.startWith(usual);
  await here.console.find(/\n.*\n/);
  const client = await RspClient.connect(here.port);
  await monitor(client, `migrate ${await cutAfter(100_000, port)}`);
  client.send('vCont;c');
  await here.words.find(/the guest has not moved: .*; it goes on here/);
  const before = here.console.text.length;
  await here.console.find(/\n/, before);
  client.sendRaw('\x03');
  await client.reply();
  await monitor(client, `migrate ${port}`);
  client.send('vCont;c');
  expect(await here.exit).toEqual({ status: 0, signal: null });
  await there.words.find(/the guest is here/);
});

test('a place that is none, and nobody there', async () => {
  const here = await GuestProcess.startWith(usual);
  const client = await RspClient.connect(here.port);
  await monitor(client, 'migrate nowhere');
  const closed = await cutAfter(0, 1);
  await monitor(client, `migrate 127.0.0.1:${closed}`);
  client.send('vCont;c');
  await here.words.find(/the guest has not moved: .*; it goes on here/);
});
