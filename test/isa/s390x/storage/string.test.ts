import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';
import { randomWords, timesAsked } from '../../../support/seed.ts';

const bench = new Bench();
const HIGH = 0xdead_beef_0000_0000n;
const text = (s: string): string => Buffer.from(s, 'latin1').toString('hex');
/** Key 1; the page at `at` has key 2. */
const forbidden = (at: number, pages: readonly number[]) => ({
  mask: 0x0010_0001_8000_0000n,
  keys: { 0x10000: 0x18, ...Object.fromEntries(pages.map((p) => [p, 0x18])), [at]: 0x28 },
});

describe('SRST', () => {
  const srst = encode('SRST', { r1: 2, r2: 4 });
  test.each([
    ['first byte', 0x3000n, 'x', 0x3000n],
    ['last byte', 0x3000n, 'abcdefgx', 0x3007n],
    ['behind a page boundary', 0x2ffdn, 'abcdx', 0x3001n],
  ])('finds the %s', (_, start, s, found) => {
    const out = bench.run({
      code: [srst],
      gr: { 0: 0x78n, 2: start + BigInt(s.length), 4: start },
      storage: { [Number(start)]: text(s) },
    });
    expect(out.cc).toBe(1);
    expect([out.gr[2], out.gr[4]]).toEqual([found, start]);
  });
  test('not found leaves both registers; the end is not looked at', () => {
    const out = bench.run({
      code: [srst],
      gr: { 0: 0x78n, 2: 0x3004n, 4: 0x3000n },
      storage: { 0x3000: text('abcdx') },
    });
    expect(out.cc).toBe(2);
    expect([out.gr[2], out.gr[4]]).toEqual([0x3004n, 0x3000n]);
  });
  test('an empty operand is not accessed', () => {
    const out = bench.run({ code: [srst], gr: { 0: 0n, 2: 0x40_0000n, 4: 0x40_0000n } });
    expect(out.cc).toBe(2);
    expect(out.pgm).toBeUndefined();
  });
  test('an end below the start means all of storage: condition code 3 with the next address', () => {
    const out = bench.run({ code: [srst], gr: { 0: 0x78n, 2: 0x100n, 4: 0x3_0010n } });
    expect(out.cc).toBe(3);
    expect([out.gr[2], out.gr[4]]).toEqual([0x100n, 0x3_2000n]);
    expect(out.address).toBe(CODE + 4n);
  });
  test('bits 32-55 of register 0 must be zeros, bits 0-31 need not', () => {
    expect(bench.run({ code: [srst], gr: { 0: 0x178n } }).pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(bench.run({ code: [srst], gr: { 0: HIGH | 0x78n } }).cc).toBe(2);
  });
  test('a page that is not needed is not accessed', () => {
    const out = bench.run({
      code: [srst],
      ...forbidden(0x3000, [0x2000]),
      gr: { 0: 0x78n, 2: 0x4000n, 4: 0x2ff0n },
      storage: { 0x2ff0: text('0123456789abcdex') },
    });
    expect(out.cc).toBe(1);
    expect(out.gr[2]).toBe(0x2fffn);
  });
  test('a fault leaves the registers; behind 256 bytes condition code 3 comes first', () => {
    const near = bench.run({ code: [srst], ...forbidden(0x3000, [0x2000]), gr: { 0: 0x78n, 2: 0x4000n, 4: 0x2f01n } });
    expect(near.pgm?.code).toBe(4);
    expect(near.gr[4]).toBe(0x2f01n);
    const far = bench.run({ code: [srst], ...forbidden(0x3000, [0x2000]), gr: { 0: 0x78n, 2: 0x4000n, 4: 0x2f00n } });
    expect(far.cc).toBe(3);
    expect(far.gr[4]).toBe(0x3000n);
  });
  test('31-bit mode sets bit 32 to zero and leaves bits 0-31', () => {
    const out = bench.run({
      code: [srst],
      mask: 0x8000_0000n,
      gr: { 0: 0x78n, 2: HIGH | 0x8000_3008n, 4: HIGH | 0x8000_3000n },
      storage: { 0x3000: text('abcx') },
    });
    expect(out.gr[2]).toBe(HIGH | 0x3003n);
    expect(out.gr[4]).toBe(HIGH | 0x8000_3000n);
  });
});

describe('SRSTU', () => {
  const srstu = encode('SRSTU', { r1: 2, r2: 4 });
  const run = (start: bigint, end: bigint, storage: string, wanted = 0x0078n) =>
    bench.run({ code: [srstu], gr: { 0: wanted, 2: end, 4: start }, storage: { [Number(start)]: storage } });
  test('a character is found at whole positions only', () => {
    const out = run(0x3000n, 0x3008n, '1100780000780099');
    expect(out.cc).toBe(1);
    expect(out.gr[2]).toBe(0x3004n);
  });
  test('across a page', () => {
    const out = run(0x2fffn, 0x3009n, '00ab0078');
    expect([out.cc, out.gr[2]]).toEqual([1, 0x3001n]);
    const at = run(0x2fffn, 0x3009n, '0078');
    expect([at.cc, at.gr[2]]).toEqual([1, 0x2fffn]);
  });
  test('an end at half a character counts one byte further', () => {
    expect(run(0x3000n, 0x3003n, '00010078').cc).toBe(1);
    expect(run(0x3000n, 0x3002n, '00010078').cc).toBe(2);
  });
  test('condition code 3', () => {
    const out = run(0x3_0000n, 0x4_0000n, '0001', 0x77n);
    expect([out.cc, out.gr[4], out.gr[2]]).toEqual([3, 0x3_1000n, 0x4_0000n]);
  });
  test('bits 32-47 of register 0 must be zeros', () => {
    expect(run(0x3000n, 0x3008n, '00', 0x1_0078n).pgm?.code).toBe(6);
  });
});

describe('CLST', () => {
  const clst = encode('CLST', { r1: 2, r2: 4 });
  test.each([
    ['equal', 'abc.', 'abc.', 0, 0],
    ['empty both', '.', '.', 0, 0],
    ['first low', 'abc.', 'abd.', 1, 2],
    ['first high', 'b.', 'a.', 2, 0],
    ['the shorter one is low, whatever the ending character', 'ab.', 'ab!.', 1, 2],
    ['the shorter one is low, second', 'ab!.', 'ab.', 2, 2],
  ])('%s', (_, a, b, cc, passed) => {
    for (const [first, second] of [
      [0x2000, 0x3000],
      [0x1fff, 0x2ffe],
    ] as const) {
      const out = bench.run({
        code: [clst],
        gr: { 0: 0x2en, 2: BigInt(first), 4: BigInt(second) },
        storage: { [first]: text(a), [second]: text(b) },
      });
      expect(out.cc).toBe(cc);
      expect([out.gr[2], out.gr[4]]).toEqual([BigInt(first + passed), BigInt(second + passed)]);
    }
  });
  test('condition code 3 with both addresses', () => {
    const out = bench.run({ code: [clst], gr: { 0: 0x2en, 2: 0x2_0000n, 4: 0x3_0000n } });
    expect([out.cc, out.gr[2], out.gr[4]]).toEqual([3, 0x2_1000n, 0x3_1000n]);
  });
  test('a fault leaves the registers', () => {
    const out = bench.run({ code: [clst], gr: { 0: 0x2en, 2: 0x3f_fffen, 4: 0x3000n }, cc: 1 });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect([out.gr[2], out.gr[4], out.cc]).toEqual([0x3f_fffen, 0x3000n, 1]);
  });
  test('bits 32-55 of register 0 must be zeros', () => {
    expect(bench.run({ code: [clst], gr: { 0: 0x8000_0000n } }).pgm?.code).toBe(6);
  });
});

describe('MVST', () => {
  const mvst = encode('MVST', { r1: 2, r2: 4 });
  test.each([
    [0x2000, 0x3000],
    [0x1ffe, 0x3000],
    [0x2000, 0x2ffd],
    [0x1ffe, 0x2ffd],
  ])('moves the ending character too and points at it: %x from %x', (to, from) => {
    const out = bench.run({
      code: [mvst],
      gr: { 0: 0n, 2: BigInt(to), 4: BigInt(from) },
      storage: { [from]: '61626300ff', [to]: 'eeeeeeeeee' },
    });
    expect(out.storage(to, 5)).toBe('61626300ee');
    expect(out.cc).toBe(1);
    expect([out.gr[2], out.gr[4]]).toEqual([BigInt(to + 3), BigInt(from)]);
  });
  test('condition code 3 with both addresses', () => {
    const out = bench.run({ code: [mvst], gr: { 0: 1n, 2: 0x2_0000n, 4: 0x3_0000n }, storage: { 0x30ffe: '0203' } });
    expect([out.cc, out.gr[2], out.gr[4]]).toEqual([3, 0x2_1000n, 0x3_1000n]);
    expect(out.storage(0x20ffd, 4)).toBe('00020300');
  });
  test('a target page behind the string need not be there', () => {
    const out = bench.run({ code: [mvst], gr: { 2: 0x3f_fffcn, 4: 0x3000n }, storage: { 0x3000: '616263' } });
    expect(out.cc).toBe(1);
    expect(out.storage(0x3f_fffc, 4)).toBe('61626300');
  });
  test('a fault stores nothing', () => {
    const out = bench.run({ code: [mvst], gr: { 2: 0x3f_fffdn, 4: 0x3000n }, storage: { 0x3000: '616263' } });
    expect(out.pgm?.code).toBe(5);
    expect(out.storage(0x3f_fffd, 3)).toBe('000000');
    expect([out.gr[2], out.gr[4]]).toEqual([0x3f_fffdn, 0x3000n]);
  });
  test('bits 32-55 of register 0 must be zeros', () => {
    expect(bench.run({ code: [mvst], gr: { 0: 0x100n } }).pgm?.code).toBe(6);
  });
});

describe('CKSM', () => {
  const cksm = encode('CKSM', { r1: 2, r2: 4 });
  const run = (data: string, start: bigint, at = 0x3000) =>
    bench.run({ code: [cksm], gr: { 2: start, 4: BigInt(at), 5: BigInt(data.length / 2) }, storage: { [at]: data } });
  test.each([
    ['nothing', '', HIGH | 5n, HIGH | 5n],
    ['a word', '00000001', 5n, 6n],
    ['the last word is filled with zeros on the right', '0000000180', 0n, 0x8000_0001n],
    ['two bytes left', '0102', 0n, 0x0102_0000n],
    ['three bytes left', '010203', 0n, 0x0102_0300n],
    ['carries come in on the right', 'ffffffff00000002', HIGH, HIGH | 2n],
    ['a carry of carries', 'ffffffffffffffff', 0xffff_ffffn, 0xffff_ffffn],
  ])('%s', (_, data, start, sum) => {
    for (const at of [0x3000, 0x3001, 0x2ffe, 0x2ffd]) {
      const out = run(data, start, at);
      expect(out.gr[2]).toBe(sum);
      expect([out.gr[4], out.gr[5], out.cc]).toEqual([BigInt(at + data.length / 2), 0n, 0]);
    }
  });
  test('condition code 3 with what is left', () => {
    const out = bench.run({ code: [cksm], gr: { 4: 0x3_0002n, 5: 0x2001n }, storage: { 0x30ffe: '00010002' } });
    expect(out.cc).toBe(3);
    const passed = (out.gr[4] ?? 0n) - 0x3_0002n;
    expect(passed % 4n).toBe(0n);
    expect(out.gr[5]).toBe(0x2001n - passed);
    expect(out.gr[2]).toBe(0x1_0002n);
  });
  test('a fault behind some words keeps them', () => {
    const out = bench.run({
      code: [cksm],
      gr: { 4: 0x3f_fff6n, 5: 0x20n },
      storage: { 0x3f_fff6: '00000001000000020003' },
    });
    expect([out.cc, out.gr[2], out.gr[4], out.gr[5]]).toEqual([3, 3n, 0x3f_fffen, 0x18n]);
    const again = bench.run({ code: [cksm], gr: { 2: 3n, 4: 0x3f_fffen, 5: 0x18n } });
    expect(again.pgm?.code).toBe(5);
    expect([again.gr[2], again.gr[4], again.gr[5]]).toEqual([3n, 0x3f_fffen, 0x18n]);
  });
  test('odd R2 is a specification exception', () => {
    expect(bench.run({ code: [encode('CKSM', { r1: 2, r2: 5 })] }).pgm?.code).toBe(6);
  });
});

describe('random strings, near the ends of pages and far from them', () => {
  const random = randomWords(0x57);
  const below = (n: number): number => random() % n;
  // Few characters, so that strings are alike for a while; the ending one among them.
  const string = (): number[] => Array.from({ length: 24 }, () => 0x41 + below(below(3) === 0 ? 4 : 2));
  const start = (page: number): number => page + (below(2) === 0 ? 0xff0 + below(20) : below(0xf00));
  const cases = Array.from({ length: timesAsked(60) }, (_, i) => i);
  const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex');

  test.each(cases)('CLST, case %i', () => {
    const [a, b] = [string(), string()];
    const same = below(20);
    for (let i = 0; i < same; i++) b[i] = a[i] ?? 0;
    const [first, second, ending] = [start(0x20000), start(0x30000), 0x41 + below(4)];
    let n = 0;
    while (n < 23 && a[n] === b[n] && a[n] !== ending) n++;
    const [x = 0, y = 0] = [a[n], b[n]];
    const rank = (c: number): number => (c === ending ? -1 : c);
    a[24] = b[24] = ending;
    if (x === y && x !== ending) n = 24;
    const cc = x === y ? 0 : rank(x) < rank(y) ? 1 : 2;
    const out = bench.run({
      code: [encode('CLST', { r1: 2, r2: 4 })],
      gr: { 0: BigInt(ending), 2: BigInt(first), 4: BigInt(second) },
      storage: { [first]: hex(a), [second]: hex(b) },
    });
    const passed = cc === 0 ? 0 : n;
    expect([out.cc, out.gr[2], out.gr[4]]).toEqual([cc, BigInt(first + passed), BigInt(second + passed)]);
  });
  test.each(cases)('MVST, case %i', () => {
    const bytes = string();
    const from = start(0x20000);
    // Elsewhere, or in front of the string, over its beginning.
    const to = below(2) === 0 ? start(0x30000) : from - 1 - below(30);
    const ending = 0x41 + below(4);
    bytes[24] = ending;
    const n = bytes.indexOf(ending);
    const out = bench.run({
      code: [encode('MVST', { r1: 2, r2: 4 })],
      gr: { 0: BigInt(ending), 2: BigInt(to), 4: BigInt(from) },
      storage: { [from - 40]: '33'.repeat(40), [to]: '22'.repeat(40), [from]: hex(bytes) },
    });
    expect([out.cc, out.gr[2], out.gr[4]]).toEqual([1, BigInt(to + n), BigInt(from)]);
    expect(out.storage(to, n + 1)).toBe(hex(bytes.slice(0, n + 1)));
    if (to > from || to + 40 < from) expect(out.storage(to + n + 1, 8)).toBe('22'.repeat(8));
  });
  test.each(cases)('SRST, case %i', () => {
    const [bytes, at, wanted, length] = [string(), start(0x20000), 0x41 + below(4), below(25)];
    const found = bytes.slice(0, length).indexOf(wanted);
    const out = bench.run({
      code: [encode('SRST', { r1: 2, r2: 4 })],
      gr: { 0: BigInt(wanted), 2: BigInt(at + length), 4: BigInt(at) },
      storage: { [at]: hex(bytes) },
    });
    const end = at + (found < 0 ? length : found);
    expect([out.cc, out.gr[2], out.gr[4]]).toEqual([found < 0 ? 2 : 1, BigInt(end), BigInt(at)]);
  });
});
