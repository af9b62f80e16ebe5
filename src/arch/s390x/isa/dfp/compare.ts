/** PoP, "Decimal-Floating-Point Instructions": comparisons, tests, LOAD AND TEST. */

import { propagated } from '../../../../soft-float/decimal/arithmetic.ts';
import {
  type DfpFormat,
  decode,
  encode,
  extended,
  long,
  short,
  special,
} from '../../../../soft-float/decimal/format.ts';
import {
  compare,
  compareExponent,
  dataClass,
  dataGroup,
  signCondition,
} from '../../../../soft-float/decimal/inspect.ts';
import { exact } from '../../../../soft-float/environment.ts';
import { dfpInstruction, requirePair } from '../bfp/operand.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { conclude, effects, environment, formats, noteInvalid, operand, setOperand } from './helpers.ts';

type Format = (typeof formats)[number];

function comparing(mnemonic: string, op: number, title: string, format: DfpFormat, signals: boolean): Row {
  const operate = helper(`dfp-${mnemonic}`, { params: ['i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2) => {
    const { cc, invalid } = compare(format, operand(vcpu, format, r1), operand(vcpu, format, r2), signals);
    if (invalid) noteInvalid(vcpu);
    vcpu.cc = cc;
  });
  return insn(mnemonic, { op, fmt: 'RRE', title: `${title} (${format.name} DFP)`, facility: 'dfp' }, ($, f) => {
    dfpInstruction($);
    if (format === extended) requirePair($, f.r1, f.r2);
    $.callVoid(operate, $.field(f.r1), $.field(f.r2));
  });
}

function exponentRow({ letter, format }: Format): Row {
  const compareExponents = helper(
    `dfp-CE${letter}TR`,
    { params: ['i32', 'i32'], result: 'i32', effects: {} },
    (vcpu, r1, r2) => compareExponent(format, operand(vcpu, format, r1), operand(vcpu, format, r2)),
  );
  const op = format === extended ? 0xb3fc : 0xb3f4;
  const title = `COMPARE BIASED EXPONENT (${format.name} DFP)`;
  return insn(`CE${letter}TR`, { op, fmt: 'RRE', title, facility: 'dfp' }, ($, f) => {
    dfpInstruction($);
    if (format === extended) requirePair($, f.r1, f.r2);
    $.setCc($.call(compareExponents, $.field(f.r1), $.field(f.r2)));
  });
}

function loadAndTest({ letter, format }: Format): Row {
  const load = helper(`dfp-LT${letter}TR`, { params: ['i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2) => {
    const x = decode(format, operand(vcpu, format, r2));
    const canonical =
      x.kind === 'finite'
        ? encode(format, x.negative, x.significand, x.quantum)
        : special(format, 'infinity', x.negative);
    const outcome = propagated(format, environment(vcpu), [x]) ?? exact(canonical);
    conclude(vcpu, outcome, () => {
      setOperand(vcpu, format, r1, outcome.value);
      vcpu.cc = signCondition(format, outcome.value);
    });
  });
  const op = format === extended ? 0xb3de : 0xb3d6;
  return insn(
    `LT${letter}TR`,
    { op, fmt: 'RRE', title: `LOAD AND TEST (${format.name} DFP)`, facility: 'dfp' },
    ($, f) => {
      dfpInstruction($);
      if (format === extended) requirePair($, f.r1, f.r2);
      $.callVoid(load, $.field(f.r1), $.field(f.r2));
    },
  );
}

const tested = [
  { letter: 'E', format: short, op: 0 },
  { letter: 'D', format: long, op: 4 },
  { letter: 'X', format: extended, op: 8 },
] as const;

function testRows({ letter, format, op }: (typeof tested)[number]): Row[] {
  return (
    [
      ['C', 'CLASS', 0xed50, dataClass],
      ['G', 'GROUP', 0xed51, dataGroup],
    ] as const
  ).map(([kind, what, base, groupOf]) => {
    const mnemonic = `TD${kind}${letter}T`;
    const test = helper(`dfp-${mnemonic}`, { params: ['i32', 'i32'], result: 'i32', effects: {} }, (vcpu, r1, mask) =>
      (groupOf(format, operand(vcpu, format, r1)) & mask) !== 0 ? 1 : 0,
    );
    const title = `TEST DATA ${what} (${format.name} DFP)`;
    return insn(mnemonic, { op: base + op, fmt: 'RXE', title, facility: 'dfp', ignores: ['m3'] }, ($, f) => {
      dfpInstruction($);
      if (format === extended) requirePair($, f.r1);
      $.setCc($.call(test, $.field(f.r1), $.and($.wrap($.address2(f).at), 0xfff)));
    });
  });
}

/** Comparisons and tests. */
export const dfpCompareRows: readonly Row[] = [
  comparing('CDTR', 0xb3e4, 'COMPARE', long, false),
  comparing('CXTR', 0xb3ec, 'COMPARE', extended, false),
  comparing('KDTR', 0xb3e0, 'COMPARE AND SIGNAL', long, true),
  comparing('KXTR', 0xb3e8, 'COMPARE AND SIGNAL', extended, true),
  ...formats.map(exponentRow),
  ...formats.map(loadAndTest),
  ...tested.flatMap(testRows),
];
