import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const TO = 0x1fff;
const FROM = 0x2fff;

function convert(mnemonic: string, source: string, more: { m3?: number; room?: number; length?: number } = {}) {
  const { m3, room = 64, length = source.length / 2 } = more;
  const out = bench.run({
    code: [encode(mnemonic, { r1: 2, r2: 4, ...(m3 === undefined ? {} : { m3 }) })],
    gr: { 2: BigInt(TO), 3: BigInt(room), 4: BigInt(FROM), 5: BigInt(length) },
    storage: { [FROM]: source },
  });
  const written = Number((out.gr[2] ?? 0n) - BigInt(TO));
  expect(out.gr[3]).toBe(BigInt(room - written));
  const read = Number((out.gr[4] ?? 0n) - BigInt(FROM));
  expect(out.gr[5]).toBe(BigInt(length - read));
  return { ...out, result: out.storage(TO, written), behind: out.storage(TO + written, 4), read };
}

const encodings = ['8', '16', '32'] as const;
type Encoding = (typeof encodings)[number];
const digit: Readonly<Record<Encoding, string>> = { 8: '1', 16: '2', 32: '4' };

// One character of each length, in all three encodings.
const characters: Readonly<Record<Encoding, string>>[] = [
  { 8: '41', 16: '0041', 32: '00000041' },
  { 8: '7f', 16: '007f', 32: '0000007f' },
  { 8: 'c280', 16: '0080', 32: '00000080' },
  { 8: 'dfbf', 16: '07ff', 32: '000007ff' },
  { 8: 'e0a080', 16: '0800', 32: '00000800' },
  { 8: 'efbfbf', 16: 'ffff', 32: '0000ffff' },
  { 8: 'f0908080', 16: 'd800dc00', 32: '00010000' },
  { 8: 'f09f9880', 16: 'd83dde00', 32: '0001f600' },
  { 8: 'f48fbfbf', 16: 'dbffdfff', 32: '0010ffff' },
];

describe.each(
  encodings.flatMap((from) => encodings.filter((to) => to !== from).map((to) => [from, to] as const)),
)('UTF-%s to UTF-%s', (from, to) => {
  const mnemonic = `CU${digit[from]}${digit[to]}`;
  test('characters of every length, one by one and in a row', () => {
    for (const m3 of from === '32' ? [undefined] : [0, 1]) {
      for (const c of characters) {
        const out = convert(mnemonic, c[from], m3 === undefined ? {} : { m3 });
        expect([out.result, out.cc, out.behind]).toEqual([c[to], 0, '00000000']);
      }
    }
    const all = convert(mnemonic, characters.map((c) => c[from]).join(''));
    expect(all.result).toBe(characters.map((c) => c[to]).join(''));
  });
  test('a character that has no room stays: condition code 1', () => {
    for (const c of characters) {
      const out = convert(mnemonic, c[from], { room: c[to].length / 2 - 1 });
      expect([out.cc, out.read, out.result]).toEqual([1, 0, '']);
    }
  });
  test('a character that is not whole stays: condition code 0', () => {
    for (const c of characters) {
      const out = convert(mnemonic, c[from], { length: c[from].length / 2 - 1 });
      expect([out.cc, out.read]).toEqual([0, 0]);
    }
  });
  test('condition code 3 with what is left', () => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 2, r2: 4 })],
      gr: { 2: 0x10_0000n, 3: 0x10_0000n, 4: 0x30_0000n, 5: 0x2000n },
    });
    expect([out.cc, out.gr[4], out.gr[5]]).toEqual([3, 0x30_1000n, 0x1000n]);
  });
  test('a fault behind some characters keeps them, at once it changes nothing', () => {
    const c = characters[0]?.[from] ?? '';
    const at = 0x40_0000 - c.length / 2;
    const out = bench.run({
      code: [encode(mnemonic, { r1: 2, r2: 4 })],
      gr: { 2: 0x2000n, 3: 64n, 4: BigInt(at), 5: 16n },
      storage: { [at]: c },
    });
    expect([out.cc, out.gr[4]]).toEqual([3, 0x40_0000n]);
    const again = bench.run({
      code: [encode(mnemonic, { r1: 2, r2: 4 })],
      gr: { 2: 0x40_0000n, 3: 64n, 4: 0x2000n, 5: 16n },
      cc: 2,
    });
    expect(again.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect([again.gr[3], again.gr[5], again.cc]).toEqual([64n, 16n, 2]);
  });
  test('odd registers', () => {
    expect(bench.run({ code: [encode(mnemonic, { r1: 3, r2: 4 })] }).pgm?.code).toBe(6);
    expect(bench.run({ code: [encode(mnemonic, { r1: 2, r2: 5 })] }).pgm?.code).toBe(6);
  });
});

describe('invalid characters', () => {
  // Mnemonic, text, condition code without and with well-formedness checking.
  test.each([
    ['CU12', '80', 2, 2],
    ['CU12', 'bf', 2, 2],
    ['CU12', 'f8808080', 2, 2],
    ['CU12', 'ff', 2, 2],
    ['CU12', 'c080', 0, 2],
    ['CU12', 'c1bf', 0, 2],
    ['CU12', 'c241', 0, 2],
    ['CU12', 'e09fbf', 0, 2],
    ['CU12', 'e18080', 0, 0],
    ['CU12', 'eda080', 0, 2],
    ['CU12', 'ed9fbf', 0, 0],
    ['CU12', 'e18041', 0, 2],
    ['CU14', 'f08fbfbf', 0, 2],
    ['CU14', 'f4908080', 0, 2],
    ['CU14', 'f5808080', 0, 2],
    ['CU14', 'f0908041', 0, 2],
    ['CU21', 'd8000041', 0, 2],
    ['CU24', 'd800d800', 0, 2],
    ['CU21', 'dc00', 0, 0],
  ])('%s of %s: condition code %d, checked %d', (mnemonic, source, loose, checked) => {
    expect(convert(mnemonic, source, { m3: 0 }).cc).toBe(loose);
    const out = convert(mnemonic, source, { m3: 1 });
    expect(out.cc).toBe(checked);
    if (checked === 2) expect([out.read, out.result]).toEqual([0, '']);
  });
  test.each([
    ['0000d800', 2],
    ['0000dbff', 2],
    ['0000dc00', 0],
    ['00110000', 2],
    ['80000041', 2],
  ])('UTF-32 %s: condition code %d', (source, cc) => {
    expect(convert('CU41', source).cc).toBe(cc);
    expect(convert('CU42', source).cc).toBe(cc);
  });
  test('what is before an invalid character is done', () => {
    const out = convert('CU12', '4142ff43');
    expect([out.result, out.read, out.cc]).toEqual(['00410042', 2, 2]);
  });
});

test('CU12: four bytes that nobody checks make two surrogates, whatever they stand for', () => {
  const results = ['f08f8080', 'f0c08080', 'f47f8080', 'f4908080', 'f7445566'].map((source) => {
    const { result, cc } = convert('CU12', source, { m3: 0 });
    return [result, cc];
  });
  expect(results).toEqual([
    ['dbfcdc00', 0],
    ['dbc0dc00', 0],
    ['d8bcdc00', 0],
    ['d800dc00', 0],
    ['dad1dd66', 0],
  ]);
});
