import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const DECIMAL_OVERFLOW = 4;

function run(
  mnemonic: string,
  first: string,
  second: string,
  more: { programMask?: number; cc?: number; i3?: number } = {},
) {
  const { i3, ...setup } = more;
  const l1 = first.length / 2 - 1;
  const l2 = second.length / 2 - 1;
  // Both operands lie across a page boundary when they have more than one byte.
  const out = bench.run({
    code: [encode(mnemonic, { b1: 1, l1, b2: 2, ...(i3 === undefined ? { l2 } : { i3 }) })],
    gr: { 1: 0x1fffn, 2: 0x2fffn },
    cc: 3,
    ...setup,
    storage: { 0x1fff: first, 0x2fff: second },
  });
  return { ...out, first: out.storage(0x1fff, first.length / 2), second: out.storage(0x2fff, second.length / 2) };
}

describe('AP and SP', () => {
  test.each([
    ['AP', '123c', '1c', ['124c', 2]],
    ['AP', '123c', '124d', ['001d', 1]],
    ['AP', '123c', '123d', ['000c', 0]],
    ['AP', '000d', '000d', ['000c', 0]],
    ['AP', '001d', '0000001f', ['000c', 0]],
    ['AP', '123a', '001b', ['122c', 2]],
    ['AP', '123e', '001f', ['124c', 2]],
    ['SP', '123c', '124c', ['001d', 1]],
    ['SP', '123d', '123d', ['000c', 0]],
    ['SP', '5c', '7d', ['2c', 3]],
    ['AP', '999c', '001c', ['000c', 3]],
    ['AP', '999d', '001d', ['000d', 3]],
    ['AP', '1c', '100c', ['1c', 3]],
    [
      'AP',
      '1234567890123456789012345678901c',
      '9876543210987654321098765432101d',
      ['8641975320864197532086419753200d', 1],
    ],
    ['AP', '9999999999999999999999999999999c', '1c', ['0000000000000000000000000000000c', 3]],
  ] as const)('%s %s, %s', (mnemonic, first, second, expected) => {
    const out = run(mnemonic, first, second);
    expect([out.first, out.cc]).toEqual(expected);
    expect(out.pgm).toBeUndefined();
  });
  test('overflow interrupts when asked for, with the result stored and condition code 3', () => {
    for (const mnemonic of ['AP', 'ZAP', 'SP']) {
      const out = run(mnemonic, '9c', mnemonic === 'SP' ? '9d' : '019c', { programMask: DECIMAL_OVERFLOW });
      expect(out.pgm).toMatchObject({ code: 0x0a, ilc: 6, nullified: false });
      expect(out.cc).toBe(3);
      expect(out.first).toBe(mnemonic === 'ZAP' ? '9c' : '8c');
      expect(out.address).toBe(CODE + 6n);
    }
  });
  test.each([
    ['digit of the first operand', '1a3c', '1c'],
    ['first digit of the first operand', 'a13c', '1c'],
    ['sign of the first operand', '1230', '1c'],
    ['digit of the second operand', '123c', 'b1cc'],
    ['sign of the second operand', '123c', '19'],
  ])('invalid %s: data exception with DXC 0, nothing changed', (_, first, second) => {
    for (const mnemonic of ['AP', 'SP', 'CP']) {
      const out = run(mnemonic, first, second);
      expect(out.pgm).toMatchObject({ code: 7, ilc: 6, dxc: 0 });
      expect([out.first, out.cc]).toEqual([first, 3]);
    }
  });
  test('an operand with itself', () => {
    const out = bench.run({
      code: [encode('AP', { b1: 1, l1: 1, b2: 1, l2: 1 })],
      gr: { 1: 0x2000n },
      storage: { 0x2000: '123c' },
    });
    expect(out.storage(0x2000, 2)).toBe('246c');
  });
  test('an access exception comes before the data exception', () => {
    const out = bench.run({
      code: [encode('AP', { b1: 1, l1: 1, b2: 2 })],
      gr: { 1: 0x3f_ffffn, 2: 0x2000n },
      storage: { 0x2000: 'ff' },
    });
    expect(out.pgm?.code).toBe(5);
  });
});

