import { connect, createServer, type Server, type Socket } from 'node:net';
import type { SocketAddress } from '../values.ts';

/** Bytes that the peer has not taken yet; what comes then is lost, as on a wire. */
const MOST_UNSENT = 1 << 20;
const RETRY_MS = 500;

/** How a peer is found. */
export interface PeerPlace {
  readonly role: 'listen' | 'connect';
  readonly at: SocketAddress;
}

/** Told what happens to a peer. */
export interface PeerListener {
  /** A peer is there from now on. */
  came(from: string): void;
  /** It is not there any more. */
  left(): void;
  /** Bytes came; an error that this throws ends the connection. */
  received(chunk: Uint8Array): void;
  /** There is nobody yet; called once for a row of attempts. */
  waiting(why: string): void;
}

/** One TCP peer at a time. A place to connect to is tried again until somebody is there; a second peer is cut off. */
export class TcpPeer {
  readonly #place: PeerPlace;
  readonly #listener: PeerListener;
  #server: Server | undefined;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #complained = false;
  #closed = false;

  constructor(place: PeerPlace, listener: PeerListener) {
    this.#place = place;
    this.#listener = listener;
  }

  /** Begins; resolves to the port that is listened on. Rejects when that cannot be had. */
  async open(): Promise<number> {
    if (this.#place.role === 'listen') return this.#listen();
    this.#connect();
    return this.#place.at.port;
  }

  /** Sends bytes, or loses them when nobody takes them. */
  send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket !== undefined && socket.writableLength + bytes.length <= MOST_UNSENT) socket.write(bytes);
  }

  /** Hangs up for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#server?.close();
    this.#socket?.destroy();
  }

  #listen(): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      if (this.#socket === undefined) this.#serve(socket);
      else socket.destroy();
    });
    this.#server = server;
    const { host, port } = this.#place.at;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        const at = server.address();
        resolve(at !== null && typeof at === 'object' ? at.port : port);
      });
    });
  }

  #connect(): void {
    const socket = connect({ ...this.#place.at, noDelay: true });
    socket.once('connect', () => this.#serve(socket));
    socket.on('error', (error) => {
      if (this.#socket === socket || this.#complained || this.#closed) return;
      this.#complained = true;
      this.#listener.waiting(error.message);
    });
    socket.on('close', () => {
      if (!this.#closed) this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
    });
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    this.#complained = false;
    this.#listener.came(`${socket.remoteAddress ?? this.#place.at.host}:${socket.remotePort ?? this.#place.at.port}`);
    socket.on('data', (chunk) => {
      try {
        this.#listener.received(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    socket.on('close', () => {
      this.#socket = undefined;
      if (!this.#closed) this.#listener.left();
    });
  }
}
