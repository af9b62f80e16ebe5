/** PoP, "General Instructions": COMPARE AND SWAP, COMPARE DOUBLE AND SWAP, TEST AND SET. */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { updateStorage } from './storage-update.ts';
import { highDoubleword, lowDoubleword, quadword } from './wide.ts';

type SwapFields = { r1: Field; r3: Field; b2: Field; d2: Field };

function operandOf($: Sem, f: SwapFields, bytes: number): Address & { readonly space: Field } {
  const address = { ...$.address2(f), space: f.b2 };
  $.requireAligned(address, bytes);
  return address;
}

function swap32($: Sem, f: SwapFields): void {
  updateStorage($, operandOf($, f, 4), 4, (operand) => {
    const old = operand.fetch32();
    const equal = $.eq(old, $.grLow(f.r1));
    $.when(
      equal,
      () => operand.store(32, $.grLow(f.r3)),
      () => $.setGrLow(f.r1, old),
    );
    $.setCc($.xor(equal, 1));
  });
}

function swap64($: Sem, f: SwapFields): void {
  updateStorage($, operandOf($, f, 8), 8, (operand) => {
    const old = operand.fetch64();
    const equal = $.eq(old, $.gr(f.r1));
    $.when(
      equal,
      () => operand.store(64, $.gr(f.r3)),
      () => $.setGr(f.r1, old),
    );
    $.setCc($.xor(equal, 1));
  });
}

function doubleSwap32($: Sem, f: SwapFields): void {
  $.requireEven(f.r1, f.r3);
  const words = (r: Field): I64 => $.or($.shl($.zext($.grLow(r)), 32), $.zext($.grLow(r, 1)));
  updateStorage($, operandOf($, f, 8), 8, (operand) => {
    const old = operand.fetch64();
    const equal = $.eq(old, words(f.r1));
    $.when(
      equal,
      () => operand.store(64, words(f.r3)),
      () => {
        $.setGrLow(f.r1, $.wrap($.shrU(old, 32)));
        $.setGrLow(f.r1, $.wrap(old), 1);
      },
    );
    $.setCc($.xor(equal, 1));
  });
}

function doubleSwap64($: Sem, f: SwapFields): void {
  $.requireEven(f.r1, f.r3);
  updateStorage($, operandOf($, f, 16), 16, (operand) => {
    const old = operand.fetch128();
    const [high, low] = [highDoubleword($, old), lowDoubleword($, old)];
    const equal = $.and($.eq(high, $.gr(f.r1)), $.eq(low, $.gr(f.r1, 1)));
    $.when(
      equal,
      () => operand.store(128, quadword($, $.gr(f.r3), $.gr(f.r3, 1))),
      () => {
        $.setGr(f.r1, high);
        $.setGr(f.r1, low, 1);
      },
    );
    $.setCc($.xor(equal, 1));
  });
}

const swap = 'COMPARE AND SWAP';
const doubleSwap = 'COMPARE DOUBLE AND SWAP';

/** Interlocked updates of one operand. */
export const compareAndSwapRows: readonly Row[] = [
  insn('CS', { op: 0xba, fmt: 'RS_a', title: `${swap} (32)`, facility: 'zarch' }, swap32),
  insn('CSY', { op: 0xeb14, fmt: 'RSY_a', title: `${swap} (32)`, facility: 'long-displacement' }, swap32),
  insn('CSG', { op: 0xeb30, fmt: 'RSY_a', title: `${swap} (64)`, facility: 'zarch' }, swap64),
  insn('CDS', { op: 0xbb, fmt: 'RS_a', title: `${doubleSwap} (32)`, facility: 'zarch' }, doubleSwap32),
  insn('CDSY', { op: 0xeb31, fmt: 'RSY_a', title: `${doubleSwap} (32)`, facility: 'long-displacement' }, doubleSwap32),
  insn('CDSG', { op: 0xeb3e, fmt: 'RSY_a', title: `${doubleSwap} (64)`, facility: 'zarch' }, doubleSwap64),
  insn('TS', { op: 0x93, fmt: 'S_8', title: 'TEST AND SET', facility: 'zarch' }, ($, f) =>
    updateStorage($, { ...$.address2(f), space: f.b2 }, 1, (operand) => {
      const leftmost = $.shrU(operand.fetch8(), 7);
      operand.store(8, $.i32(0xff));
      $.setCc(leftmost);
    }),
  ),
];
