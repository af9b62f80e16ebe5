/** PoP, "General Instructions": PACK, UNPACK and their ASCII and Unicode forms. */

import type { Field } from '../../../../ir/field.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { operandOf, span, unsigned } from './operands.ts';

// First length, address and base; second length, address and base.
const operands = ['i32', 'i64', 'i32', 'i32', 'i64', 'i32'] as const;
const effects = { fetches: true, stores: true, faults: true };

/** Bytes of a packed operand of PKA, PKU, UNPKA and UNPKU. */
const PACKED = 16;

// Both go from right to left; a result byte is stored as soon as the bytes that it needs are fetched.
const pack = helper(
  'pack',
  { params: operands, result: undefined, effects },
  (vcpu, length1, to, b1, length2, from, b2) => {
    const source = span(vcpu, unsigned(from), length2, 'fetch', operandOf(b2));
    const target = span(vcpu, unsigned(to), length1, 'store', operandOf(b1));
    const { storage } = vcpu.core.complex;
    let j = length2 - 1;
    const digit = (): number => (j >= 0 ? storage.byte(source.at(j--)) & 0x0f : 0);
    const last = storage.byte(source.at(j--));
    storage.setByte(target.at(length1 - 1), ((last << 4) | (last >> 4)) & 0xff);
    for (let i = length1 - 2; i >= 0; i--) {
      const right = digit();
      storage.setByte(target.at(i), right | (digit() << 4));
    }
  },
);

const unpack = helper(
  'unpack',
  { params: operands, result: undefined, effects },
  (vcpu, length1, to, b1, length2, from, b2) => {
    const source = span(vcpu, unsigned(from), length2, 'fetch', operandOf(b2));
    const target = span(vcpu, unsigned(to), length1, 'store', operandOf(b1));
    const { storage } = vcpu.core.complex;
    const last = storage.byte(source.at(length2 - 1));
    storage.setByte(target.at(length1 - 1), ((last << 4) | (last >> 4)) & 0xff);
    for (let i = length1 - 2, j = length2 - 2; i >= 0; i -= 2, j--) {
      const byte = j >= 0 ? storage.byte(source.at(j)) : 0;
      storage.setByte(target.at(i), 0xf0 | (byte & 0x0f));
      if (i > 0) storage.setByte(target.at(i - 1), 0xf0 | (byte >> 4));
    }
  },
);

// Characters of `size` bytes, the digits in their rightmost four bits; the sign is plus.
function packCharacters(
  vcpu: Vcpu,
  to: bigint,
  b1: number,
  length: number,
  from: bigint,
  b2: number,
  size: 1 | 2,
): void {
  const source = span(vcpu, from, length, 'fetch', operandOf(b2));
  const target = span(vcpu, to, PACKED, 'store', operandOf(b1));
  const { storage } = vcpu.core.complex;
  let j = length - 1;
  const digit = (): number => {
    if (j < 0) return 0;
    const value = storage.byte(source.at(j)) & 0x0f;
    j -= size;
    return value;
  };
  const result: number[] = [];
  for (let i = PACKED - 1; i >= 0; i--) {
    const right = i === PACKED - 1 ? 0x0c : digit();
    result[i] = right | (digit() << 4);
  }
  for (const [i, byte] of result.entries()) storage.setByte(target.at(i), byte);
}

// Condition code by the sign: 0 plus, 1 minus, 3 invalid.
function unpackCharacters(
  vcpu: Vcpu,
  length: number,
  to: bigint,
  b1: number,
  from: bigint,
  b2: number,
  size: 1 | 2,
): number {
  const source = span(vcpu, from, PACKED, 'fetch', operandOf(b2));
  const target = span(vcpu, to, length, 'store', operandOf(b1));
  const { storage } = vcpu.core.complex;
  const packed = Array.from({ length: PACKED }, (_, i) => storage.byte(source.at(i)));
  for (let i = length - size, digit = 1; i >= 0; i -= size, digit++) {
    const byte = packed[PACKED - 1 - (digit >> 1)] ?? 0;
    storage.setByte(target.at(i + size - 1), 0x30 | ((digit & 1) === 1 ? byte >> 4 : byte & 0x0f));
    if (size === 2) storage.setByte(target.at(i), 0);
  }
  const sign = (packed[PACKED - 1] ?? 0) & 0x0f;
  return sign < 10 ? 3 : sign === 0x0b || sign === 0x0d ? 1 : 0;
}

