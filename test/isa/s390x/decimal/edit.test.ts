import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const HIGH = 0xdead_beef_0000_0000n;

function edit(mnemonic: string, pattern: string, source: string, gr1 = HIGH | 0x7700_0001n, mask?: bigint) {
  const out = bench.run({
    code: [encode(mnemonic, { b1: 5, b2: 6, l: pattern.length / 2 - 1 })],
    gr: { 1: gr1, 5: 0x1ffan, 6: 0x2fffn },
    cc: 3,
    ...(mask === undefined ? {} : { mask }),
    storage: { 0x1ffa: pattern, 0x2fff: source },
  });
  return { ...out, result: out.storage(0x1ffa, pattern.length / 2) };
}

// Pattern: blank, ddd,ddd starter.dd CR as in the manual's example of EDIT.
const AMOUNT = '4020206b2020214b202040c3d9';

describe('ED', () => {
  test.each([
    ['a number, plus', AMOUNT, '0257426c', '4040f26bf5f7f44bf2f6404040', 2],
    ['a number, minus keeps the text behind it', AMOUNT, '0000026d', '404040404040404bf2f640c3d9', 1],
    ['the starter stops the fill', AMOUNT, '0000000c', '404040404040404bf0f0404040', 0],
    ['a message before significance is filled', '5c6b2020', '12', '5c5cf1f2', 1],
    ['fill byte that is a digit selector', '202020', '123c', 'f1f2f3', 2],
    ['fields are counted one by one: the last decides', '402020222020', '120c0c', '40f1f2404040', 0],
    ['no digits at all', '40c1c2', '', '404040', 0],
    ['a field separator ends significance', '4020c122c220', '1c2c', '40f1404040f2', 2],
  ] as const)('%s', (_, pattern, source, result, cc) => {
    const out = edit('ED', pattern, source);
    expect([out.result, out.cc]).toEqual([result, cc]);
  });
  test('GR1 stays', () => {
    expect(edit('ED', '402020', '12').gr[1]).toBe(HIGH | 0x7700_0001n);
  });
  test('an invalid digit is a data exception that stores nothing', () => {
    const out = edit('ED', '40202020', '1ca0');
    expect(out.pgm).toMatchObject({ code: 7, dxc: 0 });
    expect([out.result, out.cc]).toEqual(['40202020', 3]);
  });
  test('source bytes that no digit selector asks for are not accessed', () => {
    const run = (pattern: string) =>
      bench.run({
        code: [encode('ED', { b1: 5, b2: 6, l: pattern.length / 2 - 1 })],
        gr: { 5: 0x2000n, 6: 0x3f_ffffn },
        storage: { 0x2000: pattern, 0x3f_ffff: '12' },
      });
    expect(run('402020').storage(0x2000, 3)).toBe('40f1f2');
    expect(run('40202020').pgm?.code).toBe(5);
    expect(run('40202020').storage(0x2000, 4)).toBe('40202020');
  });
});

describe('EDMK', () => {
  test.each([
    ['the first significant digit', '402020202020', '00123c', 0x1ffdn],
    ['not when the starter made it significant', '4021202020', '0123c0', null],
    ['the one of the last field', '402020222020', '120304', 0x1fffn],
    ['nothing', '40202020', '000c', null],
  ])('marks %s', (_, pattern, source, mark) => {
    expect(edit('EDMK', pattern, source).gr[1]).toBe(mark === null ? HIGH | 0x7700_0001n : mark);
  });
  test.each([
    ['24-bit', 0n, HIGH | 0x7700_1ffbn],
    ['31-bit', 0x8000_0000n, HIGH | 0x1ffbn],
  ])('in %s mode sets what the mode has', (_, mask, gr1) => {
    expect(edit('EDMK', '402020', '12', HIGH | 0x7700_0001n, mask).gr[1]).toBe(gr1);
  });
});
