import type { Stateful } from '../../../bits/stateful.ts';
import type { StopExit, VcpuExit } from '../../../machine/exit.ts';
import { type Delivery, deliverProgram, deliverRestart, eventsAlone, withEvents } from '../cpu/interruption.ts';
import { isNullifying } from '../cpu/interruption-codes.ts';
import type { InterruptionDetails, ProgramInterruption } from '../cpu/program-interruption.ts';
import { PSW_HIGH, type Psw } from '../cpu/psw.ts';
import { isUnwind, type Vcpu } from '../cpu/vcpu.ts';
import { type Gpa, gpa } from '../dat/address.ts';
import { PREFIX_AREA_BYTES } from '../dat/prefix.ts';
import type { Interpretation } from '../sie/interpretation.ts';
import { causeOf, completes, leadsBack } from '../sie/loops.ts';
import type { EnterOptions } from '../sie/sie-exit.ts';
import { cpuflags, eca, ecb, ecd, icpt, ictl, SieBlock, type SieBlockState } from '../sie/state-description.ts';
import { storeState } from '../sie/state-transfer.ts';
import { beginAtOnce, goOnAtOnce, maySimplyGoOn } from './at-once.ts';
import { invalidNewPsw, programLoop } from './crash.ts';
import {
  type DeliveryEnd,
  deliverNext,
  hasDeliverable,
  openingRegisters,
  untilTimer,
  waitingClasses,
} from './deliver.ts';
import { handleInterception } from './intercept/dispatch.ts';
import { InterceptLog, type InterceptLogState } from './intercept-log.ts';
import { type LocalInterruptState, LocalInterrupts } from './interrupts.ts';
import { externalLoop, type Outcome, type ProgramOutcome, program } from './outcome.ts';
import { Pfault, type PfaultState } from './pfault.ts';
import { type CpuReset, resetCpu } from './reset.ts';
import type { TraceKind } from './trace.ts';
import type { KvmVm } from './vm.ts';

const REQUEST_FLAGS = cpuflags.extInt | cpuflags.ioInt | cpuflags.stopInt;
/** No prefix. */
const NOT_PINNED = -1;
/** No combination of reasons for interceptions. */
const NOT_ASKED = -1;
/** What an interception costs, next to an access that goes the slow way. */
const INTERCEPTION_EVENTS = 2;
const handled: StopExit = { kind: 'quantum' };

/** How far a DIAGNOSE 10 has come that is executed again for what is left of its range, by the very next instruction. */
export interface Released {
  readonly start: bigint;
  readonly end: bigint;
  /** The address up to which all is done. */
  readonly to: number;
  readonly icount: bigint;
}

/** A vCPU as plain data, its registers aside. */
export interface KvmVcpuState {
  readonly stopped: boolean;
  readonly waiting: boolean;
  readonly block: SieBlockState;
  /** The vCPU has the guest's state of the block. */
  readonly loaded: boolean;
  readonly local: LocalInterruptState;
  readonly intercepts: InterceptLogState;
  readonly released: Released | undefined;
  readonly pfault: PfaultState;
}

/** A vCPU of a VM: its state description, pending interruptions, and the loop around SIE. */
export class KvmVcpu implements Stateful<KvmVcpuState> {
  readonly vm: KvmVm;
  readonly vcpu: Vcpu;
  readonly block = new SieBlock(new DataView(new ArrayBuffer(4096)), true);
  readonly local = new LocalInterrupts();
  readonly intercepts = new InterceptLog();
  readonly pfault = new Pfault();
  /** In the stopped state of the architecture. */
  stopped = true;
  /** In a wait: nothing is executed until an interruption, which a disabled wait never gets. */
  waiting = false;
  /** The prefix whose area is pinned for SIE; NOT_PINNED when it must be before the next entry. */
  #pinned = NOT_PINNED;
  released: Released | undefined;
  /** Interruptions are kept away for the run in progress. */
  holding = false;
  /** What the interceptions that the block asks for follow from; NOT_ASKED when that is to be found out. */
  #reasons = NOT_ASKED;
  /** What became of an interception that was handled in generated code, which was left behind it. */
  #handled: { readonly exit: VcpuExit | undefined } | undefined;

