/** Decimal floating point: what QEMU does otherwise, or not at all, and one line of each kind that can be read. */

import { describe, expect, test } from 'vitest';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { slots } from '../../../src/arch/ppc64/cpu/state-layout.ts';
import { FPSCR } from '../../../src/arch/ppc64/isa/float/fpscr.ts';
import { type DfpFormat, extended, long, short } from '../../../src/soft-float/decimal/format.ts';
import { bits, text } from '../../support/decimal.ts';
import { Bench, CODE, encode, MSR_64, MSR_ALL, type Outcome } from '../../support/ppc64/isa.ts';

const bench = new Bench();
const FE0 = 0x0800n;
const MARK = 0x1234_5678_9abc_def0n;
type Halves = readonly [bigint, bigint];

/** Registers of numbers: an extended one in a pair, a short one in the right half. */
function registers(f: DfpFormat, numbers: Readonly<Record<number, string>>): Record<number, Halves> {
  const all: Record<number, Halves> = {};
  for (const [register, number] of Object.entries(numbers)) {
    const value = bits(f, number);
    if (f !== extended) all[Number(register)] = [value, 7n];
    else {
      all[Number(register)] = [value >> 64n, 7n];
      all[Number(register) + 1] = [BigInt.asUintN(64, value), 7n];
    }
  }
  return all;
}

function numberIn(f: DfpFormat, out: Outcome, register: number): string {
  const [left = 0n] = out.vsr[register] ?? [];
  if (f !== extended) return text(f, left);
  return text(f, (left << 64n) | (out.vsr[register + 1]?.[0] ?? 0n));
}

interface Operands {
  readonly fields: Readonly<Record<string, number>>;
  readonly vsr: Readonly<Record<number, Halves>>;
  readonly fpscr?: bigint;
  readonly msr?: bigint;
}

const run = (mnemonic: string, { fields, vsr, fpscr = 0n, msr = MSR_ALL }: Operands): Outcome =>
  bench.run({ code: [encode(mnemonic, fields)], msr, vsr, fpscr });

/** FRT = FRA op FRB of long numbers in registers 1 and 2; the result is in 4. */
const dyadic = (mnemonic: string, a: string, b: string, fpscr = 0n, msr = MSR_ALL): Outcome =>
  run(mnemonic, {
    fields: { frt: 4, fra: 1, frb: 2 },
    vsr: { ...registers(long, { 1: a, 2: b }), 4: [MARK, 7n] },
    ...{ fpscr, msr },
  });
const low = (out: Outcome): number => Number(out.fpscr & 0xffff_ffffn);

describe('arithmetic', () => {
  test.each([
    ['dadd', '120e-2', '3', '420e-2'],
    ['dsub', '120e-2', '3', '-180e-2'],
    ['dmul', '12e-1', '30', '360e-1'],
    ['ddiv', '1', '8', '125e-3'],
  ])('%s of %s and %s is %s: the quantum is the preferred one', (mnemonic, a, b, result) => {
    expect(numberIn(long, dyadic(mnemonic, a, b), 4)).toBe(result);
    const q = run(`${mnemonic}q`, {
      fields: { frtp: 6, frap: 2, frbp: 4 },
      vsr: registers(extended, { 2: a, 4: b }),
    });
    expect(numberIn(extended, q, 6)).toBe(result);
  });
  test.each([
    [0, '3333333333333333e-16', 0],
    [1, '3333333333333333e-16', 0],
    [2, '3333333333333334e-16', FPSCR.fr],
    [3, '3333333333333333e-16', 0],
    [6, '3333333333333334e-16', FPSCR.fr],
    [7, '3333333333333333e-16', 0],
  ])('rounds as DRN %i says, and tells by FR whether the magnitude grew', (drn, result, fr) => {
    const out = dyadic('ddiv', '1', '3', BigInt(drn) << 32n);
    expect(numberIn(long, out, 4)).toBe(result);
    expect(low(out)).toBe((FPSCR.fx | FPSCR.xx | FPSCR.fi | fr | 0x4000) >>> 0);
  });
  test('the binary rounding mode does not matter, and the right half of the register stays', () => {
    const out = dyadic('ddiv', '1', '3', 2n);
    expect(out.vsr[4]).toEqual([bits(long, '3333333333333333e-16'), 7n]);
  });
  test('the form with a dot shows FX, FEX, VX and OX in CR field 1', () => {
    const out = dyadic('ddiv.', '0', '0');
    expect([(out.cr >>> 24) & 15, numberIn(long, out, 4)]).toEqual([0b1010, 'nan']);
    expect(low(out)).toBe((FPSCR.fx | FPSCR.vx | FPSCR.vxzdz | 0x1_1000) >>> 0);
  });
  test('without MSR[FP] is not available', () => {
    expect(dyadic('dadd', '1', '2', 0n, MSR_64).pc).toBe(0x800n);
  });
  test('a pair that begins with an odd register is an illegal instruction', () => {
    const word = encode('daddq', { frtp: 6, frap: 2, frbp: 4 });
    for (const odd of [1 << 21, 1 << 16, 1 << 11]) {
      const out = bench.run({ code: [word | odd], msr: MSR_ALL });
      expect(out.cause).toEqual({ kind: 'hypervisor', vector: 0xe40 });
    }
  });
});

