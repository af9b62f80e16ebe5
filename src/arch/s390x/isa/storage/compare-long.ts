/** PoP, "General Instructions": COMPARE LOGICAL LONG, its extended and Unicode forms, COMPARE UNTIL SUBSTRING EQUAL. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { Cursor } from './cursor.ts';
import { compareWhole, extendedOperand, shortOperand } from './long.ts';
import {
  addressIn,
  find,
  lengthIn,
  operandOf,
  raiseLast,
  report,
  setAddress,
  setAddressZero,
  setLength,
  toStretchEnd,
  UNIT,
} from './operands.ts';

const effects = { fetches: true, faults: true };

/** An operand of a comparison: its register number, address and bytes left. */
interface Side {
  readonly r: number;
  address: bigint;
  left: bigint;
}

/** A comparison in progress. The pad is a byte, or a character of two. */
interface Comparison {
  readonly a: Side;
  readonly b: Side;
  readonly pad: number;
  readonly unit: 1 | 2;
}

/** What a stretch came to: equal so far, a fault, or the condition code of a difference. */
const EQUAL = 0;
const FAULT = -1;

function pass(vcpu: Vcpu, c: Comparison, n: number): void {
  for (const side of [c.a, c.b]) {
    if (side.left === 0n) continue;
    side.address = (side.address + BigInt(n)) & vcpu.amask;
    side.left -= BigInt(n);
  }
}

/**
 * Compares until a difference, the end, UNIT bytes or a fault: 0 equal to the end, 1, 2 at a difference, 3 when more is left,
 * raising only when nothing could be done before the fault.
 */
function advance(vcpu: Vcpu, c: Comparison): number {
  for (let done = 0; c.a.left > 0n || c.b.left > 0n; ) {
    if (done >= UNIT) return 3;
    const n = stretch(c);
    const found = n < c.unit ? compareAcross(vcpu, c) : compareStretch(vcpu, c, n);
    if (found === FAULT) return done > 0 ? 3 : raiseLast(vcpu);
    if (found !== EQUAL) return found;
    done += Math.max(n, c.unit);
  }
  return 0;
}

// Bytes that lie in one page of each operand, whole characters unless there is none.
function stretch(c: Comparison): number {
  let n = UNIT;
  for (const side of [c.a, c.b]) {
    if (side.left === 0n) continue;
    n = Math.min(n, toStretchEnd(side.address));
    if (side.left < BigInt(n)) n = Number(side.left);
  }
  return c.unit === 2 && n > 1 ? n & ~1 : n;
}

function compareStretch(vcpu: Vcpu, c: Comparison, n: number): number {
  const { bytes, top } = vcpu.core.complex.storage;
  const at = (side: Side): number => (side.left === 0n ? -2 : find(vcpu, side.address, 'fetch', operandOf(side.r)));
  const a = at(c.a);
  if (a === -1) return FAULT;
  const b = at(c.b);
  if (b === -1) return FAULT;
  const padByte = (i: number): number => (c.unit === 1 || (i & 1) === 1 ? c.pad & 0xff : c.pad >> 8);
  let i = a < 0 || b < 0 ? 0 : alike(vcpu, a, b, n);
  let found = EQUAL;
  for (; i < n && found === EQUAL; i++) {
    const x = a < 0 ? padByte(i) : (bytes[top - 1 - a - i] ?? 0);
    const y = b < 0 ? padByte(i) : (bytes[top - 1 - b - i] ?? 0);
    if (x !== y) found = x < y ? 1 : 2;
  }
  if (a >= 0) report(vcpu, c.a.address, a, i, 'fetch', operandOf(c.a.r));
  if (b >= 0) report(vcpu, c.b.address, b, i, 'fetch', operandOf(c.b.r));
  if (found !== EQUAL) i = (i - 1) & -c.unit;
  pass(vcpu, c, i);
  return found;
}

