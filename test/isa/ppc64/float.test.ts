/** What QEMU does otherwise, or not at all, of floating point: FR, exceptions that are enabled without interrupting, vectors. */

import { describe, expect, test } from 'vitest';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { slots } from '../../../src/arch/ppc64/cpu/state-layout.ts';
import { FPSCR } from '../../../src/arch/ppc64/isa/float/fpscr.ts';
import { Bench, CODE, encode, MSR_ALL } from '../../support/ppc64/isa.ts';

const bench = new Bench();
const FE0 = 0x0800n;
const ONE = 0x3ff0_0000_0000_0000n;
const THREE = 0x4008_0000_0000_0000n;
const LARGEST = 0x7fef_ffff_ffff_ffffn;
const SIGNALING = 0x7ff4_0000_0000_0001n;
const MARK = 0x1234_5678_9abc_def0n;
const halves = (left: bigint, right = 0n): readonly [bigint, bigint] => [left, right];

describe('FPSCR after an operation', () => {
  const divided = (rounding: bigint) =>
    bench.run({
      code: [encode('fdiv', { frt: 3, fra: 1, frb: 2 })],
      ...{ msr: MSR_ALL, fpscr: rounding, vsr: { 1: halves(ONE), 2: halves(THREE) } },
    });
  test.each([
    ['to nearest', 0n, 0x3fd5_5555_5555_5555n, 0],
    ['up', 2n, 0x3fd5_5555_5555_5556n, FPSCR.fr],
    ['down', 3n, 0x3fd5_5555_5555_5555n, 0],
  ] as const)('1/3 rounded %s says by FR whether the magnitude grew', (_, rounding, value, fr) => {
    const out = divided(rounding);
    expect(out.vsr[3]?.[0]).toBe(value);
    const flags = FPSCR.fx | FPSCR.xx | FPSCR.fi | fr | 0x4000;
    expect(out.fpscr).toBe(BigInt(flags >>> 0) | rounding);
  });
  test('a subnormal short result is called subnormal', () => {
    const code = [encode('fmuls', { frt: 3, fra: 1, frc: 2 })];
    // 2^-100 times 2^-40 is below the least normal short number.
    const out = bench.run({
      code,
      msr: MSR_ALL,
      vsr: { 1: halves(0x39b0_0000_0000_0000n), 2: halves(0x3d70_0000_0000_0000n) },
    });
    expect([out.vsr[3]?.[0], out.fpscr]).toEqual([0x3730_0000_0000_0000n, 0x14000n]);
  });
  test('FX tells of what is met for the first time alone', () => {
    const met = BigInt((FPSCR.xx | FPSCR.fi) >>> 0);
    const out = bench.run({
      code: [encode('fdiv.', { frt: 3, fra: 1, frb: 2 })],
      ...{ msr: MSR_ALL, fpscr: met, vsr: { 1: halves(ONE), 2: halves(THREE) } },
    });
    expect([out.fpscr & 0xf000_0000n, (out.cr >>> 24) & 15]).toEqual([0n, 0]);
  });
});

