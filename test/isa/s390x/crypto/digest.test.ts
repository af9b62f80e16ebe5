import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encode } from '../../../support/s390x/isa.ts';
import { bench, hex, message, place, run, setup, toHex } from './support.ts';

/** Initial chaining values (FIPS 180-4), block and length field in bytes. */
const algorithms = [
  { name: 'sha1', code: 1n, block: 64, field: 8, initial: '67452301efcdab8998badcfe10325476c3d2e1f0' },
  {
    name: 'sha224',
    code: 2n,
    block: 64,
    field: 8,
    initial: 'c1059ed8367cd5073070dd17f70e5939ffc00b31 68581511 64f98fa7 befa4fa4',
  },
  {
    name: 'sha256',
    code: 2n,
    block: 64,
    field: 8,
    initial: '6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19',
  },
  {
    name: 'sha384',
    code: 3n,
    block: 128,
    field: 16,
    initial: `cbbb9d5dc1059ed8 629a292a367cd507 9159015a3070dd17 152fecd8f70e5939
      67332667ffc00b31 8eb44a8768581511 db0c2e0d64f98fa7 47b5481dbefa4fa4`,
  },
  {
    name: 'sha512',
    code: 3n,
    block: 128,
    field: 16,
    initial: `6a09e667f3bcc908 bb67ae8584caa73b 3c6ef372fe94f82b a54ff53a5f1d36f1
      510e527fade682d1 9b05688c2b3e6c1f 1f83d9abfb41bd6b 5be0cd19137e2179`,
  },
] as const;
type Algorithm = (typeof algorithms)[number];

/** Chaining value with the message length in bits behind it. */
function parameters(a: Algorithm, chaining: Uint8Array, length: number): Uint8Array {
  const field = Buffer.alloc(a.field);
  field.writeUInt32BE(length * 8, a.field - 4);
  return Uint8Array.from(Buffer.concat([chaining, field]));
}
const wanted = (a: Algorithm, data: Uint8Array): string => createHash(a.name).update(data).digest('hex');

describe.each(algorithms)('$name', (a) => {
  // Around the ends of the first and second block, where the padding takes one more, and past one unit.
  const lengths = [0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 239, 240, 4095, 4096, 4097, 9000];
  test.each(lengths)('KLMD: a message of %i bytes', (length) => {
    const data = message(length);
    const out = run('KLMD', { code: a.code, parameters: parameters(a, hex(a.initial), length), data });
    const digest = wanted(a, data);
    expect(out.block.slice(0, digest.length)).toBe(digest);
    expect(out.block.slice(-2 * a.field)).toBe((length * 8).toString(16).padStart(2 * a.field, '0'));
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
    expect(out.gr.slice(2, 4)).toEqual([BigInt(place.source + length), 0n]);
  });

  test('KIMD goes on from any chaining value, KLMD ends what it began', () => {
    const data = message(a.block * 70 + 13);
    let chaining = hex(a.initial);
    for (const [from, to] of [
      [0, 1],
      [1, 4],
      [4, 70],
    ] as const) {
      const out = run('KIMD', { code: a.code, parameters: chaining, data: data.slice(from * a.block, to * a.block) });
      expect(out).toMatchObject({ cc: 0, pgm: undefined });
      expect(out.gr[3]).toBe(0n);
      chaining = hex(out.block);
    }
    const rest = data.slice(70 * a.block);
    const out = run('KLMD', { code: a.code, parameters: parameters(a, chaining, data.length), data: rest });
    expect(out.block.slice(0, wanted(a, data).length)).toBe(wanted(a, data));
  });

  test('KIMD of nothing changes nothing', () => {
    const out = run('KIMD', { code: a.code, parameters: hex(a.initial), data: new Uint8Array(0) });
    expect(out).toMatchObject({ cc: 0, block: a.initial.replaceAll(/\s/g, '') });
  });

  test('KIMD of less than a block is a specification exception', () => {
    const out = run('KIMD', { code: a.code, parameters: hex(a.initial), data: message(a.block - 1) });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
  });
});

describe('an execution ends with condition code 3 while there is more', () => {
  test.each([
    ['KIMD', 8192 + 64, 4096],
    ['KLMD', 8192 + 5, 4096],
  ])('%s', (mnemonic, length, unit) => {
    const start = hex(algorithms[2].initial);
    const vector = { code: 2n, parameters: parameters(algorithms[2], start, length), data: message(length) };
    const out = bench.run({ ...setup(mnemonic, vector), steps: 1 });
    expect(out.cc).toBe(3);
    expect(out.gr.slice(2, 4)).toEqual([BigInt(place.source + unit), BigInt(length - unit)]);
    const first = run('KIMD', { code: 2n, parameters: start, data: message(length).slice(0, unit) });
    expect(out.storage(place.parameters, 32)).toBe(first.block);
  });
});

describe('KIMD-GHASH', () => {
  // Test case 2 of the GCM specification: one block of ciphertext, and the lengths.
  const subkey = '66e94bd4ef8a2c3b884cfa59ca342b2e';
  const zero = '00'.repeat(16);
  test('one block, and the next from where it ended', () => {
    const first = run('KIMD', {
      code: 65n,
      parameters: hex(zero + subkey),
      data: hex('0388dace60b6a392f328c2b971b2fe78'),
    });
    expect(first.block).toBe(`5e2ec746917062882c85b0685353deb7${subkey}`);
    const second = run('KIMD', { code: 65n, parameters: hex(first.block), data: hex('80'.padStart(32, '0')) });
    expect(second.block).toBe(`f38cbb1ad69223dcc3457ae5b6b0f885${subkey}`);
  });
  test('more than a unit is as much as its parts', () => {
    const data = message(4096 + 32);
    const whole = run('KIMD', { code: 65n, parameters: hex(zero + subkey), data });
    const first = run('KIMD', { code: 65n, parameters: hex(zero + subkey), data: data.slice(0, 16) });
    const rest = run('KIMD', { code: 65n, parameters: hex(first.block), data: data.slice(16) });
    expect(whole.block).toBe(rest.block);
    expect(whole.cc).toBe(0);
  });
  test('KLMD has no such function', () => {
    const out = bench.run({ code: [encode('KLMD', { r2: 2 })], gr: { 0: 65n } });
    expect(out.pgm).toMatchObject({ code: 6 });
  });
});

