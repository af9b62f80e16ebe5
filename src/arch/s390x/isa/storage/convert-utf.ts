/** PoP, "General Instructions": CONVERT UTF-8 TO UTF-16 and its kin. */

import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { Cursor } from './cursor.ts';
import { addressIn, lengthIn, operandOf, raiseLast, setAddress, setLength, UNIT } from './operands.ts';

/** Why no character came: the source has not got all its bytes, it is not one, or a fetch would fault. */
const STOP = { short: -1, invalid: -2, fault: -3 } as const;

/** The next character's code point and the bytes that it takes, or a reason why there is none. */
type Decoded = { readonly code: number; readonly bytes: number } | (typeof STOP)[keyof typeof STOP];
type Decode = (source: Cursor, left: bigint, checked: boolean) => Decoded;
type Encode = (code: number, bytes: number) => readonly number[];

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

// With well-formedness checking what could be shorter, surrogates, and what lies above 10FFFF are invalid.
function decodeUtf8(source: Cursor, left: bigint, checked: boolean): Decoded {
  if (left < 1n) return STOP.short;
  if (!source.ready(1)) return STOP.fault;
  const first = source.byte();
  if (first < 0x80) return { code: first, bytes: 1 };
  if (first < (checked ? 0xc2 : 0xc0) || first > (checked ? 0xf4 : 0xf7)) return STOP.invalid;
  const bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (left < BigInt(bytes)) return STOP.short;
  if (!source.ready(bytes)) return STOP.fault;
  let code = first & (0x7f >> bytes);
  let wellFormed = true;
  for (let i = 1; i < bytes; i++) {
    wellFormed &&= isContinuation(source.byte(i));
    code = (code << 6) | (source.byte(i) & 0x3f);
  }
  if (bytes === 3) wellFormed &&= code >= 0x800 && (code < 0xd800 || code > 0xdfff);
  if (bytes === 4) wellFormed &&= code >= 0x1_0000 && code <= 0x10_ffff;
  return checked && !wellFormed ? STOP.invalid : { code, bytes };
}

function decodeUtf16(source: Cursor, left: bigint, checked: boolean): Decoded {
  if (left < 2n) return STOP.short;
  if (!source.ready(2)) return STOP.fault;
  const first = source.half();
  if ((first & 0xfc00) !== 0xd800) return { code: first, bytes: 2 };
  if (left < 4n) return STOP.short;
  if (!source.ready(4)) return STOP.fault;
  const second = source.half(2);
  if (checked && (second & 0xfc00) !== 0xdc00) return STOP.invalid;
  return { code: 0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff), bytes: 4 };
}

function decodeUtf32(source: Cursor, left: bigint): Decoded {
  if (left < 4n) return STOP.short;
  if (!source.ready(4)) return STOP.fault;
  const code = source.half() * 0x1_0000 + source.half(2);
  return code > 0x10_ffff || (code >= 0xd800 && code <= 0xdbff) ? STOP.invalid : { code, bytes: 4 };
}

function encodeUtf8(code: number): readonly number[] {
  const tail = (shift: number): number => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), tail(0)];
  if (code < 0x1_0000) return [0xe0 | (code >> 12), tail(6), tail(0)];
  return [0xf0 | (code >> 18), tail(12), tail(6), tail(0)];
}

function encodeUtf16(code: number): readonly number[] {
  return code < 0x1_0000 ? [code >> 8, code & 0xff] : surrogates(code);
}

// Four bytes make two surrogates, also unchecked ones that stand for less than 10000.
function encodeUtf16OfUtf8(code: number, bytes: number): readonly number[] {
  return bytes === 4 ? surrogates(code) : encodeUtf16(code);
}

// The plane number loses its leftmost bits where an unchecked source has more than there are, or none.
function surrogates(code: number): readonly number[] {
  const high = 0xd800 | ((((code >> 16) - 1) & 0x0f) << 6) | ((code >> 10) & 0x3f);
  const low = 0xdc00 | (code & 0x3ff);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff];
}

function encodeUtf32(code: number): readonly number[] {
  return [0, code >> 16, (code >> 8) & 0xff, code & 0xff];
}

