import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { PROBLEM } from '../../../support/s390x/tables.ts';

const bench = new Bench();
const run = (address: bigint, more: { readonly mask?: bigint; readonly prefix?: number } = {}) =>
  bench.run({ code: [encode('SIE', { b2: 1, d2: 0 })], gr: { 1: address }, mask: more.mask ?? MASK_64, cc: 2 });

describe('SIE', () => {
  test('names the state description, the PSW at the instruction and nothing changed', () => {
    const out = run(0x2200n);
    expect(out.cause).toEqual({ kind: 'sie', block: 0x2200, ilc: 4 });
    expect([out.address, out.cc]).toEqual([CODE, 2]);
  });
  test('by EXECUTE, whose length is what the PSW will pass', () => {
    const out = bench.run({
      code: [encode('EXRL', { r1: 0, ri2: 0x100 })],
      gr: { 1: 0x2200n },
      storage: { 0x10100: encode('SIE', { b2: 1, d2: 0 }) },
    });
    expect(out.cause).toEqual({ kind: 'sie', block: 0x2200, ilc: 6 });
    expect(out.address).toBe(CODE);
  });
  test('is privileged, and that comes first', () => {
    expect(run(0x2201n, { mask: MASK_64 | PROBLEM }).pgm).toMatchObject({ code: 2, ilc: 4 });
  });
  test.each([
    ['an address that is no multiple of 512', 0x2100n, 6],
    ['page 0', 0x200n, 6],
    ['the prefix area, here at 0', 0x1e00n, 6],
    ['storage that is not there', 0x4000_0000n, 5],
  ])('%s', (_, address, code) => {
    expect(run(address).pgm).toMatchObject({ code });
  });
});
