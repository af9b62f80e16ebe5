import type { DebugTarget } from '../debug/target.ts';

const CHUNK = 0x10000;
const ADDRESS_END = 1n << 64n;

/** What became of a search or a sum over guest storage. */
export type ScanResult<T> = { readonly readable: true; readonly value: T } | { readonly readable: false };

const UNREADABLE = { readable: false } as const;

/** Calls `visit` with `length` bytes at `address` piece by piece until it returns false; false when a byte cannot be read. */
function scan(
  target: DebugTarget,
  vcpu: number,
  address: bigint,
  length: bigint,
  visit: (piece: Uint8Array, at: bigint) => boolean,
): boolean {
  if (address + length > ADDRESS_END) return false;
  let at = address;
  const end = address + length;
  while (at < end) {
    const wanted = Number(end - at < CHUNK ? end - at : BigInt(CHUNK));
    const piece = target.readMemory(vcpu, at, wanted);
    if (piece.length > 0 && !visit(piece, at)) return true;
    if (piece.length < wanted) return false;
    at += BigInt(piece.length);
  }
  return true;
}

/** The first address in `[address, address + length)` where all of `pattern` lies, or undefined when there is none. */
export function searchMemory(
  target: DebugTarget,
  vcpu: number,
  address: bigint,
  length: bigint,
  pattern: Uint8Array,
): ScanResult<bigint | undefined> {
  let carried = Buffer.alloc(0);
  let found: bigint | undefined;
  const readable = scan(target, vcpu, address, length, (piece, at) => {
    const window = Buffer.concat([carried, piece]);
    const index = window.indexOf(pattern);
    if (index >= 0) {
      found = at - BigInt(carried.length) + BigInt(index);
      return false;
    }
    // A match may begin in this piece and end in the next one.
    carried = window.subarray(Math.max(0, window.length - pattern.length + 1));
    return true;
  });
  return readable ? { readable, value: found } : UNREADABLE;
}

const CRC_POLYNOMIAL = 0x04c11db7;
const CRC_TABLE = crcTable();

function crcTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ CRC_POLYNOMIAL : crc << 1;
    table[byte] = crc;
  }
  return table;
}

/** The CRC-32 of `qCRC`: most significant bit first, all ones to begin with, no final inversion. */
export function crcMemory(target: DebugTarget, vcpu: number, address: bigint, length: bigint): ScanResult<number> {
  let crc = 0xffffffff;
  const readable = scan(target, vcpu, address, length, (piece) => {
    for (let i = 0; i < piece.length; i++) {
      crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ (piece[i] ?? 0)) & 0xff] ?? 0);
    }
    return true;
  });
  return readable ? { readable, value: crc >>> 0 } : UNREADABLE;
}
