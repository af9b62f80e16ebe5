/** Power ISA, Book I, "DFP Conversion Instructions": between formats, and from and to integers. */

import { extended, long, short } from '../../../../soft-float/decimal/format.ts';
import type { Row } from '../row.ts';
import { conclude, concludeIn, contextOf, decimalRows, operand, type Shape, setOperand, shapes } from './execute.ts';
import { decimalOp, decimalForms as forms } from './forms.ts';
import { fromFixed, reformatted, toFixed } from './number.ts';

const [inRegister, inPair] = [
  { suffix: '', primary: 59, format: long },
  { suffix: 'q', primary: 63, format: extended },
] as const satisfies readonly Shape[];

const formats: readonly Row[] = [
  ...decimalRows(
    'dctdp',
    { op: decimalOp.x(inRegister, 258), form: forms.two[''], title: 'DFP Convert To DFP Long' },
    (vcpu, frt, frb) => {
      concludeIn(vcpu, long, frt, reformatted(contextOf(vcpu, short), long, operand(vcpu, short, frb)));
    },
  ),
  ...decimalRows(
    'dctqpq',
    { op: decimalOp.x(inPair, 258), form: forms.from.q, title: 'DFP Convert To DFP Extended' },
    (vcpu, frt, frb) => {
      concludeIn(vcpu, extended, frt, reformatted(contextOf(vcpu, long), extended, operand(vcpu, long, frb)));
    },
  ),
  ...decimalRows(
    'drsp',
    { op: decimalOp.x(inRegister, 770), form: forms.two[''], title: 'DFP Round To DFP Short' },
    (vcpu, frt, frb) => {
      concludeIn(vcpu, long, frt, reformatted(contextOf(vcpu, long), short, operand(vcpu, long, frb)));
    },
  ),
  // The second register of the pair becomes zero, unless it is needed.
  ...decimalRows(
    'drdpq',
    { op: decimalOp.x(inPair, 770), form: forms.two.q, title: 'DFP Round To DFP Long' },
    (vcpu, frt, frb) => {
      const answer = reformatted(contextOf(vcpu, extended), long, operand(vcpu, extended, frb));
      conclude(vcpu, answer, (value, format) =>
        setOperand(vcpu, extended, frt, format === extended ? value : value << 64n),
      );
    },
  ),
];

function integers(shape: Shape): Row[] {
  const { suffix, format } = shape;
  const from = { op: decimalOp.x(shape, 802), form: forms.from[suffix], title: 'DFP Convert From Fixed' };
  const to = { op: decimalOp.x(shape, 290), form: forms.to[suffix], title: 'DFP Convert To Fixed' };
  return [
    ...decimalRows(`dcffix${suffix}`, from, (vcpu, frt, frb) => {
      concludeIn(vcpu, format, frt, fromFixed(contextOf(vcpu, format), vcpu.vsr(frb, 0)));
    }),
    ...decimalRows(`dctfix${suffix}`, to, (vcpu, frt, frb) => {
      const answer = toFixed(contextOf(vcpu, format), operand(vcpu, format, frb));
      conclude(vcpu, answer, (value) => vcpu.setVsr(frt, 0, value));
    }),
  ];
}

/** The instructions. */
export const decimalConversions: readonly Row[] = [...formats, ...shapes.flatMap(integers)];
