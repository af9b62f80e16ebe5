import { emitLoad } from '../../ir/emit.ts';
import type { TranslatableArch } from '../../machine/arch.ts';
import { engineState } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { slotWidth } from '../access.ts';
import { INTERPRET } from '../interpreter/next.ts';
import type { Mode } from './region.ts';

/** How a region is entered: its entries, the global with the table index of the first, and where the decode pages of its pages lie. */
export interface Entered {
  readonly entries: readonly number[];
  readonly firstSlot: number;
  decodePage(page: number): number;
}

/** What a region takes for granted of the mode, and what is done in another one. */
export interface Required {
  readonly arch: TranslatableArch;
  readonly mode: Mode;
  /** Table indices of the handlers of the instructions at the entries. */
  readonly handlers: readonly number[];
  /** Local with the number of the entry that was come to. */
  readonly entry: number;
}

/**
 * Entered in another mode, a region does nothing: it returns, and the handler of the instruction at the entry is done. `remaining`
 * counts the instruction that was to begin. The numbers are those of the locals.
 */
export function emitModeCheck(
  f: FunctionBuilder,
  vcpu: number,
  ia: number,
  remaining: number,
  required: Required,
): void {
  const { arch, mode } = required;
  const slots = arch.translatable.mode;
  slots.forEach((slot, i) => {
    const value = mode[i] ?? 0n;
    f.get(vcpu);
    emitLoad(f, slot.ty, slotWidth(slot), false, slot.offset);
    if (slot.ty === 'i64') f.i64const(value);
    else f.i32const(Number(value));
    f.op(slot.ty === 'i64' ? 'i64.ne' : 'i32.ne');
    if (i > 0) f.op('i32.or');
  });
  if (slots.length === 0) return;
  f.if(undefined, () => {
    f.get(vcpu);
    pushHandler(f, required);
    f.access('i32.store', engineState.declined.offset);
    f.get(ia);
    f.get(remaining);
    f.i32const(1);
    f.op('i32.add');
    f.i32const(INTERPRET);
    f.op('i32.or');
    f.return();
  });
}

function pushHandler(f: FunctionBuilder, { handlers, entry }: Required): void {
  f.i32const(handlers[0] ?? 0);
  handlers.forEach((handler, i) => {
    if (i === 0) return;
    f.i32const(handler);
    f.get(entry);
    f.i32const(i);
    f.op('i32.ne');
    f.select();
  });
}
