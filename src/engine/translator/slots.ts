import { emitLoad, emitStore } from '../../ir/emit.ts';
import type { Node, Slot, Stmt } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { slotWidth } from '../access.ts';
import { offsetOf } from './branch.ts';

/** A scalar in a local: its value, or, if only addresses of the page are ever put there, how far they are from its start. */
interface Local {
  readonly index: number;
  readonly relative: boolean;
}

/** No address was put there yet. */
const UNTOUCHED = -1;

/** The scalars of the state that a region sets, in locals of its function; those that it only reads stay where they are. */
export class Slots {
  readonly #f: FunctionBuilder;
  readonly #vcpu: number;
  readonly #base: number;
  readonly #relative = new Map<Slot, boolean>();
  readonly #asked = new Set<Slot>();
  readonly #locals = new Map<Slot, Local>();

  /** `base` is the local with the address of the page. */
  constructor(f: FunctionBuilder, vcpu: number, base: number) {
    this.#f = f;
    this.#vcpu = vcpu;
    this.#base = base;
  }

  /** Collects what statements do with scalars, before anything is written. */
  add(statements: readonly Stmt[], apart: Slot): void {
    visit(statements, {
      statement: (s) => {
        if (s.s === 'setState' && s.slot !== apart) {
          const address = s.slot.ty === 'i64' && offsetOf(s.value) !== undefined;
          this.#relative.set(s.slot, address && (this.#relative.get(s.slot) ?? true));
        } else if (s.s === 'let' && s.node.k === 'state') this.#asked.add(s.node.slot);
      },
    });
  }

  /** Everything has been added. */
  load(): void {
    const f = this.#f;
    for (const [slot, address] of this.#relative) {
      const relative = address && !this.#asked.has(slot);
      const index = f.local(relative ? 'i32' : slot.ty);
      this.#locals.set(slot, { index, relative });
      if (relative) f.i32const(UNTOUCHED);
      else this.#read(slot);
      f.set(index);
    }
  }

  store(): void {
    const f = this.#f;
    for (const [slot, { index, relative }] of this.#locals) {
      if (!relative) {
        f.get(this.#vcpu);
        f.get(index);
        emitStore(f, slot.ty, slotWidth(slot), slot.offset);
        continue;
      }
      f.get(index);
      f.i32const(UNTOUCHED);
      f.op('i32.ne');
      f.if(undefined, () => {
        f.get(this.#vcpu);
        f.get(this.#base);
        f.get(index);
        f.op('i64.extend_i32_s');
        f.op('i64.add');
        emitStore(f, slot.ty, slotWidth(slot), slot.offset);
      });
    }
  }

  read(slot: Slot): void {
    const local = this.#locals.get(slot);
    if (local === undefined) this.#read(slot);
    else if (local.relative) throw new Error(`${slot.name} is read where it was not known to be`);
    else this.#f.get(local.index);
  }

  write(slot: Slot, value: Node, push: () => void): void {
    const local = this.#locals.get(slot);
    if (local === undefined) throw new Error(`${slot.name} is set where it was not known to be`);
    if (local.relative) this.#f.i32const(offsetOf(value) ?? UNTOUCHED);
    else push();
    this.#f.set(local.index);
  }

  #read(slot: Slot): void {
    this.#f.get(this.#vcpu);
    emitLoad(this.#f, slot.ty, slotWidth(slot), false, slot.offset);
  }
}
