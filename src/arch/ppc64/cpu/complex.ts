import type { ByteOrder } from '../../../bits/byte-order.ts';
import { ASIDE_PAGES } from '../../../machine/decode-pages.ts';
import type { EventWatch } from '../../../machine/events.ts';
import type { StopExit } from '../../../machine/exit.ts';
import { Frames } from '../../../machine/frames.ts';
import type { PageKeeper } from '../../../machine/kept-pages.ts';
import {
  BREAKPOINT_FILTER_BYTES,
  decodeEntry,
  decodePageBytes,
  handlers,
  PAGE_BYTES,
  VCPU_BYTES,
} from '../../../machine/layout.ts';
import { frameFlags, type GuestStorage, MirroredStorage, makeStorage } from '../../../machine/storage.ts';
import { type PageTest, Tlb } from '../../../machine/tlb.ts';
import { CodeOrder } from './code-order.ts';
import type { EventSink } from './events.ts';
import { Vcpu } from './vcpu.ts';

/** How much of everything. */
export interface ComplexSize {
  readonly vcpus: number;
  /** Bytes of storage, whole pages. */
  readonly storage: number;
  /** log2 of the bytes of the hashed page table, 18 to 28; 24 when not given. */
  readonly hptOrder?: number;
  readonly decodePages?: number;
  /** Byte order of most accesses: numbers of storage come out in it. Big endian when not given. */
  readonly order?: ByteOrder;
}

const WASM_PAGE = 65536;
const BANKS = 7;
/** Instructions are words. */
export const CODE_UNIT = 4;
const align = (n: number, to: number): number => Math.ceil(n / to) * to;

/** What the CPUs of one guest share: the memory with its parts laid out, storage, hashed page table, decode cache. */
export class CpuComplex {
  readonly memory: WebAssembly.Memory;
  readonly storage: GuestStorage;
  /** The hypervisor's storage with the hashed page table in it. */
  readonly hptStorage: MirroredStorage;
  readonly hptOrder: number;
  readonly view: DataView;
  /** The memory as words. */
  readonly words: Uint32Array;
  readonly frames: Frames;
  readonly codeOrder: CodeOrder;
  readonly filterAddress: number;
  readonly filter: Uint8Array;
  readonly vcpus: readonly Vcpu[];
  /** Who keeps pages as they were, to go back to. */
  pageKeeper: PageKeeper | undefined;
  #events: EventWatch | undefined;
  #stopsForEvent = false;

  constructor(size: ComplexSize) {
    const decodePages = size.decodePages ?? 4096;
    this.hptOrder = size.hptOrder ?? 24;
    let next = WASM_PAGE;
    const take = (bytes: number, to = PAGE_BYTES): number => {
      const at = align(next, to);
      next = at + bytes;
      return at;
    };
    // First, so that it lies in the same place in every machine: generated code has its address.
    this.filterAddress = take(BREAKPOINT_FILTER_BYTES);
    const states = take(size.vcpus * VCPU_BYTES);
    const tlbs = take(size.vcpus * Tlb.bytes(BANKS));
    const flags = take(size.storage / PAGE_BYTES);
    const decode = take((decodePages + ASIDE_PAGES) * decodePageBytes(CODE_UNIT));
    const hpt = take(2 ** this.hptOrder);
    const base = take(size.storage);
    const top = align(base + size.storage, WASM_PAGE);
    const memory = new WebAssembly.Memory({ initial: top / WASM_PAGE, maximum: top / WASM_PAGE });
    this.memory = memory;
    this.storage = makeStorage(memory, base, size.storage, size.order ?? 'big');
    this.hptStorage = new MirroredStorage(memory, hpt + 2 ** this.hptOrder, 2 ** this.hptOrder);
    this.view = new DataView(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
    this.filter = new Uint8Array(memory.buffer, this.filterAddress, BREAKPOINT_FILTER_BYTES);
    this.frames = new Frames({
      ...{ memory, storage: this.storage, flags },
      decode: { base: decode, count: decodePages, unit: CODE_UNIT },
      users: () => this.vcpus,
    });
    this.codeOrder = new CodeOrder(this.frames, this.storage.order);
    this.vcpus = Array.from({ length: size.vcpus }, (_, i) => {
      const tlb = new Tlb(memory, tlbs + i * Tlb.bytes(BANKS), BANKS);
      return new Vcpu({ id: i, base: states + i * VCPU_BYTES, memory, tlb, codeOrder: this.codeOrder });
    });
  }

  /** The vCPU whose state is at an address. */
  vcpuAt(base: number): Vcpu {
    const first = this.vcpus[0]?.base ?? 0;
    const vcpu = this.vcpus[(base - first) / VCPU_BYTES];
    if (vcpu === undefined) throw new Error(`no vCPU has its state at ${base}`);
    return vcpu;
  }

  /** Tells somebody of events from now on. */
  watchEvents(watch: EventWatch | undefined): void {
    this.#events = watch;
    const sink: EventSink | undefined = watch && {
      happened: (vcpu, kind, number, text) => {
        if (!watch.happened({ kind, number: BigInt(number), text })) return;
        this.#stopsForEvent = true;
        vcpu.endSlice();
      },
    };
    for (const v of this.vcpus) v.events = sink;
  }
  /** A run in hand must ask `met` in front of the next instruction: storage is watched, or an event has happened. */
  get asksMet(): boolean {
    return this.#stopsForEvent || this.frames.watch !== undefined;
  }
  /** What a run ends with in front of the next instruction because of what was watched. */
  met(): StopExit | undefined {
    this.#stopsForEvent = false;
    // Both forget what they have told.
    const event = this.#events?.met();
    return this.frames.watch?.met() ?? event;
  }

  /** Forgets every translation of every vCPU. Frames still count as mapped, which costs a look at most. */
  flushTlbs(): void {
    for (const v of this.vcpus) v.flushTlb();
  }
  /**
   * Forgets `count` pages, the first with the low word `low` of its address as far as `mask` says, if they are meant: what an entry of
   * the page table mapped.
   */
  flushPages(low: number, mask: number, count: number, meant: (vcpu: Vcpu) => PageTest): void {
    for (const v of this.vcpus) {
      const test = meant(v);
      for (let page = 0; page < count; page++) v.tlb.flushPagesAt((low + page * PAGE_BYTES) >>> 0, mask, test);
      v.forgetDecodePage();
    }
  }

  /** Forgets what was found out about the state and may be old, translations above all. */
  forget(): void {
    this.frames.flushTlbs();
    for (const v of this.vcpus) {
      v.tlb.forget();
      v.selectSpaces();
    }
  }
  /** Storage is another one: no decoded instruction is right any more. */
  storageReplaced(): void {
    this.frames.decodePages.flush();
    this.forget();
  }

  /** These frames have other bytes than before. */
  framesReplaced(frames: Iterable<number>): void {
    const { decodePages, flags } = this.frames;
    for (const frame of frames) {
      if (((flags[frame] ?? 0) & frameFlags.code) !== 0) decodePages.invalidate(frame * PAGE_BYTES, PAGE_BYTES);
    }
  }

  /** The handler of an entry. */
  handlerOf(entry: number): number {
    return this.view.getUint16(entry + decodeEntry.handler, true);
  }
  /** Writes what the run loop needs first into an entry. */
  setEntry(entry: number, handler: number, length: number): void {
    this.view.setUint16(entry + decodeEntry.handler, handler, true);
    this.view.setUint8(entry + decodeEntry.ilc, length);
  }
}

/** Handler index of a row by its place in the engine's rows. */
export function handlerOfRow(index: number): number {
  return handlers.firstRow + index;
}
