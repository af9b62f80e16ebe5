import { expect, test } from 'vitest';
import { PGM } from '../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode } from '../../support/s390x/isa.ts';

const bench = new Bench();

// The mark of an empty TLB entry was once taken for the page of such an address.
test.each([
  0x35dn,
  0x1n,
  0x1fffn,
  0x30001n,
])('a branch to the odd address %s is found out when it is fetched from', (target) => {
  const out = bench.run({ code: [encode('BCR', { m1: 15, r2: 1 })], steps: 2, gr: { 1: target } });
  expect(out.pgm).toMatchObject({ code: PGM.specification });
  // The address is past as many bytes as the ILC says; what the manual leaves open is how many ("ILC on Instruction-Fetching Exceptions").
  expect(out.address - BigInt(out.pgm?.ilc ?? 0)).toBe(target);
});
