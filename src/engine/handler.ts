import { type EmitTarget, emitBody, emitLoad, emitStore, hostAccessOffset } from '../ir/emit.ts';
import type { Field } from '../ir/field.ts';
import { INSTRUCTION_SPACE } from '../ir/field.ts';
import type { Access, Address, Helper, RegisterIndex, RegisterPart, Slot, Ty, Width } from '../ir/node.ts';
import { decodeEntry, engineState, PAGE_BYTES, tlbEntry } from '../machine/layout.ts';
import type { FunctionBuilder } from '../wasm/function-builder.ts';
import type { Imports } from './module.ts';
import { emitCallOut, emitDispatch, emitNext, emitTlbOffset, handlerLocals } from './run-loop.ts';

const { vcpu: VCPU, entry: ENTRY, ia: IA, remaining: REMAINING } = handlerLocals;

/**
 * Writes one row's handler:
 *
 *     (vcpu, entry, ia, remaining) => { next = ia + entry.ilc; ...the body...; go on with the handler at next }
 *
 * Operands come from the decode-cache entry, registers from the vCPU's state.
 */
export class InterpreterTarget implements EmitTarget {
  readonly f: FunctionBuilder;
  readonly #imports: Imports;
  readonly #next: number;
  readonly #va: number;
  readonly #tlb: number;
  readonly #length: number;

