import { createCipheriv, createDecipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DECIPHER, hex, message, place, run, toHex } from './support.ts';

const ciphers = [
  { name: 'DEA', code: 1n, key: hex('0123456789abcdef'), block: 8, library: 'des-ede3', expand: 3 },
  {
    name: 'TDEA-128',
    code: 2n,
    key: hex('0123456789abcdef 23456789abcdef01'),
    block: 8,
    library: 'des-ede',
    expand: 1,
  },
  { name: 'TDEA-192', code: 3n, key: message(24), block: 8, library: 'des-ede3', expand: 1 },
  { name: 'AES-128', code: 18n, key: message(16), block: 16, library: 'aes-128', expand: 1 },
  { name: 'AES-192', code: 19n, key: message(24), block: 16, library: 'aes-192', expand: 1 },
  { name: 'AES-256', code: 20n, key: message(32), block: 16, library: 'aes-256', expand: 1 },
] as const;
type Cipher = (typeof ciphers)[number];

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** What the host's library makes of a message. */
function expected(c: Cipher, mode: string, iv: Uint8Array | null, data: Uint8Array, decipher = false): Uint8Array {
  const key = join(...Array.from({ length: c.expand }, () => c.key));
  // Two-key TDEA in ECB mode goes by the bare name.
  const name = c.library === 'des-ede' && mode === 'ecb' ? c.library : `${c.library}-${mode}`;
  const stream = (decipher ? createDecipheriv : createCipheriv)(name, key, iv);
  stream.setAutoPadding(false);
  return stream.update(data);
}

// More than two units, the last of them not full.
const data = message(2 * 4096 + 48);

describe.each(ciphers)('$name', (c) => {
  const iv = message(64).slice(64 - c.block);

  test('KM enciphers and deciphers each block for itself', () => {
    const out = run('KM', { code: c.code, parameters: c.key, data });
    expect(out.output).toBe(toHex(expected(c, 'ecb', null, data)));
    expect(out.block).toBe(toHex(c.key));
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
    const back = run('KM', { code: c.code | DECIPHER, parameters: c.key, data: hex(out.output) });
    expect(back.output).toBe(toHex(data));
  });

  test('KM leaves the registers behind the operands', () => {
    const out = run('KM', { code: c.code, parameters: c.key, data });
    expect(out.gr.slice(0, 5)).toEqual(
      [c.code, place.parameters, place.source + data.length, 0, place.target + data.length].map(BigInt),
    );
  });

  test.each([
    ['KMC', 'cbc'],
    ['KMO', 'ofb'],
  ])('%s chains, both ways, and keeps the chaining value for the message behind', (mnemonic, mode) => {
    const out = run(mnemonic, { code: c.code, parameters: join(iv, c.key), data });
    const wanted = expected(c, mode, iv, data);
    expect(out.output).toBe(toHex(wanted));
    expect(out.cc).toBe(0);
    const back = run(mnemonic, { code: c.code | DECIPHER, parameters: join(iv, c.key), data: wanted });
    expect(back.output).toBe(toHex(data));
    expect(back.block).toBe(out.block);
    // Two messages one behind the other are as one.
    const first = run(mnemonic, { code: c.code, parameters: join(iv, c.key), data: data.slice(0, 80) });
    const second = run(mnemonic, { code: c.code, parameters: hex(first.block), data: data.slice(80) });
    expect(first.output + second.output).toBe(toHex(wanted));
    expect(out.block).toBe(second.block);
    expect(out.block.slice(2 * c.block)).toBe(toHex(c.key));
  });

  test.each([1, 5, 8, 'block'] as const)('KMF feeds segments of %s bytes back', (asked) => {
    const size = asked === 'block' ? c.block : asked;
    const text = message(size * 300);
    const code = c.code | (BigInt(size) << 24n);
    const out = run('KMF', { code, parameters: join(iv, c.key), data: text });
    // Each segment is masked with the left end of the enciphered last bytes of what went before.
    let chain: Uint8Array = iv;
    const wanted: number[] = [];
    for (let at = 0; at < text.length; at += size) {
      const mask = expected(c, 'ecb', null, chain);
      const segment = text.slice(at, at + size).map((byte, i) => byte ^ (mask[i] ?? 0));
      wanted.push(...segment);
      chain = join(chain, segment).slice(-c.block);
    }
    expect(out.output).toBe(toHex(Uint8Array.from(wanted)));
    expect(out.block).toBe(toHex(join(chain, c.key)));
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
    const back = run('KMF', { code: code | DECIPHER, parameters: join(iv, c.key), data: hex(out.output) });
    expect(back.output).toBe(toHex(text));
    expect(back.block).toBe(out.block);
  });

  test('KMCTR masks with the enciphered counters, whatever they are; the modifier has no meaning', () => {
    const counters = message(data.length).reverse();
    const wanted = expected(c, 'ecb', null, counters).map((byte, i) => byte ^ (data[i] ?? 0));
    for (const code of [c.code, c.code | DECIPHER]) {
      const out = run('KMCTR', { code, parameters: c.key, data, counters });
      expect(out.output).toBe(toHex(wanted));
      expect(out.cc).toBe(0);
      expect(out.gr[6]).toBe(BigInt(place.counters + data.length));
      expect(out.block).toBe(toHex(c.key));
    }
  });

  test('KMAC leaves the last block of chaining', () => {
    const out = run('KMAC', { code: c.code, parameters: join(iv, c.key), data });
    expect(out.block).toBe(toHex(join(expected(c, 'cbc', iv, data).slice(-c.block), c.key)));
    expect(out.cc).toBe(0);
    expect(out.gr.slice(2, 4)).toEqual([BigInt(place.source + data.length), 0n]);
  });
});

