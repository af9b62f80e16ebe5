/** PoP, "Decimal-Floating-Point Instructions": zoned and packed numbers in storage. */

import { decode, encode, extended } from '../../../../soft-float/decimal/format.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { dfpInstruction, requirePair } from '../bfp/operand.ts';
import { isMinus, raiseDecimalOperand } from '../decimal/packed.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { formats, operand, setOperand } from './helpers.ts';

type Format = (typeof formats)[number];

/** Bits of M3: a sign is there; zones are 3; a plus sign is F; zero has a plus sign. The last one has another meaning, too. */
const M = { signed: 8, ascii: 4, unsignedPlus: 2, plusZero: 1, ignoresSign: 1 } as const;

const params = ['i32', 'i64', 'i32', 'i32', 'i32'] as const;

/** The digits and the sign code that go to storage, and the condition code. */
function toStorage(
  vcpu: Vcpu,
  { format }: Format,
  r1: number,
  places: number,
  m3: number,
): { readonly digits: string; readonly sign: number; readonly cc: number } {
  const { kind, negative, significand } = decode(format, operand(vcpu, format, r1));
  const all = significand.toString();
  const digits = all.slice(-places).padStart(places, '0');
  const plus = !negative || ((m3 & M.plusZero) !== 0 && /^0*$/.test(digits));
  const sign = plus ? ((m3 & M.unsignedPlus) !== 0 ? 15 : 12) : 13;
  if (kind !== 'finite' || all.length > places) return { digits, sign, cc: 3 };
  return { digits, sign, cc: significand === 0n ? 0 : negative ? 1 : 2 };
}

/** Places a number of digits that came from storage. */
function fromStorage(vcpu: Vcpu, { format }: Format, r1: number, digits: string, sign: number, m3: number): void {
  const signed = (m3 & M.signed) !== 0;
  if (!/^[0-9]*$/.test(digits) || (signed && sign < 10)) raiseDecimalOperand(vcpu);
  if (digits.replace(/^0+/, '').length > format.precision) raiseDecimalOperand(vcpu);
  setOperand(vcpu, format, r1, encode(format, signed && isMinus(sign), BigInt(digits), 0));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function read(vcpu: Vcpu, address: bigint, ar: number, length: number): string {
  return hexOf(vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), length, { space: 'current', ar }));
}
function write(vcpu: Vcpu, address: bigint, ar: number, hex: string): void {
  vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), bytesOf(hex), { space: 'current', ar });
}

interface Storing {
  readonly mnemonic: string;
  readonly op: number;
  readonly title: string;
  readonly facility: 'dfp-zoned-conversion' | 'dfp-packed-conversion';
  /** Bytes that there may be at most. */
  readonly longest: number;
  readonly stores: boolean;
}

function storageRow(
  of: Format,
  { mnemonic, op, title, facility, longest, stores }: Storing,
  run: (vcpu: Vcpu, r1: number, address: bigint, ar: number, length: number, m3: number) => void,
): Row {
  const effects = stores ? { stores, faults: true } : { fetches: true, faults: true };
  const convert = helper(`dfp-${mnemonic}`, { params, result: undefined, effects }, (vcpu, r1, address, ar, l2, m3) =>
    run(vcpu, r1, address, ar, l2 + 1, m3),
  );
  const isPair = of.format === extended;
  return insn(mnemonic, { op, fmt: 'RSL_b', title: `${title} ${of.format.name} DFP)`, facility }, ($, f) => {
    dfpInstruction($);
    if (isPair) requirePair($, f.r1);
    $.pgmIf($.geU($.field(f.l2), longest), PGM.specification);
    $.callVoid(convert, $.field(f.r1), $.address2(f).at, $.field(f.b2), $.field(f.l2), $.field(f.m3));
  });
}

function zonedRows(of: Format): Row[] {
  const distance = of.format === extended ? 1 : 0;
  const facility = 'dfp-zoned-conversion';
  const longest = of.format.precision;
  const to = { mnemonic: `CZ${of.letter}T`, op: 0xeda8 + distance, title: 'CONVERT TO ZONED (from', facility } as const;
  const from = {
    mnemonic: `C${of.letter}ZT`,
    op: 0xedaa + distance,
    title: 'CONVERT FROM ZONED (to',
    facility,
  } as const;
  return [
    storageRow(of, { ...to, longest, stores: true }, (vcpu, r1, address, ar, length, m3) => {
      const { digits, sign, cc } = toStorage(vcpu, of, r1, length, m3);
      const zone = (m3 & M.ascii) !== 0 ? '3' : 'f';
      const last = (m3 & M.signed) !== 0 ? sign.toString(16) : zone;
      const zoned = digits.slice(0, -1).replace(/./g, `${zone}$&`);
      write(vcpu, address, ar, `${zoned}${last}${digits.slice(-1)}`);
      vcpu.cc = cc;
    }),
    storageRow(of, { ...from, longest, stores: false }, (vcpu, r1, address, ar, length, m3) => {
      const hex = read(vcpu, address, ar, length);
      fromStorage(vcpu, of, r1, hex.replace(/.(.)/g, '$1'), Number.parseInt(hex.slice(-2, -1), 16), m3);
    }),
  ];
}

function packedRows(of: Format): Row[] {
  const distance = of.format === extended ? 1 : 0;
  const facility = 'dfp-packed-conversion';
  const longest = of.format === extended ? 18 : 9;
  const to = {
    mnemonic: `CP${of.letter}T`,
    op: 0xedac + distance,
    title: 'CONVERT TO PACKED (from',
    facility,
  } as const;
  const from = {
    mnemonic: `C${of.letter}PT`,
    op: 0xedae + distance,
    title: 'CONVERT FROM PACKED (to',
    facility,
  } as const;
  return [
    storageRow(of, { ...to, longest, stores: true }, (vcpu, r1, address, ar, length, m3) => {
      const signed = (m3 & M.signed) !== 0;
      const { digits, sign, cc } = toStorage(vcpu, of, r1, length * 2 - (signed ? 1 : 0), m3);
      write(vcpu, address, ar, signed ? digits + sign.toString(16) : digits);
      vcpu.cc = cc;
    }),
    storageRow(of, { ...from, longest, stores: false }, (vcpu, r1, address, ar, length, m3) => {
      const hex = read(vcpu, address, ar, length);
      const signed = (m3 & M.signed) !== 0;
      // A sign that is not looked at is plus.
      const sign = signed && (m3 & M.ignoresSign) === 0 ? Number.parseInt(hex.slice(-1), 16) : 15;
      fromStorage(vcpu, of, r1, signed ? hex.slice(0, -1) : hex, sign, m3);
    }),
  ];
}

/** Zoned and packed numbers in storage. */
export const dfpStorageRows: readonly Row[] = formats.flatMap((of) => [...zonedRows(of), ...packedRows(of)]);
