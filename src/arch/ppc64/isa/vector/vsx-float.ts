/** Power ISA, Book I, "Vector-Scalar Floating-Point Operations": arithmetic, comparisons, tests. */

import type { I64 } from '../../../../ir/node.ts';
import { rounding } from '../../../../soft-float/environment.ts';
import { long, short } from '../../../../soft-float/format.ts';
import { field, form, type PpcField } from '../fields.ts';
import { comparisonRow, testDivision, testRoot } from '../float/compare.ts';
import { carryOut, floatHelper, type Kind, kinds, vectorComparison } from '../float/execute.ts';
import {
  add,
  fused,
  maximum,
  minimum,
  type Operation,
  product,
  quotient,
  reciprocal,
  reciprocalRoot,
  root,
  subtract,
  toInteger,
} from '../float/number.ts';
import { helper } from '../helper.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import { xx2, xx2Opcode, xx3, xx3Opcode } from './vsx-rows.ts';

/** What a family of instructions has three of: one long number, four short ones, two long ones. */
const kindsOf = [
  { stem: 'xs', suffix: 'dp', at: 0, kind: kinds.vsxDouble, title: 'VSX Scalar' },
  { stem: 'xv', suffix: 'sp', at: 0x100, kind: kinds.singles, title: 'VSX Vector' },
  { stem: 'xv', suffix: 'dp', at: 0x200, kind: kinds.doubles, title: 'VSX Vector' },
] as const;
type Family = (typeof kindsOf)[number];

interface Named {
  readonly xt: PpcField;
  readonly xa?: PpcField;
  readonly xb: PpcField;
}

/** Which registers an operation is given, in the order in which NaNs go before one another. */
type Order = readonly ('xa' | 'xb' | 'xt')[];

/** The row of an operation on registers of a kind. */
export function vsxRow(
  mnemonic: string,
  spec: {
    readonly op: Opcode;
    readonly form: Named;
    readonly title: string;
    readonly kind: Kind;
    readonly order: Order;
  },
  operation: Operation,
): Row[] {
  const { form: fields, kind, order } = spec;
  const operands = order.map((name) => fields[name]).filter((f) => f !== undefined);
  const run = floatHelper(mnemonic, kind, operation, operands.length === 1 ? 1 : operands.length === 2 ? 2 : 3);
  return insn(mnemonic, { op: spec.op, form: { ...fields }, title: spec.title }, ($) => {
    $.needsVsx();
    const [a, b, c] = operands.map((f) => $.field(f));
    const none = $.i32(0);
    const at = {
      operands: (n: 0 | 1) => operands.map((f) => (n === 0 ? $.leftOf($.vsr(f)) : $.rightOf($.vsr(f)))),
      place: ([left, right]: readonly I64[]) => {
        if (left !== undefined) $.setVsr(fields.xt, $.quad(left, right ?? $.i64(0)));
      },
    };
    carryOut($, kind, operation, at, () => $.callVoid(run, $.field(fields.xt), 0, a ?? none, b ?? none, c ?? none));
  });
}

/** How a family's member is named, and its opcode. */
type Member = (family: Family) => { readonly mnemonic: string; readonly low: number; readonly kind: Kind };
const named =
  (name: string, low: number, changes: Partial<Kind> = {}): Member =>
  ({ stem, suffix, at, kind }) => ({
    ...{ mnemonic: `${stem}${name}${suffix}`, low: low + at },
    // Of vectors nothing is told at all.
    kind: stem === 'xs' ? { ...kind, ...changes } : kind,
  });

function family(member: Member, title: string, order: Order, operation: Operation): Row[] {
  return kindsOf.flatMap((of) => {
    const { mnemonic, low, kind } = member(of);
    const [opcode, fields] = order.includes('xa') ? [xx3Opcode(low), xx3] : [xx2Opcode(low), xx2];
    return vsxRow(mnemonic, { op: opcode, form: fields, title: `${of.title} ${title}`, kind, order }, operation);
  });
}

const dyadic = (name: string, low: number, title: string, operation: Operation, changes: Partial<Kind> = {}): Row[] =>
  family(named(name, low, changes), title, ['xa', 'xb'], operation);
const monadic = (name: string, low: number, title: string, operation: Operation): Row[] =>
  family(named(name, low), title, ['xb'], operation);

/** Both forms: XT is the addend (A), or a factor (M). */
function fusedRows(name: string, low: number, title: string, how: Parameters<typeof fused>[0]): Row[] {
  const of = (which: 'a' | 'm', order: Order): Row[] =>
    family(named(`${name}${which}`, which === 'a' ? low : low + 0x40), title, order, fused(how));
  return [...of('a', ['xa', 'xt', 'xb']), ...of('m', ['xa', 'xb', 'xt'])];
}

/** Rounding to integers: the mnemonic has the format in front of the method. */
const integers = (letter: string, low: number, title: string, method: Parameters<typeof toInteger>[0]): Row[] =>
  family(
    ({ stem, suffix, at, kind }) => ({ mnemonic: `${stem}r${suffix}i${letter}`, low: low + at, kind }),
    `Round to Integer ${title}`,
    ['xb'],
    toInteger(method),
  );

type Relation = Parameters<typeof vectorComparison>[2];