describe('an exception that is enabled', () => {
  const invalid = (msr: bigint) =>
    bench.run({
      code: [encode('fadd', { frt: 3, fra: 1, frb: 2 })],
      ...{ msr, fpscr: BigInt(FPSCR.ve), vsr: { 1: halves(SIGNALING), 2: halves(ONE), 3: halves(MARK, 7n) } },
    });
  test('leaves the target alone without interrupting while MSR[FE0] and MSR[FE1] are zero', () => {
    const out = invalid(MSR_ALL);
    expect([out.vsr[3], out.pc]).toEqual([[MARK, 7n], CODE + 4n]);
    expect(out.fpscr).toBe(BigInt((FPSCR.fx | FPSCR.fex | FPSCR.vx | FPSCR.vxsnan | FPSCR.ve) >>> 0));
  });
  test('is a program interruption at the instruction otherwise', () => {
    const out = invalid(MSR_ALL | FE0);
    expect([out.vsr[3], out.pc, out.vcpu.big(slots.srr0)]).toEqual([[MARK, 7n], 0x700n, CODE]);
    expect(out.vcpu.big(slots.srr1)).toBe(MSR_ALL | FE0 | 0x10_0000n);
  });
  test('overflow scales the result by 2^1536, a short one by 2^192', () => {
    const long = bench.run({
      code: [encode('fadd', { frt: 3, fra: 1, frb: 1 })],
      ...{ msr: MSR_ALL, fpscr: BigInt(FPSCR.oe), vsr: { 1: halves(LARGEST) } },
    });
    expect(long.vsr[3]?.[0]).toBe(0x1fff_ffff_ffff_ffffn);
    const short = bench.run({
      code: [encode('fadds', { frt: 3, fra: 1, frb: 1 })],
      ...{ msr: MSR_ALL, fpscr: BigInt(FPSCR.oe), vsr: { 1: halves(0xc7ef_ffff_e000_0000n) } },
    });
    expect(short.vsr[3]?.[0]).toBe(0xbbff_ffff_e000_0000n);
  });
  test('of an element of a vector leaves the whole register alone', () => {
    const run = (fpscr: number) =>
      bench.run({
        code: [encode('xvdivdp', { xt: 40, xa: 1, xb: 2 })],
        ...{
          msr: MSR_ALL,
          fpscr: BigInt(fpscr),
          vsr: { 1: halves(ONE, ONE), 2: halves(ONE, THREE), 40: halves(MARK, 7n) },
        },
      });
    expect(run(FPSCR.xe).vsr[40]).toEqual([MARK, 7n]);
    expect(run(0).vsr[40]).toEqual([ONE, 0x3fd5_5555_5555_5555n]);
    expect(run(0).fpscr).toBe(BigInt((FPSCR.fx | FPSCR.xx) >>> 0));
  });
});

describe('what is moved to FPSCR', () => {
  const ofZero = (code: number, msr = MSR_ALL, fpscr = 0n) => bench.run({ code: [code], msr, fpscr });
  test('mtfsfi sets a field, and nothing that is a sum', () => {
    expect(ofZero(encode('mtfsfi', { bf: 0, u: 15 })).fpscr).toBe(0x9000_0000n);
    expect(ofZero(encode('mtfsfi', { bf: 7, u: 2 })).fpscr).toBe(2n);
  });
  test('mtfsfi with W sets the rounding of decimal numbers', () => {
    expect(ofZero(encode('mtfsfi', { bf: 7, u: 5, w: 1 })).fpscr).toBe(0x5_0000_0000n);
  });
  test('mtfsb1 of an exception sets FX and the sums', () => {
    const vxsnan = 7;
    expect(ofZero(encode('mtfsb1', { bt: vxsnan })).fpscr).toBe(0xa100_0000n);
  });
  test('mtfsb1 of an enabling bit interrupts when its exception has been met', () => {
    const out = ofZero(encode('mtfsb1.', { bt: 28 }), MSR_ALL | FE0, 0x8200_0000n);
    expect([out.pc, out.fpscr, (out.cr >>> 24) & 15]).toEqual([0x700n, 0xc200_0008n, 0xc]);
  });
  test('mtfsf with L sets all of it, and mffs shows it', () => {
    const code = [encode('mtfsf', { l: 1, frb: 1 }), encode('mffs', { frt: 2 })];
    const out = bench.run({ code, msr: MSR_ALL, vsr: { 1: halves(0xffff_ffff_ffff_ffffn) } });
    expect(out.vsr[2]?.[0]).toBe(0x7_ffff_f7ffn);
  });
  test('mcrfs takes exceptions away, and their sums with them', () => {
    const out = bench.run({ code: [encode('mcrfs', { bf: 5, bfa: 1 })], msr: MSR_ALL, fpscr: 0xa100_0000n });
    expect([out.fpscr, (out.cr >>> 8) & 15]).toEqual([0x8000_0000n, 1]);
  });
});

