/** Power ISA, Book I, "Vector Facility": permutes, logic, and integer arithmetic that wraps. */

import type { I32, V128 } from '../../../../ir/node.ts';
import { type Fields, field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const three = form({ vrt: field.vr(6), vra: field.vr(11), vrb: field.vr(16) });
type Three = Fields<Record<'vrt' | 'vra' | 'vrb', unknown>>;
const four = form({ vrt: field.vr(6), vra: field.vr(11), vrb: field.vr(16), vrc: field.vr(21) });
const shifted = form({ vrt: field.vr(6), vra: field.vr(11), vrb: field.vr(16), shb: field.bits(22, 4) });
const splat = form({ vrt: field.vr(6), uim: field.bits(11, 5), vrb: field.vr(16) });
const immediate = form({ vrt: field.vr(6), sim: field.bits(11, 5) });

type Meaning = ($: Sem, a: V128, b: V128) => V128;

const binary = (mnemonic: string, extended: number, title: string, meaning: Meaning): Row[] =>
  insn(mnemonic, { op: op.vx(4, extended), form: three, title }, ($, f) => {
    $.needsVector();
    $.setVsr(f.vrt, meaning($, $.vsr(f.vra), $.vsr(f.vrb)));
  });
/** By one of WebAssembly's operations. */
const simple = (mnemonic: string, extended: number, operation: string, title: string): Row[] =>
  binary(mnemonic, extended, title, ($, a, b) => $.bin(operation, a, b));

/** Comparisons that say in CR field 6, in their forms with a dot, whether all or none of the elements are so. */
const comparison = (mnemonic: string, extended: number, operation: string, title: string): Row[] =>
  [false, true].flatMap((record) =>
    insn(
      record ? `${mnemonic}.` : mnemonic,
      { op: op.vx(4, extended | (record ? 0x400 : 0)), form: three, title },
      ($, f: Three) => {
        $.needsVector();
        const value = $.bin(operation, $.vsr(f.vra), $.vsr(f.vrb));
        $.setVsr(f.vrt, value);
        if (!record) return;
        const all = $.conv('i32', 'i8x16.all_true', value);
        const none = $.isZero($.conv('i32', 'v128.any_true', value));
        $.setCrN(6, $.or($.shl(all, 3), $.shl(none, 1)));
      },
    ),
  );

const bytes = ($: Sem, n: I32): V128 => $.conv('v128', 'i8x16.splat', n);

/** The bytes of a and b, one behind the other, that the numbers from the left in c name. */
function permuted($: Sem, a: V128, b: V128, c: V128): V128 {
  const index = $.bin('v128.and', c, bytes($, $.i32(31)));
  // Places count from the left, lanes from the right; what is out of reach gives zeros.
  const inA = $.bin('i8x16.swizzle', a, $.bin('i8x16.sub', bytes($, $.i32(15)), index));
  const inB = $.bin('i8x16.swizzle', b, $.bin('i8x16.sub', bytes($, $.i32(31)), index));
  return $.bin('v128.or', inA, inB);
}

/** Numbers from the left for `permuted`. */
function places($: Sem, of: (place: number) => number): V128 {
  const half = (from: number): bigint =>
    Array.from({ length: 8 }, (_, i) => of(from + i)).reduce((all, n) => (all << 8n) | BigInt(n), 0n);
  return $.quad($.i64(half(0)), $.i64(half(8)));
}

const merge = (mnemonic: string, extended: number, size: 1 | 2 | 4, low: boolean, title: string): Row[] =>
  binary(mnemonic, extended, title, ($, a, b) =>
    permuted(
      $,
      a,
      b,
      places($, (place) => {
        const element = Math.floor(place / size);
        const from = (low ? 8 : 0) + Math.floor(element / 2) * size + (place % size);
        return element % 2 === 0 ? from : from + 16;
      }),
    ),
  );

const splatOf = (mnemonic: string, extended: number, size: 1 | 2 | 4, title: string): Row[] =>
  insn(mnemonic, { op: op.vx(4, extended), form: splat, title }, ($, f) => {
    $.needsVector();
    const first = $.mul($.and($.field(f.uim), 16 / size - 1), $.i32(size));
    const within = places($, (place) => place % size);
    const index = $.bin('i8x16.add', bytes($, first), within);
    const b = $.vsr(f.vrb);
    $.setVsr(f.vrt, permuted($, b, b, index));
  });

const splatImmediate = (mnemonic: string, extended: number, shape: string, title: string): Row[] =>
  insn(mnemonic, { op: op.vx(4, extended), form: immediate, title }, ($, f) => {
    $.needsVector();
    const value = $.shrS($.shl($.field(f.sim), 27), 27);
    $.setVsr(f.vrt, $.conv('v128', `${shape}.splat`, value));
  });

const integers: readonly Row[] = (
  [
    ['b', 'i8x16', 0],
    ['h', 'i16x8', 64],
    ['w', 'i32x4', 128],
  ] as const
).flatMap(([letter, shape, at]) => [
  ...simple(`vaddu${letter}m`, at, `${shape}.add`, 'Vector Add Unsigned Modulo'),
  ...simple(`vsubu${letter}m`, 1024 + at, `${shape}.sub`, 'Vector Subtract Unsigned Modulo'),
  ...simple(`vmaxu${letter}`, 2 + at, `${shape}.max_u`, 'Vector Maximum Unsigned'),
  ...simple(`vmaxs${letter}`, 258 + at, `${shape}.max_s`, 'Vector Maximum Signed'),
  ...simple(`vminu${letter}`, 514 + at, `${shape}.min_u`, 'Vector Minimum Unsigned'),
  ...simple(`vmins${letter}`, 770 + at, `${shape}.min_s`, 'Vector Minimum Signed'),
  ...comparison(`vcmpequ${letter}`, 6 + at, `${shape}.eq`, 'Vector Compare Equal To Unsigned'),
  ...comparison(`vcmpgtu${letter}`, 518 + at, `${shape}.gt_u`, 'Vector Compare Greater Than Unsigned'),
  ...comparison(`vcmpgts${letter}`, 774 + at, `${shape}.gt_s`, 'Vector Compare Greater Than Signed'),
]);

/** The instructions. */
export const vectorIntegers: readonly Row[] = [
  ...integers,
  ...simple('vand', 1028, 'v128.and', 'Vector Logical AND'),
  ...simple('vandc', 1092, 'v128.andnot', 'Vector Logical AND with Complement'),
  ...simple('vor', 1156, 'v128.or', 'Vector Logical OR'),
  ...simple('vxor', 1220, 'v128.xor', 'Vector Logical XOR'),
  ...binary('vnor', 1284, 'Vector Logical NOR', ($, a, b) => $.un('v128.not', $.bin('v128.or', a, b))),
  ...merge('vmrghb', 12, 1, false, 'Vector Merge High Byte'),
  ...merge('vmrghh', 76, 2, false, 'Vector Merge High Halfword'),
  ...merge('vmrghw', 140, 4, false, 'Vector Merge High Word'),
  ...merge('vmrglb', 268, 1, true, 'Vector Merge Low Byte'),
  ...merge('vmrglh', 332, 2, true, 'Vector Merge Low Halfword'),
  ...merge('vmrglw', 396, 4, true, 'Vector Merge Low Word'),
  ...splatOf('vspltb', 524, 1, 'Vector Splat Byte'),
  ...splatOf('vsplth', 588, 2, 'Vector Splat Halfword'),
  ...splatOf('vspltw', 652, 4, 'Vector Splat Word'),
  ...splatImmediate('vspltisb', 780, 'i8x16', 'Vector Splat Immediate Signed Byte'),
  ...splatImmediate('vspltish', 844, 'i16x8', 'Vector Splat Immediate Signed Halfword'),
  ...splatImmediate('vspltisw', 908, 'i32x4', 'Vector Splat Immediate Signed Word'),
  ...insn('vperm', { op: op.exactly(0x1000_002b, 0xfc00_003f), form: four, title: 'Vector Permute' }, ($, f) => {
    $.needsVector();
    $.setVsr(f.vrt, permuted($, $.vsr(f.vra), $.vsr(f.vrb), $.vsr(f.vrc)));
  }),
  ...insn('vsel', { op: op.exactly(0x1000_002a, 0xfc00_003f), form: four, title: 'Vector Select' }, ($, f) => {
    $.needsVector();
    const c = $.vsr(f.vrc);
    const chosen = $.bin('v128.and', $.vsr(f.vrb), c);
    $.setVsr(f.vrt, $.bin('v128.or', chosen, $.bin('v128.andnot', $.vsr(f.vra), c)));
  }),
  ...insn(
    'vsldoi',
    { op: op.exactly(0x1000_002c, 0xfc00_003f), form: shifted, title: 'Vector Shift Left Double by Octet Immediate' },
    ($, f) => {
      $.needsVector();
      const index = $.bin(
        'i8x16.add',
        bytes($, $.field(f.shb)),
        places($, (place) => place),
      );
      $.setVsr(f.vrt, permuted($, $.vsr(f.vra), $.vsr(f.vrb), index));
    },
  ),
];
