import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const TWO = { b1: 1, b2: 2 };
const ascending = Uint8Array.from({ length: 256 }, (_, i) => i);
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

describe('MVC', () => {
  const move = (to: number, from: number, l: number) =>
    bench.run({
      code: [encode('MVC', { ...TWO, l })],
      gr: { 1: BigInt(to), 2: BigInt(from) },
      storage: { [from]: ascending },
    });

  test('moves one byte at length code 0 and nothing more', () => {
    const out = bench.run({
      code: [encode('MVC', { ...TWO, l: 0 })],
      gr: { 1: 0x3000n, 2: 0x2000n },
      storage: { 8192: 'ab cd', 12287: 'ffffff' },
    });
    expect(out.storage(0x2fff, 3)).toBe('ffabff');
  });
  test('moves 256 bytes', () => {
    expect(move(0x3000, 0x2000, 255).storage(0x3000, 256)).toBe(hex(ascending));
  });
  test('one byte ahead propagates the first byte', () => {
    expect(move(0x2001, 0x2000, 199).storage(0x2000, 202)).toBe(`${'00'.repeat(201)}c9`);
  });
  test('three bytes ahead repeats a pattern', () => {
    expect(move(0x2003, 0x2000, 6).storage(0x2000, 11)).toBe('000102000102000102000a');
  });
  test('overlap to the left is an ordinary move', () => {
    expect(move(0x2000, 0x2001, 9).storage(0x2000, 11)).toBe('0001020304050607080909');
  });
  test('overlap that begins just behind the last byte is none', () => {
    expect(move(0x2008, 0x2000, 7).storage(0x2000, 17)).toBe(`${hex(ascending.subarray(0, 8)).repeat(2)}10`);
  });
  test.each([
    ['source', 0x5000, 0x2ff0],
    ['target', 0x4ff7, 0x2000],
    ['both', 0x4ff7, 0x2ff0],
    ['both at one place', 0x4ff0, 0x2ff0],
  ])('crosses a page: %s', (_, to, from) => {
    expect(move(to, from, 255).storage(to, 256)).toBe(hex(ascending));
  });
  test('propagates across a page', () => {
    expect(move(0x3001, 0x3000, 20).storage(0x3000, 23)).toBe(`${'00'.repeat(22)}16`);
    expect(move(0x2ff1, 0x2ff0, 30).storage(0x2ff0, 33)).toBe(`${'00'.repeat(32)}20`);
  });
  test('a second page that is protected leaves the first as it was', () => {
    const out = bench.run({
      code: [encode('MVC', { ...TWO, l: 31 })],
      mask: 0x0010_0001_8000_0000n,
      gr: { 1: 0x4ff0n, 2: 0x2000n },
      keys: { 8192: 0x10, 16384: 0x10, 20480: 0x20, 65536: 0x10 },
      storage: { 8192: ascending },
    });
    expect(out.pgm).toMatchObject({ code: 4, ilc: 6, nullified: false });
    expect(out.storage(0x4ff0, 32)).toBe('00'.repeat(32));
    expect(out.address).toBe(CODE + 6n);
  });
  test('a source outside storage is an addressing exception', () => {
    const out = bench.run({ code: [encode('MVC', { ...TWO, l: 31 })], gr: { 1: 0x4ff0n, 2: 0x3f_fff0n } });
    expect(out.pgm?.code).toBe(5);
    expect(out.storage(0x4ff0, 32)).toBe('00'.repeat(32));
  });
  test('24-bit mode ignores the bits on the left of an address', () => {
    const out = bench.run({
      code: [encode('MVC', { ...TWO, l: 3 })],
      mask: 0n,
      gr: { 1: 0x7700_4000n, 2: 0xff00_2000n },
      storage: { 8192: '01020304' },
    });
    expect(out.storage(0x4000, 4)).toBe('01020304');
  });
  test('as the target of EX takes its length from the register', () => {
    const out = bench.run({
      code: [encode('EX', { r1: 3, b2: 4 })],
      gr: { 1: 0x3000n, 2: 0x2000n, 3: 0x1105n, 4: 0x11000n },
      storage: { 69632: encode('MVC', TWO), 8192: ascending },
    });
    expect(out.storage(0x3000, 8)).toBe('0001020304050000');
    expect(out.address).toBe(CODE + 4n);
  });
  test('into its own page forgets what was decoded there', () => {
    const lhi = encode('BRC', { m1: 0, ri2: 0 });
    const out = bench.run({
      code: [encode('MVC', { ...TWO, l: 1 }), lhi],
      gr: { 1: CODE + 6n, 2: 0x2000n },
      storage: { 8192: '47f01008' },
      steps: 1,
    });
    expect(out.storage(Number(CODE) + 6, 4)).toBe('47f00000');
  });
});

describe('MVCIN', () => {
  test('the second address names the rightmost byte', () => {
    const out = bench.run({
      code: [encode('MVCIN', { ...TWO, l: 3 })],
      gr: { 1: 0x3000n, 2: 0x2003n },
      storage: { 8192: '01020304' },
    });
    expect(out.storage(0x3000, 5)).toBe('0403020100');
  });
  test('source crosses a page to the left', () => {
    const out = bench.run({
      code: [encode('MVCIN', { ...TWO, l: 3 })],
      gr: { 1: 0x4ffen, 2: 0x3001n },
      storage: { 12286: '01020304' },
    });
    expect(out.storage(0x4ffe, 4)).toBe('04030201');
  });
});

describe('MVN, MVZ, MVO, MVCRL', () => {
  test.each([
    ['MVN', 'a2b4c6ff'],
    ['MVZ', '113253ff'],
  ])('%s keeps the other half of each byte', (mnemonic, result) => {
    const out = bench.run({
      code: [encode(mnemonic, { ...TWO, l: 2 })],
      gr: { 1: 0x3000n, 2: 0x2000n },
      storage: { 0x3000: 'a1b2c3ff', 0x2000: '123456' },
    });
    expect(out.storage(0x3000, 4)).toBe(result);
  });
  test('MVN goes left to right when the operands overlap', () => {
    const out = bench.run({
      code: [encode('MVN', { ...TWO, l: 2 })],
      gr: { 1: 0x3001n, 2: 0x3000n },
      storage: { 12288: 'f1e2d3c4' },
    });
    expect(out.storage(0x3000, 4)).toBe('f1e1d1c1');
  });
  test.each([
    // PoP, "MOVE WITH OFFSET" in the appendix: 7788990C with 123456 gives 0123456C.
    ['shorter source is extended with zeros', 3, 2, '7788990c', '123456', '0123456c'],
    ['longer source is cut on the left', 1, 2, '7788', '123456', '4568'],
    ['one byte', 0, 0, '7d', '12', '2d'],
  ])('MVO: %s', (_, l1, l2, first, second, result) => {
    const out = bench.run({
      code: [encode('MVO', { ...TWO, l1, l2 })],
      gr: { 1: 0x3000n, 2: 0x2000n },
      storage: { 12288: first, 8192: second },
    });
    expect(out.storage(0x3000, result.length / 2)).toBe(result);
  });
  test('MVCRL takes its length from register 0 and keeps an overlap to the right whole', () => {
    const out = bench.run({
      code: [encode('MVCRL', TWO)],
      gr: { 0: 0xffff_ff03n, 1: 0x2001n, 2: 0x2000n },
      storage: { 8192: '0102030405' },
    });
    expect(out.storage(0x2000, 6)).toBe('010102030400');
  });
});
