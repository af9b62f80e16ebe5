/** PoP, "Hexadecimal-Floating-Point Instructions": signs, halves, roots, and numbers in other formats. */

import type { Field } from '../../../../ir/field.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { halve, integerPart, rounded, squareRoot } from './arithmetic.ts';
import {
  decode,
  extended,
  type HfpFormat,
  type HfpNumber,
  inFormat,
  long,
  operand,
  setOperand,
  short,
  trueZero,
} from './number.ts';
import { begin, deliver, effects, pairOf, signCondition } from './outcome.ts';

/** R1 := operation(R2). */
function row(
  mnemonic: string,
  op: number,
  title: string,
  from: HfpFormat,
  to: HfpFormat,
  run: (vcpu: Vcpu, r1: number, a: HfpNumber) => void,
): Row {
  const operate = helper(`hfp-${mnemonic}`, { params: ['i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2) =>
    run(vcpu, r1, operand(vcpu, from, r2)),
  );
  const semantics = ($: Parameters<typeof begin>[0], f: { readonly r1: Field; readonly r2: Field }): void => {
    begin($, [f.r1, f.r2], [...pairOf(to, f.r1), ...pairOf(from, f.r2)]);
    $.callVoid(operate, $.field(f.r1), $.field(f.r2));
  };
  return op > 0xff
    ? insn(mnemonic, { op, fmt: 'RRE', title, facility: 'zarch' }, semantics)
    : insn(mnemonic, { op, fmt: 'RR', title, facility: 'zarch' }, semantics);
}

/** R1 := operation(second operand in storage). */
function storageRow(
  mnemonic: string,
  op: number,
  title: string,
  from: HfpFormat,
  to: HfpFormat,
  run: (vcpu: Vcpu, r1: number, a: HfpNumber) => void,
): Row {
  const operate = helper(`hfp-${mnemonic}`, { params: ['i32', 'i64'], result: undefined, effects }, (vcpu, r1, bits) =>
    run(vcpu, r1, decode(from, BigInt.asUintN(from === short ? 32 : 64, bits))),
  );
  return insn(mnemonic, { op, fmt: 'RXE', title, facility: 'zarch', ignores: ['m3'] }, ($, f) => {
    begin($, [f.r1], pairOf(to, f.r1));
    const address = $.address2(f);
    $.callVoid(operate, $.field(f.r1), from === short ? $.zext($.fetch32(address)) : $.fetch64(address));
  });
}

const signs = {
  POSITIVE: (_: boolean) => false,
  NEGATIVE: (_: boolean) => true,
  COMPLEMENT: (negative: boolean) => !negative,
  'AND TEST': (negative: boolean) => negative,
} as const;

/** The sign set, and the condition code. An extended number without digits becomes zero but for its sign. */
function signRows(what: keyof typeof signs, names: readonly [string, number, HfpFormat][]): Row[] {
  return names.map(([mnemonic, op, f]) =>
    row(mnemonic, op, `LOAD ${what} (${f.name} HFP)`, f, f, (vcpu, r1, a) => {
      const negative = signs[what](a.negative);
      setOperand(vcpu, f, r1, f === extended && a.fraction === 0n ? { ...trueZero, negative } : { ...a, negative });
      vcpu.cc = signCondition({ ...a, negative });
    }),
  );
}

const root =
  (f: HfpFormat) =>
  (vcpu: Vcpu, r1: number, a: HfpNumber): void => {
    if (a.negative && a.fraction !== 0n) vcpu.raise(PGM.hfpSquareRoot);
    setOperand(vcpu, f, r1, squareRoot(f.digits, a));
  };
const half =
  (f: HfpFormat) =>
  (vcpu: Vcpu, r1: number, a: HfpNumber): void =>
    deliver(vcpu, f, r1, halve(f.digits, a));
const shorter =
  (from: HfpFormat, to: HfpFormat) =>
  (vcpu: Vcpu, r1: number, a: HfpNumber): void =>
    deliver(vcpu, to, r1, rounded(a, from.digits, to.digits));
const longer =
  (from: HfpFormat) =>
  (vcpu: Vcpu, r1: number, a: HfpNumber): void =>
    setOperand(
      vcpu,
      extended,
      r1,
      a.fraction === 0n ? { ...trueZero, negative: a.negative } : inFormat(a, from, extended),
    );
const integer =
  (f: HfpFormat) =>
  (vcpu: Vcpu, r1: number, a: HfpNumber): void =>
    deliver(vcpu, f, r1, integerPart(f.digits, a));

const rootTitle = (f: HfpFormat): string => `SQUARE ROOT (${f.name} HFP)`;
const lengthenedTitle = (f: HfpFormat): string => `LOAD LENGTHENED (${f.name} to extended HFP)`;

/** Instructions on one operand. */
export const hfpUnaryRows: readonly Row[] = [
  ...signRows('POSITIVE', [
    ['LPER', 0x30, short],
    ['LPDR', 0x20, long],
    ['LPXR', 0xb360, extended],
  ]),
  ...signRows('NEGATIVE', [
    ['LNER', 0x31, short],
    ['LNDR', 0x21, long],
    ['LNXR', 0xb361, extended],
  ]),
  ...signRows('AND TEST', [
    ['LTER', 0x32, short],
    ['LTDR', 0x22, long],
    ['LTXR', 0xb362, extended],
  ]),
  ...signRows('COMPLEMENT', [
    ['LCER', 0x33, short],
    ['LCDR', 0x23, long],
    ['LCXR', 0xb363, extended],
  ]),
  row('HER', 0x34, 'HALVE (short HFP)', short, short, half(short)),
  row('HDR', 0x24, 'HALVE (long HFP)', long, long, half(long)),
  row('LEDR', 0x35, 'LOAD ROUNDED (long to short HFP)', long, short, shorter(long, short)),
  row('LDXR', 0x25, 'LOAD ROUNDED (extended to long HFP)', extended, long, shorter(extended, long)),
  row('LEXR', 0xb366, 'LOAD ROUNDED (extended to short HFP)', extended, short, shorter(extended, short)),
  row('LXDR', 0xb325, lengthenedTitle(long), long, extended, longer(long)),
  row('LXER', 0xb326, lengthenedTitle(short), short, extended, longer(short)),
  storageRow('LXD', 0xed25, lengthenedTitle(long), long, extended, longer(long)),
  storageRow('LXE', 0xed26, lengthenedTitle(short), short, extended, longer(short)),
  row('SQER', 0xb245, rootTitle(short), short, short, root(short)),
  row('SQDR', 0xb244, rootTitle(long), long, long, root(long)),
  row('SQXR', 0xb336, rootTitle(extended), extended, extended, root(extended)),
  storageRow('SQE', 0xed34, rootTitle(short), short, short, root(short)),
  storageRow('SQD', 0xed35, rootTitle(long), long, long, root(long)),
  row('FIER', 0xb377, 'LOAD FP INTEGER (short HFP)', short, short, integer(short)),
  row('FIDR', 0xb37f, 'LOAD FP INTEGER (long HFP)', long, long, integer(long)),
  row('FIXR', 0xb367, 'LOAD FP INTEGER (extended HFP)', extended, extended, integer(extended)),
];
