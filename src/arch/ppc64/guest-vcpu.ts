import type { VcpuExit } from '../../machine/exit.ts';
import type { GuestVcpu, RunOptions } from '../../machine/guest.ts';
import { untilDecrementer } from './cpu/clock.ts';
import { RELOCATED } from './cpu/interruptions.ts';
import { MSR } from './cpu/msr.ts';
import { slots } from './cpu/state-layout.ts';
import type { HvVcpu } from './hv/vcpu.ts';

const MODE = BigInt(MSR.pr | MSR.ir | MSR.dr | MSR.le);
const LAST_VECTOR = 0x1000n;

/** A vCPU of the guest for the run loop. */
export class Ppc64GuestVcpu implements GuestVcpu {
  readonly id: number;
  readonly #v: HvVcpu;

  constructor(v: HvVcpu) {
    this.#v = v;
    this.id = v.id;
  }
  run({ count, checked, holdInterruptions, isOver }: RunOptions): VcpuExit {
    this.#v.vm.core.patience.begin(isOver);
    return this.#v.run({ until: this.#v.vcpu.executed + count, checked, hold: holdInterruptions });
  }
  elapsed(): bigint {
    return this.#v.vcpu.elapsed;
  }
  executed(): bigint {
    return this.#v.vcpu.executed;
  }
  // The time base runs always.
  idle(instructions: bigint): void {
    this.#v.vcpu.setBig(slots.skew, this.#v.vcpu.big(slots.skew) + instructions);
  }
  pass(instructions: bigint): void {
    this.idle(instructions);
  }
  canRun(): boolean {
    return !this.#v.stopped && (!this.#v.ceded || this.#v.wakes);
  }
  get stopped(): boolean {
    return this.#v.stopped;
  }
  get waiting(): boolean {
    return this.#v.ceded;
  }
  untilWake(): bigint | undefined {
    return this.#v.ceded ? BigInt(untilDecrementer(this.#v.vcpu)) : undefined;
  }
  pc(): bigint {
    return this.#v.vcpu.pc;
  }
  /** @inheritdoc */
  instruction(): bigint {
    return this.#v.vcpu.ia;
  }
  /** @inheritdoc */
  context(): string {
    const { vcpu } = this.#v;
    return [vcpu.msr & MODE, vcpu.gpr(1)].join();
  }
  /** @inheritdoc */
  interrupted(): bigint | undefined {
    const { vcpu } = this.#v;
    const pc = vcpu.pc;
    const [above, offset] = RELOCATED[vcpu.num(slots.ail)] ?? [0, 0];
    const real = (vcpu.msrLow & (MSR.ir | MSR.dr)) === 0;
    const vector = real ? pc : pc - (BigInt(above) << 32n) - BigInt(offset);
    const known = (real || offset !== 0) && vector >= 0n && vector < LAST_VECTOR;
    const atVector = known && vector % 0x20n === 0n;
    return atVector ? vcpu.big(slots.srr0) : undefined;
  }
}
