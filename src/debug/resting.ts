import type { TargetDescription } from '../machine/description.ts';
import type { StopEvent } from '../machine/exit.ts';
import type { VcpuView } from '../machine/guest.ts';
import type { FilePort } from '../machine/served-file.ts';
import type { SymbolPort } from '../machine/symbols.ts';
import type { BreakpointKind, DebugTarget, ResumeAction } from './target.ts';

/**
 * A machine that does not run, such as a dump: it can be looked at and written to. A resume ends at once, with why in words;
 * a debugger's leaving changes nothing, and its `kill` is passed on.
 */
export class RestingTarget implements DebugTarget {
  readonly #inner: DebugTarget;
  readonly #why: string;
  #listener: ((event: StopEvent) => void) | undefined;

  constructor(inner: DebugTarget, why: string) {
    this.#inner = inner;
    this.#why = why;
  }

  get description(): TargetDescription {
    return this.#inner.description;
  }
  get symbols(): SymbolPort | undefined {
    return this.#inner.symbols;
  }
  get files(): FilePort | undefined {
    return this.#inner.files;
  }
  get running(): boolean {
    return false;
  }
  vcpus(): readonly VcpuView[] {
    return this.#inner.vcpus();
  }
  readRegister(vcpu: number, index: number): Uint8Array | undefined {
    return this.#inner.readRegister(vcpu, index);
  }
  writeRegister(vcpu: number, index: number, bytes: Uint8Array): boolean {
    return this.#inner.writeRegister(vcpu, index, bytes);
  }
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array {
    return this.#inner.readMemory(vcpu, address, length);
  }
  writeMemory(vcpu: number, address: bigint, bytes: Uint8Array): boolean {
    return this.#inner.writeMemory(vcpu, address, bytes);
  }
  insertBreakpoint(kind: BreakpointKind, address: bigint, length: number, vcpu: number): boolean {
    return this.#inner.insertBreakpoint(kind, address, length, vcpu);
  }
  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    return this.#inner.removeBreakpoint(kind, address, length);
  }
  attach(): void {
    this.#inner.attach();
  }
  /** @inheritdoc */
  detach(): void {
    // The machine stays as it is, for whoever comes next.
  }
  resume(actions: ReadonlyMap<number, ResumeAction>): void {
    const vcpu = actions.keys().next().value ?? 0;
    const reason = { kind: 'guest-ended', message: this.#why } as const;
    setImmediate(() => this.#listener?.({ vcpu, reason }));
  }
  reverse(_kind: 'continue' | 'step', vcpu: number): void {
    setImmediate(() => this.#listener?.({ vcpu, reason: { kind: 'history-begin' } }));
  }
  straightRuns(): undefined {
    // It has no past.
  }
  interrupt(): void {
    // Every resume ends by itself.
  }
  kill(): void {
    this.#inner.kill();
  }
  onPrint(): void {
    // Nothing runs that could print.
  }
  onStop(listener: ((event: StopEvent) => void) | undefined): void {
    this.#listener = listener;
  }
}
