/** SHA-3 and SHAKE (FIPS 202): the permutation Keccak-f[1600], and what is built on it. */

/** Bytes of the state, which is the chaining value: 25 lanes, each little endian. */
export const KECCAK_BYTES = 200;
const LANES = 25;
const ROUNDS = 24;

/** The low and the high word of lane `i` are at 2i and 2i+1. */
type State = Int32Array;

const word = (words: Int32Array, i: number): number => words[i] ?? 0;

/** What is added to the first lane in each round, from a shift register of 8 bits (FIPS 202, 3.2.5). */
const roundConstants = Int32Array.from({ length: 2 * ROUNDS });
/** Where the lane in hand goes in each step of rho and pi, and how far it is rotated (3.2.2, 3.2.3). */
const moves: readonly { readonly to: number; readonly by: number }[] = Array.from({ length: LANES - 1 }, (_, t) => {
  let [x, y] = [1, 0];
  for (let step = 0; step <= t; step++) [x, y] = [y, (2 * x + 3 * y) % 5];
  return { to: x + 5 * y, by: (((t + 1) * (t + 2)) / 2) % 64 };
});
for (let register = 1, step = 0; step < 7 * ROUNDS; step++) {
  const place = (1 << (step % 7)) - 1;
  const at = 2 * Math.floor(step / 7) + (place >> 5);
  if ((register & 1) !== 0) roundConstants[at] = word(roundConstants, at) | (1 << (place & 31));
  register = (register << 1) ^ ((register & 0x80) !== 0 ? 0x171 : 0);
}

/** The low word of high:low rotated left by 0 to 63; with the words exchanged, the high one. */
function rotated(low: number, high: number, by: number): number {
  const [a, b] = by < 32 ? [low, high] : [high, low];
  const n = by & 31;
  return n === 0 ? a : (a << n) | (b >>> (32 - n));
}

function theta(state: State): void {
  const parity = new Int32Array(10);
  for (let i = 0; i < 2 * LANES; i++) parity[i % 10] = word(parity, i % 10) ^ word(state, i);
  for (let column = 0; column < 10; column += 2) {
    const [before, after] = [(column + 8) % 10, (column + 2) % 10];
    const low = word(parity, before) ^ rotated(word(parity, after), word(parity, after + 1), 1);
    const high = word(parity, before + 1) ^ rotated(word(parity, after + 1), word(parity, after), 1);
    for (let i = column; i < 2 * LANES; i += 10) {
      state[i] = word(state, i) ^ low;
      state[i + 1] = word(state, i + 1) ^ high;
    }
  }
}

function rhoAndPi(state: State): void {
  let [low, high] = [word(state, 2), word(state, 3)];
  for (const { to, by } of moves) {
    const [nextLow, nextHigh] = [word(state, 2 * to), word(state, 2 * to + 1)];
    state[2 * to] = rotated(low, high, by);
    state[2 * to + 1] = rotated(high, low, by);
    [low, high] = [nextLow, nextHigh];
  }
}

function chi(state: State): void {
  for (let row = 0; row < 2 * LANES; row += 10) {
    const lanes = state.slice(row, row + 10);
    for (let i = 0; i < 10; i++) {
      state[row + i] = word(lanes, i) ^ (~word(lanes, (i + 2) % 10) & word(lanes, (i + 4) % 10));
    }
  }
}

function permute(state: State): void {
  for (let round = 0; round < ROUNDS; round++) {
    theta(state);
    rhoAndPi(state);
    chi(state);
    state[0] = word(state, 0) ^ word(roundConstants, 2 * round);
    state[1] = word(state, 1) ^ word(roundConstants, 2 * round + 1);
  }
}

function stateOf(chaining: Uint8Array): State {
  const view = new DataView(chaining.buffer, chaining.byteOffset, KECCAK_BYTES);
  return Int32Array.from({ length: 2 * LANES }, (_, i) => view.getInt32(4 * i, true));
}

function bytesOf(state: State): Uint8Array {
  const view = new DataView(new ArrayBuffer(KECCAK_BYTES));
  for (const [i, value] of state.entries()) view.setInt32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}

/** The chaining value behind one more permutation. */
export function permuted(chaining: Uint8Array): Uint8Array {
  const state = stateOf(chaining);
  permute(state);
  return bytesOf(state);
}

/** A sponge: SHA3-n or SHAKE-n. */
export interface Sponge {
  /** Bytes that go in or come out between two permutations. */
  readonly block: number;
  /** What the padding begins with: the bits that tell the functions apart, and a one. */
  readonly suffix: number;
}

export const sha3_224: Sponge = { block: 144, suffix: 0x06 };
export const sha3_256: Sponge = { block: 136, suffix: 0x06 };
export const sha3_384: Sponge = { block: 104, suffix: 0x06 };
export const sha3_512: Sponge = { block: 72, suffix: 0x06 };
export const shake128: Sponge = { block: 168, suffix: 0x1f };
export const shake256: Sponge = { block: 136, suffix: 0x1f };

/** The chaining value behind whole blocks. */
export function absorb({ block }: Sponge, chaining: Uint8Array, blocks: Uint8Array): Uint8Array {
  const state = stateOf(chaining);
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  for (let at = 0; at + block <= blocks.length; at += block) {
    for (let i = 0; i < block; i += 4) state[i >> 2] = word(state, i >> 2) ^ view.getInt32(at + i, true);
    permute(state);
  }
  return bytesOf(state);
}

/** The last block: what is left of a message, less than a block, and the padding. */
export function lastBlock({ block, suffix }: Sponge, rest: Uint8Array): Uint8Array {
  const out = new Uint8Array(block);
  out.set(rest);
  out[rest.length] = suffix;
  out[block - 1] = (out[block - 1] ?? 0) | 0x80;
  return out;
}
