import type { Slot } from '../../ir/node.ts';
import { decodeEntry, engineState, entryShift, LEFT, PAGE_BYTES, tagBits, tlbEntry } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { emitTlbOffset } from '../access.ts';
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
  /** What hears of entries that execution has come to `every` so many times, a power of two. */
  readonly hot: { readonly every: number; readonly hook: number };
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
  const { vcpu, entry, ia, remaining } = at;
  f.get(vcpu);
  f.get(entry);
  f.get(ia);
  f.get(remaining);
  f.get(entry);
  f.access('i32.load16_u', decodeEntry.handler);
  f.returnCallIndirect(imports.table, handlerParams, handlerResults);
}

/**
 * Calls a function outside generated code, with what it may ask for in the vCPU's state; takes back what it may change. One
 * that `mayLeave` may have ended the instruction.
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
    f.i32const(LEFT);
    f.op('i32.and');
    f.if(undefined, () => {
      f.get(at.vcpu);
      f.access('i64.load', engineState.pc.offset);
      f.i32const(0);
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
  f.get(remaining);
  f.op('i32.eqz');
  f.if(undefined, () => {
    f.get(pc);
    f.i32const(0);
    f.return();
  });
  emitIsElsewhere(f, imports, pc);
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
  emitEntry(f, imports, pc);
  f.set(entry);
  if (counted) emitCount(f, imports, entry);
  emitDispatch(f, imports, { vcpu: VCPU, entry, ia: pc, remaining });
}

/** Pushes the decode-cache entry of the address in a local, which lies in the decode page in use. */
function emitEntry(f: FunctionBuilder, imports: Imports, pc: number): void {
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
function emitCount(f: FunctionBuilder, imports: InterpreterImports, entry: number): void {
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
 * Writes the handler of an instruction at which there may be a breakpoint:
 *
 *     vcpu.pc = ia; vcpu.remaining = remaining + 1      // it has not begun
 *     if ((own = ask(vcpu, entry)) < 0) return (vcpu.pc, 0)
 *     return handler `own`(vcpu, entry, ia, remaining)
 */
export function emitBreakpoint(f: FunctionBuilder, imports: InterpreterImports, ask: number): void {
  const { vcpu, entry, ia, remaining } = handlerLocals;
  const own = f.local('i32');
  f.get(vcpu);
  f.get(ia);
  f.access('i64.store', engineState.pc.offset);
  f.get(vcpu);
  f.get(remaining);
  f.i32const(1);
  f.op('i32.add');
  f.access('i32.store', engineState.remaining.offset);
  f.get(vcpu);
  f.get(entry);
  f.call(ask);
  f.tee(own);
  f.i32const(0);
  f.op('i32.lt_s');
  f.if(undefined, () => {
    f.get(vcpu);
    f.access('i64.load', engineState.pc.offset);
    f.i32const(0);
    f.return();
  });
  for (const local of [vcpu, entry, ia, remaining, own]) f.get(local);
  f.returnCallIndirect(imports.table, handlerParams, handlerResults);
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
  f.get(pc);
  f.get(VCPU);
  f.access('i64.load', engineState.amask.offset);
  f.op('i64.and');
  f.tee(pc);
  f.i64const(~offsetMask(imports));
  f.op('i64.and');
  f.set(tag);
  emitIfetchLookup(f, imports, { pc, tag, entry, remaining });
  emitNext(f, imports, pc, remaining, true);
}

/** Locals of `run`, and the first table index of a region. */
interface Step {
  readonly pc: number;
  readonly remaining: number;
  readonly interpret: number;
  readonly entry: number;
  readonly firstRegion: number;
}

/** Writes one round of `run` within the page in use; pushes where to go on and what remains. */
function emitStep(f: FunctionBuilder, imports: InterpreterImports, step: Step): void {
  const { pc, remaining, interpret, entry, firstRegion } = step;
  const handler = f.local('i32');
  f.get(interpret);
  f.i32const(0);
  f.op('i32.ge_s');
  f.if(undefined, () => emitCount(f, imports, entry));
  f.get(entry);
  f.access('i32.load16_u', decodeEntry.handler);
  f.set(handler);
  f.get(interpret);
  f.i32const(0);
  f.op('i32.lt_s');
  f.get(handler);
  f.i32const(firstRegion);
  f.op('i32.ge_u');
  f.op('i32.and');
  f.if(undefined, () => {
    f.get(VCPU);
    f.access('i32.load', engineState.declined.offset);
    f.set(handler);
  });
  f.get(VCPU);
  f.get(entry);
  f.get(pc);
  f.get(remaining);
  f.i32const(1);
  f.op('i32.sub');
  f.get(handler);
  f.callIndirect(imports.table, handlerParams, handlerResults);
}

/**
 * Writes `run(vcpu)`: executes from vcpu.pc until nothing remains. Handlers go on by themselves; who comes back here before
 * the end is translated code.
 *
 *     do {
 *       interpret = remaining < 0; remaining &= 0x7fffffff
 *       if (remaining == 0) break
 *       if (page of pc is not the one in use) (pc, remaining) = newPage(vcpu, pc, remaining)
 *       else {
 *         entry = entry of pc; handler = entry.handler
 *         if (interpret && handler >= first region) handler = vcpu.declined
 *         (pc, remaining) = handler(vcpu, entry, pc, remaining - 1)
 *       }
 *     }
 *     vcpu.pc = pc; vcpu.remaining = 0
 */
export function emitRun(f: FunctionBuilder, imports: InterpreterImports, firstRegion: number): void {
  const pc = f.local('i64');
  const remaining = f.local('i32');
  const interpret = f.local('i32');
  const entry = f.local('i32');
  const came = (): void => {
    f.set(remaining);
    f.set(pc);
  };
  f.get(VCPU);
  f.access('i64.load', engineState.pc.offset);
  f.get(VCPU);
  f.access('i32.load', engineState.remaining.offset);
  came();
  f.block(undefined, (end) => {
    f.loop(undefined, (again) => {
      f.get(remaining);
      f.set(interpret);
      f.get(remaining);
      f.i32const(~INTERPRET);
      f.op('i32.and');
      f.tee(remaining);
      f.op('i32.eqz');
      f.brIf(end);
      emitIsElsewhere(f, imports, pc);
      f.if(undefined, () => {
        f.get(VCPU);
        f.get(pc);
        f.get(remaining);
        f.call(imports.newPage);
        came();
        f.br(again);
      });
      emitEntry(f, imports, pc);
      f.set(entry);
      emitStep(f, imports, { pc, remaining, interpret, entry, firstRegion });
      came();
      f.br(again);
    });
  });
  f.get(VCPU);
  f.get(pc);
  f.access('i64.store', engineState.pc.offset);
  f.get(VCPU);
  f.i32const(0);
  f.access('i32.store', engineState.remaining.offset);
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
export function emitRunChecked(f: FunctionBuilder, imports: InterpreterImports, run: number, filter: number): void {
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

/** Pushes 1 when the address in `pc` lies in another page than the decode page in use, or is misaligned. */
function emitIsElsewhere(f: FunctionBuilder, imports: InterpreterImports, pc: number): void {
  f.get(pc);
  f.i64const(~offsetMask(imports));
  f.op('i64.and');
  f.get(VCPU);
  f.access('i64.load', engineState.ifetchTag.offset);
  f.op('i64.ne');
}

function emitIfetchLookup(
  f: FunctionBuilder,
  imports: InterpreterImports,
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
  f.i64const(tagBits.ifetch);
  f.op('i64.or');
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
