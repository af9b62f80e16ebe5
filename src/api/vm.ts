import { CpuComplex } from '../arch/s390x/cpu/complex.ts';
import { S390xCore } from '../arch/s390x/cpu/core.ts';
import { cpuModel } from '../arch/s390x/cpu/model.ts';
import { gpa, hostAddress } from '../arch/s390x/dat/address.ts';
import { instructionTable } from '../arch/s390x/isa/table.ts';
import type { AttributeGroup } from '../arch/s390x/kvm/attributes/row.ts';
import { attributeGroups } from '../arch/s390x/kvm/attributes/row.ts';
import { attributeRows, getAttribute, hasAttribute, setAttribute } from '../arch/s390x/kvm/attributes/table.ts';
import type { CmmaBits } from '../arch/s390x/kvm/cmma.ts';
import { sieFeatures } from '../arch/s390x/kvm/cpu-model.ts';
import { accessAbsolute, compareAndSwapAbsolute, type Swapped } from '../arch/s390x/kvm/mem-op.ts';
import { getKeys, setKeys } from '../arch/s390x/kvm/skeys.ts';
import type { TraceEvent } from '../arch/s390x/kvm/trace.ts';
import { KvmVm } from '../arch/s390x/kvm/vm.ts';
import { vmStateParts } from '../arch/s390x/state-parts.ts';
import type { Result } from '../bits/result.ts';
import { buildEngine } from '../engine/engine.ts';
import { checkSnapshot, makeSnapshot, type Snapshot } from '../machine/snapshot.ts';
import type { BuildEngine } from '../wing/wing.ts';
import { DirtyPages } from './dirty-pages.ts';
import { type Errno, VmError } from './error.ts';
import type { AccessResult } from './exit.ts';
import { ExitingUserSpace } from './exits.ts';
import { GuestDebug } from './guest-debug.ts';
import { Vcpu } from './vcpu.ts';

/** What a VM is made with. */
export interface VmOptions {
  /** Bytes of host storage that memory slots may use, whole mebibytes. */
  readonly storage: number;
  /** vCPUs that can be created, 1 unless given. */
  readonly vcpus?: number;
  /** A CPU model such as `z15` or `max,vx=off`; the best that there is when not given. */
  readonly cpu?: string;
  /** How guest code is executed: hot code is translated unless this says otherwise. */
  readonly engine?: 'translator' | 'interpreter';
}

/** A memory slot: guest absolute addresses with host storage behind them, all in whole mebibytes. */
export interface Slot {
  readonly slot: number;
  readonly guest: number;
  readonly bytes: number;
  /** Offset into the host storage. */
  readonly host: number;
  /** The guest's stores there are protection exceptions. */
  readonly readOnly?: boolean;
}

/** An interruption that any vCPU may take. */
export type VmInterrupt =
  | { readonly kind: 'service-signal'; readonly parameter: number }
  | {
      readonly kind: 'io';
      readonly subchannelId: number;
      readonly subchannelNumber: number;
      readonly parameter: number;
      /** The interruption word; its subclass is in bits 2 to 4. */
      readonly word: number;
    }
  | { readonly kind: 'interrupt-key' };

/** A VM of a KVM-like hypervisor for s390x: storage, vCPUs, and everything that the hypervisor keeps of them. */
export class Vm {
  readonly #vm: KvmVm;
  readonly #userSpace = new ExitingUserSpace();
  readonly #debug: GuestDebug;
  readonly #vcpus: Vcpu[] = [];

  /** `build` makes another engine than `options` asks for. Throws an error when there is no such CPU model. */
  constructor(options: VmOptions, build: BuildEngine = engineOf(options)) {
    const model = cpuModel(options.cpu ?? 'max');
    if (!model.ok) throw new Error(model.error);
    const complex = new CpuComplex({ vcpus: options.vcpus ?? 1, storage: options.storage });
    const core = new S390xCore(complex, instructionTable, model.value);
    const engine = build(core, complex.memory, complex.filterAddress);
    this.#vm = new KvmVm(core, engine, 'later');
    if (model.value.cmm === true) this.#vm.cmma.enable();
    if (model.value.sief2 === false) this.#vm.model.without(sieFeatures.sief2);
    this.#vm.userSpace = this.#userSpace;
    this.#debug = new GuestDebug(this.#vm);
  }

