/** The memory and the CPUs of the toy architecture: no address translation, no protection, no interruptions. */

import type { ByteOrder } from '../../../src/bits/byte-order.ts';
import type { EngineHooks, TranslatableArch } from '../../../src/machine/arch.ts';
import { DecodePages } from '../../../src/machine/decode-pages.ts';
import {
  BREAKPOINT_FILTER_BYTES,
  decodePageBytes,
  engineState,
  NO_TAG,
  PAGE_BYTES,
  tagBits,
  tlbEntry,
  VCPU_BYTES,
} from '../../../src/machine/layout.ts';
import { type GuestStorage, makeStorage } from '../../../src/machine/storage.ts';
import { entryOffset, Tlb } from '../../../src/machine/tlb.ts';
import type { StorageWatch } from '../../../src/machine/watch.ts';
import { ToyCode } from './code.ts';
import { INSTRUCTION_BYTES, rows } from './isa.ts';

const WASM_PAGE = 65536;
const DECODE_PAGES = 4;
const BANKS = 1;
/** The one address space, for the TLB. */
const SPACE = [0, 0, 0] as const;

/** Thrown through generated code; the CPU's `ended` says why. */
const unwind = new Error('left generated code');

/** A CPU: its state in the memory, and why it left generated code. */
export class ToyCpu {
  readonly id: number;
  readonly base: number;
  readonly tlb: Tlb;
  readonly #view: DataView;
  /** Why it left the instruction that it is at. */
  ended: string | undefined;

  constructor(id: number, base: number, memory: WebAssembly.Memory, tlb: Tlb) {
    this.id = id;
    this.base = base;
    this.tlb = tlb;
    this.#view = new DataView(memory.buffer, base, VCPU_BYTES);
    const bank = tlb.bank(...SPACE);
    this.#view.setUint32(engineState.tlbInsn.offset, bank, true);
    this.#view.setUint32(engineState.tlbData.offset, bank, true);
    this.set(engineState.amask, -1n);
    this.set(engineState.ifetchTag, NO_TAG);
  }

  get(slot: { readonly offset: number }): bigint {
    return this.#view.getBigUint64(slot.offset, true);
  }
  set(slot: { readonly offset: number }, value: bigint): void {
    this.#view.setBigUint64(slot.offset, BigInt.asUintN(64, value), true);
  }
  /** Instructions begun. */
  get executed(): bigint {
    return this.get(engineState.end) - BigInt(this.#view.getUint32(engineState.remaining.offset, true));
  }
  /** Lets the next run begin so many more instructions. */
  allow(count: bigint): void {
    const now = this.executed;
    this.set(engineState.end, now + count);
    this.#view.setUint32(engineState.remaining.offset, Number(count), true);
    this.#view.setUint32(engineState.sliceEnded.offset, 0, true);
    this.set(engineState.ifetchTag, NO_TAG);
  }
  /** Ends the run behind the instruction in execution. */
  endRun(): void {
    this.set(engineState.end, this.executed);
    this.#view.setUint32(engineState.remaining.offset, 0, true);
    this.#view.setUint32(engineState.sliceEnded.offset, 1, true);
  }
  /** Leaves generated code at the instruction in execution. */
  leave(why: string): never {
    this.ended = why;
    this.set(engineState.pc, this.get(engineState.ia));
    this.endRun();
    throw unwind;
  }
  /** Begins to count again at `executed`. */
  count(executed: bigint): void {
    this.set(engineState.end, executed);
    this.#view.setUint32(engineState.remaining.offset, 0, true);
  }
  forget(): void {
    this.tlb.flush();
    this.set(engineState.ifetchTag, NO_TAG);
  }
}

/** True for what `ToyCpu.leave` throws. */
export function isUnwind(error: unknown): boolean {
  return error === unwind;
}

/** How much of everything. */
export interface ToySize {
  readonly cpus: number;
  /** Bytes, whole pages. */
  readonly storage: number;
  readonly order: ByteOrder;
}

/** All that the engine needs of the toy architecture. */
export class ToyMachine implements TranslatableArch {
  readonly name = 'toy';
  readonly byteOrder: ByteOrder;
  readonly codeUnit = INSTRUCTION_BYTES;
  readonly spaces = { data: 0, instruction: 0 };
  readonly rows = rows;
  readonly hooks: EngineHooks;
  readonly translatable: ToyCode;
  readonly memory: WebAssembly.Memory;
  readonly storage: GuestStorage;
  readonly filterAddress: number;
  readonly filter: Uint8Array;
  readonly cpus: readonly ToyCpu[];
  watch: StorageWatch | undefined;
  /** Asked in front of instructions at addresses that the filter lets through. */
  breakpoint: (cpu: ToyCpu) => boolean = () => false;
  readonly #view: DataView;
  readonly #decodePages: DecodePages;
  readonly #code = new Set<number>();

