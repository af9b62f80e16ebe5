import type { Stateful } from '../../../bits/stateful.ts';
import type { StopExit, VcpuExit } from '../../../machine/exit.ts';
import { setWordIn, wordIn } from '../../../machine/storage.ts';
import { branchForEvent } from '../cpu/branch-events.ts';
import { noteDecrementer, untilDecrementer } from '../cpu/clock.ts';
import { DAWRX } from '../cpu/data-breakpoints.ts';
import { answerDoorbell } from '../cpu/doorbell.ts';
import { tellExit } from '../cpu/events.ts';
import { heldFor, interruptByDecrementer } from '../cpu/held-decrementer.ts';
import { PROGRAM, VECTOR, type Vector } from '../cpu/interruptions.ts';
import { MSR } from '../cpu/msr.ts';
import { setPending } from '../cpu/pending.ts';
import { noteAlert, untilAlert } from '../cpu/performance-monitor.ts';
import { pendingBits, slots } from '../cpu/state-layout.ts';
import { aboutToTrace, CIABR, isTraced, traced } from '../cpu/trace.ts';
import type { LeaveCause, Vcpu } from '../cpu/vcpu.ts';
import { isUnwind } from '../cpu/vcpu.ts';
import { type SavedSegment, savedSegments } from '../mmu/slb.ts';
import { isSimple } from './at-once.ts';
import { RegisterArguments } from './call-arguments.ts';
import { H, HCALL_ARGUMENTS, type KvmRun, SET_MODE, SHOWN_ARGUMENTS, status, tellHypercall } from './hcall.ts';
import { pageTableCall } from './page-table-calls.ts';
import type { Ppc64Vm } from './vm.ts';
import { enterGuest, leaveGuest } from './world-switch.ts';

/** How a vCPU is to run. */
export interface HvRunOptions {
  /** Instruction count at which it ends. */
  readonly until: bigint;
  /** Breakpoints are looked at. */
  readonly checked: boolean;
  /** Interruptions from outside are kept away. */
  readonly hold: boolean;
}

/** What is saved of a vCPU beside its registers. */
export interface HvVcpuState {
  readonly stopped: boolean;
  readonly ceded: boolean;
  readonly prodded: boolean;
  readonly vpa: bigint;
  readonly interruptLittle: boolean;
  /** Without those of the hypervisor decrementer: how often its time was up depends on the host. */
  readonly exits: readonly (readonly [vector: number, count: number])[];
  readonly taken: readonly (readonly [vector: number, count: number])[];
}

/** Exits of a guest are counted under the vector that brought them; those for a hypercall under that of SC. */
const HDEC_MOST = 0x7fff_ffff;

/** A vCPU as the hypervisor has it: runs the guest until something wants user space. */
export class HvVcpu implements Stateful<HvVcpuState> {
  readonly vm: Ppc64Vm;
  readonly vcpu: Vcpu;
  /** It executes nothing until somebody starts it. */
  stopped = true;
  /** It waits for an interruption or a prod. */
  ceded = false;
  prodded = false;
  /** Address of the virtual processor area that was registered; 0 for none. */
  vpa = 0n;
  /** Instructions that the run in hand may last. */
  budget = 0;
  /** Why the guest was left, by vector. */
  readonly exits = new Map<number, number>();
  /** Instruction count at which the run in hand ends. */
  #until = 0n;
  /** The segment lookaside buffer as the last exit saved it. */
  #segments: Uint32Array | undefined;
  readonly #registers: RegisterArguments;

  constructor(vm: Ppc64Vm, vcpu: Vcpu) {
    this.vm = vm;
    this.vcpu = vcpu;
    this.#registers = new RegisterArguments(vcpu);
    vcpu.callAtOnce = () => this.#callAtOnce();
  }

  get id(): number {
    return this.vcpu.id;
  }

  /** @inheritdoc */
  save(): HvVcpuState {
    const { stopped, ceded, prodded, vpa } = this;
    const { interruptLittle, taken } = this.vcpu;
    const exits = [...this.exits].filter(([vector]) => vector !== VECTOR.hypervisorDecrementer);
    return { stopped, ceded, prodded, vpa, interruptLittle, exits, taken: [...taken] };
  }
  /** @inheritdoc */
  restore(state: HvVcpuState): void {
    this.stopped = state.stopped;
    this.ceded = state.ceded;
    this.prodded = state.prodded;
    this.vpa = state.vpa;
    this.vcpu.interruptLittle = state.interruptLittle;
    const ends = this.exits.get(VECTOR.hypervisorDecrementer);
    this.exits.clear();
    if (ends !== undefined) this.exits.set(VECTOR.hypervisorDecrementer, ends);
    for (const [vector, count] of state.exits) this.exits.set(vector, count);
    this.vcpu.taken.clear();
    for (const [vector, count] of state.taken) this.vcpu.taken.set(vector, count);
    this.#segments = undefined;
  }

