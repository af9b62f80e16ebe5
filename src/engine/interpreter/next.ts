import { decodeEntry, ELSEWHERE, engineState, entryShift, LEFT, PAGE_BYTES, tlbEntry } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { emitIfetchable } from '../access.ts';
import type { Imports } from '../imports.ts';

/**
 * Parameters of every handler: vCPU state, decode-cache entry, instruction address, instructions that may still begin
 * after this one. It returns where to go on, and how many instructions may still begin there: none when the run ends. With
 * the sign bit of the latter, the instruction there must be interpreted: if a region begins there, by the handler that
 * `engineState.declined` says.
 */
export const handlerParams = ['i32', 'i32', 'i64', 'i32'] as const;
export const handlerResults = ['i64', 'i32'] as const;

/** The sign bit of what remains. */
export const INTERPRET = 1 << 31;
const VCPU = 0;

/** What the interpreter's functions call, each other included. */
export interface InterpreterImports extends Imports {
  readonly table: number;
  /** The function that goes on in another page. */
  readonly newPage: number;
  /** The function that carries out the rows which guests execute most; undefined where there are none. */
  readonly common?: CommonRows | undefined;
  /** What hears of entries that execution has come to `every` so many times, a power of two. */
  readonly hot: { readonly every: number; readonly hook: number };
}

/** Rows that are carried out by one function, of a handler's type: those with `count` handlers from `first` on. */
export interface CommonRows {
  readonly func: number;
  readonly first: number;
  readonly count: number;
}

/** Locals that hold what a handler is called with. */
export interface HandlerLocals {
  readonly vcpu: number;
  readonly entry: number;
  readonly ia: number;
  readonly remaining: number;
}

/** A handler's own parameters. */
export const handlerLocals: HandlerLocals = { vcpu: VCPU, entry: 1, ia: 2, remaining: 3 };

/** The bits of an instruction's address that tell its place in a page. */
function offsetMask({ arch }: Imports): number {
  return PAGE_BYTES - arch.codeUnit;
}

/** Goes on with the handler that the decode-cache entry in a local names, in place of this one. */
export function emitDispatch(f: FunctionBuilder, imports: InterpreterImports, at: HandlerLocals): void {
  const { common } = imports;
  const handler = f.local('i32');
  f.get(at.entry);
  f.access('i32.load16_u', decodeEntry.handler);
  f.set(handler);
  if (common !== undefined) {
    pushIsCommon(f, common, handler);
    f.if(undefined, () => {
      pushHandlerArguments(f, at);
      f.returnCall(common.func);
    });
  }
  emitDispatchTo(f, imports, at, handler);
}

/** Goes on with the handler whose number is in a local. */
export function emitDispatchTo(
  f: FunctionBuilder,
  imports: InterpreterImports,
  at: HandlerLocals,
  handler: number,
): void {
  pushHandlerArguments(f, at);
  f.get(handler);
  f.returnCallIndirect(imports.table, handlerParams, handlerResults);
}

/** Pushes what a handler is called with. */
export function pushHandlerArguments(f: FunctionBuilder, { vcpu, entry, ia, remaining }: HandlerLocals): void {
  for (const local of [vcpu, entry, ia, remaining]) f.get(local);
}

/** Pushes 1 when the handler in a local is that of a common row. */
export function pushIsCommon(f: FunctionBuilder, { first, count }: CommonRows, handler: number): void {
  f.get(handler);
  f.i32const(first);
  f.op('i32.sub');
  f.i32const(count);
  f.op('i32.lt_u');
}

/**
 * Calls a function outside generated code, with what it may ask for in the vCPU's state; takes back what it may change. One
 * that `mayLeave` may have ended the instruction, and the run with it.
 */
export function emitCallOut(
  f: FunctionBuilder,
  func: number,
  at: { readonly vcpu: number; readonly ia: number; readonly remaining: number },
  mayLeave = true,
): void {
  f.get(at.vcpu);
  f.get(at.ia);
  f.access('i64.store', engineState.ia.offset);
  f.get(at.vcpu);
  f.get(at.remaining);
  f.access('i32.store', engineState.remaining.offset);
  f.call(func);
  if (mayLeave) {
    f.get(at.vcpu);
    f.access('i32.load', engineState.sliceEnded.offset);
    f.i32const(LEFT | ELSEWHERE);
    f.op('i32.and');
    f.if(undefined, () => {
      f.get(at.vcpu);
      f.get(at.vcpu);
      f.access('i32.load', engineState.sliceEnded.offset);
      f.i32const(~ELSEWHERE);
      f.op('i32.and');
      f.access('i32.store', engineState.sliceEnded.offset);
      f.get(at.vcpu);
      f.access('i64.load', engineState.pc.offset);
      f.get(at.vcpu);
      f.access('i32.load', engineState.remaining.offset);
      f.return();
    });
  }
  f.get(at.vcpu);
  f.access('i32.load', engineState.remaining.offset);
  f.set(at.remaining);
}

/**
 * Writes what stands at the end of every handler: the way to the next instruction, whose address is in `pc`.
 *
 *     if (remaining == 0) return (pc, 0)
 *     if (page of pc, misaligned bits kept != vcpu.ifetchTag) return newPage(vcpu, pc, remaining)
 *     return handler of the entry(vcpu, entry, pc, remaining - 1)
 */
