import { describe, expect, test } from 'vitest';
import { hex, left, run, runOnStorage } from './vector.ts';

// Names that are put together below:
// AEBR ADBR SEBR SDBR DEBR DDBR MAEBR MADBR MSEBR MSDBR CEBR CDBR KEBR KDBR

const ONE = 0x3f80_0000;
const QNAN = 0x7fc0_0001;
const SNAN = 0x7f80_0001;
const INF = 0x7f80_0000;
const MAX = 0x7f7f_ffff;

/** Short results of a register instruction and of its storage form, which must agree: bits, cc, FPC, DXC. */
function short(mnemonic: string, a: number, b: number, fpc = 0): [string, number, string, number] {
  const [r, s] = [
    run(`${mnemonic}R`, { r1: 1, r2: 2 }, { fpr: { 1: left(a, 5n), 2: left(b) }, fpc, cc: 3 }),
    runOnStorage(mnemonic, { r1: 1 }, b.toString(16).padStart(8, '0'), { fpr: { 1: left(a, 5n) }, fpc, cc: 3 }),
  ];
  const result = (out: typeof r): [string, number, string, number] => [
    ((out.fpr[1] ?? 0n) >> 32n).toString(16).padStart(8, '0'),
    out.cc,
    out.fpc.toString(16),
    out.pgm?.dxc ?? 0,
  ];
  expect(BigInt.asUintN(32, r.fpr[1] ?? 0n)).toBe(5n);
  expect(result(s)).toEqual(result(r));
  return result(r);
}

function long(mnemonic: string, a: bigint, b: bigint, fpc = 0): [string, number, string, number] {
  const [r, s] = [
    run(`${mnemonic}R`, { r1: 1, r2: 2 }, { fpr: { 1: a, 2: b }, fpc, cc: 3 }),
    runOnStorage(mnemonic, { r1: 1 }, b.toString(16).padStart(16, '0'), { fpr: { 1: a }, fpc, cc: 3 }),
  ];
  const result = (out: typeof r): [string, number, string, number] => [
    hex(out.fpr[1]),
    out.cc,
    out.fpc.toString(16),
    out.pgm?.dxc ?? 0,
  ];
  expect(result(s)).toEqual(result(r));
  return result(r);
}

