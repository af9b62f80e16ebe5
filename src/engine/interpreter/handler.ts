import type { ByteOrder } from '../../bits/byte-order.ts';
import { type EmitTarget, emitBody, emitLoad, emitStore, hostAccessOffset } from '../../ir/emit.ts';
import type { Field } from '../../ir/field.ts';
import {
  type Access,
  type Address,
  type Helper,
  mayLeave,
  type RegisterIndex,
  type RegisterPart,
  type Slot,
  type Space,
  type Ty,
  type Width,
} from '../../ir/node.ts';
import { summarize } from '../../ir/summary.ts';
import { decodeEntry, engineState } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import {
  type AccessLocals,
  emitAllowed,
  emitHostAddress,
  emitLookup,
  emitRoom,
  emitSlowArguments,
  partWidth,
  slotWidth,
} from '../access.ts';
import { emitCallOut, emitDispatch, emitNext, handlerLocals, type InterpreterImports } from './next.ts';

const { vcpu: VCPU, entry: ENTRY, ia: IA, remaining: REMAINING } = handlerLocals;

/** Where a body is one of several in a function. */
export interface Inside {
  /** Local of the address of what follows. */
  readonly next: number;
  /** Has the row's own handler do the instruction, from its beginning. */
  leave(): void;
}

/**
 * Writes one row's handler:
 *
 *     (vcpu, entry, ia, remaining) => { next = ia + entry.ilc; ...the body...; go on with the handler at next }
 *
 * Operands come from the decode-cache entry, registers from the vCPU's state. Inside of a function of several rows the instruction is
 * left where more is to be done than the plain case.
 */
export class InterpreterTarget implements EmitTarget {
  readonly f: FunctionBuilder;
  readonly #imports: InterpreterImports;
  readonly #next: number;
  readonly #at: AccessLocals;
  readonly #length: number;
  readonly #leave: (() => void) | undefined;
  /** Registers or the like have been set: the instruction can no longer be done from its beginning. */
  #changed = false;

