import { BigEndianRecord, BoundedBytes, type RecordLayout } from '../../../../bits/record.ts';
import type { Response } from './response.ts';

/** Bytes of the header: length, function code, three control-mask bytes, response code. */
export const SCCB_HEADER_BYTES = 8;

/** Bit 0 of the last control-mask byte: the answer may be shorter than the SCCB, and `length` shall say so. */
const VARIABLE_LENGTH_RESPONSE = 0x80;

const header = {
  length: [0, 2],
  functionCode: [2, 1],
  controlMask: [5, 1],
  response: [6, 2],
} as const satisfies RecordLayout;

/**
 * A private copy of a service-call control block, so that a guest that changes it meanwhile confuses only itself. Its fields
 * are records: reads past the end give 0 and writes past it are dropped; commands check `length` for what they need.
 */
export class Sccb {
  readonly bytes: Uint8Array;
  readonly #header: BigEndianRecord<typeof header>;

  /** Takes over `bytes`, at least a header. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#header = this.fields(header);
  }

  /** The fields of a layout, from byte `at` on. */
  fields<L extends RecordLayout>(layout: L, at = 0): BigEndianRecord<L> {
    return new BigEndianRecord(layout, new BoundedBytes(this.bytes.subarray(at)));
  }

  /** Bytes that the guest gave. */
  get length(): number {
    return this.bytes.length;
  }
  /** Bytes that the block says it has, at first and in the answer. */
  get statedLength(): number {
    return this.#header.get('length');
  }
  set statedLength(length: number) {
    this.#header.set('length', length);
  }
  get functionCode(): number {
    return this.#header.get('functionCode');
  }
  get variableLengthResponse(): boolean {
    return this.#header.has('controlMask', VARIABLE_LENGTH_RESPONSE);
  }

  /** Says how long the answer is, to a guest that has asked for that; else it is as long as the SCCB. */
  setResponseLength(length: number): void {
    this.#header.replace('controlMask', VARIABLE_LENGTH_RESPONSE, 0);
    this.statedLength = length;
  }
  setResponse(code: Response): void {
    this.#header.set('response', code);
  }
  setBytes(at: number, data: Uint8Array): void {
    this.bytes.set(data.subarray(0, Math.max(0, this.length - at)), Math.min(at, this.length));
  }
  /** Zeros everything from `at` on. */
  clearFrom(at: number): void {
    this.bytes.fill(0, at);
  }
}
