/** Power ISA, Book I, "Vector Facility": loads, stores, alignment support, and the facility's registers. */

import type { I32, I64, V128 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import { type Fields, field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const vectorX = form({ vrt: field.vr(6), ra: field.gr0(11), rb: field.gr(16) });
type VectorX = Fields<Record<'vrt' | 'ra' | 'rb', unknown>>;

const ea = ($: Sem, f: VectorX): I64 => $.ea($.gpr(f.ra), $.gpr(f.rb));
const quadword = ($: Sem, f: VectorX): I64 => $.and(ea($, f), -16);

const row = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, f: VectorX) => void): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: vectorX, title }, ($, f) => {
    $.needsVector();
    meaning($, f);
  });

/** Bytes that count up from `first`, from the left. */
function counted($: Sem, first: I32): V128 {
  const places = $.quad($.i64(0x0001_0203_0405_0607n), $.i64(0x0809_0a0b_0c0d_0e0fn));
  return $.bin('i8x16.add', places, $.conv('v128', 'i8x16.splat', first));
}

type ElementBits = 8 | 16 | 32;

// An element keeps its place in the quadword, and the rest of the register is not defined: it stays.
function element($: Sem, f: VectorX, bits: ElementBits): { readonly at: I64; readonly place: I32 } {
  const address = ea($, f);
  const place = $.and($.wrap(address), 16 - bits / 8);
  return { at: $.and(address, -(bits / 8)), place: $.variant.little ? $.sub($.i32(16 - bits / 8), place) : place };
}

/** `value`, an element, in its place, and ones around it to keep what is there. */
function loadElement($: Sem, f: VectorX, bits: ElementBits): void {
  const { at, place } = element($, f, bits);
  const value = $.fetch(bits, at);
  const shift = $.zext($.sub($.i32(128 - bits), $.shl(place, 3)));
  const put = (v: I64): V128 => {
    const left = $.select($.geU(shift, 64), $.shl(v, $.sub(shift, 64)), $.i64(0));
    const right = $.select($.ltU(shift, 64), $.shl(v, shift), $.i64(0));
    return $.quad(left, right);
  };
  const mask = put($.i64((1n << BigInt(bits)) - 1n));
  const kept = $.bin('v128.andnot', $.vsr(f.vrt), mask);
  $.setVsr(f.vrt, $.bin('v128.or', kept, put(value)));
}

function storeElement($: Sem, f: VectorX, bits: ElementBits): void {
  const { at, place } = element($, f, bits);
  const value = $.vsr(f.vrt);
  const shift = $.zext($.sub($.i32(128 - bits), $.shl(place, 3)));
  const half = $.select($.geU(shift, 64), $.leftOf(value), $.rightOf(value));
  $.store(bits, at, $.shrU(half, $.and(shift, 63)));
}

const loadQuad = ($: Sem, f: VectorX): void => $.setVsr(f.vrt, $.fetchQuad(quadword($, f)));
const storeQuad = ($: Sem, f: VectorX): void => $.storeQuad(quadword($, f), $.vsr(f.vrt));

/** The instructions. */
export const vectorStorage: readonly Row[] = [
  ...row('lvebx', 7, 'Load Vector Element Byte Indexed', ($, f) => loadElement($, f, 8)),
  ...row('lvehx', 39, 'Load Vector Element Halfword Indexed', ($, f) => loadElement($, f, 16)),
  ...row('lvewx', 71, 'Load Vector Element Word Indexed', ($, f) => loadElement($, f, 32)),
  ...row('lvx', 103, 'Load Vector Indexed', loadQuad),
  ...row('lvxl', 359, 'Load Vector Indexed LRU', loadQuad),
  ...row('stvebx', 135, 'Store Vector Element Byte Indexed', ($, f) => storeElement($, f, 8)),
  ...row('stvehx', 167, 'Store Vector Element Halfword Indexed', ($, f) => storeElement($, f, 16)),
  ...row('stvewx', 199, 'Store Vector Element Word Indexed', ($, f) => storeElement($, f, 32)),
  ...row('stvx', 231, 'Store Vector Indexed', storeQuad),
  ...row('stvxl', 487, 'Store Vector Indexed LRU', storeQuad),
  ...row('lvsl', 6, 'Vector Shift-amount for Left Indexed', ($, f) =>
    $.setVsr(f.vrt, counted($, $.and($.wrap(ea($, f)), 15))),
  ),
  ...row('lvsr', 38, 'Vector Shift-amount for Right Indexed', ($, f) =>
    $.setVsr(f.vrt, counted($, $.sub($.i32(16), $.and($.wrap(ea($, f)), 15)))),
  ),
  ...insn(
    'mfvscr',
    { op: op.vx(4, 1540), form: form({ vrt: field.vr(6) }), title: 'Move From Vector Status and Control Register' },
    ($, f) => {
      $.needsVector();
      $.setVsr(f.vrt, $.quad($.i64(0), $.zext($.state(slots.vscr))));
    },
  ),
  ...insn(
    'mtvscr',
    { op: op.vx(4, 1604), form: form({ vrb: field.vr(16) }), title: 'Move To Vector Status and Control Register' },
    ($, f) => {
      $.needsVector();
      // NJ and SAT.
      $.setState(slots.vscr, $.and($.wrap($.rightOf($.vsr(f.vrb))), 0x0001_0001));
    },
  ),
];