function comparisons(name: string, low: number, title: string, relation: Relation): Row[] {
  const { singles, doubles } = kinds;
  return (
    [
      ['sp', singles, 0],
      ['dp', doubles, 0x100],
    ] as const
  ).flatMap(([suffix, kind, at]) =>
    [false, true].flatMap((record) => {
      const mnemonic = `xvcmp${name}${suffix}${record ? '.' : ''}`;
      const run = vectorComparison(mnemonic, kind, relation);
      const opcode = xx3Opcode(low + at + (record ? 0x400 : 0));
      return insn(mnemonic, { op: opcode, form: xx3, title: `VSX Vector Compare ${title}` }, ($, f) => {
        $.needsVsx();
        $.callVoid(run, $.field(f.xt), record ? 1 : 0, $.field(f.xa), $.field(f.xb));
      });
    }),
  );
}

const scalarCompared = form({ bf: field.crf(6), a: field.vs(11, 29), b: field.vs(16, 30) });
const scalarTested = form({ bf: field.crf(6), b: field.vs(16, 30) });

const compareRow = (mnemonic: string, low: number, title: string, ordered: boolean): Row[] =>
  comparisonRow(
    mnemonic,
    { op: op.exactly((60 << 26) | low, 0xfc00_07f8), form: scalarCompared, title, ordered },
    ($) => $.needsVsx(),
  );

const reads = { registers: { reads: [], writes: [] } } as const;
const fourHalves = { params: ['i64', 'i64', 'i64', 'i64'], result: 'i32', effects: reads } as const;

/** The elements of a doubleword. */
function elements(kind: Kind, half: bigint): readonly bigint[] {
  const bits = BigInt.asUintN(64, half);
  return kind.from === 64 ? [bits] : [bits >> 32n, bits & 0xffff_ffffn];
}

/** Tests of elements: a flag is one when it is for one of them. */
const tests = kindsOf.flatMap(({ stem, suffix, at, kind, title }) => {
  const format = suffix === 'dp' ? long : short;
  const halves = stem === 'xs' ? 1 : 2;
  const all = (...of: bigint[]): bigint[] => of.slice(0, halves).flatMap((h) => elements(kind, h));
  const divisible = helper(`${stem}tdiv${suffix}`, fourHalves, (_v, _c, a0, a1, b0, b1) => {
    const divisors = all(b0, b1);
    return all(a0, a1).reduce((flags, a, n) => flags | testDivision(format, a, divisors[n] ?? 0n), 0);
  });
  const rooted = helper(`${stem}tsqrt${suffix}`, fourHalves, (_v, _c, b0, b1) =>
    all(b0, b1).reduce((flags, b) => flags | testRoot(format, b), 0),
  );
  return [
    ...insn(
      `${stem}tdiv${suffix}`,
      {
        ...{ op: op.exactly((60 << 26) | (0x1e8 + at), 0xfc00_07f8), form: scalarCompared },
        title: `${title} Test for software Divide`,
      },
      ($, f) => {
        $.needsVsx();
        const [a, b] = [$.vsr(f.a), $.vsr(f.b)];
        $.setCrf(f.bf, $.call(divisible, $.leftOf(a), $.rightOf(a), $.leftOf(b), $.rightOf(b)));
      },
    ),
    ...insn(
      `${stem}tsqrt${suffix}`,
      {
        ...{ op: op.exactly((60 << 26) | (0x1a8 + at), 0xfc00_07fc), form: scalarTested },
        title: `${title} Test for software Square Root`,
      },
      ($, f) => {
        $.needsVsx();
        const b = $.vsr(f.b);
        $.setCrf(f.bf, $.call(rooted, $.leftOf(b), $.rightOf(b), 0, 0));
      },
    ),
  ];
});

/** The instructions. */
export const vsxFloat: readonly Row[] = [
  ...dyadic('add', 0x100, 'Add', add),
  ...dyadic('sub', 0x140, 'Subtract', subtract),
  ...dyadic('mul', 0x180, 'Multiply', product),
  ...dyadic('div', 0x1c0, 'Divide', quotient),
  ...dyadic('max', 0x500, 'Maximum', maximum, { tells: 'nothing' }),
  ...dyadic('min', 0x540, 'Minimum', minimum, { tells: 'nothing' }),
  ...fusedRows('madd', 0x108, 'Multiply-Add', { minus: false, negative: false }),
  ...fusedRows('msub', 0x188, 'Multiply-Subtract', { minus: true, negative: false }),
  ...fusedRows('nmadd', 0x508, 'Negative Multiply-Add', { minus: false, negative: true }),
  ...fusedRows('nmsub', 0x588, 'Negative Multiply-Subtract', { minus: true, negative: true }),
  ...monadic('sqrt', 0x12c, 'Square Root', root),
  ...monadic('re', 0x168, 'Reciprocal Estimate', reciprocal),
  ...monadic('rsqrte', 0x128, 'Reciprocal Square Root Estimate', reciprocalRoot),
  ...integers('', 0x124, 'using round to Nearest Away', rounding.nearestAway),
  ...integers('z', 0x164, 'using round toward Zero', rounding.towardZero),
  ...integers('p', 0x1a4, 'using round toward +Infinity', rounding.up),
  ...integers('m', 0x1e4, 'using round toward -Infinity', rounding.down),
  ...integers('c', 0x1ac, 'using Current rounding mode', 'current'),
  ...comparisons('eq', 0x218, 'Equal', 'eq'),
  ...comparisons('gt', 0x258, 'Greater Than', 'gt'),
  ...comparisons('ge', 0x298, 'Greater Than or Equal', 'ge'),
  ...compareRow('xscmpudp', 0x118, 'VSX Scalar Compare Unordered', false),
  ...compareRow('xscmpodp', 0x158, 'VSX Scalar Compare Ordered', true),
  ...tests,
];
