/** PoP, "Binary-Floating-Point Instructions": CONVERT TO FIXED and CONVERT TO LOGICAL. */

import { asF32, asF64 } from '../../../../ir/floating.ts';
import type { I32, Node } from '../../../../ir/node.ts';
import { type IntegerRange, integerRanges, toInteger } from '../../../../soft-float/convert.ts';
import { type BfpFormat, extended, long, short } from '../../../../soft-float/format.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { conclude, effects, type ModifierAge, modifiedEnvironment, operand } from './helpers.ts';
import { nearbyInteger, plainMethod } from './nearby.ts';
import { bfpInstruction, requirePair, signCc } from './operand.ts';

type Convert = BoundHelper<readonly ['i32', 'i32', 'i32', 'i32'], undefined>;

function converter(name: string, from: BfpFormat, range: IntegerRange, word: boolean, age: ModifierAge): Convert {
  return helper(name, { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2, m3, m4) => {
    const env = modifiedEnvironment(vcpu, m3, m4, age);
    const outcome = toInteger(from, env, operand(vcpu, from, r2), range);
    conclude(vcpu, outcome, () => {
      if (word) vcpu.setGrLow(r1, Number(BigInt.asUintN(32, outcome.value)));
      else vcpu.setGr(r1, BigInt.asUintN(64, outcome.value));
      vcpu.cc = outcome.cc;
    });
  });
}

interface Target {
  readonly letter: 'F' | 'G' | 'LF' | 'LG';
  readonly title: string;
  readonly op: number;
  readonly range: IntegerRange;
  readonly signed: boolean;
}

const targets: readonly Target[] = [
  { letter: 'F', title: 'CONVERT TO FIXED', op: 0xb398, range: integerRanges.fixed32, signed: true },
  { letter: 'G', title: 'CONVERT TO FIXED', op: 0xb3a8, range: integerRanges.fixed64, signed: true },
  { letter: 'LF', title: 'CONVERT TO LOGICAL', op: 0xb39c, range: integerRanges.logical32, signed: false },
  { letter: 'LG', title: 'CONVERT TO LOGICAL', op: 0xb3ac, range: integerRanges.logical64, signed: false },
];

const sources = [
  { letter: 'E', format: short, op: 0 },
  { letter: 'D', format: long, op: 1 },
  { letter: 'X', format: extended, op: 2 },
] as const;

/** 1 when an integral number lies in the range. The bounds are numbers of both formats, the upper one itself is out. */
export function inRange<T extends 'f32' | 'f64'>($: Sem, value: Node<T>, range: IntegerRange): I32 {
  return $.and($.cmp('ge', value, Number(range.least)), $.cmp('lt', value, Number(range.greatest + 1n)));
}

function row(target: Target, source: (typeof sources)[number]): Row {
  const { signed, range } = target;
  const word = target.letter === 'F' || target.letter === 'LF';
  const mnemonic = `C${target.letter}${source.letter}BR${signed ? 'A' : ''}`;
  const exactly = converter(
    `bfp-convert-${mnemonic}`,
    source.format,
    range,
    word,
    signed ? 'm3-always' : 'with-extension',
  );
  const facility = signed ? 'zarch' : 'floating-point-extension';
  const title = `${target.title} (${source.format.name} BFP to ${word ? 32 : 64})`;
  return insn(mnemonic, { op: target.op + source.op, fmt: 'RRF_e', title, facility }, ($, f) => {
    bfpInstruction($);
    if (source.format === extended) requirePair($, f.r2);
    const slow = (): void => $.callVoid(exactly, $.field(f.r1), $.field(f.r2), $.field(f.m3), $.field(f.m4));
    if (source.format === extended) return slow();
    const fast = <T extends 'f32' | 'f64'>(value: Node<T>): void => {
      const n = nearbyInteger($, value, $.field(f.m3));
      const suits = $.and(plainMethod($, f.m3, f.m4), inRange($, n.value, range));
      $.when(
        $.and(suits, n.unnoticed()),
        () => {
          const how = `trunc_sat_${value.ty}_${signed ? 's' : 'u'}`;
          if (word) $.setGrLow(f.r1, $.conv('i32', how, n.value));
          else $.setGr(f.r1, $.conv('i64', how, n.value));
          $.setCc(signCc($, value));
        },
        slow,
      );
    };
    if (source.format === short) fast(asF32($, $.fprShort(f.r2)));
    else fast(asF64($, $.fpr(f.r2)));
  });
}

/** Conversions of all formats to integers. */
export const toIntegerRows: readonly Row[] = targets.flatMap((target) => sources.map((source) => row(target, source)));