describe('published vectors', () => {
  const fips197 = '00112233445566778899aabbccddeeff';
  const upTo = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i);
  test.each([
    ['FIPS 197, C.1', 18n, upTo(16), fips197, '69c4e0d86a7b0430d8cdb78070b4c55a'],
    ['FIPS 197, C.2', 19n, upTo(24), fips197, 'dda97ca4864cdfe06eaf70a0ec0d7191'],
    ['FIPS 197, C.3', 20n, upTo(32), fips197, '8ea2b7ca516745bfeafc49904b496089'],
    ['SP 500-20, variable plaintext', 1n, hex('0101010101010101'), '8000000000000000', '95f8a5e5dd31d900'],
    [
      'SP 800-67, B.1',
      3n,
      hex('0123456789abcdef 23456789abcdef01 456789abcdef0123'),
      '5468652071756663 6b2062726f776e20 666f78206a756d70',
      'a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900',
    ],
  ] as const)('KM: %s', (_, code, key, plain, cipher) => {
    expect(run('KM', { code, parameters: key, data: hex(plain) }).output).toBe(cipher);
    expect(run('KM', { code: code | DECIPHER, parameters: key, data: hex(cipher) }).output).toBe(
      plain.replaceAll(' ', ''),
    );
  });

  // SP 800-38A, appendix F, AES-128.
  const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
  const plain = hex(`6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
    30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710`);
  const iv = upTo(16);
  test.each([
    ['KMC', 18n, '7649abac8119b246cee98e9b12e9197d', '3ff1caa1681fac09120eca307586e1a7'],
    ['KMF', 0x1000_0012n, '3b3fd92eb72dad20333449f8e83cfb4a', 'c04b05357c5d1c0eeac4c66f9ff7f2e6'],
    ['KMO', 18n, '3b3fd92eb72dad20333449f8e83cfb4a', '304c6528f659c77866a510d9c1d6ae5e'],
  ])('%s: SP 800-38A, first and last block', (mnemonic, code, first, last) => {
    const out = run(mnemonic, { code, parameters: join(iv, key), data: plain });
    expect([out.output.slice(0, 32), out.output.slice(-32)]).toEqual([first, last]);
  });

  test('KMF: SP 800-38A, F.3.7 with segments of one byte', () => {
    const out = run('KMF', { code: 0x0100_0012n, parameters: join(iv, key), data: plain.slice(0, 18) });
    expect(out.output).toBe('3b79424c9c0dd436bace9e0ed4586a4f32b9');
  });

  test('KMCTR: SP 800-38A, F.5.1', () => {
    const counters = hex(`f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff f0f1f2f3f4f5f6f7f8f9fafbfcfdff00
      f0f1f2f3f4f5f6f7f8f9fafbfcfdff01 f0f1f2f3f4f5f6f7f8f9fafbfcfdff02`);
    const out = run('KMCTR', { code: 18n, parameters: key, data: plain, counters });
    expect(out.output.slice(0, 32)).toBe('874d6191b620e3261bef6864990db6ce');
    expect(out.output.slice(-32)).toBe('1e031dda2fbe03d1792170a0f3009cee');
  });
});

