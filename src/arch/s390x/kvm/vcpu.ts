import { type Delivery, deliverExternal, deliverIo, deliverProgram, deliverRestart } from '../cpu/interruption.ts';
import { PSW, PSW_HIGH, type Psw } from '../cpu/psw.ts';
import { files, slots } from '../cpu/state-layout.ts';
import { isUnwind, type ProgramInterruption, type Vcpu } from '../cpu/vcpu.ts';
import type { EnterOptions } from '../sie/sie.ts';
import { cpuflags, eca, ecb, ecb2, icpt, ictl, SieBlock } from '../sie/state-description.ts';
import { storeState } from '../sie/state-transfer.ts';
import { handleInterception } from './intercept/dispatch.ts';
import { InterceptLog } from './intercept-log.ts';
import { LocalInterrupts } from './interrupts.ts';
import type { KvmVm } from './vm.ts';

/** Why a vCPU's run came back. */
export type VcpuExit =
  /** It has used up its instructions. */
  | { readonly kind: 'quantum' }
  /** It gave the rest of its turn away. */
  | { readonly kind: 'yield' }
  | { readonly kind: 'wait' }
  /** It is in the stopped state. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'debug' }
  /** It can do no more; `message` says why in words. */
  | { readonly kind: 'crashed'; readonly message: string }
  | { readonly kind: 'unimplemented'; readonly mnemonic: string }
  /** User space has something to do with the whole machine. */
  | { readonly kind: 'machine' };

/** What an interception handler wants next. */
export type HandlerOutcome = 'resume' | VcpuExit | { readonly kind: 'pgm'; readonly code: number };

/** The resets of a CPU (PoP, "Resets"). */
export type CpuReset = 'normal' | 'initial' | 'clear';

/** A vCPU of a VM: its state description, pending interruptions, and the loop around SIE. */
export class KvmVcpu {
  readonly vm: KvmVm;
  readonly vcpu: Vcpu;
  readonly block = new SieBlock(new DataView(new ArrayBuffer(4096)));
  readonly local = new LocalInterrupts();
  readonly intercepts = new InterceptLog();
  /** In the stopped state of the architecture. */
  stopped = true;
  /** In an enabled wait. */
  waiting = false;

  constructor(vm: KvmVm, vcpu: Vcpu) {
    this.vm = vm;
    this.vcpu = vcpu;
    const { block } = this;
    block.set('cpuflags', cpuflags.zarch | cpuflags.sm | cpuflags.stopped | cpuflags.ged);
    block.set('ictl', ictl.iske | ictl.sske | ictl.rrbe);
    block.set('eca', eca.mvpgi | eca.protectionInterpretation | eca.ib | eca.cei);
    block.set('ecb', ecb.hostProtection | ecb.speci);
    block.set('ecb2', ecb2.pfmfi);
    block.set('hpid', 4);
    block.set('icpua', vcpu.id);
    this.reset('clear');
  }

  get id(): number {
    return this.vcpu.id;
  }
  get cpuAddress(): number {
    return this.block.get('icpua');
  }

  /** The intercepts that waited for the first key instruction are no longer wanted. */
  keysEnabled(): void {
    this.block.change('ictl', 0, ictl.iske | ictl.sske | ictl.rrbe);
  }

