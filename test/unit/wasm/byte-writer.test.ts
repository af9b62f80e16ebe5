import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/wasm/byte-writer.ts';

function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(1);
  write(out);
  return out.take();
}

/** Decodes LEB128 in bigints, as the WebAssembly specification defines it; must consume all bytes. */
function decode(bytes: Uint8Array, signed: boolean): bigint {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    expect(byte > 0x7f).toBe(i < bytes.length - 1);
  }
  return signed ? BigInt.asIntN(7 * bytes.length, value) : value;
}

/** The fewest bytes that hold `value`. */
function shortest(value: bigint, signed: boolean): number {
  for (let n = 1; ; n++) {
    if ((signed ? BigInt.asIntN(7 * n, value) : BigInt.asUintN(7 * n, value)) === value) return n;
  }
}

/** Values that cluster where encodings change their length. */
function edges(bits: number): fc.Arbitrary<bigint> {
  const nearPower = fc
    .tuple(fc.integer({ min: 0, max: bits }), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
    .map(([power, delta, negative]) => (negative ? -1n : 1n) * (1n << BigInt(power)) + delta);
  return fc.oneof(nearPower, fc.bigInt({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits)) - 1n }));
}

describe('LEB128', () => {
  test('u64 keeps the low 64 bits in the fewest bytes', () => {
    fc.assert(
      fc.property(edges(64), (value) => {
        const wanted = BigInt.asUintN(64, value);
        const bytes = written((out) => out.u64(value));
        expect(decode(bytes, false)).toBe(wanted);
        expect(bytes.length).toBe(shortest(wanted, false));
      }),
      { numRuns: 2000 },
    );
  });

  test('s64 keeps the low 64 bits, sign and all, in the fewest bytes', () => {
    fc.assert(
      fc.property(edges(64), (value) => {
        const wanted = BigInt.asIntN(64, value);
        const bytes = written((out) => out.s64(value));
        expect(decode(bytes, true)).toBe(wanted);
        expect(bytes.length).toBe(shortest(wanted, true));
      }),
      { numRuns: 2000 },
    );
  });

  test('u32 and s32 take signed and unsigned spellings of the same bits', () => {
    fc.assert(
      fc.property(edges(32), (value) => {
        const unsigned = written((out) => out.u32(Number(value)));
        const signed = written((out) => out.s32(Number(value)));
        expect(decode(unsigned, false)).toBe(BigInt.asUintN(32, value));
        expect(unsigned.length).toBe(shortest(BigInt.asUintN(32, value), false));
        expect(decode(signed, true)).toBe(BigInt.asIntN(32, value));
        expect(signed.length).toBe(shortest(BigInt.asIntN(32, value), true));
      }),
      { numRuns: 2000 },
    );
  });

  test('s64 of a safe number is s64 of the same bigint', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written((out) => out.s64(value))).toEqual(written((out) => out.s64(BigInt(value))));
      }),
    );
  });

  test.each([2 ** 53, -(2 ** 60), 0.5, Number.NaN])('s64 refuses %d, which may not be what was meant', (value) => {
    expect(() => written((out) => out.s64(value))).toThrow(RangeError);
  });
});

test('a writer that has to grow in the middle of anything loses nothing', () => {
  const bytes = written((out) => {
    out.byte(1);
    out.raw(Uint8Array.of(2, 3, 4));
    out.f64(-0.5);
    out.name('é');
    out.f32(1);
    out.sized(new ByteWriter());
  });
  expect([...bytes]).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0xe0, 0xbf, 2, 0xc3, 0xa9, 0, 0, 0x80, 0x3f, 0]);
});

test('what was taken does not change with later writes', () => {
  const out = new ByteWriter(8);
  out.byte(1);
  const taken = out.take();
  out.byte(2);
  expect([...taken]).toEqual([1]);
  expect([...out.view()]).toEqual([1, 2]);
});