describe('an exception that is enabled', () => {
  test.each([
    ['dadd', 'inf', '-inf', FPSCR.ve, FPSCR.vx | FPSCR.vxisi],
    ['dmul', '0', 'inf', FPSCR.ve, FPSCR.vx | FPSCR.vximz],
    ['ddiv', 'inf', 'inf', FPSCR.ve, FPSCR.vx | FPSCR.vxidi],
    ['dadd', 'nan3', 'snan5', FPSCR.ve, FPSCR.vx | FPSCR.vxsnan],
    ['ddiv', '1', '0', FPSCR.ze, FPSCR.zx],
  ] as const)('%s of %s and %s leaves target and FPRF alone, and clears FR and FI', (mnemonic, a, b, enable, met) => {
    const before = BigInt((enable | FPSCR.fr | FPSCR.fi | 0x4000) >>> 0);
    const out = dyadic(mnemonic, a, b, before);
    expect([out.vsr[4], out.pc]).toEqual([[MARK, 7n], CODE + 4n]);
    expect(low(out)).toBe((FPSCR.fx | FPSCR.fex | met | enable | 0x4000) >>> 0);
  });
  test('interrupts when MSR[FE0] lets it', () => {
    const out = dyadic('ddiv', '1', '0', BigInt(FPSCR.ze), MSR_ALL | FE0);
    expect([out.pc, out.vcpu.big(slots.srr0), out.vcpu.big(slots.srr1)]).toEqual([
      ...[0x700n, CODE],
      MSR_ALL | FE0 | 0x10_0000n,
    ]);
  });
  test('overflow and underflow scale by 10^576, in pairs by 10^9216', () => {
    const over = dyadic('dmul', '5e369', '4e200', BigInt(FPSCR.oe));
    expect([numberIn(long, over, 4), low(over) & FPSCR.xx]).toEqual(['20e-7', 0]);
    const under = dyadic('dmul', '5e-398', '3e-20', BigInt(FPSCR.ue));
    expect([numberIn(long, under, 4), low(under) & FPSCR.ux]).toEqual(['15e158', FPSCR.ux]);
    const q = run('dmulq', {
      fields: { frtp: 6, frap: 2, frbp: 4 },
      vsr: registers(extended, { 2: '5e6111', 4: '4e4000' }),
      fpscr: BigInt(FPSCR.oe),
    });
    expect(numberIn(extended, q, 6)).toBe('20e895');
  });
  test('rounding to a shorter format leaves a scaled result in the longer one', () => {
    const fields = { frt: 4, frb: 2 };
    const toShort = run('drsp', { fields, vsr: registers(long, { 2: '12345678e90' }), fpscr: BigInt(FPSCR.oe) });
    expect(numberIn(long, toShort, 4)).toBe('1234568e-101');
    const toLong = run('drdpq', {
      fields: { frtp: 4, frbp: 2 },
      vsr: registers(extended, { 2: '7e400' }),
      fpscr: BigInt(FPSCR.oe),
    });
    expect(numberIn(extended, toLong, 4)).toBe('7e-2672');
  });
});