  /** Performs a CPU reset; the vCPU is stopped afterwards. */
  reset(kind: CpuReset): void {
    const { vcpu } = this;
    this.local.clear();
    this.stop();
    if (kind === 'normal') return;
    vcpu.setPsw({ mask: 0n, address: 0n });
    for (let i = 0; i < 16; i++) vcpu.setCr(i, 0n);
    vcpu.setCr(0, 0xe0n);
    vcpu.setCr(14, 0xc200_0000n);
    vcpu.setPrefix(0);
    vcpu.fpc = 0;
    vcpu.core.clock.setCpuTimer(vcpu, 0n);
    vcpu.core.clock.setClockComparator(vcpu, 0n);
    vcpu.setNum(slots.todProgrammable, 0);
    vcpu.setBig(slots.programParameter, 0n);
    vcpu.setBig(slots.bea, 1n);
    if (kind === 'clear') {
      for (let i = 0; i < 16; i++) {
        vcpu.setGr(i, 0n);
        vcpu.setAr(i, 0);
      }
      for (let i = 0; i < 32; i++) {
        vcpu.view.setBigUint64(vcpu.base + files.vr.offset + i * 16, 0n, true);
        vcpu.view.setBigUint64(vcpu.base + files.vr.offset + i * 16 + 8, 0n, true);
      }
    }
    vcpu.controlsChanged();
    this.sync();
  }

  /** Leaves the stopped state. */
  start(): void {
    this.stopped = false;
    this.block.change('cpuflags', 0, cpuflags.stopped);
  }
  /** Enters the stopped state. */
  stop(): void {
    this.stopped = true;
    this.waiting = false;
    this.block.change('cpuflags', cpuflags.stopped);
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

  /** True when something waits that this vCPU would take now. */
  hasDeliverable(): boolean {
    if (this.local.restart || this.local.stop !== undefined) return true;
    const { vcpu } = this;
    const high = vcpu.pswHigh;
    const cr0 = vcpu.crLow(0);
    if ((high & PSW_HIGH.external) !== 0) {
      if (this.local.nextExternal(cr0, false) !== undefined) return true;
      if (this.vm.floating.nextExternal(cr0, false) !== undefined) return true;
      const { clock } = this.vm.core;
      if ((cr0 & 0x800) !== 0 && clock.clockComparatorPending(vcpu)) return true;
      if ((cr0 & 0x400) !== 0 && clock.cpuTimerPending(vcpu)) return true;
    }
    return (high & PSW_HIGH.io) !== 0 && this.vm.floating.nextIo(vcpu.crLow(6), false) !== undefined;
  }

  /** Instructions until a timer of its own ends its wait; undefined when none will. */
  untilTimer(): bigint | undefined {
    const { vcpu } = this;
    if ((vcpu.pswHigh & PSW_HIGH.external) === 0) return undefined;
    const { clock } = this.vm.core;
    const cr0 = vcpu.crLow(0);
    const comparator = (cr0 & 0x800) !== 0 ? clock.untilClockComparator(vcpu) : undefined;
    const timer = (cr0 & 0x400) !== 0 ? clock.untilCpuTimer(vcpu) : undefined;
    if (comparator === undefined || timer === undefined) return comparator ?? timer;
    return comparator < timer ? comparator : timer;
  }

  /** Runs until an exit; at most to the instruction count `options.until`. */
  run(options: EnterOptions): VcpuExit {
    for (;;) {
      const early = this.#prepare(options);
      if (early !== undefined) return early;
      const exit = this.vm.sie.enter(this.vcpu, this.block, options);
      switch (exit.kind) {
        case 'debug':
          return exit;
        case 'unimplemented':
          return exit;
        case 'interruption-loop':
          return { kind: 'crashed', message: `program-interruption loop, code 0x${exit.code.toString(16)}` };
        case 'intercepted':
          break;
      }
      if (this.block.get('icptcode') === icpt.none) return { kind: 'quantum' };
      const outcome = this.#intercepted();
      if (outcome !== undefined) return outcome;
    }
  }

  #prepare(options: EnterOptions): VcpuExit | undefined {
    const { local } = this;
    if (local.restart) {
      local.restart = false;
      this.start();
      this.waiting = false;
      const bad = this.#checkDelivery(deliverRestart(this.vm.complex, this.vcpu));
      this.sync();
      if (bad !== undefined) return bad;
    }
    if (this.stopped) return { kind: 'stopped' };
    if (this.waiting && !this.hasDeliverable()) return { kind: 'wait' };
    this.waiting = false;
    const bad = options.holdTimers === true ? undefined : this.#deliver();
    if (bad !== undefined) return bad;
    this.#requestIntercepts(options);
    return undefined;
  }