  constructor(f: FunctionBuilder, imports: InterpreterImports, inside?: Inside) {
    this.f = f;
    this.#imports = imports;
    this.#leave = inside === undefined ? undefined : () => inside.leave();
    this.#next = inside?.next ?? f.local('i64');
    this.#at = { vcpu: VCPU, va: f.local('i64'), tlb: f.local('i32') };
    this.#length = f.local('i32');
    this.next();
    f.set(this.#next);
  }

  get byteOrder(): ByteOrder {
    return this.#imports.arch.byteOrder;
  }

  /** Goes on with the next instruction. */
  finish(counted: boolean): void {
    emitNext(this.f, this.#imports, this.#next, REMAINING, counted);
  }

  field(field: Field): void {
    const { f } = this;
    f.get(ENTRY);
    if (field.bytes === 8) f.access('i64.load', field.slot);
    else if (field.bytes === 4) f.access('i32.load', field.slot);
    else f.access(field.signed ? 'i32.load8_s' : 'i32.load8_u', field.slot);
  }

  ia(): void {
    this.f.get(IA);
  }

  next(): void {
    const { f } = this;
    f.get(IA);
    if (this.#imports.arch.codeUnit === 4) f.i64const(4);
    else {
      f.get(ENTRY);
      f.access('i64.load8_u', decodeEntry.ilc);
    }
    f.op('i64.add');
  }

  room(): void {
    emitRoom(this.f, VCPU, this.byteOrder);
  }

  readRegister(part: RegisterPart, index: RegisterIndex, pushIndex: () => void): void {
    const offset = this.#registerAddress(part, index, pushIndex);
    emitLoad(this.f, part.ty, partWidth(part), false, offset);
  }

  writeRegister(part: RegisterPart, index: RegisterIndex, pushIndex: () => void, push: () => void): void {
    const offset = this.#registerAddress(part, index, pushIndex);
    push();
    emitStore(this.f, part.ty, partWidth(part), offset);
    this.#changed = true;
  }

  // Leaves the address on the stack and returns the constant offset to add.
  #registerAddress(part: RegisterPart, index: RegisterIndex, pushIndex: () => void): number {
    const { f } = this;
    f.get(VCPU);
    if (index.by === 'field') this.field(index.field);
    else pushIndex();
    f.i32const(Math.log2(part.file.width));
    f.op('i32.shl');
    f.op('i32.add');
    const delta = index.by === 'field' ? index.delta * part.file.width : 0;
    return part.file.offset + part.offset + delta;
  }

  readState(slot: Slot): void {
    this.f.get(VCPU);
    emitLoad(this.f, slot.ty, slotWidth(slot), false, slot.offset);
  }

  writeState(slot: Slot, push: () => void): void {
    this.f.get(VCPU);
    push();
    emitStore(this.f, slot.ty, slotWidth(slot), slot.offset);
    this.#changed = true;
  }

  fetchAddress(address: Address, width: Width, push: () => void): void {
    const { f } = this;
    push();
    f.set(this.#at.va);
    emitLookup(f, this.#at, address.space);
    emitAllowed(f, this.#at, 'fetch', width / 8);
    f.if(
      'i32',
      () => emitHostAddress(f, this.#at, this.byteOrder),
      () => {
        if (this.#leave !== undefined) return this.#leave();
        emitSlowArguments(f, this.#at);
        f.i32const(width / 8);
        this.#space(address.space);
        this.#callOut(this.#imports.hook('fetchSlow'));
      },
    );
  }

  store(address: Address, width: Width, push: () => void, value: { readonly ty: Ty; push(): void }): void {
    const { f } = this;
    push();
    f.set(this.#at.va);
    emitLookup(f, this.#at, address.space);
    emitAllowed(f, this.#at, 'store', width / 8);
    const local = f.local(value.ty);
    value.push();
    f.set(local);
    f.if(
      undefined,
      () => {
        emitHostAddress(f, this.#at, this.byteOrder);
        f.get(local);
        emitStore(f, value.ty, width, hostAccessOffset(width, this.byteOrder));
      },
      () => {
        if (this.#leave !== undefined) return this.#leave();
        f.get(VCPU);
        f.get(local);
        emitStore(f, value.ty, width, engineState.scratch.offset);
        emitSlowArguments(f, this.#at);
        f.i32const(width / 8);
        this.#space(address.space);
        this.#callOut(this.#imports.hook('storeSlow'));
      },
    );
  }

  probe(access: Access, address: Address, push: () => void, pushLength: () => void): void {
    const { f } = this;
    push();
    f.set(this.#at.va);
    pushLength();
    f.set(this.#length);
    emitLookup(f, this.#at, address.space);
    emitAllowed(f, this.#at, access, () => f.get(this.#length));
    f.if(
      'i32',
      () => {
        emitHostAddress(f, this.#at, this.byteOrder);
        if (this.byteOrder === 'little') return;
        f.i32const(16);
        f.op('i32.add');
      },
      () => {
        if (this.#leave !== undefined) return this.#leave();
        emitSlowArguments(f, this.#at);
        f.get(this.#length);
        f.i32const(access === 'fetch' ? 0 : 1);
        this.#space(address.space);
        this.#callOut(this.#imports.hook('probeSlow'), false);
      },
    );
  }

  call(helper: Helper, pushArgs: () => void): void {
    if (this.#leave !== undefined) return this.#leave();
    const { f } = this;
    const ends = helper.effects.ends === true;
    if (ends) {
      f.get(VCPU);
      f.get(this.#next);
      f.access('i64.store', engineState.pc.offset);
    }
    f.get(VCPU);
    pushArgs();
    this.#callOut(this.#imports.helper(helper), mayLeave(helper));
    if (ends) {
      f.get(VCPU);
      f.access('i64.load', engineState.pc.offset);
      f.set(this.#next);
    }
  }

  branch(push: () => void): void {
    push();
    this.f.set(this.#next);
  }

  trap(pushCode: () => void): void {
    if (this.#leave !== undefined && !this.#changed) return this.#leave();
    this.f.get(VCPU);
    pushCode();
    this.#callOut(this.#imports.hook('trap'));
    this.f.unreachable();
  }

  dispatch(pushEntry: () => void): void {
    if (this.#leave !== undefined) return this.#leave();
    const { f } = this;
    const entry = f.local('i32');
    pushEntry();
    f.set(entry);
    emitDispatch(f, this.#imports, { vcpu: VCPU, entry, ia: IA, remaining: REMAINING });
  }

  // Arguments are on the stack. Who is called may look at the count, and may end the run.
  #callOut(func: number, leaves = true): void {
    emitCallOut(this.f, func, { vcpu: VCPU, ia: IA, remaining: REMAINING }, leaves);
  }

  #space(space: Space): void {
    if (typeof space === 'string') this.f.i32const(this.#imports.arch.spaces[space]);
    else this.field(space);
  }
}

/** Writes a row's handler. */
export function emitHandler(
  f: FunctionBuilder,
  imports: InterpreterImports,
  body: Parameters<typeof emitBody>[0],
): void {
  const target = new InterpreterTarget(f, imports);
  emitBody(body, target);
  target.finish(summarize(body).branches);
}
