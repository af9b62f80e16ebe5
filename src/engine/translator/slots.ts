import { emitLoad, emitStore } from '../../ir/emit.ts';
import type { Slot, Stmt } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { slotWidth } from '../access.ts';

/** The scalars of the state that a region sets, in locals of its function; those that it only reads stay where they are. */
export class Slots {
  readonly #f: FunctionBuilder;
  readonly #vcpu: number;
  readonly #locals = new Map<Slot, number>();

  constructor(f: FunctionBuilder, vcpu: number) {
    this.#f = f;
    this.#vcpu = vcpu;
  }

  /** Collects the scalars that statements set, before anything is written. */
  add(statements: readonly Stmt[], apart: Slot): void {
    visit(statements, {
      statement: (s) => {
        if (s.s === 'setState' && s.slot !== apart && !this.#locals.has(s.slot))
          this.#locals.set(s.slot, this.#f.local(s.slot.ty));
      },
    });
  }

  load(): void {
    for (const [slot, local] of this.#locals) {
      this.#read(slot);
      this.#f.set(local);
    }
  }

  store(): void {
    for (const [slot, local] of this.#locals) {
      this.#f.get(this.#vcpu);
      this.#f.get(local);
      emitStore(this.#f, slot.ty, slotWidth(slot), slot.offset);
    }
  }

  read(slot: Slot): void {
    const local = this.#locals.get(slot);
    if (local === undefined) this.#read(slot);
    else this.#f.get(local);
  }

  write(slot: Slot, push: () => void): void {
    const local = this.#locals.get(slot);
    if (local === undefined) throw new Error(`${slot.name} is set where it was not known to be`);
    push();
    this.#f.set(local);
  }

  #read(slot: Slot): void {
    this.#f.get(this.#vcpu);
    emitLoad(this.#f, slot.ty, slotWidth(slot), false, slot.offset);
  }
}
