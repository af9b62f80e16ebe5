import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigEndian, bytesToHex, hex, hexToBytes, toBigEndian } from '../../../src/bits/hex.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('hex', () => {
  test.each<[bigint | number, number, string]>([
    [0n, 1, '0x0'],
    [0xabcn, 1, '0xabc'],
    [0xabc, 8, '0x00000abc'],
    [-1n, 1, '0xffffffffffffffff'],
    [-1n, 32, `0x${'f'.repeat(32)}`],
    [1n << 100n, 32, '0x00000010000000000000000000000000'],
    [0xffff_ffff, 4, '0xffffffff'],
  ])('hex(%s, %d) is %s', (value, digits, text) => {
    expect(hex(value, digits)).toBe(text);
  });
});

test('hex text and bytes are each the other, upper case included', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const text = bytesToHex(value);
      expect(text).toMatch(/^([0-9a-f]{2})*$/);
      expect(hexToBytes(text)).toEqual(value);
      expect(hexToBytes(text.toUpperCase())).toEqual(value);
    }),
  );
});

test('bytesToHex reads the window that it is given, not the buffer behind it', () => {
  const buffer = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  expect(bytesToHex(buffer)).toBe('0203');
});

test.each(['0', '0g', 'xx', '0x12', ' 12', '1 ', '12\n1', '١٢'])('%j is not hex text', (text) => {
  expect(hexToBytes(text)).toBeUndefined();
});

test('bytes handed out are the caller’s alone', () => {
  const first = hexToBytes('aabb');
  const second = toBigEndian(0xaabbn, 2);
  expect(first?.buffer.byteLength).toBe(2);
  expect(second.buffer.byteLength).toBe(2);
});

test('big-endian bytes and integers are each the other', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(toBigEndian(bigEndian(value), value.length)).toEqual(value);
    }),
  );
  expect(bigEndian(Uint8Array.of(0x12, 0x34))).toBe(0x1234n);
  expect(bigEndian(new Uint8Array())).toBe(0n);
});

test('toBigEndian keeps the low bytes, negative numbers in two’s complement', () => {
  expect([...toBigEndian(0x1_2345n, 2)]).toEqual([0x23, 0x45]);
  expect([...toBigEndian(-2n, 4)]).toEqual([0xff, 0xff, 0xff, 0xfe]);
  expect([...toBigEndian(5n, 3)]).toEqual([0, 0, 5]);
  expect([...toBigEndian(5n, 0)]).toEqual([]);
});
