import type { VcpuExit } from '../../machine/exit.ts';
import type { GuestVcpu, RunOptions } from '../../machine/guest.ts';
import { lowcore } from './cpu/lowcore.ts';
import { PSW } from './cpu/psw.ts';
import { further } from './dat/address.ts';
import { peekedPlace, spaceOf } from './gdb/memory.ts';
import type { KvmVcpu } from './kvm/vcpu.ts';

/** Where an interruption of each class leads, and where it keeps what it interrupted. */
const interruptions = [
  [lowcore.externalNewPsw, lowcore.externalOldPsw],
  [lowcore.svcNewPsw, lowcore.svcOldPsw],
  [lowcore.programNewPsw, lowcore.programOldPsw],
  [lowcore.ioNewPsw, lowcore.ioOldPsw],
  [lowcore.machineCheckNewPsw, lowcore.machineCheckOldPsw],
] as const;
/** Mode and address space of a program, out of PSW bits 0-63. */
const CONTEXT = PSW.dat | PSW.problem | PSW.addressSpace | PSW.ea | PSW.ba;
const ADDRESS_AT = 8;

/** A vCPU of the guest for the run loop. */
export class S390xGuestVcpu implements GuestVcpu {
  readonly id: number;
  readonly #v: KvmVcpu;

  constructor(v: KvmVcpu) {
    this.#v = v;
    this.id = v.id;
  }
  run(options: RunOptions): VcpuExit {
    const until = this.#v.vcpu.icount + options.count;
    this.#v.vm.core.patience.begin(options.isOver);
    return this.#v.run({ until, checked: options.checked, holdTimers: options.holdInterruptions });
  }
  elapsed(): bigint {
    return this.#v.vm.core.clock.count(this.#v.vcpu);
  }
  executed(): bigint {
    return this.#v.vcpu.icount;
  }
  idle(instructions: bigint): void {
    this.#v.vm.core.clock.idle(this.#v.vcpu, instructions);
  }
  pass(instructions: bigint): void {
    this.#v.vm.core.clock.pass(this.#v.vcpu, instructions);
  }
  canRun(): boolean {
    const v = this.#v;
    if (v.stopped) return v.local.restart;
    return !v.waiting || v.hasDeliverable();
  }
  get stopped(): boolean {
    return this.#v.stopped;
  }
  get waiting(): boolean {
    return this.#v.waiting;
  }
  untilWake(): bigint | undefined {
    return this.#v.untilTimer();
  }
  pc(): bigint {
    return this.#v.debugged.psw.address;
  }
  instruction(): bigint {
    return this.#v.vcpu.ia;
  }
  /** @inheritdoc */
  context(): string {
    const { debugged: vcpu } = this.#v;
    const { psw } = vcpu;
    return [psw.mask & CONTEXT, vcpu.instructionAsce() ?? 0n, vcpu.gr(15)].join();
  }
  /** @inheritdoc */
  codeSpace(): bigint | undefined {
    const asce = this.#v.debugged.instructionAsce();
    return asce === undefined ? undefined : spaceOf(asce);
  }
  /** @inheritdoc */
  interrupted(): bigint | undefined {
    const address = this.pc();
    const found = interruptions.find(([entry]) => this.#addressIn(entry[0]) === address);
    return found === undefined ? undefined : this.#addressIn(found[1][0]);
  }
  #addressIn(psw: number): bigint {
    const { vm, debugged } = this.#v;
    const at = peekedPlace(vm, debugged).hostAddress(further(debugged.prefix, psw + ADDRESS_AT));
    return at < 0 ? 0n : vm.complex.storage.doubleword(at);
  }
}
