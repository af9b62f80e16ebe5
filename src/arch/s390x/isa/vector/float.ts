/** PoP, "Vector Floating-Point Instructions": arithmetic. */

import type { Field } from '../../../../ir/field.ts';
import {
  asF32,
  asF64,
  bitsOfF32,
  bitsOfF64,
  isBelowInfinity,
  isWellNormal,
  promoted,
} from '../../../../ir/floating.ts';
import type { F32, F64, I32, I64, V128 } from '../../../../ir/node.ts';
import { add, divide, isNan, multiply, multiplyAdd, squareRoot, subtract } from '../../../../soft-float/arithmetic.ts';
import type { Environment, Outcome } from '../../../../soft-float/environment.ts';
import { type BfpFormat, decode, signBit } from '../../../../soft-float/format.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { fastOr, productFits, sumIsExact, usualOr } from '../bfp/fast.ts';
import { fusedLong, fusedShort, type HostFused, hostFusedLong } from '../bfp/fused.ts';
import { requireFacilityIf } from '../form.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { floatHelper, formatCode, SINGLE, type VectorHelper } from './float-helper.ts';
import { fusedPair, hostFusedPair, type LongPair, sumPair } from './float-pairs.ts';
import { high, low, pair, vectorInstruction, word } from './lanes.ts';

const title = (what: string): string => `VECTOR FP ${what}`;

/** The fields of an arithmetic instruction, by what they are for. */
interface Operands {
  readonly v1: Field;
  readonly v2: Field;
  readonly v3?: Field;
  readonly v4?: Field;
  /** The floating-point-format control. */
  readonly format: Field;
  /** The field with the single-element control. */
  readonly single: Field;
}

/** Specification exception for a format that is none; short and extended are those of vector-enhancements facility 1. */
export function requireFormat($: Sem, format: Field): void {
  $.pgmIf($.gtU($.sub($.field(format), formatCode.short), 2), PGM.specification);
  requireFacilityIf($, $.ne($.field(format), formatCode.long), 'vector-enhancements-1');
}
/** Specification exception when other bits of the field are one. */
export function requireOnly($: Sem, field: Field, bits: number): void {
  $.pgmIf($.and($.field(field), ~bits & 15), PGM.specification);
}

/** What a helper is told: format, the field with the single-element bit, another field. */
export function controls($: Sem, format: Field, single: Field, other?: Field): I32 {
  const both = $.or($.field(format), $.shl($.field(single), 4));
  return other === undefined ? both : $.or(both, $.shl($.field(other), 8));
}

function callExactly($: Sem, exactly: VectorHelper, f: Operands): void {
  const number = (field: Field | undefined): I32 => (field === undefined ? $.i32(0) : $.field(field));
  $.callVoid(exactly, $.field(f.v1), $.field(f.v2), number(f.v3), number(f.v4), controls($, f.format, f.single));
}

/** A long result of WebAssembly's arithmetic, and when it may be believed: see `fastOr`. */
interface Long {
  readonly value: F64;
  readonly safe: I32;
  exact(): I32;
}
/** Operands that an operation does not have repeat the first one. */
type LongOperation = ($: Sem, a: F64, b: F64, c: F64) => Long;
/** The same of both elements at once. */
type PairOperation = ($: Sem, a: V128, b: V128, c: V128) => LongPair;
/** A short result, and when it may be believed. */
interface Short {
  readonly value: F32;
  readonly safe: I32;
  exact(): I32;
}
/** What WebAssembly's arithmetic has for an operation. */
interface Quick {
  readonly one: LongOperation;
  readonly pair?: PairOperation;
  readonly short: ($: Sem, a: F32, b: F32, c: F32) => Short;
  /** What the host has where `$.fuses()`. */
  readonly host?: {
    readonly one: ($: Sem, a: F64, b: F64, c: F64) => HostFused<F64>;
    readonly pair: ($: Sem, a: V128, b: V128, c: V128) => HostFused<V128>;
  };
}

