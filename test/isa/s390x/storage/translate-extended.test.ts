import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const HIGH = 0xdead_beef_0000_0000n;
const TABLE = 0x20000;

/** A table in which entry `i` is what `of` says, as bytes or halfwords. */
function tableOf(entries: number, size: 1 | 2, of: (i: number) => number): Uint8Array {
  const data = new Uint8Array(entries * size);
  const view = new DataView(data.buffer);
  for (let i = 0; i < entries; i++) {
    if (size === 1) view.setUint8(i, of(i) & 0xff);
    else view.setUint16(i * 2, of(i) & 0xffff);
  }
  return data;
}

// Every argument becomes itself plus one; the argument before the ending character ends it.
const forms = [
  ['TROO', 1, 1],
  ['TROT', 1, 2],
  ['TRTO', 2, 1],
  ['TRTT', 2, 2],
] as const;
const hexOf = (values: readonly number[], size: 1 | 2): string =>
  values.map((v) => v.toString(16).padStart(size * 2, '0')).join('');

describe.each(forms)('%s', (mnemonic, from, to) => {
  const table = tableOf(from === 1 ? 256 : 65536, to, (i) => i + 1);
  const run = (
    values: readonly number[],
    more: { ending?: number; m3?: number; source?: number; target?: number; length?: bigint } = {},
  ) => {
    const { ending = 0x99, m3 = 0, source = 0x3fff, target = 0x5fff } = more;
    return bench.run({
      code: [encode(mnemonic, { r1: 2, r2: 4, m3 })],
      gr: {
        0: HIGH | BigInt(ending),
        1: BigInt(TABLE + 7),
        2: BigInt(target),
        3: more.length ?? BigInt(values.length * from),
        4: BigInt(source),
      },
      storage: { [TABLE]: table, [source]: hexOf(values, from) },
    });
  };
  test('to the end, both operands across pages', () => {
    const out = run([1, 2, 3]);
    expect(out.storage(0x5fff, 3 * to + 1)).toBe(`${hexOf([2, 3, 4], to)}00`);
    expect([out.cc, out.gr[2], out.gr[3], out.gr[4]]).toEqual([
      0,
      BigInt(0x5fff + 3 * to),
      0n,
      BigInt(0x3fff + 3 * from),
    ]);
  });
  test('stops before the character that becomes the ending one', () => {
    const out = run([1, 0x98, 3]);
    expect(out.storage(0x5fff, 2 * to)).toBe(hexOf([2, 0], to));
    expect([out.cc, out.gr[2], out.gr[3], out.gr[4]]).toEqual([
      1,
      BigInt(0x5fff + to),
      BigInt(2 * from),
      BigInt(0x3fff + from),
    ]);
  });
  test('without the test when M3 says so', () => {
    const out = run([1, 0x98], { m3: 1 });
    expect(out.storage(0x5fff, 2 * to)).toBe(hexOf([2, 0x99], to));
    expect(out.cc).toBe(0);
  });
  test('length zero', () => {
    expect(run([]).cc).toBe(0);
  });
  test('condition code 3 with what is left', () => {
    const out = run([], { source: 0x30_0000, target: 0x31_0000, length: 0x2000n });
    expect([out.cc, out.gr[3], out.gr[4]]).toEqual([3, 0x1000n, 0x30_1000n]);
    expect(out.gr[2]).toBe(BigInt(0x31_0000 + (0x1000 / from) * to));
  });
  test('a fault behind some characters keeps them, at once it changes nothing', () => {
    const out = run([5], { source: 0x40_0000 - from, length: 4n });
    expect([out.cc, out.gr[3]]).toEqual([3, BigInt(4 - from)]);
    const again = run([], { source: 0x3000, target: 0x40_0000, length: 4n });
    expect(again.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(again.gr[3]).toBe(4n);
  });
  test('odd R1', () => {
    expect(bench.run({ code: [encode(mnemonic, { r1: 3, r2: 4 })] }).pgm?.code).toBe(6);
  });
});

describe('two-byte characters', () => {
  test.each(['TRTO', 'TRTT'])('%s: odd length is a specification exception', (mnemonic) => {
    expect(bench.run({ code: [encode(mnemonic, { r1: 2, r2: 4 })], gr: { 3: 3n } }).pgm).toMatchObject({
      code: 6,
      ilc: 4,
    });
  });
});

describe.each([
  ['TRTE', 1n],
  ['TRTRE', -1n],
] as const)('%s', (mnemonic, direction) => {
  const find = (data: string, m3: number, more: { at?: number; length?: bigint; table?: Uint8Array } = {}) => {
    const size = (m3 & 8) !== 0 ? 2 : 1;
    const at = more.at ?? 0x3fff;
    const start = direction === 1n ? at : at + data.length / 2 - size;
    const out = bench.run({
      code: [encode(mnemonic, { r1: 2, r2: 6, m3 })],
      gr: { 1: BigInt(TABLE), 2: BigInt(start), 3: more.length ?? BigInt(data.length / 2), 6: 0x7777n },
      storage: { [TABLE]: more.table ?? new Uint8Array(1), [at]: data },
    });
    return { ...out, passed: ((out.gr[2] ?? 0n) - BigInt(start)) * direction };
  };
  const byteTable = tableOf(65536, 1, (i) => (i === 0x41 ? 0x17 : i === 0x141 ? 0x18 : 0));
  const halfTable = tableOf(65536, 2, (i) => (i === 0x41 ? 0x1234 : 0));
  test('bytes by a table of bytes', () => {
    const out = find('4100410041', 0, { table: byteTable });
    expect([out.cc, out.passed, out.gr[3], out.gr[6]]).toEqual([1, 0n, 5n, 0x17n]);
    const later = find('0000410000', 0, { table: byteTable });
    expect([later.cc, later.passed, later.gr[3], later.gr[6]]).toEqual([1, 2n, 3n, 0x17n]);
  });
  test('nothing found', () => {
    const out = find('000000', 0, { table: byteTable });
    expect([out.cc, out.passed, out.gr[3], out.gr[6]]).toEqual([0, 3n, 0n, 0n]);
  });
  test('bytes by a table of halfwords', () => {
    expect(find('004100', 4, { table: halfTable }).gr[6]).toBe(0x1234n);
  });
  test('characters of two bytes', () => {
    const out = find('000001410000', 8, { table: byteTable });
    expect([out.cc, out.passed, out.gr[3], out.gr[6]]).toEqual([1, 2n, 4n, 0x18n]);
    expect(find('000000410000', 12, { table: halfTable }).gr[6]).toBe(0x1234n);
  });
  test('the limit takes characters above 255 for zero', () => {
    expect(find('01410141', 10, { table: byteTable }).cc).toBe(0);
  });
  test('condition code 3 leaves the function code', () => {
    const out = find('', 0, { at: 0x30_0000, length: 0x2000n });
    expect([out.cc, out.gr[3], out.gr[6]]).toEqual([3, 0x1000n, 0x7777n]);
  });
  test('a fault changes nothing', () => {
    const out = find('', 0, { at: 0x40_0010, length: 8n });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect([out.gr[3], out.gr[6]]).toEqual([8n, 0x7777n]);
  });
  test('odd register and odd length', () => {
    expect(bench.run({ code: [encode(mnemonic, { r1: 3, r2: 6 })] }).pgm?.code).toBe(6);
    expect(find('000000', 8).pgm?.code).toBe(6);
  });
});