  /** Is as in the beginning: stopped. */
  reset(): void {
    this.stopped = true;
    this.ceded = false;
    this.prodded = false;
    this.vpa = 0n;
    this.#segments = undefined;
    this.vcpu.reset();
  }

  /** Something that would end a wait, or interrupt as soon as it may. */
  get wakes(): boolean {
    const { vcpu } = this;
    return this.prodded || (vcpu.num(slots.pending) & WAKING) !== 0 || untilDecrementer(vcpu) === 0;
  }
  /** The external interruption line. */
  setExternal(up: boolean): void {
    setPending(this.vcpu, 'external', up);
    this.vcpu.endSlice();
  }

  /** Keeps the valid segments with their numbers, as they are put back at the next entry: the list is without gaps. */
  saveSlb(): void {
    this.#segments = this.vcpu.slb.saved(this.#segments);
  }
  /** Segments as the last exit saved them. */
  get segments(): readonly SavedSegment[] {
    return this.#segments === undefined ? [] : savedSegments(this.#segments);
  }

  /** Runs until user space or a debugger is wanted, or the instructions are used up. */
  run(options: HvRunOptions): VcpuExit {
    if (this.stopped) return { kind: 'stopped' };
    const { vcpu } = this;
    const exit = this.#watched(this.#run(options));
    // Where it will be entered, and not where it was entered last: how often that is depends on the host.
    vcpu.noteWhere();
    this.vm.userSpace.runEnded();
    return exit;
  }
  #run(options: HvRunOptions): VcpuExit {
    const { vm, vcpu } = this;
    for (const other of vm.complex.vcpus) if (other !== vcpu) other.setBig(slots.reservation, 1n);
    vm.core.useOrder(vcpu);
    for (;;) {
      if (this.ceded && !this.#wakeUp()) return { kind: 'wait' };
      if (vcpu.instructions.until(options.until) === 0) return { kind: 'quantum' };
      this.#until = options.until;
      this.#enter();
      const cause = this.#inGuest(options);
      leaveGuest(this, vm.thread);
      const exit = cause === undefined ? this.#timeIsUp() : this.#handle(cause);
      if (exit !== undefined) return exit;
      const met = vm.complex.met();
      if (met !== undefined) return met;
      if (vm.core.patience.ended) return { kind: 'quantum' };
    }
  }

  #enter(): void {
    this.budget = Math.min(this.vcpu.instructions.until(this.#until), HDEC_MOST);
    enterGuest(this, this.vm.thread);
  }

  // The guest has called in the midst of a run; false when it must be left for that.
  #callAtOnce(): boolean {
    const nr = this.vcpu.gprLow(3);
    if (!isSimple(this, nr)) return false;
    leaveGuest(this, this.vm.thread);
    this.#count(VECTOR.systemCall);
    this.#call(nr);
    this.#enter();
    return true;
  }

