/** PoP, "General Instructions": INSERT CHARACTER(S), STORE CHARACTERS and COMPARE LOGICAL CHARACTERS UNDER MASK. */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I32 } from '../../../../ir/node.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { compareLogicalCc } from './arithmetic.ts';

type Masked = { readonly r1: Field; readonly m3: Field; readonly b2: Field; readonly d2: Field };

/** The word of which the instruction selects bytes. */
interface Word {
  get($: Sem, r1: Field): I32;
  set($: Sem, r1: Field, value: I32): void;
}

const low: Word = { get: ($, r1) => $.grLow(r1), set: ($, r1, value) => $.setGrLow(r1, value) };
const high: Word = { get: ($, r1) => $.grHigh(r1), set: ($, r1, value) => $.setGrHigh(r1, value) };

/** A mask of bits from a mask of bytes: eight ones for each of its four bits. */
function byteMask($: Sem, m3: I32): I32 {
  return $.mul($.and($.mul(m3, 0x0020_4081), 0x0101_0101), 0xff);
}

/** Does `each` for the bytes that the mask selects, the leftmost first; `shift` is the byte's distance from the right. */
function selectedBytes($: Sem, m3: Field, each: (shift: number) => void): void {
  for (const [bit, shift] of [
    [8, 24],
    [4, 16],
    [2, 8],
    [1, 0],
  ] as const) {
    $.when($.and($.field(m3), bit), () => each(shift));
  }
}

/** The bytes of a word that the mask selects, moved together to the right. */
function gathered($: Sem, m3: Field, word: I32): I32 {
  const out = $.variable($.i32(0));
  selectedBytes($, m3, (shift) => $.set(out, $.or($.shl($.get(out), 8), $.and($.shrU(word, shift), 0xff))));
  return $.get(out);
}

/** Stores the right three bytes of a word where they do not lie in one page at hand. */
const storeThree = helper(
  'storeThree',
  { params: ['i64', 'i32', 'i32'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, address, word, ar) => {
    const bytes = new Uint8Array([word >> 16, word >> 8, word]);
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), bytes, { space: 'current', ar });
  },
);

/** ICM: CC 0 all inserted bits zero or mask zero, 1 the first inserted bit one, 2 it is zero and not all are. */
function insertUnderMask($: Sem, f: Masked, word: Word): void {
  const address = $.address2(f);
  const inserted = $.variable($.i32(0));
  $.when(
    $.eq($.field(f.m3), 15),
    () => $.set(inserted, $.fetch32(address)),
    () => {
      const next = $.variable(address.at);
      // With a mask of zero access exceptions are recognized for one byte.
      $.when($.isZero($.field(f.m3)), () => $.fetch8(address));
      selectedBytes($, f.m3, (shift) => {
        const at = $.get(next);
        $.set(inserted, $.or($.get(inserted), $.shl($.fetch8({ at, space: address.space }), shift)));
        $.set(next, $.wrapAddress($.add(at, 1)));
      });
    },
  );
  const mask = byteMask($, $.field(f.m3));
  const bits = $.get(inserted);
  word.set($, f.r1, $.or($.and(word.get($, f.r1), $.not(mask)), bits));
  const first = $.ltS($.shl(bits, $.clz(mask)), 0);
  $.setCc($.select($.isZero(bits), $.i32(0), $.sub($.i32(2), first)));
}

/** Stores the right three bytes of a word; none unless all can be. */
function storeThreeBytes($: Sem, address: Address, bytes: I32, base: Field): void {
  const pointer = $.probe('store', address, $.i32(3));
  $.when(
    pointer,
    () => {
      $.hostStore(16, pointer, 0, $.shrU(bytes, 8));
      $.hostStore(8, pointer, 2, bytes);
    },
    () => $.callVoid(storeThree, address.at, bytes, $.field(base)),
  );
}