describe('other formats', () => {
  test('drsp leaves a short number in the right half, drdpq a long one in the first register of the pair', () => {
    const toShort = run('drsp', { fields: { frt: 4, frb: 2 }, vsr: registers(long, { 2: '12345675e-3' }) });
    expect(toShort.vsr[4]?.[0]).toBe(bits(short, '1234568e-2'));
    const toLong = run('drdpq', { fields: { frtp: 4, frbp: 2 }, vsr: registers(extended, { 2: '-12e5' }) });
    expect([toLong.vsr[4]?.[0], toLong.vsr[5]?.[0]]).toEqual([bits(long, '-12e5'), 0n]);
  });
  test('between short and long numbers signaling NaNs, and the digits of infinities, stay', () => {
    const fields = { frt: 4, frb: 2 };
    for (const number of ['snan123', 'nan7', 'inf55', '-inf']) {
      const out = run('dctdp', { fields, vsr: registers(short, { 2: number }) });
      expect([numberIn(long, out, 4), low(out) & FPSCR.vx]).toEqual([number, 0]);
      const back = run('drsp', { fields, vsr: registers(long, { 2: number }) });
      expect([text(short, back.vsr[4]?.[0] ?? 0n), low(back) & FPSCR.vx]).toEqual([number, 0]);
    }
  });
  test('between long and extended ones they do not', () => {
    const out = run('dctqpq', { fields: { frtp: 4, frb: 2 }, vsr: registers(long, { 2: 'snan123' }) });
    expect([numberIn(extended, out, 4), low(out) & FPSCR.vxsnan]).toEqual(['nan123', FPSCR.vxsnan]);
    const infinite = run('dctqpq', { fields: { frtp: 4, frb: 2 }, vsr: registers(long, { 2: '-inf55' }) });
    expect(numberIn(extended, infinite, 4)).toBe('-inf');
  });
  test('dctfix of what is out of range is invalid, and not inexact besides', () => {
    const out = run('dctfix', { fields: { frt: 4, frb: 2 }, vsr: registers(long, { 2: '-1e19' }) });
    expect(out.vsr[4]?.[0]).toBe(1n << 63n);
    expect(low(out)).toBe((FPSCR.fx | FPSCR.vx | FPSCR.vxcvi) >>> 0);
  });
});

describe('comparisons and tests', () => {
  const compared = (mnemonic: string, a: string, b: string, fpscr = 0n): Outcome =>
    run(mnemonic, { fields: { bf: 5, fra: 1, frb: 2 }, vsr: registers(long, { 1: a, 2: b }), fpscr });
  test.each([
    ['1', '10e-1', 2],
    ['-1', '1', 8],
    ['1e20', '-inf', 4],
    ['nan', '1', 1],
  ])('of %s and %s is %i, in FPCC, too', (a, b, found) => {
    const out = compared('dcmpu', a, b);
    expect([(out.cr >>> 8) & 15, low(out)]).toEqual([found, found << 12]);
  });
  test('an ordered one has VXVC, for a signaling NaN when it is not enabled alone', () => {
    const flags = (fpscr: number, a: string): number =>
      low(compared('dcmpo', a, '1', BigInt(fpscr))) & (FPSCR.vxvc | FPSCR.vxsnan);
    expect(flags(0, 'nan')).toBe(FPSCR.vxvc);
    expect(flags(0, 'snan')).toBe(FPSCR.vxvc | FPSCR.vxsnan);
    expect(flags(FPSCR.ve, 'snan')).toBe(FPSCR.vxsnan);
  });
  test('a subnormal number is of the group of extreme exponents, whatever its exponent', () => {
    const group = (number: string, dm: number): number =>
      (run('dtstdg', { fields: { bf: 0, fra: 1, dm }, vsr: registers(long, { 1: number }) }).cr >>> 28) & 15;
    expect([group('1e-390', 8), group('-1e-390', 8), group('1e-390', 4), group('-1e-300', 4)]).toEqual([2, 10, 0, 10]);
  });
});

