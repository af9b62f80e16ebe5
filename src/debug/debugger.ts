import type {
  BreakpointKind,
  DebugTarget,
  RegisterRow,
  ResumeAction,
  StopEvent,
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
  #listener: ((event: StopEvent) => void) | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#registers = machine.guest.description.features.flatMap((f) => f.registers);
    machine.onStop = (event) => this.#listener?.(this.#refine(event));
  }

  get description(): TargetDescription {
    return this.#machine.guest.description;
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
    return this.#machine.guest.writeMemory(vcpu, address, bytes);
  }

  insertBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address) ?? new Set();
      kinds.add(kind);
      this.#breakpoints.set(address, kinds);
      this.#breakpointsChanged();
    } else {
      this.#watchpoints.set(`${kind} ${address} ${length}`, { access: kind, address, length });
      this.#watchpointsChanged();
    }
    return true;
  }
  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address);
      if (kinds?.delete(kind) === true) {
        if (kinds.size === 0) this.#breakpoints.delete(address);
        this.#breakpointsChanged();
      }
    } else if (this.#watchpoints.delete(`${kind} ${address} ${length}`)) {
      this.#watchpointsChanged();
    }
    return true;
  }

  attach(): void {
    this.#machine.debugged = true;
    this.#machine.halt();
  }
  detach(): void {
    this.#breakpoints.clear();
    this.#breakpointsChanged();
    this.#watchpoints.clear();
    this.#watchpointsChanged();
    this.#machine.debugged = false;
    this.#machine.start();
  }
  resume(actions: ReadonlyMap<number, ResumeAction>): void {
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

  #breakpointsChanged(): void {
    this.#machine.guest.setBreakpoints(new Set(this.#breakpoints.keys()));
    this.#machine.checked = this.#breakpoints.size > 0;
  }
  #watchpointsChanged(): void {
    this.#machine.guest.setWatchpoints([...this.#watchpoints.values()]);
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
