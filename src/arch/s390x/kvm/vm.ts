import { pieces } from '../../../bits/pieces.ts';
import { err, ok, type Result } from '../../../bits/result.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import type { Interpreter } from '../../../machine/arch.ts';
import { DirtyLog } from '../../../machine/dirty-log.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { AbsoluteStorage, CpuComplex } from '../cpu/complex.ts';
import type { S390xCore } from '../cpu/core.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { further, type Gpa, type HostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import { SEGMENT_BYTES } from '../dat/translate.ts';
import { Sie } from '../sie/sie.ts';
import { ecb2, ecb3, ictl } from '../sie/state-description.ts';
import { Cmma } from './cmma.ts';
import { VmCpuModel } from './cpu-model.ts';
import type { Errno } from './errno.ts';
import { Gmap, type GmapError } from './gmap.ts';
import { BoundInstructions } from './intercept/bound.ts';
import { FloatingInterrupts } from './interrupts.ts';
import { SlotLogs } from './slot-logs.ts';
import type { MemorySlot } from './slots.ts';
import { TraceRing } from './trace.ts';
import { noUserSpace, type UserSpace } from './user-space.ts';
import { KvmVcpu } from './vcpu.ts';
import { Watchdog } from './watchdog.ts';

/** Guest addresses end here unless the limit is set. */
const MEMORY_LIMIT = 2 ** 44;

/** What the machine goes by without a gmap. */
const noStorage: AbsoluteStorage = { hostAddress: () => NO_HOST_ADDRESS };

/** When vCPUs are made: at once, or by `createVcpu`. */
export type VcpuCreation = 'all' | 'later';

/** What a VM has besides its parts, as plain data. */
export interface KvmVmState {
  readonly slots: readonly MemorySlot[];
  readonly usesKeys: boolean;
  readonly usesPfmfi: boolean;
  readonly topologyChanged: boolean;
  readonly vertical: boolean;
}

/** A virtual machine: memory slots over a gmap, vCPUs with their state descriptions, and what all of them share. */
export class KvmVm implements Stateful<KvmVmState> {
  readonly core: S390xCore;
  readonly complex: CpuComplex;
  readonly sie: Sie;
  /** Another one once the memory limit was set. */
  gmap: Gmap;
  readonly dirtyLog: DirtyLog;
  readonly model: VmCpuModel;
  readonly logs: SlotLogs;
  readonly cmma: Cmma;
  readonly floating = new FloatingInterrupts();
  readonly watchdog = new Watchdog();
  readonly trace = new TraceRing();
  readonly intercepted = new BoundInstructions();
  readonly #vcpus: KvmVcpu[] = [];
  readonly #slots = new Map<number, MemorySlot>();
  /** The level of guests that a debugger looks at and stops in: the vCPUs themselves, guests of theirs; whichever runs. */
  debugLevel: 1 | 2 | 'any' = 'any';
  userSpace: UserSpace = noUserSpace;
  /** True once a guest has used a storage-key instruction: until then keys are not kept. */
  usesKeys = false;
  /** How often key keeping was turned on, which is once at most until a restore. */
  keysEnabled = 0;
  /** PERFORM FRAME MANAGEMENT FUNCTION is left to the machine once keys are kept. */
  usesPfmfi = true;
  /** The guest has not been told yet that its topology has changed. */
  topologyChanged = false;
  /** CPUs are polarized vertically: the guest has asked for it. */
  vertical = false;
  /** Bits of `ecb3` that vCPUs begin with. */
  #ecb3: number = ecb3.aes | ecb3.dea;
  /** Guest addresses end here at most. */
  readonly hostLimit = MEMORY_LIMIT;

  /** What of the guest's code is translated; undefined when all of it is interpreted. */
  readonly translated: Interpreter['translated'];

  constructor(core: S390xCore, interpreter: Interpreter, vcpus: VcpuCreation = 'all') {
    this.core = core;
    this.complex = core.complex;
    this.sie = new Sie(core, interpreter);
    // Until a user space says otherwise.
    core.carriesOut = () => false;
    this.translated = interpreter.translated;
    const bytes = this.complex.storage.size;
    this.model = new VmCpuModel(core);
    this.gmap = this.#makeGmap(MEMORY_LIMIT);
    this.dirtyLog = new DirtyLog(bytes / PAGE_BYTES, () => this.complex.frames.distrustStores());
    this.complex.frames.dirty = this.dirtyLog;
    this.logs = new SlotLogs(
      this.dirtyLog,
      (slot) => this.#slots.get(slot),
      () => this.cmma.stopMigration(),
    );
    this.complex.blockStates = undefined;
    this.cmma = new Cmma(this);
    if (vcpus === 'all') for (const { id } of this.complex.vcpus) this.createVcpu(id);
  }

