import createDebug from 'debug';
import { bytesToHex } from '../bits/hex.ts';
import { latin1 } from './args.ts';
import { frameAck, frameBinary, frameHex, frameText } from './framing.ts';
import type { Reply } from './reply.ts';

const log = createDebug('guestscope:rsp:packet');

/** Bytes that wait are handed over at this size even when the packets at hand are not all answered yet. */
const FLUSH_AT = 0x40000;
/** Longer output is cut into several `O` packets. */
const OUTPUT_PIECE = 0x4000;
const SHOWN = 120;

/** Where a session's bytes go. */
export interface Sink {
  /** Takes bytes, which are not changed afterwards; false asks for no more until `Session.drained` is called. */
  write(bytes: Uint8Array): boolean;
  /** Closes the connection when all is out. */
  end(): void;
}

/** The outgoing half of a connection: frames packets, acknowledges, and hands over everything due in one write. */
export class Wire {
  readonly #sink: Sink;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #last: Uint8Array | undefined;
  #acks = true;
  #choked = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** True while packets are acknowledged. */
  get acks(): boolean {
    return this.#acks;
  }

  /** True while the client does not read what it was sent. */
  get choked(): boolean {
    return this.#choked;
  }

  /** No acknowledgements any more. */
  stopAcks(): void {
    this.#acks = false;
  }

  /** Acknowledges a packet, or asks for it again, where that is still done. */
  acknowledge(good: boolean): void {
    if (this.#acks) this.#push(frameAck(good));
  }

  /** Sends the last packet again: the client could not read it. */
  repeat(): void {
    if (this.#acks && this.#last !== undefined) this.#push(this.#last);
  }

  /** Sends a reply; errors as text only when the client takes `messages`. */
  reply(reply: Reply, messages: boolean): void {
    const bytes = frameReply(reply, messages);
    if (bytes === undefined) return;
    if (log.enabled) log('<- %s', shown(bytes));
    this.#last = bytes;
    this.#push(bytes);
  }

  /** Sends text or bytes that the client shows to its user. */
  output(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += OUTPUT_PIECE) {
      const packet = frameHex('O', bytes.subarray(at, at + OUTPUT_PIECE));
      this.#last = packet;
      this.#push(packet);
    }
  }

  /** Hands everything that waits over in one write. */
  flush(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const bytes = this.#waiting.length === 1 ? first : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!this.#sink.write(bytes)) this.#choked = true;
  }

  /** The sink takes more. */
  drained(): void {
    this.#choked = false;
  }

  /** Hands over what waits and closes the connection. */
  end(): void {
    this.flush();
    this.#sink.end();
  }

  #push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= FLUSH_AT) this.flush();
  }
}

function frameReply(reply: Reply, messages: boolean): Buffer | undefined {
  switch (reply.kind) {
    case 'text':
      return frameText(reply.text);
    case 'hex':
      return frameHex('', reply.bytes);
    case 'binary':
      return frameBinary(reply.prefix, reply.bytes);
    case 'error':
      return frameText(messages ? `E.${reply.text}` : `E${bytesToHex(Uint8Array.of(reply.code))}`);
    case 'none':
      return undefined;
  }
}

/** The beginning of a packet for the log, unprintable bytes as dots. */
export function shown(bytes: Uint8Array): string {
  const text = latin1(bytes.subarray(0, SHOWN)).replace(/[^\x20-\x7e]/g, '.');
  return bytes.length > SHOWN ? `${text}... (${bytes.length} bytes)` : text;
}
