/** PoP, "Binary-Floating-Point Instructions": LOAD LENGTHENED, LOAD ROUNDED, LOAD FP INTEGER. */

import type { Field } from '../../../../ir/field.ts';
import {
  asF32,
  asF64,
  bitsOfF32,
  bitsOfF64,
  isBelowInfinity,
  isNumber,
  isWellNormal,
  isZero,
  promoted,
} from '../../../../ir/floating.ts';
import type { F32, F64 } from '../../../../ir/node.ts';
import { convert, lengthen, toIntegral } from '../../../../soft-float/convert.ts';
import { type BfpFormat, extended, long, short } from '../../../../soft-float/format.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { extendedIn, longOfExtended, type Rounded, shortOfExtended } from './extended.ts';
import { fastOr } from './fast.ts';
import { conclude, effects, type ModifierAge, modifiedEnvironment, operand, setOperand, unary } from './helpers.ts';
import { nearbyInteger, plainMethod } from './nearby.ts';
import { bfpInstruction, requirePair } from './operand.ts';
import { longRows, type ShortSemantics, setLong, shortRows } from './source.ts';

const shortToLong = unary({ name: 'lengthenShortToLong', from: short, to: long }, (env, a) =>
  lengthen(short, long, env, a),
);
const shortToExtended = unary({ name: 'lengthenShortToExtended', from: short, to: extended }, (env, a) =>
  lengthen(short, extended, env, a),
);
const longToExtended = unary({ name: 'lengthenLongToExtended', from: long, to: extended }, (env, a) =>
  lengthen(long, extended, env, a),
);

const loadLengthened: ShortSemantics = ($, r1, second) => {
  const value = asF32($, second);
  $.when(
    isNumber($, value),
    () => setLong($, r1, promoted($, value)),
    () => $.callVoid(shortToLong, $.field(r1), $.zext(second)),
  );
};

// Exponent and fraction move to their places; infinities keep an exponent of ones, zeros one of zeros.
function setExtended($: Sem, r1: Field, value: F64): void {
  const bits = bitsOfF64($, value);
  const magnitude = $.and(bits, 0x7fff_ffff_ffff_ffffn);
  const finite = $.add($.shrU(magnitude, 4n), 0x3c00_0000_0000_0000n);
  const infinite = $.select($.cmp('ge_u', magnitude, 0x7ff0_0000_0000_0000n), $.i64(0x7fff_0000_0000_0000n), finite);
  const placed = $.select($.isZero(magnitude), $.i64(0), infinite);
  $.setFpr(r1, $.or(placed, $.and(bits, 0x8000_0000_0000_0000n)));
  $.setFpr(r1, $.shl(bits, 60n), 2);
}

type Modified = BoundHelper<readonly ['i32', 'i32', 'i32', 'i32'], undefined>;

function rounder(from: BfpFormat, to: BfpFormat): Modified {
  return helper(
    `bfp-round-${from.name}-${to.name}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m3, m4) => {
      const env = modifiedEnvironment(vcpu, m3, m4, 'with-extension');
      const outcome = convert(from, to, env, operand(vcpu, from, r2));
      conclude(vcpu, outcome, () => setOperand(vcpu, outcome.inSourceFormat ? from : to, r1, outcome.value));
    },
  );
}

function integrator(f: BfpFormat, age: ModifierAge): Modified {
  return helper(
    `bfp-integral-${f.name}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m3, m4) => {
      const outcome = toIntegral(f, modifiedEnvironment(vcpu, m3, m4, age), operand(vcpu, f, r2));
      conclude(vcpu, outcome, () => setOperand(vcpu, f, r1, outcome.value));
    },
  );
}

const longToShort = rounder(long, short);

