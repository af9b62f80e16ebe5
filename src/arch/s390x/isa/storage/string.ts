/** PoP, "General Instructions": strings that end with a character, CHECKSUM. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { Cursor } from './cursor.ts';
import {
  addressIn,
  copyForward,
  find,
  lengthIn,
  operandOf,
  raiseLast,
  report,
  setAddress,
  setLength,
  toStretchEnd,
  tryPlace,
  UNIT,
} from './operands.ts';
import { compareStringWhole, moveStringWhole, searchWhole } from './whole-string.ts';

const fetches = { fetches: true, faults: true };
/** Condition code 3 may be set when so many bytes have been processed. */
const LEAST = 256;

/** The character in general register 0; the bits on its left in the low word must be zeros. */
function character(vcpu: Vcpu, bits: 8 | 16): number {
  const word = vcpu.grLow(0);
  if (word >>> bits !== 0) vcpu.raise(PGM.specification);
  return word;
}

// Index of a byte among `length` at a storage offset, or -1.
function indexOf(vcpu: Vcpu, at: number, length: number, byte: number): number {
  const { bytes, top } = vcpu.core.complex.storage;
  const first = top - 1 - at;
  for (let i = 0; i < length; i++) if (bytes[first - i] === byte) return i;
  return -1;
}

const searchString = helper(
  'searchString',
  { params: ['i32', 'i32'], result: undefined, effects: fetches },
  (vcpu, r1, r2) => {
    const wanted = character(vcpu, 8);
    const end = addressIn(vcpu, r1);
    let at = addressIn(vcpu, r2);
    for (let done = 0; done < UNIT; ) {
      if (at === end) {
        vcpu.cc = 2;
        return;
      }
      const left = (end - at) & vcpu.amask;
      let n = toStretchEnd(at);
      if (left < BigInt(n)) n = Number(left);
      const place = find(vcpu, at, 'fetch', operandOf(r2));
      if (place < 0) {
        if (done < LEAST) raiseLast(vcpu);
        break;
      }
      const i = indexOf(vcpu, place, n, wanted);
      report(vcpu, at, place, i >= 0 ? i + 1 : n, 'fetch', operandOf(r2));
      if (i >= 0) {
        setAddress(vcpu, r1, at + BigInt(i));
        vcpu.cc = 1;
        return;
      }
      at = (at + BigInt(n)) & vcpu.amask;
      done += n;
    }
    setAddress(vcpu, r2, at);
    vcpu.cc = 3;
  },
);

const searchStringUnicode = helper(
  'searchStringUnicode',
  { params: ['i32', 'i32'], result: undefined, effects: fetches },
  (vcpu, r1, r2) => {
    const wanted = character(vcpu, 16);
    const start = addressIn(vcpu, r2);
    // An end that is not a whole number of characters away counts as one byte further on.
    const end = addressIn(vcpu, r1);
    let left = (end + ((start ^ end) & 1n) - start) & vcpu.amask;
    const cursor = new Cursor(vcpu, start, 'fetch', operandOf(r2));
    let cc = left === 0n ? 2 : 3;
    for (let done = 0; done < UNIT && cc === 3; done += 2) {
      if (!cursor.ready(2)) {
        if (done < LEAST) raiseLast(vcpu);
        break;
      }
      if (cursor.half() === wanted) {
        cc = 1;
      } else {
        cursor.pass(2);
        left -= 2n;
        if (left === 0n) cc = 2;
      }
    }
    if (cc !== 2) setAddress(vcpu, cc === 1 ? r1 : r2, cursor.address);
    if (cc === 1) cursor.pass(2);
    cursor.finish();
    vcpu.cc = cc;
  },
);

// Index of the first byte where two stretches differ or both have the ending character; the length when there is none.
function commonLength(vcpu: Vcpu, p: number, q: number, length: number, ending: number): number {
  const { bytes, top } = vcpu.core.complex.storage;
  for (let i = 1; i <= length; i++) {
    const x = bytes[top - p - i];
    if (x !== bytes[top - q - i] || x === ending) return i - 1;
  }
  return length;
}

const compareStrings = helper(
  'compareStrings',
  { params: ['i32', 'i32'], result: undefined, effects: fetches },
  (vcpu, r1, r2) => {
    const ending = character(vcpu, 8);
    const { storage } = vcpu.core.complex;
    let a = addressIn(vcpu, r1);
    let b = addressIn(vcpu, r2);
    let cc = 3;
    for (let done = 0; done < UNIT && cc === 3; ) {
      const room = Math.min(toStretchEnd(a), toStretchEnd(b));
      const p = find(vcpu, a, 'fetch', operandOf(r1));
      const q = p < 0 ? p : find(vcpu, b, 'fetch', operandOf(r2));
      if (q < 0) {
        if (done < LEAST) raiseLast(vcpu);
        break;
      }
      const n = commonLength(vcpu, p, q, room, ending);
      const used = Math.min(n + 1, room);
      report(vcpu, a, p, used, 'fetch', operandOf(r1));
      report(vcpu, b, q, used, 'fetch', operandOf(r2));
      if (n < room) cc = ccOfCharacters(storage.byte(p + n), storage.byte(q + n), ending);
      a = (a + BigInt(n)) & vcpu.amask;
      b = (b + BigInt(n)) & vcpu.amask;
      done += n;
    }
    vcpu.cc = cc;
    if (cc === 0) return;
    setAddress(vcpu, r1, a);
    setAddress(vcpu, r2, b);
  },
);

// The ending character is lower than every other.
function ccOfCharacters(x: number, y: number, ending: number): number {
  if (x === y) return 0;
  return x === ending || (y !== ending && x < y) ? 1 : 2;
}