describe('ZAP', () => {
  test.each([
    ['ff00ff', '123d', '00123d', 1],
    ['ffff', '000d', '000c', 0],
    ['ffff', '00123f', '123c', 2],
    ['ff', '120d', '0d', 3],
    ['ff', '120c', '0c', 3],
  ])('%s, %s', (first, second, result, cc) => {
    const out = run('ZAP', first, second);
    expect([out.first, out.cc]).toEqual([result, cc]);
  });
  test('the first operand is not looked at, the second is', () => {
    expect(run('ZAP', 'abcdef', '1c').pgm).toBeUndefined();
    expect(run('ZAP', '001c', '11').pgm).toMatchObject({ code: 7, dxc: 0 });
  });
  test('the second operand may lie in the right part of the first', () => {
    const out = bench.run({
      code: [encode('ZAP', { b1: 1, l1: 3, b2: 1, d2: 2, l2: 1 })],
      gr: { 1: 0x2000n },
      storage: { 0x2000: 'ffff987d' },
    });
    expect(out.storage(0x2000, 4)).toBe('0000987d');
  });
});

describe('CP', () => {
  test.each([
    ['000c', '0d', 0],
    ['1c', '001c', 0],
    ['1d', '1c', 1],
    ['1c', '1d', 2],
    ['002c', '1c', 2],
    ['002d', '1d', 1],
    ['123f', '123a', 0],
  ])('%s, %s', (first, second, cc) => {
    const out = run('CP', first, second);
    expect([out.cc, out.first]).toEqual([cc, first]);
  });
});

describe('MP', () => {
  test.each([
    ['0000123c', '321d', '0039483d'],
    ['00012d', '3c', '00036d'],
    ['00000c', '7d', '00000d'],
    ['00000d', '7d', '00000c'],
  ])('%s by %s', (first, second, result) => {
    const out = run('MP', first, second);
    expect([out.first, out.cc]).toEqual([result, 3]);
  });
  test('15 by 15 digits', () => {
    const out = run('MP', `0000000000000000${'9'.repeat(15)}c`, `${'9'.repeat(15)}d`);
    expect(out.first).toBe('0999999999999998000000000000001d');
  });
  test('as many bytes of zeros as the multiplier has are needed', () => {
    expect(run('MP', '00100c', '1c').first).toBe('00100c');
    const out = run('MP', '01000c', '1c');
    expect(out.first).toBe('01000c');
    const over = run('MP', '0100000c', '001c');
    expect(over.pgm).toMatchObject({ code: 7, dxc: 0 });
    expect(over.first).toBe('0100000c');
  });
  test('a digit in the byte that must be zeros is a data exception', () => {
    const out = run('MP', '10000c', '1c');
    expect(out.pgm).toMatchObject({ code: 7, dxc: 0 });
    expect(out.first).toBe('10000c');
  });
});

describe('DP', () => {
  test.each([
    ['0123456c', '321c', '384c192c'],
    ['0123456d', '321c', '384d192d'],
    ['0123456c', '321d', '384d192c'],
    ['0000000d', '321d', '000c000d'],
    ['0000005c', '321d', '000d005c'],
    ['00009c', '2c', '004c1c'],
  ])('%s by %s', (first, second, result) => {
    const out = run('DP', first, second);
    expect([out.first, out.cc]).toEqual([result, 3]);
  });
  test.each([
    ['division by zero', '0123456c', '000c'],
    ['a quotient that is too long', '0321000c', '321c'],
  ])('%s is a decimal-divide exception that changes nothing', (_, first, second) => {
    const out = run('DP', first, second);
    expect(out.pgm).toMatchObject({ code: 0x0b, ilc: 6, nullified: false });
    expect(out.first).toBe(first);
  });
  test('an invalid digit comes before the division by zero', () => {
    expect(run('DP', '01a3456c', '000c').pgm).toMatchObject({ code: 7, dxc: 0 });
  });
  test.each(['MP', 'DP'])('%s: second operand of more than 8 bytes, or as long as the first', (mnemonic) => {
    expect(run(mnemonic, `${'0'.repeat(31)}c`, `${'0'.repeat(17)}c`).pgm).toMatchObject({ code: 6, ilc: 6 });
    expect(run(mnemonic, '000c', '001c').pgm?.code).toBe(6);
    expect(run(mnemonic, '0c', '001c').pgm?.code).toBe(6);
  });
});

