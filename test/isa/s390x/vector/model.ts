/** Vectors as arrays of elements, leftmost first: what the models of the tests are written in. */

import { Bench, encode, type Outcome, rowOf } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const { asIntN, asUintN } = BigInt;

/** CR0 with both controls that vector instructions need. */
export const ENABLED = { 0: 0x6_0000n } as const;

/** Elements of `bits` bits, unsigned, leftmost first. */
export function split(v: bigint, bits: number): bigint[] {
  return Array.from({ length: 128 / bits }, (_, i) => asUintN(bits, v >> BigInt(128 - bits * (i + 1))));
}
export function signed(values: readonly bigint[], bits: number): bigint[] {
  return values.map((v) => asIntN(bits, v));
}
/** A vector of elements, each modulo its width. */
export function join(values: readonly bigint[], bits: number): bigint {
  return values.reduce((v, e) => (v << BigInt(bits)) | asUintN(bits, e), 0n);
}

/** Operands worth a try: edges in every place, few byte values, random ones. */
export function* operands(count: number, stream: number): Generator<bigint> {
  const next = randomWords(stream);
  const bytes = [0n, 1n, 0x41n, 0x7fn, 0x80n, 0xffn];
  const vector = (byte: () => bigint): bigint => Array.from({ length: 16 }, byte).reduce((v, b) => (v << 8n) | b, 0n);
  for (let i = 0; i < count; i++) {
    const kind = next() % 3;
    if (kind === 0) yield vector(() => BigInt(next() & 0xff));
    else if (kind === 1) yield vector(() => bytes[next() % bytes.length] ?? 0n);
    else {
      const byte = bytes[next() % bytes.length] ?? 0n;
      yield vector(() => (next() % 8 === 0 ? BigInt(next() & 0xff) : byte));
    }
  }
}

const bench = new Bench();

/** Does one instruction on V2, V3 and V4 in registers 18, 3 and 20; V1 is register 1 and holds `first` before. */
export function run(
  mnemonic: string,
  fields: Readonly<Record<string, number>>,
  sources: readonly bigint[],
  more: { readonly first?: bigint; readonly cc?: number; readonly fpc?: number } = {},
): Outcome {
  const { fields: has } = rowOf(mnemonic).format;
  const numbers = { v1: 1, v2: 18, v3: 3, v4: 20 };
  const named = Object.fromEntries(Object.entries(numbers).filter(([name]) => name in has));
  const [a = 0n, b = 0n, c = 0n] = sources;
  return bench.run({
    code: [encode(mnemonic, { ...named, ...fields })],
    vr: { 1: more.first ?? 0n, 18: a, 3: b, 20: c },
    cr: ENABLED,
    cc: more.cc ?? 0,
    fpc: more.fpc ?? 0,
  });
}
