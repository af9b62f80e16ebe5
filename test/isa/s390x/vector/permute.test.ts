import { describe, expect, test } from 'vitest';
import { join, operands, run, signed, split } from './model.ts';

const hex = (v: bigint | undefined): string => (v ?? -1n).toString(16).padStart(32, '0');

function pairs(count: number, stream: number): [bigint, bigint, bigint][] {
  const values = [...operands(count * 3, stream)];
  return Array.from({ length: count }, (_, i) => [
    values[3 * i] ?? 0n,
    values[3 * i + 1] ?? 0n,
    values[3 * i + 2] ?? 0n,
  ]);
}

describe('merge, pack, unpack', () => {
  test.each([0, 1, 2, 3])('VMRH and VMRL interleave halves, size code %i', (es) => {
    const bits = 8 << es;
    for (const [a, b] of pairs(4, 0x100 + es)) {
      const both = split(a, bits).flatMap((x, i) => [x, split(b, bits)[i] ?? 0n]);
      const n = 128 / bits;
      expect(hex(run('VMRH', { m4: es }, [a, b]).vr[1])).toBe(hex(join(both.slice(0, n), bits)));
      expect(hex(run('VMRL', { m4: es }, [a, b]).vr[1])).toBe(hex(join(both.slice(n), bits)));
    }
  });
  test.each([1, 2, 3])('VPK keeps right halves; VPKS and VPKLS the nearest value, size code %i', (es) => {
    const bits = 8 << es;
    const half = bits / 2;
    const [top, least] = [(1n << BigInt(half - 1)) - 1n, -(1n << BigInt(half - 1))];
    const unsignedTop = (1n << BigInt(half)) - 1n;
    for (const [a, b, c] of pairs(12, 0x200 + es)) {
      // Elements that fit in half of their width, now and then.
      const narrow = (v: bigint): bigint =>
        c % 2n === 0n
          ? v
          : join(
              split(v, bits).map((e) => e >> BigInt(half + 1)),
              bits,
            );
      const [x, y] = [narrow(a), narrow(b)];
      const elements = [...split(x, bits), ...split(y, bits)];
      const clamp = (v: bigint, low: bigint, high: bigint): bigint => (v < low ? low : v > high ? high : v);
      const ccOf = (clamped: bigint[], of: bigint[]): number => {
        const changed = of.filter((v, i) => v !== clamped[i]).length;
        return changed === 0 ? 0 : changed === of.length ? 3 : 1;
      };
      expect(hex(run('VPK', { m4: es }, [x, y]).vr[1])).toBe(hex(join(elements, half)));
      const s = signed(elements, bits);
      const saturated = s.map((v) => clamp(v, least, top));
      const packed = run('VPKS', { m4: es, m5: 1 }, [x, y], { cc: 2 });
      expect([hex(packed.vr[1]), packed.cc]).toEqual([hex(join(saturated, half)), ccOf(saturated, s)]);
      const logical = elements.map((v) => clamp(v, 0n, unsignedTop));
      const packedLogical = run('VPKLS', { m4: es, m5: 1 }, [x, y], { cc: 2 });
      expect([hex(packedLogical.vr[1]), packedLogical.cc]).toEqual([hex(join(logical, half)), ccOf(logical, elements)]);
      expect(run('VPKLS', { m4: es, m5: 0 }, [x, y], { cc: 2 }).cc).toBe(2);
    }
  });
  test.each([0, 1, 2])('VUPH, VUPL, VUPLH, VUPLL and VSEG extend, size code %i', (es) => {
    const bits = 8 << es;
    for (const [a] of pairs(4, 0x300 + es)) {
      const elements = split(a, bits);
      const n = elements.length / 2;
      const s = signed(elements, bits);
      expect(hex(run('VUPH', { m3: es }, [a]).vr[1])).toBe(hex(join(s.slice(0, n), bits * 2)));
      expect(hex(run('VUPL', { m3: es }, [a]).vr[1])).toBe(hex(join(s.slice(n), bits * 2)));
      expect(hex(run('VUPLH', { m3: es }, [a]).vr[1])).toBe(hex(join(elements.slice(0, n), bits * 2)));
      expect(hex(run('VUPLL', { m3: es }, [a]).vr[1])).toBe(hex(join(elements.slice(n), bits * 2)));
      expect(hex(run('VSEG', { m3: es }, [a]).vr[1])).toBe(hex(join([s[n - 1] ?? 0n, s[2 * n - 1] ?? 0n], 64)));
    }
  });
});

