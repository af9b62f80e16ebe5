import type { StepMode } from '../machine/course.ts';
import type { RegisterRow, TargetDescription } from '../machine/description.ts';
import type { StopEvent } from '../machine/exit.ts';
import type { VcpuView } from '../machine/guest.ts';
import type { Plan } from '../machine/inputs.ts';
import type { Machine } from '../machine/machine.ts';
import type { FilePort } from '../machine/served-file.ts';
import type { SymbolPort } from '../machine/symbols.ts';
import { Stepper } from './stepper.ts';
import { CodeStops } from './stops.ts';
import type { BreakpointKind, DebugSettings, DebugTarget, ResumeAction, SpaceLimit } from './target.ts';
import { Watchpoints, type WatchRange } from './watchpoints.ts';

/**
 * A debugger's hold on a machine: breakpoints and watchpoints, and who may run. Breakpoints are addresses that the engine
 * compares with the PC, never bytes in the guest's storage, so they are met whether code is there yet or not.
 */
export class Debugger implements DebugTarget, DebugSettings {
  /** @inheritdoc */
  stepMode: StepMode = 'mask';
  readonly #machine: Machine;
  readonly #stops: CodeStops;
  readonly #registers: readonly RegisterRow[];
  /** Kinds of breakpoint by address: software and hardware ones are told apart in stop replies only. */
  readonly #breakpoints = new Map<bigint, Set<BreakpointKind>>();
  readonly #ranges = new Map<string, WatchRange>();
  readonly #watchpoints: Watchpoints;
  #watches = false;
  /** What counted last: a debugger takes everything out at each stop and puts it back before each resume. */
  #givenBreakpoints = '';
  #listener: ((event: StopEvent) => void) | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#registers = machine.guest.description.features.flatMap((f) => f.registers);
    this.#stops = new CodeStops(machine.guest);
    this.#watchpoints = new Watchpoints(machine.guest);
    machine.guest.stops = this.#stops;
    machine.makeCourse = (vcpu, plan) => new Stepper(vcpu, plan, this.#stops);
    machine.onStop = (event) => this.#listener?.(event);
  }

  /** @inheritdoc */
  get limits(): Map<bigint, SpaceLimit> {
    return this.#stops.limits;
  }

  get description(): TargetDescription {
    return this.#machine.guest.description;
  }
  get files(): FilePort | undefined {
    return this.#machine.guest.files;
  }
  get symbols(): SymbolPort | undefined {
    return this.#machine.guest.symbols;
  }
  get running(): boolean {
    return this.#machine.running;
  }
  vcpus(): readonly VcpuView[] {
    return this.#machine.guest.vcpus.map((v) => this.#machine.guest.view(v.id));
  }

  readRegister(vcpu: number, index: number): Uint8Array | undefined {
    const row = this.#registers[index];
    return row === undefined ? undefined : this.#machine.guest.readRegister(vcpu, row);
  }
  writeRegister(vcpu: number, index: number, bytes: Uint8Array): boolean {
    const row = this.#registers[index];
    if (row === undefined || bytes.length * 8 !== row.bits) return false;
    return this.#machine.enter({ kind: 'write-register', vcpu, register: row.name, data: bytes });
  }
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array {
    return this.#machine.guest.readMemory(vcpu, address, length);
  }
  writeMemory(vcpu: number, address: bigint, bytes: Uint8Array): boolean {
    return this.#machine.enter({ kind: 'write-memory', vcpu, address, data: bytes });
  }

  insertBreakpoint(kind: BreakpointKind, address: bigint, length: number, vcpu: number): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address) ?? new Set();
      kinds.add(kind);
      this.#breakpoints.set(address, kinds);
    } else {
      this.#ranges.set(`${kind} ${address} ${length}`, { access: kind, address, length, vcpu });
    }
    return true;
  }
  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address);
      if (kinds?.delete(kind) === true && kinds.size === 0) this.#breakpoints.delete(address);
    } else {
      this.#ranges.delete(`${kind} ${address} ${length}`);
    }
    return true;
  }

  attach(): void {
    this.#machine.debugged = true;
    this.#machine.halt();
  }
  detach(): void {
    this.#breakpoints.clear();
    this.#ranges.clear();
    this.#giveToGuest();
    this.#stops.followSymbols(false);
    this.#machine.checked = false;
    this.#machine.debugged = false;
    this.#machine.start();
  }
  resume(actions: ReadonlyMap<number, ResumeAction>): void {
    this.#giveToGuest();
    this.#stops.followSymbols(true);
    this.#machine.checked = this.#breakpoints.size > 0 || this.#stops.followsSymbols;
    const plans = [...actions].map(([id, a]): [number, Plan] => [id, this.#plan(a)]);
    this.#machine.start(new Map(plans));
  }
  interrupt(): void {
    this.#machine.interrupt();
  }
  kill(): void {
    this.#machine.halt();
    this.#machine.debugged = false;
    this.#machine.onEnd?.({ status: 0, message: 'killed by the debugger' });
  }
  onStop(listener: ((event: StopEvent) => void) | undefined): void {
    this.#listener = listener;
  }

  #giveToGuest(): void {
    const { guest } = this.#machine;
    const breakpoints = [...this.#breakpoints].map(([a, kinds]) => [a, { hardware: !kinds.has('software') }] as const);
    const given = breakpoints.map(([a, { hardware }]) => `${a} ${hardware}`).join();
    if (given !== this.#givenBreakpoints) {
      this.#givenBreakpoints = given;
      this.#stops.setBreakpoints(new Map(breakpoints));
    }
    // What lies behind a watched address, and what is there, may have changed since: the guest ran, or a debugger stored.
    const watches = this.#ranges.size > 0;
    if (watches && this.#watchpoints.watch([...this.#ranges.values()])) guest.watchStorage(this.#watchpoints);
    if (this.#watches && !watches) {
      this.#watchpoints.watch([]);
      guest.watchStorage(undefined);
    }
    this.#watches = watches;
  }

  #plan(action: ResumeAction): Plan {
    return action.kind === 'continue' ? 'continue' : { ...action, mode: this.stepMode };
  }
}
