/** Power ISA, Book I, "DFP Arithmetic Instructions" and "DFP Quantum Adjustment Instructions". */

import type { Row } from '../row.ts';
import { concludeIn, contextOf, decimalRows, operand, type Shape, shapes } from './execute.ts';
import { decimalOp, decimalForms as forms } from './forms.ts';
import { arithmetic, integral, type Operation, quantized, quantizedTo, rerounded, roundedBy } from './number.ts';

const operations: readonly (readonly [stem: string, extended: number, title: string, run: Operation])[] = [
  ['dadd', 2, 'DFP Add', arithmetic.add],
  ['dsub', 514, 'DFP Subtract', arithmetic.subtract],
  ['dmul', 34, 'DFP Multiply', arithmetic.multiply],
  ['ddiv', 546, 'DFP Divide', arithmetic.divide],
];

const arithmeticRows = (shape: Shape): Row[] =>
  operations.flatMap(([stem, extended, title, run]) => {
    const { suffix, format } = shape;
    const spec = { op: decimalOp.x(shape, extended), form: forms.three[suffix], title };
    return decimalRows(`${stem}${suffix}`, spec, (vcpu, frt, fra, frb) => {
      concludeIn(
        vcpu,
        format,
        frt,
        run(contextOf(vcpu, format), operand(vcpu, format, fra), operand(vcpu, format, frb)),
      );
    });
  });

/** TE is an exponent of -16 to 15. */
const exponentOf = (te: number): number => (te << 27) >> 27;

function quantizeRows(shape: Shape): Row[] {
  const { suffix, format } = shape;
  const title = 'DFP Quantize';
  const toOther = { op: decimalOp.z23(shape, 3), form: forms.quantize[suffix], title };
  const toExponent = { op: decimalOp.z23(shape, 67), form: forms.quantizeTo[suffix], title: `${title} Immediate` };
  const toDigits = { op: decimalOp.z23(shape, 35), form: forms.reround[suffix], title: 'DFP Reround' };
  return [
    ...decimalRows(`dqua${suffix}`, toOther, (vcpu, frt, fra, frb, rmc) => {
      const context = roundedBy(contextOf(vcpu, format), rmc);
      concludeIn(vcpu, format, frt, quantized(context, operand(vcpu, format, fra), operand(vcpu, format, frb)));
    }),
    ...decimalRows(`dquai${suffix}`, toExponent, (vcpu, frt, te, frb, rmc) => {
      const context = roundedBy(contextOf(vcpu, format), rmc);
      concludeIn(vcpu, format, frt, quantizedTo(context, exponentOf(te), operand(vcpu, format, frb)));
    }),
    ...decimalRows(`drrnd${suffix}`, toDigits, (vcpu, frt, fra, frb, rmc) => {
      const context = roundedBy(contextOf(vcpu, format), rmc);
      const digits = Number(vcpu.vsr(fra, 0) & 0x3fn);
      concludeIn(vcpu, format, frt, rerounded(context, digits, operand(vcpu, format, frb)));
    }),
  ];
}

const integralRows = (shape: Shape): Row[] =>
  (
    [
      ['drintx', 99, 'DFP Round To FP Integer With Inexact', true],
      ['drintn', 227, 'DFP Round To FP Integer Without Inexact', false],
    ] as const
  ).flatMap(([stem, extended, title, inexactly]) => {
    const { suffix, format } = shape;
    const spec = { op: decimalOp.z23(shape, extended), form: forms.integral[suffix], title };
    return decimalRows(`${stem}${suffix}`, spec, (vcpu, frt, r, frb, rmc) => {
      const context = roundedBy(contextOf(vcpu, format), rmc, r);
      concludeIn(vcpu, format, frt, integral(context, operand(vcpu, format, frb), inexactly));
    });
  });

/** The instructions. */
export const decimalArithmetic: readonly Row[] = shapes.flatMap((shape) => [
  ...arithmeticRows(shape),
  ...quantizeRows(shape),
  ...integralRows(shape),
]);