  // What the hypervisor and user space have stored and told of counts behind the instruction. Who runs next goes with it; what else
  // an exit tells is found again: the vCPU's state has it. A guest that is at its end has nothing behind it.
  #watched(exit: VcpuExit): VcpuExit {
    const met = this.vm.complex.met();
    if (met === undefined || exit.kind === 'machine' || exit.kind === 'unimplemented') return exit;
    return met.kind === 'debug' && exit.kind === 'yield' ? { ...met, inPlaceOf: exit } : met;
  }

  #wakeUp(): boolean {
    if (!this.wakes) return false;
    this.ceded = false;
    this.#countYield();
    this.prodded = false;
    return true;
  }
  #timeIsUp(): VcpuExit {
    this.#count(VECTOR.hypervisorDecrementer);
    return { kind: 'quantum' };
  }

  // The guest runs, with interruptions of its own, until the hypervisor is wanted or the time is up: undefined.
  #inGuest({ until, checked, hold }: HvRunOptions): LeaveCause | undefined {
    const { vm, vcpu } = this;
    for (let left = vcpu.instructions.until(until); left > 0; left = vcpu.instructions.until(until)) {
      noteDecrementer(vcpu);
      noteAlert(vcpu);
      if (!hold && this.#deliver()) return undefined;
      const dec = untilDecrementer(vcpu);
      const most = Math.min(dec > 0 ? dec : heldFor(vcpu, left), left, untilAlert(vcpu));
      const cause = isTraced(vcpu) ? this.#runTraced(checked) : this.#runFor(most, checked);
      if (cause !== undefined) return cause;
      if (vm.complex.asksMet || vm.core.patience.ended) return undefined;
    }
    return undefined;
  }

  #runFor(count: number, checked: boolean): LeaveCause | undefined {
    const { vcpu } = this;
    vcpu.runFor(count);
    vcpu.goesOn = !checked && vcpu.events === undefined && !this.vm.complex.asksMet;
    try {
      this.vm.interpreter[checked ? 'runChecked' : 'run'](vcpu.base);
    } catch (error) {
      if (!isUnwind(error)) throw error;
    }
    return vcpu.takeCause();
  }

  #runTraced(checked: boolean): LeaveCause | undefined {
    const { vcpu, vm } = this;
    const now = vcpu.executed;
    const what = aboutToTrace(vcpu, vm.core);
    const cause = this.#runFor(1, checked);
    if (cause === undefined && vcpu.executed > now) traced(vcpu, vm.core, what);
    return cause;
  }

  /**
   * Interruptions from outside, external ones first, those of the performance monitor last; else the branch that an event wants. True when
   * the run must end because somebody wanted to know of one.
   */
  #deliver(): boolean {
    const { vm, vcpu } = this;
    const pending = vcpu.num(slots.pending);
    if (pending === 0) return false;
    if (pending === pendingBits.branch || (vcpu.msrLow & MSR.ee) === 0) {
      branchForEvent(vcpu);
      return false;
    }
    if ((pending & pendingBits.external) !== 0) vcpu.interrupt(VECTOR.external, vcpu.pc);
    else if ((pending & pendingBits.decrementer) !== 0) {
      if (!interruptByDecrementer(vcpu)) return false;
    } else if ((pending & pendingBits.doorbell) !== 0) answerDoorbell(vcpu);
    else vcpu.interrupt(VECTOR.performanceMonitor, vcpu.pc);
    return vcpu.events !== undefined && vm.complex.asksMet;
  }

  #handle(cause: LeaveCause): VcpuExit | undefined {
    const { vcpu } = this;
    switch (cause.kind) {
      case 'stop':
        return cause.exit satisfies StopExit;
      case 'unimplemented':
        return { kind: 'unimplemented', mnemonic: cause.mnemonic };
      case 'hypervisor':
        this.#count(cause.vector);
        tellExit(vcpu, cause.vector);
        return this.#fault(cause.vector);
      case 'hcall':
        this.#count(VECTOR.systemCall);
        tellExit(vcpu, VECTOR.systemCall);
        return this.#hypercall();
    }
  }

  #count(vector: number): void {
    this.exits.set(vector, (this.exits.get(vector) ?? 0) + 1);
  }

  // KVM 2011: what the hypervisor sees of faults goes back into the guest as its own.
  #fault(vector: Vector): undefined {
    const { vcpu } = this;
    const at = vcpu.big(slots.hsrr0);
    switch (vector) {
      case VECTOR.hypervisorDataStorage:
        vcpu.setBig(slots.dar, vcpu.big(slots.hdar));
        vcpu.setNum(slots.dsisr, vcpu.num(slots.hdsisr));
        vcpu.interrupt(VECTOR.dataStorage, at);
        return undefined;
      case VECTOR.hypervisorInstructionStorage:
        vcpu.interrupt(VECTOR.instructionStorage, at, 0x0800_0000);
        return undefined;
      case VECTOR.hypervisorEmulation:
        vcpu.interrupt(VECTOR.program, at, PROGRAM.illegal);
        return undefined;
      default:
        throw new Error(`no handler for vector 0x${vector.toString(16)}`);
    }
  }

  #hypercall(): VcpuExit | undefined {
    const { vcpu } = this;
    const nr = vcpu.gprLow(3);
    if (vcpu.events === undefined) return this.#call(nr);
    const given = Array.from({ length: SHOWN_ARGUMENTS }, (_, i) => vcpu.gpr(4 + i));
    const exit = this.#call(nr);
    tellHypercall(vcpu, nr, given);
    return exit;
  }
  #call(nr: number): VcpuExit | undefined {
    const { vm, vcpu } = this;
    const { hcalls } = vm;
    hcalls.made(this.#registers);
    const known = hcalls.handledInside ? pageTableCall(vm, nr, this.#registers) : undefined;
    if (known !== undefined) return this.#answer(nr, known, true);
    const args: bigint[] = [];
    for (let i = 0; i < HCALL_ARGUMENTS; i++) args.push(vcpu.gpr(4 + i));
    const ours = hcalls.handledInside ? this.processorCall(nr, args) : undefined;
    if (ours !== undefined) {
      this.#answer(nr, ours, true);
      return nr === H.confer ? { kind: 'yield' } : undefined;
    }
    const run: KvmRun = { nr, ret: status.function, args };
    const exit = vm.userSpace.hypercall(this, run);
    for (let i = 0; i < args.length; i++) vcpu.setGpr(4 + i, args[i] ?? 0n);
    this.#answer(nr, run.ret, false);
    return exit;
  }
  #answer(nr: number, result: number, inside: boolean): undefined {
    this.vcpu.setGprWords(3, result >> 31, result);
    this.vm.hcalls.answered({ vcpu: this.id, nr, result, inside });
  }

  /** H_SET_MODE of a POWER8's breakpoints; the rest is user space's. */
  #setMode([flags = 0n, resource = 0n, value1 = 0n, value2 = 0n]: readonly bigint[]): number | undefined {
    const { vcpu } = this;
    const known = resource === SET_MODE.ciabr || resource === SET_MODE.dawr;
    if (!known || this.vm.core.model.name === 'power7') return undefined;
    if (flags !== 0n) return status.unsupportedFlag;
    if (resource === SET_MODE.ciabr) {
      if (value2 !== 0n) return status.p4;
      if ((value1 & CIABR.state) === CIABR.hypervisor) return status.p3;
      vcpu.setBig(slots.ciabr, value1);
      return status.success;
    }
    if ((value2 & BigInt(DAWRX.hypervisor)) !== 0n) return status.p4;
    vcpu.setBig(slots.dawr, value1);
    vcpu.setNum(slots.dawrx, Number(value2 & 0xffff_ffffn));
    vcpu.flushTlb();
    return status.success;
  }

  /** Calls about processors, which the kernel's side knows: H_CEDE, H_PROD, H_CONFER, H_REGISTER_VPA, H_SET_DABR, H_SET_MODE. */
  processorCall(nr: number, args: readonly bigint[]): number | undefined {
    const { vcpu } = this;
    switch (nr) {
      case H.cede:
        vcpu.setMsr(vcpu.msr | BigInt(MSR.ee));
        this.ceded = !this.wakes;
        this.prodded = false;
        this.#countYield();
        if (!this.ceded) this.#countYield();
        return status.success;
      case H.prod: {
        const target = this.vm.vcpus[Number(args[0])];
        if (target === undefined) return status.parameter;
        target.prodded = true;
        return status.success;
      }
      case H.confer:
        return status.success;
      case H.registerVpa:
        return this.#registerVpa(args);
      case H.setDabr: {
        const [dabr = 0n] = args;
        // BT, the translation that is meant, has to be on.
        if ((dabr & 4n) === 0n && (dabr & 3n) !== 0n) return status.reservedDabr;
        vcpu.setBig(slots.dabr, dabr);
        vcpu.setNum(slots.dabrx, 3);
        vcpu.flushTlb();
        return status.success;
      }
      case H.setMode:
        return this.#setMode(args);
      case H.setSprg0:
        vcpu.setBig(slots.sprg0, args[0] ?? 0n);
        return status.success;
      default:
        return undefined;
    }
  }

  /** The count of the virtual processor area: odd while the vCPU waits. */
  #countYield(): void {
    if (this.vpa === 0n) return;
    const { storage, frames } = this.vm.complex;
    const at = Number(this.vpa) + VPA_YIELD_COUNT;
    frames.storing(at);
    setWordIn(storage, at, (wordIn(storage, at, 'big') + 1) >>> 0, 'big');
    frames.stored(at, 4);
  }

  #registerVpa([flags = 0n, target = 0n, address = 0n]: readonly bigint[]): number {
    const which = Number((flags >> 45n) & 7n);
    const v = this.vm.vcpus[Number(target)];
    if (v === undefined) return status.parameter;
    switch (which) {
      case 1:
        if (!isVpa(this.vm, address)) return status.parameter;
        v.vpa = address;
        return status.success;
      case 2:
      case 3:
        return v.vpa === 0n ? status.resource : status.success;
      case 5:
        v.vpa = 0n;
        return status.success;
      case 6:
      case 7:
        return status.success;
      default:
        return status.parameter;
    }
  }
}

/** What ends a wait, beside the decrementer. */
const WAKING = pendingBits.external | pendingBits.doorbell;
/** Bytes of a virtual processor area at least; where its size stands, and its count of yields. */
const VPA_BYTES = 640;
const VPA_SIZE = 4;
const VPA_YIELD_COUNT = 0x100;

/** True for an area that is aligned, lies in storage and in one page, and says itself that it is large enough. */
function isVpa(vm: Ppc64Vm, address: bigint): boolean {
  if (address % 128n !== 0n || address + BigInt(VPA_BYTES) > BigInt(vm.bytes)) return false;
  const size = wordIn(vm.complex.storage, Number(address) + VPA_SIZE, 'big') >>> 16;
  return size >= VPA_BYTES && (Number(address) % 4096) + size <= 4096;
}
