/** PoP, "Vector Floating-Point Instructions": conversions between formats and integers, rounding to integers. */

import type { Field } from '../../../../ir/field.ts';
import { asF64, bitsOfF64, isBelowInfinity } from '../../../../ir/floating.ts';
import type { F64, I32, I64 } from '../../../../ir/node.ts';
import {
  convert,
  fromInteger,
  type IntegerRange,
  integerRanges,
  lengthen,
  toInteger,
  toIntegral,
} from '../../../../soft-float/convert.ts';
import type { Environment, Outcome } from '../../../../soft-float/environment.ts';
import { type BfpFormat, extended, long, short } from '../../../../soft-float/format.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { needsNoFlag } from '../bfp/fast.ts';
import { cameBack } from '../bfp/from-integer.ts';
import { modifierRounding } from '../bfp/helpers.ts';
import { knownMethod, nearbyInteger } from '../bfp/nearby.ts';
import { inRange } from '../bfp/to-integer.ts';
import { requireFacilityIf } from '../form.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { requireOnly } from './float.ts';
import {
  ElementFlags,
  elementCount,
  elementOf,
  formatCode,
  formatOf,
  isSingle,
  placed,
  SINGLE,
} from './float-helper.ts';
import { high, low, pair, vectorInstruction } from './lanes.ts';

const title = (what: string): string => `VECTOR FP ${what}`;
/** Bit of M4: inexactness is not recognized. */
const INEXACT_SUPPRESSED = 4;

const { short: SHORT, long: LONG, extended: EXTENDED } = formatCode;

const params = ['i32', 'i32', 'i32'] as const;
type Conversion = BoundHelper<typeof params, undefined>;

/** Operands of one element; `format` is the one that the control names. */
type Convert = (format: BfpFormat, env: Environment, value: bigint) => Outcome;

/** Widths of a conversion's elements, by the format that the control names. */
interface Widths {
  from(format: BfpFormat): number;
  to(format: BfpFormat): number;
}
const same: Widths = { from: (f) => f.width, to: (f) => f.width };
const toWider: Widths = { from: (f) => f.width, to: (f) => f.width * 2 };
const toNarrower: Widths = { from: (f) => f.width, to: (f) => f.width / 2 };

function environmentOf(vcpu: Vcpu, packed: number): Environment {
  return {
    masks: vcpu.fpc >>> 24,
    rounding: modifierRounding(vcpu, packed >> 8),
    inexactSuppressed: ((packed >> 4) & INEXACT_SUPPRESSED) !== 0,
  };
}

/** V1 := conversion of the elements of V2; of wider and narrower ones every second lies in the narrow vector. */
function conversion(name: string, widths: Widths, run: Convert): Conversion {
  return helper(`vector-${name}`, { params, result: undefined, effects: { faults: true } }, (vcpu, v1, v2, packed) => {
    const f = formatOf(packed & 15);
    const env = environmentOf(vcpu, packed);
    const flags = new ElementFlags(vcpu);
    const [from, to] = [widths.from(f), widths.to(f)];
    const widest = Math.max(from, to);
    const a = vcpu.vr(v2);
    let result = 0n;
    for (let e = 0; e < elementCount(widest, isSingle(packed)); e++) {
      const outcome = run(f, env, elementOf(a, from, (e * widest) / from));
      flags.note(e, outcome);
      result |= placed(outcome.value, to, (e * widest) / to);
    }
    flags.settle();
    vcpu.setVr(v1, result);
  });
}

/** Specification exception for a format other than these. */
function requireOneOf($: Sem, format: Field, least: number, most: number): void {
  $.pgmIf($.gtU($.sub($.field(format), least), most - least), PGM.specification);
}

interface Naming {
  readonly op: number;
  readonly what: string;
  readonly formats: readonly [least: number, most: number];
  /** What brought the formats other than the long one. */
  readonly later: Facility;
}

/** A long element by WebAssembly's arithmetic: its bits, and when they may be believed. */
interface QuickElement {
  readonly bits: I64;
  readonly passes: I32;
}
/** The same for an element of V2, by its bits, with the rounding method in a field. */
type Quick = ($: Sem, value: I64, m5: Field) => QuickElement;

/** Long elements by WebAssembly's arithmetic where it gives the same; all else exactly. */
function quickly($: Sem, f: QuickOperands, quick: Quick, slow: () => void): void {
  const a = $.vr(f.v2);
  const usual = $.and($.eq($.field(f.m3), LONG), $.isZero($.and($.field(f.m4), INEXACT_SUPPRESSED)));
  const first = quick($, high($, a), f.m5);
  const both = (): void => {
    const second = quick($, low($, a), f.m5);
    $.when($.and(first.passes, second.passes), () => $.setVr(f.v1, pair($, first.bits, second.bits)), slow);
  };
  const one = (): void => $.when(first.passes, () => $.setVr(f.v1, pair($, first.bits, $.i64(0))), slow);
  $.when(usual, () => $.when($.and($.field(f.m4), SINGLE), one, both), slow);
}

interface QuickOperands {
  readonly v1: Field;
  readonly v2: Field;
  readonly m3: Field;
  readonly m4: Field;
  readonly m5: Field;
}

