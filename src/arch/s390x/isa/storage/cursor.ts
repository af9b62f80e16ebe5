import type { MirroredStorage } from '../../../../machine/storage.ts';
import { type AccessPath, operand } from '../../cpu/access-path.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { find, type OperandUse, report, toStretchEnd } from './operands.ts';

/**
 * Goes through an operand from the left, unit by unit, without asking for more of it than is used. A unit may lie across a
 * page boundary. Only what was passed counts as accessed.
 */
export class Cursor {
  readonly #vcpu: Vcpu;
  readonly #use: OperandUse;
  readonly #path: AccessPath;
  /** Logical address and storage offset of the first byte of the stretch in use. */
  #start: bigint;
  #base = -1;
  /** Bytes passed of the stretch, and its length. */
  #passed = 0;
  #length: number;
  /** Storage offset of what lies behind the stretch, -1 when it was not needed yet. */
  #behind = -1;

  constructor(vcpu: Vcpu, address: bigint, use: OperandUse, path: AccessPath = operand) {
    this.#vcpu = vcpu;
    this.#use = use;
    this.#path = path;
    this.#start = address;
    this.#length = toStretchEnd(address);
  }

  /** Address of the next byte. */
  get address(): bigint {
    return (this.#start + BigInt(this.#passed)) & this.#vcpu.amask;
  }

  /** False when an access to the next `n` bytes would fault: `access.lastFault` then says how. */
  ready(n: number): boolean {
    if (this.#passed >= this.#length) this.#turn();
    if (this.#base < 0) {
      this.#base = find(this.#vcpu, this.#start, this.#use, this.#path);
      if (this.#base < 0) return false;
    }
    if (this.#passed + n <= this.#length || this.#behind >= 0) return true;
    const next = (this.#start + BigInt(this.#length)) & this.#vcpu.amask;
    this.#behind = find(this.#vcpu, next, this.#use, this.#path);
    return this.#behind >= 0;
  }

  /** Byte `i` of those that are ready. */
  byte(i = 0): number {
    return this.#vcpu.core.complex.storage.byte(this.#at(i));
  }
  /** Bytes `i` and `i + 1` of those that are ready. */
  half(i = 0): number {
    return (this.byte(i) << 8) | this.byte(i + 1);
  }
  setByte(value: number, i = 0): void {
    this.#vcpu.core.complex.storage.setByte(this.#at(i), value);
  }

  /** Passes `n` ready bytes. */
  pass(n: number): void {
    this.#passed += n;
  }

  /** To be called when no more bytes are used; `ahead` bytes that are ready were fetched, and are not passed. */
  finish(ahead = 0): void {
    this.#finish();
    if (ahead === 0) return;
    const look = new Cursor(this.#vcpu, this.address, 'fetch', this.#path);
    if (!look.ready(ahead)) return;
    look.pass(ahead);
    look.#finish();
  }

  #finish(): void {
    const n = Math.min(this.#passed, this.#length);
    if (n > 0) report(this.#vcpu, this.#start, this.#base, n, this.#use, this.#path);
    if (this.#passed > this.#length) {
      this.#turn();
      this.#finish();
    }
  }

  #at(i: number): number {
    const k = this.#passed + i;
    return k < this.#length ? this.#base + k : this.#behind + (k - this.#length);
  }

  #turn(): void {
    if (this.#base >= 0) report(this.#vcpu, this.#start, this.#base, this.#length, this.#use, this.#path);
    this.#start = (this.#start + BigInt(this.#length)) & this.#vcpu.amask;
    this.#passed -= this.#length;
    this.#base = this.#behind;
    this.#behind = -1;
    this.#length = toStretchEnd(this.#start);
  }
}

/** What a table is found by: half pages, since fetch-protection override ends with the first of page 0. */
const HALF_PAGE = { bytes: 2048, shift: 11 } as const;

/** A table that is indexed by characters; its half pages are found when first needed. */
export class Table {
  readonly #vcpu: Vcpu;
  readonly #storage: MirroredStorage;
  readonly #watched: boolean;
  readonly #address: bigint;
  readonly #path: AccessPath;
  /** Byte index in the table's first half page at which it begins. */
  readonly #offset: number;
  readonly #halves: number[] = [];
  /** The half page in use, counted from the table's first, and the storage offset that belongs to #offset 0. */
  #half = -1;
  #base = 0;

  constructor(vcpu: Vcpu, address: bigint, path: AccessPath = operand) {
    this.#vcpu = vcpu;
    this.#storage = vcpu.core.complex.storage;
    this.#watched = vcpu.core.complex.frames.watch !== undefined;
    this.#address = address;
    this.#path = path;
    this.#offset = Number(address & 0x7ffn);
  }

  /** The byte at `index`, or -1 when its fetch would fault. */
  byte(index: number): number {
    const at = this.#at(index, 1);
    return at < 0 ? -1 : this.#storage.byte(at);
  }
  /** The halfword at byte offset `index`, both even; -1 when its fetch would fault. */
  half(index: number): number {
    const at = this.#at(index, 2);
    return at < 0 ? -1 : this.#storage.half(at);
  }

  #at(index: number, bytes: 1 | 2): number {
    const distance = this.#offset + index;
    const half = distance >>> HALF_PAGE.shift;
    if (half !== this.#half && !this.#turn(half)) return -1;
    const at = this.#base + distance;
    if (this.#watched) {
      const address = (this.#address + BigInt(index)) & this.#vcpu.amask;
      report(this.#vcpu, address, at, bytes, 'fetch', this.#path);
    }
    return at;
  }

  #turn(half: number): boolean {
    let base = this.#halves[half];
    if (base === undefined) {
      const address = (this.#address - BigInt(this.#offset) + BigInt(half * HALF_PAGE.bytes)) & this.#vcpu.amask;
      const at = find(this.#vcpu, address, 'fetch', this.#path);
      if (at < 0) return false;
      base = at - half * HALF_PAGE.bytes;
      this.#halves[half] = base;
    }
    this.#half = half;
    this.#base = base;
    return true;
  }
}