export function emitNext(
  f: FunctionBuilder,
  imports: InterpreterImports,
  pc: number,
  remaining: number,
  counted = false,
): void {
  const entry = f.local('i32');
  emitEnd(f, pc, remaining);
  emitIsElsewhere(f, imports, pc);
  f.if(undefined, () => emitToNewPage(f, imports, pc, remaining));
  emitAdvance(f, imports, { pc, remaining, entry }, counted);
  emitDispatch(f, imports, { vcpu: VCPU, entry, ia: pc, remaining });
}

/** Returns when nothing remains. */
export function emitEnd(f: FunctionBuilder, pc: number, remaining: number): void {
  f.get(remaining);
  f.op('i32.eqz');
  f.if(undefined, () => {
    f.get(pc);
    f.i32const(0);
    f.return();
  });
}

/** Goes on in another page. */
export function emitToNewPage(
  f: FunctionBuilder,
  { newPage }: InterpreterImports,
  pc: number,
  remaining: number,
): void {
  for (const local of [VCPU, pc, remaining]) f.get(local);
  f.returnCall(newPage);
}

/** Counts an instruction as begun, and `entry` becomes its entry, in the page in use. */
export function emitAdvance(
  f: FunctionBuilder,
  imports: InterpreterImports,
  { pc, remaining, entry }: { readonly pc: number; readonly remaining: number; readonly entry: number },
  counted: boolean,
): void {
  f.get(remaining);
  f.i32const(1);
  f.op('i32.sub');
  f.set(remaining);
  emitEntry(f, imports, pc);
  f.set(entry);
  if (counted) emitCount(f, imports, entry);
}

/** Pushes the decode-cache entry of the address in a local, which lies in the decode page in use. */
export function emitEntry(f: FunctionBuilder, imports: Imports, pc: number): void {
  f.get(VCPU);
  f.access('i32.load', engineState.ifetchBase.offset);
  f.get(pc);
  f.op('i32.wrap_i64');
  f.i32const(offsetMask(imports));
  f.op('i32.and');
  f.i32const(entryShift(imports.arch.codeUnit));
  f.op('i32.shl');
  f.op('i32.add');
}

/** Counts that execution came to an entry by a branch; every so often the translator hears of it. */
export function emitCount(f: FunctionBuilder, imports: InterpreterImports, entry: number): void {
  const { every, hook } = imports.hot;
  f.get(entry);
  f.get(entry);
  f.access('i32.load8_u', decodeEntry.count);
  f.i32const(1);
  f.op('i32.add');
  f.access('i32.store8', decodeEntry.count);
  f.get(entry);
  f.access('i32.load8_u', decodeEntry.count);
  f.i32const(every - 1);
  f.op('i32.and');
  f.op('i32.eqz');
  f.if(undefined, () => {
    f.get(VCPU);
    f.get(entry);
    f.call(hook);
  });
}

/**
 * Writes `newPage(vcpu, pc, remaining)`: makes the decode page fit the address and goes on there. The address may have come
 * from behind the last one of the addressing mode; it wraps here, before the TLB is asked for it.
 */
export function emitNewPage(f: FunctionBuilder, imports: InterpreterImports): void {
  const pc = 1;
  const remaining = 2;
  const tag = f.local('i64');
  const entry = f.local('i32');
  emitIfetchLookup(f, imports, { pc, tag, entry }, () => {
    f.get(VCPU);
    f.get(pc);
    f.access('i64.store', engineState.pc.offset);
    f.get(VCPU);
    emitCallOut(f, imports.hook('ifetchMiss'), { vcpu: VCPU, ia: pc, remaining });
    f.get(VCPU);
    f.access('i64.load', engineState.pc.offset);
    f.set(pc);
  });
  emitNext(f, imports, pc, remaining, true);
}

/** Pushes 1 when the address in `pc` lies in another page than the decode page in use, or is misaligned. */
export function emitIsElsewhere(f: FunctionBuilder, imports: InterpreterImports, pc: number): void {
  f.get(pc);
  f.i64const(~offsetMask(imports));
  f.op('i64.and');
  f.get(VCPU);
  f.access('i64.load', engineState.ifetchTag.offset);
  f.op('i64.ne');
}

/** Makes the decode page in use that of the address in `pc`, by the TLB; `otherwise` when that does not have it. `tag` and `entry` are for its use. */
export function emitIfetchLookup(
  f: FunctionBuilder,
  imports: InterpreterImports,
  at: { readonly pc: number; readonly tag: number; readonly entry: number },
  otherwise: () => void,
): void {
  f.get(at.pc);
  f.get(VCPU);
  f.access('i64.load', engineState.amask.offset);
  f.op('i64.and');
  f.tee(at.pc);
  f.i64const(~offsetMask(imports));
  f.op('i64.and');
  f.set(at.tag);
  emitIfetchable(f, { vcpu: VCPU, va: at.pc, tlb: at.entry }, () => f.get(at.tag));
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
    otherwise,
  );
}
