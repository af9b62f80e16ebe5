/** PoP, "Binary-Floating-Point Instructions": CONVERT FROM FIXED and CONVERT FROM LOGICAL. */

import { bitsOfF32, bitsOfF64 } from '../../../../ir/floating.ts';
import type { F32, F64, I32, I64 } from '../../../../ir/node.ts';
import { fromInteger } from '../../../../soft-float/convert.ts';
import { type BfpFormat, extended, long, short } from '../../../../soft-float/format.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { extendedOfInteger, setExtendedPair } from './extended.ts';
import { fastOr } from './fast.ts';
import { conclude, effects, type ModifierAge, modifiedEnvironment, setOperand } from './helpers.ts';
import { bfpInstruction, requirePair } from './operand.ts';

type Convert = BoundHelper<readonly ['i32', 'i64', 'i32', 'i32'], undefined>;

function converter(name: string, to: BfpFormat, signed: boolean, age: ModifierAge): Convert {
  return helper(
    name,
    { params: ['i32', 'i64', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, value, m3, m4) => {
      const env = modifiedEnvironment(vcpu, m3, m4, age);
      const outcome = fromInteger(to, env, signed ? value : BigInt.asUintN(64, value));
      conclude(vcpu, outcome, () => setOperand(vcpu, to, r1, outcome.value));
    },
  );
}

const LARGEST = 0x7fff_ffff_ffff_ffffn;

/** 1 when a conversion lost nothing: back again, it is the same. The largest integers would saturate on the way back. */
export function cameBack($: Sem, source: I64, result: F32 | F64, signed: boolean): I32 {
  const back = $.conv('i64', `trunc_sat_${result.ty}_${signed ? 's' : 'u'}`, result);
  return $.and($.eq(back, source), $.ne(source, signed ? LARGEST : -1n));
}

interface Source {
  readonly letter: 'F' | 'G' | 'LF' | 'LG';
  readonly title: string;
  readonly op: number;
  readonly signed: boolean;
}

const sources: readonly Source[] = [
  { letter: 'F', title: 'CONVERT FROM FIXED (32 to', op: 0xb394, signed: true },
  { letter: 'G', title: 'CONVERT FROM FIXED (64 to', op: 0xb3a4, signed: true },
  { letter: 'LF', title: 'CONVERT FROM LOGICAL (32 to', op: 0xb390, signed: false },
  { letter: 'LG', title: 'CONVERT FROM LOGICAL (64 to', op: 0xb3a0, signed: false },
];

const targets = [
  { letter: 'E', format: short, op: 0 },
  { letter: 'D', format: long, op: 1 },
  { letter: 'X', format: extended, op: 2 },
] as const;

function row(source: Source, target: (typeof targets)[number]): Row {
  const { signed } = source;
  // The modifiers of the signed conversions came with the floating-point extension facility, as the unsigned ones did.
  const mnemonic = `C${target.letter}${source.letter}BR${signed ? 'A' : ''}`;
  const exactly = converter(`bfp-convert-${mnemonic}`, target.format, signed, 'with-extension');
  const facility = signed ? 'zarch' : 'floating-point-extension';
  const title = `${source.title} ${target.format.name} BFP)`;
  return insn(mnemonic, { op: source.op + target.op, fmt: 'RRF_e', title, facility }, ($, f) => {
    bfpInstruction($);
    if (target.format === extended) requirePair($, f.r1);
    const word = source.letter === 'F' || source.letter === 'LF';
    const value = word ? (signed ? $.sext($.grLow(f.r2)) : $.zext($.grLow(f.r2))) : $.gr(f.r2);
    const slow = (): void => $.callVoid(exactly, $.field(f.r1), value, $.field(f.m3), $.field(f.m4));
    const plain = $.isZero($.or($.field(f.m3), $.field(f.m4)));
    if (target.format === extended)
      return $.when(plain, () => setExtendedPair($, f.r1, extendedOfInteger($, value, signed)), slow);
    const suffix = signed ? 's' : 'u';
    if (target.format === short) {
      const result = $.conv('f32', `convert_i64_${suffix}`, value);
      return fastOr($, {
        safe: plain,
        exact: () => cameBack($, value, result, signed),
        place: () => $.setFprShort(f.r1, bitsOfF32($, result)),
        slow,
      });
    }
    const result = $.conv('f64', `convert_i64_${suffix}`, value);
    // Every word is a long number: nothing in the FPC matters.
    if (word) return $.when(plain, () => $.setFpr(f.r1, bitsOfF64($, result)), slow);
    return fastOr($, {
      safe: plain,
      exact: () => cameBack($, value, result, signed),
      place: () => $.setFpr(f.r1, bitsOfF64($, result)),
      slow,
    });
  });
}

/** Conversions of integers to all formats. */
export const fromIntegerRows: readonly Row[] = sources.flatMap((source) =>
  targets.map((target) => row(source, target)),
);
