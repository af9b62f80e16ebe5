import { err, ok, type Result } from '../../../bits/result.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { BlockStates } from '../cpu/complex.ts';
import { KEY } from '../cpu/storage-keys.ts';
import { type Gpa, gpa } from '../dat/address.ts';
import { SEGMENT_BYTES } from '../dat/translate.ts';
import { ecb2, type SieBlock } from '../sie/state-description.ts';
import { CmmaDirty } from './cmma-dirty.ts';
import type { Errno } from './errno.ts';
import { essa, MOVED, ordered, told, USAGE, usage } from './usage-state.ts';
import type { KvmVm } from './vm.ts';

/** Entries of a vCPU's release list that the machine fills; there is one more, for the hypervisor's own. */
const LIST_ENTRIES = 511;
const ENTRY_BYTES = 8n;
const OFFSET_IN_PAGE = 0xfffn;
/** Values that one call moves at most. */
const MOST_VALUES = 1 << 20;

/** What `getBits` gives. */
export interface CmmaBits {
  /** Frame number of the first value. */
  readonly startGfn: number;
  /** A byte a frame. */
  readonly values: Uint8Array;
  /** Frames whose state has changed and was not got yet; 0 outside migration mode. */
  readonly remaining: number;
}

/** Collaborative memory management as plain data. */
export interface CmmaState {
  readonly enabled: boolean;
  readonly used: boolean;
  readonly states: Uint8Array;
  readonly migrating: boolean;
  readonly dirty: Uint8Array | undefined;
  readonly lists: readonly (readonly number[])[];
}

/**
 * Collaborative memory management: what the guest says that it needs of its blocks (EXTRACT AND SET STORAGE ATTRIBUTES), and
 * which of them the host may forget. Off unless the VM attribute enables it, and then the machine does the instruction from
 * the guest's first one on; in migration mode the hypervisor does it and notes which states have changed.
 *
 * A block is resident while a fault has linked its segment in the gmap.
 */
export class Cmma implements BlockStates, Stateful<CmmaState> {
  readonly #vm: KvmVm;
  /** A byte a frame: bits of `USAGE`. */
  #states: Uint8Array = new Uint8Array(0);
  readonly #lists: number[][] = [];
  #enabled = false;
  #migrating = false;
  #dirty: CmmaDirty | undefined;
  /** The guest has used the instruction. */
  used = false;

  constructor(vm: KvmVm) {
    this.#vm = vm;
  }

  get enabled(): boolean {
    return this.#enabled;
  }
  /** States that change are noted. */
  get migrating(): boolean {
    return this.#migrating;
  }
  /** Blocks whose state has changed and was not got yet. */
  get dirtyBlocks(): number {
    return this.#dirty?.count ?? 0;
  }
  /** Blocks that wait to be released. */
  get listed(): number {
    return this.#lists.reduce((n, list) => n + list.length, 0);
  }

  /** Turns it on. There must be no vCPU yet. */
  enable(): void {
    this.#enabled = true;
    this.#states = new Uint8Array(this.#vm.complex.storage.size / PAGE_BYTES);
    this.#vm.complex.blockStates = this;
    // Frames are cleared by the hypervisor then, which knows of their states.
    this.#vm.usesPfmfi = false;
  }
  /** All blocks are stable again. */
  clear(): void {
    for (const [frame, state] of this.#states.entries()) this.#states[frame] = state & ~MOVED;
  }

  /** State of a block; undefined when there is no such block. */
  stateOf(block: Gpa): number | undefined {
    const host = this.#vm.gmap.peek(block);
    if (host < 0 || !this.#enabled) return undefined;
    const frame = host / PAGE_BYTES;
    const state = this.#states[frame] ?? 0;
    // Zeros last until the guest gets the storage again.
    return this.#vm.gmap.isPopulated(block) ? state & ~USAGE.zero : state;
  }

  /** @inheritdoc */
  extractAndSet(cpu: number, block: Gpa, order: number): number | 'absent' | 'full' {
    const list = this.#listOf(cpu);
    return order !== essa.getState && list.length >= LIST_ENTRIES ? 'full' : this.#perform(cpu, block, order);
  }

  /** The instruction as the hypervisor has it: retried by the machine, or carried out while states are noted. */
  intercepted(cpu: number, block: Gpa, order: number): number | 'absent' | 'retry' {
    const { gmap } = this.#vm;
    let result: number | 'absent' | 'retry' = 'retry';
    if (this.#migrating) {
      result = this.#perform(cpu, block, order);
      if (result !== 'absent' && order !== essa.getState) this.#dirty?.mark(gmap.peek(block) / PAGE_BYTES);
    } else {
      this.used = true;
      this.#blockOf(cpu)?.change('ecb2', ecb2.cmma);
    }
    this.#release(cpu);
    return result;
  }

  #perform(cpu: number, block: Gpa, order: number): number | 'absent' {
    const { gmap, complex } = this.#vm;
    const state = this.stateOf(block);
    if (state === undefined) return 'absent';
    const frame = gmap.peek(block) / PAGE_BYTES;
    const changed = ((complex.keys[frame] ?? 0) & KEY.change) !== 0;
    const before = { state, resident: gmap.isPopulated(block), changed };
    const after = ordered(before, order);
    this.#states[frame] = after.state;
    if (after.release) {
      this.#listOf(cpu).push(block);
      this.#setListOffset(cpu);
    }
    return told(before);
  }

  // What was released, and still is, has zeros from here on.
  #release(cpu: number): void {
    const { gmap, complex } = this.#vm;
    const list = this.#listOf(cpu);
    for (const block of list) {
      const state = this.stateOf(gpa(block)) ?? usage.stable;
      const free = (state & USAGE.mask) === usage.unused || (state & USAGE.zero) !== 0;
      if (free && !gmap.isPopulated(gpa(block))) complex.discarded(gmap.peek(gpa(block)) / PAGE_BYTES);
    }
    list.length = 0;
    this.#setListOffset(cpu);
  }