describe('vectors', () => {
  test('VSCR[SAT] stays', () => {
    const code = [encode('vaddubs', { vrt: 34, vra: 33, vrb: 33 }), encode('vaddubs', { vrt: 34, vra: 32, vrb: 32 })];
    const out = bench.run({ code, msr: MSR_ALL, vsr: { 33: halves(0xff00n) } });
    expect([out.vsr[34], out.vcpu.num(slots.vscr) & 1]).toEqual([[0n, 0n], 1]);
  });
  test.each([
    ['fadd', 0x800n, 0x0280_0000n],
    ['vaddfp', 0xf20n, 0x0080_2000n],
    ['xvaddsp', 0xf40n, 0x0200_2000n],
  ] as const)('%s is not available without its bit of the MSR', (mnemonic, vector, others) => {
    expect(bench.run({ code: [encode(mnemonic)], msr: 0x8000_0000_0000_0000n | others }).pc).toBe(vector);
  });
});

describe('a POWER8', () => {
  const power8 = new Bench(undefined, cpuModels.power8);
  const PR = 0x4000n;
  test('refuses transactional memory by a facility unavailable interruption', () => {
    for (const mnemonic of ['tbegin.', 'tend.', 'tcheck', 'tsr.', 'tabort.', 'mftm128', 'mttm130'] as const) {
      const out = power8.run({ code: [encode(mnemonic)], msr: MSR_ALL });
      expect([out.pc, out.vcpu.big(slots.fscr) >> 56n]).toEqual([0xf60n, 5n]);
    }
  });
  test('branches to the target address register, which FSCR may keep from problem state', () => {
    const code = [encode('mttar', { rt: 3 }), encode('btar', { bo: 20 })];
    const gpr = { 3: 0x1_2345n };
    expect(power8.run({ code, gpr, msr: MSR_ALL }).pc).toBe(0x1_2344n);
    const refused = power8.run({ code, gpr, msr: MSR_ALL | PR });
    expect([refused.pc, refused.vcpu.big(slots.fscr) >> 56n]).toEqual([0xf60n, 8n]);
  });
  test('knows the hypervisor’s registers as privileged ones, and counts instructions', () => {
    for (const mnemonic of ['mfdpdes', 'mtdawr', 'mtrpr', 'mfciabr', 'mfdawrx', 'mfhfscr'] as const) {
      expect(power8.run({ code: [encode(mnemonic)] }).pc).toBe(0x700n);
    }
    const out = power8.run({
      code: [encode('mfic', { rt: 3 }), encode('mfic', { rt: 4 }), encode('mfvtb', { rt: 5 })],
    });
    expect((out.gpr[4] ?? 0n) - (out.gpr[3] ?? 0n)).toBe(1n);
  });
  test('reserves bytes and quadwords; a POWER7 does not know how', () => {
    const code = [
      encode('lqarx', { rt: 6, ra: 0, rb: 4 }),
      encode('stqcx.', { rt: 8, ra: 0, rb: 4 }),
      encode('lbarx', { rt: 3, ra: 0, rb: 4 }),
    ];
    const gpr = { 4: 0x20000n, 8: 1n, 9: 2n };
    const storage = { 0x20000: '0102030405060708090a0b0c0d0e0f10' };
    const out = power8.run({ code, gpr, storage });
    expect([out.gpr[6], out.gpr[7], out.gpr[3]]).toEqual([0x0102_0304_0506_0708n, 0x090a_0b0c_0d0e_0f10n, 0n]);
    expect(out.storage(0x20000, 16)).toBe('00000000000000010000000000000002');
    expect(bench.run({ code, gpr, storage }).cause).toEqual({ kind: 'hypervisor', vector: 0xe40 });
  });
  test('has the more significant doubleword of a quadword in the even register in little-endian mode, too', () => {
    const code = [encode('lqarx', { rt: 6, ra: 0, rb: 4 })];
    const storage = { 0x20000: '0102030405060708090a0b0c0d0e0f10' };
    const out = power8.run({ code, gpr: { 4: 0x20000n }, storage, msr: MSR_ALL | 1n });
    expect([out.gpr[6], out.gpr[7]]).toEqual([0x100f_0e0d_0c0b_0a09n, 0x0807_0605_0403_0201n]);
  });
});
