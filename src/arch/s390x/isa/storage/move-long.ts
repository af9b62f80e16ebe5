/** PoP, "General Instructions": MOVE LONG, MOVE LONG EXTENDED, MOVE LONG UNICODE. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { Cursor } from './cursor.ts';
import { extendedOperand, moveWhole, shortOperand } from './long.ts';
import {
  addressIn,
  copyForward,
  isSameSpace,
  lengthIn,
  operandOf,
  raiseLast,
  setAddress,
  setAddressZero,
  setLength,
  toStretchEnd,
  tryPlace,
  UNIT,
} from './operands.ts';

const effects = { fetches: true, stores: true, faults: true };

/** A move in progress: operands by register number, address and bytes left. */
interface Move {
  readonly r1: number;
  readonly r2: number;
  to: bigint;
  toLeft: bigint;
  from: bigint;
  fromLeft: bigint;
  /** One byte, or a character of two. */
  readonly pad: number;
  readonly padBytes: 1 | 2;
}

/** cc of a move by the lengths that it begins with. */
function ccOfLengths(first: bigint, second: bigint): number {
  return first === second ? 0 : first < second ? 1 : 2;
}

/** True when some byte would be moved after a byte had been moved into it. */
function overlapsDestructively(vcpu: Vcpu, m: Move): boolean {
  const ahead = (m.to - m.from) & vcpu.amask;
  const shared = m.toLeft < m.fromLeft ? m.toLeft : m.fromLeft;
  return ahead > 0n && ahead < shared && isSameSpace(vcpu, m.r1, m.r2);
}

/**
 * Moves or pads until the first operand is full, UNIT bytes are done, or an access would fault. False when nothing could
 * be done before a fault.
 */
function advance(vcpu: Vcpu, m: Move): boolean {
  let done = 0;
  while (m.toLeft > 0n && done < UNIT) {
    const n = step(vcpu, m);
    if (n < 0) return done > 0;
    done += n;
  }
  return true;
}

// One stretch within a page of each operand: its length, or -1 for a fault.
function step(vcpu: Vcpu, m: Move): number {
  let n = toStretchEnd(m.to);
  if (m.toLeft < BigInt(n)) n = Number(m.toLeft);
  if (m.fromLeft > 0n) {
    n = Math.min(n, toStretchEnd(m.from));
    if (m.fromLeft < BigInt(n)) n = Number(m.fromLeft);
  }
  if (m.padBytes === 2) {
    if (n === 1) return stepAcross(vcpu, m);
    n &= ~1;
  }
  if (m.fromLeft > 0n) {
    const from = tryPlace(vcpu, m.from, n, 'fetch', operandOf(m.r2));
    if (from < 0) return -1;
    const to = tryPlace(vcpu, m.to, n, 'store', operandOf(m.r1));
    if (to < 0) return -1;
    copyForward(vcpu, to, from, n);
  } else {
    const to = tryPlace(vcpu, m.to, n, 'store', operandOf(m.r1));
    if (to < 0) return -1;
    fillPad(vcpu, m, to, n);
  }
  pass(vcpu, m, n);
  return n;
}

// A two-byte character that lies across a page boundary of some operand.
function stepAcross(vcpu: Vcpu, m: Move): number {
  const source = new Cursor(vcpu, m.from, 'fetch', operandOf(m.r2));
  const target = new Cursor(vcpu, m.to, 'store', operandOf(m.r1));
  const padding = m.fromLeft === 0n;
  if ((!padding && !source.ready(2)) || !target.ready(2)) return -1;
  const character = padding ? m.pad : source.half();
  target.setByte(character >> 8);
  target.setByte(character & 0xff, 1);
  for (const c of padding ? [target] : [source, target]) {
    c.pass(2);
    c.finish();
  }
  pass(vcpu, m, 2);
  return 2;
}

function pass(vcpu: Vcpu, m: Move, n: number): void {
  if (m.fromLeft > 0n) {
    m.from = (m.from + BigInt(n)) & vcpu.amask;
    m.fromLeft -= BigInt(n);
  }
  m.to = (m.to + BigInt(n)) & vcpu.amask;
  m.toLeft -= BigInt(n);
}

function fillPad(vcpu: Vcpu, m: Move, to: number, length: number): void {
  const { storage } = vcpu.core.complex;
  if (m.padBytes === 1) return storage.fill(to, length, m.pad);
  for (let i = 0; i < length; i++) storage.setByte(to + i, (i & 1) === 1 ? m.pad & 0xff : m.pad >> 8);
}

