import type { Stateful } from '../bits/stateful.ts';
import type { VcpuExit } from './exit.ts';
import type { GuestVcpu } from './guest.ts';

/** Instructions of a vCPU's turn. */
export const TURN = 100_000n;
/**
 * Those of a vCPU when no other can run: nobody waits for its end but what comes in, and to begin a turn takes the host some 15 us,
 * as long again if there are many to be looked at.
 */
export const TURN_ALONE = 10n * TURN;
/** What is left of a turn whose length is still to be found out. */
const NOT_BEGUN = -1n;
/** Instructions, in one turn of the round, for all who are called in between: they must not keep the others waiting. */
const CALLED_IN_A_TURN = 4n * TURN;

/** A vCPU that is called out of its order, and the instructions that it has left. */
interface Called {
  readonly vcpu: GuestVcpu;
  left: bigint;
}

/** A vCPU that is to run now, and after how many instructions somebody else must be looked at. */
export interface Turn {
  readonly vcpu: GuestVcpu;
  readonly count: bigint;
}

/** The round as plain data; vCPUs by number. */
export interface TurnsState {
  readonly now: bigint;
  readonly place: number;
  readonly left: bigint;
  readonly called: readonly { readonly vcpu: number; readonly left: bigint }[];
  readonly forCalled: bigint;
  readonly wakes: readonly (readonly [vcpu: number, at: bigint])[];
}

/**
 * Who runs when. The vCPUs share one processor: time is what they execute one after the other, so that none can see the
 * clock stand before what another has seen of it. In a round each has a turn in its order. In between are called, before
 * the turn goes on: a vCPU whose wait a timer ends, one that was signalled, and one that a spinning vCPU gives its turn to.
 * All of it follows from the guest's state alone.
 *
 * A vCPU is brought to the present when it is looked at; until then it lags behind.
 */
export class Turns implements Stateful<TurnsState> {
  readonly #vcpus: readonly GuestVcpu[];
  #now: bigint;
  /** Whose turn it is; past all of them when the round is over. */
  #place: number;
  #left = NOT_BEGUN;
  readonly #called: Called[] = [];
  #forCalled = CALLED_IN_A_TURN;
  /** When the waits of vCPUs end by themselves, as far as that was looked at. */
  readonly #wakes = new Map<GuestVcpu, bigint>();

  constructor(vcpus: readonly GuestVcpu[]) {
    this.#vcpus = vcpus;
    this.#place = vcpus.length;
    this.#now = vcpus.reduce((t, v) => (v.elapsed() > t ? v.elapsed() : t), 0n);
  }

