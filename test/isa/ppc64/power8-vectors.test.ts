/** What a POWER8 brought for cryptography, checksums and decimal sums: by the standards' algorithms, as the host's library has them. */

import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { Bench, encode, MSR_ALL } from '../../support/ppc64/isa.ts';
import { randomWords } from '../../support/seed.ts';

const bench = new Bench(undefined, cpuModels.power8);
const { asUintN } = BigInt;

/** What an instruction makes of the vectors in its operands, and CR field 6. */
function run(mnemonic: string, a: bigint, b = 0n, fields: Readonly<Record<string, number>> = {}) {
  const out = bench.run({
    code: [encode(mnemonic, { vrt: 34, vra: 35, ...fields })],
    msr: MSR_ALL,
    vsr: { 35: [a >> 64n, asUintN(64, a)], 36: [b >> 64n, asUintN(64, b)] },
  });
  const [left, right] = out.vsr[34] ?? [0n, 0n];
  return { value: (left << 64n) | right, cr6: (out.cr >>> 4) & 15 };
}
const two = (mnemonic: string, a: bigint, b: bigint): bigint => run(mnemonic, a, b, { vrb: 36 }).value;

const words = randomWords(0xae5);
const random = (bits: number): bigint => {
  let value = 0n;
  for (let n = 0; n < bits; n += 32) value = (value << 32n) | BigInt(words() >>> 0);
  return asUintN(bits, value);
};
const bytes = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');

describe('AES', () => {
  /** FIPS 197, "Key Expansion", for keys of 128 bits. */
  function roundKeys(key: bigint): bigint[] {
    const w = [96n, 64n, 32n, 0n].map((at) => asUintN(32, key >> at));
    let constant = 1n;
    for (let n = 4; n < 44; n++) {
      let last = w[n - 1] ?? 0n;
      if (n % 4 === 0) {
        const rotated = asUintN(32, (last << 8n) | (last >> 24n));
        last = asUintN(32, run('vsbox', rotated).value) ^ (constant << 24n);
        constant = constant > 0x7fn ? (constant << 1n) ^ 0x11bn : constant << 1n;
      }
      w.push((w[n - 4] ?? 0n) ^ last);
    }
    return Array.from({ length: 11 }, (_, n) =>
      w.slice(4 * n, 4 * n + 4).reduce((all, word) => (all << 32n) | word, 0n),
    );
  }
  test('rounds encipher as the standard says, and the inverse ones decipher', () => {
    for (let n = 0; n < 20; n++) {
      const [key, text] = [random(128), random(128)];
      const library = createCipheriv('aes-128-ecb', bytes(key, 16), null).setAutoPadding(false);
      const expected = BigInt(`0x${library.update(bytes(text, 16)).toString('hex')}`);
      const keys = roundKeys(key);
      const [first = 0n, ...others] = keys;
      const done = others.reduce((s, k, i) => two(i === 9 ? 'vcipherlast' : 'vcipher', s, k), text ^ first);
      expect(done.toString(16)).toBe(expected.toString(16));
      const [last = 0n, ...back] = keys.toReversed();
      const undone = back.reduce((s, k, i) => two(i === 9 ? 'vncipherlast' : 'vncipher', s, k), done ^ last);
      expect(undone.toString(16)).toBe(text.toString(16));
    }
  });
});

describe('SHA-2', () => {
  /** A function of FIPS 180 on all elements; of element n the other one when its bit of SIX is one. */
  const sigma = (bits: 32 | 64, st: 0 | 1, six: number, value: bigint): bigint =>
    run(`vshasigma${bits === 32 ? 'w' : 'd'}${st === 0 ? '' : ' 1'}`, value, 0n, { six }).value;
  const everywhere = (bits: 32 | 64, value: bigint): bigint =>
    Array.from({ length: 128 / bits }).reduce<bigint>((all) => (all << BigInt(bits)) | value, 0n);
  /** The first bits of the fractional part of a root of a prime. */
  const fraction = (prime: number, root: 2 | 3, bits: number): bigint => {
    const scaled = BigInt(prime) << BigInt(bits * root);
    let low = 0n;
    for (let bit = 1n << BigInt(bits + 5); bit > 0n; bit >>= 1n) if ((low + bit) ** BigInt(root) <= scaled) low += bit;
    return asUintN(bits, low);
  };
  const primes: number[] = [];
  for (let n = 2; primes.length < 80; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);

  /** FIPS 180-4, section 6.2 or 6.4, of a message of one block. */
  function digest(bits: 32 | 64, message: string): string {
    const rounds = bits === 32 ? 64 : 80;
    const block = bits * 16;
    const content = BigInt(`0x${Buffer.from(`${message}\x80`, 'latin1').toString('hex')}`);
    const padded = (content << BigInt(block - (message.length + 1) * 8)) | BigInt(message.length * 8);
    const of = (st: 0 | 1, six: number, value: bigint): bigint =>
      asUintN(bits, sigma(bits, st, six, everywhere(bits, value)));
    const sum = (...terms: bigint[]): bigint =>
      asUintN(
        bits,
        terms.reduce((all, t) => all + t, 0n),
      );
    const w = Array.from({ length: 16 }, (_, n) => asUintN(bits, padded >> BigInt(bits * (15 - n))));
    for (let t = 16; t < rounds; t++) {
      const at = (back: number): bigint => w[t - back] ?? 0n;
      w.push(sum(of(0, 15, at(2)), at(7), of(0, 0, at(15)), at(16)));
    }
    const start = primes.slice(0, 8).map((p) => fraction(p, 2, bits));
    let state = start;
    for (let t = 0; t < rounds; t++) {
      const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
      const chosen = (e & f) ^ (asUintN(bits, ~e) & g);
      const first = sum(h, of(1, 15, e), chosen, fraction(primes[t] ?? 0, 3, bits), w[t] ?? 0n);
      const second = sum(of(1, 0, a), (a & b) ^ (a & c) ^ (b & c));
      state = [sum(first, second), a, b, c, sum(d, first), e, f, g];
    }
    return state
      .map((v, n) =>
        sum(v, start[n] ?? 0n)
          .toString(16)
          .padStart(bits / 4, '0'),
      )
      .join('');
  }
  test.each([
    [32, 'sha256'],
    [64, 'sha512'],
  ] as const)('the functions on %i bits give %s', (bits, name) => {
    expect(digest(bits, 'guestscope')).toBe(createHash(name).update('guestscope').digest('hex'));
  });
  test('each element has its bit of SIX, the leftmost element the leftmost bit; of doublewords every second', () => {
    const value = random(128);
    for (const [bits, step] of [
      [32, 1],
      [64, 2],
    ] as const) {
      const [none, all] = [sigma(bits, 1, 0, value), sigma(bits, 1, 15, value)];
      for (let n = 0; n < 128 / bits; n++) {
        const mask = ((1n << BigInt(bits)) - 1n) << BigInt(128 - bits * (n + 1));
        expect(sigma(bits, 1, 8 >> (n * step), value)).toBe((all & mask) | (none & ~mask));
      }
    }
  });
});