describe('SRP', () => {
  const shift = (first: string, places: number, i3 = 5, programMask = 0) =>
    bench.run({
      code: [encode('SRP', { b1: 1, l1: first.length / 2 - 1, b2: 2, i3 })],
      gr: { 1: 0x2000n, 2: BigInt(places) },
      programMask,
      storage: { 0x2000: first },
    });
  test.each([
    ['left', '00123c', 2, '12300c', 2],
    ['left, digits lost', '12345d', 1, '23450d', 3],
    ['left, all digits lost keeps the sign', '10000d', 5, '00000d', 3],
    ['left, zeros lost only', '00123d', 2, '12300d', 1],
    ['nothing', '00123f', 0, '00123c', 2],
    ['nothing of minus zero', '00000d', 0, '00000c', 0],
    ['right, rounded up', '00125c', 0x3f, '00013c', 2],
    ['right, rounded down', '00124c', 0x3f, '00012c', 2],
    ['right, carry through', '99995d', 0x3f, '10000d', 1],
    ['right to zero is plus', '00004d', 0x3f, '00000c', 0],
    ['right by 32', '99999d', 0x20, '00000c', 0],
    ['right by 5, rounded from what was the leftmost digit', '50000c', 0x3b, '00001c', 2],
    ['only bits 58-63 count', '00123c', 0x1fc2, '12300c', 2],
    ['left by 31', '00001c', 0x1f, '00000c', 3],
  ])('%s', (_, first, places, result, cc) => {
    const out = shift(first, places);
    expect([out.storage(0x2000, first.length / 2), out.cc]).toEqual([result, cc]);
  });
  test('rounding digit 0 truncates, an invalid one is a data exception even to the left', () => {
    expect(shift('00129c', 0x3f, 0).storage(0x2000, 3)).toBe('00012c');
    const out = shift('00129c', 1, 10);
    expect(out.pgm).toMatchObject({ code: 7, dxc: 0 });
    expect(out.storage(0x2000, 3)).toBe('00129c');
  });
  test('overflow interrupts when asked for', () => {
    const out = shift('12345c', 1, 0, DECIMAL_OVERFLOW);
    expect(out.pgm?.code).toBe(0x0a);
    expect([out.storage(0x2000, 3), out.cc]).toEqual(['23450c', 3]);
  });
});

describe('TP', () => {
  test.each([
    ['123c', 0],
    ['123a', 0],
    ['1230', 1],
    ['1a3c', 2],
    ['a23c', 2],
    ['12ac', 2],
    ['12a9', 3],
    ['9f', 0],
    ['f5', 3],
  ])('%s', (data, cc) => {
    const out = bench.run({
      code: [encode('TP', { b1: 1, l1: data.length / 2 - 1 })],
      gr: { 1: 0x1fffn },
      storage: { 0x1fff: data },
    });
    expect(out.cc).toBe(cc);
  });
  test('a fault', () => {
    expect(bench.run({ code: [encode('TP', { b1: 1, l1: 1 })], gr: { 1: 0x3f_ffffn } }).pgm).toMatchObject({
      code: 5,
      ilc: 6,
    });
  });
});
