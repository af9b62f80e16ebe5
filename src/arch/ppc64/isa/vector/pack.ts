/** Power ISA, Book I, "Vector Facility": packing elements into half their width, and unpacking them. */

import type { V128 } from '../../../../ir/node.ts';
import type { Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { any, BYTE, extended, HALFWORD, lanewise, rightHalves, type Size, shifted, splat, WORD } from './lanes.ts';
import { binary, saturated, unary } from './rows.ts';

type Signs = 'uu' | 'su' | 'ss';

/** Elements moved into the range of half their width; `size` is that of the halves. */
export function intoRange($: Sem, size: 0 | 1, signs: Signs, a: V128): V128 {
  const wide = size === BYTE ? HALFWORD : WORD;
  const bits = 8 << size;
  const greatest = signs === 'ss' ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  if (signs === 'uu') return lanewise($, wide, 'min_u', a, splat($, wide, greatest));
  const least = signs === 'ss' ? -(2 ** (bits - 1)) : 0;
  return lanewise($, wide, 'max_s', lanewise($, wide, 'min_s', a, splat($, wide, greatest)), splat($, wide, least));
}

function packed($: Sem, size: 0 | 1, signs: Signs, a: V128, b: V128): V128 {
  const [x, y] = [intoRange($, size, signs, a), intoRange($, size, signs, b)];
  saturated($, any($, $.bin('v128.or', $.bin('v128.xor', a, x), $.bin('v128.xor', b, y))));
  return rightHalves($, size, x, y);
}

/** A pixel of 8 bits for each of three colours as one of 5 bits, in the right half of a word. */
function pixels($: Sem, a: V128): V128 {
  const part = (by: number, mask: number): V128 =>
    $.bin('v128.and', shifted($, WORD, 'shr_u', a, by), splat($, WORD, mask));
  return $.bin('v128.or', $.bin('v128.or', part(9, 0xfc00), part(6, 0x3e0)), part(3, 0x1f));
}

/** The same the other way round; the first bit fills a byte. */
function unpackedPixels($: Sem, half: 'high' | 'low', b: V128): V128 {
  const words = extended($, HALFWORD, half, true, b);
  const part = (by: number, mask: number): V128 =>
    $.bin('v128.and', shifted($, WORD, 'shl', words, by), splat($, WORD, mask));
  const colours = $.bin('v128.or', $.bin('v128.or', part(6, 0x1f_0000), part(3, 0x1f00)), part(0, 0x1f));
  return $.bin('v128.or', part(0, -0x100_0000), colours);
}

const pack = (mnemonic: string, extended_: number, size: 0 | 1, signs: Signs): Row[] =>
  binary(mnemonic, extended_, `Vector Pack ${signs === 'uu' ? 'Unsigned' : 'Signed'} Saturate`, ($, a, b) =>
    packed($, size, signs, a, b),
  );
const modulo = (mnemonic: string, extended_: number, size: Size): Row[] =>
  binary(mnemonic, extended_, 'Vector Pack Unsigned Modulo', ($, a, b) => rightHalves($, size, a, b));
const unpack = (mnemonic: string, extended_: number, size: Size, half: 'high' | 'low'): Row[] =>
  unary(mnemonic, extended_, `Vector Unpack ${half === 'high' ? 'High' : 'Low'} Signed`, ($, b) =>
    extended($, size, half, true, b),
  );

/** The instructions. */
export const vectorPacks: readonly Row[] = [
  ...modulo('vpkuhum', 14, BYTE),
  ...modulo('vpkuwum', 78, HALFWORD),
  ...pack('vpkuhus', 142, BYTE, 'uu'),
  ...pack('vpkuwus', 206, HALFWORD, 'uu'),
  ...pack('vpkshus', 270, BYTE, 'su'),
  ...pack('vpkswus', 334, HALFWORD, 'su'),
  ...pack('vpkshss', 398, BYTE, 'ss'),
  ...pack('vpkswss', 462, HALFWORD, 'ss'),
  ...binary('vpkpx', 782, 'Vector Pack Pixel', ($, a, b) => rightHalves($, HALFWORD, pixels($, a), pixels($, b))),
  ...unpack('vupkhsb', 526, BYTE, 'high'),
  ...unpack('vupkhsh', 590, HALFWORD, 'high'),
  ...unpack('vupklsb', 654, BYTE, 'low'),
  ...unpack('vupklsh', 718, HALFWORD, 'low'),
  ...unary('vupkhpx', 846, 'Vector Unpack High Pixel', ($, b) => unpackedPixels($, 'high', b)),
  ...unary('vupklpx', 974, 'Vector Unpack Low Pixel', ($, b) => unpackedPixels($, 'low', b)),
];
