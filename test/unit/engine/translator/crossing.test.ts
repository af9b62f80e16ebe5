import { expect, test } from 'vitest';
import { Bench, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

const absent = identity(
  { 0: BigInt(PAGE_TABLE) },
  { ...Object.fromEntries(Array.from({ length: 256 }, (_, i) => [i, BigInt(i) << 12n])), 0x14: 0x400n },
);

test.each([
  ['MVC', { l: 3, b1: 2 }, 6],
  ['LG', { r1: 3, b2: 2 }, 6],
  ['L', { r1: 3, b2: 2 }, 4],
] as const)('%s that crosses pages, and faults where nothing but translated code has come to it, has its length', (mnemonic, operands, length) => {
  // A loop that is entered behind it, and translated before it leads there.
  const crossing = encode(mnemonic, operands);
  const before = [encode('BRC', { m1: 15, ri2: 4 + crossing.length })];
  const behind = [
    encode('AGHI', { r1: 3, i2: 1 }),
    encode('AGHI', { r1: 3, i2: 1 }),
    encode('BRCTG', { r1: 1, ri2: -8 - crossing.length }),
  ];
  const outcomes = (['interpreter', 'first', 'forgetful'] as const).map((mode) => {
    const { pgm, address, gr } = new Bench(mode).run({
      code: [...before, crossing, ...behind],
      at: 0x10ffen - 4n,
      mask: MASK_64 | DAT,
      cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) },
      gr: { 1: 5n, 2: 0x14000n },
      storage: absent,
      steps: 8,
      pieces: 4,
    });
    return { pgm, address, gr };
  });
  expect(outcomes[0]).toMatchObject({ pgm: { code: 0x11, ilc: length }, address: 0x10ffen });
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[2]).toEqual(outcomes[0]);
});