const packAs = (name: string, size: 1 | 2) =>
  helper(
    name,
    { params: ['i64', 'i32', 'i32', 'i64', 'i32'], result: undefined, effects },
    (vcpu, to, b1, length, from, b2) => {
      packCharacters(vcpu, unsigned(to), b1, length, unsigned(from), b2, size);
    },
  );
const unpackAs = (name: string, size: 1 | 2) =>
  helper(
    name,
    { params: ['i32', 'i64', 'i32', 'i64', 'i32'], result: 'i32', effects },
    (vcpu, length, to, b1, from, b2) => unpackCharacters(vcpu, length, unsigned(to), b1, unsigned(from), b2, size),
  );
const packAscii = packAs('packAscii', 1);
const packUnicode = packAs('packUnicode', 2);
const unpackAscii = unpackAs('unpackAscii', 1);
const unpackUnicode = unpackAs('unpackUnicode', 2);

type SixOperands = { l1: Field; b1: Field; d1: Field; l2: Field; b2: Field; d2: Field };

function args($: Sem, f: SixOperands) {
  const length1 = $.add($.field(f.l1), 1);
  const length2 = $.add($.field(f.l2), 1);
  return [length1, $.address1(f).at, $.field(f.b1), length2, $.address2(f).at, $.field(f.b2)] as const;
}

/** Between zoned, ASCII or Unicode digits and packed ones. */
export const packRows: readonly Row[] = [
  insn('PACK', { op: 0xf2, fmt: 'SS_b', title: 'PACK', facility: 'zarch' }, ($, f) => $.callVoid(pack, ...args($, f))),
  insn('UNPK', { op: 0xf3, fmt: 'SS_b', title: 'UNPACK', facility: 'zarch' }, ($, f) =>
    $.callVoid(unpack, ...args($, f)),
  ),
  insn('PKA', { op: 0xe9, fmt: 'SS_f', title: 'PACK ASCII', facility: 'extended-translation-2' }, ($, f) => {
    $.pgmIf($.gtU($.field(f.l2), 31), PGM.specification);
    $.callVoid(packAscii, $.address1(f).at, $.field(f.b1), $.add($.field(f.l2), 1), $.address2(f).at, $.field(f.b2));
  }),
  insn('PKU', { op: 0xe1, fmt: 'SS_f', title: 'PACK UNICODE', facility: 'extended-translation-2' }, ($, f) => {
    const length = $.add($.field(f.l2), 1);
    $.pgmIf($.or($.gtU(length, 64), $.and(length, 1)), PGM.specification);
    $.callVoid(packUnicode, $.address1(f).at, $.field(f.b1), length, $.address2(f).at, $.field(f.b2));
  }),
  insn('UNPKA', { op: 0xea, fmt: 'SS_a', title: 'UNPACK ASCII', facility: 'extended-translation-2' }, ($, f) => {
    const length = $.add($.field(f.l), 1);
    $.pgmIf($.gtU(length, 32), PGM.specification);
    $.setCc($.call(unpackAscii, length, $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2)));
  }),
  insn('UNPKU', { op: 0xe2, fmt: 'SS_a', title: 'UNPACK UNICODE', facility: 'extended-translation-2' }, ($, f) => {
    const length = $.add($.field(f.l), 1);
    $.pgmIf($.or($.gtU(length, 64), $.and(length, 1)), PGM.specification);
    $.setCc($.call(unpackUnicode, length, $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2)));
  }),
];
