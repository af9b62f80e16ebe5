/** Power ISA 2.07, Book I, "Vector Facility": steps of AES and of SHA-2. */

import type { V128 } from '../../../../ir/node.ts';
import { field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { BYTE, choose, DOUBLEWORD, places, shifted, splat, splatWord, WORD } from './lanes.ts';
import { binary } from './rows.ts';

// ---- AES (FIPS 197): a register holds the state column by column, from the left

const doubled = (a: number): number => ((a << 1) ^ (a >> 7 === 0 ? 0 : 0x11b)) & 0xff;

/** The S-box: the inverse in the field of 256 elements, and then an affine map. 3 has every element but 0 as a power. */
function makeSubstitution(): readonly number[] {
  const powers = [1];
  for (let n = 1; n < 255; n++) {
    const last = powers[n - 1] ?? 0;
    powers.push(doubled(last) ^ last);
  }
  const box = new Array<number>(256).fill(0x63);
  powers.forEach((a, n) => {
    const inverse = powers[(255 - n) % 255] ?? 0;
    const rotated = (by: number): number => ((inverse << by) | (inverse >> (8 - by))) & 0xff;
    box[a] = inverse ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63;
  });
  return box;
}

const substitution = makeSubstitution();
const inverseSubstitution = substitution.reduce<number[]>((all, to, from) => {
  all[to] = from;
  return all;
}, []);

/** Each byte's entry of a table, sixteen entries at a time: a lane number out of reach gives zero. */
function substituted($: Sem, table: readonly number[], a: V128): V128 {
  let found = splat($, BYTE, 0);
  for (let from = 0; from < 256; from += 16) {
    const entries = places($, (place) => table[from + 15 - place] ?? 0);
    const lane = from === 0 ? a : $.bin('i8x16.sub', a, splat($, BYTE, from));
    found = $.bin('v128.or', found, $.bin('i8x16.swizzle', entries, lane));
  }
  return found;
}

/** The bytes at other places, both counted from the left. */
function arranged($: Sem, a: V128, from: (place: number) => number): V128 {
  return $.bin(
    'i8x16.swizzle',
    a,
    places($, (place) => 15 - from(place)),
  );
}

/** The bytes of each row of the state that lie so many columns on. */
const rowsShifted = ($: Sem, a: V128, direction: 1 | -1): V128 =>
  arranged($, a, (place) => (place + 16 + direction * 4 * (place & 3)) & 15);

/** Bytes of the same column, so many rows on. */
const rowsOn = ($: Sem, a: V128, rows: number): V128 => arranged($, a, (place) => (place & 12) | ((place + rows) & 3));

/** Each byte times x in the field. */
function timesX($: Sem, a: V128): V128 {
  const reduction = $.bin('v128.and', shifted($, BYTE, 'shr_s', a, 7), splat($, BYTE, 0x1b));
  return $.bin('v128.xor', $.bin('i8x16.add', a, a), reduction);
}

const xor = ($: Sem, ...operands: readonly [V128, ...V128[]]): V128 =>
  operands.slice(1).reduce((all, a) => $.bin('v128.xor', all, a), operands[0]);

/** Columns times 3x^3 + x^2 + x + 2. */
function columnsMixed($: Sem, a: V128): V128 {
  const next = rowsOn($, a, 1);
  return xor($, timesX($, xor($, a, next)), next, rowsOn($, a, 2), rowsOn($, a, 3));
}

/** The contrary: by 4x^2 + 5 first, which makes the one of the other. */
function columnsUnmixed($: Sem, a: V128): V128 {
  const twice = timesX($, xor($, a, rowsOn($, a, 2)));
  return columnsMixed($, xor($, a, timesX($, twice)));
}

const enciphered = ($: Sem, state: V128): V128 => rowsShifted($, substituted($, substitution, state), 1);
const deciphered = ($: Sem, state: V128): V128 => substituted($, inverseSubstitution, rowsShifted($, state, -1));

const ciphers: readonly Row[] = [
  ...binary('vcipher', 1288, 'Vector AES Cipher', ($, a, b) => xor($, columnsMixed($, enciphered($, a)), b)),
  ...binary('vcipherlast', 1289, 'Vector AES Cipher Last', ($, a, b) => xor($, enciphered($, a), b)),
  ...binary('vncipher', 1352, 'Vector AES Inverse Cipher', ($, a, b) => columnsUnmixed($, xor($, deciphered($, a), b))),
  ...binary('vncipherlast', 1353, 'Vector AES Inverse Cipher Last', ($, a, b) => xor($, deciphered($, a), b)),
  ...insn(
    'vsbox',
    {
      op: op.exactly((4 << 26) | 1480, 0xfc00_07ff),
      form: form({ vrt: field.vr(6), vra: field.vr(11) }),
      title: 'Vector AES SubBytes',
    },
    ($, f) => {
      $.needsVector();
      $.setVsr(f.vrt, substituted($, substitution, $.vsr(f.vra)));
    },
  ),
];

// ---- SHA-2 (FIPS 180)

/** Two distances of rotations to the right, and a third one, of a rotation or of a shift. */
interface Sigma {
  readonly rotations: readonly number[];
  readonly shift?: number;
}
type Wide = typeof WORD | typeof DOUBLEWORD;

/** Elements rotated by distances, and shifted by one, without carries added. */
function sigma($: Sem, size: Wide, { rotations, shift }: Sigma, a: V128): V128 {
  const bits = 8 << size;
  const rotated = (by: number): V128 =>
    $.bin('v128.or', shifted($, size, 'shr_u', a, by), shifted($, size, 'shl', a, bits - by));
  const [first, ...others] = rotations.map(rotated);
  if (first === undefined) throw new Error('there are rotations');
  return xor($, first, ...others, ...(shift === undefined ? [] : [shifted($, size, 'shr_u', a, shift)]));
}

const sigmaForm = form({ vrt: field.vr(6), vra: field.vr(11), six: field.bits(17, 4) });

/** A form of `vshasigma`: of the two functions an element's bit of SIX chooses one. */
function sigmas(mnemonic: string, extended: number, size: Wide, st: 0 | 1, functions: readonly [Sigma, Sigma]): Row[] {
  const opcode = op.exactly((4 << 26) | extended | (st << 15), 0xfc00_87ff);
  const title = `Vector SHA-${size === WORD ? '256' : '512'} Sigma`;
  return insn(st === 0 ? mnemonic : `${mnemonic} 1`, { op: opcode, form: sigmaForm, title }, ($, f) => {
    $.needsVector();
    const a = $.vsr(f.vra);
    // A doubleword has two bits, of which the first counts.
    const own = size === WORD ? $.quad($.i64(0x8_0000_0004n), $.i64(0x2_0000_0001n)) : $.quad($.i64(8), $.i64(2));
    const six = splatWord($, WORD, $.field(f.six));
    const chosen = $.bin('v128.and', six, own);
    const second = $.bin(size === WORD ? 'i32x4.eq' : 'i64x2.eq', chosen, own);
    $.setVsr(f.vrt, choose($, second, sigma($, size, functions[1], a), sigma($, size, functions[0], a)));
  });
}

/** The instructions. */
export const vectorCiphers: readonly Row[] = [
  ...ciphers,
  ...sigmas('vshasigmaw', 1666, WORD, 0, [
    { rotations: [7, 18], shift: 3 },
    { rotations: [17, 19], shift: 10 },
  ]),
  ...sigmas('vshasigmaw', 1666, WORD, 1, [{ rotations: [2, 13, 22] }, { rotations: [6, 11, 25] }]),
  ...sigmas('vshasigmad', 1730, DOUBLEWORD, 0, [
    { rotations: [1, 8], shift: 7 },
    { rotations: [19, 61], shift: 6 },
  ]),
  ...sigmas('vshasigmad', 1730, DOUBLEWORD, 1, [{ rotations: [28, 34, 39] }, { rotations: [14, 18, 41] }]),
];
