import type {
  BreakpointKind,
  DebugTarget,
  RegisterRow,
  ResumeAction,
  StopEvent,
  SymbolPort,
  TargetDescription,
  VcpuView,
} from '../machine/debug-target.ts';
import type { WatchRange } from '../machine/guest.ts';
import type { Machine } from '../machine/machine.ts';

/**
 * A debugger's hold on a machine: breakpoints and watchpoints, and who may run. Breakpoints are addresses that the engine
 * compares with the PC, never bytes in the guest's storage, so they are met whether code is there yet or not.
 */
export class Debugger implements DebugTarget {
  readonly #machine: Machine;
  readonly #registers: readonly RegisterRow[];
  /** Kinds of breakpoint by address: software and hardware ones are told apart in stop replies only. */
  readonly #breakpoints = new Map<bigint, Set<BreakpointKind>>();
  readonly #watchpoints = new Map<string, WatchRange>();
  /** What the guest was given last: a debugger takes everything out at each stop and puts it back before each resume. */
  #givenBreakpoints: ReadonlySet<bigint> = new Set();
  #givenWatchpoints = '';
  /** Watched storage may have been changed from here, so that what was seen of it is old. */
  #storesSinceGiven = false;
  #listener: ((event: StopEvent) => void) | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#registers = machine.guest.description.features.flatMap((f) => f.registers);
    machine.onStop = (event) => this.#listener?.(this.#refine(event));
  }

  get description(): TargetDescription {
    return this.#machine.guest.description;
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
    return this.#machine.guest.writeRegister(vcpu, row, bytes);
  }
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array {
    return this.#machine.guest.readMemory(vcpu, address, length);
  }
  writeMemory(vcpu: number, address: bigint, bytes: Uint8Array): boolean {
    this.#storesSinceGiven = true;
    return this.#machine.guest.writeMemory(vcpu, address, bytes);
  }

  insertBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address) ?? new Set();
      kinds.add(kind);
      this.#breakpoints.set(address, kinds);
    } else {
      this.#watchpoints.set(`${kind} ${address} ${length}`, { access: kind, address, length });
    }
    return true;
  }
  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address);
      if (kinds?.delete(kind) === true && kinds.size === 0) this.#breakpoints.delete(address);
    } else {
      this.#watchpoints.delete(`${kind} ${address} ${length}`);
    }
    return true;
  }

  attach(): void {
    this.#machine.debugged = true;
    this.#machine.halt();
  }
  detach(): void {
    this.#breakpoints.clear();
    this.#watchpoints.clear();
    this.#giveToGuest();
    this.#machine.guest.followSymbols?.(false);
    this.#machine.checked = false;
    this.#machine.debugged = false;
    this.#machine.start();
  }
  resume(actions: ReadonlyMap<number, ResumeAction>): void {
    this.#giveToGuest();
    this.#machine.guest.followSymbols?.(true);
    this.#machine.checked = this.#breakpoints.size > 0 || this.symbols !== undefined;
    this.#machine.start(actions);
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
    const given = this.#givenBreakpoints;
    const same = given.size === this.#breakpoints.size && [...this.#breakpoints.keys()].every((a) => given.has(a));
    if (!same) {
      this.#givenBreakpoints = new Set(this.#breakpoints.keys());
      guest.setBreakpoints(this.#givenBreakpoints);
    }
    const watchpoints = [...this.#watchpoints.keys()].sort().join();
    if (watchpoints !== this.#givenWatchpoints || (this.#storesSinceGiven && watchpoints !== '')) {
      this.#givenWatchpoints = watchpoints;
      guest.setWatchpoints([...this.#watchpoints.values()]);
    }
    this.#storesSinceGiven = false;
  }

  // The guest knows the address only; which kind was asked for there is known here.
  #refine(event: StopEvent): StopEvent {
    if (event.reason.kind !== 'breakpoint') return event;
    const pc = this.#machine.guest.vcpus.find((v) => v.id === event.vcpu)?.pc();
    const kinds = pc === undefined ? undefined : this.#breakpoints.get(pc);
    const hardware = kinds !== undefined && !kinds.has('software');
    return { vcpu: event.vcpu, reason: { kind: 'breakpoint', hardware } };
  }
}