describe('ADD and SUBTRACT', () => {
  test('short: condition codes of zero, negative, positive and NaN results', () => {
    expect(short('AEB', ONE, 0xbf80_0000)).toEqual(['00000000', 0, '0', 0]);
    expect(short('AEB', 0xc000_0000, ONE)).toEqual(['bf800000', 1, '0', 0]);
    expect(short('AEB', ONE, ONE)).toEqual(['40000000', 2, '0', 0]);
    expect(short('AEB', ONE, QNAN)).toEqual(['7fc00001', 3, '0', 0]);
    expect(short('SEB', ONE, ONE)).toEqual(['00000000', 0, '0', 0]);
    expect(short('SEB', ONE, 0x4000_0000)).toEqual(['bf800000', 1, '0', 0]);
  });
  test('an exact zero is negative when rounding down, unless both are zeros of one sign', () => {
    expect(short('SEB', ONE, ONE, 3)[0]).toBe('80000000');
    expect(short('AEB', 0, 0x8000_0000, 3)[0]).toBe('80000000');
    expect(short('AEB', 0, 0x8000_0000, 0)[0]).toBe('00000000');
    expect(short('AEB', 0x8000_0000, 0x8000_0000, 2)[0]).toBe('80000000');
    expect(long('SDB', 0n, 0n, 3)[0]).toBe('8000000000000000');
    expect(long('SDB', 0n, 0x8000_0000_0000_0000n, 3)[0]).toBe('0000000000000000');
  });
  test('a signaling NaN goes before a quiet one, the first operand before the second; the sign stays', () => {
    expect(short('AEB', QNAN, 0xff80_0003)).toEqual(['ffc00003', 3, '800000', 0]);
    expect(short('AEB', SNAN, 0xff80_0003)).toEqual(['7fc00001', 3, '800000', 0]);
    expect(short('SEB', 0xffc0_0007, QNAN)).toEqual(['ffc00007', 3, '0', 0]);
    expect(short('SEB', ONE, QNAN)).toEqual(['7fc00001', 3, '0', 0]);
  });
  test('infinities of unlike sign are invalid, of like sign not', () => {
    expect(short('SEB', INF, INF)).toEqual(['7fc00000', 3, '800000', 0]);
    expect(short('AEB', INF, INF)).toEqual(['7f800000', 2, '0', 0]);
    expect(long('ADB', 0x7ff0_0000_0000_0000n, 0xfff0_0000_0000_0000n)[0]).toBe('7ff8000000000000');
  });
  test('invalid with its mask on is suppressed: register, flags and condition code as before', () => {
    expect(short('SEB', INF, INF, 0x8000_0000)).toEqual(['7f800000', 3, '80008000', 0x80]);
    expect(short('AEB', SNAN, ONE, 0xf800_0000)).toEqual(['7f800001', 3, 'f8008000', 0x80]);
    expect(long('ADB', 0x7ff0_0000_0000_0001n, 0n, 0x8000_0000)[3]).toBe(0x80);
  });
  test('overflow: default results by rounding mode', () => {
    expect(short('AEB', MAX, MAX, 0)).toEqual(['7f800000', 2, '280000', 0]);
    expect(short('AEB', MAX, MAX, 1)).toEqual(['7f7fffff', 2, '280001', 0]);
    expect(short('AEB', MAX, MAX, 2)).toEqual(['7f800000', 2, '280002', 0]);
    expect(short('AEB', MAX, MAX, 3)).toEqual(['7f7fffff', 2, '280003', 0]);
    expect(short('AEB', MAX, MAX, 7)).toEqual(['7f7fffff', 2, '280007', 0]);
    expect(short('SEB', 0xff7f_ffff, MAX, 2)).toEqual(['ff7fffff', 1, '280002', 0]);
  });
  test('trapped overflow leaves the result scaled by 2 ** -192 or -1536, sets the condition code and no flag', () => {
    // Twice the largest number, 1.11...1 * 2**128: exponent 128 - 192 = -64.
    expect(short('AEB', MAX, MAX, 0x2000_0000)).toEqual(['1fffffff', 2, '20002000', 0x20]);
    expect(long('ADB', 0xffef_ffff_ffff_ffffn, 0xffef_ffff_ffff_ffffn, 0x2000_0000)).toEqual([
      '9fffffffffffffff',
      1,
      '20002000',
      0x20,
    ]);
  });
  test('trapped overflow tells of inexactness in its code, mask of it on or not', () => {
    // The largest number and three quarters of its last place go up to 2**128; a whole place makes that exactly.
    expect(short('AEB', MAX, 0x7f7f_fffe, 0x2000_0000)[3]).toBe(0x28);
    expect(short('AEB', MAX, 0x7340_0000, 0x2000_0000)).toEqual(['1f800000', 2, '20002c00', 0x2c]);
    expect(short('AEB', MAX, 0x7380_0000, 0x2000_0000)).toEqual(['1f800000', 2, '20002000', 0x20]);
  });
  test('overflow with only the inexact mask on: flag of the one, trap of the other', () => {
    expect(short('AEB', MAX, MAX, 0x0800_0000)).toEqual(['7f800000', 2, '8200c00', 0x0c]);
    expect(short('AEB', MAX, MAX, 0x0800_0001)).toEqual(['7f7fffff', 2, '8200801', 0x08]);
  });
  test('inexact results trapped: cut and incremented', () => {
    expect(short('AEB', ONE, 0x3300_0000, 0x0800_0000)).toEqual(['3f800000', 2, '8000800', 0x08]);
    expect(short('AEB', ONE, 0x3380_0001, 0x0800_0000)).toEqual(['3f800001', 2, '8000c00', 0x0c]);
    expect(long('SDB', 0x3ff0_0000_0000_0000n, 1n, 0x0800_0003)).toEqual(['3fefffffffffffff', 2, '8000803', 0x08]);
  });
  test('a subnormal sum is exact: no flag, but a trap with its mask on, scaled by 2 ** 192', () => {
    expect(short('AEB', 1, 1)).toEqual(['00000002', 2, '0', 0]);
    // 2**-148 * 2**192 = 2**44.
    expect(short('AEB', 1, 1, 0x1000_0000)).toEqual(['55800000', 2, '10001000', 0x10]);
    expect(short('AEB', 0x0080_0000, 0x8000_0001, 0x1000_0000)).toEqual(['607ffffe', 2, '10001000', 0x10]);
  });
  test('extended pairs', () => {
    const axbr = (mnemonic: string, a: [bigint, bigint], b: [bigint, bigint], fpc = 0): unknown[] => {
      const out = run(mnemonic, { r1: 1, r2: 4 }, { fpr: { 1: a[0], 3: a[1], 4: b[0], 6: b[1] }, fpc, cc: 3 });
      return [hex(out.fpr[1], out.fpr[3]), out.cc, out.fpc.toString(16), out.pgm?.dxc];
    };
    const one: [bigint, bigint] = [0x3fff_0000_0000_0000n, 0n];
    const last: [bigint, bigint] = [0x3f8f_0000_0000_0000n, 0n]; // 2 ** -112
    expect(axbr('AXBR', one, last)).toEqual(['3fff000000000000_0000000000000001', 2, '0', undefined]);
    expect(axbr('SXBR', one, last)).toEqual(['3ffeffffffffffff_fffffffffffffffe', 2, '0', undefined]);
    expect(axbr('SXBR', one, one)).toEqual(['0000000000000000_0000000000000000', 0, '0', undefined]);
    expect(axbr('AXBR', one, [0x3f8e_0000_0000_0000n, 1n])).toEqual([
      '3fff000000000000_0000000000000001',
      2,
      '80000',
      undefined,
    ]);
    const max: [bigint, bigint] = [0xfffe_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn];
    expect(axbr('AXBR', max, max, 0x2000_0000)).toEqual(['9fffffffffffffff_ffffffffffffffff', 1, '20002000', 0x20]);
    expect(axbr('SXBR', [0x7fff_0000_0000_0000n, 1n], one, 0x8000_0000)).toEqual([
      '7fff000000000000_0000000000000001',
      3,
      '80008000',
      0x80,
    ]);
  });
});

