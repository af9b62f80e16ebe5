import { describe, expect, test } from 'vitest';
import { join, run, split } from './model.ts';

function long(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
function short(value: number): bigint {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}
const longs = (a: number, b: number): bigint => join([long(a), long(b)], 64);
const shorts = (a: number, b: number, c: number, d: number): bigint => join([a, b, c, d].map(short), 32);
const ONE_EXTENDED = 0x3fffn << 112n;
const INEXACT = 0x08_0000;
const SINGLE = 8;

describe('arithmetic', () => {
  test.each([
    ['VFA', 5.5, -1],
    ['VFS', -2.5, 5],
    ['VFM', 6, 6],
    ['VFD', 0.375, 2 / 3],
  ] as const)('%s on two long elements', (mnemonic, left, right) => {
    const { vr, fpc } = run(mnemonic, { m4: 3, m5: 0 }, [
      longs(1.5, 2),
      longs(4, mnemonic === 'VFA' || mnemonic === 'VFS' ? -3 : 3),
    ]);
    expect(split(vr[1] ?? 0n, 64)).toEqual([long(left), long(right)]);
    expect(fpc & INEXACT).toBe(mnemonic === 'VFD' ? INEXACT : 0);
  });
  test('on short and extended elements, and on the first alone', () => {
    const [a, b] = [shorts(1, 2, 3, 4), shorts(0.5, 0.5, 0.5, -4)];
    expect(run('VFA', { m4: 2, m5: 0 }, [a, b]).vr[1]).toBe(shorts(1.5, 2.5, 3.5, 0));
    expect(run('VFM', { m4: 3, m5: SINGLE }, [longs(3, 5), longs(2, 7)]).vr[1]).toBe(longs(6, 0));
    expect(run('VFA', { m4: 4, m5: 0 }, [ONE_EXTENDED, ONE_EXTENDED]).vr[1]).toBe(0x4000n << 112n);
    expect(run('VFA', { m4: 1, m5: 0 }, [a, b]).pgm?.code).toBe(6);
    expect(run('VFA', { m4: 3, m5: 1 }, [a, b]).pgm?.code).toBe(6);
  });
  test('VFMA, VFMS, VFNMA, VFNMS round once', () => {
    const tiny = 2 ** -53;
    const operands = [longs(1 + 2 ** -27, 3), longs(1 - 2 ** -27, 5), longs(-1, 2 + tiny)];
    const of = (mnemonic: string): bigint[] => split(run(mnemonic, { m5: 0, m6: 3 }, operands).vr[1] ?? 0n, 64);
    expect(of('VFMA')).toEqual([long(-(2 ** -54)), long(17)]);
    expect(of('VFMS')).toEqual([long(2), long(13)]);
    expect(of('VFNMA')).toEqual([long(2 ** -54), long(-17)]);
    expect(of('VFNMS')).toEqual([long(-2), long(-13)]);
  });
  test.each([
    'VFMA',
    'VFMS',
    'VFNMA',
    'VFNMS',
  ] as const)('%s: signaling NaNs first; third operand, second, fourth, in each format', (mnemonic) => {
    const formats = [
      { m6: 2, quiet: 0x7fc0_0000n, signaling: 0x7f80_0000n, at: 96n },
      { m6: 3, quiet: 0x7ff8n << 48n, signaling: 0x7ff0n << 48n, at: 64n },
      { m6: 4, quiet: 0x7fff_8n << 108n, signaling: 0x7fffn << 112n, at: 0n },
    ];
    for (const { m6, quiet, signaling, at } of formats) {
      const of = (...operands: bigint[]) => {
        const seen = run(
          mnemonic,
          { m5: SINGLE, m6 },
          operands.map((v) => v << at),
        );
        return [((seen.vr[1] ?? 0n) >> at) - quiet, seen.fpc];
      };
      expect(of(quiet + 1n, quiet + 2n, quiet + 3n)).toEqual([2n, 0]);
      expect(of(quiet + 1n, 0n, quiet + 3n)).toEqual([1n, 0]);
      expect(of(signaling + 1n, signaling + 2n, signaling + 3n)).toEqual([2n, 0x80_0000]);
      expect(of(signaling + 1n, quiet + 2n, signaling + 3n)).toEqual([1n, 0x80_0000]);
      expect(of(quiet + 1n, quiet + 2n, signaling + 3n)).toEqual([3n, 0x80_0000]);
    }
  });
  test('VFSQ, VFPSO', () => {
    expect(run('VFSQ', { m3: 3, m4: 0 }, [longs(9, 0.25)]).vr[1]).toBe(longs(3, 0.5));
    const sign = (m5: number): bigint | undefined => run('VFPSO', { m3: 3, m4: 0, m5 }, [longs(1, -2)]).vr[1];
    expect([sign(0), sign(1), sign(2)]).toEqual([longs(-1, 2), longs(-1, -2), longs(1, 2)]);
    expect(run('VFPSO', { m3: 3, m4: 0, m5: 3 }, [0n]).pgm?.code).toBe(6);
  });
});

describe('exceptions', () => {
  test('an enabled one names its element, and nothing is changed', () => {
    const { pgm, vr, fpc } = run('VFD', { m4: 3, m5: 0 }, [longs(1, 1), longs(3, 0)], { first: 7n, fpc: 0x4000_0000 });
    expect([pgm?.code, pgm?.dxc, vr[1], fpc.toString(16)]).toEqual([0x1b, 0x12, 7n, '40001200']);
  });
  test('flags of all elements are set', () => {
    const { vr, fpc } = run('VFD', { m4: 3, m5: 0 }, [longs(0, 1), longs(0, 3)]);
    expect([split(vr[1] ?? 0n, 64)[0]?.toString(16), fpc]).toEqual(['7ff8000000000000', 0x88_0000]);
  });
});

describe('comparisons', () => {
  const NAN = Number.NaN;
  test('VFCE, VFCH, VFCHE', () => {
    const of = (mnemonic: string, a: bigint, b: bigint): [bigint[], number] => {
      const { vr, cc } = run(mnemonic, { m4: 3, m5: 0, m6: 1 }, [a, b], { cc: 2 });
      return [split(vr[1] ?? 0n, 64).map((e) => BigInt.asIntN(64, e)), cc];
    };
    expect(of('VFCE', longs(1, NAN), longs(1, NAN))).toEqual([[-1n, 0n], 1]);
    expect(of('VFCH', longs(2, 3), longs(1, 2))).toEqual([[-1n, -1n], 0]);
    expect(of('VFCHE', longs(1, 0), longs(1, -0))).toEqual([[-1n, -1n], 0]);
    expect(of('VFCH', longs(1, 0), longs(1, -0))).toEqual([[0n, 0n], 3]);
  });
  test('WFC and WFK: the condition code; a quiet NaN is invalid to WFK', () => {
    const of = (mnemonic: string, a: number, b: number): [number, number] => {
      const { cc, fpc } = run(mnemonic, { m3: 3, m4: 0 }, [longs(b, 0)], { first: longs(a, 0), cc: 2 });
      return [cc, fpc];
    };
    expect([of('WFC', 1, 1), of('WFC', 1, 2), of('WFC', 2, 1), of('WFC', NAN, 1)]).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    expect(of('WFK', NAN, 1)).toEqual([3, 0x80_0000]);
  });
  test('VFTCI: classes by bit', () => {
    const { vr, cc } = run('VFTCI', { i3: 0x800, m4: 3, m5: 0 }, [longs(0, 1)], { cc: 2 });
    expect([vr[1], cc]).toEqual([((1n << 64n) - 1n) << 64n, 1]);
    expect(run('VFTCI', { i3: 0x300, m4: 3, m5: 0 }, [longs(-1, 1)], { cc: 2 }).cc).toBe(0);
    expect(run('VFTCI', { i3: 0x001, m4: 3, m5: 0 }, [longs(-1, 1)], { cc: 2 }).cc).toBe(3);
  });
  test('VFMAX and VFMIN treat NaNs and zeros as their function says', () => {
    const of = (mnemonic: string, m6: number, a: bigint, b: bigint): bigint[] =>
      split(run(mnemonic, { m4: 3, m5: 0, m6 }, [a, b]).vr[1] ?? 0n, 64);
    const NAN_BITS = 0x7ff8_0000_0000_0000n;
    expect(of('VFMAX', 0, longs(NAN, -0), longs(1, 0))).toEqual([long(1), long(0)]);
    expect(of('VFMAX', 1, longs(NAN, -0), longs(1, 0))).toEqual([NAN_BITS, long(0)]);
    expect(of('VFMAX', 2, longs(NAN, -0), longs(1, 0))).toEqual([long(1), long(0)]);
    expect(of('VFMAX', 3, longs(NAN, -0), longs(1, 0))).toEqual([NAN_BITS, long(-0)]);
    expect(of('VFMIN', 4, longs(NAN, 0), longs(1, -0))).toEqual([long(1), long(-0)]);
    // Of two quiet NaNs: the first, but for the C macro; of a signaling one and a quiet one: what the function says.
    const [one, two, loud] = [NAN_BITS + 1n, NAN_BITS + 2n, (0x7ff0n << 48n) + 3n];
    const taken = [0, 1, 2, 3, 4, 8, 9, 10, 11, 12].map((m6) =>
      of('VFMAX', m6, join([one, loud], 64), join([two, two], 64)).map((v) => v - NAN_BITS),
    );
    const asItIs = loud - NAN_BITS;
    expect(taken).toEqual([
      [1n, 3n],
      [1n, 3n],
      [2n, 2n],
      [1n, asItIs],
      [1n, asItIs],
      [1n, 3n],
      [1n, 3n],
      [2n, 2n],
      [1n, asItIs],
      [1n, asItIs],
    ]);
    // Function 8 gives the operand itself, the other magnitude functions its magnitude.
    expect(of('VFMIN', 8, longs(-1, 3), longs(2, -4))).toEqual([long(-1), long(3)]);
    expect(of('VFMAX', 9, longs(-5, 3), longs(2, -4))).toEqual([long(5), long(4)]);
    expect(run('VFMAX', { m4: 3, m5: 0, m6: 5 }, [0n, 0n]).pgm?.code).toBe(6);
  });
});

describe('conversions', () => {
  test('VCDG and VCDLG, VCGD and VCLGD', () => {
    const minus = join([-3n, 5n], 64);
    expect(run('VCDG', { m3: 3, m4: 0, m5: 0 }, [minus]).vr[1]).toBe(longs(-3, 5));
    expect(run('VCDLG', { m3: 3, m4: 0, m5: 0 }, [join([5n, 1n << 63n], 64)]).vr[1]).toBe(longs(5, 2 ** 63));
    expect(run('VCGD', { m3: 3, m4: 0, m5: 5 }, [longs(-3.7, 5.2)]).vr[1]).toBe(minus);
    expect(run('VCLGD', { m3: 3, m4: 0, m5: 6 }, [longs(0.5, 2 ** 63)]).vr[1]).toBe(join([1n, 1n << 63n], 64));
    expect(run('VCDG', { m3: 2, m4: 0, m5: 0 }, [join([-1n, 2n, 3n, 4n], 32)]).vr[1]).toBe(shorts(-1, 2, 3, 4));
  });
  test('bit 1 of M4 keeps inexactness from being told; rounding methods 2 and 8 to 15 are none', () => {
    expect(run('VCGD', { m3: 3, m4: 4, m5: 5 }, [longs(1.5, 1)]).fpc).toBe(0);
    expect(run('VCGD', { m3: 3, m4: 0, m5: 5 }, [longs(1.5, 1)]).fpc).toBe(INEXACT);
    expect([
      run('VFI', { m3: 3, m4: 0, m5: 2 }, []).pgm?.code,
      run('VFI', { m3: 3, m4: 0, m5: 9 }, []).pgm?.code,
    ]).toEqual([6, 6]);
  });
  test('VFI, VFLL and VFLR', () => {
    expect(run('VFI', { m3: 3, m4: 0, m5: 7 }, [longs(-0.5, 2.5)]).vr[1]).toBe(longs(-1, 2));
    expect(run('VFLL', { m3: 2, m4: 0 }, [shorts(1.5, 9, -2, 9)]).vr[1]).toBe(longs(1.5, -2));
    expect(run('VFLR', { m3: 3, m4: 0, m5: 0 }, [longs(1.5, -2)]).vr[1]).toBe(shorts(1.5, 0, -2, 0));
  });
});
