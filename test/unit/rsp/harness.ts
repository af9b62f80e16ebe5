import type { MonitorPort } from '../../../src/debug/target.ts';
import { makeLibrary } from '../../../src/rsp/documents.ts';
import { catalogue } from '../../../src/rsp/packets/index.ts';
import { RegisterFile } from '../../../src/rsp/registers.ts';
import { Session } from '../../../src/rsp/session.ts';
import { FakeTarget } from './fake-target.ts';

/** `bytes` or the characters of `body` as a client sends them, nothing escaped. */
export function framed(body: string): Buffer {
  const bytes = Buffer.from(body, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0) & 0xff;
  return Buffer.concat([Buffer.from('$'), bytes, Buffer.from(`#${sum.toString(16).padStart(2, '0')}`)]);
}

/** What a client makes of a server's bytes: packets with runs and escapes undone, and acknowledgements as they are. */
export function deframed(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  const found: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] !== '$') {
      found.push(text[at] ?? '');
      at++;
      continue;
    }
    const hash = text.indexOf('#', at);
    const raw = text.slice(at + 1, hash);
    const sum = [...raw].reduce((total, c) => total + c.charCodeAt(0), 0) & 0xff;
    const sent = text.slice(hash + 1, hash + 3);
    if (sent !== sum.toString(16).padStart(2, '0')) throw new Error(`checksum ${sent} of ${raw}`);
    found.push(unpacked(raw));
    at = hash + 3;
  }
  return found;
}

/** A body without runs and escapes: runs first, then escapes, as gdb does. */
export function unpacked(raw: string): string {
  let expanded = '';
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === '*') expanded += expanded.slice(-1).repeat(raw.charCodeAt(++i) - 29);
    else expanded += raw[i] ?? '';
  }
  return expanded.replace(/\}(.)/gs, (_, byte: string) => String.fromCharCode(byte.charCodeAt(0) ^ 0x20));
}

/** What an `O` packet shows. */
export function shownBy(packet: string): string {
  return Buffer.from(packet.slice(1), 'hex').toString('utf8');
}

/** Options of a harness; the client has stopped acknowledgements and is one that knows `features`, unless said otherwise. */
export interface HarnessOptions {
  readonly features?: string;
  readonly acks?: boolean;
  /** Another client has the machine. */
  readonly taken?: boolean;
  readonly monitor?: MonitorPort;
  /** The sink asks for a pause after every write. */
  readonly slow?: boolean;
}

/** A session with a fake machine and a client made of strings. */
export class Harness {
  readonly target = new FakeTarget(2);
  readonly session: Session;
  readonly faults: unknown[] = [];
  ended = false;
  /** Each write as the socket would get it. */
  writes: Uint8Array[] = [];

  constructor(options: HarnessOptions = {}) {
    this.session = new Session({
      target: this.target,
      monitor: options.monitor ?? { execute: (line) => [`you said ${line}`] },
      console: {
        subscribe: (listener) => {
          this.target.onConsole = listener;
          return () => {
            this.target.onConsole = undefined;
          };
        },
      },
      catalogue,
      claim: () => options.taken !== true,
      registers: new RegisterFile(this.target.description),
      library: makeLibrary(this.target.description),
      sink: {
        write: (bytes) => {
          this.writes.push(bytes);
          return options.slow !== true;
        },
        end: () => {
          this.ended = true;
        },
      },
      onFault: (fault) => this.faults.push(fault),
    });
    if (options.acks === true) return;
    const { features = 'multiprocess+;swbreak+;hwbreak+;vContSupported+;xmlRegisters=i386' } = options;
    for (const packet of [`qSupported:${features}`, 'QStartNoAckMode']) {
      this.send(packet);
      this.session.drained();
    }
    this.takeWrites();
    this.target.calls.length = 0;
  }

  /** Sends a packet; what the server answers at once. */
  send(body: string): string[] {
    return this.feed(framed(body));
  }

  /** Sends bytes as they are; what the server answers at once. */
  feed(bytes: Uint8Array | string): string[] {
    this.session.receive(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this.take();
  }

  /** Lets the guest run to its next stop; what the server says then. */
  advance(): string[] {
    this.target.advance();
    return this.take();
  }

  /** What the server said since it was last asked. */
  take(): string[] {
    return deframed(Buffer.concat(this.takeWrites()));
  }

  /** The same, write by write, as bytes. */
  takeWrites(): Uint8Array[] {
    const { writes } = this;
    this.writes = [];
    return writes;
  }
}