describe('MULTIPLY', () => {
  test('signs of zeros, infinity times zero', () => {
    expect(short('MEEB', 0x8000_0000, ONE)).toEqual(['80000000', 3, '0', 0]);
    expect(short('MEEB', 0, 0xff80_0000)).toEqual(['7fc00000', 3, '800000', 0]);
    expect(long('MDB', 0n, 0x8000_0000_0000_0000n)[0]).toBe('8000000000000000');
  });
  test('a result rounded up to the smallest normal number was tiny: underflow', () => {
    // (1 + 2**-23) / 2 * (1 - 2**-24) * 2**-125 lies just below 2**-126.
    expect(short('MEEB', 0x0080_0001, 0x3f7f_fffe)).toEqual(['00800000', 3, '180000', 0]);
    expect(short('MEEB', 0x0080_0000, ONE)).toEqual(['00800000', 3, '0', 0]);
  });
  test('underflow: flag with inexactness, trap scaled', () => {
    expect(short('MEEB', 1, 0x3f00_0000)).toEqual(['00000000', 3, '180000', 0]);
    expect(short('MEEB', 1, 0x3f00_0000, 2)).toEqual(['00000001', 3, '180002', 0]);
    expect(short('MEEB', 1, 0x3f00_0000, 0x1000_0000)).toEqual(['54800000', 3, '10001000', 0x10]);
    expect(long('MDB', 0x0010_0000_0000_0001n, 0x3fe0_0000_0000_0001n, 0x1000_0000)).toEqual([
      '6000000000000002',
      3,
      '10001800',
      0x18,
    ]);
  });
  test('MDEBR and MDEB: short by short is exact in long', () => {
    const fpr = { 1: left(0x0000_0001), 2: left(0x8000_0001) };
    expect(hex(run('MDEBR', { r1: 1, r2: 2 }, { fpr, fpc: 0xf800_0000 }).fpr[1])).toBe('ad50000000000000');
    expect(hex(runOnStorage('MDEB', { r1: 1 }, '80000001', { fpr }).fpr[1])).toBe('ad50000000000000');
    const nan = run('MDEBR', { r1: 1, r2: 2 }, { fpr: { 1: left(SNAN), 2: left(QNAN) } });
    expect([hex(nan.fpr[1]), nan.fpc]).toEqual(['7ff8000020000000', 0x80_0000]);
  });
  test('MXDBR and MXDB: long by long is exact in extended', () => {
    const fpr = { 1: 0x3ff0_0000_0000_0001n, 2: 0x3ff0_0000_0000_0001n };
    const wanted = '3fff000000000000_2000000000000100';
    const r = run('MXDBR', { r1: 1, r2: 2 }, { fpr, fpc: 0xf800_0000 });
    expect(hex(r.fpr[1], r.fpr[3])).toBe(wanted);
    const s = runOnStorage('MXDB', { r1: 1 }, '3ff0000000000001', { fpr });
    expect(hex(s.fpr[1], s.fpr[3])).toBe(wanted);
    expect(run('MXDBR', { r1: 2, r2: 1 }, { fpr }).pgm?.code).toBe(6);
    expect(runOnStorage('MXDB', { r1: 3 }, '3ff0000000000001').pgm?.code).toBe(6);
  });
  test('MXBR', () => {
    const out = run('MXBR', { r1: 0, r2: 1 }, { fpr: { 0: 0x3fff_8000_0000_0000n, 1: 0xc000_0000_0000_0000n, 3: 1n } });
    expect(hex(out.fpr[0], out.fpr[2])).toBe('c000800000000000_0000000000000002');
    expect(out.fpc).toBe(0x8_0000);
  });
});