describe('digits', () => {
  const encoded = (packed: bigint, s: number, fpscr = 0n): Outcome =>
    run('denbcd', { fields: { frt: 4, s, frb: 2 }, vsr: { 2: [packed, 0n], 4: [MARK, 7n] }, fpscr });
  test('denbcd takes digits, and a sign behind them', () => {
    expect(numberIn(long, encoded(0x1234_5678_9012_3456n, 0), 4)).toBe('1234567890123456');
    expect(numberIn(long, encoded(0x120bn, 1), 4)).toBe('-120');
    expect(numberIn(long, encoded(0x120en, 1), 4)).toBe('120');
  });
  test.each([
    ['a digit that is none', 0xan, 0],
    ['a sign that is none', 0x123n, 1],
  ])('denbcd of %s is an invalid conversion', (_, packed, s) => {
    const out = encoded(packed, s);
    expect([numberIn(long, out, 4), low(out)]).toEqual(['nan', (FPSCR.fx | FPSCR.vx | FPSCR.vxcvi | 0x1_1000) >>> 0]);
    expect(encoded(packed, s, BigInt(FPSCR.ve)).vsr[4]).toEqual([MARK, 7n]);
  });
  test('ddedpd shows digits of infinities and NaNs, too', () => {
    const decoded = (number: string, sp: number): bigint | undefined =>
      run('ddedpd', { fields: { frt: 4, sp, frb: 2 }, vsr: registers(long, { 2: number }) }).vsr[4]?.[0];
    expect([decoded('-inf55', 0), decoded('-nan123', 2), decoded('123', 3)]).toEqual([0x55n, 0x123dn, 0x123fn]);
  });
  test('diex makes a number of an infinity, with its digits', () => {
    const vsr = { ...registers(long, { 2: 'inf55' }), 1: [400n, 0n] as const };
    expect(numberIn(long, run('diex', { fields: { frt: 4, fra: 1, frb: 2 }, vsr }), 4)).toBe('55e2');
  });
  test('addg6s has a six where a digit carries nothing', () => {
    const out = bench.run({
      code: [encode('addg6s', { rt: 3, ra: 4, rb: 5 })],
      gpr: { 4: 0x9999_9999_9999_9999n, 5: 0x7n },
    });
    // Every digit is 9 and carries when one comes in, and the rightmost one makes one.
    expect(out.gpr[3]).toBe(0x6666_6666_6666_6660n);
  });
  test('declets of each word become three digits each, and come back', () => {
    const code = [encode('cbcdtd', { ra: 3, rs: 4 }), encode('cdtbcd', { ra: 5, rs: 3 })];
    const out = bench.run({ code, gpr: { 4: 0x0099_9123_0000_0709n } });
    expect([out.gpr[3], out.gpr[5]]).toEqual([0x0003_fca3_0000_0389n, 0x0099_9123_0000_0709n]);
  });
});

describe('lq and stq', () => {
  const load = encode('lq', { rt: 6, ra: 4, d: 16 });
  const storage = { 0x20010: '0102030405060708090a0b0c0d0e0f10' };
  const loaded = (of: Bench, msr: bigint, base = 0x20000n, code = load): Outcome =>
    of.run({ code: [code], gpr: { 4: base, 6: MARK }, storage, msr });
  test('are the supervisor’s on a POWER7, and big endian', () => {
    const out = loaded(bench, MSR_64);
    expect([out.gpr[6], out.gpr[7]]).toEqual([0x0102_0304_0506_0708n, 0x090a_0b0c_0d0e_0f10n]);
    const refused = loaded(bench, MSR_64 | 0x4000n);
    expect([refused.pc, refused.vcpu.big(slots.srr1) & 0xf_0000n, refused.gpr[6]]).toEqual([0x700n, 0x4_0000n, MARK]);
    const little = loaded(bench, MSR_64 | 1n);
    expect([little.pc, little.vcpu.big(slots.dar)]).toEqual([0x600n, 0x20010n]);
  });
  test('are anybody’s on a POWER8, in both orders', () => {
    const power8 = new Bench(undefined, cpuModels.power8);
    expect(loaded(power8, MSR_64 | 0x4001n).gpr[6]).toBe(0x100f_0e0d_0c0b_0a09n);
  });
  test('want an aligned operand, an even register, and no address in the target', () => {
    expect(loaded(bench, MSR_64, 0x20008n).pc).toBe(0x600n);
    for (const code of [
      encode('lq', { rt: 7, ra: 4 }),
      encode('lq', { rt: 4, ra: 4 }),
      encode('stq', { rs: 7, ra: 4 }),
    ]) {
      expect(loaded(bench, MSR_64, 0x20000n, code).cause).toEqual({ kind: 'hypervisor', vector: 0xe40 });
    }
  });
});