/** STCM. With a mask of zero nothing is accessed, which the manual leaves to the model. */
function storeUnderMask($: Sem, f: Masked, word: Word): void {
  const address = $.address2(f);
  const value = word.get($, f.r1);
  const storeOthers = (): void => {
    const bytes = gathered($, f.m3, value);
    const count = $.popcnt($.field(f.m3));
    const storeMore = (): void =>
      $.when(
        $.eq(count, 2),
        () => $.store16(address, bytes),
        () => $.when(count, () => storeThreeBytes($, address, bytes, f.b2)),
      );
    $.when($.eq(count, 1), () => $.store8(address, bytes), storeMore);
  };
  $.when($.eq($.field(f.m3), 15), () => $.store32(address, value), storeOthers);
}

/** CLM: CC 0 equal or mask zero, 1 the register's bytes low, 2 high. */
function compareUnderMask($: Sem, f: Masked, word: Word): void {
  const address = $.address2(f);
  const count = $.popcnt($.field(f.m3));
  const bytes = gathered($, f.m3, word.get($, f.r1));
  const operand = $.variable($.i32(0));
  $.when($.eq(count, 4), () => $.set(operand, $.fetch32(address)));
  $.when($.eq(count, 3), () => {
    const left = $.fetch16(address);
    $.set(operand, $.or($.shl(left, 8), $.fetch8($.offset(address, 2))));
  });
  $.when($.eq(count, 2), () => $.set(operand, $.fetch16(address)));
  $.when($.eq(count, 1), () => $.set(operand, $.fetch8(address)));
  // With a mask of zero access exceptions are recognized for one byte.
  $.when($.isZero(count), () => $.fetch8(address));
  $.setCc(compareLogicalCc($, bytes, $.get(operand)));
}

/** Bytes of registers under a mask. */
export const insertRows: readonly Row[] = [
  insn('IC', { op: 0x43, fmt: 'RX_a', title: 'INSERT CHARACTER', facility: 'zarch' }, ($, f) =>
    $.setGrByte(f.r1, $.fetch8($.address2(f))),
  ),
  insn('ICY', { op: 0xe373, fmt: 'RXY_a', title: 'INSERT CHARACTER', facility: 'long-displacement' }, ($, f) =>
    $.setGrByte(f.r1, $.fetch8($.address2(f))),
  ),
  insn('ICM', { op: 0xbf, fmt: 'RS_b', title: 'INSERT CHARACTERS UNDER MASK (low)', facility: 'zarch' }, ($, f) =>
    insertUnderMask($, f, low),
  ),
  insn(
    'ICMY',
    { op: 0xeb81, fmt: 'RSY_b', title: 'INSERT CHARACTERS UNDER MASK (low)', facility: 'long-displacement' },
    ($, f) => insertUnderMask($, f, low),
  ),
  insn('ICMH', { op: 0xeb80, fmt: 'RSY_b', title: 'INSERT CHARACTERS UNDER MASK (high)', facility: 'zarch' }, ($, f) =>
    insertUnderMask($, f, high),
  ),
  insn('STCM', { op: 0xbe, fmt: 'RS_b', title: 'STORE CHARACTERS UNDER MASK (low)', facility: 'zarch' }, ($, f) =>
    storeUnderMask($, f, low),
  ),
  insn(
    'STCMY',
    { op: 0xeb2d, fmt: 'RSY_b', title: 'STORE CHARACTERS UNDER MASK (low)', facility: 'long-displacement' },
    ($, f) => storeUnderMask($, f, low),
  ),
  insn('STCMH', { op: 0xeb2c, fmt: 'RSY_b', title: 'STORE CHARACTERS UNDER MASK (high)', facility: 'zarch' }, ($, f) =>
    storeUnderMask($, f, high),
  ),
  insn(
    'CLM',
    { op: 0xbd, fmt: 'RS_b', title: 'COMPARE LOGICAL CHARACTERS UNDER MASK (low)', facility: 'zarch' },
    ($, f) => compareUnderMask($, f, low),
  ),
  insn(
    'CLMY',
    { op: 0xeb21, fmt: 'RSY_b', title: 'COMPARE LOGICAL CHARACTERS UNDER MASK (low)', facility: 'long-displacement' },
    ($, f) => compareUnderMask($, f, low),
  ),
  insn(
    'CLMH',
    { op: 0xeb20, fmt: 'RSY_b', title: 'COMPARE LOGICAL CHARACTERS UNDER MASK (high)', facility: 'zarch' },
    ($, f) => compareUnderMask($, f, high),
  ),
];