describe('DIVIDE and SQUARE ROOT', () => {
  test('division by zero: infinity with the quotient sign, or suppression', () => {
    expect(short('DEB', ONE, 0x8000_0000)).toEqual(['ff800000', 3, '400000', 0]);
    expect(short('DEB', ONE, 0, 0x4000_0000)).toEqual(['3f800000', 3, '40004000', 0x40]);
    expect(short('DEB', 0, 0)).toEqual(['7fc00000', 3, '800000', 0]);
    expect(short('DEB', INF, 0)).toEqual(['7f800000', 3, '0', 0]);
    expect(long('DDB', 0x7ff0_0000_0000_0000n, 0x7ff0_0000_0000_0000n)).toEqual(['7ff8000000000000', 3, '800000', 0]);
  });
  test('a third, rounded every way', () => {
    const three = 0x4040_0000;
    expect([0, 1, 2, 3, 7].map((mode) => short('DEB', ONE, three, mode)[0])).toEqual([
      '3eaaaaab',
      '3eaaaaaa',
      '3eaaaaab',
      '3eaaaaaa',
      '3eaaaaab',
    ]);
    expect(long('DDB', 0x3ff0_0000_0000_0000n, 0x4008_0000_0000_0000n)).toEqual(['3fd5555555555555', 3, '80000', 0]);
  });
  test('DXBR', () => {
    const out = run('DXBR', { r1: 0, r2: 1 }, { fpr: { 0: 0x3fff_0000_0000_0000n, 1: 0x4000_8000_0000_0000n } });
    expect([hex(out.fpr[0], out.fpr[2]), out.fpc]).toEqual(['3ffd555555555555_5555555555555555', 0x8_0000]);
  });
  test('square roots: of four, of two, of minus zero, of minus one', () => {
    const root = (bits: number, fpc = 0): unknown[] => {
      const r = run('SQEBR', { r1: 1, r2: 2 }, { fpr: { 2: left(bits) }, fpc });
      const s = runOnStorage('SQEB', { r1: 1 }, bits.toString(16).padStart(8, '0'), { fpc });
      expect([s.fpr[1], s.fpc, s.pgm?.dxc]).toEqual([r.fpr[1], r.fpc, r.pgm?.dxc]);
      return [hex(r.fpr[1]), r.fpc, r.pgm?.dxc];
    };
    expect(root(0x4080_0000)).toEqual(['4000000000000000', 0, undefined]);
    expect(root(0x4000_0000)).toEqual(['3fb504f300000000', 0x8_0000, undefined]);
    expect(root(0x8000_0000)).toEqual(['8000000000000000', 0, undefined]);
    expect(root(0xbf80_0000)).toEqual(['7fc0000000000000', 0x80_0000, undefined]);
    expect(root(0xbf80_0000, 0x8000_0000)).toEqual(['0000000000000000', 0x8000_8000, 0x80]);
    expect(root(0xff80_0000)[0]).toBe('7fc0000000000000');
    expect(root(1)[0]).toBe('1a3504f300000000');
  });
  test('SQDBR, SQDB, SQXBR', () => {
    expect(hex(run('SQDBR', { r1: 1, r2: 2 }, { fpr: { 2: 0x4000_0000_0000_0000n } }).fpr[1])).toBe('3ff6a09e667f3bcd');
    expect(hex(runOnStorage('SQDB', { r1: 1 }, '4022000000000000').fpr[1])).toBe('4008000000000000');
    const out = run('SQXBR', { r1: 1, r2: 4 }, { fpr: { 4: 0x4000_0000_0000_0000n } });
    expect(hex(out.fpr[1], out.fpr[3])).toBe('3fff6a09e667f3bc_c908b2fb1366ea95');
  });
});