/** A stretch of a string that lies in one page of source and target. */
interface Stretch {
  readonly to: number;
  readonly from: number;
  readonly length: number;
}

const moveString = helper(
  'moveString',
  { params: ['i32', 'i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
  (vcpu, r1, r2) => {
    const ending = character(vcpu, 8);
    let to = addressIn(vcpu, r1);
    let from = addressIn(vcpu, r2);
    const stretches: Stretch[] = [];
    let ended = false;
    // All accesses that the string needs come before the first store.
    for (let done = 0; done < UNIT && !ended; ) {
      const room = Math.min(toStretchEnd(to), toStretchEnd(from));
      const source = find(vcpu, from, 'fetch', operandOf(r2));
      const i = source < 0 ? -1 : indexOf(vcpu, source, room, ending);
      const n = i < 0 ? room : i + 1;
      const target = source < 0 ? -1 : tryPlace(vcpu, to, n, 'store', operandOf(r1));
      if (target < 0) {
        if (done < LEAST) raiseLast(vcpu);
        break;
      }
      report(vcpu, from, source, n, 'fetch', operandOf(r2));
      stretches.push({ to: target, from: source, length: n });
      ended = i >= 0;
      const step = BigInt(ended ? i : n);
      to = (to + step) & vcpu.amask;
      from = (from + step) & vcpu.amask;
      done += n;
    }
    for (const s of stretches) copyForward(vcpu, s.to, s.from, s.length);
    setAddress(vcpu, r1, to);
    if (!ended) setAddress(vcpu, r2, from);
    vcpu.cc = ended ? 1 : 3;
  },
);

const checksum = helper('checksum', { params: ['i32', 'i32'], result: undefined, effects: fetches }, (vcpu, r1, r2) => {
  let at = addressIn(vcpu, r2);
  let left = lengthIn(vcpu, r2 + 1);
  let sum = vcpu.grLow(r1);
  for (let done = 0; left > 0n && done < UNIT; ) {
    let n = toStretchEnd(at);
    if (left < BigInt(n)) n = Number(left);
    const whole = n & ~3;
    const place = whole > 0 ? tryPlace(vcpu, at, whole, 'fetch', operandOf(r2)) : -1;
    const across = whole === 0 ? lastWord(vcpu, at, left < 4n ? Number(left) : 4, r2) : -1;
    if (place < 0 && across < 0) {
      if (done === 0) raiseLast(vcpu);
      break;
    }
    sum += whole > 0 ? sumOfWords(vcpu, place, whole) : across;
    const step = whole > 0 ? whole : left < 4n ? Number(left) : 4;
    at = (at + BigInt(step)) & vcpu.amask;
    left -= BigInt(step);
    done += step;
  }
  // Carries out of the leftmost bit come in on the right.
  while (sum >= 2 ** 32) sum = (sum % 2 ** 32) + Math.floor(sum / 2 ** 32);
  vcpu.setGrLow(r1, sum);
  setAddress(vcpu, r2, at);
  setLength(vcpu, r2 + 1, left);
  vcpu.cc = left > 0n ? 3 : 0;
});

function sumOfWords(vcpu: Vcpu, at: number, length: number): number {
  const { storage } = vcpu.core.complex;
  let sum = 0;
  if ((at & 3) === 0) for (let i = 0; i < length; i += 4) sum += storage.word(at + i);
  else for (let i = 0; i < length; i += 4) sum += storage.half(at + i) * 65536 + storage.half(at + i + 2);
  return sum;
}

// A word across a page boundary, or the last one, which zeros fill up on the right. -1 for a fault.
function lastWord(vcpu: Vcpu, at: bigint, length: number, r2: number): number {
  const cursor = new Cursor(vcpu, at, 'fetch', operandOf(r2));
  if (!cursor.ready(length)) return -1;
  let word = 0;
  for (let i = 0; i < 4; i++) word = word * 256 + (i < length ? cursor.byte(i) : 0);
  cursor.pass(length);
  cursor.finish();
  return word;
}

/** Searches, compares and moves strings by their ending character; CHECKSUM. */
export const stringRows: readonly Row[] = [
  insn('SRST', { op: 0xb25e, fmt: 'RRE', title: 'SEARCH STRING', facility: 'zarch' }, ($, f) =>
    searchWhole($, f.r1, f.r2, () => $.callVoid(searchString, $.field(f.r1), $.field(f.r2))),
  ),
  insn(
    'SRSTU',
    { op: 0xb9be, fmt: 'RRE', title: 'SEARCH STRING UNICODE', facility: 'extended-translation-3' },
    ($, f) => $.callVoid(searchStringUnicode, $.field(f.r1), $.field(f.r2)),
  ),
  insn('CLST', { op: 0xb25d, fmt: 'RRE', title: 'COMPARE LOGICAL STRING', facility: 'zarch' }, ($, f) =>
    compareStringWhole($, f.r1, f.r2, () => $.callVoid(compareStrings, $.field(f.r1), $.field(f.r2))),
  ),
  insn('MVST', { op: 0xb255, fmt: 'RRE', title: 'MOVE STRING', facility: 'zarch' }, ($, f) =>
    moveStringWhole($, f.r1, f.r2, () => $.callVoid(moveString, $.field(f.r1), $.field(f.r2))),
  ),
  insn('CKSM', { op: 0xb241, fmt: 'RRE', title: 'CHECKSUM', facility: 'zarch' }, ($, f) => {
    $.requireEven(f.r2);
    $.callVoid(checksum, $.field(f.r1), $.field(f.r2));
  }),
];
