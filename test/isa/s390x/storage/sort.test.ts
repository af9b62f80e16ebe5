import { describe, expect, test } from 'vitest';
import { Bench, encode, type Outcome, type Setup } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const MASK_31 = 0x8000_0000n;

describe('CFC', () => {
  const compare = (first: string, third: string, operand: number, setup: Partial<Setup> = {}): Outcome =>
    bench.run({
      code: [encode('CFC', { d2: operand })],
      gr: { 1: 0x2000n, 2: 0n, 3: 0x3000n },
      storage: { 0x2000: first, 0x3000: third },
      ...setup,
    });
  const seen = ({ gr, cc }: Outcome): readonly unknown[] => [gr[1], gr[2], gr[3], cc];

  test('in ascending order takes what the higher one lacks', () => {
    expect(seen(compare('000000000001', '000000000002', 0x10))).toEqual([0x2000n, 0x0006_ffff_ffff_fffdn, 0x3000n, 1]);
    expect(seen(compare('000000000002', '000000000001', 0x10))).toEqual([0x3000n, 0x0006_ffff_ffff_fffdn, 0x2000n, 2]);
  });
  test('in descending order takes the lower one', () => {
    expect(seen(compare('000000000002', '000000000001', 0x11))).toEqual([0x2000n, 0x0006_0000_0000_0001n, 0x3000n, 1]);
    expect(seen(compare('000000000001', '000000000002', 0x11))).toEqual([0x3000n, 0x0006_0000_0000_0001n, 0x2000n, 2]);
  });
  test('goes on while they are equal, to the end', () => {
    expect(compare('aabbccddeeff00000000000a', 'aabbccddeeff00000000000b', 6).gr[2]).toBe(0x000c_ffff_ffff_fff4n);
    expect(seen(compare('', '', 10))).toEqual([0x2000n, 0x8000_0000_0000_3000n, 0x3000n, 0]);
  });
  test('has halfwords outside the 64-bit mode', () => {
    const gr = { 1: 0x2000n, 2: 0x7777_7777_0000_0000n, 3: 0x3000n };
    expect(seen(compare('00010002', '00010003', 0x10, { mask: MASK_31, gr }))).toEqual([
      0x2000n,
      0x7777_7777_0004_fffcn,
      0x3000n,
      1,
    ]);
    expect(compare('', '', 2, { mask: MASK_31, gr }).gr[2]).toBe(0x7777_7777_8000_3000n);
  });
  test.each([1, 2, 3])('wants an even register %i', (r) => {
    expect(compare('', '', 0, { gr: { [r]: 1n } }).pgm?.code).toBe(6);
  });
});

describe('UPT', () => {
  const node = (code: bigint, data: bigint): string =>
    code.toString(16).padStart(16, '0') + data.toString(16).padStart(16, '0');
  const update = (
    code: bigint,
    index: bigint,
    nodes: Readonly<Record<number, string>>,
    setup: Partial<Setup> = {},
  ): Outcome =>
    bench.run({
      code: [encode('UPT')],
      gr: { 0: code, 1: 0x1111n, 2: 2n, 3: 3n, 4: 0x2000n, 5: index },
      storage: nodes,
      ...setup,
    });
  test('exchanges the codeword for higher ones on its way to the root', () => {
    const out = update(5n, 0x80n, { 0x2040: node(9n, 0x99n), 0x2020: node(7n, 0x77n), 0x2010: node(12n, 0x12n) });
    expect([out.gr[0], out.gr[1], out.gr[5], out.cc]).toEqual([12n, 0x12n, 0n, 1]);
    expect([out.storage(0x2040, 16), out.storage(0x2020, 16), out.storage(0x2010, 16)]).toEqual([
      node(5n, 0x1111n),
      node(7n, 0x77n),
      node(9n, 0x99n),
    ]);
  });
  test('stops at an equal one', () => {
    const out = update(7n, 0x80n, { 0x2040: node(3n, 0x33n), 0x2020: node(7n, 0x77n) });
    expect([out.gr[0], out.gr[1], out.gr[2], out.gr[3], out.gr[5], out.cc]).toEqual([7n, 0x1111n, 7n, 0x77n, 0x20n, 0]);
  });
  test('stops with a negative one', () => {
    const out = update(1n << 63n, 0x80n, {});
    expect([out.gr[5], out.cc]).toEqual([0x40n, 3]);
  });
  test('has words outside the 64-bit mode', () => {
    const out = update(5n, 0x18n, { 0x2008: '00000009 00000099' }, { mask: MASK_31 });
    expect([out.gr[0], out.gr[1], out.storage(0x2008, 8), out.cc]).toEqual([9n, 0x99n, '0000000500001111', 1]);
  });
  test('wants whole nodes', () => {
    expect(update(5n, 8n, {}).pgm?.code).toBe(6);
    expect(update(5n, 8n, {}, { mask: MASK_31 }).pgm).toBeUndefined();
  });
  test('does not go on from a node that is protected', () => {
    const out = update(
      5n,
      0x80n,
      { 0x2040: node(9n, 0x99n) },
      { keys: { 0x2000: 0x30 }, mask: 0x0010_0001_8000_0000n },
    );
    expect([out.pgm?.code, out.gr[0], out.gr[5]]).toEqual([4, 5n, 0x80n]);
  });
});