describe('polynomials', () => {
  function product(a: bigint, b: bigint): bigint {
    let sum = 0n;
    for (let n = 0n; b >> n > 0n; n++) if ((b >> n) & 1n) sum ^= a << n;
    return sum;
  }
  test.each([
    ['vpmsumb', 8],
    ['vpmsumh', 16],
    ['vpmsumw', 32],
    ['vpmsumd', 64],
  ] as const)('%s adds the products of two elements each', (mnemonic, bits) => {
    for (let n = 0; n < 50; n++) {
      const [a, b] = n === 0 ? [(1n << 128n) - 1n, (1n << 128n) - 1n] : [random(128), random(128)];
      let expected = 0n;
      for (let at = 0; at < 128; at += bits) {
        const of = (v: bigint): bigint => asUintN(bits, v >> BigInt(at));
        expected ^= product(of(a), of(b)) << BigInt(at - (at % (2 * bits)));
      }
      expect(two(mnemonic, a, b).toString(16)).toBe(expected.toString(16));
    }
  });
});

describe('decimal sums', () => {
  const of = (mnemonic: 'bcdadd.' | 'bcdsub.', a: bigint, b: bigint, ps = 0) => {
    const { value, cr6 } = run(mnemonic, a, b, { vrb: 36, ps });
    return [value.toString(16), cr6];
  };
  const most = BigInt(`0x${'9'.repeat(31)}`) << 4n;
  const [LT, GT, EQ, SO] = [8, 4, 2, 1];
  test('CR field 6 tells of the sum as it is, the register has 31 digits of it', () => {
    expect(of('bcdadd.', most | 0xcn, 0x1cn)).toEqual(['c', GT | SO]);
    expect(of('bcdadd.', most | 0xdn, 0x1dn)).toEqual(['d', LT | SO]);
    expect(of('bcdsub.', most | 0xcn, most | 0xcn, 1)).toEqual(['f', EQ]);
    expect(of('bcdsub.', 0xcn, 0x1cn, 1)).toEqual(['1d', LT]);
    expect(of('bcdadd.', 0x25cn, 0x17cn, 1)).toEqual(['42f', GT]);
  });
  test('a sum of zero is positive', () => {
    expect([of('bcdadd.', 0xdn, 0xdn), of('bcdsub.', 0xdn, 0xcn, 1), of('bcdadd.', 0x5cn, 0x5dn)]).toEqual([
      ['c', EQ],
      ['f', EQ],
      ['c', EQ],
    ]);
  });
  test('signs A, C, E and F are plus, B and D minus; what is no digit or no sign makes the sum invalid', () => {
    expect([0xan, 0xcn, 0xen, 0xfn, 0xbn, 0xdn].map((sign) => of('bcdadd.', 0x10n | sign, 0x3cn)[0])).toEqual([
      '4c',
      '4c',
      '4c',
      '4c',
      '2c',
      '2c',
    ]);
    for (const bad of [0x10n, 0x19n, 0xacn, 0xf00cn]) {
      expect([of('bcdadd.', bad, 0x1cn)[1], of('bcdsub.', 0x1cn, bad)[1]]).toEqual([SO, SO]);
    }
  });
});

test('none of them is available without MSR[VEC], and a POWER7 knows none', () => {
  const plain = new Bench();
  for (const mnemonic of ['vcipher', 'vsbox', 'vshasigmaw', 'vshasigmad 1', 'vpmsumd', 'bcdadd.']) {
    expect(bench.run({ code: [encode(mnemonic)], msr: MSR_ALL & ~0x0200_0000n }).pc).toBe(0xf20n);
    expect(plain.run({ code: [encode(mnemonic)], msr: MSR_ALL }).cause).toEqual({ kind: 'hypervisor', vector: 0xe40 });
  }
});
