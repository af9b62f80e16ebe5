/** PoP, "General Instructions": TRANSLATE ONE TO ONE and its kin, TRANSLATE AND TEST EXTENDED and its reverse. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { Cursor, Table } from './cursor.ts';
import { addressIn, lengthIn, operandOf, raiseLast, setAddress, setLength, UNIT } from './operands.ts';

/** Bytes of a character. */
type Size = 1 | 2;

function lookUp(table: Table, character: number, size: Size): number {
  return size === 1 ? table.byte(character) : table.half(character * 2);
}

function unit(cursor: Cursor, size: Size): number {
  return size === 1 ? cursor.byte() : cursor.half();
}

/** The table that general register 1 names, on a doubleword boundary; 4 KiB for two-byte arguments of old machines. */
function tableInGr1(vcpu: Vcpu, from: Size): Table {
  const coarse = from === 2 && !vcpu.core.has('etf2-enhancement');
  return new Table(vcpu, addressIn(vcpu, 1) & (coarse ? ~0xfffn : ~7n), operandOf(1));
}

const translateTo = (name: string, from: Size, to: Size) =>
  helper(
    name,
    { params: ['i32', 'i32', 'i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
    (vcpu, r1, r2, m3) => {
      let left = lengthIn(vcpu, r1 + 1);
      if (from === 2 && (left & 1n) !== 0n) vcpu.raise(PGM.specification);
      const tested = (m3 & 1) === 0 || !vcpu.core.has('etf2-enhancement');
      const ending = tested ? vcpu.grLow(0) & (to === 1 ? 0xff : 0xffff) : -1;
      const table = tableInGr1(vcpu, from);
      const target = new Cursor(vcpu, addressIn(vcpu, r1), 'store', operandOf(r1));
      const source = new Cursor(vcpu, addressIn(vcpu, r2), 'fetch', operandOf(r2));
      let cc = left === 0n ? 0 : 3;
      for (let done = 0; done < UNIT && cc === 3; done += from) {
        const character = source.ready(from) ? lookUp(table, unit(source, from), to) : -1;
        if (character >= 0 && character === ending) {
          cc = 1;
          break;
        }
        if (character < 0 || !target.ready(to)) {
          if (done === 0) raiseLast(vcpu);
          break;
        }
        if (to === 2) target.setByte(character >> 8);
        target.setByte(character & 0xff, to - 1);
        target.pass(to);
        source.pass(from);
        left -= BigInt(from);
        if (left === 0n) cc = 0;
      }
      setAddress(vcpu, r1, target.address);
      setLength(vcpu, r1 + 1, left);
      setAddress(vcpu, r2, source.address);
      target.finish();
      // The character that ends it was fetched, too.
      source.finish(cc === 1 ? from : 0);
      vcpu.cc = cc;
    },
  );

const oneToOne = translateTo('translateOneToOne', 1, 1);
const oneToTwo = translateTo('translateOneToTwo', 1, 2);
const twoToOne = translateTo('translateTwoToOne', 2, 1);
const twoToTwo = translateTo('translateTwoToTwo', 2, 2);

/** Controls in the M3 field of TRTE and TRTRE. */
const TEST = { twoByteArgument: 8, twoByteCode: 4, limit: 2 } as const;

const testExtended = (name: string, direction: 1n | -1n) =>
  helper(
    name,
    { params: ['i32', 'i32', 'i32'], result: undefined, effects: { fetches: true, faults: true } },
    (vcpu, r1, r2, m3) => {
      const size: Size = (m3 & TEST.twoByteArgument) !== 0 ? 2 : 1;
      const codeSize: Size = (m3 & TEST.twoByteCode) !== 0 ? 2 : 1;
      let left = lengthIn(vcpu, r1 + 1);
      if (size === 2 && (left & 1n) !== 0n) vcpu.raise(PGM.specification);
      const table = new Table(vcpu, addressIn(vcpu, 1) & ~7n, operandOf(1));
      let address = addressIn(vcpu, r1);
      let code = 0;
      for (let done = 0; left > 0n && done < UNIT && code === 0; done += size) {
        const cursor = new Cursor(vcpu, address, 'fetch', operandOf(r1));
        const argument = cursor.ready(size) ? unit(cursor, size) : -1;
        const beyond = size === 2 && (m3 & TEST.limit) !== 0 && argument > 255;
        code = argument < 0 ? -1 : beyond ? 0 : lookUp(table, argument, codeSize);
        if (code < 0) {
          if (done === 0) raiseLast(vcpu);
          break;
        }
        cursor.pass(size);
        cursor.finish();
        if (code !== 0) break;
        address = (address + direction * BigInt(size)) & vcpu.amask;
        left -= BigInt(size);
      }
      setAddress(vcpu, r1, address);
      setLength(vcpu, r1 + 1, left);
      vcpu.cc = left === 0n ? 0 : code > 0 ? 1 : 3;
      if (vcpu.cc !== 3) setFunctionCode(vcpu, r2, Math.max(code, 0));
    },
  );
const testForward = testExtended('translateAndTestExtended', 1n);
const testReverse = testExtended('translateAndTestReverseExtended', -1n);

// The code lies in the rightmost bits; the others of the 32 or 64 that the addressing mode has become zeros.
function setFunctionCode(vcpu: Vcpu, r2: number, code: number): void {
  setLength(vcpu, r2, BigInt(code));
}

/** Translations and tests by tables of one- and two-byte characters. */
export const translateExtendedRows: readonly Row[] = [
  ...(
    [
      ['TROO', 0xb993, 'TRANSLATE ONE TO ONE', oneToOne],
      ['TROT', 0xb992, 'TRANSLATE ONE TO TWO', oneToTwo],
      ['TRTO', 0xb991, 'TRANSLATE TWO TO ONE', twoToOne],
      ['TRTT', 0xb990, 'TRANSLATE TWO TO TWO', twoToTwo],
    ] as const
  ).map(([mnemonic, op, title, run]) =>
    insn(mnemonic, { op, fmt: 'RRF_c', title, facility: 'extended-translation-2', ignores: ['m4'] }, ($, f) => {
      $.requireEven(f.r1);
      $.callVoid(run, $.field(f.r1), $.field(f.r2), $.field(f.m3));
    }),
  ),
  ...(
    [
      ['TRTE', 0xb9bf, 'TRANSLATE AND TEST EXTENDED', testForward],
      ['TRTRE', 0xb9bd, 'TRANSLATE AND TEST REVERSE EXTENDED', testReverse],
    ] as const
  ).map(([mnemonic, op, title, run]) =>
    insn(mnemonic, { op, fmt: 'RRF_c', title, facility: 'parsing-enhancement', ignores: ['m4'] }, ($, f) => {
      $.requireEven(f.r1);
      $.callVoid(run, $.field(f.r1), $.field(f.r2), $.field(f.m3));
    }),
  ),
];
