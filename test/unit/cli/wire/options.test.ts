import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { main } from '../../../../src/cli/cli.ts';
import { wires } from '../../../../src/cli/wire/options.ts';
import { fakeHost } from '../fake-host.ts';

const macOf = (net: string, before: readonly string[] = []): string => {
  const device = wires([...before, net], undefined).at(-1)?.device;
  return device?.kind === 'net' ? Buffer.from(device.mac).toString('hex') : '';
};

describe('a network card', () => {
  test('has an address of its own at each end, and for each card', () => {
    expect([macOf('listen=1'), macOf('connect=1'), macOf('listen=1', ['listen=2'])]).toEqual([
      '026773000001',
      '026773000002',
      '026773000003',
    ]);
  });
  test('has the address that it is given', () => {
    expect(macOf('connect=[::1]:99,mac=52:54:00:AB:cd:01')).toBe('525400abcd01');
  });
  test('sends its frames to the peer, and gets the peer’s', async () => {
    const [wire] = wires(['listen=0'], undefined);
    if (wire === undefined) throw new Error('no wire');
    onTestFinished(() => wire.close());
    const said: string[] = [];
    const received = new Promise<Uint8Array>((resolve) => {
      void wire.open({ received: resolve, say: (line) => said.push(line) });
    });
    while (said.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const peer = connect(Number(/127\.0\.0\.1:(\d+)/.exec(said[0] ?? '')?.[1]), '127.0.0.1');
    peer.write(Buffer.from('000000020102', 'hex'));
    expect(Buffer.from(await received).toString('hex')).toBe('0102');
    const { device } = wire;
    if (device.kind !== 'net') throw new Error('no card');
    device.backend.send(Uint8Array.of(9, 8, 7));
    const [chunk] = await new Promise<Buffer[]>((resolve) => peer.once('data', (data: Buffer) => resolve([data])));
    expect(chunk?.toString('hex')).toBe('00000003090807');
    peer.destroy();
  });
});

/** A raw image that runs on the spot. */
function image(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-wire-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bytes = Buffer.alloc(0x1_0100);
  bytes.write('a7f40000', 0x1_0000, 'hex');
  writeFileSync(join(folder, 'image'), bytes);
  return join(folder, 'image');
}

describe('on the command line', () => {
  test.each([
    ['--net', 'here', 'listen=[HOST:]PORT'],
    ['--net', 'listen=99999', 'listen=[HOST:]PORT'],
    ['--net', 'listen=1,mac=1', 'listen=[HOST:]PORT'],
    ['--net', 'listen=1,mac=01:00:00:00:00:01', 'address of a group'],
    ['--hvc', 'x', 'PORT, HOST:PORT'],
  ])('%s %s is a mistake', async (option, value, words) => {
    const host = fakeHost();
    const { status } = await main(['run', image(), option, value, '--gdb', 'none'], host);
    expect(status).toBe(2);
    expect(host.stderr.text).toMatch(/^guestscope: [^\n]* \[wire-address\]\n$/);
    expect(host.stderr.text).toContain(words);
  });

  test('a port that is taken is a mistake, and nothing goes on listening', async () => {
    const taken = createServer();
    onTestFinished(() => {
      taken.close();
    });
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const at = taken.address();
    const port = at !== null && typeof at === 'object' ? at.port : 0;
    const host = fakeHost();
    const { status } = await main(['run', image(), '--hvc', String(port), '--gdb', '0'], host);
    expect(status).toBe(2);
    expect(host.stderr.text).toContain('[wire-listen]');
    const gdb = Number(/gdb server on 127\.0\.0\.1:(\d+)/.exec(host.stderr.text)?.[1]);
    const refused = await new Promise<unknown>((resolve) => {
      connect(gdb, '127.0.0.1')
        .once('error', resolve)
        .once('connect', () => resolve(undefined));
    });
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('says where the ends are, and whom they found', async () => {
    const host = fakeHost();
    const end = main(['run', image(), '--net', 'listen=0', '--hvc', '0', '--gdb', 'none'], host);
    const [, port] = await host.stderr.until(/console hvc0: waits for its peer on 127\.0\.0\.1:(\d+)/);
    expect(host.stderr.text).toMatch(/network card: waits for its peer on 127\.0\.0\.1:\d+/);
    expect(host.stderr.text).toContain('real clock');
    const peer = connect(Number(port), '127.0.0.1');
    await host.stderr.until(/console hvc0: connected to 127\.0\.0\.1:\d+/);
    peer.destroy();
    await host.stderr.until(/console hvc0: the peer is gone/);
    host.signal('SIGINT');
    expect((await end).status).toBe(130);
  });
});
