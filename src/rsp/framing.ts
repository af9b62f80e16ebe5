import { err, ok, type Result } from '../bits/result.ts';

/** The longest packet body that the server takes and promises to send, in bytes without `$` and `#cs`. */
export const PACKET_SIZE = 0x100000;

/** What the byte stream of a client contains. A packet's body is still escaped and may alias the bytes that were fed. */
export type Frame =
  | { readonly kind: 'packet'; readonly body: Uint8Array }
  /** A whole packet with a wrong checksum. */
  | { readonly kind: 'corrupt' }
  /** A whole packet with a body longer than the limit. */
  | { readonly kind: 'oversize' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nak' };

const DOLLAR = 0x24;
const HASH = 0x23;
const ESCAPE = 0x7d;
const STAR = 0x2a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const INTERRUPT = 0x03;
const ESCAPE_BIT = 0x20;
/** A run's count character is the number of repeats and this. */
const COUNT_BIAS = 29;
const MAX_REPEATS = 126 - COUNT_BIAS;
const EMPTY = new Uint8Array(0);

/** Frames without a body, shared: they hold nothing that could change. */
const frames = {
  corrupt: { kind: 'corrupt' },
  oversize: { kind: 'oversize' },
  interrupt: { kind: 'interrupt' },
  ack: { kind: 'ack' },
  nak: { kind: 'nak' },
} as const satisfies Record<string, Frame>;

type State = 'idle' | 'body' | 'checksum-high' | 'checksum-low';

/**
 * Finds packets, acknowledgements and interrupts in a byte stream that may be cut anywhere (gdb doc, "Overview").
 * Outside packets 0x03 is an interrupt, inside it is data. A `$` inside a packet starts a new one: the
 * old one was cut off.
 * Bytes that mean nothing outside a packet are skipped.
 */
export class Deframer {
  readonly #limit: number;
  #state: State = 'idle';
  /** The body as far as earlier chunks brought it. */
  #held: Uint8Array = EMPTY;
  #heldLength = 0;
  #body: Uint8Array = EMPTY;
  #sum = 0;
  #oversize = false;
  #highDigit = 0;

  constructor(limit: number = PACKET_SIZE) {
    this.#limit = limit;
  }

  /** The frames that `chunk` completes, in order. The chunk must not be changed while a body from it is in use. */
  feed(chunk: Uint8Array): Frame[] {
    const found: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      at = this.#state === 'body' ? this.#takeBody(chunk, at) : this.#takeByte(chunk[at] ?? 0, at, found);
    }
    return found;
  }

  #takeByte(byte: number, at: number, found: Frame[]): number {
    if (byte === DOLLAR) {
      this.#start();
      return at + 1;
    }
    switch (this.#state) {
      case 'checksum-high':
        this.#highDigit = byte;
        this.#state = 'checksum-low';
        break;
      case 'checksum-low':
        found.push(this.#finish(byte));
        break;
      default:
        if (byte === INTERRUPT) found.push(frames.interrupt);
        else if (byte === PLUS) found.push(frames.ack);
        else if (byte === MINUS) found.push(frames.nak);
    }
    return at + 1;
  }

  #start(): void {
    this.#state = 'body';
    this.#heldLength = 0;
    this.#sum = 0;
    this.#oversize = false;
  }

  /** Takes body bytes up to `#`, `$` or the end of the chunk; returns where to go on. */
  #takeBody(chunk: Uint8Array, at: number): number {
    let sum = this.#sum;
    let end = at;
    let byte = 0;
    for (; end < chunk.length; end++) {
      byte = chunk[end] ?? 0;
      if (byte === HASH || byte === DOLLAR) break;
      sum += byte;
    }
    this.#sum = sum & 0xff;
    if (end < chunk.length && byte === DOLLAR) {
      this.#start();
      return end + 1;
    }
    const part = chunk.subarray(at, end);
    this.#oversize ||= this.#heldLength + part.length > this.#limit;
    if (end === chunk.length) {
      if (!this.#oversize) this.#hold(part);
      return end;
    }
    this.#body = this.#oversize ? EMPTY : this.#wholeBody(part);
    this.#state = 'checksum-high';
    return end + 1;
  }

  #wholeBody(part: Uint8Array): Uint8Array {
    if (this.#heldLength === 0) return part;
    this.#hold(part);
    const body = this.#held.subarray(0, this.#heldLength);
    // The body leaves with its buffer; the next packet gets another one.
    this.#held = EMPTY;
    this.#heldLength = 0;
    return body;
  }

  #hold(part: Uint8Array): void {
    const length = this.#heldLength + part.length;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, Math.min(this.#held.length * 2, this.#limit)));
      larger.set(this.#held.subarray(0, this.#heldLength));
      this.#held = larger;
    }
    this.#held.set(part, this.#heldLength);
    this.#heldLength = length;
  }

  #finish(lowDigit: number): Frame {
    this.#state = 'idle';
    const body = this.#body;
    this.#body = EMPTY;
    const high = hexDigit(this.#highDigit);
    const low = hexDigit(lowDigit);
    if (high < 0 || low < 0 || high * 16 + low !== this.#sum) return frames.corrupt;
    return this.#oversize ? frames.oversize : { kind: 'packet', body };
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * A body or the rest of one without its escapes. Runs are expanded only when `runs` is set: a client need not escape `*` in
 * binary data, so a packet that carries such data must be read without. Returns the input itself when there is nothing to do.
 */
export function decodeBody(body: Uint8Array, runs: boolean): Result<Uint8Array, string> {
  if (body.indexOf(ESCAPE) < 0 && !(runs && body.indexOf(STAR) >= 0)) return ok(body);
  const length = unescapedLength(body, runs);
  if (!length.ok) return length;
  const out = new Uint8Array(length.value);
  let o = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] ?? 0;
    if (byte === ESCAPE) {
      out[o++] = (body[++i] ?? 0) ^ ESCAPE_BIT;
    } else if (runs && byte === STAR) {
      const repeats = (body[++i] ?? 0) - COUNT_BIAS;
      out.fill(out[o - 1] ?? 0, o, o + repeats);
      o += repeats;
    } else {
      out[o++] = byte;
    }
  }
  return ok(out);
}

