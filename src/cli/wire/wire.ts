import type { GuestDevice } from '../../virtio/devices.ts';
import { UserError } from '../user-error.ts';
import { isLoopback, type SocketAddress, showAddress } from '../values.ts';
import { FrameReader, frameBytes } from './ethernet-stream.ts';
import { type PeerPlace, TcpPeer } from './tcp-peer.ts';

/** What a wire carries. */
export type WireUse = { readonly kind: 'net'; readonly mac: Uint8Array } | { readonly kind: 'console' };

/** What a wire needs of the machine. */
export interface WireEnd {
  /** Bytes or a frame came for the device. */
  received(data: Uint8Array): void;
  say(line: string): void;
}

/** A device of the guest whose other end is a TCP connection of the host. */
export class Wire {
  readonly #place: PeerPlace;
  readonly #use: WireUse;
  #peer: TcpPeer | undefined;

  constructor(place: PeerPlace, use: WireUse) {
    this.#place = place;
    this.#use = use;
  }

  /** The device at the guest's end, without a number. */
  get device(): GuestDevice {
    if (this.#use.kind === 'console') return { kind: 'console', output: (bytes) => this.#peer?.send(bytes.slice()) };
    const { mac } = this.#use;
    return { kind: 'net', mac, backend: { send: (frame) => this.#peer?.send(frameBytes(frame)) } };
  }

  /** The same for a card of another address. */
  withAddress(mac: Uint8Array): Wire {
    return new Wire(this.#place, { kind: 'net', mac });
  }

  /** Where it listens, and by which option; undefined for one that connects. */
  get listener(): { readonly option: string; readonly at: SocketAddress } | undefined {
    const { role, at } = this.#place;
    return role === 'listen' ? { option: this.#use.kind === 'net' ? '--net' : '--hvc', at } : undefined;
  }

  /** Opens the host's end. A place to listen at that cannot be had is the user's mistake. */
  async open({ received, say }: WireEnd): Promise<void> {
    const what = this.#use.kind === 'net' ? 'network card' : 'console hvc0';
    let frames = new FrameReader();
    const peer = new TcpPeer(this.#place, {
      came: (from) => {
        frames = new FrameReader();
        say(`${what}: connected to ${from}`);
      },
      left: () => say(`${what}: the peer is gone`),
      waiting: (why) => say(`${what}: nobody is there yet (${why}); trying again until somebody is`),
      received: (chunk) => {
        if (this.#use.kind === 'console') received(Uint8Array.from(chunk));
        else for (const frame of frames.push(chunk)) received(frame);
      },
    });
    this.#peer = peer;
    const { role, at } = this.#place;
    try {
      const port = await peer.open();
      if (role === 'connect') return;
      say(`${what}: waits for its peer on ${showAddress({ host: at.host, port })}`);
      if (!isLoopback(at.host)) say(`warning: whoever reaches ${showAddress({ host: at.host, port })} is its peer`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UserError('wire-listen', `cannot listen for a peer of the ${what} (${why}): choose another port`);
    }
  }

  /** Hangs up. */
  close(): void {
    this.#peer?.close();
  }
}
