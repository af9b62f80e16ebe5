import { expect, test } from 'vitest';
import { pieces } from '../../../src/bits/pieces.ts';

test.each([
  ['within a unit', 0x1010, 0x20, [[0, 0x20]]],
  ['up to a boundary', 0x1ff0, 0x10, [[0, 0x10]]],
  [
    'across a boundary',
    0x1ff0,
    0x11,
    [
      [0, 0x10],
      [0x10, 1],
    ],
  ],
  [
    'a whole unit in the middle',
    0x1fff,
    0x1002,
    [
      [0, 1],
      [1, 0x1000],
      [0x1001, 1],
    ],
  ],
  ['nothing', 0x1ff0, 0, []],
])('%s, by number and by bigint', (_, start, length, wanted) => {
  const pairs = wanted.map(([from, n]) => ({ from, length: n }));
  expect(pieces(start, length, 0x1000)).toEqual(pairs);
  expect(pieces(0xffff_ffff_0000_0000n + BigInt(start), length, 0x1000)).toEqual(pairs);
});
