/** What the hypervisor did, event by event. */

/** Kinds of events, with what their two numbers are. */
export const traceKinds = {
  /** Interception code; the instruction's first halfword or the program-interruption code. */
  interception: ['code', 'detail'],
  /** Interruption code of a program interruption that the hypervisor presented. */
  program: ['code', 'detail'],
  /** The address in the new PSW of an interruption that the hypervisor delivered. */
  interruption: ['newAddress', 'detail'],
  /** Order and CPU address of SIGNAL PROCESSOR. */
  signal: ['order', 'cpu'],
  /** Storage keys were turned on. */
  keys: ['frames', 'detail'],
  /** The pages of a prefix area were pinned. */
  prefix: ['prefix', 'detail'],
  /** The vCPU entered (1) or left (0) the stopped state. */
  stopped: ['stopped', 'detail'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type TraceKind = keyof typeof traceKinds;

/** An event. */
export interface TraceEvent {
  readonly kind: TraceKind;
  readonly vcpu: number;
  /** Instructions that the vCPU had executed. */
  readonly icount: bigint;
  readonly first: number;
  readonly second: number;
}

/** Events that are kept. */
const KEPT = 4096;

/** A ring of the last events, of all vCPUs. While it is off, it costs its callers one look at `on`. */
export class TraceRing {
  readonly #events: TraceEvent[] = [];
  #next = 0;
  on = false;
  /** How many there were since it was turned on. */
  total = 0;

  /** Begins anew, or ends. */
  turn(on: boolean): void {
    if (on && !this.on) this.clear();
    this.on = on;
  }
  clear(): void {
    this.#events.length = 0;
    this.#next = 0;
    this.total = 0;
  }
  add(event: TraceEvent): void {
    this.#events[this.#next] = event;
    this.#next = (this.#next + 1) % KEPT;
    this.total++;
  }
  /** The last ones, oldest first. */
  last(count: number): readonly TraceEvent[] {
    const all = [...this.#events.slice(this.#next), ...this.#events.slice(0, this.#next)];
    return all.slice(Math.max(0, all.length - count));
  }
}
