import { type EmitTarget, emitBody, emitLoad, emitStore, hostAccessOffset } from '../ir/emit.ts';
import type { Field } from '../ir/field.ts';
import { ZERO_REGISTER } from '../ir/field.ts';
import type { Access, Address, Helper, RegisterIndex, RegisterPart, Slot, Ty, Width } from '../ir/node.ts';
import type { FunctionBuilder } from '../wasm/function-builder.ts';
import type { Imports } from './module.ts';
import { decodeEntry, engineState, PAGE_BYTES, TLB_ENTRIES, tlbEntry } from '../machine/layout.ts';

/**
 * Parameters of every handler: vCPU state, decode-cache entry, instruction address, instructions that may still begin
 * after this one. It returns when the run ends.
 */
export const handlerParams = ['i32', 'i32', 'i64', 'i32'] as const;
export const handlerResults = [] as const;
const VCPU = 0;
const ENTRY = 1;
const IA = 2;
const REMAINING = 3;

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
    this.#lookup();
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
    this.#lookup();
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
    this.#lookup();
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
  #lookup(): void {
    const { f } = this;
    f.get(VCPU);
    f.access('i32.load', engineState.tlbData.offset);
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
    if (address.ar === undefined) this.f.i32const(ZERO_REGISTER);
    else this.field(address.ar);
  }
}

/** Pops the low word of an address; pushes the offset of its page's entry in a TLB bank. */
function emitTlbOffset(f: FunctionBuilder): void {
  f.i32const(12 - tlbEntry.shift);
  f.op('i32.shr_u');
  f.i32const((TLB_ENTRIES - 1) << tlbEntry.shift);
  f.op('i32.and');
}

/** Locals that hold what a handler is called with. */
export interface HandlerLocals {
  readonly vcpu: number;
  readonly entry: number;
  readonly ia: number;
  readonly remaining: number;
}

/** A handler's own parameters. */
export const handlerLocals: HandlerLocals = { vcpu: VCPU, entry: ENTRY, ia: IA, remaining: REMAINING };

/** Goes on with the handler that the decode-cache entry in a local names, in place of this one. */
export function emitDispatch(f: FunctionBuilder, imports: Imports, at: HandlerLocals): void {
  const { vcpu, entry, ia, remaining } = at;
  f.get(vcpu);
  f.get(entry);
  f.get(ia);
  f.get(remaining);
  f.get(entry);
  f.access('i32.load16_u', decodeEntry.handler);
  f.returnCallIndirect(imports.table, handlerParams, handlerResults);
}

/** Writes a row's handler. */
export function emitHandler(f: FunctionBuilder, imports: Imports, body: Parameters<typeof emitBody>[0]): void {
  const target = new InterpreterTarget(f, imports);
  emitBody(body, target);
  target.finish();
}

/** Calls a function outside generated code, with what it may ask for in the vCPU's state; takes back what it may change. */
export function emitCallOut(
  f: FunctionBuilder,
  func: number,
  at: { readonly vcpu: number; readonly ia: number; readonly remaining: number },
): void {
  f.get(at.vcpu);
  f.get(at.ia);
  f.access('i64.store', engineState.ia.offset);
  f.get(at.vcpu);
  f.get(at.remaining);
  f.access('i32.store', engineState.remaining.offset);
  f.call(func);
  f.get(at.vcpu);
  f.access('i32.load', engineState.remaining.offset);
  f.set(at.remaining);
}

/**
 * Writes what stands at the end of every handler: the way to the next instruction, whose address is in `pc`.
 *
 *     if (remaining == 0) { vcpu.pc = pc; vcpu.remaining = 0; return }
 *     if (page of pc, odd bit kept != vcpu.ifetchTag) return newPage(vcpu, pc, remaining)
 *     return handler of the entry(vcpu, entry, pc, remaining - 1)
 */
export function emitNext(f: FunctionBuilder, imports: Imports, pc: number, remaining: number): void {
  const entry = f.local('i32');
  f.get(remaining);
  f.op('i32.eqz');
  f.if(undefined, () => {
    f.get(VCPU);
    f.get(pc);
    f.access('i64.store', engineState.pc.offset);
    f.get(VCPU);
    f.i32const(0);
    f.access('i32.store', engineState.remaining.offset);
    f.return();
  });
  f.get(pc);
  f.i64const(~0xffen);
  f.op('i64.and');
  f.get(VCPU);
  f.access('i64.load', engineState.ifetchTag.offset);
  f.op('i64.ne');
  f.if(undefined, () => {
    f.get(VCPU);
    f.get(pc);
    f.get(remaining);
    f.returnCall(imports.newPage);
  });
  f.get(remaining);
  f.i32const(1);
  f.op('i32.sub');
  f.set(remaining);
  f.get(VCPU);
  f.access('i32.load', engineState.ifetchBase.offset);
  f.get(pc);
  f.op('i32.wrap_i64');
  f.i32const(0xffe);
  f.op('i32.and');
  f.i32const(decodeEntry.shift - 1);
  f.op('i32.shl');
  f.op('i32.add');
  f.set(entry);
  emitDispatch(f, imports, { vcpu: VCPU, entry, ia: pc, remaining });
}

