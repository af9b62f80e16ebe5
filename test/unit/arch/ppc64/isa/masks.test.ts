import { expect, test } from 'vitest';
import { maskOf, maskWords } from '../../../../../src/arch/ppc64/isa/fields.ts';

test('a mask by words is that of 64 bits, whatever its ends are', () => {
  for (let from = 0; from < 64; from++) {
    for (let to = 0; to < 64; to++) {
      const { high, low } = maskWords(from, to);
      const words = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      expect([from, to, words]).toEqual([from, to, maskOf(from, to)]);
    }
  }
});
