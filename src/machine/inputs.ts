/** What comes into a machine from outside: one way in, and a log that can be played again. */

import type { CoursePlan } from './course.ts';

/** What changes a guest from outside, as plain data. */
export type GuestInput =
  | { readonly kind: 'console-input'; readonly data: Uint8Array }
  /** Something for a device, by its number: a frame, what was typed on a console of its own. */
  | { readonly kind: 'device-input'; readonly device: number; readonly data: Uint8Array }
  /** A debugger's write of a register, by its name. */
  | { readonly kind: 'write-register'; readonly vcpu: number; readonly register: string; readonly data: Uint8Array }
  /** A debugger's write of storage, at an address as the vCPU has it. */
  | { readonly kind: 'write-memory'; readonly vcpu: number; readonly address: bigint; readonly data: Uint8Array }
  /** A device that is at hand under a name is plugged. */
  | { readonly kind: 'plug'; readonly device: string }
  /** The device of a number is taken away. */
  | { readonly kind: 'unplug'; readonly device: number }
  /** The guest is asked to shut down. */
  | { readonly kind: 'quiesce' };

/** What changes a machine's course from outside. */
export type Input =
  | GuestInput
  /** Who runs from here on, and how: everybody when there are no plans. */
  | { readonly kind: 'resume'; readonly plans: readonly (readonly [vcpu: number, plan: Plan])[] | undefined }
  /** What was cached is forgotten: a snapshot was taken. */
  | { readonly kind: 'forget' };

/** How a vCPU goes on. */
export type Plan = CoursePlan | 'continue';

/** A place in a run, between two actions of the machine. */
export interface Instant {
  /** Instructions that have passed for the machine. */
  readonly at: bigint;
  /** Actions since, none of which executed an instruction: rounds that began, vCPUs that found nothing to do. */
  readonly order: number;
  /**
   * What the vCPU that ran last has done besides. `begun`: it has taken the interruptions that wait and executed nothing since.
   * `held`: it has not looked for interruptions behind its last instruction.
   */
  readonly phase: 'settled' | 'begun' | 'held';
  /** The vCPU that has begun. */
  readonly vcpu?: number | undefined;
}

/** True for a place in a run that comes before another one, or before a time. */
export function isBefore({ at, order }: Instant, other: Instant | bigint): boolean {
  if (typeof other === 'bigint') return at < other;
  return at < other.at || (at === other.at && order < other.order);
}

/** An input with the instant at which it came in. */
export interface LoggedInput extends Instant {
  readonly input: Input;
}

/** An input that whoever gave the original cannot change any more. By hand: it is in the way of every step. */
export function copyOf(input: Input): Input {
  if (input.kind !== 'resume') return 'data' in input ? { ...input, data: new Uint8Array(input.data) } : { ...input };
  const copied = (plan: Plan): Plan => (plan === 'continue' ? plan : { ...plan });
  return { kind: 'resume', plans: input.plans?.map(([vcpu, plan]) => [vcpu, copied(plan)] as const) };
}

/** True for one step after the other: they are the same input, however it was put. */
function isSameStep(a: Input | undefined, b: Input): boolean {
  if (a?.kind !== 'resume' || b.kind !== 'resume' || a.plans?.length !== 1 || b.plans?.length !== 1) return false;
  const [[vcpu, plan] = []] = a.plans;
  const [[other, next] = []] = b.plans;
  if (plan === undefined || next === undefined || plan === 'continue' || next === 'continue') return false;
  return vcpu === other && plan.kind === 'step' && next.kind === 'step' && plan.mode === next.mode;
}

/** What a log keeps at most. */
const MOST_INPUTS = 1 << 16;
const MOST_BYTES = 16 << 20;

/**
 * The inputs of a machine. It keeps the latest, 65,536 of them with 16 MiB of data, and forgets the oldest beyond that;
 * whoever wants all of them listens.
 */
export class InputLog {
  readonly #kept: LoggedInput[] = [];
  readonly #listeners = new Set<(input: LoggedInput) => void>();
  #first = 0;
  #bytes = 0;
  #lost = 0;

  /** The inputs that are kept, oldest first. */
  get kept(): readonly LoggedInput[] {
    return this.#kept.slice(this.#first);
  }
  /** How many were forgotten. With none lost, what is kept leads from where the log began to where the machine is. */
  get lost(): number {
    return this.#lost;
  }

  /** Calls `listener` with every input that comes in, until the returned function is called. */
  subscribe(listener: (input: LoggedInput) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A copy of an input to be carried out and kept. Steps in a row share one: the log has room for thousands. */
  ownOf(input: Input): Input {
    const last = this.#kept.at(-1)?.input;
    return last !== undefined && isSameStep(last, input) ? last : copyOf(input);
  }

  add(input: LoggedInput): void {
    this.#kept.push(input);
    this.#bytes += bytesOf(input.input);
    while (this.#kept.length - this.#first > MOST_INPUTS || this.#bytes > MOST_BYTES) {
      const oldest = this.#kept[this.#first++];
      if (oldest === undefined) break;
      this.#bytes -= bytesOf(oldest.input);
      this.#lost++;
    }
    // Seldom, so that forgetting one costs nothing that grows.
    if (this.#first > MOST_INPUTS) this.#kept.splice(0, this.#first);
    if (this.#first > MOST_INPUTS) this.#first = 0;
    for (const listener of this.#listeners) listener(input);
  }

  /** Begins anew: the machine is somewhere else. */
  clear(): void {
    this.#kept.length = 0;
    this.#first = 0;
    this.#bytes = 0;
    this.#lost = 0;
  }
}

/** Bytes of data that wait for a guest to run on; what comes beyond is lost, as on a wire. */
const MOST_WAITING = 4 << 20;

/** Inputs that wait for the beginning of a round. */
export class InputQueue {
  #inputs: Input[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#inputs.length === 0;
  }
  /** False when too much waits already. */
  add(input: Input): boolean {
    const bytes = bytesOf(input);
    if (this.#bytes + bytes > MOST_WAITING || this.#inputs.length >= MOST_INPUTS) return false;
    this.#inputs.push(input);
    this.#bytes += bytes;
    return true;
  }
  /** All of them, which wait no more. */
  take(): readonly Input[] {
    const all = this.#inputs;
    this.#inputs = [];
    this.#bytes = 0;
    return all;
  }
}

/** Bytes of data that an input carries. */
function bytesOf(input: Input): number {
  return 'data' in input ? input.data.length : 0;
}