  // Delivers at most one interruption of each class: each may close the door to the next.
  #deliver(): VcpuExit | undefined {
    const { vcpu, vm } = this;
    const { complex } = vm;
    for (;;) {
      const high = vcpu.pswHigh;
      if ((high & PSW_HIGH.external) !== 0) {
        const cr0 = vcpu.crLow(0);
        const e = this.local.nextExternal(cr0, true) ?? vm.floating.nextExternal(cr0, true);
        if (e !== undefined) {
          const bad = this.#checkDelivery(deliverExternal(complex, vcpu, e));
          this.sync();
          if (bad !== undefined) return bad;
          continue;
        }
      }
      const io = (high & PSW_HIGH.io) !== 0 ? vm.floating.nextIo(vcpu.crLow(6), true) : undefined;
      if (io === undefined) return undefined;
      const bad = this.#checkDelivery(deliverIo(complex, vcpu, io));
      this.sync();
      if (bad !== undefined) return bad;
    }
  }

  #checkDelivery(delivery: Delivery): VcpuExit | undefined {
    if (delivery === 'delivered') return undefined;
    return {
      kind: 'crashed',
      message:
        delivery === 'no-prefix-area'
          ? 'the prefix area is outside storage'
          : 'the new PSW of an interruption is invalid',
    };
  }

  // Asks SIE to come back as soon as something that waits can be delivered.
  #requestIntercepts(options: EnterOptions): void {
    const { block, vcpu } = this;
    let flags = 0;
    let lctl = 0;
    const hold = options.holdTimers === true;
    if (!hold && (this.local.anyExternal || this.vm.floating.anyExternal)) {
      if ((vcpu.pswHigh & PSW_HIGH.external) === 0) flags |= cpuflags.extInt;
      else lctl |= 0x8000;
      if ((vcpu.pswHigh & PSW_HIGH.external) === 0) lctl |= 0x8000;
    }
    if (!hold && this.vm.floating.anyIo) {
      if ((vcpu.pswHigh & PSW_HIGH.io) === 0) flags |= cpuflags.ioInt;
      lctl |= 0x0200;
    }
    if (this.local.stop !== undefined) flags |= cpuflags.stopInt;
    block.change('cpuflags', flags, cpuflags.extInt | cpuflags.ioInt | cpuflags.stopInt);
    block.set('lctl', lctl);
  }

  #intercepted(): VcpuExit | undefined {
    this.intercepts.record(this.block, this.vcpu.icount);
    let outcome: HandlerOutcome;
    try {
      outcome = handleInterception(this);
    } catch (error) {
      if (!isUnwind(error) || this.vcpu.unwindCause?.kind !== 'program') throw error;
      const { interruption } = this.vcpu.unwindCause;
      this.vcpu.unwindCause = undefined;
      const bad = this.inject(interruption);
      return bad;
    }
    if (outcome === 'resume') {
      this.sync();
      return undefined;
    }
    if (outcome.kind === 'pgm') return this.inject({ code: outcome.code, ilc: this.vcpu.ilc, nullified: false });
    this.sync();
    return outcome;
  }

  /** Delivers a program interruption; the PSW is already what the old PSW shall hold. */
  inject(interruption: ProgramInterruption): VcpuExit | undefined {
    const bad = this.#checkDelivery(deliverProgram(this.vm.complex, this.vcpu, interruption));
    this.sync();
    return bad;
  }

  /** True when the PSW waits and no class of interruption could end it. */
  inDisabledWait(): boolean {
    const { mask } = this.psw;
    return (mask & PSW.wait) !== 0n && (mask & (PSW.io | PSW.external | PSW.machineCheck)) === 0n;
  }
}
