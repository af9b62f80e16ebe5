/** PoP, "Vector Integer Instructions": DIVIDE and REMAINDER (vector-enhancements facility 3). */

import type { I32, I64, V128 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { byElement, high, low, pair, vectorInstruction, word, words } from './lanes.ts';

const { asIntN, asUintN } = BigInt;
const facility = 'vector-enhancements-3';
const sizes = [2, 3, 4] as const;

/** Bit 0 of M5: an element whose quotient there is not becomes zero, instead of an exception. */
const ZERO_INSTEAD = 8;

interface Kind {
  readonly signed: boolean;
  readonly result: 'quotient' | 'remainder';
}

/** A division of doublewords, or of words extended to that, that can be done. */
interface Division {
  readonly dividend: I64;
  readonly divisor: I64;
  /** 1 for a divisor of zero, and for a signed quotient that is too large: both numbers are others then, which give zero. */
  readonly failed: I32;
}

function division($: Sem, kind: Kind, a: I64, b: I64, least: bigint): Division {
  const zeroDivisor = $.isZero(b);
  const failed = kind.signed ? $.or(zeroDivisor, $.and($.eq(a, least), $.eq(b, -1))) : zeroDivisor;
  return { dividend: $.select(failed, $.i64(0), a), divisor: $.select(failed, $.i64(1), b), failed };
}

/** The result of each division, once it is sure that no exception is recognized. */
function results($: Sem, kind: Kind, m5: I32, divisions: readonly Division[]): I64[] {
  const failed = divisions.map((one) => one.failed).reduce((all, one) => $.or(all, one));
  $.pgmIf($.and(failed, $.isZero($.and(m5, ZERO_INSTEAD))), PGM.fixedPointDivide);
  return divisions.map(({ dividend, divisor }) => {
    const quotient = kind.signed ? $.divS(dividend, divisor) : $.divU(dividend, divisor);
    return kind.result === 'quotient' ? quotient : $.sub(dividend, $.mul(quotient, divisor));
  });
}

function dividedWords($: Sem, kind: Kind, m5: I32, a: V128, b: V128): V128 {
  const wide = (v: V128, e: 0 | 1 | 2 | 3): I64 => (kind.signed ? $.sext(word($, v, e)) : $.zext(word($, v, e)));
  const divisions = ([0, 1, 2, 3] as const).map((e) => division($, kind, wide(a, e), wide(b, e), -(1n << 31n)));
  const [w0, w1, w2, w3] = results($, kind, m5, divisions).map((value) => $.wrap(value));
  if (w0 === undefined || w1 === undefined || w2 === undefined || w3 === undefined) throw new Error('four words');
  return words($, [w0, w1, w2, w3]);
}

function dividedDoublewords($: Sem, kind: Kind, m5: I32, a: V128, b: V128): V128 {
  const of = (half: typeof high): Division => division($, kind, half($, a), half($, b), -(1n << 63n));
  const [left, right] = results($, kind, m5, [of(high), of(low)]);
  if (left === undefined || right === undefined) throw new Error('two doublewords');
  return pair($, left, right);
}

/** Whole registers: bit 0 of `kinds` is one for signed numbers, bit 1 for the remainder. */
const divideQuadwords = helper(
  'vectorDivideQuadwords',
  { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects: { faults: true } },
  (vcpu, v1, v2, v3, m5, kinds) => {
    const read = (register: number): bigint => ((kinds & 1) !== 0 ? asIntN(128, vcpu.vr(register)) : vcpu.vr(register));
    const [a, b] = [read(v2), read(v3)];
    const failed = b === 0n || (b === -1n && a === -(1n << 127n));
    if (failed && (m5 & ZERO_INSTEAD) === 0) vcpu.raise(PGM.fixedPointDivide);
    vcpu.setVr(v1, failed ? 0n : asUintN(128, (kinds & 2) !== 0 ? a % b : a / b));
  },
);

function divideRow(mnemonic: string, op: number, what: string, kind: Kind): Row {
  const spec = { op, fmt: 'VRR_c', title: `VECTOR ${what}`, facility, ignores: ['m6'] } as const;
  return insn(mnemonic, spec, ($, f) => {
    vectorInstruction($);
    const [a, b, m5] = [$.vr(f.v2), $.vr(f.v3), $.field(f.m5)];
    byElement($, f.m4, sizes, (es) => {
      if (es === 2) return $.setVr(f.v1, dividedWords($, kind, m5, a, b));
      if (es === 3) return $.setVr(f.v1, dividedDoublewords($, kind, m5, a, b));
      const kinds = (kind.signed ? 1 : 0) | (kind.result === 'remainder' ? 2 : 0);
      $.callVoid(divideQuadwords, $.field(f.v1), $.field(f.v2), $.field(f.v3), m5, $.i32(kinds));
    });
  });
}

/** Quotients and remainders. */
export const divideRows: readonly Row[] = [
  divideRow('VD', 0xe7b2, 'DIVIDE', { signed: true, result: 'quotient' }),
  divideRow('VDL', 0xe7b0, 'DIVIDE LOGICAL', { signed: false, result: 'quotient' }),
  divideRow('VR', 0xe7b3, 'REMAINDER', { signed: true, result: 'remainder' }),
  divideRow('VRL', 0xe7b1, 'REMAINDER LOGICAL', { signed: false, result: 'remainder' }),
];
