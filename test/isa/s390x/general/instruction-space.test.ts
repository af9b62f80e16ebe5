import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import {
  ACCESS_REGISTER,
  DAT,
  doublewords,
  EDAT,
  HOME,
  identity,
  SECONDARY,
  SEGMENT_TABLE,
} from '../../../support/s390x/tables.ts';

const bench = new Bench();
const OTHER_TABLE = 0x21_0000;

/** Primary (and home) space: addresses as they are. Secondary space: segment 0 lies in storage segment 3. */
const spaces = {
  ...identity(),
  [OTHER_TABLE]: doublewords(0x30_0400n, 0x10_0400n, 0x20_0400n, 0x20n),
  0x1_0100: '1111111122222222',
  0x31_0100: 'aaaaaaaabbbbbbbb',
};
const cr = { 0: EDAT, 1: BigInt(SEGMENT_TABLE), 7: BigInt(OTHER_TABLE), 13: BigInt(SEGMENT_TABLE) };

// An operand by relative address lies where instructions are fetched from (PoP, "LOAD RELATIVE LONG": it is accessed in
// the addressing-space mode in which the instruction is). In secondary-space mode that is the primary space.
describe('operands by relative address lie in the space of instructions', () => {
  test.each([
    ['secondary', SECONDARY],
    ['access-register', ACCESS_REGISTER],
    ['home', HOME],
    ['primary', 0n],
  ])('%s mode: fetch and store', (_, mode) => {
    const out = bench.run({
      code: [encode('LGRL', { r1: 4, ri2: 0x100 }), encode('STRL', { r1: 5, ri2: 0x200 - 6 })],
      mask: MASK_64 | DAT | mode,
      cr,
      gr: { 5: 0x1234_5678n },
      storage: spaces,
    });
    expect(out.pgm).toBeUndefined();
    expect(out.gr[4]).toBe(0x1111_1111_2222_2222n);
    expect(out.storage(0x1_0200, 4)).toBe('12345678');
    expect(out.storage(0x31_0200, 4)).toBe('00000000');
  });
  test('secondary mode: the other operand of the instruction before and after is in the secondary space', () => {
    const out = bench.run({
      code: [
        encode('LG', { r1: 2, b2: 1 }),
        encode('LGRL', { r1: 3, ri2: 0x100 - 6 }),
        encode('LG', { r1: 4, b2: 1 }),
        encode('LGRL', { r1: 5, ri2: 0x100 - 18 }),
      ],
      mask: MASK_64 | DAT | SECONDARY,
      cr,
      gr: { 1: 0x1_0100n },
      storage: spaces,
    });
    expect(out.gr.slice(2, 6)).toEqual([
      0xaaaa_aaaa_bbbb_bbbbn,
      0x1111_1111_2222_2222n,
      0xaaaa_aaaa_bbbb_bbbbn,
      0x1111_1111_2222_2222n,
    ]);
  });
  test('secondary mode: a fault is told of as one of the primary space', () => {
    const out = bench.run({
      code: [encode('LRL', { r1: 4, ri2: 0x10_0000 })],
      mask: MASK_64 | DAT | SECONDARY,
      cr,
      gr: { 4: 7n },
      storage: { ...spaces, ...identity({ 1: 0x20n }) },
    });
    expect(out.pgm).toMatchObject({ code: PGM.segmentTranslation, ilc: 6, nullified: true, teid: 0x11_0800n });
    expect(out.gr[4]).toBe(7n);
    expect(out.address).toBe(0x1_0000n);
  });
});
