import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const M64 = 0xffff_ffff_ffff_ffffn;

describe('LOAD ADDRESS', () => {
  const gr = { 2: 0x1234_5678_9abc_def0n, 3: 0x1111_1111_8000_0000n, 4: 0x1n };
  for (const [op, d2] of [
    ['LA', 0xfff],
    ['LAY', -1],
  ] as const) {
    const sum = 0x1111_1111_8000_0001n + BigInt(d2);
    test.each([
      ['64-bit: all bits', MASK_64, sum],
      ['31-bit: bit 32 zero, bits 0-31 stay', 0x8000_0000n, (gr[2] & ~0xffff_ffffn) | (sum & 0x7fff_ffffn)],
      ['24-bit: bits 32-39 zero, bits 0-31 stay', 0n, (gr[2] & ~0xffff_ffffn) | (sum & 0xff_ffffn)],
    ])(`${op} in %s`, (_, mask, result) => {
      const out = bench.run({ code: [encode(op, { r1: 2, x2: 3, b2: 4, d2 })], gr, mask, cc: 2 });
      expect([out.gr[2], out.cc]).toEqual([result, 2]);
    });
  }
  test('LAY: a long negative displacement', () => {
    const out = bench.run({ code: [encode('LAY', { r1: 2, b2: 4, d2: -0x80000 })], gr });
    expect(out.gr[2]).toBe(BigInt.asUintN(64, -0x7ffffn));
  });
  test.each([
    ['64-bit', MASK_64, BigInt.asUintN(64, CODE - 0x10_0000n)],
    ['31-bit', 0x8000_0000n, 0x1234_5678_7ff1_0000n],
    ['24-bit', 0n, 0x1234_5678_00f1_0000n],
  ])('LARL in %s: a distance of which the address wraps', (_, mask, result) => {
    const out = bench.run({ code: [encode('LARL', { r1: 2, ri2: -0x10_0000 })], gr, mask });
    expect(out.gr[2]).toBe(result);
  });
  test.each([
    ['primary', 0n, 0],
    ['secondary', 2n, 1],
    ['home', 3n, 2],
    ['access-register', 1n, 0xcafe],
  ])('LAE in the %s mode', (_, space, alet) => {
    for (const op of ['LAE', 'LAEY']) {
      const out = bench.run({
        code: [encode(op, { r1: 2, b2: 4, d2: 8 })],
        gr,
        ar: { 2: 7, 4: 0xcafe },
        mask: MASK_64 | (space << 46n),
        cr: { 0: 0x77n },
      });
      expect([out.gr[2], out.ar[2], out.ar[4]]).toEqual([9n, alet, 0xcafe]);
    }
  });
  test('LAE in the access-register mode with B2 of zero sets the primary space', () => {
    for (const op of ['LAE', 'LAEY']) {
      const out = bench.run({
        code: [encode(op, { r1: 2, d2: 8 })],
        gr,
        ar: { 0: 5, 2: 7 },
        mask: MASK_64 | (1n << 46n),
        cr: { 0: 0x77n },
      });
      expect([out.gr[2], out.ar[2]]).toEqual([8n, 0]);
    }
  });
});

describe('access registers and the program mask', () => {
  test('CPYA, EAR and SAR', () => {
    const ar = { 3: 0x8765_4321 };
    expect(bench.run({ code: [encode('CPYA', { r1: 2, r2: 3 })], ar }).ar[2]).toBe(0x8765_4321);
    expect(bench.run({ code: [encode('EAR', { r1: 2, r2: 3 })], ar, gr: { 2: M64 } }).gr[2]).toBe(
      0xffff_ffff_8765_4321n,
    );
    expect(bench.run({ code: [encode('SAR', { r1: 2, r2: 3 })], gr: { 3: M64 - 1n } }).ar[2]).toBe(0xffff_fffe);
  });
  test('access register 0 is a register like the others', () => {
    expect(bench.run({ code: [encode('EAR', { r1: 2 })], ar: { 0: 9 } }).gr[2]).toBe(9n);
  });
  test.each([0, 1, 2, 3])('IPM inserts two zeros, condition code %i and program mask; the rest stays', (cc) => {
    const out = bench.run({ code: [encode('IPM', { r1: 2 })], gr: { 2: M64 }, cc, programMask: 5 });
    expect(out.gr[2]).toBe(0xffff_ffff_05ff_ffffn | (BigInt(cc) << 28n));
    expect(out.cc).toBe(cc);
  });
  test('SPM ignores bits 32 and 33, and what is not in the word', () => {
    const out = bench.run({ code: [encode('SPM', { r1: 2 })], gr: { 2: 0xffff_ffff_da00_0000n }, programMask: 5 });
    expect([out.cc, out.vcpu.psw.mask & (0xfn << 40n)]).toEqual([1, 0xan << 40n]);
  });
});
