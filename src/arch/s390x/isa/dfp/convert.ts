/** PoP, "Decimal-Floating-Point Instructions": between formats, and from and to integers. */

import {
  convert,
  fromInteger,
  type IntegerRange,
  toInteger,
  toIntegral,
} from '../../../../soft-float/decimal/convert.ts';
import { type DfpFormat, extended, long, short } from '../../../../soft-float/decimal/format.ts';
import type { Outcome } from '../../../../soft-float/environment.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { dfpInstruction, requirePair } from '../bfp/operand.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { conclude, effects, environment, formats, modifiedEnvironment, operand, setOperand } from './helpers.ts';

/** Bit of M4 by which a signaling NaN stays one. */
const KEEPS_SIGNALING = 8;

function lengthenRow(mnemonic: string, op: number, from: DfpFormat, to: DfpFormat): Row {
  const lengthen = helper(
    `dfp-${mnemonic}`,
    { params: ['i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m4) => {
      const keeps = (m4 & KEEPS_SIGNALING) !== 0;
      const outcome = convert(from, to, environment(vcpu), operand(vcpu, from, r2), keeps);
      conclude(vcpu, outcome, () => setOperand(vcpu, to, r1, outcome.value));
    },
  );
  const title = `LOAD LENGTHENED (${from.name} to ${to.name} DFP)`;
  return insn(mnemonic, { op, fmt: 'RRF_d', title, facility: 'dfp' }, ($, f) => {
    dfpInstruction($);
    if (to === extended) requirePair($, f.r1);
    $.callVoid(lengthen, $.field(f.r1), $.field(f.r2), $.field(f.m4));
  });
}

function roundRow(mnemonic: string, op: number, from: DfpFormat, to: DfpFormat): Row {
  const round = helper(
    `dfp-${mnemonic}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m3, m4) => {
      const env = modifiedEnvironment(vcpu, m3, m4);
      const outcome = convert(from, to, env, operand(vcpu, from, r2), (m4 & KEEPS_SIGNALING) !== 0);
      conclude(vcpu, outcome, () => setOperand(vcpu, outcome.inSourceFormat ? from : to, r1, outcome.value));
    },
  );
  const title = `LOAD ROUNDED (${from.name} to ${to.name} DFP)`;
  return insn(mnemonic, { op, fmt: 'RRF_e', title, facility: 'dfp' }, ($, f) => {
    dfpInstruction($);
    if (from === extended) requirePair($, f.r1, f.r2);
    $.callVoid(round, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4));
  });
}

function integralRow({ letter, format }: (typeof formats)[number]): Row {
  const integrate = helper(
    `dfp-FI${letter}TR`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m3, m4) => {
      const outcome = toIntegral(format, modifiedEnvironment(vcpu, m3, m4), operand(vcpu, format, r2));
      conclude(vcpu, outcome, () => setOperand(vcpu, format, r1, outcome.value));
    },
  );
  const op = format === extended ? 0xb3df : 0xb3d7;
  const title = `LOAD FP INTEGER (${format.name} DFP)`;
  return insn(`FI${letter}TR`, { op, fmt: 'RRF_e', title, facility: 'dfp' }, ($, f) => {
    dfpInstruction($);
    if (format === extended) requirePair($, f.r1, f.r2);
    $.callVoid(integrate, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4));
  });
}

// ---- integers

interface IntegerKind {
  readonly name: string;
  readonly title: 'FIXED' | 'LOGICAL';
  readonly bits: 32 | 64;
  readonly facility: Facility;
  readonly to: number;
  readonly from: number;
}

const integers: readonly IntegerKind[] = [
  { name: 'G', title: 'FIXED', bits: 64, facility: 'dfp', to: 0xb3e1, from: 0xb3f1 },
  { name: 'F', title: 'FIXED', bits: 32, facility: 'floating-point-extension', to: 0xb941, from: 0xb951 },
  { name: 'LG', title: 'LOGICAL', bits: 64, facility: 'floating-point-extension', to: 0xb942, from: 0xb952 },
  { name: 'LF', title: 'LOGICAL', bits: 32, facility: 'floating-point-extension', to: 0xb943, from: 0xb953 },
];

function rangeOf({ title, bits }: IntegerKind): IntegerRange {
  const all = 1n << BigInt(bits);
  return title === 'LOGICAL' ? { least: 0n, greatest: all - 1n } : { least: -(all >> 1n), greatest: (all >> 1n) - 1n };
}

function integerRows(kind: IntegerKind, { letter, format }: (typeof formats)[number]): Row[] {
  const { bits, facility } = kind;
  const word = bits === 32;
  const distance = format === extended ? 8 : 0;
  const suffix = kind.name === 'G' ? 'TRA' : 'TR';
  const range = rangeOf(kind);
  const [to, from] = [`C${kind.name}${letter}${suffix}`, `C${letter}${kind.name}${suffix}`];
  const toFixed = helper(
    `dfp-${to}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m3, m4) => {
      const outcome = toInteger(format, modifiedEnvironment(vcpu, m3, m4), operand(vcpu, format, r2), range);
      conclude(vcpu, outcome, () => {
        if (word) vcpu.setGrLow(r1, Number(BigInt.asUintN(32, outcome.value)));
        else vcpu.setGr(r1, BigInt.asUintN(64, outcome.value));
        vcpu.cc = outcome.cc;
      });
    },
  );
  const fromFixed = helper(
    `dfp-${from}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m3, m4) => {
      const wrap = kind.title === 'LOGICAL' ? BigInt.asUintN : BigInt.asIntN;
      const outcome: Outcome = fromInteger(format, modifiedEnvironment(vcpu, m3, m4), wrap(bits, vcpu.gr(r2)));
      conclude(vcpu, outcome, () => setOperand(vcpu, format, r1, outcome.value));
    },
  );
  const toTitle = `CONVERT TO ${kind.title} (${format.name} DFP to ${bits})`;
  const fromTitle = `CONVERT FROM ${kind.title} (${bits} to ${format.name} DFP)`;
  return [
    insn(to, { op: kind.to + distance, fmt: 'RRF_e', title: toTitle, facility }, ($, f) => {
      dfpInstruction($);
      if (format === extended) requirePair($, f.r2);
      $.callVoid(toFixed, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4));
    }),
    insn(from, { op: kind.from + distance, fmt: 'RRF_e', title: fromTitle, facility }, ($, f) => {
      dfpInstruction($);
      if (format === extended) requirePair($, f.r1);
      $.callVoid(fromFixed, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4));
    }),
  ];
}

/** Conversions. */
export const dfpConvertRows: readonly Row[] = [
  lengthenRow('LDETR', 0xb3d4, short, long),
  lengthenRow('LXDTR', 0xb3dc, long, extended),
  roundRow('LEDTR', 0xb3d5, long, short),
  roundRow('LDXTR', 0xb3dd, extended, long),
  ...formats.map(integralRow),
  ...integers.flatMap((kind) => formats.flatMap((format) => integerRows(kind, format))),
];