function unescapedLength(body: Uint8Array, runs: boolean): Result<number, string> {
  let length = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] ?? 0;
    if (byte === ESCAPE) {
      if (++i === body.length) return err('escape character at the end');
      length++;
    } else if (runs && byte === STAR) {
      const repeats = (body[++i] ?? 0) - COUNT_BIAS;
      if (length === 0 || repeats < 3 || repeats > MAX_REPEATS) return err('run length out of range');
      length += repeats;
    } else {
      length++;
    }
  }
  return length <= PACKET_SIZE ? ok(length) : err('packet too long once expanded');
}

/** A packet with `text`, which is ASCII without the reserved characters, as its body. */
export function frameText(text: string): Buffer {
  const out = newPacket(text.length);
  return seal(out, BODY + out.write(text, BODY, 'latin1'));
}

/** A packet with `prefix` and `bytes` in hex as its body. */
export function frameHex(prefix: string, bytes: Uint8Array): Buffer {
  const out = newPacket(prefix.length + bytes.length * 2);
  const end = BODY + out.write(prefix, BODY, 'latin1');
  return seal(out, end + out.write(asBuffer(bytes).toString('hex'), end, 'latin1'));
}

/** A packet with `prefix` and `bytes` in binary form, `# $ } *` escaped, as its body. */
export function frameBinary(prefix: string, bytes: Uint8Array): Buffer {
  const out = newPacket(prefix.length + bytes.length * 2);
  let end = BODY + out.write(prefix, BODY, 'latin1');
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === HASH || byte === DOLLAR || byte === ESCAPE || byte === STAR) {
      out[end++] = ESCAPE;
      out[end++] = byte ^ ESCAPE_BIT;
    } else {
      out[end++] = byte;
    }
  }
  return seal(out, end);
}

/** `+` or `-`: a packet came in whole, or is to be sent again. */
export function frameAck(good: boolean): Buffer {
  return Buffer.of(good ? PLUS : MINUS);
}

/** Where a body begins in a packet that is being made: behind `$`. */
const BODY = 1;

function newPacket(bodyLength: number): Buffer {
  return Buffer.allocUnsafe(BODY + bodyLength + 3);
}

/** Makes a packet of a buffer that has a body from `BODY` to `end`: `$`, runs shortened, `#`, checksum of what is sent. */
function seal(out: Buffer, end: number): Buffer {
  const hash = shortenRuns(out, end);
  let sum = 0;
  for (let i = BODY; i < hash; i++) sum += out[i] ?? 0;
  out[0] = DOLLAR;
  out[hash] = HASH;
  const length = hash + 1 + out.write((sum & 0xff).toString(16).padStart(2, '0'), hash + 1, 'latin1');
  return out.subarray(0, length);
}

/**
 * Shortens the runs of four and more in a body, in place; returns its new end. A run of four has one byte at a multiple of
 * four, so only those are looked at, and a byte that is unlike both its neighbours is in no run.
 */
function shortenRuns(out: Buffer, end: number): number {
  let done = BODY;
  let to = BODY;
  for (let at = 4; at < end; at += 4) {
    const byte = out[at] ?? 0;
    if (byte !== out[at - 1] && byte !== out[at + 1]) continue;
    let start = at;
    while (start > done && out[start - 1] === byte) start--;
    let stop = at + 1;
    while (stop < end && out[stop] === byte) stop++;
    if (stop - start < 4) continue;
    out.copyWithin(to, done, start);
    to = putRun(out, to + start - done, byte, stop - start);
    done = stop;
    at += (stop - 1 - at) & ~3;
  }
  if (to < done) out.copyWithin(to, done, end);
  return to + end - done;
}

/**
 * Writes a run at `to`, never longer than it is itself; returns the end. The counts that would read `#` and `$` (6 and 7
 * repeats) are cut to 5 (gdb doc, "Overview", run-length encoding).
 */
function putRun(out: Buffer, to: number, byte: number, length: number): number {
  let left = length;
  while (left >= 4) {
    const most = Math.min(left - 1, MAX_REPEATS);
    const repeats = most + COUNT_BIAS === HASH || most + COUNT_BIAS === DOLLAR ? 5 : most;
    out[to++] = byte;
    out[to++] = STAR;
    out[to++] = repeats + COUNT_BIAS;
    left -= repeats + 1;
  }
  while (left-- > 0) out[to++] = byte;
  return to;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
