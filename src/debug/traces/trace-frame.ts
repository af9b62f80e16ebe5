import { bigEndian, toBigEndian } from '../../bits/hex.ts';
import type { TraceView } from './trace-port.ts';

interface Piece {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** How registers lie in a block of all of them. */
export interface RegisterLayout {
  /** Bytes of each register. */
  readonly widths: readonly number[];
  /** Numbers of those without which gdb cannot tell frames of a stack: each frame has them. */
  readonly always: readonly number[];
  readonly little: boolean;
}

const HEAD = 6;
const [REGISTERS, MEMORY, VARIABLE] = ['R', 'M', 'V'].map((letter) => letter.charCodeAt(0)) as [number, number, number];

/** What was collected at one hit, or behind one step. */
export class TraceFrame implements TraceView {
  readonly tracepoint: number;
  readonly address: bigint;
  readonly #layout: RegisterLayout;
  readonly #registers = new Map<number, Uint8Array>();
  readonly #memory: Piece[] = [];
  readonly #values = new Map<number, bigint>();

  /** `address` is that of the instruction in front of which it was made. */
  constructor(tracepoint: number, address: bigint, layout: RegisterLayout) {
    this.tracepoint = tracepoint;
    this.address = address;
    this.#layout = layout;
  }

  addRegister(index: number, bytes: Uint8Array): void {
    this.#registers.set(index, bytes.slice());
  }
  addMemory(address: bigint, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#memory.push({ address, bytes: bytes.slice() });
  }
  addVariable(number: number, value: bigint): void {
    this.#values.set(number, value);
  }

  get pieces(): TraceView['pieces'] {
    return this.#memory.map(({ address, bytes }) => ({ address, length: bytes.length }));
  }
  get variables(): readonly number[] {
    return [...this.#values.keys()];
  }
  variable(number: number): bigint | undefined {
    return this.#values.get(number);
  }
  /** @inheritdoc */
  readRegister(_vcpu: number, index: number): Uint8Array | undefined {
    return this.#registers.get(index);
  }
  /** @inheritdoc */
  readMemory(_vcpu: number, address: bigint, length: number): Uint8Array {
    const out: number[] = [];
    while (out.length < length) {
      const at = address + BigInt(out.length);
      const piece = this.#memory.find((one) => one.address <= at && at < one.address + BigInt(one.bytes.length));
      if (piece === undefined) break;
      const from = Number(at - piece.address);
      out.push(...piece.bytes.subarray(from, from + length - out.length));
    }
    return Uint8Array.from(out);
  }

  /** Bytes that it takes in a buffer. */
  get bytes(): number {
    return this.raw().length;
  }
  /** The frame as gdb's trace files have it: number, size, then blocks of registers, storage and variables. */
  raw(): Uint8Array {
    const blocks: Uint8Array[] = [];
    if (this.#registers.size > 0) {
      const all = this.#layout.widths.map((width, i) => this.#registers.get(i) ?? new Uint8Array(width));
      blocks.push(Uint8Array.of(REGISTERS), ...all);
    }
    for (const { address, bytes } of this.#memory) {
      blocks.push(Uint8Array.of(MEMORY), this.#number(address, 8), this.#number(BigInt(bytes.length), 2), bytes);
    }
    for (const [number, value] of this.#values) {
      blocks.push(Uint8Array.of(VARIABLE), this.#number(BigInt(number), 4), this.#number(value, 8));
    }
    const size = blocks.reduce((sum, block) => sum + block.length, 0);
    return Buffer.concat([this.#number(BigInt(this.tracepoint), 2), this.#number(BigInt(size), HEAD - 2), ...blocks]);
  }
  #number(value: bigint, width: number): Uint8Array {
    const bytes = toBigEndian(value, width);
    return this.#layout.little ? bytes.toReversed() : bytes;
  }
}

/** A register's bytes as a number. */
export function numberIn(bytes: Uint8Array, { little }: RegisterLayout): bigint {
  return bigEndian(little ? bytes.toReversed() : bytes);
}