// Bytes that are surely equal from two storage offsets on.
function alike(vcpu: Vcpu, a: number, b: number, length: number): number {
  const { view, storage } = vcpu.core.complex;
  const [p, q] = [storage.top - a, storage.top - b];
  let done = 0;
  while (done + 4 <= length && view.getInt32(p - done - 4) === view.getInt32(q - done - 4)) done += 4;
  return done;
}

// A two-byte character that lies across a page boundary of some operand.
function compareAcross(vcpu: Vcpu, c: Comparison): number {
  const values: number[] = [];
  const cursors: Cursor[] = [];
  for (const side of [c.a, c.b]) {
    const cursor = new Cursor(vcpu, side.address, 'fetch', operandOf(side.r));
    if (side.left === 0n) {
      values.push(c.pad);
      continue;
    }
    if (!cursor.ready(2)) return FAULT;
    values.push(cursor.half());
    cursor.pass(2);
    cursors.push(cursor);
  }
  for (const cursor of cursors) cursor.finish();
  const [x = 0, y = 0] = values;
  if (x !== y) return x < y ? 1 : 2;
  pass(vcpu, c, 2);
  return EQUAL;
}

// 1 when the instruction must be done again.
const compareLong = helper('compareLong', { params: ['i32', 'i32'], result: 'i32', effects }, (vcpu, r1, r2) => {
  const low1 = vcpu.grLow(r1 + 1);
  const low2 = vcpu.grLow(r2 + 1);
  const a: Side = { r: r1, address: addressIn(vcpu, r1), left: BigInt(low1 & 0xff_ffff) };
  const b: Side = { r: r2, address: addressIn(vcpu, r2), left: BigInt(low2 & 0xff_ffff) };
  const found = advance(vcpu, { a, b, pad: low2 >>> 24, unit: 1 });
  setAddressZero(vcpu, r2, b.address);
  vcpu.setGrLow(r2 + 1, ((low2 & 0xff00_0000) | Number(b.left)) >>> 0);
  setAddressZero(vcpu, r1, a.address);
  vcpu.setGrLow(r1 + 1, ((low1 & 0xff00_0000) | Number(a.left)) >>> 0);
  if (found === 3) return 1;
  vcpu.cc = found;
  return 0;
});

const compareLongExtended = helper(
  'compareLongExtended',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, r1, r3, pad, unicode) => {
    const a: Side = { r: r1, address: addressIn(vcpu, r1), left: lengthIn(vcpu, r1 + 1) };
    const b: Side = { r: r3, address: addressIn(vcpu, r3), left: lengthIn(vcpu, r3 + 1) };
    if (unicode !== 0 && ((a.left | b.left) & 1n) !== 0n) vcpu.raise(PGM.specification);
    vcpu.cc = advance(vcpu, { a, b, pad, unit: unicode === 0 ? 1 : 2 });
    for (const side of [b, a]) {
      setAddress(vcpu, side.r, side.address);
      setLength(vcpu, side.r + 1, side.left);
    }
  },
);

/** An operand of CUSE on its way. */
interface Searched {
  readonly r: number;
  readonly cursor: Cursor;
  /** Lengths are signed: one that is not above zero stays as it is. */
  readonly empty: boolean;
  left: bigint;
  /** Where the run of equal bytes began. */
  start: bigint;
  startLeft: bigint;
}

function searched(vcpu: Vcpu, r: number): Searched {
  const start = addressIn(vcpu, r);
  const length = BigInt.asIntN(vcpu.in64BitMode ? 64 : 32, lengthIn(vcpu, r + 1));
  const left = length > 0n ? length : 0n;
  return {
    r,
    cursor: new Cursor(vcpu, start, 'fetch', operandOf(r)),
    empty: left === 0n,
    left,
    start,
    startLeft: left,
  };
}

/**
 * Searches for a run of `wanted` equal bytes: 0 found, 1 the operands end within a run, 2 they end unequal, 3 more is left.
 * A run that is longer than one execution's work begins again with the next.
 */
