import type { EventWatch, GuestEvent } from '../machine/events.ts';
import type { StopExit, StopReason } from '../machine/exit.ts';
import type { GuestVcpu } from '../machine/guest.ts';
import type { Attention } from './attention.ts';

/** Events that a user wants stops for. */
export interface Catch {
  /** Kind of event, in the architecture's words. */
  readonly kind: string;
  /** Which events of the kind, as the user said it; empty for all of them. */
  readonly filter: string;
  /** Whether an event of the kind counts, by its number. */
  readonly counts: (number: bigint) => boolean;
}

/**
 * What a user has asked stops for by events. A stop is behind what made the event: behind the instruction, or in front of the
 * first one of an interruption's handler; and that is where one comes to on the way back, too.
 */
export class Catches implements EventWatch {
  readonly #attention: Attention;
  readonly #executing: () => GuestVcpu | undefined;
  readonly #all = new Map<number, Catch>();
  #next = 1;
  #told: string[] = [];
  #count = 0;
  /** How many stops are left out before the one that is wanted; undefined when nobody looks for a certain one. */
  #before: number | undefined;

  /** `executing` gives the vCPU whose run is in hand. */
  constructor(attention: Attention, executing: () => GuestVcpu | undefined) {
    this.#attention = attention;
    this.#executing = executing;
  }

  /** All of them by their numbers, oldest first. */
  get all(): ReadonlyMap<number, Catch> {
    return this.#all;
  }
  /** Adds one; its number. */
  add(one: Catch): number {
    this.#all.set(this.#next, one);
    return this.#next++;
  }
  /** Takes one away; false when there is none of that number. */
  remove(number: number): boolean {
    return this.#all.delete(number);
  }
  clear(): void {
    this.#all.clear();
  }

  /** What happens from here on is counted anew. */
  beginCount(): void {
    this.#count = 0;
    this.#told = [];
  }
  /** Only the stop of this number since `beginCount` stops; undefined: all do again, as far as anybody wants to stop. */
  stopAt(nth: number | undefined): void {
    this.beginCount();
    this.#before = nth === undefined ? undefined : nth - 1;
  }

  /** @inheritdoc */
  happened({ kind, number, text }: GuestEvent): boolean {
    if (this.#attention.mode === 'off' && this.#before === undefined) return false;
    for (const one of this.#all.values()) {
      if (one.kind !== kind || !one.counts(number)) continue;
      const vcpu = this.#executing();
      this.#told.push(vcpu === undefined ? text() : `CPU ${vcpu.id}: ${text()}`);
      return true;
    }
    return false;
  }

  /** @inheritdoc */
  met(): StopExit | undefined {
    if (this.#told.length === 0) return undefined;
    const reason: StopReason = { kind: 'event', said: this.#told.join('\n') };
    this.#told = [];
    this.#count++;
    if (this.#before !== undefined) return this.#count > this.#before ? { kind: 'debug', reason } : undefined;
    if (this.#attention.mode !== 'record') return { kind: 'debug', reason };
    const vcpu = this.#executing();
    if (vcpu !== undefined) this.#attention.hit({ at: vcpu.elapsed(), vcpu: vcpu.id, reason, nth: this.#count });
    return undefined;
  }
}
