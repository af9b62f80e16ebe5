import type { Response } from './response.ts';

/** Bytes of the header: length, function code, three control-mask bytes, response code. */
export const SCCB_HEADER_BYTES = 8;

/** Bit 0 of the last control-mask byte: the answer may be shorter than the SCCB, and `length` shall say so. */
const VARIABLE_LENGTH_RESPONSE = 0x80;

/**
 * A private copy of a service-call control block, so that a guest that changes it meanwhile confuses only itself. Fields
 * are big endian. Reads past the end give 0 and writes past it are dropped; commands check `length` for what they need.
 */
export class Sccb {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** Takes over `bytes`, at least a header. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that the guest gave. */
  get length(): number {
    return this.bytes.length;
  }
  get functionCode(): number {
    return this.byte(2);
  }
  get variableLengthResponse(): boolean {
    return (this.byte(5) & VARIABLE_LENGTH_RESPONSE) !== 0;
  }

  /** Says how long the answer is, to a guest that has asked for that; else it is as long as the SCCB. */
  setResponseLength(length: number): void {
    this.setByte(5, this.byte(5) & ~VARIABLE_LENGTH_RESPONSE);
    this.setHalf(0, length);
  }
  setResponse(code: Response): void {
    this.setHalf(6, code);
  }

  byte(at: number): number {
    return this.bytes[at] ?? 0;
  }
  half(at: number): number {
    return at + 2 <= this.length ? this.#view.getUint16(at) : 0;
  }
  setByte(at: number, value: number): void {
    if (at < this.length) this.bytes[at] = value;
  }
  setHalf(at: number, value: number): void {
    if (at + 2 <= this.length) this.#view.setUint16(at, value);
  }
  setWord(at: number, value: number): void {
    if (at + 4 <= this.length) this.#view.setUint32(at, value);
  }
  setDoubleword(at: number, value: bigint): void {
    if (at + 8 <= this.length) this.#view.setBigUint64(at, value);
  }
  setBytes(at: number, data: Uint8Array): void {
    this.bytes.set(data.subarray(0, Math.max(0, this.length - at)), Math.min(at, this.length));
  }
  /** Zeros everything from `at` on. */
  clearFrom(at: number): void {
    this.bytes.fill(0, at);
  }
}
