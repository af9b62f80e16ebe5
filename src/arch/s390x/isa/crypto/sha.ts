/** The compression functions of the Secure Hash Standard (FIPS 180-4), which begin with any chaining value. */

/** A hash algorithm: how its blocks and its chaining value look, and what a block does to it. */
export interface Digest {
  /** Bytes of a block. */
  readonly block: 64 | 128;
  /** Bytes of the chaining value. */
  readonly chaining: 20 | 32 | 64;
  /** Bytes of the message length that ends the last block. */
  readonly length: 8 | 16;
  /** The chaining value behind whole blocks; big endian, as the arguments. */
  compress(chaining: Uint8Array, blocks: Uint8Array): Uint8Array;
}

const primes = (count: number): bigint[] => {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every((p) => n % p !== 0n)) found.push(n);
  return found;
};

/** The largest integer whose cube is at most `n`. */
function cubeRoot(n: bigint): bigint {
  let root = 0n;
  for (let bit = 1n << 67n; bit > 0n; bit >>= 1n) if ((root | bit) ** 3n <= n) root |= bit;
  return root;
}

/** First 64 bits of the fractional parts of the cube roots of the first 80 primes, in words. */
const wideConstants = Int32Array.from(
  primes(80).flatMap((p) => {
    const fraction = cubeRoot(p << 192n);
    return [Number(BigInt.asIntN(32, fraction >> 32n)), Number(BigInt.asIntN(32, fraction))];
  }),
);
const constants = wideConstants.filter((_, i) => i % 2 === 0).slice(0, 64);

/** Runs `block` over every block of a message on the chaining value as words. */
function overBlocks(
  chaining: Uint8Array,
  blocks: Uint8Array,
  size: number,
  block: (state: Int32Array, view: DataView, at: number) => void,
): Uint8Array {
  const from = new DataView(chaining.buffer, chaining.byteOffset, chaining.byteLength);
  const state = Int32Array.from({ length: chaining.length / 4 }, (_, i) => from.getInt32(i * 4));
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  for (let at = 0; at + size <= blocks.length; at += size) block(state, view, at);
  const out = new DataView(new ArrayBuffer(chaining.length));
  state.forEach((word, i) => {
    out.setInt32(i * 4, word);
  });
  return new Uint8Array(out.buffer);
}

const left = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
const right = (x: number, n: number): number => (x >>> n) | (x << (32 - n));
const word = (words: Int32Array, i: number): number => words[i] ?? 0;

function sha1Block(state: Int32Array, view: DataView, at: number): void {
  const w = new Int32Array(80);
  for (let t = 0; t < 16; t++) w[t] = view.getInt32(at + t * 4);
  for (let t = 16; t < 80; t++) w[t] = left(word(w, t - 3) ^ word(w, t - 8) ^ word(w, t - 14) ^ word(w, t - 16), 1);
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let t = 0; t < 80; t++) {
    const [f, k] =
      t < 20
        ? [(b & c) | (~b & d), 0x5a827999]
        : t < 40
          ? [b ^ c ^ d, 0x6ed9eba1]
          : t < 60
            ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
            : [b ^ c ^ d, 0xca62c1d6];
    const next = (left(a, 5) + f + e + k + word(w, t)) | 0;
    e = d;
    d = c;
    c = left(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((value, i) => {
    state[i] = (word(state, i) + value) | 0;
  });
}

function sha256Block(state: Int32Array, view: DataView, at: number): void {
  const w = new Int32Array(64);
  for (let t = 0; t < 16; t++) w[t] = view.getInt32(at + t * 4);
  for (let t = 16; t < 64; t++) {
    const [x, y] = [word(w, t - 15), word(w, t - 2)];
    const s0 = right(x, 7) ^ right(x, 18) ^ (x >>> 3);
    const s1 = right(y, 17) ^ right(y, 19) ^ (y >>> 10);
    w[t] = (word(w, t - 16) + s0 + word(w, t - 7) + s1) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t++) {
    const s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + word(constants, t) + word(w, t)) | 0;
    const t2 = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => {
    state[i] = (word(state, i) + value) | 0;
  });
}

// The leftmost word of h:l rotated right by less than 32; with the words exchanged, the rightmost one, or 32 more.
const turn = (h: number, l: number, n: number): number => (h >>> n) | (l << (32 - n));
const CARRY = 0x1_0000_0000;

