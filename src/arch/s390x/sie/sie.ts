import type { Interpreter } from '../../../machine/arch.ts';
import type { StopExit } from '../../../machine/exit.ts';
import { engineState } from '../../../machine/layout.ts';
import type { CpuComplex } from '../cpu/complex.ts';
import type { S390xCore } from '../cpu/core.ts';
import type { HostFault } from '../cpu/explain.ts';
import {
  type Delivery,
  deliverExternal,
  deliverProgram,
  deliverSvc,
  type ExternalInterruption,
  eventsAlone,
  withEvents,
} from '../cpu/interruption.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import type { ProgramInterruption } from '../cpu/program-interruption.ts';
import { PSW_HIGH } from '../cpu/psw.ts';
import { refuse } from '../cpu/restricted.ts';
import { slots } from '../cpu/state-layout.ts';
import { makeTraceEntry, tracesInstructions } from '../cpu/trace-table.ts';
import { abortCode } from '../cpu/transaction.ts';
import type { UnwindCause } from '../cpu/unwind-cause.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { compileInnerState, type InnerState } from './inner-state.ts';
import { UNEQUAL, unequalControl } from './instruction-controls.ts';
import { Interpretation } from './interpretation.ts';
import { causeOf, completes, externalNewPswIsOpen, leadsBack } from './loops.ts';
import { isIntercepted, storeDiagnosticBlock, storeEntries, storeProgramParameters } from './program-interception.ts';
import type { EnterOptions, SieExit } from './sie-exit.ts';
import { externalCallFor, hasSignals, interpretSignal } from './signal.ts';
import {
  cpuflags,
  eca,
  ecb,
  icpt,
  icptStatus,
  ictl,
  type SieBlock,
  validityIpa,
  validityReason,
} from './state-description.ts';
import { loadState, storeState } from './state-transfer.ts';
import { hasTopology, interpretTopology } from './topology.ts';
import { traceOfNext } from './tracing.ts';
import { modeReason } from './validity.ts';

/** The guest of a vCPU has come to what its host must resolve. */
interface HostExit {
  readonly kind: 'host';
  readonly fault: HostFault;
  readonly ilc: number;
}

const intercepted: SieExit = { kind: 'intercepted' };
const instruction: UnwindCause = { kind: 'intercept', code: icpt.instruction };
/** What may be let in by a change of masks. */
const REQUESTS = cpuflags.extInt | cpuflags.ioInt | cpuflags.stopInt | cpuflags.externalCallPending;
/** Length of START INTERPRETIVE EXECUTION itself. */
const SIE_ILC = 4;
const quantum: StopExit = { kind: 'quantum' };

/** The machine's START INTERPRETIVE EXECUTION: runs guests by their state descriptions. */
export class Sie {
  readonly #core: S390xCore;
  readonly #complex: CpuComplex;
  readonly #interpreter: Interpreter;
  readonly #interpretations: readonly Interpretation[];

  constructor(core: S390xCore, interpreter: Interpreter) {
    this.#core = core;
    this.#complex = core.complex;
    this.#interpreter = interpreter;
    // Most guests are no hypervisors.
    let made: InnerState | undefined;
    const state = (): InnerState => {
      made ??= compileInnerState(core.complex.memory);
      return made;
    };
    this.#interpretations = core.complex.vcpus.map((vcpu) => new Interpretation(core, vcpu, state));
  }

  /** The instruction as a vCPU executes it itself, for a guest of its own. */
  interpretation({ id }: Vcpu): Interpretation {
    const found = this.#interpretations[id];
    if (found === undefined) throw new Error(`there is no vCPU ${id}`);
    return found;
  }
  /** The vCPU that is in execution when this one is: the one of its guest while it interprets one. */
  executing(vcpu: Vcpu): Vcpu {
    const { active, guest } = this.interpretation(vcpu);
    return active ? guest : vcpu;
  }

