/** Random keys, data and lengths through the message-security assist, beside the host's library. */

import { createCipheriv, createECDH, createHash, createPrivateKey, createSign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encode } from '../../../support/s390x/isa.ts';
import { randomWords, timesAsked } from '../../../support/seed.ts';
import { bench, DECIPHER, hex, place, run, toHex } from './support.ts';

const TIMES = timesAsked(25);

/** Choices of a test, from the run's seed. */
function choices(stream: number) {
  const word = randomWords(stream);
  const below = (n: number): number => word() % n;
  return {
    below,
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
    bytes: (length: number): Uint8Array => Uint8Array.from({ length }, () => word() >>> 24),
    /** Often around a multiple of `block`. */
    length: (block: number): number => Math.max(0, below(40) * block + (below(2) === 0 ? below(5) - 2 : below(block))),
  };
}
type Choices = ReturnType<typeof choices>;
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const aes = [
  { code: 18n, bits: 128 },
  { code: 19n, bits: 192 },
  { code: 20n, bits: 256 },
] as const;

describe.each([
  ['KM', 'ecb', 0],
  ['KMC', 'cbc', 16],
  ['KMO', 'ofb', 16],
] as const)('%s, AES', (mnemonic, mode, chaining) => {
  test('in parts, both ways', () => {
    const c = choices(mnemonic.length + chaining + mnemonic.charCodeAt(2));
    for (let i = 0; i < TIMES; i++) {
      const { code, bits } = c.pick(aes);
      const [key, iv, text] = [c.bytes(bits / 8), c.bytes(chaining), c.bytes(16 * c.below(300))];
      const cipher = createCipheriv(`aes-${bits}-${mode}`, key, chaining === 0 ? null : iv);
      cipher.setAutoPadding(false);
      const wanted = toHex(cipher.update(text));
      const cut = 16 * c.below(text.length / 16 + 1);
      const pass = (data: Uint8Array, flags: bigint): string => {
        const one = run(mnemonic, { code: code | flags, parameters: join(iv, key), data: data.subarray(0, cut) });
        const two = run(mnemonic, { code: code | flags, parameters: hex(one.block), data: data.subarray(cut) });
        expect([one.cc, two.cc, two.pgm]).toEqual([0, 0, undefined]);
        return one.output + two.output;
      };
      expect(pass(text, 0n)).toBe(wanted);
      expect(pass(hex(wanted), DECIPHER)).toBe(toHex(text));
    }
  });
});

test('KIMD and KLMD: messages in parts', () => {
  const c = choices(77);
  const functions = [
    { name: 'sha3-224', code: 32n, block: 144 },
    { name: 'sha3-256', code: 33n, block: 136 },
    { name: 'sha3-384', code: 34n, block: 104 },
    { name: 'sha3-512', code: 35n, block: 72 },
  ] as const;
  for (let i = 0; i < TIMES; i++) {
    const { name, code, block } = c.pick(functions);
    const data = c.bytes(c.length(block));
    const cut = block * c.below(Math.floor(data.length / block) + 1);
    const first = run('KIMD', { code, parameters: new Uint8Array(200), data: data.subarray(0, cut) });
    const last = run('KLMD', { code, parameters: hex(first.block), data: data.subarray(cut) });
    const digest = createHash(name).update(data).digest('hex');
    expect([last.cc, last.block.slice(0, digest.length)]).toEqual([0, digest]);
  }
});

test('KLMD: SHAKE of any lengths', () => {
  const c = choices(78);
  for (let i = 0; i < TIMES; i++) {
    const { name, code, block } = c.pick([
      { name: 'shake128', code: 36n, block: 168 },
      { name: 'shake256', code: 37n, block: 136 },
    ] as const);
    const [data, outputLength] = [c.bytes(c.length(block)), c.length(block)];
    const out = bench.run({
      code: [encode('KLMD', { r1: 4, r2: 2 }), encode('BRC', { m1: 1, ri2: -4 })],
      steps: 60,
      gr: {
        0: code,
        1: BigInt(place.parameters),
        2: BigInt(place.source),
        3: BigInt(data.length),
        4: BigInt(place.target),
        5: BigInt(outputLength),
      },
      storage: { [place.source]: data, [place.parameters]: new Uint8Array(200) },
    });
    const wanted = outputLength === 0 ? '' : createHash(name, { outputLength }).update(data).digest('hex');
    expect(out.storage(place.target, outputLength)).toBe(wanted);
  }
});

/** A key of the library's from a private number, and that one and the public point in fields. */
function keyOf(crv: string, name: string, number: Uint8Array, field: number) {
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(number);
  const point = ecdh.getPublicKey().subarray(1);
  const [x, y] = [point.subarray(0, point.length / 2), point.subarray(point.length / 2)];
  const [d64, x64, y64] = [number, x, y].map((bytes) => Buffer.from(bytes).toString('base64url'));
  const jwk = { kty: 'EC', crv, d: d64 ?? '', x: x64 ?? '', y: y64 ?? '' };
  const inField = (bytes: Uint8Array): Uint8Array => join(new Uint8Array(field - bytes.length), bytes);
  return {
    privateKey: createPrivateKey({ key: jwk, format: 'jwk' }),
    d: inField(number),
    x: inField(x),
    y: inField(y),
  };
}

test.each([
  ['P-256', 'prime256v1', 'sha256', 32, 1n, 9n],
  ['P-384', 'secp384r1', 'sha384', 48, 2n, 10n],
  ['P-521', 'secp521r1', 'sha512', 80, 3n, 11n],
] as const)('KDSA, ECDSA over %s: keys and messages of all kinds', (crv, name, hash, field, verify, sign) => {
  const c: Choices = choices(field);
  const none = new Uint8Array(0);
  const zeros = new Uint8Array(field);
  for (let i = 0; i < Math.ceil(TIMES / 8); i++) {
    // Below the order of the base point, as all numbers with a zero in front are.
    const number = join(Uint8Array.of(0), c.bytes(field === 80 ? 65 : field - 1));
    const { privateKey, d, x, y } = keyOf(crv, name, number, field);
    const text = c.bytes(c.below(200));
    const digest = createHash(hash).update(text).digest();
    const inField = join(new Uint8Array(field - digest.length), digest);
    const own = run('KDSA', { code: sign, parameters: join(zeros, zeros, inField, d, c.bytes(field)), data: none });
    const rs = hex(own.block.slice(0, 4 * field));
    const verified = (r: Uint8Array, s: Uint8Array, h: Uint8Array): number =>
      run('KDSA', { code: verify, parameters: join(r, s, h, x, y), data: none }).cc;
    expect([own.cc, verified(rs.slice(0, field), rs.slice(field), inField)]).toEqual([0, 0]);
    const plain = createSign(hash).update(text).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
    const half = plain.length / 2;
    const halves = [0, half].map((at) => join(new Uint8Array(field - half), plain.subarray(at, at + half)));
    const [r = zeros, s = zeros] = halves;
    expect(verified(r, s, inField)).toBe(0);
    const changed = inField.slice();
    const bit = field - digest.length + c.below(digest.length);
    changed[bit] = (changed[bit] ?? 0) ^ (1 << c.below(8));
    expect(verified(r, s, changed)).toBe(2);
  }
});