function sha512Schedule(view: DataView, at: number): Int32Array {
  const w = new Int32Array(160);
  for (let i = 0; i < 32; i++) w[i] = view.getInt32(at + i * 4);
  for (let i = 32; i < 160; i += 2) {
    const [xh, xl, yh, yl] = [word(w, i - 30), word(w, i - 29), word(w, i - 4), word(w, i - 3)];
    const s0h = turn(xh, xl, 1) ^ turn(xh, xl, 8) ^ (xh >>> 7);
    const s0l = turn(xl, xh, 1) ^ turn(xl, xh, 8) ^ turn(xl, xh, 7);
    const s1h = turn(yh, yl, 19) ^ turn(yl, yh, 29) ^ (yh >>> 6);
    const s1l = turn(yl, yh, 19) ^ turn(yh, yl, 29) ^ turn(yl, yh, 6);
    const low = (word(w, i - 31) >>> 0) + (s0l >>> 0) + (word(w, i - 13) >>> 0) + (s1l >>> 0);
    w[i] = (word(w, i - 32) + s0h + word(w, i - 14) + s1h + Math.floor(low / CARRY)) | 0;
    w[i + 1] = low | 0;
  }
  return w;
}

function sha512Block(state: Int32Array, view: DataView, at: number): void {
  const w = sha512Schedule(view, at);
  const v = state.slice();
  for (let i = 0; i < 160; i += 2) {
    const [ah = 0, al = 0, bh = 0, bl = 0, ch = 0, cl = 0, dh = 0, dl = 0] = v;
    const [eh, el, fh, fl] = [word(v, 8), word(v, 9), word(v, 10), word(v, 11)];
    const [gh, gl, hh, hl] = [word(v, 12), word(v, 13), word(v, 14), word(v, 15)];
    const s1h = turn(eh, el, 14) ^ turn(eh, el, 18) ^ turn(el, eh, 9);
    const s1l = turn(el, eh, 14) ^ turn(el, eh, 18) ^ turn(eh, el, 9);
    const chosen = ((el & fl) ^ (~el & gl)) >>> 0;
    const t1l = (hl >>> 0) + (s1l >>> 0) + chosen + (word(wideConstants, i + 1) >>> 0) + (word(w, i + 1) >>> 0);
    const t1h =
      (hh + s1h + ((eh & fh) ^ (~eh & gh)) + word(wideConstants, i) + word(w, i) + Math.floor(t1l / CARRY)) | 0;
    const s0h = turn(ah, al, 28) ^ turn(al, ah, 2) ^ turn(al, ah, 7);
    const s0l = turn(al, ah, 28) ^ turn(ah, al, 2) ^ turn(ah, al, 7);
    const sum = (t1l | 0) >>> 0;
    const al2 = sum + (s0l >>> 0) + (((al & bl) ^ (al & cl) ^ (bl & cl)) >>> 0);
    const el2 = sum + (dl >>> 0);
    v.copyWithin(2, 0, 14);
    v[8] = (dh + t1h + Math.floor(el2 / CARRY)) | 0;
    v[9] = el2 | 0;
    v[0] = (t1h + s0h + ((ah & bh) ^ (ah & ch) ^ (bh & ch)) + Math.floor(al2 / CARRY)) | 0;
    v[1] = al2 | 0;
  }
  for (let i = 0; i < 16; i += 2) {
    const low = (word(state, i + 1) >>> 0) + (word(v, i + 1) >>> 0);
    state[i] = (word(state, i) + word(v, i) + Math.floor(low / CARRY)) | 0;
    state[i + 1] = low | 0;
  }
}

export const sha1: Digest = {
  block: 64,
  chaining: 20,
  length: 8,
  compress: (chaining, blocks) => overBlocks(chaining, blocks, 64, sha1Block),
};
export const sha256: Digest = {
  block: 64,
  chaining: 32,
  length: 8,
  compress: (chaining, blocks) => overBlocks(chaining, blocks, 64, sha256Block),
};
export const sha512: Digest = {
  block: 128,
  chaining: 64,
  length: 16,
  compress: (chaining, blocks) => overBlocks(chaining, blocks, 128, sha512Block),
};

/** The last block or blocks of a message: what is left of it, a one bit, zeros, and the message's length in bits. */
export function lastBlocks(digest: Digest, rest: Uint8Array, messageBits: Uint8Array): Uint8Array {
  const used = rest.length + 1 + digest.length;
  const out = new Uint8Array(Math.ceil(used / digest.block) * digest.block);
  out.set(rest);
  out[rest.length] = 0x80;
  out.set(messageBits, out.length - digest.length);
  return out;
}