  /**
   * Runs the guest that `block` describes on `vcpu` until an interception, a debug event or `until`. GR 0-13 and the
   * access and floating-point registers are the vCPU's own; the rest comes from the block and goes back to it.
   */
  enter(vcpu: Vcpu, block: SieBlock, options: EnterOptions): SieExit {
    block.clearInterception();
    const { entry } = validityIpa;
    const reason = modeReason(this.#core.complex.dat, block.cpuflags);
    if (reason !== undefined) return this.#validity(block, reason, entry);
    loadState(this.#core, vcpu, block);
    if (vcpu.prefixArea < 0) return this.#validity(block, validityReason.prefixAccess, entry);
    this.#core.transactions.turnOf(vcpu);
    const interpretation = this.interpretation(vcpu);
    if (interpretation.active) interpretation.resume();
    const exit = this.#earlyException(vcpu, block, options) ?? this.#run(interpretation, block, options);
    if (interpretation.active) interpretation.suspend();
    storeState(this.#core, vcpu, block);
    return exit;
  }

  // Of a PSW that was put there from outside, such as by a debugger; undefined when there is none, or when the guest has it.
  #earlyException(vcpu: Vcpu, block: SieBlock, { until }: EnterOptions): SieExit | undefined {
    if (!vcpu.hasInvalidPsw) return undefined;
    const exit = this.#program(vcpu, block, { code: PGM.specification, ilc: 0, nullified: false });
    // An interruption in place of the one instruction that was wanted.
    return exit ?? (vcpu.instructions.until(until) === 1 ? quantum : undefined);
  }

  #run(interpretation: Interpretation, block: SieBlock, options: EnterOptions): SieExit {
    const vcpu = interpretation.host;
    for (;;) {
      if (interpretation.active) {
        const exit = this.#interpret(interpretation, block, options);
        if (exit !== undefined) return exit;
      }
      // Watched storage may have been changed by the last instruction, or by whoever acted since.
      const before = this.#complex.met() ?? this.#beforeInstruction(vcpu, block, options);
      if (before !== undefined) return before;
      const now = vcpu.instructions.low;
      const exit = this.#go(vcpu, block, options);
      if (exit?.kind === 'host') throw new Error('a vCPU without a host has met an exception of that');
      if (exit !== undefined) return exit;
      // An interruption in place of the one instruction that was wanted: that it could not be fetched is all that it does.
      if (vcpu.instructions.low === now && vcpu.instructions.until(options.until) === 1) return quantum;
      this.#core.patience.spend(vcpu);
    }
  }

  /** Runs the guest that a vCPU interprets; undefined when the vCPU itself goes on. */
  #interpret(i: Interpretation, hostBlock: SieBlock, options: EnterOptions): SieExit | undefined {
    const { guest, block } = i;
    for (;;) {
      const before = this.#complex.met() ?? this.#beforeInner(i, options);
      if (before?.kind === 'intercepted') return this.#leave(i, hostBlock);
      if (before !== undefined) return before;
      if (this.#hostWants(i.host, hostBlock, options)) {
        i.leave(false);
        return undefined;
      }
      this.#limitByHost(i.host, guest);
      const now = guest.instructions.low;
      const exit = this.#go(guest, block, options);
      i.count();
      switch (exit?.kind) {
        case undefined:
          break;
        case 'intercepted':
          return this.#leave(i, hostBlock);
        case 'host':
          return this.#hostException(i, hostBlock, exit);
        default:
          return exit;
      }
      // As in the run of the host itself.
      if (guest.instructions.low === now && guest.instructions.until(options.until) === 1) return quantum;
      this.#core.patience.spend(guest);
    }
  }