  #makeGmap(limit: number): Gmap {
    const gmap = new Gmap(limit, this.complex.storage.size, () => this.complex.flushTlbs());
    this.complex.absolute = gmap;
    gmap.invalidated = (segment) => {
      for (const v of this.#vcpus) v.invalidated(segment, SEGMENT_BYTES);
    };
    return gmap;
  }

  /** True for a vCPU of the level that a debugger looks at. */
  isLookedAt({ outer }: Vcpu): boolean {
    return this.debugLevel === 'any' || this.debugLevel === (outer === undefined ? 1 : 2);
  }

  /** The machine goes to storage by the gmap, or finds nothing there while that is disabled. */
  get gmapEnabled(): boolean {
    return this.complex.absolute === this.gmap;
  }
  set gmapEnabled(enabled: boolean) {
    this.complex.absolute = enabled ? this.gmap : noStorage;
    this.complex.flushTlbs();
    for (const v of this.#vcpus) v.unpin();
  }

  /** vCPUs in the order in which they were made. */
  get vcpus(): readonly KvmVcpu[] {
    return this.#vcpus;
  }
  /** Makes the vCPU of a number. EINVAL when the machine has no such CPU, EEXIST when it is there. */
  createVcpu(id: number): Result<KvmVcpu, Errno> {
    const vcpu = this.complex.vcpus[id];
    if (vcpu === undefined) return err('EINVAL');
    if (this.#vcpus.some((v) => v.id === id)) return err('EEXIST');
    const made = new KvmVcpu(this, vcpu);
    if (this.core.has('message-security-assist-3')) made.block.set('ecb3', this.#ecb3);
    this.#vcpus.push(made);
    return ok(made);
  }

  /** Sets and clears bits of every vCPU's `ecb3`, of those to come, too. */
  setExecutionControls3(set: number, clear: number): void {
    this.#ecb3 = (this.#ecb3 & ~clear) | set;
    for (const { block } of this.#vcpus) block.change('ecb3', set, clear);
  }

  /** The guest's TOD clock, as a CPU sees it. */
  tod(by = this.complex.vcpus[0]): bigint {
    return by === undefined ? 0n : this.core.clock.tod(by);
  }
  /** The guest's epoch index, which is 0 without the multiple-epoch facility, and behind it its TOD clock. */
  time(by = this.complex.vcpus[0]): bigint {
    if (by === undefined) return 0n;
    const time = this.core.clock.time(by);
    return this.core.has('multiple-epoch') ? time : BigInt.asUintN(64, time);
  }
  /** Sets epoch index and TOD clock for all CPUs, as one of them sees it. */
  setTime(value: bigint, by = this.complex.vcpus[0]): void {
    if (by === undefined) return;
    this.core.clock.setTime([by, ...this.complex.vcpus.filter((v) => v !== by)], value);
    for (const v of this.#vcpus) v.sync();
  }

  /** Limits guest addresses: a new address space with what the slots have mapped. There must be no vCPU yet. */
  setMemoryLimit(limit: number): void {
    this.gmap = this.#makeGmap(limit);
    for (const { guest, bytes, host, readOnly } of this.slots()) this.gmap.mapSegment(host, guest, bytes, readOnly);
  }

  /**
   * Puts host storage at guest addresses. They must be whole pages and the slot number free (EINVAL), no other slot may be
   * there (EEXIST), and address and size must be whole segments below the memory limit (EINVAL).
   */
  addSlot(slot: MemorySlot): Result<undefined, GmapError> {
    const { guest, bytes, host, readOnly } = slot;
    if ([guest, bytes, host].some((each) => each % PAGE_BYTES !== 0) || this.#slots.has(slot.slot))
      return err('EINVAL');
    const overlaps = this.slots().some((s) => guest < s.guest + s.bytes && s.guest < guest + bytes);
    if (overlaps) return err('EEXIST');
    if (guest + bytes > this.gmap.limit) return err('EINVAL');
    const mapped = this.gmap.mapSegment(host, guest, bytes, readOnly);
    if (mapped.ok) this.#slots.set(slot.slot, slot);
    return mapped;
  }
  /** Takes a slot away; its guest addresses are addressing exceptions from then on. */
  removeSlot(number: number): Result<undefined, GmapError> {
    const slot = this.#slots.get(number);
    if (slot === undefined) return err('EINVAL');
    this.#slots.delete(number);
    this.logs.forget(number);
    return this.gmap.unmapSegment(slot.guest, slot.bytes);
  }
  /** All slots in the order of their numbers. */
  slots(): MemorySlot[] {
    return [...this.#slots.values()].sort((a, b) => a.slot - b.slot);
  }

  /** The slots and modes; vCPUs, gmap and the rest save themselves. */
  save(): KvmVmState {
    return {
      slots: this.slots().map((slot) => ({ ...slot })),
      usesKeys: this.usesKeys,
      usesPfmfi: this.usesPfmfi,
      topologyChanged: this.topologyChanged,
      vertical: this.vertical,
    };
  }
  /** @inheritdoc */
  restore({ slots, usesKeys, usesPfmfi, topologyChanged, vertical }: KvmVmState): void {
    this.#slots.clear();
    for (const slot of slots) this.#slots.set(slot.slot, { ...slot });
    this.usesKeys = usesKeys;
    this.usesPfmfi = usesPfmfi;
    this.topologyChanged = topologyChanged;
    this.vertical = vertical;
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
    this.keysEnabled++;
    const frames = this.complex.keys.length;
    if (this.trace.on) this.trace.add({ kind: 'keys', vcpu: 0, icount: 0n, first: frames, second: 0 });
    this.complex.keys.fill(6);
    for (const { block } of this.vcpus) {
      block.change('ictl', 0, ictl.iske | ictl.sske | ictl.rrbe);
      if (this.usesPfmfi) block.change('ecb2', ecb2.pfmfi);
    }
  }

  /**
   * Frames in [`from`, `to`) need their contents no more and read as zeros from here on; keys stay. Holes are passed over, and
   * so is what is only to be read.
   */
  discard(from: number, to: number): void {
    for (const { guest, bytes, host, readOnly } of this.slots()) {
      if (readOnly === true) continue;
      const first = Math.max(from, guest);
      const last = Math.min(to, guest + bytes);
      for (let at = first; at < last; at += PAGE_BYTES) this.complex.discarded((host + at - guest) / PAGE_BYTES);
    }
  }

  /** Behind the last slot. */
  slotsEnd(): number {
    return this.slots().reduce((end, { guest, bytes }) => Math.max(end, guest + bytes), 0);
  }

  /** The host takes back the storage of a host segment; the guest's next access gets it again, contents and all. */
  reclaim(host: HostAddress): void {
    this.gmap.unlinkHost(host);
    this.cmma.reclaimed(Math.floor(host / SEGMENT_BYTES) * (SEGMENT_BYTES / PAGE_BYTES));
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
  /** Stores by absolute address; false, and nothing stored, when some bytes are not there or only to be read. Counts as a change. */
  writeAbsolute(address: Gpa, data: Uint8Array): boolean {
    if (data.length > 0 && (address % PAGE_BYTES) + data.length <= PAGE_BYTES) {
      const at = this.gmap.hostAddress(address, true);
      if (at < 0) return false;
      this.complex.frames.storing(at);
      this.complex.storage.write(at, data);
      this.complex.storedFromOutside(at, data.length);
      return true;
    }
    const found = pieces(address, data.length, PAGE_BYTES).map((p) => ({
      ...p,
      at: this.gmap.hostAddress(further(address, p.from), true),
    }));
    if (found.some((p) => p.at < 0)) return false;
    for (const p of found) {
      this.complex.frames.storing(p.at);
      this.complex.storage.write(p.at, data.subarray(p.from, p.from + p.length));
      this.complex.storedFromOutside(p.at, p.length);
    }
    return true;
  }
  /** The halfword at an absolute address, a multiple of 2; undefined when it is not there. */
  halfAbsolute(address: Gpa): number | undefined {
    const at = this.gmap.hostAddress(address);
    return at < 0 ? undefined : this.complex.storage.half(at);
  }
  /** Stores a halfword at an absolute address, a multiple of 2; false when it is not there. Counts as a change. */
  setHalfAbsolute(address: Gpa, value: number): boolean {
    const at = this.gmap.hostAddress(address, true);
    if (at < 0) return false;
    this.complex.frames.storing(at);
    this.complex.storage.setHalf(at, value);
    this.complex.stored(at, 2);
    return true;
  }
}