const quickFromInt =
  (signed: boolean): Quick =>
  ($, value, m5) => {
    const result: F64 = $.conv('f64', `convert_i64_${signed ? 's' : 'u'}`, value);
    const passes = $.and($.isZero($.field(m5)), needsNoFlag($, cameBack($, value, result, signed)));
    return { bits: bitsOfF64($, result), passes };
  };
const quickToInt =
  (range: IntegerRange, signed: boolean): Quick =>
  ($, value, m5) => {
    const n = nearbyInteger($, asF64($, value), $.field(m5));
    const passes = $.and($.and(knownMethod($, m5), inRange($, n.value, range)), n.unnoticed());
    return { bits: $.conv('i64', `trunc_sat_f64_${signed ? 's' : 'u'}`, n.value), passes };
  };
const quickToIntegral: Quick = ($, value, m5) => {
  const operand = asF64($, value);
  const n = nearbyInteger($, operand, $.field(m5));
  const passes = $.and($.and(knownMethod($, m5), isBelowInfinity($, operand)), n.unnoticed());
  return { bits: bitsOfF64($, n.value), passes };
};

/** An instruction with a rounding method in M5 and the inexact control in M4. */
function roundedRow(mnemonic: string, { op, what, formats, later }: Naming, run: Conversion, quick?: Quick): Row {
  return insn(mnemonic, { op, fmt: 'VRR_a', title: title(what), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    requireOneOf($, f.m3, ...formats);
    requireFacilityIf($, $.ne($.field(f.m3), LONG), later);
    requireOnly($, f.m4, SINGLE | INEXACT_SUPPRESSED);
    // Methods 2 and 8 to 15 are none.
    $.pgmIf($.or($.gtU($.field(f.m5), 7), $.eq($.field(f.m5), 2)), PGM.specification);
    const packed = $.or($.or($.field(f.m3), $.shl($.field(f.m4), 4)), $.shl($.field(f.m5), 8));
    const slow = (): void => $.callVoid(run, $.field(f.v1), $.field(f.v2), packed);
    if (quick === undefined) slow();
    else quickly($, f, quick, slow);
  });
}

const fromInt =
  (signed: boolean): Convert =>
  (f, env, value) =>
    fromInteger(f, env, signed ? BigInt.asIntN(f.width, value) : value);
const toInt =
  (word: IntegerRange, doubleword: IntegerRange): Convert =>
  (f, env, value) =>
    toInteger(f, env, value, f === short ? word : doubleword);

const narrower = (f: BfpFormat): BfpFormat => (f === extended ? long : short);
const wider = (f: BfpFormat): BfpFormat => (f === short ? long : extended);

const { fixed32, fixed64, logical32, logical64 } = integerRanges;
const enhancements1 = 'vector-enhancements-1';
const enhancements2 = 'vector-enhancements-2';

/** Conversions of all formats. */
export const floatConvertRows: readonly Row[] = [
  roundedRow(
    'VCDG',
    { op: 0xe7c3, what: 'CONVERT FROM FIXED', formats: [SHORT, LONG], later: enhancements2 },
    conversion('floatFromFixed', same, fromInt(true)),
    quickFromInt(true),
  ),
  roundedRow(
    'VCDLG',
    { op: 0xe7c1, what: 'CONVERT FROM LOGICAL', formats: [SHORT, LONG], later: enhancements2 },
    conversion('floatFromLogical', same, fromInt(false)),
    quickFromInt(false),
  ),
  roundedRow(
    'VCGD',
    { op: 0xe7c2, what: 'CONVERT TO FIXED', formats: [SHORT, LONG], later: enhancements2 },
    conversion('floatToFixed', same, toInt(fixed32, fixed64)),
    quickToInt(fixed64, true),
  ),
  roundedRow(
    'VCLGD',
    { op: 0xe7c0, what: 'CONVERT TO LOGICAL', formats: [SHORT, LONG], later: enhancements2 },
    conversion('floatToLogical', same, toInt(logical32, logical64)),
    quickToInt(logical64, false),
  ),
  roundedRow(
    'VFI',
    { op: 0xe7c7, what: 'LOAD FP INTEGER', formats: [SHORT, EXTENDED], later: enhancements1 },
    conversion('floatInteger', same, toIntegral),
    quickToIntegral,
  ),
  roundedRow(
    'VFLR',
    { op: 0xe7c5, what: 'LOAD ROUNDED', formats: [LONG, EXTENDED], later: enhancements1 },
    conversion('floatRounded', toNarrower, (f, env, value) => convert(f, narrower(f), env, value)),
  ),
  insn(
    'VFLL',
    { op: 0xe7c4, fmt: 'VRR_a', title: title('LOAD LENGTHENED'), facility: 'vector', ignores: ['m5'] },
    ($, f) => {
      vectorInstruction($);
      requireOneOf($, f.m3, SHORT, LONG);
      requireFacilityIf($, $.eq($.field(f.m3), LONG), enhancements1);
      requireOnly($, f.m4, SINGLE);
      const packed = $.or($.field(f.m3), $.shl($.field(f.m4), 4));
      const run = conversion('floatLengthened', toWider, (format, env, value) =>
        lengthen(format, wider(format), env, value),
      );
      $.callVoid(run, $.field(f.v1), $.field(f.v2), packed);
    },
  ),
];
