import { pieces } from '../../../bits/pieces.ts';
import { err, type Result } from '../../../bits/result.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import type { Interpreter } from '../../../machine/arch.ts';
import { DirtyLog } from '../../../machine/dirty-log.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { CpuComplex } from '../cpu/complex.ts';
import type { S390xCore } from '../cpu/core.ts';
import { further, type Gpa, type HostAddress } from '../dat/address.ts';
import { Sie } from '../sie/sie.ts';
import { ecb2, ictl } from '../sie/state-description.ts';
import { Gmap, type GmapError } from './gmap.ts';
import { BoundInstructions } from './intercept/bound.ts';
import { FloatingInterrupts } from './interrupts.ts';
import { noUserSpace, type UserSpace } from './user-space.ts';
import { KvmVcpu } from './vcpu.ts';
import { Watchdog } from './watchdog.ts';

/** A range of guest storage with host storage behind it. */
export interface MemorySlot {
  readonly slot: number;
  /** Guest absolute address and bytes, multiples of 1 MiB. */
  readonly guest: Gpa;
  readonly bytes: number;
  readonly host: HostAddress;
}

/** Guest addresses end here. */
const MEMORY_LIMIT = 2 ** 44;

/** What a VM has besides its parts, as plain data. */
export interface KvmVmState {
  readonly slots: readonly MemorySlot[];
  readonly usesKeys: boolean;
}

/** A virtual machine: memory slots over a gmap, vCPUs with their state descriptions, and what all of them share. */
export class KvmVm implements Stateful<KvmVmState> {
  readonly core: S390xCore;
  readonly complex: CpuComplex;
  readonly sie: Sie;
  readonly gmap: Gmap;
  readonly dirtyLog: DirtyLog;
  readonly floating = new FloatingInterrupts();
  readonly watchdog = new Watchdog();
  readonly intercepted = new BoundInstructions();
  readonly vcpus: readonly KvmVcpu[];
  readonly #slots = new Map<number, MemorySlot>();
  userSpace: UserSpace = noUserSpace;
  /** True once a guest has used a storage-key instruction: until then keys are not kept. */
  usesKeys = false;

  /** What of the guest's code is translated; undefined when all of it is interpreted. */
  readonly translated: Interpreter['translated'];

  constructor(core: S390xCore, interpreter: Interpreter) {
    this.core = core;
    this.complex = core.complex;
    this.sie = new Sie(core, interpreter);
    this.translated = interpreter.translated;
    const bytes = this.complex.storage.size;
    this.gmap = new Gmap(MEMORY_LIMIT, bytes, () => this.complex.flushTlbs());
    this.complex.absolute = this.gmap;
    this.dirtyLog = new DirtyLog(bytes / PAGE_BYTES, () => this.complex.distrustStores());
    this.complex.dirty = this.dirtyLog;
    this.vcpus = this.complex.vcpus.map((v) => new KvmVcpu(this, v));
  }

  /**
   * Puts host storage at guest addresses. Address and size must be whole segments below the memory limit and the slot
   * number free (EINVAL), and no other slot may be there (EEXIST).
   */
  addSlot(slot: MemorySlot): Result<undefined, GmapError> {
    const { guest, bytes, host } = slot;
    if (guest + bytes > this.gmap.limit || this.#slots.has(slot.slot)) return err('EINVAL');
    const overlaps = this.slots().some((s) => guest < s.guest + s.bytes && s.guest < guest + bytes);
    if (overlaps) return err('EEXIST');
    const mapped = this.gmap.mapSegment(host, guest, bytes);
    if (mapped.ok) this.#slots.set(slot.slot, slot);
    return mapped;
  }
  /** Takes a slot away; its guest addresses are addressing exceptions from then on. */
  removeSlot(number: number): Result<undefined, GmapError> {
    const slot = this.#slots.get(number);
    if (slot === undefined) return err('EINVAL');
    this.#slots.delete(number);
    return this.gmap.unmapSegment(slot.guest, slot.bytes);
  }
  /** All slots in the order of their numbers. */
  slots(): MemorySlot[] {
    return [...this.#slots.values()].sort((a, b) => a.slot - b.slot);
  }

  /** The slots and modes; vCPUs, gmap and the rest save themselves. */
  save(): KvmVmState {
    return { slots: this.slots().map((slot) => ({ ...slot })), usesKeys: this.usesKeys };
  }
  /** @inheritdoc */
  restore({ slots, usesKeys }: KvmVmState): void {
    this.#slots.clear();
    for (const slot of slots) this.#slots.set(slot.slot, { ...slot });
    this.usesKeys = usesKeys;
  }

  /** The vCPU with a CPU address. */
  vcpuByAddress(address: number): KvmVcpu | undefined {
    return this.vcpus.find((v) => v.cpuAddress === address);
  }

  /**
   * From now on storage keys are kept: every frame starts with key zero, referenced and changed, and the intercepts that
   * waited for the first key instruction go.
   */
  enableKeys(): void {
    if (this.usesKeys) return;
    this.usesKeys = true;
    this.complex.keys.fill(6);
    for (const { block } of this.vcpus) {
      block.change('ictl', 0, ictl.iske | ictl.sske | ictl.rrbe);
      block.change('ecb2', ecb2.pfmfi);
    }
  }

  /** Storage by absolute address, for devices and the hypervisor: bytes, or undefined when some are not there. */
  readAbsolute(address: Gpa, length: number): Uint8Array | undefined {
    const out = new Uint8Array(length);
    if (length > 0 && (address % PAGE_BYTES) + length <= PAGE_BYTES) {
      const at = this.gmap.hostAddress(address);
      if (at < 0) return undefined;
      this.complex.storage.readInto(at, out);
      return out;
    }
    for (const p of pieces(address, length, PAGE_BYTES)) {
      const at = this.gmap.hostAddress(further(address, p.from));
      if (at < 0) return undefined;
      this.complex.storage.readInto(at, out.subarray(p.from, p.from + p.length));
    }
    return out;
  }
  /** Stores by absolute address; false, and nothing stored, when some bytes are not there. Counts as a change. */
  writeAbsolute(address: Gpa, data: Uint8Array): boolean {
    if (data.length > 0 && (address % PAGE_BYTES) + data.length <= PAGE_BYTES) {
      const at = this.gmap.hostAddress(address);
      if (at < 0) return false;
      this.complex.storage.write(at, data);
      this.complex.storedFromOutside(at, data.length);
      return true;
    }
    const found = pieces(address, data.length, PAGE_BYTES).map((p) => ({
      ...p,
      at: this.gmap.hostAddress(further(address, p.from)),
    }));
    if (found.some((p) => p.at < 0)) return false;
    for (const p of found) {
      this.complex.storage.write(p.at, data.subarray(p.from, p.from + p.length));
      this.complex.storedFromOutside(p.at, p.length);
    }
    return true;
  }
}
