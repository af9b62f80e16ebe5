/** Puts what an instruction is made for where its operands lie: random bytes are hardly ever decimal numbers, or equal. */

import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import type { Chance } from '../chance.ts';
import { hexadecimal } from './floating.ts';
import { FRAME_COUNT, type FrameName, frames, virtual } from './layout.ts';
import { dataAddress, packed, zoned } from './values.ts';

/** Bytes over the contents of the data frames, by offset in them. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Bytes that shall be at a storage operand, or so far behind its beginning. */
export interface Content {
  /** Number of the operand. */
  readonly n: string;
  readonly bytes: Uint8Array;
  readonly offset?: number;
}

/** A case in the making. */
export interface Unplaced {
  readonly chance: Chance;
  readonly row: Row;
  readonly operands: Record<string, number>;
  readonly gr: bigint[];
}

/** What shall be at the operands; some operand fields and registers of the case are made to fit. */
export function contentsFor(at: Unplaced): Content[] {
  const { mnemonic } = at.row;
  if (/^(AP|SP|ZAP|CP|MP|DP|SRP)$/.test(mnemonic)) return decimal(at);
  if (/^CVB[YG]?$/.test(mnemonic)) return binary(at);
  if (/HFP\)$/.test(at.row.title) && at.operands.b2 !== undefined) return hexadecimalFloating(at);
  if (/^C[DX][USZP]TR?$|^(IE|RR)[DX]TR$/.test(mnemonic)) return decimalFloating(at);
  return mnemonic === 'PLO' ? locked(at) : [];
}

function hexadecimalFloating({ chance }: Unplaced): Content[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, hexadecimal(chance, chance.percent(25)));
  return chance.percent(90) ? [{ n: '2', bytes }] : [];
}

/** Decimal numbers for conversions, in general registers or in storage, exponents, and numbers of digits. */
function decimalFloating({ chance, row: { mnemonic }, operands, gr }: Unplaced): Content[] {
  const r2 = operands.r2 ?? 0;
  const extended = mnemonic.includes('X');
  if (/^(IE|RR)/.test(mnemonic)) {
    if (chance.percent(80)) gr[r2] = BigInt.asUintN(64, BigInt(chance.below(extended ? 12_300 : 780) - 4));
    return [];
  }
  if (/TR$/.test(mnemonic)) {
    const bytes = packed(chance, extended ? 16 : 8);
    if (mnemonic.includes('U') && chance.percent(90)) bytes[bytes.length - 1] = chance.below(10) * 17;
    const view = new DataView(bytes.buffer);
    if (!chance.percent(93)) return [];
    gr[r2] = view.getBigUint64(0);
    if (extended) gr[(r2 + 1) & 15] = view.getBigUint64(8);
    return [];
  }
  // As long as its digits at most, mostly.
  const longest = /ZT$/.test(mnemonic) ? (extended ? 34 : 16) : extended ? 18 : 9;
  const length = 1 + chance.below(longest + 1);
  operands.l2 = chance.percent(95) ? length - 1 : chance.below(256);
  const bytes = /ZT$/.test(mnemonic) ? zoned(chance, length) : packed(chance, length);
  if (/PT$/.test(mnemonic) && ((operands.m3 ?? 0) & 8) === 0) bytes[length - 1] = (bytes[length - 1] ?? 0) & 0xf9;
  return chance.percent(92) ? [{ n: '2', bytes }] : [];
}

function decimal({ chance, row, operands }: Unplaced): Content[] {
  const product = /^[MD]P$/.test(row.mnemonic);
  // The multiplier or divisor is shorter than the other operand, and of eight bytes at most.
  if (product && chance.percent(92)) {
    operands.l2 = chance.below(8);
    operands.l1 = operands.l2 + 1 + chance.below(15 - operands.l2);
  }
  const l1 = (operands.l1 ?? 0) + 1;
  const l2 = (operands.l2 ?? 0) + 1;
  // A product fits, and so does a quotient, when the first operand begins with so many zeros.
  const digits = product && chance.percent(85) ? l1 - l2 : l1;
  const contents: Content[] = [];
  if (digits > 0 && chance.percent(92)) contents.push({ n: '1', bytes: leftPadded(number(chance, digits), l1) });
  if (row.mnemonic !== 'SRP' && chance.percent(92)) contents.push({ n: '2', bytes: number(chance, l2) });
  return contents;
}

