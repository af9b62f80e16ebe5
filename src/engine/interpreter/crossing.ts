import { hostAccessOffset } from '../../ir/emit.ts';
import { crossingCache, engineState, PAGE_BYTES } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { type AccessLocals, emitHostAddress, emitIfetchable } from '../access.ts';
import { emitCallOut, emitDispatch, handlerLocals, type InterpreterImports } from './next.ts';

const { vcpu: VCPU, entry: ENTRY, ia: IA } = handlerLocals;

/**
 * Writes the handler of an instruction that crosses its page. Its second part may lie elsewhere each time, so its text is looked
 * at each time; what was decoded is kept with the eight bytes on either side of the boundary, for as long as both are the same
 * and both pages can be fetched from:
 *
 *     if (both pages are in the TLB, and kept.ia == ia && kept.first == first && kept.second == second)
 *       { vcpu.crossingEntry = kept.entry; entry = vcpu.crossingEntry }
 *     else { entry = crossing(vcpu); keep it, if both pages are in the TLB }
 *     go on with the handler of the entry
 */
export function emitCrossing(f: FunctionBuilder, imports: InterpreterImports): void {
  const kept = f.local('i32');
  const va = f.local('i64');
  const known = f.local('i32');
  const at = { vcpu: VCPU, va, tlb: f.local('i32'), known };
  const first = f.local('i64');
  const second = f.local('i64');
  pushKept(f);
  f.set(kept);
  f.i32const(1);
  f.set(known);
  f.get(IA);
  f.i64const(PAGE_BYTES - 1);
  f.op('i64.or');
  f.i64const(7);
  f.op('i64.sub');
  f.set(va);
  emitText(f, imports, at, first);
  f.get(va);
  f.i64const(8);
  f.op('i64.add');
  f.get(VCPU);
  f.access('i64.load', engineState.amask.offset);
  f.op('i64.and');
  f.set(va);
  emitText(f, imports, at, second);
  f.get(known);
  for (const [slot, value] of [
    [crossingCache.ia, IA],
    [crossingCache.first, first],
    [crossingCache.second, second],
  ] as const) {
    f.get(kept);
    f.access('i64.load', slot);
    f.get(value);
    f.op('i64.eq');
    f.op('i32.and');
  }
  f.if(
    undefined,
    () => {
      for (const half of [0, 8]) {
        f.get(VCPU);
        f.get(kept);
        f.access('i64.load', crossingCache.entry + half);
        f.access('i64.store', engineState.crossingEntry.offset + half);
      }
      f.get(VCPU);
      f.i32const(engineState.crossingEntry.offset);
      f.op('i32.add');
      f.set(ENTRY);
    },
    () => {
      f.get(VCPU);
      emitCallOut(f, imports.hook('crossing'), handlerLocals);
      f.set(ENTRY);
      f.get(known);
      f.if(undefined, () => keep(f, kept, first, second));
    },
  );
  emitDispatch(f, imports, handlerLocals);
}

// text := the eight bytes at va if its page can be fetched from, else known := 0.
function emitText(
  f: FunctionBuilder,
  imports: InterpreterImports,
  at: AccessLocals & { readonly known: number },
  text: number,
): void {
  emitIfetchable(f, at, () => {
    f.get(at.va);
    f.i64const(-PAGE_BYTES);
    f.op('i64.and');
  });
  f.if(
    undefined,
    () => {
      emitHostAddress(f, at, imports.arch.byteOrder);
      f.access('i64.load', hostAccessOffset(64, imports.arch.byteOrder), 0);
      f.set(text);
    },
    () => {
      f.i32const(0);
      f.set(at.known);
    },
  );
}

// Pushes the place where an instruction at ia is kept.
function pushKept(f: FunctionBuilder): void {
  f.get(VCPU);
  f.i32const(crossingCache.offset);
  f.op('i32.add');
  f.get(IA);
  f.op('i32.wrap_i64');
  f.i32const(12);
  f.op('i32.shr_u');
  f.i32const(crossingCache.count - 1);
  f.op('i32.and');
  f.i32const(Math.log2(crossingCache.bytes));
  f.op('i32.shl');
  f.op('i32.add');
}

function keep(f: FunctionBuilder, kept: number, first: number, second: number): void {
  for (const [slot, value] of [
    [crossingCache.ia, IA],
    [crossingCache.first, first],
    [crossingCache.second, second],
  ] as const) {
    f.get(kept);
    f.get(value);
    f.access('i64.store', slot);
  }
  for (const half of [0, 8]) {
    f.get(kept);
    f.get(VCPU);
    f.access('i64.load', engineState.crossingEntry.offset + half);
    f.access('i64.store', crossingCache.entry + half);
  }
}
