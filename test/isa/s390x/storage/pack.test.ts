import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const TWO = { b1: 1, b2: 2 };

function both(mnemonic: string, operands: Record<string, number>, first: string, second: string) {
  const out = bench.run({
    code: [encode(mnemonic, { ...TWO, ...operands })],
    gr: { 1: 0x1fffn, 2: 0x2ffen },
    cc: 2,
    storage: { 0x1fff: first, 0x2ffe: second },
  });
  return { ...out, first: out.storage(0x1fff, first.length / 2) };
}

describe('PACK and UNPK', () => {
  test.each([
    ['zeros on the left', 'ffffffff', 'f1f2f3', '0000123f'],
    ['digits are lost on the left', 'ffff', 'f1f2f3f4c5', '345c'],
    ['one byte turns round', 'ff', 'd7', '7d'],
    ['digits are not checked', 'ffff', 'facbdcea', 'bcae'],
  ])('PACK: %s', (_, first, second, result) => {
    expect(both('PACK', { l1: first.length / 2 - 1, l2: second.length / 2 - 1 }, first, second).first).toBe(result);
  });
  test.each([
    ['zeros on the left', '0000000000', '123d', 'f0f0f1f2d3'],
    ['digits are lost on the left', '0000', '12345c', 'f4c5'],
    ['one byte turns round', '00', '7d', 'd7'],
    ['as many as there are', '000000', '123c', 'f1f2c3'],
  ])('UNPK: %s', (_, first, second, result) => {
    expect(both('UNPK', { l1: first.length / 2 - 1, l2: second.length / 2 - 1 }, first, second).first).toBe(result);
  });
  test('PACK on its own bytes', () => {
    const out = bench.run({
      code: [encode('PACK', { b1: 1, b2: 1, l1: 3, l2: 3 })],
      gr: { 1: 0x2000n },
      storage: { 0x2000: 'f1f2f3f4' },
    });
    expect(out.storage(0x2000, 4)).toBe('0001234f');
  });
  test('UNPK on its own bytes takes each as it is by then', () => {
    // 12345c: 5c gives c5, then 34 gives f3f4, and there is no room left.
    const out = bench.run({
      code: [encode('UNPK', { b1: 1, b2: 1, l1: 2, l2: 2 })],
      gr: { 1: 0x2000n },
      storage: { 0x2000: '12345c' },
    });
    expect(out.storage(0x2000, 3)).toBe('f3f4c5');
  });
  test('a fault changes nothing', () => {
    for (const mnemonic of ['PACK', 'UNPK']) {
      const out = bench.run({
        code: [encode(mnemonic, { ...TWO, l1: 3, l2: 1 })],
        gr: { 1: 0x3f_fffen, 2: 0x2000n },
        storage: { 0x2000: 'f1f2' },
      });
      expect(out.pgm).toMatchObject({ code: 5, ilc: 6 });
      expect(out.storage(0x3f_fffe, 2)).toBe('0000');
    }
  });
});

describe('PKA and PKU', () => {
  const sixteen = 'ff'.repeat(16);
  const digits = '3132333435363738393031323334353637383930313233343536373839303132';
  test('PKA takes digits from the right, the sign is plus', () => {
    expect(both('PKA', { l2: 3 }, sixteen, '31323334').first).toBe('0000000000000000000000000001234c'.slice(-32));
    expect(both('PKA', { l2: 0 }, sixteen, '37').first).toBe(`${'0'.repeat(30)}7c`);
  });
  test('PKA of 32 digits loses the leftmost (QEMU 7.2 loses one more)', () => {
    expect(both('PKA', { l2: 31 }, sixteen, digits).first).toBe('2345678901234567890123456789012c');
    expect(both('PKA', { l2: 30 }, sixteen, digits).first).toBe('1234567890123456789012345678901c');
  });
  test('PKU looks at the right byte of each character', () => {
    expect(both('PKU', { l2: 5 }, sixteen, 'aa31bb32cc33').first).toBe(`${'0'.repeat(28)}123c`);
  });
  test.each([
    ['PKA', 32],
    ['PKU', 64],
    ['PKU', 65],
    ['PKU', 2],
  ])('%s with length code %d is a specification exception', (mnemonic, l2) => {
    const out = both(mnemonic, { l2 }, sixteen, '31');
    expect(out.pgm?.code).toBe(6);
    expect(out.first).toBe(sixteen);
  });
});

describe('UNPKA and UNPKU', () => {
  const packed = '1234567890123456789012345678901';
  test.each([
    ['c', 0],
    ['a', 0],
    ['e', 0],
    ['f', 0],
    ['d', 1],
    ['b', 1],
    ['0', 3],
    ['9', 3],
  ])('sign %s gives condition code %d, and the digits all the same', (sign, cc) => {
    const out = both('UNPKA', { l: 3 }, '00000000', packed + sign);
    expect([out.cc, out.first]).toEqual([cc, '38393031']);
  });
  test('UNPKA of 32 characters begins with a zero', () => {
    const out = both('UNPKA', { l: 31 }, '00'.repeat(32), `${packed}c`);
    expect(out.first).toBe(`30${[...packed].map((d) => `3${d}`).join('')}`);
  });
  test('UNPKU makes characters of two bytes', () => {
    const out = both('UNPKU', { l: 5 }, 'ff'.repeat(6), `${packed}d`);
    expect([out.cc, out.first]).toEqual([1, '003900300031']);
    const all = both('UNPKU', { l: 63 }, 'ff'.repeat(64), `${packed}d`);
    expect(all.first).toBe(`0030${[...packed].map((d) => `003${d}`).join('')}`);
  });
  test.each([
    ['UNPKA', 32],
    ['UNPKU', 65],
    ['UNPKU', 4],
  ])('%s with length code %d is a specification exception', (mnemonic, l) => {
    expect(both(mnemonic, { l }, '0000', `${packed}c`).pgm?.code).toBe(6);
  });
});
