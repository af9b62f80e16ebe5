import { describe, expect, test } from 'vitest';
import { join, operands, run, split } from './model.ts';

const index = (v: bigint | undefined): bigint => (v ?? -1n) >> 64n;

function pairs(count: number, stream: number): [bigint, bigint][] {
  const values = [...operands(count * 2, stream)];
  return Array.from({ length: count }, (_, i) => [values[2 * i] ?? 0n, values[2 * i + 1] ?? 0n]);
}
const firstOf = (hits: boolean[], es: number): bigint => {
  const at = hits.indexOf(true);
  return at < 0 ? 16n : BigInt(at << es);
};
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const [CC, ZERO, MASK, INVERT] = [1, 2, 4, 8];

describe.each([0, 1, 2])('size code %i', (es) => {
  const bits = 8 << es;
  test('VFEE: condition code 2 for a match before a zero, 0 for a zero before or at it', () => {
    for (const [a, b] of pairs(24, 0x10 + es)) {
      const equal = firstOf(
        split(a, bits).map((x, i) => x === split(b, bits)[i]),
        es,
      );
      const nul = firstOf(
        split(a, bits).map((x) => x === 0n),
        es,
      );
      const plain = run('VFEE', { m4: es, m5: CC }, [a, b]);
      expect([index(plain.vr[1]), plain.cc]).toEqual([equal, equal === 16n ? 3 : 1]);
      const zero = run('VFEE', { m4: es, m5: CC | ZERO }, [a, b]);
      const cc = nul === 16n ? (equal === 16n ? 3 : 1) : equal < nul ? 2 : 0;
      expect([index(zero.vr[1]), zero.cc]).toEqual([least(equal, nul), cc]);
    }
  });
  test('VFENE: the first difference tells which is lower', () => {
    for (const [a, b] of pairs(24, 0x20 + es)) {
      const [x, y] = [split(a, bits), split(b, bits)];
      const differs = firstOf(
        x.map((v, i) => v !== y[i]),
        es,
      );
      const nul = firstOf(
        x.map((v, i) => v === 0n && y[i] === 0n),
        es,
      );
      const at = Number(differs) >> es;
      const order = (x[at] ?? 0n) < (y[at] ?? 0n) ? 1 : 2;
      const { vr, cc } = run('VFENE', { m4: es, m5: CC | ZERO }, [a, b]);
      expect([index(vr[1]), cc]).toEqual([least(differs, nul), nul < differs ? 0 : differs === 16n ? 3 : order]);
    }
    const same = run('VFENE', { m4: es, m5: CC }, [5n, 5n]);
    expect([index(same.vr[1]), same.cc]).toEqual([16n, 3]);
  });
  test('VFAE: any of a set, or none of it; as an index or as a mask', () => {
    for (const [a, b] of pairs(16, 0x30 + es)) {
      for (const m5 of [CC, CC | ZERO, CC | INVERT, CC | ZERO | INVERT, CC | MASK, MASK | INVERT]) {
        const inverted = (m5 & INVERT) !== 0;
        const hits = split(a, bits).map((x) => split(b, bits).includes(x) !== inverted);
        const match = firstOf(hits, es);
        const nul =
          (m5 & ZERO) === 0
            ? 16n
            : firstOf(
                split(a, bits).map((x) => x === 0n),
                es,
              );
        const { vr, cc } = run('VFAE', { m4: es, m5 }, [a, b], { cc: 2 });
        if ((m5 & MASK) === 0) expect(index(vr[1])).toBe(least(match, nul));
        else
          expect(vr[1]).toBe(
            join(
              hits.map((h) => (h ? -1n : 0n)),
              bits,
            ),
          );
        const wanted = nul === 16n ? (match === 16n ? 3 : 1) : match < nul ? 2 : 0;
        expect(cc).toBe((m5 & CC) === 0 ? 2 : wanted);
      }
    }
  });
  test('VISTR clears what is behind the first zero', () => {
    for (const [a] of pairs(16, 0x40 + es)) {
      const x = split(a, bits);
      const end = x.indexOf(0n);
      const { vr, cc } = run('VISTR', { m3: es, m5: CC }, [a]);
      expect(vr[1]).toBe(
        join(
          x.map((v, i) => (end >= 0 && i > end ? 0n : v)),
          bits,
        ),
      );
      expect(cc).toBe(end < 0 ? 3 : 0);
    }
  });
  test('VSTRC: both limits of a range hold', () => {
    for (const [a, b] of pairs(12, 0x50 + es)) {
      const controls = Array.from(
        { length: 16 >> es },
        (_, i) => BigInt([0xa, 0xc, 0x4, 0x8, 0x2, 0xe, 0][i % 7] ?? 0) << BigInt(bits - 4),
      );
      const limits = split(b, bits);
      const holds = (v: bigint, i: number): boolean => {
        const control = (controls[i] ?? 0n) >> BigInt(bits - 4);
        const limit = limits[i] ?? 0n;
        return (
          ((control & 8n) !== 0n && v === limit) ||
          ((control & 4n) !== 0n && v < limit) ||
          ((control & 2n) !== 0n && v > limit)
        );
      };
      const hits = split(a, bits).map((v) => limits.some((_, i) => i % 2 === 0 && holds(v, i) && holds(v, i + 1)));
      const { vr, cc } = run('VSTRC', { m5: es, m6: CC }, [a, b, join(controls, bits)]);
      const match = firstOf(hits, es);
      expect([index(vr[1]), cc]).toEqual([match, match === 16n ? 3 : 1]);
    }
  });
  test('reserved modifier bits are specification exceptions', () => {
    expect(run('VFEE', { m4: es, m5: 4 }, []).pgm?.code).toBe(6);
    expect(run('VFENE', { m4: es, m5: 8 }, []).pgm?.code).toBe(6);
    expect(run('VISTR', { m3: es, m5: 2 }, []).pgm?.code).toBe(6);
    expect(run('VSTRS', { m5: es, m6: 1 }, []).pgm?.code).toBe(6);
  });
});

describe('VSTRS', () => {
  const text = (s: string): bigint =>
    join(
      Array.from({ length: 16 }, (_, i) => BigInt(s.charCodeAt(i) || 0)),
      8,
    );
  const search = (haystack: string, needle: string, length: number, m6: number): [bigint, number] => {
    const { vr, cc } = run('VSTRS', { m5: 0, m6 }, [text(haystack), text(needle), BigInt(length) << 64n]);
    return [index(vr[1]), cc];
  };
  test('finds a string whole', () => {
    expect(search('hello, world 123', 'world', 5, 0)).toEqual([7n, 2]);
    expect(search('hello, world 123', 'world', 9, ZERO)).toEqual([7n, 2]);
  });
  test('tells of a beginning at the end of the vector, but not before a zero', () => {
    expect(search('abcdefghijklmwor', 'world', 5, 0)).toEqual([13n, 3]);
    expect(search('abcdefghijkwor', 'world', 5, ZERO)[1]).toBe(1);
  });
  test('the empty string is found at once', () => {
    expect(search('abc', 'x', 0, 0)).toEqual([0n, 2]);
  });
  test('nothing', () => {
    expect(search('aaaaaaaaaaaaaaaa', 'b', 1, 0)).toEqual([16n, 0]);
  });
});
