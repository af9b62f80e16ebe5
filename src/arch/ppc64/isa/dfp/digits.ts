/** Power ISA, Book I, "DFP Format Instructions": digits of four bits, exponents, and digits that are shifted. */

import { power } from '../../../../soft-float/decimal/format.ts';
import {
  biasedExponent,
  digitsOf,
  shiftSignificand,
  withBiasedExponent,
} from '../../../../soft-float/decimal/inspect.ts';
import type { Row } from '../row.ts';
import { concludeIn, contextOf, decimalRows, operand, type Shape, setOperand, shapes } from './execute.ts';
import { decimalOp, decimalForms as forms } from './forms.ts';
import { fromPacked } from './number.ts';

/** The sign of a packed number: minus, or one of two for plus, by SP. */
function signOf(negative: boolean, sp: number): string {
  if (negative) return 'd';
  return (sp & 1) === 0 ? 'c' : 'f';
}

function packed(shape: Shape): Row[] {
  const { suffix, format } = shape;
  const places = suffix === 'q' ? 32 : 16;
  const decoded = { op: decimalOp.x(shape, 322), form: forms.decode[suffix], title: 'DFP Decode DPD To BCD' };
  const encoded = { op: decimalOp.x(shape, 834), form: forms.encode[suffix], title: 'DFP Encode BCD To DPD' };
  return [
    ...decimalRows(`ddedpd${suffix}`, decoded, (vcpu, frt, sp, frb) => {
      const { digits, negative } = digitsOf(format, operand(vcpu, format, frb));
      const signed = (sp & 2) !== 0;
      const text = (digits % power(signed ? places - 1 : places)).toString();
      setOperand(vcpu, format, frt, BigInt(`0x${text}${signed ? signOf(negative, sp) : ''}`));
    }),
    ...decimalRows(`denbcd${suffix}`, encoded, (vcpu, frt, s, frb) => {
      concludeIn(vcpu, format, frt, fromPacked(contextOf(vcpu, format), operand(vcpu, format, frb), places, s !== 0));
    }),
  ];
}

function exponents(shape: Shape): Row[] {
  const { suffix, format } = shape;
  const extract = { op: decimalOp.x(shape, 354), form: forms.to[suffix], title: 'DFP Extract Biased Exponent' };
  const insert = { op: decimalOp.x(shape, 866), form: forms.byFra[suffix], title: 'DFP Insert Biased Exponent' };
  return [
    ...decimalRows(`dxex${suffix}`, extract, (vcpu, frt, frb) =>
      vcpu.setVsr(frt, 0, BigInt.asUintN(64, biasedExponent(format, operand(vcpu, format, frb)))),
    ),
    ...decimalRows(`diex${suffix}`, insert, (vcpu, frt, fra, frb) => {
      const exponent = BigInt.asIntN(64, vcpu.vsr(fra, 0));
      setOperand(vcpu, format, frt, withBiasedExponent(format, operand(vcpu, format, frb), exponent));
    }),
  ];
}

const shifts = (shape: Shape): Row[] =>
  (
    [
      ['dscli', 66, 'Left', 1],
      ['dscri', 98, 'Right', -1],
    ] as const
  ).flatMap(([stem, extended, where, direction]) => {
    const { suffix, format } = shape;
    const title = `DFP Shift Significand ${where} Immediate`;
    const spec = { op: decimalOp.z22(shape, extended), form: forms.shift[suffix], title };
    return decimalRows(`${stem}${suffix}`, spec, (vcpu, frt, fra, places) =>
      setOperand(vcpu, format, frt, shiftSignificand(format, operand(vcpu, format, fra), direction * places)),
    );
  });

/** The instructions. */
export const decimalFormats: readonly Row[] = shapes.flatMap((shape) => [
  ...packed(shape),
  ...exponents(shape),
  ...shifts(shape),
]);