describe('KMC pseudo-random numbers', () => {
  test('follow ANSI X9.17, whatever the modifier', () => {
    const [, , tdea192] = ciphers;
    const encipher = (block: Uint8Array): Uint8Array => expected(tdea192, 'ecb', null, block);
    const seed = message(4096 + 16);
    let cv: Uint8Array = message(40).slice(32);
    const parameters = join(cv, tdea192.key);
    const wanted: Uint8Array[] = [];
    for (let at = 0; at < seed.length; at += 8) {
      const inner = encipher(seed.slice(at, at + 8));
      const result = encipher(inner.map((byte, i) => byte ^ (cv[i] ?? 0)));
      cv = encipher(result.map((byte, i) => byte ^ (inner[i] ?? 0)));
      wanted.push(result);
    }
    for (const code of [67n, 67n | DECIPHER]) {
      const out = run('KMC', { code, parameters, data: seed });
      expect(out.output).toBe(toHex(join(...wanted)));
      expect(out.block).toBe(toHex(join(cv, tdea192.key)));
      expect(out.cc).toBe(0);
    }
  });
});

describe('XTS', () => {
  const sizes = [
    { bits: 128, code: 50n, full: 82n, keys: message(32) },
    { bits: 256, code: 52n, full: 84n, keys: message(64) },
  ] as const;
  const tweak = message(48).slice(32);

  describe.each(sizes)('AES-$bits', ({ bits, code, full, keys }) => {
    const half = keys.length / 2;
    const wanted = (): string => {
      const stream = createCipheriv(`aes-${bits}-xts`, keys, tweak);
      return toHex(join(stream.update(data), stream.final()));
    };
    /** Key, XTS parameter of block `number`. */
    const parameterOf = (number: bigint): Uint8Array => {
      const j = hex(number.toString(16).padStart(32, '0'));
      const zero = new Uint8Array(32);
      const out = run('PCC', { code, parameters: join(keys.slice(half), tweak, j, zero), data: new Uint8Array(0) });
      expect(out).toMatchObject({ cc: 0, pgm: undefined });
      expect(out.block.slice(-64, -32)).toBe('80'.padStart(32, '0'));
      return join(keys.slice(0, half), hex(out.block.slice(-32)));
    };

    test('PCC makes the parameter with which KM enciphers and deciphers', () => {
      const out = run('KM', { code, parameters: parameterOf(0n), data });
      expect(out.output).toBe(wanted());
      expect(out.cc).toBe(0);
      const back = run('KM', { code: code | DECIPHER, parameters: parameterOf(0n), data: hex(out.output) });
      expect(back.output).toBe(toHex(data));
    });

    test('KM leaves the parameter of the block behind, which PCC computes from its number', () => {
      for (const blocks of [1, 5, 64]) {
        const out = run('KM', { code, parameters: parameterOf(0n), data: data.slice(0, blocks * 16) });
        expect(out.block).toBe(toHex(parameterOf(BigInt(blocks))));
      }
    });

    test('PCC goes on where the intermediate bit index says, and knows no index above 127', () => {
      const number = (1n << 127n) | (1n << 60n) | 9n;
      const j = hex(number.toString(16));
      const parameters = (index: string, value: Uint8Array): Uint8Array =>
        join(keys.slice(half), tweak, j, hex(index.padStart(32, '0')), value);
      // Bits 0 to 59 are done: what is left is as a number without them.
      const start = parameterOf(1n << 127n).slice(half);
      const out = run('PCC', { code, parameters: parameters('3c', start), data: new Uint8Array(0) });
      const bad = run('PCC', { code, parameters: parameters('80', start), data: new Uint8Array(0) });
      expect(out.block.slice(-32)).toBe(toHex(parameterOf(number).slice(half)));
      expect(bad.cc).toBe(2);
      expect(bad.block).toBe(toHex(parameters('80', start)));
    });

    test('KM with the full parameter block needs no PCC and keeps the next alpha power', () => {
      const one = hex('01000000000000000000000000000000');
      const out = run('KM', { code: full, parameters: join(keys, tweak, one), data });
      expect(out.output).toBe(wanted());
      const first = run('KM', { code: full, parameters: join(keys, tweak, one), data: data.slice(0, 80) });
      expect(first.block).toBe(toHex(join(keys, tweak, hex('20000000000000000000000000000000'))));
      const second = run('KM', { code: full, parameters: hex(first.block), data: data.slice(80) });
      expect(first.output + second.output).toBe(wanted());
      const back = run('KM', { code: full | DECIPHER, parameters: join(keys, tweak, one), data: hex(out.output) });
      expect(back.output).toBe(toHex(data));
    });
  });
});
