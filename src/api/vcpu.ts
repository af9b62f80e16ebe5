import { accessLogical, type LogicalAccess } from '../arch/s390x/kvm/mem-op.ts';
import type { CpuReset } from '../arch/s390x/kvm/reset.ts';
import type { KvmVcpu } from '../arch/s390x/kvm/vcpu.ts';
import { VmError } from './error.ts';
import type { AccessResult, VmExit } from './exit.ts';
import { type ExitingUserSpace, exitOf } from './exits.ts';
import type { GuestDebug, GuestDebugOptions } from './guest-debug.ts';

/** A program-status word: bits 0-63, and the instruction address. */
export interface ProgramStatusWord {
  readonly mask: bigint;
  readonly address: bigint;
}

/** An interruption of one vCPU. */
export type VcpuInterrupt =
  | { readonly kind: 'external-call' | 'emergency-signal'; readonly from: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'stop'; readonly storeStatus?: boolean }
  /** Presented at once: the PSW is what the old PSW shall hold. */
  | { readonly kind: 'program'; readonly code: number };

/** An access to storage by logical address, in the vCPU's own address space. */
export type VcpuAccess = LogicalAccess;

/** A vCPU of a VM. It is stopped until `start`; nothing runs but in `run`. */
export class Vcpu {
  readonly #v: KvmVcpu;
  readonly #userSpace: ExitingUserSpace;
  readonly #debug: GuestDebug;
  /** A program interruption was injected since the last run. */
  #interrupted = false;
  #singleStep = false;

  /**
   * Made by `Vm.createVcpu`.
   * @internal
   */
  constructor(v: KvmVcpu, userSpace: ExitingUserSpace, debug: GuestDebug) {
    this.#v = v;
    this.#userSpace = userSpace;
    this.#debug = debug;
  }

  get id(): number {
    return this.#v.id;
  }
  get state(): 'stopped' | 'waiting' | 'running' {
    return this.#v.stopped ? 'stopped' : this.#v.waiting ? 'waiting' : 'running';
  }
  /** Instructions that it has executed. */
  get executed(): bigint {
    return this.#v.vcpu.icount;
  }

  get psw(): ProgramStatusWord {
    return this.#v.psw;
  }
  set psw(psw: ProgramStatusWord) {
    this.#v.leaveWait();
    this.#v.setPsw(psw);
  }
  /** The condition code, 0 to 3. */
  get cc(): number {
    return this.#v.vcpu.cc;
  }
  set cc(value: number) {
    this.#v.vcpu.cc = value & 3;
    this.#v.sync();
  }
  /** General register 0 to 15. */
  gr(n: number): bigint {
    return this.#v.vcpu.gr(n & 15);
  }
  setGr(n: number, value: bigint): void {
    this.#v.vcpu.setGr(n & 15, BigInt.asUintN(64, value));
    this.#v.sync();
  }
  /** Access register 0 to 15. */
  ar(n: number): number {
    return this.#v.vcpu.ar(n & 15);
  }
  setAr(n: number, value: number): void {
    this.#v.vcpu.setAr(n & 15, value);
    this.#v.vcpu.flushTlb();
  }
  /** Control register 0 to 15. */
  cr(n: number): bigint {
    return this.#v.vcpu.cr(n & 15);
  }
  setCr(n: number, value: bigint): void {
    this.#v.vcpu.setCr(n & 15, BigInt.asUintN(64, value));
    this.#v.vcpu.flushTlb();
    this.#v.vcpu.controlsChanged();
    this.#v.sync();
  }
  /** Address of the prefix area. */
  get prefix(): number {
    return this.#v.vcpu.prefix;
  }

  /** Leaves the stopped state. */
  start(): void {
    this.#v.start();
  }
  /** Enters the stopped state at once. */
  stop(): void {
    this.#v.stop();
  }
  /** A CPU reset; the vCPU is stopped then. */
  reset(kind: CpuReset = 'initial'): void {
    this.#v.reset(kind);
  }

  /** Makes an interruption pending, to be taken when the PSW and the control registers allow it. */
  interrupt(interruption: VcpuInterrupt): void {
    const { local } = this.#v;
    switch (interruption.kind) {
      case 'external-call':
        if (local.externalCall !== undefined) throw new VmError('EBUSY', 'external call');
        local.externalCall = interruption.from;
        return;
      case 'emergency-signal':
        local.emergency.add(interruption.from);
        return;
      case 'restart':
        local.restart = true;
        return;
      case 'stop':
        local.stop = { storeStatus: interruption.storeStatus ?? false };
        return;
      case 'program':
        this.#v.injectProgram(interruption.code);
        this.#interrupted = true;
    }
  }

  /** Says what ends runs from now on; replaces what was said before. Watchpoints are shared by the vCPUs of a VM. */
  debug(options: GuestDebugOptions): void {
    this.#singleStep = options.singleStep ?? false;
    this.#debug.set(this.id, options);
  }

  /** Runs until something comes up, or so many instructions were executed. A breakpoint where it stands is passed over. */
  run({ instructions }: { readonly instructions: number }): VmExit {
    const until = this.#v.vcpu.icount + BigInt(instructions);
    const interrupted = this.#interrupted;
    this.#interrupted = false;
    if (this.#singleStep) {
      // To get to the handler of what was injected was a step.
      if (interrupted) return { kind: 'debug', reason: 'step', address: this.psw.address };
      const exit = this.#run(this.#v.vcpu.icount + 1n, false);
      const stepped = exit.kind === 'instructions';
      return stepped ? { kind: 'debug', reason: 'step', address: this.psw.address } : exit;
    }
    if (!this.#debug.hasBreakpoints(this.id)) return this.#run(until, false);
    const first = this.#run(this.#v.vcpu.icount + 1n, false);
    return first.kind === 'instructions' && this.#v.vcpu.icount < until ? this.#run(until, true) : first;
  }
  #run(until: bigint, checked: boolean): VmExit {
    this.#v.vm.core.patience.begin(() => false);
    return exitOf(this.#v, this.#v.run({ until, checked }), this.#userSpace);
  }

  /**
   * Fetches (`data` is a number of bytes) or stores by logical address, as an instruction of the vCPU would. Nothing is copied
   * when an access exception happens, which is told by its code.
   */
  access(access: VcpuAccess): AccessResult {
    const result = accessLogical(this.#v, access);
    if (!result.ok) throw new VmError(result.error, 'access by logical address');
    return result.value;
  }

  /** Exits of SIE by interception code, and intercepted instructions by mnemonic. */
  get statistics(): {
    readonly exits: ReadonlyMap<number, number>;
    readonly instructions: ReadonlyMap<string, number>;
  } {
    const { counts, instructions } = this.#v.intercepts;
    return { exits: new Map(counts), instructions: new Map(instructions) };
  }
}
