/** PoP, "Binary-Floating-Point Instructions": LOAD AND TEST, COMPLEMENT, NEGATIVE, POSITIVE, and TEST DATA CLASS. */

import { asF32, asF64, isNumber } from '../../../../ir/floating.ts';
import type { I32, I64, Node } from '../../../../ir/node.ts';
import { propagated } from '../../../../soft-float/arithmetic.ts';
import { dataClass } from '../../../../soft-float/compare.ts';
import { type Environment, exact, type Outcome } from '../../../../soft-float/environment.ts';
import { type BfpFormat, decode, extended, long, short } from '../../../../soft-float/format.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { operand, unary, unaryPair } from './helpers.ts';
import { bfpInstruction, requirePair, signCc } from './operand.ts';
import { longRows, pairRow, shortRows } from './source.ts';

/** The operand itself; a signaling NaN is invalid. */
function tested(f: BfpFormat, env: Environment, a: bigint): Outcome {
  return propagated(f, env, [decode(f, a)]) ?? exact(a);
}

const testShort = unary({ name: 'loadAndTestShort', from: short, setsCc: true }, (env, a) => tested(short, env, a));
const testLong = unary({ name: 'loadAndTestLong', from: long, setsCc: true }, (env, a) => tested(long, env, a));
const testExtended = unaryPair({ name: 'loadAndTestExtended', from: extended, setsCc: true }, (env, a) =>
  tested(extended, env, a),
);

const SHORT_SIGN = 0x8000_0000 | 0;
const LONG_SIGN = 0x8000_0000_0000_0000n;

/** What becomes of the sign bit: of bits 0-31 of an operand, and of bits 0-63. */
interface SignRule {
  readonly title: string;
  /** Mnemonics end in EBR, DBR, XBR; opcodes in 0xb300, 0xb310, 0xb340 plus this. */
  readonly letter: string;
  readonly op: number;
  short($: Sem, bits: I32): I32;
  long($: Sem, bits: I64): I64;
}

const signRules: readonly SignRule[] = [
  {
    title: 'LOAD POSITIVE',
    letter: 'LP',
    op: 0,
    short: ($, bits) => $.and(bits, ~SHORT_SIGN),
    long: ($, bits) => $.and(bits, ~LONG_SIGN),
  },
  {
    title: 'LOAD NEGATIVE',
    letter: 'LN',
    op: 1,
    short: ($, bits) => $.or(bits, SHORT_SIGN),
    long: ($, bits) => $.or(bits, LONG_SIGN),
  },
  {
    title: 'LOAD COMPLEMENT',
    letter: 'LC',
    op: 3,
    short: ($, bits) => $.xor(bits, SHORT_SIGN),
    long: ($, bits) => $.xor(bits, LONG_SIGN),
  },
];

/** Condition code of a value that may be a NaN, which makes it 3. */
function fullCc<T extends 'f32' | 'f64'>($: Sem, value: Node<T>): I32 {
  return $.select(isNumber($, value), signCc($, value), 3);
}

// The magnitude is zero when all bits but the sign are; a NaN has more than the bits of an infinity.
function extendedCc($: Sem, high: I64, low: I64): I32 {
  const magnitude = $.and(high, ~LONG_SIGN);
  const zero = $.isZero($.or(magnitude, low));
  const infinity = 0x7fff_0000_0000_0000n;
  const nan = $.or($.gtU(magnitude, infinity), $.and($.eq(magnitude, infinity), $.ne(low, 0)));
  const signed = $.select($.ltS(high, 0), $.i32(1), 2);
  return $.select(nan, $.i32(3), $.select(zero, $.i32(0), signed));
}

function signRows({ title, letter, op, short: onShort, long: onLong }: SignRule): Row[] {
  return [
    ...shortRows({ register: [`${letter}EBR`, 0xb300 + op], title: `${title} (short BFP)` }, ($, r1, second) => {
      const bits = onShort($, second);
      $.setFprShort(r1, bits);
      $.setCc(fullCc($, asF32($, bits)));
    }),
    ...longRows({ register: [`${letter}DBR`, 0xb310 + op], title: `${title} (long BFP)` }, ($, r1, second) => {
      const bits = onLong($, second);
      $.setFpr(r1, bits);
      $.setCc(fullCc($, asF64($, bits)));
    }),
    pairRow(`${letter}XBR`, 0xb340 + op, `${title} (extended BFP)`, ($, r1, r2) => {
      const high = onLong($, $.fpr(r2));
      const low = $.fpr(r2, 2);
      $.setFpr(r1, high);
      $.setFpr(r1, low, 2);
      $.setCc(extendedCc($, high, low));
    }),
  ];
}

function classHelper(name: string, f: BfpFormat): BoundHelper<readonly ['i32', 'i32'], 'i32'> {
  return helper(`bfp-${name}`, { params: ['i32', 'i32'], result: 'i32', effects: {} }, (vcpu, r1, mask) =>
    (dataClass(f, operand(vcpu, f, r1)) & mask) === 0 ? 0 : 1,
  );
}

function testClassRow(mnemonic: string, op: number, f: BfpFormat): Row {
  const classIn = classHelper(`testDataClass-${f.name}`, f);
  const title = `TEST DATA CLASS (${f.name} BFP)`;
  return insn(mnemonic, { op, fmt: 'RXE', title, facility: 'zarch', ignores: ['m3'] }, ($, f2) => {
    bfpInstruction($);
    if (f === extended) requirePair($, f2.r1);
    $.setCc($.call(classIn, $.field(f2.r1), $.and($.wrap($.address2(f2).at), 0xfff)));
  });
}

function place($: Sem, cc: I32, set: () => void): void {
  set();
  $.setCc(cc);
}

/** Signs and classes of all formats. */
export const signRowsOfBfp: readonly Row[] = [
  ...shortRows({ register: ['LTEBR', 0xb302], title: 'LOAD AND TEST (short BFP)' }, ($, r1, second) => {
    const value = asF32($, second);
    $.when(
      isNumber($, value),
      () => place($, signCc($, value), () => $.setFprShort(r1, second)),
      () => $.callVoid(testShort, $.field(r1), $.zext(second)),
    );
  }),
  ...longRows({ register: ['LTDBR', 0xb312], title: 'LOAD AND TEST (long BFP)' }, ($, r1, second) => {
    const value = asF64($, second);
    $.when(
      isNumber($, value),
      () => place($, signCc($, value), () => $.setFpr(r1, second)),
      () => $.callVoid(testLong, $.field(r1), second),
    );
  }),
  pairRow('LTXBR', 0xb342, 'LOAD AND TEST (extended BFP)', ($, r1, r2) =>
    $.callVoid(testExtended, $.field(r1), $.field(r2)),
  ),
  ...signRules.flatMap(signRows),
  testClassRow('TCEB', 0xed10, short),
  testClassRow('TCDB', 0xed11, long),
  testClassRow('TCXB', 0xed12, extended),
];