// 1 when the instruction must be done again.
const moveLong = helper('moveLong', { params: ['i32', 'i32'], result: 'i32', effects }, (vcpu, r1, r2) => {
  const low1 = vcpu.grLow(r1 + 1);
  const low2 = vcpu.grLow(r2 + 1);
  const m: Move = {
    r1,
    r2,
    to: addressIn(vcpu, r1),
    toLeft: BigInt(low1 & 0xff_ffff),
    from: addressIn(vcpu, r2),
    fromLeft: BigInt(low2 & 0xff_ffff),
    pad: low2 >>> 24,
    padBytes: 1,
  };
  const overlap = overlapsDestructively(vcpu, m);
  const cc = overlap ? 3 : ccOfLengths(m.toLeft, m.fromLeft);
  if (!overlap && !advance(vcpu, m)) raiseLast(vcpu);
  const ended = overlap || m.toLeft === 0n;
  if (ended) vcpu.cc = cc;
  setAddressZero(vcpu, r2, m.from);
  vcpu.setGrLow(r2 + 1, ((low2 & 0xff00_0000) | Number(m.fromLeft)) >>> 0);
  setAddressZero(vcpu, r1, m.to);
  vcpu.setGrLow(r1 + 1, ((low1 & 0xff00_0000) | Number(m.toLeft)) >>> 0);
  return ended ? 0 : 1;
});

const moveLongExtended = helper(
  'moveLongExtended',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, r1, r3, pad, unicode) => {
    const m: Move = {
      r1,
      r2: r3,
      to: addressIn(vcpu, r1),
      toLeft: lengthIn(vcpu, r1 + 1),
      from: addressIn(vcpu, r3),
      fromLeft: lengthIn(vcpu, r3 + 1),
      pad,
      padBytes: unicode === 0 ? 1 : 2,
    };
    if (m.padBytes === 2 && ((m.toLeft | m.fromLeft) & 1n) !== 0n) vcpu.raise(PGM.specification);
    const cc = ccOfLengths(m.toLeft, m.fromLeft);
    if (!advance(vcpu, m)) raiseLast(vcpu);
    setAddress(vcpu, r3, m.from);
    setLength(vcpu, r3 + 1, m.fromLeft);
    setAddress(vcpu, r1, m.to);
    setLength(vcpu, r1 + 1, m.toLeft);
    vcpu.cc = m.toLeft > 0n ? 3 : cc;
  },
);

/** Moves of operands in register pairs. */
export const moveLongRows: readonly Row[] = [
  insn('MVCL', { op: 0x0e, fmt: 'RR', title: 'MOVE LONG', facility: 'zarch' }, ($, f) => {
    $.requireEven(f.r1, f.r2);
    const [to, from] = [shortOperand($, f.r1), shortOperand($, f.r2)];
    const pad = $.shrU($.grLow(f.r2, 1), 24);
    // Nothing is moved when some byte would be moved after a byte had been moved into it, on any of the pages.
    const ahead = $.sub(to.address.at, from.address.at);
    const overlap = $.and($.ne(ahead, 0), $.and($.ltU(ahead, to.left), $.ltU(ahead, from.left)));
    const again = $.variable($.i32(0));
    moveWhole($, to, from, pad, {
      ended: (cc) => $.setCc(cc),
      slow: () => $.set(again, $.call(moveLong, $.field(f.r1), $.field(f.r2))),
      refused: overlap,
    });
    $.when($.get(again), () => $.branch($.ia()));
  }),
  insn('MVCLE', { op: 0xa8, fmt: 'RS_a', title: 'MOVE LONG EXTENDED', facility: 'zarch' }, ($, f) => {
    $.requireEven(f.r1, f.r3);
    const pad = $.and($.wrap($.address2(f).at), 0xff);
    moveWhole($, extendedOperand($, f.r1), extendedOperand($, f.r3), pad, {
      ended: (cc) => $.setCc(cc),
      slow: () => $.callVoid(moveLongExtended, $.field(f.r1), $.field(f.r3), pad, 0),
    });
  }),
  insn(
    'MVCLU',
    { op: 0xeb8e, fmt: 'RSY_a', title: 'MOVE LONG UNICODE', facility: 'extended-translation-2' },
    ($, f) => {
      $.requireEven(f.r1, f.r3);
      const pad = $.and($.wrap($.address2(f).at), 0xffff);
      $.callVoid(moveLongExtended, $.field(f.r1), $.field(f.r3), pad, 1);
    },
  ),
];
