/** PoP, "General Instructions": TRANSLATE and TRANSLATE AND TEST with lengths in the instruction, TRANSLATE EXTENDED. */

import type { Field } from '../../../../ir/field.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { Cursor, Table } from './cursor.ts';
import {
  addressIn,
  find,
  lengthIn,
  operandOf,
  raiseLast,
  report,
  setAddress,
  setLength,
  span,
  UNIT,
  unsigned,
} from './operands.ts';

const operands = ['i32', 'i64', 'i32', 'i64', 'i32'] as const;

const translate = helper(
  'translate',
  { params: operands, result: undefined, effects: { fetches: true, stores: true, faults: true } },
  (vcpu, length, at, b1, table, b2) => {
    const target = span(vcpu, unsigned(at), length, 'update', operandOf(b1));
    const lookUp = new Table(vcpu, unsigned(table), operandOf(b2));
    const { storage } = vcpu.core.complex;
    // Every table byte that is needed must be there before the first store.
    for (let i = 0; i < length; i++) if (lookUp.byte(storage.byte(target.at(i))) < 0) raiseLast(vcpu);
    for (let i = 0; i < length; i++) {
      const place = target.at(i);
      storage.setByte(place, lookUp.byte(storage.byte(place)));
    }
  },
);

const HALF_PAGE = 2048n;

// Tests bytes from `at` on, one to the right or to the left; condition code.
function testBytes(vcpu: Vcpu, length: number, at: bigint, b1: number, lookUp: Table, direction: 1n | -1n): number {
  const { storage } = vcpu.core.complex;
  const path = operandOf(b1);
  const step = Number(direction);
  let address = at;
  // Half a page at a time: fetch-protection override ends there.
  for (let left = length; left > 0; ) {
    const place = find(vcpu, address, 'fetch', path);
    if (place < 0) raiseLast(vcpu);
    const within = Number(address & (HALF_PAGE - 1n));
    const most = Math.min(left, step > 0 ? Number(HALF_PAGE) - within : within + 1);
    let code = 0;
    let n = 0;
    while (n < most && code === 0) code = lookUp.byte(storage.byte(place + step * n++));
    const first = step > 0 ? 0 : 1 - n;
    report(vcpu, (address + BigInt(first)) & vcpu.amask, place + first, n, 'fetch', path);
    if (code < 0) raiseLast(vcpu);
    left -= n;
    if (code !== 0) {
      setAddress(vcpu, 1, (address + direction * BigInt(n - 1)) & vcpu.amask);
      vcpu.setGr(2, (vcpu.gr(2) & ~0xffn) | BigInt(code));
      return left === 0 ? 2 : 1;
    }
    address = (address + direction * BigInt(n)) & vcpu.amask;
  }
  return 0;
}

const translateAndTest = (name: string, direction: 1n | -1n) =>
  helper(
    name,
    { params: operands, result: undefined, effects: { fetches: true, faults: true } },
    (vcpu, length, at, b1, table, b2) => {
      vcpu.cc = testBytes(vcpu, length, unsigned(at), b1, new Table(vcpu, unsigned(table), operandOf(b2)), direction);
    },
  );
const translateAndTestForward = translateAndTest('translateAndTest', 1n);
const translateAndTestReverse = translateAndTest('translateAndTestReverse', -1n);

const translateExtended = helper(
  'translateExtended',
  { params: ['i32', 'i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
  (vcpu, r1, r2) => {
    const ending = vcpu.grLow(0) & 0xff;
    const lookUp = new Table(vcpu, addressIn(vcpu, r2), operandOf(r2));
    const cursor = new Cursor(vcpu, addressIn(vcpu, r1), 'update', operandOf(r1));
    let left = lengthIn(vcpu, r1 + 1);
    let cc = left === 0n ? 0 : 3;
    for (let done = 0; done < UNIT && cc === 3; done++) {
      const code = !cursor.ready(1) ? -1 : cursor.byte() === ending ? 0 : lookUp.byte(cursor.byte());
      if (code < 0) {
        if (done === 0) raiseLast(vcpu);
        break;
      }
      if (cursor.byte() === ending) {
        cc = 1;
      } else {
        cursor.setByte(code);
        cursor.pass(1);
        left--;
        if (left === 0n) cc = 0;
      }
    }
    setAddress(vcpu, r1, cursor.address);
    setLength(vcpu, r1 + 1, left);
    cursor.finish(cc === 1 ? 1 : 0);
    vcpu.cc = cc;
  },
);

function args($: Sem, f: { l: Field; b1: Field; d1: Field; b2: Field; d2: Field }) {
  return [$.add($.field(f.l), 1), $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2)] as const;
}

/** Translations of bytes by a table of 256. */
export const translateRows: readonly Row[] = [
  insn('TR', { op: 0xdc, fmt: 'SS_a', title: 'TRANSLATE', facility: 'zarch' }, ($, f) =>
    $.callVoid(translate, ...args($, f)),
  ),
  insn('TRT', { op: 0xdd, fmt: 'SS_a', title: 'TRANSLATE AND TEST', facility: 'zarch' }, ($, f) =>
    $.callVoid(translateAndTestForward, ...args($, f)),
  ),
  insn(
    'TRTR',
    { op: 0xd0, fmt: 'SS_a', title: 'TRANSLATE AND TEST REVERSE', facility: 'extended-translation-3' },
    ($, f) => $.callVoid(translateAndTestReverse, ...args($, f)),
  ),
  insn('TRE', { op: 0xb2a5, fmt: 'RRE', title: 'TRANSLATE EXTENDED', facility: 'zarch' }, ($, f) => {
    $.requireEven(f.r1);
    $.callVoid(translateExtended, $.field(f.r1), $.field(f.r2));
  }),
];
