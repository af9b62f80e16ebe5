/** PoP, "Vector Floating-Point Instructions": comparisons, extremes, data classes. */

import type { Field } from '../../../../ir/field.ts';
import { isNan } from '../../../../soft-float/arithmetic.ts';
import { type Comparison, compare, dataClass } from '../../../../soft-float/compare.ts';
import { type Environment, exact, exception, ieee, type Outcome } from '../../../../soft-float/environment.ts';
import { type BfpFormat, decode, quieted, signBit } from '../../../../soft-float/format.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { environment } from '../bfp/helpers.ts';
import { requireFacilityIf } from '../form.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { controls, requireFormat, requireOnly } from './float.ts';
import { ElementFlags, elementCount, elementOf, formatOf, isSingle, placed, SINGLE } from './float-helper.ts';
import { SETS_CC, vectorInstruction } from './lanes.ts';

const title = (what: string): string => `VECTOR FP ${what}`;
/** Bit of the control that makes quiet NaNs signal, too. */
const SIGNALING = 4;

/** A comparison's exception: invalid, which ends the instruction when it is enabled. */
function noteInvalid(flags: ElementFlags, env: Environment, e: number, { invalid }: Comparison): void {
  if (invalid) flags.note(e, exception(env, ieee.invalid, 0n));
}

/** 0 true for all, 1 for some, 3 for none. */
function ccOfMany(hits: number, count: number): number {
  return hits === count ? 0 : hits === 0 ? 3 : 1;
}

const mask = (f: BfpFormat): bigint => (1n << BigInt(f.width)) - 1n;

const params = ['i32', 'i32', 'i32', 'i32'] as const;
type Relation = (cc: number) => boolean;

/** V1 := masks of the elements for which the relation holds. */
function comparer(name: string, holds: Relation) {
  return helper(
    `vector-${name}`,
    { params, result: undefined, effects: { faults: true } },
    (vcpu, v1, v2, v3, packed) => {
      const f = formatOf(packed & 15);
      const [a, b] = [vcpu.vr(v2), vcpu.vr(v3)];
      const signals = ((packed >> 4) & SIGNALING) !== 0;
      const env = environment(vcpu);
      const flags = new ElementFlags(vcpu);
      const count = elementCount(f.width, isSingle(packed));
      let hits = 0;
      let result = 0n;
      for (let e = 0; e < count; e++) {
        const outcome = compare(f, elementOf(a, f.width, e), elementOf(b, f.width, e), signals);
        noteInvalid(flags, env, e, outcome);
        if (!holds(outcome.cc)) continue;
        hits++;
        result |= placed(mask(f), f.width, e);
      }
      flags.settle();
      vcpu.setVr(v1, result);
      if (((packed >> 8) & SETS_CC) !== 0) vcpu.cc = ccOfMany(hits, count);
    },
  );
}

function compareRow(mnemonic: string, op: number, what: string, holds: Relation): Row {
  const run = comparer(mnemonic, holds);
  return insn(mnemonic, { op, fmt: 'VRR_c', title: title(what), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    requireFormat($, f.m4);
    requireOnly($, f.m5, SINGLE | SIGNALING);
    requireFacilityIf($, $.and($.field(f.m5), SIGNALING), 'vector-enhancements-1');
    requireOnly($, f.m6, SETS_CC);
    $.callVoid(run, $.field(f.v1), $.field(f.v2), $.field(f.v3), controls($, f.m4, f.m5, f.m6));
  });
}

const scalarCompare = helper(
  'vector-compareScalar',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: { faults: true } },
  (vcpu, v1, v2, format, signals) => {
    const f = formatOf(format);
    const flags = new ElementFlags(vcpu);
    const outcome = compare(f, elementOf(vcpu.vr(v1), f.width, 0), elementOf(vcpu.vr(v2), f.width, 0), signals !== 0);
    noteInvalid(flags, environment(vcpu), 0, outcome);
    flags.settle();
    vcpu.cc = outcome.cc;
  },
);

