/** Power ISA, Book I, "Vector Facility": permutes, logic, comparisons, and integer arithmetic that wraps. */

import { field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import { BYTE, choose, letters, permuted, places, type Size, sizes, splatWord } from './lanes.ts';
import { binary, comparison, simple, ternary, withImmediate } from './rows.ts';

const shifted = form({ vrt: field.vr(6), vra: field.vr(11), vrb: field.vr(16), shb: field.bits(22, 4) });
const immediate = form({ vrt: field.vr(6), sim: field.bits(11, 5) });

const shapes = ['i8x16', 'i16x8', 'i32x4'] as const;

const merge = (mnemonic: string, extended: number, size: Size, low: boolean, title: string): Row[] =>
  binary(mnemonic, extended, title, ($, a, b) => {
    const bytes = 1 << size;
    const place = (n: number): number => {
      const element = n >> size;
      const from = (low ? 8 : 0) + (element >> 1) * bytes + (n % bytes);
      return element % 2 === 0 ? from : from + 16;
    };
    return permuted($, a, b, places($, place));
  });

const splatOf = (mnemonic: string, extended: number, size: Size, title: string): Row[] =>
  insn(mnemonic, { op: op.vx(4, extended), form: withImmediate, title }, ($, f) => {
    $.needsVector();
    const bytes = 1 << size;
    const first = $.mul($.and($.field(f.uim), 16 / bytes - 1), $.i32(bytes));
    const within = places($, (place) => place % bytes);
    const index = $.bin('i8x16.add', splatWord($, BYTE, first), within);
    const b = $.vsr(f.vrb);
    $.setVsr(f.vrt, permuted($, b, b, index));
  });

const splatImmediate = (mnemonic: string, extended: number, size: Size, title: string): Row[] =>
  insn(mnemonic, { op: op.vx(4, extended), form: immediate, title }, ($, f) => {
    $.needsVector();
    $.setVsr(f.vrt, splatWord($, size, $.shrS($.shl($.field(f.sim), 27), 27)));
  });

const compare = (mnemonic: string, extended: number, operation: string, title: string): Row[] =>
  comparison(mnemonic, extended, title, ($, a, b) => $.bin(operation, a, b));

const integers: readonly Row[] = sizes.flatMap((size) => {
  const [letter, shape, at] = [letters[size], shapes[size], 64 * size];
  return [
    ...simple(`vaddu${letter}m`, at, `${shape}.add`, 'Vector Add Unsigned Modulo'),
    ...simple(`vsubu${letter}m`, 1024 + at, `${shape}.sub`, 'Vector Subtract Unsigned Modulo'),
    ...simple(`vmaxu${letter}`, 2 + at, `${shape}.max_u`, 'Vector Maximum Unsigned'),
    ...simple(`vmaxs${letter}`, 258 + at, `${shape}.max_s`, 'Vector Maximum Signed'),
    ...simple(`vminu${letter}`, 514 + at, `${shape}.min_u`, 'Vector Minimum Unsigned'),
    ...simple(`vmins${letter}`, 770 + at, `${shape}.min_s`, 'Vector Minimum Signed'),
    ...compare(`vcmpequ${letter}`, 6 + at, `${shape}.eq`, 'Vector Compare Equal To Unsigned'),
    ...compare(`vcmpgtu${letter}`, 518 + at, `${shape}.gt_u`, 'Vector Compare Greater Than Unsigned'),
    ...compare(`vcmpgts${letter}`, 774 + at, `${shape}.gt_s`, 'Vector Compare Greater Than Signed'),
  ];
});

/** The instructions. */
export const vectorIntegers: readonly Row[] = [
  ...integers,
  ...simple('vand', 1028, 'v128.and', 'Vector Logical AND'),
  ...simple('vandc', 1092, 'v128.andnot', 'Vector Logical AND with Complement'),
  ...simple('vor', 1156, 'v128.or', 'Vector Logical OR'),
  ...simple('vxor', 1220, 'v128.xor', 'Vector Logical XOR'),
  ...binary('vnor', 1284, 'Vector Logical NOR', ($, a, b) => $.un('v128.not', $.bin('v128.or', a, b))),
  ...merge('vmrghb', 12, 0, false, 'Vector Merge High Byte'),
  ...merge('vmrghh', 76, 1, false, 'Vector Merge High Halfword'),
  ...merge('vmrghw', 140, 2, false, 'Vector Merge High Word'),
  ...merge('vmrglb', 268, 0, true, 'Vector Merge Low Byte'),
  ...merge('vmrglh', 332, 1, true, 'Vector Merge Low Halfword'),
  ...merge('vmrglw', 396, 2, true, 'Vector Merge Low Word'),
  ...splatOf('vspltb', 524, 0, 'Vector Splat Byte'),
  ...splatOf('vsplth', 588, 1, 'Vector Splat Halfword'),
  ...splatOf('vspltw', 652, 2, 'Vector Splat Word'),
  ...splatImmediate('vspltisb', 780, 0, 'Vector Splat Immediate Signed Byte'),
  ...splatImmediate('vspltish', 844, 1, 'Vector Splat Immediate Signed Halfword'),
  ...splatImmediate('vspltisw', 908, 2, 'Vector Splat Immediate Signed Word'),
  ...ternary('vperm', 0x2b, 'Vector Permute', permuted),
  ...ternary('vsel', 0x2a, 'Vector Select', ($, a, b, c) => choose($, c, b, a)),
  ...insn(
    'vsldoi',
    { op: op.exactly(0x1000_002c, 0xfc00_003f), form: shifted, title: 'Vector Shift Left Double by Octet Immediate' },
    ($, f) => {
      $.needsVector();
      const first = splatWord($, BYTE, $.field(f.shb));
      const index = $.bin(
        'i8x16.add',
        first,
        places($, (place) => place),
      );
      $.setVsr(f.vrt, permuted($, $.vsr(f.vra), $.vsr(f.vrb), index));
    },
  ),
];
