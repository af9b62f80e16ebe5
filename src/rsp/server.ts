import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import createDebug from 'debug';
import type { DebugTarget, MonitorPort } from '../debug/target.ts';
import { type Library, makeLibrary } from './documents.ts';
import { catalogue } from './packets/index.ts';
import { RegisterFile } from './registers.ts';
import { type ConsolePort, Session } from './session.ts';

const log = createDebug('guestscope:rsp:server');

/** Connections beyond this many, next to the debugger's, cost the oldest of them its own. */
const MAX_OTHERS = 8;
/** Replies that the client has not taken yet, in bytes; more than a socket's own high-water mark. */
const MAX_UNSENT = 0x400000;
const KEEP_ALIVE_MS = 30_000;

/** What a server serves. */
export interface RspServerOptions {
  readonly target: DebugTarget;
  readonly monitor: MonitorPort;
  /** The guest's console, shown in the debugger while the guest runs. */
  readonly console?: ConsolePort;
  /** Told of exceptions thrown while a packet was handled: faults of ours. The session goes on. */
  readonly onFault?: (fault: unknown) => void;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * A GDB remote server for one machine and one client at a time. A client's first packet halts the machine, its going, in
 * whatever way, lets it run on. Who connects and sends no packet, such as a probe of the port, changes nothing and has no
 * place. A second client is told that the place is taken, in words that gdb shows, and changes nothing either.
 */
export class RspServer {
  readonly #options: RspServerOptions;
  readonly #registers: RegisterFile;
  readonly #library: Library;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #client: Socket | undefined;

  constructor(options: RspServerOptions) {
    this.#options = options;
    this.#registers = new RegisterFile(options.target.description);
    this.#library = makeLibrary(options.target.description);
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) =>
      this.#onConnection(socket),
    );
  }

  /** Listens; port 0 takes a free one. Rejects when the address cannot be had. */
  listen(host: string, port: number): Promise<ListenAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => log('server: %s', error.message));
        resolve(listenAddress(this.#server.address(), host, port));
      });
    });
  }

  /** Stops listening and hangs up on every client; an attached one has been detached then, and the guest runs on. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const gone = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([closed, ...gone]);
  }

  #onConnection(socket: Socket): void {
    log('connection from %s:%d', socket.remoteAddress, socket.remotePort);
    this.#sockets.add(socket);
    socket.on('error', (error) => log('client: %s', error.message));
    socket.on('close', () => this.#sockets.delete(socket));
    const others = [...this.#sockets].filter((other) => other !== this.#client);
    if (others.length > MAX_OTHERS) others[0]?.destroy();
    this.#serve(socket, this.#open(socket));
  }

  #open(socket: Socket): Session {
    const { target, monitor, console, onFault } = this.#options;
    const sink = {
      write(bytes: Uint8Array): boolean {
        socket.write(bytes);
        const more = socket.writableLength <= MAX_UNSENT;
        // A client that does not read what it asked for may not ask for more. Past the limit, a drain event is sure to come.
        if (!more) socket.pause();
        return more;
      },
      end(): void {
        socket.destroySoon();
      },
    };
    const claim = (): boolean => {
      this.#client ??= socket;
      log('%s:%d is %s', socket.remoteAddress, socket.remotePort, this.#client === socket ? 'served' : 'refused');
      return this.#client === socket;
    };
    const parts = { target, monitor, console, onFault, sink, claim, catalogue };
    return new Session({ ...parts, registers: this.#registers, library: this.#library });
  }

  #serve(socket: Socket, session: Session): void {
    socket.on('data', (chunk) => {
      if (this.#client === undefined || this.#client === socket) {
        session.receive(chunk);
        return;
      }
      // A client that follows another one closely may be seen before the other's end is; so the decision waits for a turn.
      socket.pause();
      setImmediate(() => {
        session.receive(chunk);
        if (!socket.destroyed && socket.writableLength <= MAX_UNSENT) socket.resume();
      });
    });
    socket.on('drain', () => {
      session.drained();
      if (socket.writableLength <= MAX_UNSENT) socket.resume();
    });
    const leave = (): void => {
      session.close();
      if (this.#client === socket) this.#client = undefined;
    };
    socket.on('end', leave);
    socket.on('close', leave);
  }
}

function listenAddress(address: AddressInfo | string | null, host: string, port: number): ListenAddress {
  return address === null || typeof address === 'string'
    ? { host, port }
    : { host: address.address, port: address.port };
}
