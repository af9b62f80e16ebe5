import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { RspServer } from '../../../src/rsp/server.ts';
import { FakeTarget } from './fake-target.ts';
import { deframed, framed } from './harness.ts';

/** A client on a socket that waits for what it expects. */
class Client {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};
  closed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** Sends a packet and waits for a whole packet after the acknowledgement. */
  async ask(body: string): Promise<string | undefined> {
    this.socket.write(framed(body));
    while (!/#..$/s.test(this.#received.toString('latin1')) && !this.closed) await this.#change();
    const said = deframed(this.#received).filter((item) => item !== '+');
    this.#received = Buffer.alloc(0);
    return said.at(-1);
  }

  async gone(): Promise<void> {
    while (!this.closed) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

describe('a server', () => {
  const open: RspServer[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  async function serve(): Promise<{ target: FakeTarget; server: RspServer; port: number }> {
    const target = new FakeTarget();
    const server = new RspServer({ target, monitor: { execute: (line) => [line] } });
    open.push(server);
    const { host, port } = await server.listen('127.0.0.1', 0);
    expect(host).toBe('127.0.0.1');
    return { target, server, port };
  }

  test('takes the machine when a client comes and lets it go when it leaves', async () => {
    const { target, port } = await serve();
    const client = new Client(port);
    expect(await client.ask('qC')).toBe('QC1');
    client.socket.destroy();
    const next = new Client(port);
    await next.ask('qC');
    expect(target.calls.slice(0, 3)).toEqual(['attach', 'detach', 'attach']);
  });

  test('tells a second client why not, and serves the first one on', async () => {
    const { target, port } = await serve();
    const first = new Client(port);
    await first.ask('qC');
    const second = new Client(port);
    expect(await second.ask('qSupported')).toBe('E.another debugger is attached to this machine');
    expect(await second.ask('k')).toBe('E.another debugger is attached to this machine');
    expect(await first.ask('qC')).toBe('QC1');
    expect(target.calls).toEqual(['attach']);
  });

  test('serves a client that connects at once when the one before has hung up', async () => {
    const { port } = await serve();
    for (let i = 0; i < 20; i++) {
      const client = new Client(port);
      expect(await client.ask('qC')).toBe('QC1');
      client.socket.end();
    }
  });

  test('is not touched by whoever connects and says nothing, and has room for a debugger beside them', async () => {
    const { target, port } = await serve();
    const probes = Array.from({ length: 12 }, () => new Client(port));
    await Promise.race(probes.map((probe) => probe.gone()));
    probes[11]?.socket.write('\x03GET / HTTP/1.0\r\n\r\n');
    const client = new Client(port);
    expect(await client.ask('qC')).toBe('QC1');
    for (const probe of probes) probe.socket.destroy();
    await Promise.all(probes.map((probe) => probe.gone()));
    expect(await client.ask('qC')).toBe('QC1');
    expect(target.calls).toEqual(['attach']);
  });

  test('cuts off more than a few clients that it has no place for', async () => {
    const { port } = await serve();
    const first = new Client(port);
    await first.ask('qC');
    const others = Array.from({ length: 12 }, () => new Client(port));
    await Promise.race(others.map((client) => client.gone()));
    expect(await first.ask('qC')).toBe('QC1');
    for (const client of others) client.socket.destroy();
  });

  test('hangs up after k', async () => {
    const { target, port } = await serve();
    const client = new Client(port);
    client.socket.write(framed('k'));
    await client.gone();
    expect(target.calls).toEqual(['attach', 'kill']);
  });

  test('rejects when the address is taken', async () => {
    const { port } = await serve();
    const other = new RspServer({ target: new FakeTarget(), monitor: { execute: () => [] } });
    await expect(other.listen('127.0.0.1', port)).rejects.toThrow(/EADDRINUSE/);
  });

  test('lets the guest run on when it is closed', async () => {
    const { target, server, port } = await serve();
    const client = new Client(port);
    await client.ask('qC');
    await server.close();
    expect(target.calls).toEqual(['attach', 'detach']);
    await client.gone();
  });

  test('answers a client that asks for much and reads late', async () => {
    const { port } = await serve();
    const client = new Client(port);
    client.socket.pause();
    client.socket.write(Buffer.concat(Array(2000).fill(framed('m1000,3000'))));
    client.socket.resume();
    let packets = 0;
    client.socket.on('data', (chunk) => {
      packets += chunk.filter((byte) => byte === 0x24).length;
    });
    while (packets < 2000) await new Promise((resolve) => client.socket.once('data', resolve));
    expect(packets).toBe(2000);
  });
});