describe('permute and select', () => {
  test('VPERM takes bytes of both operands by the five rightmost bits', () => {
    for (const [a, b, c] of pairs(8, 0x400)) {
      const bytes = [...split(a, 8), ...split(b, 8)];
      const wanted = split(c, 8).map((n) => bytes[Number(n & 31n)] ?? 0n);
      expect(hex(run('VPERM', {}, [a, b, c]).vr[1])).toBe(hex(join(wanted, 8)));
    }
  });
  test('VSEL takes V2 where V4 is one', () => {
    for (const [a, b, c] of pairs(4, 0x500)) expect(run('VSEL', {}, [a, b, c]).vr[1]).toBe((a & c) | (b & ~c));
  });
  test('VPDI chooses a doubleword of each', () => {
    const [a, b] = [join([1n, 2n], 64), join([3n, 4n], 64)];
    const of = (m4: number): bigint[] => split(run('VPDI', { m4 }, [a, b]).vr[1] ?? 0n, 64);
    expect([of(0), of(1), of(4), of(5)]).toEqual([
      [1n, 3n],
      [1n, 4n],
      [2n, 3n],
      [2n, 4n],
    ]);
  });
  test('VBPERM gathers bits, and zeros for numbers past 127', () => {
    for (const [a, b] of pairs(8, 0x600)) {
      const bits = split(b, 8).map((n) => (n < 128n ? (a >> (127n - n)) & 1n : 0n));
      expect(run('VBPERM', {}, [a, b]).vr[1]).toBe(bits.reduce((v, bit) => (v << 1n) | bit, 0n) << 64n);
    }
  });
});

describe('shifts of the whole vector', () => {
  const sixteen = (n: number): bigint => join(new Array<bigint>(16).fill(BigInt(n)), 8);
  const all = (1n << 128n) - 1n;
  test.each([0, 1, 5, 7])('VSL, VSRL, VSRA by %i bits', (n) => {
    for (const [a] of pairs(4, 0x700 + n)) {
      const by = sixteen(n | 0xf8);
      expect(hex(run('VSL', {}, [a, by]).vr[1])).toBe(hex((a << BigInt(n)) & all));
      expect(hex(run('VSRL', {}, [a, by]).vr[1])).toBe(hex(a >> BigInt(n)));
      expect(hex(run('VSRA', {}, [a, by]).vr[1])).toBe(hex((BigInt.asIntN(128, a) >> BigInt(n)) & all));
    }
  });
  test('VSL shifts each byte by its own number and takes in bits of the next', () => {
    const a = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210n;
    const by = join(
      Array.from({ length: 16 }, (_, i) => BigInt(i % 8)),
      8,
    );
    const bytes = split(a, 8);
    const left = bytes.map((x, i) => (((x << 8n) | (bytes[i + 1] ?? 0n)) << BigInt(i % 8)) >> 8n);
    const right = bytes.map((x, i) => (((bytes[i - 1] ?? 0n) << 8n) | x) >> BigInt(i % 8));
    expect(hex(run('VSL', {}, [a, by]).vr[1])).toBe(hex(join(left, 8)));
    expect(hex(run('VSRL', {}, [a, by]).vr[1])).toBe(hex(join(right, 8)));
  });
  test.each([0, 1, 9, 15])('VSLB, VSRLB, VSRAB by %i bytes, which bits 1-4 of byte 7 tell', (n) => {
    for (const [a] of pairs(4, 0x800 + n)) {
      const by = (BigInt((n << 3) | 0x87) << 64n) | 0xffffn;
      const bits = BigInt(8 * n);
      expect(hex(run('VSLB', {}, [a, by]).vr[1])).toBe(hex((a << bits) & all));
      expect(hex(run('VSRLB', {}, [a, by]).vr[1])).toBe(hex(a >> bits));
      expect(hex(run('VSRAB', {}, [a, by]).vr[1])).toBe(hex((BigInt.asIntN(128, a) >> bits) & all));
    }
  });
  test('VSLDB, VSLD and VSRD shift two vectors side by side', () => {
    for (const [a, b] of pairs(4, 0x900)) {
      const both = (a << 128n) | b;
      for (const i4 of [0, 1, 8, 15, 16, 24, 255]) {
        expect(hex(run('VSLDB', { i4 }, [a, b]).vr[1])).toBe(hex(((both << BigInt(8 * (i4 & 15))) >> 128n) & all));
      }
      for (const i4 of [0, 1, 7]) {
        expect(hex(run('VSLD', { i4 }, [a, b]).vr[1])).toBe(hex(((both << BigInt(i4)) >> 128n) & all));
        expect(hex(run('VSRD', { i4 }, [a, b]).vr[1])).toBe(hex((both >> BigInt(i4)) & all));
      }
    }
    expect([run('VSLD', { i4: 8 }, []).pgm?.code, run('VSRD', { i4: 255 }, []).pgm?.code]).toEqual([6, 6]);
  });
});

