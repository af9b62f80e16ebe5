/** `0x` and the value in lower-case hex, padded to `digits`. */
export function hex(value: bigint | number, digits = 1): string {
  const v = typeof value === 'bigint' ? BigInt.asUintN(Math.max(64, digits * 4), value) : value;
  return `0x${v.toString(16).padStart(digits, '0')}`;
}

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Up to here a loop is faster than a `Buffer`, which wants a heap block of its own. */
const SHORT = 16;

/** Lower-case hex text of `bytes`, two digits a byte, no prefix. */
export function bytesToHex(bytes: Uint8Array): string {
  if (bytes.length <= SHORT) {
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += PAIRS[bytes[i] ?? 0] ?? '';
    return text;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** The bytes of an even-length hex text, or undefined when it is not one. */
export function hexToBytes(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** `bytes` read as one big-endian unsigned integer. */
export function bigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`);
}

/** The low `width` bytes of `value` in big-endian order. */
export function toBigEndian(value: bigint, width: number): Uint8Array {
  const text = BigInt.asUintN(width * 8, value)
    .toString(16)
    .padStart(width * 2, '0');
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
