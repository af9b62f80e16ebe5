/** PoP, "Binary-Floating-Point Instructions": COMPARE and COMPARE AND SIGNAL. */

import { asF32, asF64, isNumber } from '../../../../ir/floating.ts';
import type { I32, Node } from '../../../../ir/node.ts';
import { compare } from '../../../../soft-float/compare.ts';
import { ieee } from '../../../../soft-float/environment.ts';
import { type BfpFormat, extended, long, short } from '../../../../soft-float/format.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { raiseData } from '../data-exception.ts';
import { type BoundHelper, helper } from '../helper.ts';
import type { Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { effects, environment, operand } from './helpers.ts';
import { type LongSemantics, longIn, longRows, pairRow, type ShortSemantics, shortIn, shortRows } from './source.ts';

function compareIn(vcpu: Vcpu, f: BfpFormat, a: bigint, b: bigint, signals: boolean): void {
  const { cc, invalid } = compare(f, a, b, signals);
  if (invalid) {
    if ((environment(vcpu).masks & ieee.invalid) !== 0) raiseData(vcpu, ieee.invalid);
    vcpu.fpc |= ieee.invalid << 16;
  }
  vcpu.cc = cc;
}

function exactly(name: string, f: BfpFormat, signals: boolean): BoundHelper<readonly ['i32', 'i64'], undefined> {
  return helper(`bfp-${name}`, { params: ['i32', 'i64'], result: undefined, effects }, (vcpu, r1, b) =>
    compareIn(vcpu, f, operand(vcpu, f, r1), BigInt.asUintN(f.width, b), signals),
  );
}

function exactlyPair(name: string, signals: boolean): BoundHelper<readonly ['i32', 'i32'], undefined> {
  return helper(`bfp-${name}`, { params: ['i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2) =>
    compareIn(vcpu, extended, operand(vcpu, extended, r1), operand(vcpu, extended, r2), signals),
  );
}

/** Condition code of numbers: 0 equal, 1 first operand low, 2 first operand high. */
function order<T extends 'f32' | 'f64'>($: Sem, a: Node<T>, b: Node<T>): I32 {
  return $.or($.shl($.cmp('gt', a, b), 1), $.cmp('lt', a, b));
}

function onShort(unordered: BoundHelper<readonly ['i32', 'i64'], undefined>): ShortSemantics {
  return ($, r1, second) => {
    const a = shortIn($, r1);
    const b = asF32($, second);
    $.when(
      $.and(isNumber($, a), isNumber($, b)),
      () => $.setCc(order($, a, b)),
      () => $.callVoid(unordered, $.field(r1), $.zext(second)),
    );
  };
}

function onLong(unordered: BoundHelper<readonly ['i32', 'i64'], undefined>): LongSemantics {
  return ($, r1, second) => {
    const a = longIn($, r1);
    const b = asF64($, second);
    $.when(
      $.and(isNumber($, a), isNumber($, b)),
      () => $.setCc(order($, a, b)),
      () => $.callVoid(unordered, $.field(r1), second),
    );
  };
}

const compareExtended = exactlyPair('compareExtended', false);
const signalExtended = exactlyPair('compareAndSignalExtended', true);

/** COMPARE and COMPARE AND SIGNAL of all formats. */
export const compareRows: readonly Row[] = [
  ...shortRows(
    { register: ['CEBR', 0xb309], storage: ['CEB', 0xed09], title: 'COMPARE (short BFP)' },
    onShort(exactly('compareShort', short, false)),
  ),
  ...longRows(
    { register: ['CDBR', 0xb319], storage: ['CDB', 0xed19], title: 'COMPARE (long BFP)' },
    onLong(exactly('compareLong', long, false)),
  ),
  pairRow('CXBR', 0xb349, 'COMPARE (extended BFP)', ($, r1, r2) =>
    $.callVoid(compareExtended, $.field(r1), $.field(r2)),
  ),
  ...shortRows(
    { register: ['KEBR', 0xb308], storage: ['KEB', 0xed08], title: 'COMPARE AND SIGNAL (short BFP)' },
    onShort(exactly('compareAndSignalShort', short, true)),
  ),
  ...longRows(
    { register: ['KDBR', 0xb318], storage: ['KDB', 0xed18], title: 'COMPARE AND SIGNAL (long BFP)' },
    onLong(exactly('compareAndSignalLong', long, true)),
  ),
  pairRow('KXBR', 0xb348, 'COMPARE AND SIGNAL (extended BFP)', ($, r1, r2) =>
    $.callVoid(signalExtended, $.field(r1), $.field(r2)),
  ),
];
