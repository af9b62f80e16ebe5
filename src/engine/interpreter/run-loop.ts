import type { Slot } from '../../ir/node.ts';
import { decodeEntry, engineState } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import {
  emitCount,
  emitDispatchTo,
  emitEntry,
  emitIsElsewhere,
  handlerLocals,
  handlerParams,
  handlerResults,
  INTERPRET,
  type InterpreterImports,
  pushIsCommon,
} from './next.ts';

const { vcpu: VCPU } = handlerLocals;

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
  emitDispatchTo(f, imports, handlerLocals, own);
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
  const { common } = imports;
  const push = (): void => {
    for (const local of [VCPU, entry, pc, remaining]) f.get(local);
    f.i32const(1);
    f.op('i32.sub');
  };
  const indirectly = (): void => {
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
    push();
    f.get(handler);
    f.callIndirect(imports.table, handlerParams, handlerResults);
  };
  if (common === undefined) return indirectly();
  pushIsCommon(f, common, handler);
  f.if(
    { params: [], results: handlerResults },
    () => {
      push();
      f.call(common.func);
    },
    indirectly,
  );
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
