/** Products in GF(2^128), as GHASH (NIST SP 800-38D) and XTS (IEEE 1619) have them. */

/**
 * GHASH of whole blocks from a chaining value on: each block is added, and the sum multiplied by the hash subkey. The
 * leftmost bit of a block is the coefficient of x to the 0.
 */
export function ghash(chaining: Uint8Array, subkey: Uint8Array, blocks: Uint8Array): Uint8Array {
  const words = (bytes: Uint8Array, at = 0): [number, number, number, number] => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 16);
    return [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)];
  };
  let sum = words(chaining);
  for (let at = 0; at + 16 <= blocks.length; at += 16) {
    const block = words(blocks, at);
    sum = product([sum[0] ^ block[0], sum[1] ^ block[1], sum[2] ^ block[2], sum[3] ^ block[3]], words(subkey));
  }
  const out = new DataView(new ArrayBuffer(16));
  sum.forEach((word, i) => {
    out.setInt32(i * 4, word);
  });
  return new Uint8Array(out.buffer);
}

type Words = readonly [number, number, number, number];

function product(x: Words, [h0, h1, h2, h3]: Words): [number, number, number, number] {
  let [z0, z1, z2, z3] = [0, 0, 0, 0];
  for (const word of x) {
    for (let bit = 31; bit >= 0; bit--) {
      const taken = -((word >>> bit) & 1);
      z0 ^= h0 & taken;
      z1 ^= h1 & taken;
      z2 ^= h2 & taken;
      z3 ^= h3 & taken;
      const lost = -(h3 & 1);
      h3 = (h3 >>> 1) | (h2 << 31);
      h2 = (h2 >>> 1) | (h1 << 31);
      h1 = (h1 >>> 1) | (h0 << 31);
      h0 = (h0 >>> 1) ^ (lost & 0xe100_0000);
    }
  }
  return [z0, z1, z2, z3];
}

const TOP = 1n << 127n;
const MASK = (1n << 128n) - 1n;

/** An element of XTS's field from its 16 bytes, which are little endian. */
export function element(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The 16 bytes of an element. */
export function elementBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(i * 8)) & 0xffn));
}

/** The element times the primitive element, which is 2. */
export function timesAlpha(value: bigint): bigint {
  return ((value << 1n) & MASK) ^ ((value & TOP) === 0n ? 0n : 0x87n);
}

/** Product of two elements. */
export function times(a: bigint, b: bigint): bigint {
  let out = 0n;
  for (; b !== 0n; b >>= 1n) {
    if ((b & 1n) !== 0n) out ^= a;
    a = timesAlpha(a);
  }
  return out;
}

/** The primitive element to the power `exponent`. */
export function alphaTo(exponent: bigint): bigint {
  let out = 1n;
  for (const bit of exponent.toString(2)) {
    out = times(out, out);
    if (bit === '1') out = timesAlpha(out);
  }
  return out;
}
