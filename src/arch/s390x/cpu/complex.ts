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
import { frameFlags, frameOf, MirroredStorage } from '../../../machine/storage.ts';
import { Tlb } from '../../../machine/tlb.ts';
import { type Gpa, type HostAddress, hostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import type { EventSink } from './events.ts';
import type { AccessPlace } from './explain.ts';
import { HostSpace } from './host-space.ts';
import { Vcpu } from './vcpu.ts';

/** The way from guest absolute addresses to storage: a hypervisor's gmap. */
export interface AbsoluteStorage {
  /**
   * Offset into the storage of the byte at an absolute address, populating what is not there yet; -1 when nothing can be, or
   * nothing that may be stored into.
   */
  hostAddress(absolute: Gpa, store?: boolean): HostAddress;
}

/** Who keeps the usage states of 4K-byte blocks (collaborative memory management). */
export interface BlockStates {
  /**
   * EXTRACT AND SET STORAGE ATTRIBUTES of a block by a CPU: what it gives the program; `absent` when there is no such block,
   * `full` when the hypervisor has to look at what was released first.
   */
  extractAndSet(cpu: number, block: Gpa, order: number): number | 'absent' | 'full';
}

/** Who keeps storage as it was before a transaction's stores. */
export interface StoreKeeper {
  /** The vCPU is about to store into the frame, maybe for the first time since it had to say so. */
  before(vcpu: Vcpu, frame: number): void;
  /** What has just been stored at a storage offset, within one frame, is nobody's transaction's. */
  keep(at: number, length: number): void;
}

/** How much of everything. */
export interface ComplexSize {
  readonly vcpus: number;
  /** Bytes of storage, a multiple of 1 MiB. */
  readonly storage: number;
  /** Pages of the decode cache; the default suits a Linux kernel. */
  readonly decodePages?: number;
}

const WASM_PAGE = 65536;
/** Instructions are one to three halfwords. */
export const CODE_UNIT = 2;
const align = (n: number, to: number): number => Math.ceil(n / to) * to;

/**
 * What the CPUs of one configuration share: the memory with its parts laid out, storage, storage keys, frame flags and the
 * decode cache.
 */
export class CpuComplex implements AccessPlace {
  readonly memory: WebAssembly.Memory;
  readonly storage: MirroredStorage;
  readonly view: DataView;
  /** Storage key of each frame: access-control bits 0-3, fetch protection, reference, change. */
  readonly keys: Uint8Array;
  /** What they share of the frames of storage, watchpoints and decode cache included. */
  readonly frames: Frames;
  /** Address of the breakpoint filter, and its bytes. */
  readonly filterAddress: number;
  readonly filter: Uint8Array;
  readonly vcpus: readonly Vcpu[];
  /** What the guests of the vCPUs execute on when those interpret one: one for each. */
  readonly inners: readonly Vcpu[];
  readonly #all: readonly Vcpu[];
  /** Address of the first vCPU's state. */
  readonly #states: number;
  /** The gmap in force. */
  absolute: AbsoluteStorage;
  /** Who hears of events, while anybody wants to. */
  events: EventSink | undefined;
  /** Who keeps pages as they were, to go back to. */
  pageKeeper: PageKeeper | undefined;
  /** Usage states of blocks, while the hypervisor keeps any. */
  blockStates: BlockStates | undefined;
  /** While there are transactions. */
  keeper: StoreKeeper | undefined;
  /** A guest may be a hypervisor itself: START INTERPRETIVE EXECUTION is its own to execute. */
  interprets = true;
  /** Facilities that change how the machine works. */
  readonly dat = { edat1: true, edat2: true, iep: false };
  high = 0;
  low = 0;

  constructor(size: ComplexSize) {
    const banks = size.vcpus > 8 ? 7 : 15;
    const decodePages = size.decodePages ?? 3072;
    let next = WASM_PAGE;
    const take = (bytes: number, to = PAGE_BYTES): number => {
      const at = align(next, to);
      next = at + bytes;
      return at;
    };
    // First, so that it lies in the same place in every machine: generated code has its address.
    this.filterAddress = take(BREAKPOINT_FILTER_BYTES);
    const states = take(size.vcpus * VCPU_BYTES);
    this.#states = states;
    const innerStates = take(size.vcpus * VCPU_BYTES);
    const tlbs = take(size.vcpus * Tlb.bytes(banks));
    const innerBanks = size.vcpus > 8 ? 3 : 7;
    const innerTlbs = take(size.vcpus * Tlb.bytes(innerBanks));
    const frameCount = size.storage / PAGE_BYTES;
    const keys = take(frameCount);
    const frames = take(frameCount);
    const decode = take(decodePages * decodePageBytes(CODE_UNIT));
    const top = align(take(size.storage) + size.storage, WASM_PAGE);
    this.memory = new WebAssembly.Memory({ initial: top / WASM_PAGE, maximum: top / WASM_PAGE });
    this.storage = new MirroredStorage(this.memory, top, size.storage);
    this.view = new DataView(this.memory.buffer);
    this.keys = new Uint8Array(this.memory.buffer, keys, frameCount);
    this.filter = new Uint8Array(this.memory.buffer, this.filterAddress, BREAKPOINT_FILTER_BYTES);
    const { memory, storage } = this;
    const pool = { base: decode, count: decodePages, unit: CODE_UNIT } as const;
    this.frames = new Frames({ memory, storage, flags: frames, decode: pool, users: () => this.#all });
    const tlbAt = (from: number, i: number, count: number): Tlb => new Tlb(memory, from + i * Tlb.bytes(count), count);
    this.inners = Array.from(
      { length: size.vcpus },
      (_, i) => new Vcpu(i, innerStates + i * VCPU_BYTES, memory, tlbAt(innerTlbs, i, innerBanks), this),
    );
    this.vcpus = this.inners.map((inner, i) => {
      const vcpu = new Vcpu(i, states + i * VCPU_BYTES, memory, tlbAt(tlbs, i, banks), this);
      vcpu.interprets(inner, new HostSpace(this, vcpu));
      return vcpu;
    });
    this.#all = [...this.vcpus, ...this.inners];
    this.absolute = { hostAddress: (a) => (a < size.storage ? hostAddress(a) : NO_HOST_ADDRESS) };
  }

  /** The vCPU whose state is at an address. */
  vcpuAt(base: number): Vcpu {
    const vcpu = this.#all[(base - this.#states) / VCPU_BYTES];
    if (vcpu === undefined) throw new Error(`no vCPU has its state at ${base}`);
    return vcpu;
  }

  /** @inheritdoc */
  fetchEntry(address: Gpa): boolean {
    const at = this.absolute.hostAddress(address);
    if (at < 0) return false;
    this.high = this.storage.word(at);
    this.low = this.storage.word(at + 4);
    return true;
  }

  /** @inheritdoc */
  hostAddress(absolute: Gpa, store = false): HostAddress {
    return this.absolute.hostAddress(absolute, store);
  }
  /** @inheritdoc */
  keyOf(host: HostAddress): number {
    return this.keys[frameOf(host)] ?? 0;
  }

  /** Forgets all translations of all vCPUs. */
  flushTlbs(): void {
    for (const v of this.vcpus) v.flushTlb();
    this.frames.flushTlbs();
  }

  /** A field of a frame is stored of which more is: `stored` is called behind the last one. */
  storedField(at: number, length: number): void {
    const { watch, flags } = this.frames;
    if (watch !== undefined || ((flags[frameOf(at)] ?? 0) & frameFlags.code) !== 0) this.stored(at, length);
  }
  /** A store of `length` bytes that were located, within one frame, is about to happen or has just happened. */
  stored(at: number, length: number): void {
    const frame = frameOf(at);
    if (this.pageKeeper?.lacks(frame) === true)
      throw new Error(`frame ${frame} was changed before anybody could keep it`);
    this.keys[frame] = (this.keys[frame] ?? 0) | 6;
    this.frames.stored(at, length);
  }

  /** The host gives a frame zeros in place of its contents. Its storage key stays. */
  discarded(frame: number): void {
    const key = this.keys[frame] ?? 0;
    this.frames.storing(frame * PAGE_BYTES);
    this.storage.fill(frame * PAGE_BYTES, PAGE_BYTES, 0);
    this.storedFromOutside(frame * PAGE_BYTES, PAGE_BYTES);
    this.keys[frame] = key;
  }
  /** The same for a store that has happened, and that no CPU has executed. */
  storedFromOutside(at: number, length: number): void {
    this.stored(at, length);
    this.keeper?.keep(at, length);
  }

  /** What a run ends with in front of the next instruction because of what was watched. */
  met(): StopExit | undefined {
    // Both forget what they have told.
    const event = this.events?.met();
    return this.frames.watch?.met() ?? event;
  }

  /**
   * Forgets what was found out about the state and may be old, translations above all. Who takes a snapshot and who is
   * restored from it then begin alike.
   */
  forget(): void {
    this.flushTlbs();
    for (const v of this.#all) {
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
    for (const frame of frames) {
      if (((this.frames.flags[frame] ?? 0) & frameFlags.code) !== 0)
        this.frames.decodePages.invalidate(frame * PAGE_BYTES, PAGE_BYTES);
    }
  }

  /** Writes what the run loop needs first into an entry. */
  setEntry(entry: number, handler: number, ilc: number): void {
    this.view.setUint16(entry + decodeEntry.handler, handler, true);
    this.view.setUint8(entry + decodeEntry.ilc, ilc);
  }
}

/** Handler index of a row by its place in the table. */
export function handlerOfRow(index: number): number {
  return handlers.firstRow + index;
}