  constructor({ cpus, storage, order }: ToySize) {
    let next = WASM_PAGE;
    const take = (bytes: number): number => {
      const at = next;
      next += Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
      return at;
    };
    const states = take(cpus * VCPU_BYTES);
    const tlbs = take(cpus * Tlb.bytes(BANKS));
    this.filterAddress = take(BREAKPOINT_FILTER_BYTES);
    const decode = take(DECODE_PAGES * decodePageBytes(INSTRUCTION_BYTES));
    const base = take(storage);
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(next / WASM_PAGE) });
    this.byteOrder = order;
    this.storage = makeStorage(this.memory, base, storage, order);
    this.filter = new Uint8Array(this.memory.buffer, this.filterAddress, BREAKPOINT_FILTER_BYTES);
    this.#view = new DataView(this.memory.buffer);
    const pool = { base: decode, count: DECODE_PAGES, unit: INSTRUCTION_BYTES } as const;
    this.#decodePages = new DecodePages(this.memory, pool, () => {
      this.#code.clear();
      for (const cpu of this.cpus) cpu.forget();
    });
    this.translatable = new ToyCode(this.memory, this.storage, this.#decodePages);
    this.cpus = Array.from({ length: cpus }, (_, id) => {
      const tlb = new Tlb(this.memory, tlbs + id * Tlb.bytes(BANKS), BANKS);
      return new ToyCpu(id, states + id * VCPU_BYTES, this.memory, tlb);
    });
    const cpuAt = (address: number): ToyCpu => this.#cpu((address - states) / VCPU_BYTES);
    this.hooks = {
      decode: (_, entry) => this.#decode(entry),
      crossing: () => {
        throw new Error('no instruction of the toy crosses a page');
      },
      ifetchMiss: (cpu) => this.#ifetch(cpuAt(cpu)),
      fetchSlow: (cpu, high, low, bytes) =>
        this.storage.accessAddress(this.#access(cpuAt(cpu), high, low, bytes, 'fetch')),
      storeSlow: (cpu, high, low, bytes) => this.#store(cpuAt(cpu), high, low, bytes),
      probeSlow: () => 0,
      trap: (cpu) => cpuAt(cpu).leave('halt'),
      breakpoint: (cpu) => (this.breakpoint(cpuAt(cpu)) ? 1 : 0),
    };
  }

  implementation(): never {
    throw new Error('the toy has no helpers');
  }

  /** Forgets translations, and what was made of storage when that was replaced. */
  forget(storageReplaced: boolean): void {
    if (storageReplaced) this.#decodePages.flush();
    for (const cpu of this.cpus) cpu.forget();
  }

  /** Bytes have been stored at an offset, by a CPU or from outside. */
  stored(at: number, length: number): boolean {
    let told = false;
    for (let from = at; from < at + length; ) {
      const to = Math.min(at + length, (Math.floor(from / PAGE_BYTES) + 1) * PAGE_BYTES);
      if (this.#code.has(Math.floor(from / PAGE_BYTES))) this.#decodePages.invalidate(from, to - from);
      told = (this.watch?.stored(from, to - from) ?? false) || told;
      from = to;
    }
    return told;
  }

  #cpu(id: number): ToyCpu {
    const cpu = this.cpus[id];
    if (cpu === undefined) throw new Error(`no CPU ${id}`);
    return cpu;
  }

  #decode(entry: number): number {
    const at = this.#decodePages.storageOffset(entry);
    if (at === undefined) throw new Error('the entry is in no decode page');
    this.translatable.fillEntry(entry, at);
    return 1;
  }

  #ifetch(cpu: ToyCpu): void {
    const pc = cpu.get(engineState.pc);
    cpu.set(engineState.ia, pc);
    if (pc % BigInt(INSTRUCTION_BYTES) !== 0n) cpu.leave('odd address');
    const at = this.#require(cpu, pc, INSTRUCTION_BYTES);
    const frame = Math.floor(at / PAGE_BYTES);
    const page = this.#decodePages.pageFor(frame);
    this.#code.add(frame);
    // Stores into the page take the slow path from here.
    for (const each of this.cpus) each.tlb.flush();
    const entry = Number(cpu.get(engineState.tlbInsn) & 0xffff_ffffn) + entryOffset(at);
    cpu.tlb.filling(entry);
    this.#view.setBigUint64(entry + tlbEntry.ifetchTag, BigInt(frame * PAGE_BYTES + tagBits.ifetch), true);
    this.#view.setUint32(entry + tlbEntry.decodePage, page, true);
    cpu.set(engineState.ifetchTag, BigInt(frame * PAGE_BYTES));
    this.#view.setUint32(cpu.base + engineState.ifetchBase.offset, page, true);
  }

  #require(cpu: ToyCpu, address: bigint, bytes: number): number {
    if (address + BigInt(bytes) > BigInt(this.storage.size)) cpu.leave(`no storage at 0x${address.toString(16)}`);
    return Number(address);
  }

  // The offset of an operand. Its page gets its place in the TLB unless somebody wants to hear of accesses.
  #access(cpu: ToyCpu, high: number, low: number, bytes: number, kind: 'fetch' | 'store'): number {
    const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    const at = this.#require(cpu, address, bytes);
    const frame = Math.floor(at / PAGE_BYTES);
    const quiet = this.watch?.watches(frame * PAGE_BYTES, PAGE_BYTES, kind) !== true;
    if (quiet && (kind === 'fetch' || !this.#code.has(frame))) {
      const entry = Number(cpu.get(engineState.tlbData) & 0xffff_ffffn) + entryOffset(at);
      const tag = BigInt(frame * PAGE_BYTES + tagBits.access);
      cpu.tlb.filling(entry);
      this.#view.setBigUint64(entry + (kind === 'fetch' ? tlbEntry.fetchTag : tlbEntry.storeTag), tag, true);
      this.#view.setUint32(entry + tlbEntry.addend, this.storage.addend(at, at), true);
    }
    if (kind === 'fetch' && this.watch?.fetched(at, bytes) === true) cpu.endRun();
    return at;
  }

  #store(cpu: ToyCpu, high: number, low: number, bytes: number): void {
    const at = this.#access(cpu, high, low, bytes, 'store');
    this.storage.setDoubleword(at, cpu.get(engineState.scratch));
    if (this.stored(at, bytes)) cpu.endRun();
  }
}
