/** Slow events between two looks at whether it is time. */
const EVENTS = 32;

/**
 * Ends a run before its instructions are used up when they take the host long: a run is counted in instructions, and one
 * that is decoded anew, intercepted or watched each time costs a thousand times what another does. Whatever goes a slow way
 * says so here. A guest cannot see where a run ends.
 */
export class Patience {
  #isOver: () => boolean = () => false;
  #left = EVENTS;
  /** The run must end as soon as it can. */
  ended = false;

  /** A run begins; `isOver` is asked now and then whether it has taken long. */
  begin(isOver: (() => boolean) | undefined): void {
    this.#isOver = isOver ?? (() => false);
    this.#left = EVENTS;
    this.ended = false;
  }

  /** Something happened that may have taken the host very long: it is asked at once. */
  look(vcpu: { endSlice(): void }): void {
    this.spend(vcpu, EVENTS);
  }

  /** Something slow happened on a vCPU that executes an instruction; the run ends behind that. */
  spend(vcpu: { endSlice(): void }, events = 1): void {
    this.#left -= events;
    if (this.#left > 0) return;
    this.#left = EVENTS;
    if (!this.#isOver()) return;
    this.ended = true;
    vcpu.endSlice();
  }
}