  #blockOf(cpu: number): SieBlock | undefined {
    return this.#vm.vcpus.find((v) => v.id === cpu)?.block;
  }
  #listOf(cpu: number): number[] {
    let list = this.#lists[cpu];
    if (list === undefined) {
      list = [];
      this.#lists[cpu] = list;
    }
    return list;
  }
  // The list's page is the hypervisor's own, and where it lies nobody sees.
  #setListOffset(cpu: number): void {
    const block = this.#blockOf(cpu);
    const offset = BigInt(this.#listOf(cpu).length) * ENTRY_BYTES;
    block?.setBig('cbrlo', (block.big('cbrlo') & ~OFFSET_IN_PAGE) | (offset & OFFSET_IN_PAGE));
  }

  /** The host has taken back the storage of a segment, its contents preserved. */
  reclaimed(frame: number): void {
    for (let f = frame; f < frame + SEGMENT_BYTES / PAGE_BYTES && f < this.#states.length; f++) {
      this.#states[f] = (this.#states[f] ?? 0) & ~USAGE.zero;
    }
  }

  /** Migration mode begins: all states count as changed. EINVAL without slots, or when one does not log stores. */
  startMigration(): Errno | undefined {
    const slots = this.#vm.slots();
    if (this.#migrating) return undefined;
    if (slots.length === 0) return 'EINVAL';
    if (this.#enabled) {
      if (slots.some((slot) => !this.#vm.logs.isOn(slot.slot))) return 'EINVAL';
      this.#dirty = new CmmaDirty(this.#states.length);
      for (const slot of slots) this.#dirty.markAll(slot.host / PAGE_BYTES, slot.bytes / PAGE_BYTES);
      for (const { block } of this.#vm.vcpus) block.change('ecb2', 0, ecb2.cmma);
    }
    this.#migrating = true;
    return undefined;
  }
  stopMigration(): void {
    if (!this.#migrating) return;
    this.#migrating = false;
    this.#dirty = undefined;
    if (this.used) for (const { block } of this.#vm.vcpus) block.change('ecb2', ecb2.cmma);
  }

  /**
   * States of a run of blocks from the first changed one at `startGfn` or behind it, which count as unchanged then; with `peek`
   * those at `startGfn`, whatever they are. A run ends at a gap of more than 16 unchanged blocks. Without anything to get
   * all of it is zero. ENXIO when there are no states, EINVAL outside migration mode, EFAULT where there is no storage.
   */
  getBits({ startGfn, count, peek }: { startGfn: number; count: number; peek: boolean }): Result<CmmaBits, Errno> {
    if (!this.#enabled) return err('ENXIO');
    if (!peek && !this.#migrating) return err('EINVAL');
    const most = Math.min(count, MOST_VALUES);
    if (most === 0 || !this.used || (!peek && this.dirtyBlocks === 0)) {
      return ok({ startGfn: 0, values: new Uint8Array(0), remaining: 0 });
    }
    const found = peek ? this.#peek(startGfn, most) : this.#dirty?.take(this.#vm.slots(), startGfn, most);
    if (found === undefined) return err('EFAULT');
    const values = Uint8Array.from(found.gfns, (gfn) => (this.stateOf(gpa(gfn * PAGE_BYTES)) ?? 0) & MOVED);
    return ok({ startGfn: found.start, values, remaining: this.dirtyBlocks });
  }
  #peek(start: number, most: number): { readonly start: number; readonly gfns: readonly number[] } | undefined {
    const gfns: number[] = [];
    while (gfns.length < most && this.#vm.gmap.peek(gpa((start + gfns.length) * PAGE_BYTES)) >= 0) {
      gfns.push(start + gfns.length);
    }
    return gfns.length === 0 ? undefined : { start, gfns };
  }

  /** Sets states, as far as `mask` has bits. ENXIO when there are none, EINVAL for too many, EFAULT where there is no storage. */
  setBits({ startGfn, values, mask }: { startGfn: number; values: Uint8Array; mask: number }): Errno | undefined {
    if (!this.#enabled) return 'ENXIO';
    if (values.length > MOST_VALUES) return 'EINVAL';
    if (values.length === 0) return undefined;
    const { gmap } = this.#vm;
    const hosts = Array.from(values, (_, i) => gmap.peek(gpa((startGfn + i) * PAGE_BYTES)));
    if (hosts.some((host) => host < 0)) return 'EFAULT';
    for (const [i, host] of hosts.entries()) {
      const frame = host / PAGE_BYTES;
      const moved = mask & MOVED;
      this.#states[frame] = ((this.#states[frame] ?? 0) & ~moved) | ((values[i] ?? 0) & moved);
    }
    this.used = true;
    return undefined;
  }

  /** @inheritdoc */
  save(): CmmaState {
    return {
      enabled: this.#enabled,
      used: this.used,
      states: this.#states.slice(),
      migrating: this.#migrating,
      dirty: this.#dirty?.save(),
      lists: this.#lists.map((list) => [...list]),
    };
  }
  /** @inheritdoc */
  restore({ enabled, used, states, migrating, dirty, lists }: CmmaState): void {
    this.#enabled = enabled;
    this.used = used;
    this.#states = states.slice();
    this.#vm.complex.blockStates = enabled ? this : undefined;
    this.#migrating = migrating;
    this.#dirty = dirty === undefined ? undefined : new CmmaDirty(dirty.length);
    if (dirty !== undefined) this.#dirty?.restore(dirty);
    this.#lists.length = 0;
    this.#lists.push(...lists.map((list) => [...list]));
  }
}
