import { expect, test } from 'vitest';
import { gpa, gra } from '../../../../../src/arch/s390x/dat/address.ts';
import { prefixed } from '../../../../../src/arch/s390x/dat/prefix.ts';

test.each([
  [0, 0x8000],
  [0x1fff, 0x9fff],
  [0x2000, 0x2000],
  [0x7fff, 0x7fff],
  [0x8000, 0],
  [0x9fff, 0x1fff],
  [0xa000, 0xa000],
])('%i with the prefix 0x8000 is %i', (real, absolute) => {
  expect(prefixed(gra(real), gpa(0x8000))).toBe(absolute);
});
test('a prefix of zero changes nothing', () => {
  for (const a of [0, 0x1fff, 0x2000, 2 ** 40]) expect(prefixed(gra(a), gpa(0))).toBe(a);
});