/** Writes `newPage(vcpu, pc, remaining)`: makes the decode page fit the address and goes on there. */
export function emitNewPage(f: FunctionBuilder, imports: Imports): void {
  const pc = 1;
  const remaining = 2;
  const tag = f.local('i64');
  const entry = f.local('i32');
  f.get(pc);
  f.i64const(~0xffen);
  f.op('i64.and');
  f.set(tag);
  emitIfetchLookup(f, imports, { pc, tag, entry, remaining });
  emitNext(f, imports, pc, remaining);
}

/** Writes `run(vcpu)`: executes from vcpu.pc until nothing remains. */
export function emitRun(f: FunctionBuilder, imports: Imports): void {
  const pc = f.local('i64');
  const remaining = f.local('i32');
  f.get(VCPU);
  f.access('i64.load', engineState.pc.offset);
  f.set(pc);
  f.get(VCPU);
  f.access('i32.load', engineState.remaining.offset);
  f.set(remaining);
  emitNext(f, imports, pc, remaining);
}

/**
 * Writes `runChecked(vcpu)`: the same, an instruction at a time, with a look at the breakpoint filter before each.
 *
 *     left = vcpu.remaining; end = vcpu.end
 *     while (left != 0) {
 *       if (filter[pc >> 1 & 0x7fff] && breakpoint(vcpu)) break
 *       vcpu.end = end - --left; vcpu.remaining = 1
 *       run(vcpu)
 *       if (vcpu.sliceEnded) break
 *     }
 */
export function emitRunChecked(f: FunctionBuilder, imports: Imports, run: number, filter: number): void {
  const left = f.local('i32');
  const end = f.local('i64');
  const store = (slot: Slot, push: () => void): void => {
    f.get(VCPU);
    push();
    f.access(slot.ty === 'i64' ? 'i64.store' : 'i32.store', slot.offset);
  };
  const pushEnd = (): void => {
    f.get(end);
    f.get(left);
    f.op('i64.extend_i32_u');
    f.op('i64.sub');
  };
  f.get(VCPU);
  f.access('i32.load', engineState.remaining.offset);
  f.set(left);
  f.get(VCPU);
  f.access('i64.load', engineState.end.offset);
  f.set(end);
  f.block(undefined, (exit) => {
    f.loop(undefined, (again) => {
      store(engineState.end, pushEnd);
      store(engineState.remaining, () => f.i32const(0));
      f.get(left);
      f.op('i32.eqz');
      f.brIf(exit);
      f.get(VCPU);
      f.access('i32.load', engineState.pc.offset);
      f.i32const(1);
      f.op('i32.shr_u');
      f.i32const(0x7fff);
      f.op('i32.and');
      f.access('i32.load8_u', filter);
      f.if(undefined, () => {
        f.get(VCPU);
        f.call(imports.hook('breakpoint'));
        f.brIf(exit);
      });
      f.get(left);
      f.i32const(1);
      f.op('i32.sub');
      f.set(left);
      store(engineState.end, pushEnd);
      store(engineState.remaining, () => f.i32const(1));
      f.get(VCPU);
      f.call(run);
      f.get(VCPU);
      f.access('i32.load', engineState.sliceEnded.offset);
      f.brIf(exit);
      f.br(again);
    });
  });
}

function emitIfetchLookup(
  f: FunctionBuilder,
  imports: Imports,
  at: { readonly pc: number; readonly tag: number; readonly entry: number; readonly remaining: number },
): void {
  f.get(VCPU);
  f.access('i32.load', engineState.tlbInsn.offset);
  f.get(at.pc);
  f.op('i32.wrap_i64');
  emitTlbOffset(f);
  f.op('i32.add');
  f.tee(at.entry);
  f.access('i64.load', tlbEntry.ifetchTag);
  f.get(at.tag);
  f.op('i64.eq');
  f.if(
    undefined,
    () => {
      f.get(VCPU);
      f.get(at.tag);
      f.access('i64.store', engineState.ifetchTag.offset);
      f.get(VCPU);
      f.get(at.entry);
      f.access('i32.load', tlbEntry.decodePage);
      f.access('i32.store', engineState.ifetchBase.offset);
    },
    () => {
      f.get(VCPU);
      f.get(at.pc);
      f.access('i64.store', engineState.pc.offset);
      f.get(VCPU);
      emitCallOut(f, imports.hook('ifetchMiss'), { vcpu: VCPU, ia: at.pc, remaining: at.remaining });
      f.get(VCPU);
      f.access('i64.load', engineState.pc.offset);
      f.set(at.pc);
    },
  );
}

function partWidth(part: RegisterPart): Width {
  return widths[part.bytes];
}

const widths = { 1: 8, 2: 16, 4: 32, 8: 64, 16: 128 } as const;

function slotWidth(slot: Slot): Width {
  return slot.ty === 'i32' || slot.ty === 'f32' ? 32 : slot.ty === 'v128' ? 128 : 64;
}