function scalarRow(mnemonic: string, op: number, what: string, signals: boolean): Row {
  return insn(mnemonic, { op, fmt: 'VRR_a', title: title(what), facility: 'vector', ignores: ['m5'] }, ($, f) => {
    vectorInstruction($);
    requireFormat($, f.m3);
    requireOnly($, f.m4, 0);
    $.callVoid(scalarCompare, $.field(f.v1), $.field(f.v2), $.field(f.m3), $.i32(signals ? 1 : 0));
  });
}

// ---- data classes

const testClass = helper(
  'vector-testDataClass',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: {} },
  (vcpu, v1, v2, classes, packed) => {
    const f = formatOf(packed & 15);
    const a = vcpu.vr(v2);
    const count = elementCount(f.width, isSingle(packed));
    let hits = 0;
    let result = 0n;
    for (let e = 0; e < count; e++) {
      if ((dataClass(f, elementOf(a, f.width, e)) & classes) === 0) continue;
      hits++;
      result |= placed(mask(f), f.width, e);
    }
    vcpu.setVr(v1, result);
    vcpu.cc = ccOfMany(hits, count);
  },
);

// ---- extremes

/** How the functions of M6 treat what has no order: NaNs, and zeros of both signs. */
interface Extreme {
  /** The result when one operand or both are NaNs. */
  nan(f: BfpFormat, env: Environment, a: bigint, b: bigint): Outcome;
  /** True when of two zeros the first is taken. */
  firstZero(aNegative: boolean, bNegative: boolean, maximum: boolean): boolean;
}

const isSignaling = (f: BfpFormat, a: bigint): boolean => decode(f, a).kind === 'snan';
const isNanOf = (f: BfpFormat, a: bigint): boolean => isNan(decode(f, a));

/** The result with invalid raised when an operand signals. */
function signalingOr(f: BfpFormat, env: Environment, a: bigint, b: bigint, value: bigint): Outcome {
  return isSignaling(f, a) || isSignaling(f, b) ? exception(env, ieee.invalid, value) : exact(value);
}
const invalidAlways = (env: Environment, value: bigint): Outcome => exception(env, ieee.invalid, value);

/** Zeros by their signs: the positive one is the greater. */
const bySign: Extreme['firstZero'] = (aNegative, _bNegative, maximum) => aNegative !== maximum;

const extremes: Readonly<Record<number, Extreme>> = {
  // IEEE's maxNum: a number goes before a quiet NaN, and of two the first.
  0: {
    nan: (f, env, a, b) => {
      if (isSignaling(f, a)) return exception(env, ieee.invalid, quieted(f, a));
      if (isSignaling(f, b)) return exception(env, ieee.invalid, quieted(f, b));
      return exact(isNanOf(f, a) && !isNanOf(f, b) ? b : a);
    },
    firstZero: bySign,
  },
  // Java's Math.max: NaNs win.
  1: {
    nan: (f, env, a, b) => {
      if (isSignaling(f, a)) return exception(env, ieee.invalid, quieted(f, a));
      if (isSignaling(f, b)) return exception(env, ieee.invalid, quieted(f, b));
      return exact(isNanOf(f, a) ? a : b);
    },
    firstZero: bySign,
  },
  // C's macro `a > b ? a : b`.
  2: { nan: (_f, env, _a, b) => invalidAlways(env, b), firstZero: () => false },
  // C++'s std::max.
  3: { nan: (_f, env, a, _b) => invalidAlways(env, a), firstZero: () => true },
  // C's fmax.
  4: {
    nan: (f, env, a, b) => signalingOr(f, env, a, b, isNanOf(f, b) ? a : b),
    firstZero: bySign,
  },
};
const MAGNITUDES = 8;

/** Function code 8: of the operand whose magnitude is the extreme, the value as it is. */
const MAX_NUM_MAGNITUDE = 8;

