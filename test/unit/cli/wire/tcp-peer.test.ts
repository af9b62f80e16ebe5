import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type PeerPlace, TcpPeer } from '../../../../src/cli/wire/tcp-peer.ts';

const HOST = '127.0.0.1';

/** A peer, and all that it was told, to be waited for. */
class Seen {
  readonly peer: TcpPeer;
  text = '';
  readonly told: string[] = [];
  #wake: (() => void) | undefined;

  constructor(place: PeerPlace) {
    const tell = (what: string): void => {
      this.told.push(what);
      this.#wake?.();
    };
    this.peer = new TcpPeer(place, {
      came: () => tell('came'),
      left: () => tell('left'),
      waiting: () => tell('waiting'),
      received: (chunk) => {
        this.text += Buffer.from(chunk).toString();
        if (this.text.includes('garbage')) throw new Error('no frame');
        this.#wake?.();
      },
    });
    onTestFinished(() => this.peer.close());
  }
  async until(condition: (seen: Seen) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const listening = (port = 0): Seen => new Seen({ role: 'listen', at: { host: HOST, port } });
const connecting = (port: number): Seen => new Seen({ role: 'connect', at: { host: HOST, port } });

describe('a peer', () => {
  test('that listens and one that connects find one another, and both send', async () => {
    const a = listening();
    const b = connecting(await a.peer.open());
    await b.peer.open();
    await a.until(({ told }) => told.includes('came'));
    await b.until(({ told }) => told.includes('came'));
    a.peer.send(Buffer.from('ping'));
    b.peer.send(Buffer.from('pong'));
    await a.until(({ text }) => text === 'pong');
    await b.until(({ text }) => text === 'ping');
  });

  test('sends into nothing while nobody is there', async () => {
    const a = listening();
    await a.peer.open();
    expect(() => a.peer.send(Buffer.from('lost'))).not.toThrow();
  });

  test('that connects goes on trying, says so once, and comes back to one that was gone', async () => {
    const first = listening();
    const port = await first.peer.open();
    first.peer.close();
    const b = connecting(port);
    await b.peer.open();
    await b.until(({ told }) => told.includes('waiting'));
    const second = listening(port);
    await second.peer.open();
    await b.until(({ told }) => told.includes('came'));
    second.peer.close();
    await b.until(({ told }) => told.includes('left'));
    await listening(port).peer.open();
    await b.until(({ told }) => told.filter((t) => t === 'came').length === 2);
    expect(b.told.slice(0, 3)).toEqual(['waiting', 'came', 'left']);
  });

  test('takes one at a time: a second is cut off, and the first goes on', async () => {
    const a = listening();
    const port = await a.peer.open();
    const b = connecting(port);
    await b.peer.open();
    await a.until(({ told }) => told.includes('came'));
    const second = connect(port, HOST);
    await new Promise((resolve) => second.once('close', resolve));
    b.peer.send(Buffer.from('still here'));
    await a.until(({ text }) => text === 'still here');
    expect(a.told).toEqual(['came']);
  });

  test('that sends what cannot be is cut off', async () => {
    const a = listening();
    const socket = connect(await a.peer.open(), HOST);
    socket.on('error', () => undefined);
    socket.write('garbage');
    await new Promise((resolve) => socket.once('close', resolve));
    await a.until(({ told }) => told.includes('left'));
  });

  test('rejects where somebody listens already', async () => {
    const a = listening();
    const port = await a.peer.open();
    await expect(listening(port).peer.open()).rejects.toThrow('EADDRINUSE');
  });
});