describe('MULTIPLY AND ADD, MULTIPLY AND SUBTRACT', () => {
  const fused = (mnemonic: string, first: number, third: number, second: number, fpc = 0): unknown[] => {
    const fpr = { 1: left(first), 3: left(third), 2: left(second) };
    const r = run(`${mnemonic}R`, { r1: 1, r3: 3, r2: 2 }, { fpr, fpc });
    const s = runOnStorage(mnemonic, { r1: 1, r3: 3 }, second.toString(16).padStart(8, '0'), { fpr, fpc });
    expect([s.fpr[1], s.fpc, s.pgm?.dxc]).toEqual([r.fpr[1], r.fpc, r.pgm?.dxc]);
    return [((r.fpr[1] ?? 0n) >> 32n).toString(16), r.fpc.toString(16), r.pgm?.dxc];
  };
  test('one rounding: (1 + 2**-23)**2 - 1 keeps the last bit', () => {
    expect(fused('MSEB', ONE, 0x3f80_0001, 0x3f80_0001)).toEqual(['34800000', '80000', undefined]);
    expect(fused('MSEB', ONE, 0x3f80_0001, 0x3f80_0001, 2)).toEqual(['34800001', '80002', undefined]);
    expect(fused('MAEB', 0xbf80_0002, 0x3f80_0001, 0x3f80_0001)).toEqual(['28800000', '0', undefined]);
  });
  test('zeros: product and addend of unlike sign make plus zero', () => {
    expect(fused('MAEB', 0, 0x8000_0000, ONE)[0]).toBe('0');
    expect(fused('MAEB', 0x8000_0000, 0x8000_0000, ONE)[0]).toBe('80000000');
    expect(fused('MSEB', 0, 0x8000_0000, ONE)[0]).toBe('80000000');
    expect(fused('MSEB', ONE, ONE, ONE, 3)[0]).toBe('80000000');
  });
  test('infinity times zero is invalid even with a NaN to add; infinities that cancel are', () => {
    expect(fused('MAEB', 0xffcb_0000, INF, 0)).toEqual(['7fc00000', '800000', undefined]);
    expect(fused('MAEB', INF, 0xff80_0000, ONE)).toEqual(['7fc00000', '800000', undefined]);
    expect(fused('MSEB', INF, 0xff80_0000, ONE)).toEqual(['ff800000', '0', undefined]);
    expect(fused('MAEB', INF, INF, 0, 0x8000_0000)).toEqual(['7f800000', '80008000', 0x80]);
  });
  test('NaNs: signaling ones first; third operand, second, first; the subtracted one keeps its sign', () => {
    expect(fused('MAEB', 0x7fc0_0001, 0x7fc0_0003, 0x7fc0_0002)[0]).toBe('7fc00003');
    expect(fused('MAEB', 0x7fc0_0001, ONE, 0x7fc0_0002)[0]).toBe('7fc00002');
    expect(fused('MSEB', 0x7fc0_0001, ONE, ONE)[0]).toBe('7fc00001');
    expect(fused('MAEB', 0x7f80_0001, 0x7fc0_0003, 0x7fc0_0002)).toEqual(['7fc00001', '800000', undefined]);
  });
  test('trapped underflow of a product far below', () => {
    // 2**-149 * 2**-149 * 2**192 = 2**-106.
    expect(fused('MAEB', 0, 1, 1, 0x1000_0000)).toEqual(['a800000', '10001000', 0x10]);
  });
  test.each(['MADB', 'MSDB'])('%s', (mnemonic) => {
    const fpr = { 1: 0x3ff0_0000_0000_0000n, 2: 0x4000_0000_0000_0000n, 3: 0x4008_0000_0000_0000n };
    const wanted = mnemonic === 'MADB' ? '401c000000000000' : '4014000000000000';
    expect(hex(run(`${mnemonic}R`, { r1: 1, r3: 3, r2: 2 }, { fpr }).fpr[1])).toBe(wanted);
    expect(hex(runOnStorage(mnemonic, { r1: 1, r3: 3 }, '4000000000000000', { fpr }).fpr[1])).toBe(wanted);
  });
});

test('a storage operand that cannot be fetched: access exception, nothing changed', () => {
  for (const mnemonic of ['AEB', 'ADB', 'MEEB', 'MDB', 'DDB', 'SQDB', 'MADB', 'CDB', 'LDEB', 'LXDB']) {
    const out = run(mnemonic, { r1: 1, b2: 10 }, { gr: { 10: 0x40_0000n }, fpr: { 1: 77n }, cc: 2 });
    expect([mnemonic, out.pgm?.code, out.fpr[1], out.cc, out.fpc]).toEqual([mnemonic, 5, 77n, 2, 0]);
  }
});