function findSubstring(vcpu: Vcpu, a: Searched, b: Searched, wanted: number, pad: number): number {
  let run = 0;
  for (let done = 0; run < wanted; done++) {
    if (a.left === 0n && b.left === 0n) return run > 0 ? 1 : 2;
    if (done >= UNIT && run === 0) return 3;
    const x = a.left === 0n ? pad : a.cursor.ready(1) ? a.cursor.byte() : -1;
    const y = b.left === 0n ? pad : b.cursor.ready(1) ? b.cursor.byte() : -1;
    if (x < 0 || y < 0) return done > run ? 3 : raiseLast(vcpu);
    if (x === y) run++;
    else run = 0;
    for (const side of [a, b]) {
      if (x === y && run === 1) {
        side.start = side.cursor.address;
        side.startLeft = side.left;
      }
      if (side.left === 0n) continue;
      side.cursor.pass(1);
      side.left--;
    }
    if (run > 0) continue;
    for (const side of [a, b]) {
      side.start = side.cursor.address;
      side.startLeft = side.left;
    }
  }
  return 0;
}

const compareUntilSubstringEqual = helper(
  'compareUntilSubstringEqual',
  { params: ['i32', 'i32'], result: undefined, effects },
  (vcpu, r1, r2) => {
    const wanted = vcpu.grLow(0) & 0xff;
    const a = searched(vcpu, r1);
    const b = searched(vcpu, r2);
    vcpu.cc = wanted === 0 ? 0 : findSubstring(vcpu, a, b, wanted, vcpu.grLow(1) & 0xff);
    for (const side of [b, a]) {
      side.cursor.finish();
      setAddress(vcpu, side.r, side.start);
      if (!side.empty) setLength(vcpu, side.r + 1, side.startLeft);
    }
  },
);

/** Comparisons of operands in register pairs. */
export const compareLongRows: readonly Row[] = [
  insn('CLCL', { op: 0x0f, fmt: 'RR', title: 'COMPARE LOGICAL LONG', facility: 'zarch' }, ($, f) => {
    $.requireEven(f.r1, f.r2);
    const again = $.variable($.i32(0));
    compareWhole($, shortOperand($, f.r1), shortOperand($, f.r2), {
      ended: (cc) => $.setCc(cc),
      slow: () => $.set(again, $.call(compareLong, $.field(f.r1), $.field(f.r2))),
    });
    $.when($.get(again), () => $.branch($.ia()));
  }),
  insn('CLCLE', { op: 0xa9, fmt: 'RS_a', title: 'COMPARE LOGICAL LONG EXTENDED', facility: 'zarch' }, ($, f) => {
    $.requireEven(f.r1, f.r3);
    const pad = $.and($.wrap($.address2(f).at), 0xff);
    compareWhole($, extendedOperand($, f.r1), extendedOperand($, f.r3), {
      ended: (cc) => $.setCc(cc),
      slow: () => $.callVoid(compareLongExtended, $.field(f.r1), $.field(f.r3), pad, 0),
    });
  }),
  insn(
    'CLCLU',
    { op: 0xeb8f, fmt: 'RSY_a', title: 'COMPARE LOGICAL LONG UNICODE', facility: 'extended-translation-2' },
    ($, f) => {
      $.requireEven(f.r1, f.r3);
      const pad = $.and($.wrap($.address2(f).at), 0xffff);
      $.callVoid(compareLongExtended, $.field(f.r1), $.field(f.r3), pad, 1);
    },
  ),
  insn('CUSE', { op: 0xb257, fmt: 'RRE', title: 'COMPARE UNTIL SUBSTRING EQUAL', facility: 'zarch' }, ($, f) => {
    $.requireEven(f.r1, f.r2);
    $.callVoid(compareUntilSubstringEqual, $.field(f.r1), $.field(f.r2));
  }),
];