describe('shifts of elements', () => {
  test.each([0, 1, 2, 3])('VESL, VESRL, VESRA, VERLL take the number modulo the width, size code %i', (es) => {
    const bits = 8 << es;
    for (const [a] of pairs(3, 0xa00 + es)) {
      const elements = split(a, bits);
      for (const d2 of [0, 1, bits - 1, bits, bits + 3]) {
        const by = BigInt(d2 % bits);
        const of = (mnemonic: string): string => hex(run(mnemonic, { b2: 0, d2, m4: es }, [0n, a]).vr[1]);
        expect(of('VESL')).toBe(
          hex(
            join(
              elements.map((x) => x << by),
              bits,
            ),
          ),
        );
        expect(of('VESRL')).toBe(
          hex(
            join(
              elements.map((x) => x >> by),
              bits,
            ),
          ),
        );
        expect(of('VESRA')).toBe(
          hex(
            join(
              signed(elements, bits).map((x) => x >> by),
              bits,
            ),
          ),
        );
        expect(of('VERLL')).toBe(
          hex(
            join(
              elements.map((x) => (x << by) | (x >> (BigInt(bits) - by))),
              bits,
            ),
          ),
        );
      }
    }
  });
  test('VERIM inserts the rotated element where the mask is one', () => {
    for (const [a, mask, old] of pairs(6, 0xb00)) {
      const rotated = join(
        split(a, 32).map((x) => (x << 5n) | (x >> 27n)),
        32,
      );
      const { vr } = run('VERIM', { i4: 32 + 5, m5: 2 }, [a, mask], { first: old });
      expect(hex(vr[1])).toBe(hex((rotated & mask) | (old & ~mask)));
    }
  });
});

describe('immediates', () => {
  test('VGBM: a bit for a byte', () => {
    expect(hex(run('VGBM', { i2: 0x8001 }, []).vr[1])).toBe('ff0000000000000000000000000000ff');
    expect(hex(run('VGBM', { i2: 0x0110 }, []).vr[1])).toBe('00000000000000ff000000ff00000000');
  });
  test('VGM: bits from I2 to I3, around the end when I3 is before I2', () => {
    expect(hex(run('VGM', { i2: 2, i3: 5, m4: 0 }, []).vr[1])).toBe('3c'.repeat(16));
    expect(hex(run('VGM', { i2: 30, i3: 1, m4: 2 }, []).vr[1])).toBe('c0000003'.repeat(4));
    expect(hex(run('VGM', { i2: 1, i3: 63, m4: 3 }, []).vr[1])).toBe('7fffffffffffffff'.repeat(2));
    expect(hex(run('VGM', { i2: 16 + 3, i3: 16 + 3, m4: 1 }, []).vr[1])).toBe('1000'.repeat(8));
  });
  test('VREPI extends the sign; VREP takes an element that must exist', () => {
    expect(hex(run('VREPI', { i2: 0xfffe, m3: 3 }, []).vr[1])).toBe('fffffffffffffffe'.repeat(2));
    expect(hex(run('VREPI', { i2: 0x1234, m3: 0 }, []).vr[1])).toBe('34'.repeat(16));
    const a = 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0fn;
    expect(hex(run('VREP', { i2: 5, m4: 1 }, [0n, a]).vr[1])).toBe('0a0b'.repeat(8));
    expect(run('VREP', { i2: 2, m4: 3 }, [0n, a]).pgm?.code).toBe(6);
  });
});