  constructor(vm: KvmVm, vcpu: Vcpu) {
    this.vm = vm;
    this.vcpu = vcpu;
    const { block } = this;
    const { core } = vm;
    const edat = core.has('edat-2') ? cpuflags.ged2 : core.has('edat-1') ? cpuflags.ged : 0;
    block.set('cpuflags', cpuflags.zarch | cpuflags.sm | cpuflags.stopped | edat);
    block.set('ictl', ictl.iske | ictl.sske | ictl.rrbe);
    const vectors = core.has('vector') ? eca.vx : 0;
    block.set('eca', eca.mvpgi | eca.protectionInterpretation | eca.ib | eca.cei | vectors);
    const transactions = core.has('transactional-execution') ? ecb.te : 0;
    block.set('ecb', ecb.hostProtection | ecb.speci | transactions);
    if (core.has('multiple-epoch')) block.set('ecd', ecd.mef);
    block.set('hpid', 4);
    block.set('icpua', vcpu.id);
    this.reset('clear');
  }

  get id(): number {
    return this.vcpu.id;
  }
  get cpuAddress(): number {
    return this.block.cpuAddress;
  }

  /** @inheritdoc */
  save(): KvmVcpuState {
    const { block, vcpu } = this;
    return {
      stopped: this.stopped,
      waiting: this.waiting,
      block: block.save(),
      loaded: vcpu.stateOf === block,
      local: this.local.save(),
      intercepts: this.intercepts.save(),
      released: this.released && { ...this.released },
      pfault: this.pfault.save(),
    };
  }
  /** @inheritdoc */
  restore(state: KvmVcpuState): void {
    const { block, vcpu } = this;
    this.stopped = state.stopped;
    this.waiting = state.waiting;
    block.restore(state.block);
    this.#reasons = NOT_ASKED;
    vcpu.stateOf = state.loaded ? block : undefined;
    if (state.block.owed) this.sync();
    this.local.restore(state.local);
    this.intercepts.restore(state.intercepts);
    this.released = state.released;
    this.pfault.restore(state.pfault);
  }

  /** What the vCPU executes for a guest of its own. */
  get interpretation(): Interpretation {
    return this.vm.sie.interpretation(this.vcpu);
  }
  /** The vCPU whose instructions are in execution: that of its own guest while it interprets one. */
  get executing(): Vcpu {
    return this.vm.sie.executing(this.vcpu);
  }
  /** What a debugger looks at. */
  get debugged(): Vcpu {
    return this.vm.debugLevel === 1 ? this.vcpu : this.executing;
  }
  /** Ends an interpretation in front of the instruction, as an interruption does. */
  leaveInterpretation(): void {
    const { interpretation } = this;
    if (!interpretation.active) return;
    interpretation.leave(false);
    this.sync();
  }

  /** Performs a CPU reset, which `by` executes; the vCPU is stopped afterwards. */
  reset(kind: CpuReset, by?: KvmVcpu): void {
    resetCpu(this, kind, by);
  }

  /** Leaves the stopped state. */
  start(): void {
    this.stopped = false;
    if (this.vm.trace.on) this.traced('stopped', 0);
    this.block.change('cpuflags', 0, cpuflags.stopped);
  }
  /** Enters the stopped state. */
  stop(): void {
    this.leaveInterpretation();
    this.stopped = true;
    if (this.vm.trace.on) this.traced('stopped', 1);
    this.leaveWait();
    this.block.change('cpuflags', cpuflags.stopped);
  }
  /** Enters a wait. */
  enterWait(): void {
    this.waiting = true;
    this.block.change('cpuflags', cpuflags.wait);
  }
  /** Leaves a wait, if it is in one. */
  leaveWait(): void {
    if (!this.waiting) return;
    this.waiting = false;
    // The CPU timer has run on.
    this.sync();
    this.block.change('cpuflags', 0, cpuflags.wait);
  }

  get psw(): Psw {
    return this.vcpu.psw;
  }
  setPsw(psw: Psw): void {
    this.vcpu.setPsw(psw);
    this.sync();
  }

  /** Brings changes made to the vCPU outside SIE into the state description. */
  sync(): void {
    storeState(this.vm.core, this.vcpu, this.block);
  }

  /** True when something waits that ends a wait of this vCPU. */
  hasDeliverable(): boolean {
    return this.local.stop !== undefined || this.vm.watchdog.struck(this) || hasDeliverable(this);
  }

  /** Instructions until a timer ends its wait; undefined when none will. */
  untilTimer(): bigint | undefined {
    const own = untilTimer(this);
    const watchdog = this.vm.watchdog.until(this);
    if (own === undefined || watchdog === undefined) return own ?? watchdog;
    return own < watchdog ? own : watchdog;
  }

