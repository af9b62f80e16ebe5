/**
 * Plain data (numbers, bigints, booleans, strings, null, undefined, `Uint8Array`s, arrays and objects of these) as bytes, and
 * back. Numbers are kept to the bit; objects keep the order of their names.
 */

const tags = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  string: 6,
  bytes: 7,
  array: 8,
  object: 9,
  negativeBigint: 10,
} as const;

/** Bytes that are no plain data. */
export class PlainDataError extends Error {}

class Writer {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
  byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }
  count(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
  }
  double(value: number): void {
    const at = this.#room(8);
    this.#view.setFloat64(at, value);
  }
  bytes(value: Uint8Array): void {
    this.count(value.length);
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

const utf8 = new TextEncoder();

/** The bytes of plain data. Throws for anything else. */
export function encodePlain(value: unknown): Uint8Array {
  const writer = new Writer();
  write(writer, value);
  return writer.finish();
}

function write(w: Writer, value: unknown): void {
  switch (typeof value) {
    case 'undefined':
      return w.byte(tags.undefined);
    case 'boolean':
      return w.byte(value ? tags.true : tags.false);
    case 'number':
      w.byte(tags.number);
      return w.double(value);
    case 'bigint':
      w.byte(value < 0n ? tags.negativeBigint : tags.bigint);
      return w.bytes(utf8.encode((value < 0n ? -value : value).toString(16)));
    case 'string':
      w.byte(tags.string);
      return w.bytes(utf8.encode(value));
    case 'object':
      return writeObject(w, value);
    default:
      throw new PlainDataError(`a ${typeof value} is no plain data`);
  }
}

function writeObject(w: Writer, value: object | null): void {
  if (value === null) return w.byte(tags.null);
  if (value instanceof Uint8Array) {
    w.byte(tags.bytes);
    return w.bytes(value);
  }
  if (Array.isArray(value)) {
    w.byte(tags.array);
    w.count(value.length);
    for (const one of value) write(w, one);
    return;
  }
  const entries = Object.entries(value);
  w.byte(tags.object);
  w.count(entries.length);
  for (const [name, one] of entries) {
    w.bytes(utf8.encode(name));
    write(w, one);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw new PlainDataError('the data end too early');
    this.#at = at + bytes;
    return at;
  }
  byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }
  /** A number of things of at least so many bytes each, which must still be there. */
  count(each: number): number {
    const found = this.#view.getUint32(this.#take(4));
    if (found * each > this.#bytes.length - this.#at) throw new PlainDataError('the data end too early');
    return found;
  }
  double(): number {
    return this.#view.getFloat64(this.#take(8));
  }
  bytes(): Uint8Array {
    const length = this.count(1);
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }
}

/** The plain data that bytes stand for. Throws a `PlainDataError` when they stand for none. */
export function decodePlain(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = read(reader);
  if (!reader.atEnd) throw new PlainDataError('there is more behind the data');
  return value;
}

function read(r: Reader): unknown {
  const tag = r.byte();
  switch (tag) {
    case tags.undefined:
      return undefined;
    case tags.null:
      return null;
    case tags.false:
    case tags.true:
      return tag === tags.true;
    case tags.number:
      return r.double();
    case tags.bigint:
    case tags.negativeBigint:
      return readBigint(r, tag === tags.negativeBigint);
    case tags.string:
      return r.text();
    case tags.bytes:
      return r.bytes();
    case tags.array:
      return Array.from({ length: r.count(1) }, () => read(r));
    case tags.object:
      return Object.fromEntries(Array.from({ length: r.count(5) }, (): [string, unknown] => [r.text(), read(r)]));
    default:
      throw new PlainDataError(`there is no kind of data ${tag}`);
  }
}

function readBigint(r: Reader, negative: boolean): bigint {
  const digits = r.text();
  if (!/^[0-9a-f]+$/.test(digits)) throw new PlainDataError('a whole number has digits that are none');
  const value = BigInt(`0x${digits}`);
  return negative ? -value : value;
}