// Now and then as large as can be, so that sums overflow.
function number(chance: Chance, length: number): Uint8Array {
  const bytes = packed(chance, length);
  if (!chance.percent(20)) return bytes;
  return bytes.map((byte, i) => (i === length - 1 ? 0x90 | (byte & 15) : 0x99));
}

function binary({ chance, row }: Unplaced): Content[] {
  const [length, most] = row.mnemonic === 'CVBG' ? [16, 10] : [8, 6];
  const digits = chance.percent(75) ? 1 + chance.below(most) : length;
  return chance.percent(95) ? [{ n: '2', bytes: leftPadded(packed(chance, digits), length) }] : [];
}

/** Where PERFORM LOCKED OPERATION has the addresses of further operands in its parameter list. */
const ADDRESSES = [72, 104, 136];
/** What it compares with lies in the first bytes of the list, where it is not in registers. */
const COMPARED = 32;

function locked(at: Unplaced): Content[] {
  const { chance, gr, operands } = at;
  const functionCode = chance.percent(95) ? chance.below(24) : chance.below(256);
  gr[0] = BigInt(functionCode | (chance.percent(15) ? 0x100 : 0));
  for (const n of ['2', '4']) if (chance.percent(90)) align(at, n);
  const contents: Content[] = ADDRESSES.map((offset) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, dataAddress(chance, 16) & ~15n);
    return { n: '4', bytes, offset };
  });
  // Zeros are equal.
  if (chance.percent(40)) return contents;
  const r1 = operands.r1 ?? 0;
  if (r1 > 0) gr[r1] = 0n;
  if (r1 > 0) gr[(r1 + 1) & 15] = 0n;
  return [...contents, { n: '4', bytes: new Uint8Array(COMPARED) }, { n: '2', bytes: new Uint8Array(16) }];
}

function align({ gr, operands }: Unplaced, n: string): void {
  const [base, displacement] = [operands[`b${n}`] ?? 0, operands[`d${n}`] ?? 0];
  if (base > 0) gr[base] = ((gr[base] ?? 0n) & ~15n) - BigInt(displacement & 15);
}

function leftPadded(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes, length - bytes.length);
  return out;
}

const pages: readonly (readonly [address: bigint, frame: FrameName])[] = [
  [BigInt(virtual.zero), 'zero'],
  [BigInt(virtual.first), 'first'],
  [BigInt(virtual.second), 'second'],
  [BigInt(virtual.guarded), 'guarded'],
  [BigInt(virtual.third), 'third'],
  [virtual.top24, 'top'],
  [virtual.top31, 'top'],
  [virtual.top64, 'top'],
];

/** The patches that put a content there, as far as that lies in frames of the primary space. */
export function patchesFor(
  { operands, gr }: Pick<Unplaced, 'operands' | 'gr'>,
  pswMask: bigint,
  { n, bytes, offset = 0 }: Content,
): Patch[] {
  const base = operands[`b${n}`] ?? 0;
  const index = operands[`x${n}`] ?? 0;
  const register = (i: number): bigint => (i === 0 ? 0n : (gr[i] ?? 0n));
  const mode = (pswMask & 0x1_0000_0000n) !== 0n ? 64 : (pswMask & 0x8000_0000n) !== 0n ? 31 : 24;
  const start = register(base) + register(index) + BigInt((operands[`d${n}`] ?? 0) + offset);
  const patches: Patch[] = [];
  // By pages: frames that follow one another need not be those of pages that do.
  for (let done = 0; done < bytes.length; ) {
    const address = BigInt.asUintN(mode, start + BigInt(done));
    const within = Number(address & 0xfffn);
    const part = bytes.subarray(done, done + Math.min(bytes.length - done, 4096 - within));
    const frame = pages.find(([page]) => page === address - BigInt(within))?.[1];
    if (frame !== undefined && frames[frame] < FRAME_COUNT) {
      patches.push({ offset: frames[frame] * 4096 + within, bytes: part });
    }
    done += part.length;
  }
  return patches;
}
