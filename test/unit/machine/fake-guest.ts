/** A guest whose vCPUs do what a script says. */

import type { RegisterRow, TargetDescription } from '../../../src/machine/description.ts';
import type { VcpuExit } from '../../../src/machine/exit.ts';
import type {
  GuestEnd,
  GuestState,
  GuestVcpu,
  OpenGuest,
  RunOptions,
  StopTest,
  VcpuView,
} from '../../../src/machine/guest.ts';
import type { GuestInput } from '../../../src/machine/inputs.ts';
import { BREAKPOINT_FILTER_BYTES } from '../../../src/machine/layout.ts';
import { StateParts } from '../../../src/machine/snapshot.ts';
import type { StorageRange } from '../../../src/machine/watch.ts';

/** So many instructions, and the exit behind them. A wait may have a timer that ends it. */
export interface Step {
  readonly work: number;
  readonly exit?: VcpuExit;
  /** Instructions after which a wait ends. */
  readonly timer?: number;
  /** Called when the work is done. */
  readonly effect?: (guest: FakeGuest) => void;
}

/** A vCPU; when its script is at its end it stops. */
export class FakeVcpu implements GuestVcpu {
  readonly id: number;
  readonly guest: FakeGuest;
  readonly #steps: Step[];
  #done = 0;
  #elapsed = 0n;
  #wakeAt: bigint | undefined;
  waiting = false;
  stopped = false;
  /** Somebody has signalled it. */
  signalled = false;
  idled = 0n;
  passed = 0n;
  readonly runs: RunOptions[] = [];

  constructor(id: number, steps: readonly Step[], guest: FakeGuest) {
    this.id = id;
    this.#steps = [...steps];
    this.guest = guest;
  }

  run(options: RunOptions): VcpuExit {
    this.runs.push(options);
    if (this.waiting && !this.canRun()) return { kind: 'wait' };
    this.waiting = false;
    this.signalled = false;
    const [step] = this.#steps;
    if (step === undefined) return this.#stop();
    const count = Math.min(step.work - this.#done, Number(options.count));
    this.guest.record(this.id, this.#elapsed, count);
    this.#elapsed += BigInt(count);
    this.#done += count;
    if (this.#done < step.work) return { kind: 'quantum' };
    this.#steps.shift();
    this.#done = 0;
    step.effect?.(this.guest);
    const exit = step.exit ?? { kind: 'quantum' };
    if (exit.kind === 'wait') {
      this.waiting = true;
      this.#wakeAt = step.timer === undefined ? undefined : this.#elapsed + BigInt(step.timer);
    }
    if (exit.kind === 'stopped') return this.#stop();
    const meant = exit.kind === 'debug' ? exit.inPlaceOf : exit;
    if (meant?.kind === 'signal') this.guest.vcpu(meant.to).signalled = true;
    return exit;
  }

  elapsed(): bigint {
    return this.#elapsed;
  }
  executed(): bigint {
    return this.#elapsed - this.idled - this.passed;
  }
  idle(instructions: bigint): void {
    this.#elapsed += instructions;
    this.idled += instructions;
  }
  pass(instructions: bigint): void {
    this.#elapsed += instructions;
    this.passed += instructions;
  }
  canRun(): boolean {
    if (this.stopped) return false;
    return !this.waiting || this.signalled || (this.#wakeAt !== undefined && this.#elapsed >= this.#wakeAt);
  }
  untilWake(): bigint | undefined {
    return this.#wakeAt === undefined ? undefined : this.#wakeAt - this.#elapsed;
  }
  pc(): bigint {
    return this.#elapsed;
  }

  #stop(): VcpuExit {
    this.stopped = true;
    return { kind: 'stopped' };
  }
}

/** A guest of such vCPUs. */
export class FakeGuest implements OpenGuest {
  readonly vcpus: readonly FakeVcpu[];
  readonly description: TargetDescription = {
    architecture: 'fake',
    osabi: 'none',
    features: [],
    expedited: [],
    elf: { class: 64, data: 'msb', machine: 0 },
    pcRegister: 'pc',
    triple: 'fake-unknown-none',
  };
  readonly state: GuestState = { shape: {}, parts: new StateParts(), forget: () => undefined };
  readonly events: { readonly at: bigint; readonly event: GuestInput }[] = [];
  /** Who ran when for how long, what follows on itself joined. */
  readonly trace: { readonly id: number; readonly at: number; count: number }[] = [];
  readonly breakpointFilter = new Uint8Array(BREAKPOINT_FILTER_BYTES);
  stops: StopTest | undefined;
  /** Told of every input. One that asks to shut down wakes nobody here. */
  onInput: (() => void) | undefined;

  constructor(scripts: readonly (readonly Step[])[]) {
    this.vcpus = scripts.map((steps, id) => new FakeVcpu(id, steps, this));
  }

  vcpu(id: number): FakeVcpu {
    const found = this.vcpus[id];
    if (found === undefined) throw new Error(`no vCPU ${id}`);
    return found;
  }
  record(id: number, at: bigint, count: number): void {
    const last = this.trace.at(-1);
    if (count === 0) return;
    if (last?.id === id && last.at + last.count === Number(at)) last.count += count;
    else this.trace.push({ id, at: Number(at), count });
  }
  /** The trace in few words: who, from when, how long. */
  get ran(): string[] {
    return this.trace.map(({ id, at, count }) => `${id} ${at}+${count}`);
  }

  end(): GuestEnd | undefined {
    return this.vcpus.every((v) => v.stopped) ? { status: 0, message: 'all stopped' } : undefined;
  }
  view(vcpu: number): VcpuView {
    return { id: vcpu, name: `CPU ${vcpu}`, state: '' };
  }
  readRegister(_vcpu: number, _row: RegisterRow): Uint8Array | undefined {
    return undefined;
  }
  readMemory(): Uint8Array {
    return new Uint8Array(0);
  }
  storageBehind(): StorageRange {
    return { pieces: [], spaces: [] };
  }
  readStorage(): Uint8Array {
    return new Uint8Array(0);
  }
  watchStorage(): void {}
  takeInput(event: GuestInput): boolean {
    this.events.push({ at: this.vcpus.reduce((t, v) => (v.elapsed() > t ? v.elapsed() : t), 0n), event });
    if (event.kind !== 'quiesce') for (const v of this.vcpus) v.signalled = true;
    this.onInput?.();
    return true;
  }
}