  /** The present. */
  get now(): bigint {
    return this.#now;
  }
  /** The vCPU that would be looked at first. */
  get current(): GuestVcpu | undefined {
    return this.#called[0]?.vcpu ?? this.#vcpus[this.#place];
  }
  /** The vCPU whose turn it is, or another one of those that may run. */
  active(may: (vcpu: GuestVcpu) => boolean): GuestVcpu {
    const allowed = this.#vcpus.filter(may);
    const atTurn = allowed.find((v) => v === this.current && v.canRun());
    const found = atTurn ?? allowed.find((v) => v.canRun()) ?? allowed[0] ?? this.#vcpus[0];
    if (found === undefined) throw new Error('a machine has at least one vCPU');
    return found;
  }
  /** The time at which a wait ends that was found in this round. */
  get earliestWake(): bigint | undefined {
    let earliest: bigint | undefined;
    for (const at of this.#wakes.values()) if (earliest === undefined || at < earliest) earliest = at;
    return earliest;
  }

  /** Begins a round. */
  beginRound(): void {
    this.#wakes.clear();
    this.#takeTurn(0);
  }

  /** Begins a round when one has just ended; who may run is another question from here on. */
  settle(): void {
    if (this.#place >= this.#vcpus.length) this.beginRound();
  }

  /** Who runs next, of those who may; undefined when the round is over. */
  next(may: (vcpu: GuestVcpu) => boolean): Turn | undefined {
    this.#callWoken();
    for (;;) {
      const [called] = this.#called;
      if (called === undefined) break;
      if (called.left > 0n && this.#forCalled > 0n && this.#isReady(called.vcpu, may)) {
        return this.#turnOf(called.vcpu, called.left < this.#forCalled ? called.left : this.#forCalled);
      }
      this.#called.shift();
    }
    for (;;) {
      const vcpu = this.#vcpus[this.#place];
      if (vcpu === undefined) return undefined;
      if (this.#left !== 0n && this.#isReady(vcpu, may)) {
        if (this.#left === NOT_BEGUN) this.#left = this.#lengthOfTurn(vcpu, may);
        return this.#turnOf(vcpu, this.#left);
      }
      this.#takeTurn(this.#place + 1);
    }
  }

  /** The vCPU of the last `next` has run. */
  ran(vcpu: GuestVcpu, end: VcpuExit): void {
    const exit = end.kind === 'debug' ? (end.inPlaceOf ?? end) : end;
    const used = vcpu.elapsed() - this.#now;
    this.#now += used;
    const [called] = this.#called;
    const own = called?.vcpu === vcpu ? called : undefined;
    const over = exit.kind === 'yield';
    if (own !== undefined) {
      own.left = over ? 0n : own.left - used;
      this.#forCalled -= used;
    } else {
      this.#left = over || used >= this.#left ? 0n : this.#left - used;
    }
    if ((exit.kind === 'yield' || exit.kind === 'signal') && exit.to !== undefined) this.#call(exit.to);
  }

  /** Lets time pass while nobody runs. */
  pass(instructions: bigint): void {
    this.#now += instructions;
  }

  /** Brings all vCPUs to the present, for whoever looks at them from outside. */
  bringAll(): void {
    for (const v of this.#vcpus) this.#bring(v);
  }

  /** @inheritdoc */
  save(): TurnsState {
    return {
      now: this.#now,
      place: this.#place,
      left: this.#left,
      called: this.#called.map(({ vcpu, left }) => ({ vcpu: vcpu.id, left })),
      forCalled: this.#forCalled,
      wakes: [...this.#wakes].map(([vcpu, at]) => [vcpu.id, at]),
    };
  }
  /** @inheritdoc */
  restore(state: TurnsState): void {
    this.#now = state.now;
    this.#place = state.place;
    this.#left = state.left;
    this.#called.length = 0;
    this.#called.push(...state.called.map(({ vcpu, left }) => ({ vcpu: this.#numbered(vcpu), left })));
    this.#forCalled = state.forCalled;
    this.#wakes.clear();
    for (const [vcpu, at] of state.wakes) this.#wakes.set(this.#numbered(vcpu), at);
  }
  #numbered(id: number): GuestVcpu {
    const found = this.#vcpus.find((v) => v.id === id);
    if (found === undefined) throw new Error(`there is no vCPU ${id}`);
    return found;
  }

  #takeTurn(place: number): void {
    this.#place = place;
    this.#left = NOT_BEGUN;
    this.#forCalled = CALLED_IN_A_TURN;
  }

  // Whoever waits is asked until when, so that the turn does not take longer.
  #lengthOfTurn(vcpu: GuestVcpu, may: (vcpu: GuestVcpu) => boolean): bigint {
    let others = 0;
    for (const v of this.#vcpus) {
      if (v === vcpu) continue;
      if (this.#isReady(v, may)) others++;
      // One that should have woken, and cannot, would cut the turn to pieces.
      else if (this.#wakes.get(v) === this.#now + 1n) this.#wakes.delete(v);
    }
    return others === 0 ? TURN_ALONE : TURN;
  }
  // Somebody else can run now.
  #shorten(): void {
    if (this.#left > TURN) this.#left = TURN;
  }

  #turnOf(vcpu: GuestVcpu, left: bigint): Turn {
    const wake = this.earliestWake;
    return { vcpu, count: wake === undefined || this.#now + left < wake ? left : wake - this.#now };
  }

  // A vCPU that waits lets its CPU timer run, one that could not run does not.
  #bring(vcpu: GuestVcpu): void {
    const missing = this.#now - vcpu.elapsed();
    if (missing <= 0n) return;
    if (vcpu.waiting) vcpu.idle(missing);
    else vcpu.pass(missing);
  }

  #isReady(vcpu: GuestVcpu, may: (vcpu: GuestVcpu) => boolean): boolean {
    this.#wakes.delete(vcpu);
    if (!may(vcpu)) return false;
    this.#bring(vcpu);
    if (vcpu.canRun()) return true;
    const until = vcpu.waiting ? vcpu.untilWake() : undefined;
    // A time that is not to come would be found over and over again.
    if (until !== undefined) this.#wakes.set(vcpu, this.#now + (until > 0n ? until : 1n));
    return false;
  }

  #callWoken(): void {
    for (const [vcpu, at] of this.#wakes) {
      if (at > this.#now) continue;
      this.#wakes.delete(vcpu);
      this.#shorten();
      if (!this.#called.some((c) => c.vcpu === vcpu)) this.#called.push({ vcpu, left: TURN });
    }
  }

  #call(id: number): void {
    const vcpu = this.#vcpus.find((v) => v.id === id);
    if (vcpu === undefined) return;
    const at = this.#called.findIndex((c) => c.vcpu === vcpu);
    this.#shorten();
    const [before] = at < 0 ? [] : this.#called.splice(at, 1);
    this.#called.unshift({ vcpu, left: before !== undefined && before.left > 0n ? before.left : TURN });
  }
}
