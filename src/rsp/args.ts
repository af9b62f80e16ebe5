import { err, ok, type Result } from '../bits/result.ts';

/** A place in a packet's bytes; parsers move `at` forward and touch nothing else. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** A total parser: a value and the cursor behind it, or the reason in words. It never throws. */
export type Parser<T> = (cursor: Cursor) => Result<T, string>;

/** What `args` and `seq` are put together from: a parser, or text that must stand there literally. */
export type Part = string | Parser<unknown>;

/** The tuple that a list of parts yields: literal text yields nothing. */
export type Values<P extends readonly Part[]> = P extends readonly [infer Head, ...infer Rest extends readonly Part[]]
  ? Head extends Parser<infer T>
    ? [T, ...Values<Rest>]
    : Values<Rest>
  : [];

const NIBBLE = nibbles();

function nibbles(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    table[text.charCodeAt(0)] = digit;
    table[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
}

function nibbleAt(bytes: Uint8Array, at: number): number {
  return NIBBLE[bytes[at] ?? 0] ?? -1;
}

/** Parts one after another; what follows them is left to the caller. */
export function seq<P extends readonly Part[]>(...parts: P): Parser<Values<P>>;
export function seq(...parts: readonly Part[]): Parser<readonly unknown[]> {
  return (cursor) => {
    const values: unknown[] = [];
    for (const part of parts) {
      const result = typeof part === 'string' ? literal(cursor, part) : part(cursor);
      if (!result.ok) return result;
      if (typeof part !== 'string') values.push(result.value);
    }
    return ok(values);
  };
}

/** The operands of a packet, whole: `seq`, and then the packet must be at its end. */
export function args<P extends readonly Part[]>(...parts: P): Parser<Values<P>> {
  const body = seq(...parts);
  return (cursor) => {
    const result = body(cursor);
    if (result.ok && cursor.at < cursor.bytes.length) return err(`trailing bytes at offset ${cursor.at}`);
    return result;
  };
}

function literal(cursor: Cursor, text: string): Result<undefined, string> {
  for (let i = 0; i < text.length; i++) {
    if (cursor.bytes[cursor.at + i] !== text.charCodeAt(i)) return err(`'${text}' expected at offset ${cursor.at}`);
  }
  cursor.at += text.length;
  return ok(undefined);
}

/** `parser`, or undefined and the cursor where it was when it does not match. */
export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return (cursor) => {
    const start = cursor.at;
    const result = parser(cursor);
    if (result.ok) return result;
    cursor.at = start;
    return ok(undefined);
  };
}

/** One or more of `parser` with `separator` between them. */
export function list<T>(parser: Parser<T>, separator: string): Parser<readonly T[]> {
  return (cursor) => {
    const values: T[] = [];
    do {
      const result = parser(cursor);
      if (!result.ok) return result;
      values.push(result.value);
    } while (literal(cursor, separator).ok);
    return ok(values);
  };
}

/** `parser` with its value passed through `change`. */
export function map<T, U>(parser: Parser<T>, change: (value: T) => U): Parser<U> {
  return (cursor) => {
    const result = parser(cursor);
    return result.ok ? ok(change(result.value)) : result;
  };
}

/** The first of `parsers` that matches. */
export function oneOf<T>(...parsers: readonly Parser<T>[]): Parser<T> {
  return (cursor) => {
    const start = cursor.at;
    for (const parser of parsers) {
      cursor.at = start;
      const result = parser(cursor);
      if (result.ok) return result;
    }
    cursor.at = start;
    return err(`no alternative fits at offset ${start}`);
  };
}

function hexDigits(cursor: Cursor): Result<string, string> {
  const start = cursor.at;
  let end = start;
  while (end < cursor.bytes.length && nibbleAt(cursor.bytes, end) >= 0) end++;
  if (end === start) return err(`hex digits expected at offset ${start}`);
  cursor.at = end;
  return ok(latin1(cursor.bytes.subarray(start, end)));
}

/** An unsigned number of up to 64 bits in hex without a prefix, either case. */
export const hexAddress: Parser<bigint> = (cursor) => {
  const digits = hexDigits(cursor);
  if (!digits.ok) return digits;
  if (digits.value.length <= 12) return ok(BigInt(Number.parseInt(digits.value, 16)));
  const value = BigInt(`0x${digits.value.replace(/^0+(?=.)/, '').slice(0, 17)}`);
  return value < 1n << 64n ? ok(value) : err('number wider than 64 bits');
};

/** An unsigned number in hex that a JavaScript number holds exactly: a length, a count, a register number. */
export const hexCount: Parser<number> = (cursor) => {
  const digits = hexDigits(cursor);
  if (!digits.ok) return digits;
  const value = Number.parseInt(digits.value, 16);
  return Number.isSafeInteger(value) ? ok(value) : err('count out of range');
};

/** Pairs of hex digits to the end of the packet; the bytes are the caller's own. */
export const hexBytes: Parser<Uint8Array> = (cursor) => hexPairs(cursor, cursor.bytes.length);

/** Pairs of hex digits up to the next byte that is no hex digit; the bytes are the caller's own. */
export const hexName: Parser<Uint8Array> = (cursor) => {
  let end = cursor.at;
  while (end < cursor.bytes.length && nibbleAt(cursor.bytes, end) >= 0) end++;
  return hexPairs(cursor, end);
};

function hexPairs(cursor: Cursor, end: number): Result<Uint8Array, string> {
  const { bytes, at } = cursor;
  if ((end - at) % 2 !== 0) return err('odd number of hex digits');
  const out = new Uint8Array((end - at) / 2);
  let bad = 0;
  for (let i = 0, from = at; i < out.length; i++, from += 2) {
    const value = (nibbleAt(bytes, from) << 4) | nibbleAt(bytes, from + 1);
    bad |= value;
    out[i] = value;
  }
  if (bad < 0) return err('not a hex digit');
  cursor.at = end;
  return ok(out);
}

/** All bytes to the end of the packet as they are; they alias the packet. */
export const rest: Parser<Uint8Array> = (cursor) => {
  const value = cursor.bytes.subarray(cursor.at);
  cursor.at = cursor.bytes.length;
  return ok(value);
};

/** Text up to `stop` (not taken) or to the end of the packet; may be empty. */
export function textUntil(stop: string): Parser<string> {
  const code = stop.charCodeAt(0);
  return (cursor) => {
    const found = cursor.bytes.indexOf(code, cursor.at);
    const end = found < 0 ? cursor.bytes.length : found;
    const value = latin1(cursor.bytes.subarray(cursor.at, end));
    cursor.at = end;
    return ok(value);
  };
}

/** The text of `bytes`, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