/** Long elements, and a short one, by WebAssembly's arithmetic where it gives the same; all else exactly. */
function byElements($: Sem, f: Operands, exactly: VectorHelper, quick: Quick | undefined): void {
  requireFormat($, f.format);
  requireOnly($, f.single, SINGLE);
  const slow = (): void => callExactly($, exactly, f);
  if (quick === undefined) return slow();
  $.when(
    $.eq($.field(f.format), formatCode.long),
    () => {
      const { host } = quick;
      if (host === undefined) longElements($, f, quick, slow);
      else
        $.when(
          $.fuses(),
          () => hostElements($, f, host, slow),
          () => longElements($, f, quick, slow),
        );
    },
    () => shortElement($, f, quick, slow),
  );
}

const operandsOf = ($: Sem, f: Operands): [V128, V128, V128] => [$.vr(f.v2), $.vr(f.v3 ?? f.v2), $.vr(f.v4 ?? f.v2)];

function placeOne($: Sem, v1: Field, value: F64): void {
  $.setVr(v1, pair($, bitsOfF64($, value), $.i64(0)));
}

function hostElements($: Sem, f: Operands, host: NonNullable<Quick['host']>, slow: () => void): void {
  const [a, b, c] = operandsOf($, f);
  const first = (v: V128): F64 => asF64($, high($, v));
  $.when(
    $.field(f.single),
    () => {
      const one = host.one($, first(a), first(b), first(c));
      usualOr($, { ...one, place: () => placeOne($, f.v1, one.value), slow });
    },
    () => {
      const pairs = host.pair($, a, b, c);
      usualOr($, { ...pairs, place: () => $.setVr(f.v1, pairs.value), slow });
    },
  );
}

function longElements($: Sem, f: Operands, quick: Quick, slow: () => void): void {
  const [a, b, c] = operandsOf($, f);
  const of = (doubleword: ($: Sem, v: V128) => I64): Long =>
    quick.one($, asF64($, doubleword($, a)), asF64($, doubleword($, b)), asF64($, doubleword($, c)));
  const first = of(high);
  $.when(
    $.field(f.single),
    () => fastOr($, { safe: first.safe, exact: first.exact, place: () => placeOne($, f.v1, first.value), slow }),
    () => {
      if (quick.pair !== undefined) {
        const pairs = quick.pair($, a, b, c);
        return fastOr($, { ...pairs, place: () => $.setVr(f.v1, pairs.value), slow });
      }
      const second = of(low);
      return fastOr($, {
        safe: $.and(first.safe, second.safe),
        exact: () => $.and(first.exact(), second.exact()),
        place: () => $.setVr(f.v1, pair($, bitsOfF64($, first.value), bitsOfF64($, second.value))),
        slow,
      });
    },
  );
}

function shortElement($: Sem, f: Operands, quick: Quick, slow: () => void): void {
  const isOne = $.and($.eq($.field(f.format), formatCode.short), $.ne($.field(f.single), 0));
  const operand = (field: Field): F32 => asF32($, word($, $.vr(field), 0));
  const fast = (): void => {
    const result = quick.short($, operand(f.v2), operand(f.v3 ?? f.v2), operand(f.v4 ?? f.v2));
    const bits = (): I64 => $.shl($.conv('i64', 'extend_i32_u', bitsOfF32($, result.value)), 32n);
    const place = (): void => $.setVr(f.v1, pair($, bits(), $.i64(0)));
    fastOr($, { safe: result.safe, exact: result.exact, place, slow });
  };
  $.when(isOne, fast, slow);
}