const convert = (name: string, decode: Decode, encode: Encode) =>
  helper(
    name,
    { params: ['i32', 'i32', 'i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
    (vcpu, r1, r2, m3) => {
      const checked = (m3 & 1) !== 0 && vcpu.core.has('etf3-enhancement');
      const target = new Cursor(vcpu, addressIn(vcpu, r1), 'store', operandOf(r1));
      const source = new Cursor(vcpu, addressIn(vcpu, r2), 'fetch', operandOf(r2));
      let room = lengthIn(vcpu, r1 + 1);
      let left = lengthIn(vcpu, r2 + 1);
      let cc = 3;
      for (let done = 0; done < UNIT; ) {
        const decoded = decode(source, left, checked);
        if (decoded === STOP.short || decoded === STOP.invalid) {
          cc = decoded === STOP.short ? 0 : 2;
          break;
        }
        const result = decoded === STOP.fault ? [] : encode(decoded.code, decoded.bytes);
        if (decoded !== STOP.fault && room < BigInt(result.length)) {
          cc = 1;
          break;
        }
        if (decoded === STOP.fault || !target.ready(result.length)) {
          if (done === 0) raiseLast(vcpu);
          break;
        }
        for (const [i, byte] of result.entries()) target.setByte(byte, i);
        target.pass(result.length);
        source.pass(decoded.bytes);
        room -= BigInt(result.length);
        left -= BigInt(decoded.bytes);
        done += decoded.bytes;
        if (left === 0n) {
          cc = 0;
          break;
        }
      }
      setAddress(vcpu, r1, target.address);
      setLength(vcpu, r1 + 1, room);
      setAddress(vcpu, r2, source.address);
      setLength(vcpu, r2 + 1, left);
      target.finish();
      source.finish();
      vcpu.cc = cc;
    },
  );

const cu12 = convert('convertUtf8ToUtf16', decodeUtf8, encodeUtf16OfUtf8);
const cu14 = convert('convertUtf8ToUtf32', decodeUtf8, encodeUtf32);
const cu21 = convert('convertUtf16ToUtf8', decodeUtf16, encodeUtf8);
const cu24 = convert('convertUtf16ToUtf32', decodeUtf16, encodeUtf32);
const cu41 = convert('convertUtf32ToUtf8', decodeUtf32, encodeUtf8);
const cu42 = convert('convertUtf32ToUtf16', decodeUtf32, encodeUtf16);

/** Conversions between the encodings of Unicode; CU12 is also known as CUTFU, CU21 as CUUTF. */
export const convertUtfRows: readonly Row[] = [
  ...(
    [
      ['CU12', 0xb2a7, 'CONVERT UTF-8 TO UTF-16', 'zarch', cu12],
      ['CU21', 0xb2a6, 'CONVERT UTF-16 TO UTF-8', 'zarch', cu21],
      ['CU14', 0xb9b0, 'CONVERT UTF-8 TO UTF-32', 'extended-translation-3', cu14],
      ['CU24', 0xb9b1, 'CONVERT UTF-16 TO UTF-32', 'extended-translation-3', cu24],
    ] as const
  ).map(([mnemonic, op, title, facility, run]) =>
    insn(mnemonic, { op, fmt: 'RRF_c', title, facility, ignores: ['m4'] }, ($, f) => {
      $.requireEven(f.r1, f.r2);
      $.callVoid(run, $.field(f.r1), $.field(f.r2), $.field(f.m3));
    }),
  ),
  ...(
    [
      ['CU41', 0xb9b2, 'CONVERT UTF-32 TO UTF-8', cu41],
      ['CU42', 0xb9b3, 'CONVERT UTF-32 TO UTF-16', cu42],
    ] as const
  ).map(([mnemonic, op, title, run]) =>
    insn(mnemonic, { op, fmt: 'RRE', title, facility: 'extended-translation-3' }, ($, f) => {
      $.requireEven(f.r1, f.r2);
      $.callVoid(run, $.field(f.r1), $.field(f.r2), 0);
    }),
  ),
];