  /** Runs until an exit; at most to the instruction count `options.until`. */
  run(options: EnterOptions): VcpuExit {
    this.holding = options.holdTimers === true;
    for (;;) {
      const early = this.vm.watchdog.struck(this) ? this.#watchdogStruck() : this.#prepare();
      if (early !== undefined) return early;
      const now = this.vcpu.instructions.low;
      const exit = this.vm.sie.enter(this.vcpu, this.block, options);
      const handledBefore = this.#handled;
      if (handledBefore !== undefined) {
        this.#handled = undefined;
        if (handledBefore.exit !== undefined) return this.#watched(handledBefore.exit);
        continue;
      }
      switch (exit.kind) {
        case 'debug':
        case 'quantum':
        case 'unimplemented':
          return exit;
        case 'interruption-loop':
          return { kind: 'crashed', message: programLoop(this, exit.code, exit.cause) };
        case 'intercepted':
          break;
      }
      const program = this.block.icptcode === icpt.program;
      const outcome = this.#intercepted();
      if (outcome !== undefined) return this.#watched(outcome);
      // As in SIE: an interruption in place of the one instruction that was wanted.
      if (program && this.vcpu.instructions.low === now && this.vcpu.instructions.until(options.until) === 1) {
        return { kind: 'quantum' };
      }
      this.vm.core.patience.spend(this.vcpu, INTERCEPTION_EVENTS);
    }
  }

  /**
   * Handles the interception of the instruction in execution without leaving generated code for it; that goes on behind it, or is left
   * there when there is more to do. False when nothing has happened.
   */
  carryOut(): boolean {
    const { vcpu, vm } = this;
    if (this.holding || !beginAtOnce(this)) return false;
    const { lastProgram } = vcpu;
    const exit = this.#intercepted();
    vm.core.patience.spend(vcpu, INTERCEPTION_EVENTS);
    const simply = exit === undefined && vcpu.lastProgram === lastProgram && this.#pinned === vcpu.prefix;
    if (simply && maySimplyGoOn(this)) {
      this.#requestIntercepts();
      goOnAtOnce(this);
    } else {
      this.#handled = { exit };
      vcpu.stopAhead(handled);
    }
    return true;
  }

