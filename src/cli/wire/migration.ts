import { connect, createServer, type Server, type Socket } from 'node:net';
import { decodePlain, encodePlain } from '../../bits/plain-data.ts';
import { type Attempt, MigrationDestination } from '../../machine/migration/destination.ts';
import { kinds, MessageReader, messageBytes } from '../../machine/migration/protocol.ts';
import {
  type MigrationEnd,
  type MigrationLink,
  type MigrationProgress,
  MigrationSource,
  type MovingGuest,
} from '../../machine/migration/source.ts';
import type { MigrationPort } from '../../monitor/migrate.ts';
import { UserError } from '../user-error.ts';
import { isLoopback, type SocketAddress, showAddress, socketAddress } from '../values.ts';

/** Bytes that may wait in a socket before copying pauses. */
const MOST_UNSENT = 1 << 20;
/** Milliseconds between two looks at a guest that a debugger has stopped. */
const LOOK_MS = 50;

/** A link over a socket; `drained` is told when there is room again. */
function linkOver(socket: Socket, drained: () => void): MigrationLink {
  return {
    send: (bytes) => {
      if (!socket.destroyed) socket.write(bytes, () => drained());
    },
    get hasRoom() {
      return !socket.destroyed && socket.writableLength < MOST_UNSENT;
    },
    close: () => socket.end(),
  };
}

/** Waits for a guest that comes from elsewhere. */
export class IncomingMigration {
  readonly #destination: MigrationDestination;
  readonly #server: Server;

  constructor(guest: MovingGuest, arrived: (running: boolean) => void) {
    this.#destination = new MigrationDestination({ guest, arrived });
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  #serve(socket: Socket): void {
    const attempt: Attempt = this.#destination.connected(linkOver(socket, () => undefined));
    socket.on('data', (chunk) => attempt.received(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => attempt.closed());
  }

  /** Listens; the address with its port. A place that cannot be had is the user's mistake. */
  async open({ host, port }: SocketAddress): Promise<SocketAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        const why = `cannot listen for a guest on ${showAddress({ host, port })} (${error.message})`;
        reject(new UserError('incoming-listen', `${why}: choose another place with --incoming`));
      });
      this.#server.listen(port, host, () => {
        const at = this.#server.address();
        resolve({ host, port: at !== null && typeof at === 'object' ? at.port : port });
      });
    });
  }
  close(): void {
    this.#server.close();
  }
}

/** Says that whoever waits for guests trusts everybody who reaches the place. */
export function incomingWarning(at: SocketAddress): string | undefined {
  return isLoopback(at.host) ? undefined : `warning: whoever reaches ${showAddress(at)} can put a guest here`;
}

export interface OutgoingOptions {
  readonly now: () => number;
  readonly say: (line: string) => void;
  /** The guest is elsewhere now. */
  readonly moved: (to: SocketAddress, progress: MigrationProgress) => void;
}

/** Moves the guest of this program elsewhere, for `monitor migrate`. */
export class OutgoingMigration implements MigrationPort {
  #guest: MovingGuest | undefined;
  #options: OutgoingOptions | undefined;
  #source: MigrationSource | undefined;
  #attempts = 0;
  /** Whether the guest waits here for its user to say that it shall go on. */
  #unknown = false;
  #round = 0;
  #clock: NodeJS.Timeout | undefined;

  /** Says what moves; until then nothing can. */
  attach(guest: MovingGuest | undefined, options: OutgoingOptions): void {
    this.#guest = guest;
    this.#options = options;
  }

  /** @inheritdoc */
  begin(place: string): string | undefined {
    const [guest, options] = [this.#guest, this.#options];
    if (guest === undefined || options === undefined) return 'this guest cannot move';
    if (this.#isMoving || this.#unknown) return 'the guest moves already';
    if (guest.machine.end !== undefined) return 'the guest has ended';
    const to = socketAddress(place);
    if (to === undefined) return `${place} is no place: give PORT, HOST:PORT or [IPV6]:PORT`;
    this.#start(guest, options, to);
    return undefined;
  }

  #start(guest: MovingGuest, options: OutgoingOptions, to: SocketAddress): void {
    const socket = connect({ ...to, noDelay: true });
    const token = `${process.pid}.${options.now()}.${++this.#attempts}`;
    const source = new MigrationSource({
      guest,
      token,
      now: options.now,
      link: linkOver(socket, () => this.#drained(source)),
      ask: () => askOther(to, token, (started) => source.answered(started)),
      ended: (how) => this.#ended(how, to),
    });
    this.#source = source;
    this.#round = 0;
    this.#clock = setInterval(() => this.#drained(source), LOOK_MS);
    this.#clock.unref();
    options.say(`moving to ${showAddress(to)}`);
    socket.once('connect', () => source.connected());
    socket.on('data', (chunk) => source.received(chunk));
    socket.on('error', (error) => {
      source.closed(error.message);
      socket.destroy();
    });
    socket.on('close', () => source.closed());
  }
  #drained(source: MigrationSource): void {
    source.drained();
    const { round } = source;
    if (round === this.#round || source.phase !== 'copying') return;
    this.#round = round;
    const { pagesLeft, pagesSent } = source.progress;
    this.#options?.say(`moving: round ${round}, ${pagesSent} pages sent, ${pagesLeft} left`);
  }
  #ended(how: MigrationEnd, to: SocketAddress): void {
    clearInterval(this.#clock);
    const { progress } = this;
    if (progress === undefined || this.#options === undefined) return;
    const { moved, say } = this.#options;
    this.#unknown = how === 'unknown';
    if (how === 'moved') return moved(to, progress);
    say(`the guest has not moved: ${progress.reason ?? ''}${how === 'failed' ? '; it goes on here' : ''}`);
    if (how === 'unknown')
      say('it stands still: monitor migrate resume lets it go on here, when it does not run there');
  }

  get #isMoving(): boolean {
    const phase = this.#source?.phase;
    return phase !== undefined && phase !== 'failed' && phase !== 'moved';
  }

  /** @inheritdoc */
  get progress(): MigrationProgress | undefined {
    return this.#source?.progress;
  }
  /** @inheritdoc */
  cancel(): boolean {
    return this.#source?.cancel() ?? false;
  }
  /** @inheritdoc */
  resume(): boolean {
    if (!this.#unknown) return false;
    this.#unknown = false;
    this.#guest?.machine.start();
    return true;
  }
}

// Nobody there means that nobody runs it there; every other failure leaves it open.
function askOther(to: SocketAddress, token: string, answered: (started: boolean | undefined) => void): void {
  const socket = connect({ ...to, noDelay: true });
  const reader = new MessageReader();
  let answer: boolean | undefined;
  socket.once('connect', () => socket.write(messageBytes(kinds.query, encodePlain(token))));
  socket.on('data', (chunk) => {
    for (const { kind, contents } of reader.push(chunk)) {
      if (kind === kinds.answer) answer = decodePlain(contents) === true;
    }
    if (answer !== undefined) socket.destroy();
  });
  socket.on('error', (error) => {
    if ('code' in error && error.code === 'ECONNREFUSED') answer = false;
  });
  socket.on('close', () => answered(answer));
}