const sumOf = (minus: boolean): Quick => ({
  one: ($, a, b) => {
    const second = minus ? $.un('neg', b) : b;
    const value = $.add(a, second);
    return { value, safe: isBelowInfinity($, value), exact: () => sumIsExact($, a, second, value) };
  },
  pair: ($, a, b) => sumPair($, a, minus ? $.un('f64x2.neg', b) : b),
  short: ($, a, b) => {
    const second = minus ? $.un('neg', b) : b;
    const value = $.add(a, second);
    return { value, safe: isBelowInfinity($, value), exact: () => sumIsExact($, a, second, value) };
  },
});
const productOf: Quick = {
  one: ($, a, b) => {
    const value = $.mul(a, b);
    return { value, safe: isWellNormal($, value), exact: () => productFits($, a, b) };
  },
  short: ($, a, b) => {
    const value = $.mul(a, b);
    const exact = (): I32 => $.eq(promoted($, value), $.mul(promoted($, a), promoted($, b)));
    return { value, safe: isWellNormal($, value), exact };
  },
};
const quotientOf: Quick = {
  one: ($, a, b) => {
    const value = $.bin('div', a, b);
    // Only an inexact flag that is set already lets this one pass.
    return { value, safe: isWellNormal($, value), exact: () => $.i32(0) };
  },
  short: ($, a, b) => {
    const value = $.bin('div', a, b);
    return { value, safe: isWellNormal($, value), exact: () => $.i32(0) };
  },
};
// A root is never subnormal; those of negative numbers are NaNs.
const rootOf: Quick = {
  one: ($, a) => {
    const value = $.un('sqrt', a);
    const exact = (): I32 => $.and(productFits($, value, value), $.eq($.mul(value, value), a));
    return { value, safe: isBelowInfinity($, value), exact };
  },
  short: ($, a) => {
    const value = $.un('sqrt', a);
    const exact = (): I32 => $.eq($.mul(promoted($, value), promoted($, value)), promoted($, a));
    return { value, safe: isBelowInfinity($, value), exact };
  },
};
const fusedOf = (minus: boolean): Quick => ({
  one: ($, a, b, c) => fusedLong($, a, b, minus ? $.un('neg', c) : c),
  pair: ($, a, b, c) => fusedPair($, a, b, minus ? $.un('f64x2.neg', c) : c),
  short: ($, a, b, c) => fusedShort($, a, b, minus ? $.un('neg', c) : c),
  host: {
    one: ($, a, b, c) => hostFusedLong($, a, b, minus ? $.un('neg', c) : c),
    pair: ($, a, b, c) => hostFusedPair($, a, b, minus ? $.un('f64x2.neg', c) : c),
  },
});

function binaryRow(mnemonic: string, op: number, what: string, exactly: VectorHelper, quick?: Quick): Row {
  return insn(mnemonic, { op, fmt: 'VRR_c', title: title(what), facility: 'vector', ignores: ['m6'] }, ($, f) => {
    vectorInstruction($);
    byElements($, { v1: f.v1, v2: f.v2, v3: f.v3, format: f.m4, single: f.m5 }, exactly, quick);
  });
}

function fusedRow(mnemonic: string, op: number, what: string, exactly: VectorHelper, quick?: Quick): Row {
  const facility = quick === undefined ? 'vector-enhancements-1' : 'vector';
  return insn(mnemonic, { op, fmt: 'VRR_e', title: title(what), facility }, ($, f) => {
    vectorInstruction($);
    byElements($, { v1: f.v1, v2: f.v2, v3: f.v3, v4: f.v4, format: f.m6, single: f.m5 }, exactly, quick);
  });
}

type Two = (f: BfpFormat, env: Environment, a: bigint, b: bigint) => Outcome;
const two = (name: string, run: Two): VectorHelper =>
  floatHelper(name, 2, (f, env, [a = 0n, b = 0n]) => run(f, env, a, b));

/** The outcome with the other sign, unless it is a NaN. */
function negated(f: BfpFormat, outcome: Outcome): Outcome {
  const { value } = outcome;
  return isNan(decode(f, value)) ? outcome : { ...outcome, value: value ^ signBit(f, true) };
}

/** Of two NaNs in the product the third operand's is taken, as with the scalar instructions. */
function fused(name: string, minus: boolean, negates: boolean): VectorHelper {
  return floatHelper(name, 3, (f, env, [a = 0n, b = 0n, c = 0n]) => {
    const outcome = multiplyAdd(f, env, b, a, c, minus);
    return negates ? negated(f, outcome) : outcome;
  });
}