  constructor(f: FunctionBuilder, imports: Imports) {
    this.f = f;
    this.#imports = imports;
    this.#next = f.local('i64');
    this.#va = f.local('i64');
    this.#tlb = f.local('i32');
    this.#length = f.local('i32');
    this.next();
    f.set(this.#next);
  }

  /** Goes on with the next instruction. */
  finish(): void {
    emitNext(this.f, this.#imports, this.#next, REMAINING);
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
    f.get(ENTRY);
    f.access('i64.load8_u', decodeEntry.ilc);
    f.op('i64.add');
  }

  readRegister(part: RegisterPart, index: RegisterIndex, pushIndex: () => void): void {
    const offset = this.#registerAddress(part, index, pushIndex);
    emitLoad(this.f, part.ty, partWidth(part), false, offset);
  }

  writeRegister(part: RegisterPart, index: RegisterIndex, pushIndex: () => void, push: () => void): void {
    const offset = this.#registerAddress(part, index, pushIndex);
    push();
    emitStore(this.f, part.ty, partWidth(part), offset);
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
  }

  fetchAddress(address: Address, width: Width, push: () => void): void {
    const { f } = this;
    push();
    f.set(this.#va);
    this.#lookup(address);
    f.get(this.#tlb);
    f.access('i64.load', tlbEntry.fetchTag);
    this.#lastBytePage(width / 8);
    f.op('i64.eq');
    f.if(
      'i32',
      () => this.#hostAddress(),
      () => {
        this.#slowArgs();
        f.i32const(width / 8);
        this.#accessRegister(address);
        this.#callOut(this.#imports.hook('fetchSlow'));
      },
    );
  }

  store(address: Address, width: Width, push: () => void, value: { readonly ty: Ty; push(): void }): void {
    const { f } = this;
    push();
    f.set(this.#va);
    this.#lookup(address);
    f.get(this.#tlb);
    f.access('i64.load', tlbEntry.storeTag);
    this.#lastBytePage(width / 8);
    f.op('i64.eq');
    const local = f.local(value.ty);
    value.push();
    f.set(local);
    f.if(
      undefined,
      () => {
        this.#hostAddress();
        f.get(local);
        emitStore(f, value.ty, width, hostAccessOffset(width));
      },
      () => {
        f.get(VCPU);
        f.get(local);
        emitStore(f, value.ty, width, engineState.scratch.offset);
        this.#slowArgs();
        f.i32const(width / 8);
        this.#accessRegister(address);
        this.#callOut(this.#imports.hook('storeSlow'));
      },
    );
  }

  probe(access: Access, address: Address, push: () => void, pushLength: () => void): void {
    const { f } = this;
    push();
    f.set(this.#va);
    pushLength();
    f.set(this.#length);
    this.#lookup(address);
    f.get(this.#tlb);
    f.access('i64.load', access === 'fetch' ? tlbEntry.fetchTag : tlbEntry.storeTag);
    f.get(this.#va);
    f.get(this.#length);
    f.op('i64.extend_i32_u');
    f.op('i64.add');
    f.i64const(1);
    f.op('i64.sub');
    f.i64const(-PAGE_BYTES);
    f.op('i64.and');
    f.op('i64.eq');
    f.if(
      'i32',
      () => {
        this.#hostAddress();
        f.i32const(16);
        f.op('i32.add');
      },
      () => {
        this.#slowArgs();
        f.get(this.#length);
        f.i32const(access === 'fetch' ? 0 : 1);
        this.#accessRegister(address);
        this.#callOut(this.#imports.hook('probeSlow'));
      },
    );
  }

  call(helper: Helper, pushArgs: () => void): void {
    const { f } = this;
    const ends = helper.effects.ends === true;
    if (ends) {
      f.get(VCPU);
      f.get(this.#next);
      f.access('i64.store', engineState.pc.offset);
    }
    f.get(VCPU);
    pushArgs();
    this.#callOut(this.#imports.helper(helper));
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
    this.f.get(VCPU);
    pushCode();
    this.#callOut(this.#imports.hook('trap'));
    this.f.unreachable();
  }

  dispatch(pushEntry: () => void): void {
    const { f } = this;
    const entry = f.local('i32');
    pushEntry();
    f.set(entry);
    emitDispatch(f, this.#imports, { vcpu: VCPU, entry, ia: IA, remaining: REMAINING });
  }

  // Arguments are on the stack. Who is called may look at the count, and may end the run.
  #callOut(func: number): void {
    emitCallOut(this.f, func, { vcpu: VCPU, ia: IA, remaining: REMAINING });
  }

  // tlb := the entry of the page of va
  #lookup(address: Address): void {
    const { f } = this;
    f.get(VCPU);
    f.access('i32.load', (address.ar === undefined ? engineState.tlbInsn : engineState.tlbData).offset);
    f.get(this.#va);
    f.op('i32.wrap_i64');
    emitTlbOffset(f);
    f.op('i32.add');
    f.set(this.#tlb);
  }

  #lastBytePage(bytes: number): void {
    const { f } = this;
    f.get(this.#va);
    if (bytes > 1) {
      f.i64const(bytes - 1);
      f.op('i64.add');
    }
    f.i64const(-PAGE_BYTES);
    f.op('i64.and');
  }

  #hostAddress(): void {
    const { f } = this;
    f.get(this.#tlb);
    f.access('i32.load', tlbEntry.addend);
    f.get(this.#va);
    f.op('i32.wrap_i64');
    f.op('i32.sub');
  }

  #slowArgs(): void {
    const { f } = this;
    f.get(VCPU);
    f.get(this.#va);
    f.i64const(32);
    f.op('i64.shr_u');
    f.op('i32.wrap_i64');
    f.get(this.#va);
    f.op('i32.wrap_i64');
  }

  #accessRegister(address: Address): void {
    if (address.ar === undefined) this.f.i32const(INSTRUCTION_SPACE);
    else this.field(address.ar);
  }
}

/** Writes a row's handler. */
export function emitHandler(f: FunctionBuilder, imports: Imports, body: Parameters<typeof emitBody>[0]): void {
  const target = new InterpreterTarget(f, imports);
  emitBody(body, target);
  target.finish();
}

function partWidth(part: RegisterPart): Width {
  return widths[part.bytes];
}

const widths = { 1: 8, 2: 16, 4: 32, 8: 64, 16: 128 } as const;

function slotWidth(slot: Slot): Width {
  return slot.ty === 'i32' || slot.ty === 'f32' ? 32 : slot.ty === 'v128' ? 128 : 64;
}