test('KLMD needs the rest of a message only when it comes to it', () => {
  const a = algorithms[2];
  const end = 4 << 20;
  const vector = { code: 2n, parameters: parameters(a, hex(a.initial), 100), data: message(100) };
  const base = setup('KLMD', vector);
  const at = (address: number) =>
    bench.run({
      ...base,
      steps: 1,
      gr: { ...base.gr, 2: BigInt(address) },
      storage: { ...base.storage, [end - 128]: message(128) },
    });
  // A whole block lies before the end of storage, the rest behind it.
  const whole = at(end - 64);
  expect(whole).toMatchObject({ cc: 3, pgm: undefined });
  expect(whole.gr.slice(2, 4)).toEqual([BigInt(end), 36n]);
  // Less than a block lies before it: nothing can be done.
  const none = at(end - 63);
  expect(none.pgm).toMatchObject({ code: 5 });
  expect(none.gr.slice(2, 4)).toEqual([BigInt(end - 63), 100n]);
  expect(none.storage(place.parameters, 32)).toBe(toHex(hex(a.initial)));
});

/** FIPS 202: code of the function, bytes of a block. */
const sponges = [
  { name: 'sha3-224', code: 32n, block: 144, bytes: 28 },
  { name: 'sha3-256', code: 33n, block: 136, bytes: 32 },
  { name: 'sha3-384', code: 34n, block: 104, bytes: 48 },
  { name: 'sha3-512', code: 35n, block: 72, bytes: 64 },
] as const;
const fresh = new Uint8Array(200);

describe.each(sponges)('$name', ({ name, code, block, bytes }) => {
  const lengths = [0, 1, block - 2, block - 1, block, block + 1, 2 * block - 1, 4095, 4096, 4097, 9000];
  test.each(lengths)('KLMD: a message of %i bytes', (length) => {
    const data = message(length);
    const out = run('KLMD', { code, parameters: fresh, data });
    expect(out.block.slice(0, 2 * bytes)).toBe(createHash(name).update(data).digest('hex'));
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
    expect(out.gr.slice(2, 4)).toEqual([BigInt(place.source + length), 0n]);
  });
  test('KIMD: blocks, and the rest of the message by KLMD', () => {
    const data = message(70 * block + 5);
    const blocks = run('KIMD', { code, parameters: fresh, data: data.subarray(0, 70 * block) });
    const out = run('KLMD', { code, parameters: hex(blocks.block), data: data.subarray(70 * block) });
    expect(out.block.slice(0, 2 * bytes)).toBe(createHash(name).update(data).digest('hex'));
  });
});

describe.each([
  { name: 'shake128', code: 36n, block: 168 },
  { name: 'shake256', code: 37n, block: 136 },
])('$name', ({ name, code, block }) => {
  const PADDED = 0x100n;
  const shake = (parameters: Uint8Array, data: Uint8Array, outputLength: number, flags = 0n) => {
    const { code: text, gr = {}, ...rest } = setup('KLMD', { code: code | flags, parameters, data });
    const vector = { ...rest, code: text, gr: { ...gr, 5: BigInt(outputLength) } };
    const units = Math.ceil(data.length / 4000) + Math.ceil(outputLength / 3900) + 1;
    const out = bench.run({ ...vector, steps: 2 * units });
    return { ...out, output: out.storage(place.target, outputLength), block: out.storage(place.parameters, 200) };
  };
  const wantedOf = (data: Uint8Array, outputLength: number): string =>
    createHash(name, { outputLength }).update(data).digest('hex');

  test.each([
    [0, 1],
    [5, block - 1],
    [block - 1, block],
    [block, block + 1],
    [5000, 10_000],
    [9000, 3 * block],
  ])('KLMD: a message of %i bytes, %i bytes of output', (length, outputLength) => {
    const data = message(length);
    const out = shake(fresh, data, outputLength);
    expect(out.output).toBe(wantedOf(data, outputLength));
    expect(out.cc).toBe(0);
    const left = [BigInt(place.source + length), 0n, BigInt(place.target + outputLength), 0n];
    expect(out.gr.slice(2, 6)).toEqual(left);
  });
  test('more output comes with the padding bit, of the blocks behind those there were', () => {
    const data = message(300);
    const whole = wantedOf(data, 5 * block + 7);
    const first = shake(fresh, data, 2 * block);
    const more = shake(hex(first.block), new Uint8Array(0), 3 * block + 7, PADDED);
    expect(first.output + more.output).toBe(whole);
    // The chaining value is the one that the last bytes came from.
    expect(more.block.slice(0, 14)).toBe(more.output.slice(-14));
  });
  test('an odd register of the output is a specification exception', () => {
    const { gr = {} } = setup('KLMD', { code, parameters: fresh, data: message(1) });
    const out = bench.run({ code: [encode('KLMD', { r1: 5, r2: 2 })], gr });
    expect(out.pgm).toMatchObject({ code: 6 });
  });
});