function extreme(f: BfpFormat, env: Environment, a: bigint, b: bigint, maximum: boolean, type: number): Outcome {
  const rules = extremes[type & ~MAGNITUDES];
  if (rules === undefined) throw new Error(`no extreme of type ${type}`);
  const magnitude = (v: bigint): bigint => v & ~signBit(f, true);
  if (type === MAX_NUM_MAGNITUDE && !isNanOf(f, a) && !isNanOf(f, b) && magnitude(a) !== magnitude(b)) {
    return exact(magnitude(a) > magnitude(b) === maximum ? a : b);
  }
  const absolute = type > MAX_NUM_MAGNITUDE;
  const [x, y] = absolute ? [magnitude(a), magnitude(b)] : [a, b];
  const [p, q] = [decode(f, x), decode(f, y)];
  if (isNan(p) || isNan(q)) return rules.nan(f, env, x, y);
  if (p.kind === 'zero' && q.kind === 'zero') {
    return exact(rules.firstZero(p.negative, q.negative, maximum) ? x : y);
  }
  const { cc } = compare(f, x, y, false);
  return exact((cc === 2) === maximum || cc === 0 ? x : y);
}

function extremeHelper(name: string, maximum: boolean) {
  return helper(
    `vector-${name}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: { faults: true } },
    (vcpu: Vcpu, v1, v2, v3, packed) => {
      const f = formatOf(packed & 15);
      const [a, b] = [vcpu.vr(v2), vcpu.vr(v3)];
      const env = environment(vcpu);
      const flags = new ElementFlags(vcpu);
      let result = 0n;
      for (let e = 0; e < elementCount(f.width, isSingle(packed)); e++) {
        const outcome = extreme(f, env, elementOf(a, f.width, e), elementOf(b, f.width, e), maximum, packed >> 8);
        flags.note(e, outcome);
        result |= placed(outcome.value, f.width, e);
      }
      flags.settle();
      vcpu.setVr(v1, result);
    },
  );
}

function extremeRow(mnemonic: string, op: number, what: string, maximum: boolean): Row {
  const run = extremeHelper(mnemonic, maximum);
  return insn(mnemonic, { op, fmt: 'VRR_c', title: title(what), facility: 'vector-enhancements-1' }, ($, f) => {
    vectorInstruction($);
    requireFormat($, f.m4);
    requireOnly($, f.m5, SINGLE);
    requireFunction($, f.m6);
    $.callVoid(run, $.field(f.v1), $.field(f.v2), $.field(f.v3), controls($, f.m4, f.m5, f.m6));
  });
}

/** Specification exception for function codes 5 to 7 and 13 to 15. */
function requireFunction($: Sem, m6: Field): void {
  $.pgmIf($.gtU($.and($.field(m6), 7), 4), PGM.specification);
}

/** Comparisons of all formats. */
export const floatCompareRows: readonly Row[] = [
  compareRow('VFCE', 0xe7e8, 'COMPARE EQUAL', (cc) => cc === 0),
  compareRow('VFCH', 0xe7eb, 'COMPARE HIGH', (cc) => cc === 2),
  compareRow('VFCHE', 0xe7ea, 'COMPARE HIGH OR EQUAL', (cc) => cc === 0 || cc === 2),
  scalarRow('WFC', 0xe7cb, 'COMPARE SCALAR', false),
  scalarRow('WFK', 0xe7ca, 'COMPARE AND SIGNAL SCALAR', true),
  extremeRow('VFMAX', 0xe7ef, 'MAXIMUM', true),
  extremeRow('VFMIN', 0xe7ee, 'MINIMUM', false),
  insn('VFTCI', { op: 0xe74a, fmt: 'VRI_e', title: title('TEST DATA CLASS IMMEDIATE'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    requireFormat($, f.m4);
    requireOnly($, f.m5, SINGLE);
    $.callVoid(testClass, $.field(f.v1), $.field(f.v2), $.field(f.i3), controls($, f.m4, f.m5));
  }),
];
