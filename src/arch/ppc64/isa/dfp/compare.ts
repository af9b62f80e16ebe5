/** Power ISA, Book I, "DFP Compare Instructions" and "DFP Test Instructions". */

import { type DfpFormat, decode, digitCount } from '../../../../soft-float/decimal/format.ts';
import { compare, compareExponent, dataClass, dataGroup } from '../../../../soft-float/decimal/inspect.ts';
import { fpscrOf } from '../float/fpscr.ts';
import { invalidComparison } from '../float/number.ts';
import type { Row } from '../row.ts';
import { concludeTest, operand, type Shape, shapes, testRow } from './execute.ts';
import { decimalOp, decimalForms as forms } from './forms.ts';

/** LT, GT, EQ, unordered, as a CR field has them. */
const condition = { lt: 8, gt: 4, eq: 2, unordered: 1 } as const;
/** By what comparisons answer. */
const conditions = [condition.eq, condition.lt, condition.gt, condition.unordered] as const;

const comparisons = (shape: Shape): Row[] =>
  (
    [
      ['dcmpu', 642, 'DFP Compare Unordered', false],
      ['dcmpo', 130, 'DFP Compare Ordered', true],
    ] as const
  ).flatMap(([stem, extended, title, ordered]) => {
    const { suffix, format } = shape;
    const spec = { op: decimalOp.x(shape, extended), form: forms.compare[suffix], title };
    return testRow(`${stem}${suffix}`, spec, (vcpu, bf, fra, frb) => {
      const [a, b] = [operand(vcpu, format, fra), operand(vcpu, format, frb)];
      const kinds = [a, b].map((bits) => decode(format, bits).kind);
      const raised = invalidComparison(kinds, ordered, fpscrOf(vcpu));
      concludeTest(vcpu, bf, conditions[compare(format, a, b, ordered).cc] ?? condition.unordered, raised);
    });
  });

/** One of twelve bits, two for a class or group and its sign, as one of six. */
function whateverSign(found: number): number {
  return 0x20 >> [0xc00, 0x300, 0xc0, 0x30, 0x0c, 0x03].findIndex((pair) => (found & pair) !== 0);
}

/** The bit that DCM has for a number of a class, whatever its sign. */
function classBit(f: DfpFormat, bits: bigint): number {
  return whateverSign(dataClass(f, bits));
}

/** The bit that DGM has: a subnormal number counts as one of an extreme exponent. */
function groupBit(f: DfpFormat, bits: bigint): number {
  if (classBit(f, bits) === 0x10) return 0x08;
  return whateverSign(dataGroup(f, bits));
}

const masks = (shape: Shape): Row[] =>
  (
    [
      ['dtstdc', 194, 'DFP Test Data Class', classBit],
      ['dtstdg', 226, 'DFP Test Data Group', groupBit],
    ] as const
  ).flatMap(([stem, extended, title, bitOf]) => {
    const { suffix, format } = shape;
    const spec = { op: decimalOp.z22(shape, extended), form: forms.group[suffix], title };
    return testRow(`${stem}${suffix}`, spec, (vcpu, bf, fra, mask) => {
      const bits = operand(vcpu, format, fra);
      const matches = (bitOf(format, bits) & mask) !== 0;
      concludeTest(vcpu, bf, (decode(format, bits).negative ? 8 : 0) | (matches ? 2 : 0));
    });
  });

/** How a number of digits compares with those that a number has; 0 is more than any. */
function significance(f: DfpFormat, digits: number, bits: bigint): number {
  const { kind, significand } = decode(f, bits);
  if (kind !== 'finite') return condition.unordered;
  const has = digitCount(significand);
  if (digits === 0 || digits > has) return condition.gt;
  return digits < has ? condition.lt : condition.eq;
}

function parts(shape: Shape): Row[] {
  const { suffix, format } = shape;
  const exponent = { op: decimalOp.x(shape, 162), form: forms.compare[suffix], title: 'DFP Test Exponent' };
  const digits = { op: decimalOp.x(shape, 674), form: forms.significance[suffix], title: 'DFP Test Significance' };
  return [
    ...testRow(`dtstex${suffix}`, exponent, (vcpu, bf, fra, frb) => {
      const found = compareExponent(format, operand(vcpu, format, fra), operand(vcpu, format, frb));
      concludeTest(vcpu, bf, conditions[found] ?? condition.unordered);
    }),
    ...testRow(`dtstsf${suffix}`, digits, (vcpu, bf, fra, frb) =>
      concludeTest(vcpu, bf, significance(format, Number(vcpu.vsr(fra, 0) & 0x3fn), operand(vcpu, format, frb))),
    ),
  ];
}

/** The instructions. */
export const decimalComparisons: readonly Row[] = shapes.flatMap((shape) => [
  ...comparisons(shape),
  ...masks(shape),
  ...parts(shape),
]);
