import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePlain, encodePlain, PlainDataError } from '../../../src/bits/plain-data.ts';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.constantFrom(undefined, null, true, false),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('what is encoded comes back', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(decodePlain(encodePlain(value))).toStrictEqual(value);
    }),
  );
});
test('what is cut, too long or changed is data or an error of this kind', () => {
  fc.assert(
    fc.property(plain, fc.nat(), fc.nat(255), (value, at, byte) => {
      const bytes = encodePlain(value);
      expect(() => decodePlain(bytes.subarray(0, bytes.length - 1))).toThrow(PlainDataError);
      expect(() => decodePlain(Uint8Array.of(...bytes, 0))).toThrow(PlainDataError);
      const other = bytes.slice();
      other[at % other.length] = byte;
      try {
        decodePlain(other);
      } catch (error) {
        expect(error).toBeInstanceOf(PlainDataError);
      }
    }),
  );
});
test('what is no plain data is refused', () => {
  expect(() => encodePlain(() => 0)).toThrow(PlainDataError);
});
test('a count larger than what follows allocates nothing', () => {
  expect(() => decodePlain(Uint8Array.of(8, 255, 255, 255, 255))).toThrow(PlainDataError);
});
