import { emitBody } from '../../ir/emit.ts';
import { summarize } from '../../ir/summary.ts';
import type { EngineRow } from '../../machine/arch.ts';
import { decodeEntry } from '../../machine/layout.ts';
import type { FunctionBuilder, Label } from '../../wasm/function-builder.ts';
import { InterpreterTarget } from './handler.ts';
import { leavesFirst } from './leaves-first.ts';
import {
  type CommonRows,
  emitAdvance,
  emitDispatchTo,
  emitEnd,
  emitIfetchLookup,
  emitIsElsewhere,
  emitToNewPage,
  handlerLocals,
  type InterpreterImports,
  pushHandlerArguments,
} from './next.ts';

/**
 * Writes the function that carries out the rows which guests execute most: from one of them to another costs a jump there, where
 * from handler to handler it costs a frame, and a look into the table. `handlers` are the rows' own ones.
 *
 *     (vcpu, entry, ia, remaining) => {
 *       for (;;) {
 *         switch (handler of the entry) {
 *           case first: next = ia + entry.ilc; ...the body...; break
 *           ...
 *           default: return handler of the entry(vcpu, entry, ia, remaining)
 *         }
 *         if (remaining == 0) return (next, 0)
 *         if (page of next != vcpu.ifetchTag) return newPage(vcpu, next, remaining)
 *         entry = entry of next; ia = next; remaining--
 *       }
 *     }
 *
 * What is not the plain case of a row (a TLB miss, a fault, a helper) is done by its own handler, from the instruction's beginning, so
 * that there is no call in here across which all that lives would be saved.
 */
export function emitCommon(
  f: FunctionBuilder,
  imports: InterpreterImports,
  { first }: Pick<CommonRows, 'first'>,
  rows: readonly EngineRow[],
  handlers: readonly number[],
): void {
  const { entry, ia, remaining } = handlerLocals;
  const next = f.local('i64');
  const handler = f.local('i32');
  const tag = f.local('i64');
  const labels: Label[] = [];
  const goOn = (counted: boolean, again: Label, turn?: Label): void => {
    if (turn !== undefined) {
      emitEnd(f, next, remaining);
      emitIsElsewhere(f, imports, next);
      f.brIf(turn);
    }
    emitAdvance(f, imports, { pc: next, remaining, entry }, counted);
    f.get(next);
    f.set(ia);
    f.br(again);
  };
  f.loop(undefined, (again) => {
    f.block(undefined, (turn) => {
      f.block(undefined, (counted) => {
        f.block(undefined, (plain) => {
          f.block(undefined, (other) => {
            // The block of each row's label ends where its body begins: the last one's is the outermost.
            const upTo = (n: number): void => {
              const row = rows[n];
              if (row === undefined) {
                f.get(entry);
                f.access('i32.load16_u', decodeEntry.handler);
                f.tee(handler);
                f.i32const(first);
                f.op('i32.sub');
                return f.brTable(labels, other);
              }
              f.block(undefined, (label) => {
                labels[n] = label;
                upTo(n - 1);
              });
              emitRow(f, imports, row, next, handlers[n] ?? 0);
              f.br(summarize(row.body).branches ? counted : plain);
            };
            upTo(rows.length - 1);
          });
          emitDispatchTo(f, imports, handlerLocals, handler);
        });
        goOn(false, again, turn);
      });
      goOn(true, again, turn);
    });
    emitIfetchLookup(f, imports, { pc: next, tag, entry }, () => emitToNewPage(f, imports, next, remaining));
    goOn(true, again);
  });
  f.unreachable();
}

function emitRow(f: FunctionBuilder, imports: InterpreterImports, row: EngineRow, next: number, own: number): void {
  if (!leavesFirst(row.body)) throw new Error(`${row.mnemonic} changes something before all of it is checked`);
  const leave = (): void => {
    pushHandlerArguments(f, handlerLocals);
    f.returnCall(own);
  };
  f.reuseLocals(() => emitBody(row.body, new InterpreterTarget(f, imports, { next, leave })));
}
