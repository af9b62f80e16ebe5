/** PoP, "Decimal-Floating-Point Instructions": quanta, exponents and digits. */

import { quantize, reround } from '../../../../soft-float/decimal/convert.ts';
import { extended } from '../../../../soft-float/decimal/format.ts';
import {
  biasedExponent,
  shiftSignificand,
  significance,
  withBiasedExponent,
} from '../../../../soft-float/decimal/inspect.ts';
import { dfpInstruction, requirePair } from '../bfp/operand.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { conclude, effects, formats, modifiedEnvironment, operand, setOperand } from './helpers.ts';

type Format = (typeof formats)[number];
const facility = 'dfp';

function quantumRows({ letter, format }: Format): Row[] {
  const isPair = format === extended;
  const distance = isPair ? 8 : 0;
  const toQuantum = helper(
    `dfp-QA${letter}TR`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, r3, m4) => {
      const env = modifiedEnvironment(vcpu, m4);
      // The third operand gets the quantum of the second one.
      const outcome = quantize(format, env, operand(vcpu, format, r3), operand(vcpu, format, r2));
      conclude(vcpu, outcome, () => setOperand(vcpu, format, r1, outcome.value));
    },
  );
  const toDigits = helper(
    `dfp-RR${letter}TR`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, r3, m4) => {
      const digits = Number(vcpu.gr(r2) & 0x3fn);
      const outcome = reround(format, modifiedEnvironment(vcpu, m4), operand(vcpu, format, r3), digits);
      conclude(vcpu, outcome, () => setOperand(vcpu, format, r1, outcome.value));
    },
  );
  const insertExponent = helper(
    `dfp-IE${letter}TR`,
    { params: ['i32', 'i32', 'i32'], result: undefined, effects: {} },
    (vcpu, r1, r2, r3) => {
      const exponent = BigInt.asIntN(64, vcpu.gr(r2));
      setOperand(vcpu, format, r1, withBiasedExponent(format, operand(vcpu, format, r3), exponent));
    },
  );
  return [
    insn(
      `QA${letter}TR`,
      { op: 0xb3f5 + distance, fmt: 'RRF_b', title: `QUANTIZE (${format.name} DFP)`, facility },
      ($, f) => {
        dfpInstruction($);
        if (isPair) requirePair($, f.r1, f.r2, f.r3);
        $.callVoid(toQuantum, $.field(f.r1), $.field(f.r2), $.field(f.r3), $.field(f.m4));
      },
    ),
    insn(
      `RR${letter}TR`,
      { op: 0xb3f7 + distance, fmt: 'RRF_b', title: `REROUND (${format.name} DFP)`, facility },
      ($, f) => {
        dfpInstruction($);
        if (isPair) requirePair($, f.r1, f.r3);
        $.callVoid(toDigits, $.field(f.r1), $.field(f.r2), $.field(f.r3), $.field(f.m4));
      },
    ),
    insn(
      `IE${letter}TR`,
      {
        op: 0xb3f6 + distance,
        fmt: 'RRF_b',
        title: `INSERT BIASED EXPONENT (64 to ${format.name} DFP)`,
        facility,
        ignores: ['m4'],
      },
      ($, f) => {
        dfpInstruction($);
        if (isPair) requirePair($, f.r1, f.r3);
        $.callVoid(insertExponent, $.field(f.r1), $.field(f.r2), $.field(f.r3));
      },
    ),
  ];
}

function extractRows({ letter, format }: Format): Row[] {
  return (
    [
      ['E', 0xb3e5, 'BIASED EXPONENT', biasedExponent],
      ['S', 0xb3e7, 'SIGNIFICANCE', significance],
    ] as const
  ).map(([kind, op, what, of]) => {
    const mnemonic = `E${kind}${letter}TR`;
    const extract = helper(`dfp-${mnemonic}`, { params: ['i32'], result: 'i64', effects: {} }, (vcpu, r2) =>
      of(format, operand(vcpu, format, r2)),
    );
    const title = `EXTRACT ${what} (${format.name} DFP to 64)`;
    return insn(mnemonic, { op: op + (format === extended ? 8 : 0), fmt: 'RRE', title, facility }, ($, f) => {
      dfpInstruction($);
      if (format === extended) requirePair($, f.r2);
      $.setGr(f.r1, $.call(extract, $.field(f.r2)));
    });
  });
}

function shiftRows({ letter, format }: Format): Row[] {
  return ([1, -1] as const).map((direction) => {
    const mnemonic = `S${direction > 0 ? 'L' : 'R'}${letter}T`;
    const shift = helper(
      `dfp-${mnemonic}`,
      { params: ['i32', 'i32', 'i32'], result: undefined, effects: {} },
      (vcpu, r1, r3, places) =>
        setOperand(vcpu, format, r1, shiftSignificand(format, operand(vcpu, format, r3), direction * places)),
    );
    const op = (direction > 0 ? 0xed40 : 0xed41) + (format === extended ? 8 : 0);
    const title = `SHIFT SIGNIFICAND ${direction > 0 ? 'LEFT' : 'RIGHT'} (${format.name} DFP)`;
    return insn(mnemonic, { op, fmt: 'RXF', title, facility }, ($, f) => {
      dfpInstruction($);
      if (format === extended) requirePair($, f.r1, f.r3);
      $.callVoid(shift, $.field(f.r1), $.field(f.r3), $.and($.wrap($.address2(f).at), 0x3f));
    });
  });
}

/** Quanta, exponents and digits. */
export const dfpSignificandRows: readonly Row[] = formats.flatMap((format) => [
  ...quantumRows(format),
  ...extractRows(format),
  ...shiftRows(format),
]);