  #watchdogStruck(): VcpuExit {
    this.vm.watchdog.reset();
    return this.vm.userSpace.watchdogStruck(this);
  }

  // What the hypervisor and its devices have stored counts behind the instruction. Who runs next goes with it; what else an
  // exit tells is found again: the vCPU's state has it.
  #watched(exit: VcpuExit): VcpuExit {
    if (exit.kind === 'crashed') return exit;
    const met = this.vm.complex.met();
    if (met?.kind !== 'debug') return met ?? exit;
    return exit.kind === 'yield' || exit.kind === 'signal' ? { ...met, inPlaceOf: exit } : met;
  }

  // What a hypervisor does before it enters SIE: deliver, and ask for interceptions because of the rest.
  #prepare(): VcpuExit | undefined {
    if (this.stopped) {
      if (!this.local.restart) return { kind: 'stopped' };
      const bad = this.#restart();
      if (bad !== undefined) return bad;
    }
    if (this.waiting) {
      if (!this.hasDeliverable()) return { kind: 'wait' };
      this.leaveWait();
    }
    if (!this.holding) {
      const bad = this.#deliver();
      if (bad !== undefined) return bad;
    }
    this.#requestIntercepts();
    if (this.#pinned !== this.vcpu.prefix) this.#pin();
    return undefined;
  }

  /** Segments of the gmap were invalidated: the prefix area must be faulted in again before the next entry if it is there. */
  invalidated(segment: Gpa, bytes: number): void {
    if (this.#pinned < segment + bytes && this.#pinned + PREFIX_AREA_BYTES > segment) this.#pinned = NOT_PINNED;
  }
  /** The prefix area must be faulted in again before the next entry. */
  unpin(): void {
    this.#pinned = NOT_PINNED;
  }
  // SIE finds both pages without a fault, which it could not resolve. Where there are none it says so.
  #pin(): void {
    const { prefix } = this.vcpu;
    const { gmap, trace } = this.vm;
    const there = [0, PREFIX_AREA_BYTES / 2].every((offset) => gmap.fault(gpa(prefix + offset), true).ok);
    if (!there) return;
    this.#pinned = prefix;
    if (trace.on) this.traced('prefix', prefix);
  }

  // A stopped vCPU takes it before anything else.
  #restart(): VcpuExit | undefined {
    this.local.restart = false;
    this.start();
    const delivery = deliverRestart(this.vm.complex, this.vcpu);
    this.sync();
    return delivered(this, delivery);
  }

  #deliver(): VcpuExit | undefined {
    if (this.interpretation.active && hasDeliverable(this)) this.leaveInterpretation();
    for (;;) {
      const delivery = deliverNext(this);
      if (delivery === undefined) return undefined;
      this.sync();
      if (this.vm.trace.on) this.traced('interruption', Number(this.psw.address));
      const bad = delivered(this, delivery);
      if (bad !== undefined) return bad;
    }
  }

  #requestIntercepts(): void {
    const { block, local } = this;
    const waiting = waitingClasses(this);
    const open = waiting & this.vcpu.pswHigh;
    // Nobody else changes what is set here.
    const reasons = waiting | (open >>> 4) | (local.stop === undefined ? 0 : 2) | (this.holding ? 1 : 0);
    if (reasons === this.#reasons) return;
    this.#reasons = reasons;
    const held = waiting & ~open;
    let flags = local.stop !== undefined ? cpuflags.stopInt : 0;
    if (!this.holding) {
      if ((held & PSW_HIGH.external) !== 0) flags |= cpuflags.extInt;
      if ((held & PSW_HIGH.io) !== 0) flags |= cpuflags.ioInt;
    }
    block.lctl = openingRegisters(open);
    block.cpuflags = (block.cpuflags & ~REQUEST_FLAGS) | flags;
    block.ictl = (block.ictl & ~ictl.lpsw) | ((held & PSW_HIGH.machineCheck) !== 0 ? ictl.lpsw : 0);
  }

  #intercepted(): VcpuExit | undefined {
    const { block, intercepts } = this;
    intercepts.record(block, this.vcpu);
    if (this.vm.trace.on) {
      const code = block.icptcode;
      this.traced('interception', code, code === icpt.program ? block.get('iprcc') : block.ipa);
    }
    const outcome = this.#outcome();
    if (outcome.kind === 'pgm') return this.#endWith(outcome);
    if (outcome.kind === 'cc') this.vcpu.cc = outcome.cc;
    const exit = outcome.kind === 'exit' ? outcome.exit : undefined;
    const bad = this.#presentEvents(exit);
    this.sync();
    return bad ?? exit;
  }

  // An access exception of the hypervisor's own accesses has set the PSW already.
  #outcome(): Outcome {
    try {
      return handleInterception(this);
    } catch (error) {
      const cause = isUnwind(error) ? this.vcpu.takeCause() : undefined;
      if (cause?.kind !== 'program') throw error;
      const { code, ...details } = cause.interruption;
      return program(code, details);
    }
  }

  // Program events of an instruction that was carried out here.
  #presentEvents(exit: VcpuExit | undefined): VcpuExit | undefined {
    const { per } = this.vm.core;
    const goesOn = exit === undefined || exit.kind === 'yield' || exit.kind === 'signal';
    if (!goesOn) per.drop();
    const events = per.end('completed');
    return events === undefined ? undefined : this.#inject(eventsAlone(events, per.length));
  }

  // The machine has left the PSW behind the instruction; nullification takes it back.
  #endWith({ code, details }: ProgramOutcome): VcpuExit | undefined {
    const { vcpu } = this;
    const { ilc } = vcpu;
    const nullified = details?.nullified ?? isNullifying(code);
    if (nullified && details?.nullified === undefined) vcpu.setPsw({ mask: vcpu.pswMask, address: vcpu.ia });
    return this.#inject(Object.assign({ code, ilc, nullified }, details));
  }

  /** Presents a program interruption to the guest at once. The PSW is already what the old PSW shall hold. */
  injectProgram(code: number, details: InterruptionDetails = {}): VcpuExit | undefined {
    return this.#inject({ code, ilc: this.vcpu.ilc, nullified: true, ...details });
  }

  /** Notes an event; call it while the trace is on. */
  traced(kind: TraceKind, first: number, second = 0): void {
    this.vm.trace.add({ kind, vcpu: this.id, icount: this.vcpu.icount, first, second });
  }

  // The PSW is already what the old PSW shall hold.
  #inject(exception: ProgramInterruption): VcpuExit | undefined {
    const { complex, core } = this.vm;
    const interruption = withEvents(exception, core.per.end(completes(exception.code) ? 'completed' : 'fetched'));
    if (this.vm.trace.on) this.traced('program', interruption.code);
    if (leadsBack(complex, this.vcpu, interruption.code)) {
      return { kind: 'crashed', message: programLoop(this, interruption.code, causeOf(this.vcpu)) };
    }
    const bad = delivered(this, deliverProgram(complex, this.vcpu, interruption));
    this.sync();
    return bad;
  }
}

function delivered(v: KvmVcpu, delivery: DeliveryEnd | Delivery): VcpuExit | undefined {
  switch (delivery) {
    case 'delivered':
      return undefined;
    case 'no-prefix-area':
      return { kind: 'crashed', message: 'the prefix area is outside storage' };
    case 'invalid-new-psw':
      return { kind: 'crashed', message: invalidNewPsw(v) };
    case 'external-loop':
      return externalLoop;
  }
}