  /**
   * What the machine is built on.
   * @internal
   */
  get kvm(): KvmVm {
    return this.#vm;
  }

  // ---- storage

  /** Adds a memory slot. EINVAL unless aligned, in storage and its number free; EEXIST where another slot is. */
  addSlot({ guest, host, ...slot }: Slot): void {
    require('memory slot', this.#vm.addSlot({ ...slot, guest: gpa(guest), host: hostAddress(host) }));
  }
  /** Takes a slot away: its addresses are addressing exceptions from then on. EINVAL when there is none. */
  removeSlot(slot: number): void {
    require('memory slot', this.#vm.removeSlot(slot));
  }
  get slots(): readonly Slot[] {
    return this.#vm.slots().map((slot) => ({ ...slot }));
  }
  /** Bytes at an absolute address. EFAULT when some are not there. */
  read(address: number, length: number): Uint8Array {
    const found = this.#vm.readAbsolute(gpa(address), length);
    if (found === undefined) throw new VmError('EFAULT', `no storage at ${address}`);
    return found;
  }
  /** Stores at an absolute address. EFAULT, and nothing stored, when some bytes are not there. */
  write(address: number, data: Uint8Array): void {
    if (!this.#vm.writeAbsolute(gpa(address), data)) throw new VmError('EFAULT', `no storage at ${address}`);
  }
  /** Fetches or stores by absolute address, with a key if key-controlled protection counts. */
  access(access: {
    readonly address: number;
    readonly data: Uint8Array | number;
    readonly key?: number;
  }): AccessResult {
    return require('access by absolute address', accessAbsolute(this.#vm, access));
  }
  compareAndSwap(address: number, old: Uint8Array, replacement: Uint8Array, key = 0): Swapped {
    return require('compare and swap', compareAndSwapAbsolute(this.#vm, gpa(address), old, replacement, key));
  }

  // ---- vCPUs

  /** Makes a vCPU, stopped. EINVAL when there can be none of the number, EEXIST when there is one. */
  createVcpu(id: number = this.#vcpus.length): Vcpu {
    const made = require(`vCPU ${id}`, this.#vm.createVcpu(id));
    const vcpu = new Vcpu(made, this.#userSpace, this.#debug);
    this.#vcpus.push(vcpu);
    return vcpu;
  }
  get vcpus(): readonly Vcpu[] {
    return this.#vcpus;
  }
  /** Makes an interruption pending for whichever vCPU takes it. */
  interrupt(interruption: VmInterrupt): void {
    const { floating } = this.#vm;
    if (interruption.kind === 'io') floating.raiseIo(interruption);
    else if (interruption.kind === 'service-signal') floating.raiseService(interruption.parameter);
    else floating.interruptKey = true;
  }

  // ---- attributes

  /** Numbers of the attributes by group and name. */
  get attributes(): readonly { readonly group: AttributeGroup; readonly name: string; readonly attribute: number }[] {
    return attributeRows.map(({ group, name, attribute }) => ({ group, name, attribute: attribute ?? 0 }));
  }
  /** Undefined when there is such an attribute, else why not. */
  hasAttribute(group: AttributeGroup | number, attribute: number): Errno | undefined {
    return hasAttribute(this.#vm, numberOf(group), attribute);
  }
  setAttribute(group: AttributeGroup | number, attribute: number, data?: Uint8Array): void {
    const error = setAttribute(this.#vm, numberOf(group), attribute, { data });
    if (error !== undefined) throw new VmError(error, `attribute ${group}/${attribute}`);
  }
  getAttribute(group: AttributeGroup | number, attribute: number): Uint8Array {
    return require(`attribute ${group}/${attribute}`, getAttribute(this.#vm, numberOf(group), attribute));
  }

  // ---- what has changed

  /** Turns the log of a slot's stores on, all pages clean, or off. */
  logDirty(slot: number, on: boolean): void {
    const error = this.#vm.logs.set(slot, on);
    if (error !== undefined) throw new VmError(error, `dirty log of slot ${slot}`);
  }
  /** Pages of a slot that were stored into since the last time, a bit each. ENOENT when the log is off. */
  dirtyLog(slot: number): Uint8Array {
    return require(`dirty log of slot ${slot}`, this.#vm.logs.get(slot));
  }
  /** A reader of the dirty log of its own, under a name that must be free. */
  openDirtyReader(name: string): DirtyPages {
    if (this.#vm.dirtyLog.reader(name) !== undefined) throw new VmError('EEXIST', `dirty reader ${name}`);
    return new DirtyPages(this.#vm, name);
  }

  // ---- keys and usage states

  /** Storage keys by frame number, or `none` while the guest has not used any. */
  getKeys(startGfn: number, count: number): Uint8Array | 'none' {
    return require('storage keys', getKeys(this.#vm, { startGfn, count }));
  }
  setKeys(startGfn: number, keys: Uint8Array): void {
    const error = setKeys(this.#vm, startGfn, keys);
    if (error !== undefined) throw new VmError(error, 'storage keys');
  }
  /** Usage states of a run of blocks; see the interface for `peek` and where runs begin and end. */
  getUsageStates(wanted: { readonly startGfn: number; readonly count: number; readonly peek: boolean }): CmmaBits {
    return require('usage states', this.#vm.cmma.getBits(wanted));
  }
  setUsageStates(wanted: { readonly startGfn: number; readonly values: Uint8Array; readonly mask: number }): void {
    const error = this.#vm.cmma.setBits(wanted);
    if (error !== undefined) throw new VmError(error, 'usage states');
  }
  /** The host takes back the storage behind a segment, contents preserved; the guest's next access gets it again. */
  reclaim(host: number): void {
    this.#vm.reclaim(hostAddress(host));
  }

  // ---- looking on

  /** Turns the trace on, or off; what is in it stays. */
  set tracing(on: boolean) {
    this.#vm.trace.turn(on);
  }
  /** The last events of the trace, oldest first. */
  trace(count = 4096): readonly TraceEvent[] {
    return this.#vm.trace.last(count);
  }

  // ---- state

  /** Everything, as plain data. Not while a vCPU runs. */
  save(): Snapshot {
    this.#vm.complex.forget();
    return makeSnapshot(this.#shape, this.#at, vmStateParts(this.#vm).save());
  }
  /** Puts back what `save` gave, here or in a VM that was made alike. Throws, and nothing has changed, when it does not fit. */
  restore(snapshot: Snapshot): void {
    const parts = vmStateParts(this.#vm);
    checkSnapshot(snapshot, this.#shape, [parts], []);
    parts.restore(snapshot.parts);
    this.#vm.complex.storageReplaced();
  }
  get #at(): bigint {
    return this.#vm.vcpus.reduce((sum, { vcpu }) => sum + vcpu.icount, 0n);
  }
  get #shape(): Readonly<Record<string, string | number>> {
    const { complex, core, vcpus } = this.#vm;
    const facilities = [...core.facilities].sort((a, b) => a - b).join(' ');
    return { architecture: core.name, CPUs: vcpus.length, 'bytes of storage': complex.storage.size, facilities };
  }
}

function engineOf({ engine = 'translator' }: VmOptions): BuildEngine {
  return (arch, memory, filter) => buildEngine(arch, memory, filter, { kind: engine });
}

const numberOf = (group: AttributeGroup | number): number =>
  typeof group === 'number' ? group : attributeGroups[group];

/** The answer of a call, or its refusal. */
function require<T>(what: string, result: Result<T, Errno>): T {
  if (!result.ok) throw new VmError(result.error, what);
  return result.value;
}