  #beforeInner({ guest, block }: Interpretation, options: EnterOptions): SieExit | undefined {
    return this.#earlyException(guest, block, options) ?? this.#beforeInstruction(guest, block, options);
  }

  // Behind the instruction, which an interception has completed; its program events are taken now.
  #leave(i: Interpretation, hostBlock: SieBlock): SieExit | undefined {
    if (i.active) i.leave(true);
    const { events, host } = i;
    i.events = undefined;
    if (events === undefined) return undefined;
    return this.#program(host, hostBlock, eventsAlone(events, this.#core.per.length));
  }

  // In front of the instruction, or behind it when it is suppressed. Protection without its control is the guest's own.
  #hostException(i: Interpretation, hostBlock: SieBlock, { fault, ilc }: HostExit): SieExit | undefined {
    const { block, guest, host } = i;
    const suppressed = fault.code === PGM.protection;
    if (suppressed && !block.has('ecb', ecb.hostProtection)) {
      const { mask, address } = guest.psw;
      guest.setPsw({ mask, address: (address + BigInt(ilc)) & guest.amask });
      storeProgramParameters(block, { code: fault.code, ilc, nullified: false, teid: fault.teid });
      this.#intercepted(block, icpt.program);
      return this.#leave(i, hostBlock);
    }
    i.leave(false);
    if (suppressed) i.suppress();
    return this.#program(host, hostBlock, { ...fault, ilc: SIE_ILC, nullified: !suppressed, exceptionAccessId: 0 });
  }

  // True when the host has an interruption or a request of its hypervisor's to take.
  #hostWants(host: Vcpu, { cpuflags: flags }: SieBlock, options: EnterOptions): boolean {
    const high = host.pswHigh;
    if ((flags & cpuflags.stopInt) !== 0) return true;
    if ((flags & cpuflags.ioInt) !== 0 && (high & PSW_HIGH.io) !== 0) return true;
    if ((high & PSW_HIGH.external) === 0) return false;
    if ((flags & cpuflags.extInt) !== 0) return true;
    return options.holdTimers !== true && this.#core.clock.pendingTimer(host) !== 0;
  }

  // The guest runs no longer than to where a timer of its host's ends the interpretation.
  #limitByHost(host: Vcpu, guest: Vcpu): void {
    if ((host.pswHigh & PSW_HIGH.external) === 0) return;
    const due = this.#core.clock.untilTimer(host);
    if (due !== undefined && due > 0n && due < guest.num(engineState.remaining)) guest.runFor(Number(due));
  }

  #go(vcpu: Vcpu, block: SieBlock, options: EnterOptions): SieExit | HostExit | undefined {
    const { per, transactions } = this.#core;
    if (transactions.of(vcpu) !== undefined) return this.#transact(vcpu, block, options);
    if (tracesInstructions(vcpu)) return this.#trace(vcpu, block, options);
    return per.wanted(vcpu) ? this.#record(vcpu, block, options) : this.#step(vcpu, block, options);
  }

  /** One instruction that may have a trace entry. That has its place before it is carried out, and is made behind it. */
  #trace(vcpu: Vcpu, block: SieBlock, options: EnterOptions): SieExit | HostExit | undefined {
    const { per } = this.#core;
    const traced = traceOfNext(this.#core, vcpu);
    if (traced?.kind === 'refused') return this.#program(vcpu, block, traced.interruption);
    vcpu.runFor(1);
    const executed = vcpu.icount;
    const exit = per.wanted(vcpu) ? this.#record(vcpu, block, options) : this.#step(vcpu, block, options);
    if (exit === undefined && vcpu.icount !== executed) makeTraceEntry(vcpu, traced?.entry);
    return exit;
  }

  /** One instruction of a transaction, if it may be executed there. */
  #transact(vcpu: Vcpu, block: SieBlock, options: EnterOptions): SieExit | HostExit | undefined {
    const { per } = this.#core;
    const refusal = refuse(this.#core, vcpu);
    if (refusal === 'aborted') return undefined;
    if (refusal !== undefined) return this.#program(vcpu, block, refusal);
    vcpu.runFor(1);
    return per.wantedInTransaction(vcpu) ? this.#record(vcpu, block, options) : this.#step(vcpu, block, options);
  }

  #step(vcpu: Vcpu, block: SieBlock, options: EnterOptions): SieExit | HostExit | undefined {
    const cause = this.#execute(vcpu, block, options);
    return cause === undefined ? undefined : this.#unwound(vcpu, block, cause);
  }

  /** One instruction with its program events. Those of an intercepted one are the hypervisor's to take and to present. */
  #record(vcpu: Vcpu, block: SieBlock, options: EnterOptions): SieExit | HostExit | undefined {
    const { per } = this.#core;
    const nullified = per.begin(vcpu);
    if (nullified !== undefined) return this.#program(vcpu, block, nullified);
    vcpu.runFor(1);
    const cause = this.#execute(vcpu, block, options);
    if (cause?.kind === 'stop' || cause?.kind === 'host') per.drop();
    if (cause?.kind === 'sie') this.interpretation(vcpu).events = per.end('completed');
    const exit = cause === undefined ? undefined : this.#unwound(vcpu, block, cause);
    if (cause?.kind === 'intercept' || exit?.kind === 'intercepted') {
      if (vcpu.outer !== undefined) this.#tellFetchEvent(block);
      return exit;
    }
    const events = per.end('completed');
    return exit ?? (events === undefined ? undefined : this.#program(vcpu, block, eventsAlone(events, per.length)));
  }

  // A hypervisor of the guest's own learns of it by a bit: the instruction's other events are its to find out.
  #tellFetchEvent(block: SieBlock): void {
    const events = this.#core.per.end('fetched');
    if (events !== undefined && block.icptcode !== icpt.program) block.icptstatus |= icptStatus.perIfetch;
  }

  // Requests in the order of their priority; sets the run loop's limit.
  #beforeInstruction(vcpu: Vcpu, block: SieBlock, options: EnterOptions): SieExit | undefined {
    vcpu.recheck = false;
    const { transactions } = this.#core;
    const flags = block.cpuflags;
    const high = vcpu.pswHigh;
    if (options.holdTimers !== true && (high & PSW_HIGH.external) !== 0) {
      const waiting = this.#waitingExternal(vcpu, block);
      if (waiting !== undefined) {
        // The hypervisor wants it anyhow, or to merge it with what it has itself; or the guest would never get out of it.
        const conditional = (flags & cpuflags.extInt) === 0 && (vcpu.controls.eca & eca.cei) !== 0;
        if (!conditional || externalNewPswIsOpen(this.#complex, vcpu)) {
          block.set('eic', waiting.code);
          block.set('extcpuaddr', waiting.cpuAddress ?? 0);
          return this.#intercepted(block, icpt.externalInterruption);
        }
        externalCallFor(this.#core, vcpu, block, true);
        return this.#delivered(block, deliverExternal(this.#complex, vcpu, waiting));
      }
    }
    if ((flags & cpuflags.extInt) !== 0 && (high & PSW_HIGH.external) !== 0) {
      transactions.abort(vcpu, abortCode.externalInterruption);
      return this.#intercepted(block, icpt.externalRequest);
    }
    if ((flags & cpuflags.ioInt) !== 0 && (high & PSW_HIGH.io) !== 0) {
      transactions.abort(vcpu, abortCode.ioInterruption);
      return this.#intercepted(block, icpt.ioRequest);
    }
    if ((flags & cpuflags.stopInt) !== 0) {
      transactions.abort(vcpu, abortCode.miscellaneous);
      return this.#intercepted(block, icpt.stop);
    }
    if ((high & PSW_HIGH.wait) !== 0) return this.#intercepted(block, icpt.wait);
    const left = vcpu.instructions.until(options.until);
    if (left === 0 || this.#core.patience.ended) return quantum;
    this.#setLimit(vcpu, left, flags);
    return undefined;
  }

  // `left` is what may be executed at most.
  #setLimit(vcpu: Vcpu, left: number, flags: number): void {
    const due = this.#core.clock.untilTimer(vcpu);
    const pending = due === 0n || (flags & REQUESTS) !== 0;
    const limit = due !== undefined && due > 0n && due < left ? Number(due) : left;
    vcpu.setNum(slots.interruptionPending, pending ? 1 : 0);
    vcpu.runFor(limit);
  }

  // External calls come before timers.
  #waitingExternal(vcpu: Vcpu, block: SieBlock): ExternalInterruption | undefined {
    const call = externalCallFor(this.#core, vcpu, block, false);
    if (call !== undefined) return call;
    const code = this.#core.clock.pendingTimer(vcpu);
    return code === 0 ? undefined : { code };
  }

  #execute(vcpu: Vcpu, block: SieBlock, options: EnterOptions): UnwindCause | undefined {
    const unequal = vcpu.controls.ictl & UNEQUAL;
    if (unequal !== 0) vcpu.runFor(1);
    const address = unequal === 0 ? 0n : vcpu.psw.address;
    if (options.checked) {
      // Pages with breakpoints are looked at when they are come to.
      vcpu.forgetDecodePage();
      this.#interpreter.runChecked(vcpu.base);
    } else this.#interpreter.run(vcpu.base);
    const cause = vcpu.takeCause();
    if (cause !== undefined) return this.#interpreted(vcpu, block, cause);
    if (unequal === 0 || vcpu.cc !== 1) return undefined;
    return (unequal & unequalControl(this.#core, vcpu, address)) === 0 ? undefined : instruction;
  }

  // What of an instruction is left to be handed over: nothing when the machine carries it out for a guest of a guest.
  #interpreted(vcpu: Vcpu, block: SieBlock, cause: UnwindCause): UnwindCause | undefined {
    if (vcpu.outer === undefined) return cause;
    const left = hasSignals(vcpu) ? interpretSignal(this.#core, vcpu, block, cause) : cause;
    return left !== undefined && hasTopology(vcpu) ? interpretTopology(this.#core, vcpu, block, left) : left;
  }

  #unwound(vcpu: Vcpu, block: SieBlock, cause: UnwindCause): SieExit | HostExit | undefined {
    switch (cause.kind) {
      case 'sie': {
        const i = this.interpretation(vcpu);
        return i.begin(cause.block, cause.ilc) ? undefined : this.#leave(i, block);
      }
      case 'host':
        return cause;
      case 'svc':
        return this.#delivered(block, deliverSvc(this.#complex, vcpu, cause.number, cause.ilc));
      case 'program':
        return this.#program(vcpu, block, cause.interruption);
      case 'intercept':
        if (cause.entries !== undefined) storeEntries(block, cause.entries);
        if (cause.reason !== undefined) return this.#validity(block, cause.reason, validityIpa.instruction);
        return this.#instructionIntercepted(vcpu, block, cause.code);
      case 'unimplemented':
        return { kind: 'unimplemented', mnemonic: cause.mnemonic };
      case 'redirected':
        return undefined;
      case 'stop':
        return cause.exit;
    }
  }

  #program(vcpu: Vcpu, block: SieBlock, exception: ProgramInterruption): SieExit | undefined {
    const controls = block.ictl;
    if (exception.code === PGM.operation && (controls & ictl.operationException) !== 0) {
      return this.#instructionIntercepted(vcpu, block, icpt.operation);
    }
    const events = this.#core.per.end(completes(exception.code) ? 'completed' : 'fetched');
    const p = this.#core.transactions.interrupted(vcpu, withEvents(exception, events));
    if (p === undefined) return undefined;
    if (isIntercepted(block, vcpu, p)) {
      storeProgramParameters(block, p);
      if (p.tdb !== undefined) storeDiagnosticBlock(this.#core, vcpu, block, p.tdb);
      return this.#intercepted(block, icpt.program);
    }
    // A guest of a guest may do what it likes: its host gets its interruptions all the same.
    const mayLoop = vcpu.outer === undefined && (p.code & PGM.transactional) === 0;
    const loops = mayLoop && leadsBack(this.#complex, vcpu, p.code);
    const cause = loops ? causeOf(vcpu) : undefined;
    const exit = this.#delivered(block, deliverProgram(this.#complex, vcpu, p));
    if (!loops || exit !== undefined) return exit;
    // Delivered all the same, so that the PSW is at the instruction again and another run ends in the same way.
    if (vcpu.lastProgram !== undefined) vcpu.lastProgram = { ...vcpu.lastProgram, loop: { cause } };
    return { kind: 'interruption-loop', code: p.code, cause };
  }

  #instructionIntercepted(vcpu: Vcpu, block: SieBlock, code: number): SieExit {
    const [first, last, executed] = vcpu.interceptedText();
    block.ipa = first >>> 16;
    block.ipb = ((first << 16) | last) >>> 0;
    block.icptstatus = icptStatus.text | (executed ? icptStatus.executeTarget | ((vcpu.ilc & 6) << 4) : 0);
    return this.#intercepted(block, code);
  }

  #delivered(block: SieBlock, delivery: Delivery): SieExit | undefined {
    switch (delivery) {
      case 'delivered':
        return undefined;
      case 'no-prefix-area':
        return this.#validity(block, validityReason.prefixAccess, validityIpa.interruption);
      case 'invalid-new-psw':
        storeProgramParameters(block, { code: PGM.specification, ilc: 0, nullified: false });
        return this.#intercepted(block, icpt.program);
    }
  }

  #intercepted(block: SieBlock, code: number): SieExit {
    block.icptcode = code;
    return intercepted;
  }

  #validity(block: SieBlock, reason: number, ipa: number): SieExit {
    block.icptcode = icpt.validity;
    block.ipa = ipa;
    block.ipb = reason << 16;
    return intercepted;
  }
}