const roundRows: readonly Row[] = [
  insn('LEDBRA', { op: 0xb344, fmt: 'RRF_e', title: 'LOAD ROUNDED (long to short BFP)', facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    const value = asF64($, $.fpr(f.r2));
    const result: F32 = $.conv('f32', 'demote_f64', value);
    const plain = $.isZero($.or($.field(f.m3), $.field(f.m4)));
    fastOr($, {
      safe: $.and(plain, $.or(isWellNormal($, result), isZero($, value))),
      exact: () => $.eq(promoted($, result), value),
      place: () => $.setFprShort(f.r1, bitsOfF32($, result)),
      slow: () => $.callVoid(longToShort, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4)),
    });
  }),
  ...(
    [
      ['LDXBRA', 0xb345, long],
      ['LEXBRA', 0xb346, short],
    ] as const
  ).map(([mnemonic, op, to]) => {
    const exactly = rounder(extended, to);
    const title = `LOAD ROUNDED (extended to ${to.name} BFP)`;
    return insn(mnemonic, { op, fmt: 'RRF_e', title, facility: 'zarch' }, ($, f) => {
      bfpInstruction($);
      // The first operand is a pair, too: a trapped overflow or underflow leaves an extended result.
      requirePair($, f.r1, f.r2);
      const value = extendedIn($, f.r2);
      const plain = $.isZero($.or($.field(f.m3), $.field(f.m4)));
      const slow = (): void => $.callVoid(exactly, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4));
      const place = <N>(n: Rounded<N>, set: () => void): void =>
        fastOr($, { safe: $.and(plain, n.safe), exact: () => $.isZero(n.inexact), place: set, slow });
      if (to === long) {
        const result = longOfExtended($, value);
        return place(result, () => $.setFpr(f.r1, result.value));
      }
      const result = shortOfExtended($, value);
      return place(result, () => $.setFprShort(f.r1, result.value));
    });
  }),
];

const integralShort = integrator(short, 'm3-always');
const integralLong = integrator(long, 'm3-always');
const integralExtended = integrator(extended, 'm3-always');

const integralRows: readonly Row[] = [
  insn('FIEBRA', { op: 0xb357, fmt: 'RRF_e', title: 'LOAD FP INTEGER (short BFP)', facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    const n = nearbyInteger($, asF32($, $.fprShort(f.r2)), $.field(f.m3));
    $.when(
      $.and($.and(plainMethod($, f.m3, f.m4), isBelowInfinity($, n.value)), n.unnoticed()),
      () => $.setFprShort(f.r1, bitsOfF32($, n.value)),
      () => $.callVoid(integralShort, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4)),
    );
  }),
  insn('FIDBRA', { op: 0xb35f, fmt: 'RRF_e', title: 'LOAD FP INTEGER (long BFP)', facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    const n = nearbyInteger($, asF64($, $.fpr(f.r2)), $.field(f.m3));
    $.when(
      $.and($.and(plainMethod($, f.m3, f.m4), isBelowInfinity($, n.value)), n.unnoticed()),
      () => $.setFpr(f.r1, bitsOfF64($, n.value)),
      () => $.callVoid(integralLong, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4)),
    );
  }),
  insn('FIXBRA', { op: 0xb347, fmt: 'RRF_e', title: 'LOAD FP INTEGER (extended BFP)', facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    requirePair($, f.r1, f.r2);
    $.callVoid(integralExtended, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4));
  }),
];

/** LOAD LENGTHENED, LOAD ROUNDED and LOAD FP INTEGER of all formats. */
export const convertRows: readonly Row[] = [
  ...shortRows(
    { register: ['LDEBR', 0xb304], storage: ['LDEB', 0xed04], title: 'LOAD LENGTHENED (short to long BFP)' },
    loadLengthened,
  ),
  ...longRows(
    {
      register: ['LXDBR', 0xb305],
      storage: ['LXDB', 0xed05],
      title: 'LOAD LENGTHENED (long to extended BFP)',
      intoPair: true,
    },
    ($, r1, second) => {
      const value = asF64($, second);
      const subnormal = $.and($.cmp('lt', $.un('abs', value), 2 ** -1022), $.ne(value, 0));
      $.when(
        $.and(isNumber($, value), $.isZero(subnormal)),
        () => setExtended($, r1, value),
        () => $.callVoid(longToExtended, $.field(r1), second),
      );
    },
  ),
  ...shortRows(
    {
      register: ['LXEBR', 0xb306],
      storage: ['LXEB', 0xed06],
      title: 'LOAD LENGTHENED (short to extended BFP)',
      intoPair: true,
    },
    ($, r1, second) => {
      const value = asF32($, second);
      $.when(
        isNumber($, value),
        () => setExtended($, r1, promoted($, value)),
        () => $.callVoid(shortToExtended, $.field(r1), $.zext(second)),
      );
    },
  ),
  ...roundRows,
  ...integralRows,
];