// ---- signs

const signs = { complement: 0, negative: 1, positive: 2 } as const;

/** Of the first doubleword, the other ones, and the first element alone, by formats: the bits of signs, and those of a single result. */
const signMasks = [
  { format: formatCode.short, first: 0x8000_0000_8000_0000n, other: 0x8000_0000_8000_0000n, single: ~0xffff_ffffn },
  { format: formatCode.long, first: 1n << 63n, other: 1n << 63n, single: -1n },
  { format: formatCode.extended, first: 1n << 63n, other: 0n, single: -1n },
] as const;

function signOperation($: Sem, f: Operands & { readonly operation: Field }, format: (typeof signMasks)[number]): void {
  const [firstBits, otherBits] = [$.i64(BigInt.asIntN(64, format.first)), $.i64(BigInt.asIntN(64, format.other))];
  const signed = (value: I64, bits: I64): I64 => {
    const operation = $.field(f.operation);
    const positive = $.and(value, $.not(bits));
    const other = $.select($.eq(operation, signs.negative), $.or(value, bits), $.xor(value, bits));
    return $.select($.eq(operation, signs.positive), positive, other);
  };
  const a = $.vr(f.v2);
  const first = signed(high($, a), firstBits);
  const place = (one: I64, other: I64): void => $.setVr(f.v1, pair($, one, other));
  const whole = format.format === formatCode.extended;
  $.when(
    whole ? $.i32(0) : $.field(f.single),
    () => place($.and(first, format.single), $.i64(0)),
    () => place(first, signed(low($, a), otherBits)),
  );
}

/** Arithmetic of all formats. */
export const floatRows: readonly Row[] = [
  binaryRow('VFA', 0xe7e3, 'ADD', two('floatAdd', add), sumOf(false)),
  binaryRow('VFS', 0xe7e2, 'SUBTRACT', two('floatSubtract', subtract), sumOf(true)),
  binaryRow('VFM', 0xe7e7, 'MULTIPLY', two('floatMultiply', multiply), productOf),
  binaryRow('VFD', 0xe7e5, 'DIVIDE', two('floatDivide', divide), quotientOf),
  fusedRow('VFMA', 0xe78f, 'MULTIPLY AND ADD', fused('floatMultiplyAdd', false, false), fusedOf(false)),
  fusedRow('VFMS', 0xe78e, 'MULTIPLY AND SUBTRACT', fused('floatMultiplySubtract', true, false), fusedOf(true)),
  fusedRow('VFNMA', 0xe79f, 'NEGATIVE MULTIPLY AND ADD', fused('floatNegativeMultiplyAdd', false, true)),
  fusedRow('VFNMS', 0xe79e, 'NEGATIVE MULTIPLY AND SUBTRACT', fused('floatNegativeMultiplySubtract', true, true)),
  insn(
    'VFSQ',
    { op: 0xe7ce, fmt: 'VRR_a', title: title('SQUARE ROOT'), facility: 'vector', ignores: ['m5'] },
    ($, f) => {
      vectorInstruction($);
      const exactly = floatHelper('floatSquareRoot', 1, (format, env, [a = 0n]) => squareRoot(format, env, a));
      byElements($, { v1: f.v1, v2: f.v2, format: f.m3, single: f.m4 }, exactly, rootOf);
    },
  ),
  insn('VFPSO', { op: 0xe7cc, fmt: 'VRR_a', title: title('PERFORM SIGN OPERATION'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    requireFormat($, f.m3);
    requireOnly($, f.m4, SINGLE);
    $.pgmIf($.gtU($.field(f.m5), signs.positive), PGM.specification);
    const operands = { v1: f.v1, v2: f.v2, format: f.m3, single: f.m4, operation: f.m5 };
    for (const masks of signMasks) $.when($.eq($.field(f.m3), masks.format), () => signOperation($, operands, masks));
  }),
];
