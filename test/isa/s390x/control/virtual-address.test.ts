import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import {
  DAT,
  doublewords,
  EDAT,
  identity,
  PAGE_TABLE,
  PROBLEM,
  SECONDARY,
  SEGMENT_TABLE,
} from '../../../support/s390x/tables.ts';

const bench = new Bench();
const EXTRACTION_AUTHORITY = 0x0800_0000n;
const OTHER_TABLE = 0x21_0000;
const cr = { 0: EDAT, 1: BigInt(SEGMENT_TABLE), 7: BigInt(OTHER_TABLE) };
/** Primary: pages 0 and 1 of segment 1 are storage pages 0x305 and none. Secondary: segment 1 is segment 2. */
const storage = {
  ...identity({ 1: BigInt(PAGE_TABLE) }, { 0: 0x30_5000n, 1: 0x400n }),
  [OTHER_TABLE]: doublewords(0x400n, 0x20_0400n),
};

describe('STRAG', () => {
  const run = (setup: Partial<Setup> = {}, address = 0x10_0123n) =>
    bench.run({
      code: [encode('STRAG', { b1: 2, b2: 3 })],
      mask: MASK_64 | DAT,
      cr,
      storage,
      cc: 2,
      gr: { 2: 0x2_0000n, 3: address },
      ...setup,
    });
  test('stores the real address as a doubleword; the condition code stays', () => {
    const out = run();
    expect(out.pgm).toBeUndefined();
    expect([out.storage(0x2_0000, 8), out.cc]).toEqual(['0000000000305123', 2]);
  });
  test('translates with DAT off as well', () => {
    expect(run({ mask: MASK_64 }).storage(0x2_0000, 8)).toBe('0000000000305123');
  });
  test('translates by the secondary space in its mode', () => {
    expect(run({ mask: MASK_64 | DAT | SECONDARY }).storage(0x2_0000, 8)).toBe('0000000000200123');
  });
  test('a translation exception interrupts; nothing is stored', () => {
    const out = run({}, 0x10_1123n);
    expect(out.pgm).toMatchObject({ code: PGM.pageTranslation, ilc: 6, nullified: true, teid: 0x10_1800n });
    expect([out.storage(0x2_0000, 8), out.address]).toEqual(['0000000000000000', CODE]);
  });
  test('a store that is not on a doubleword boundary is a specification exception', () => {
    expect(run({ gr: { 2: 0x2_0004n, 3: 0x10_0000n } }).pgm).toMatchObject({ code: PGM.specification });
  });
  test('is privileged', () => {
    expect(run({ mask: MASK_64 | DAT | PROBLEM }).pgm).toMatchObject({ code: PGM.privilegedOperation });
  });
});

describe('IVSK', () => {
  const run = (setup: Partial<Setup> = {}, address = 0x10_0fffn) =>
    bench.run({
      code: [encode('IVSK', { r1: 4, r2: 5 })],
      mask: MASK_64 | DAT,
      cr,
      storage,
      keys: { 0x30_5000: 0x7e },
      gr: { 4: 0x1111_2222_3333_4444n, 5: address },
      ...setup,
    });
  test('inserts access-control bits and fetch protection, zeros behind them', () => {
    const out = run();
    expect(out.pgm).toBeUndefined();
    expect(out.gr[4]).toBe(0x1111_2222_3333_4478n);
  });
  test('a translation exception interrupts; the register stays', () => {
    const out = run({}, 0x10_1000n);
    expect(out.pgm).toMatchObject({ code: PGM.pageTranslation, ilc: 4, nullified: true, teid: 0x10_1800n });
    expect(out.gr[4]).toBe(0x1111_2222_3333_4444n);
  });
  test('with DAT off is a special-operation exception', () => {
    expect(run({ mask: MASK_64 }).pgm).toMatchObject({ code: PGM.specialOperation });
  });
  test.each([
    [0n, PGM.privilegedOperation],
    [EXTRACTION_AUTHORITY, undefined],
  ])('in the problem state takes the extraction authority', (authority, code) => {
    const out = run({ mask: MASK_64 | DAT | PROBLEM, cr: { ...cr, 0: EDAT | authority } });
    expect(out.pgm?.code).toBe(code);
  });
});

describe('ESEA', () => {
  const run = (mask = MASK_64) =>
    bench.run({
      code: [encode('ESEA', { r1: 4 })],
      mask,
      gr: { 4: 0x1111_1111_abcd_9999n },
      cr: { 8: 0x2222_2222_1234_5678n },
    });
  test('exchanges the extended authorization index', () => {
    const out = run();
    expect(out.gr[4]).toBe(0x1111_1111_abcd_1234n);
    expect(out.vcpu.cr(8)).toBe(0x2222_2222_abcd_5678n);
  });
  test('is privileged', () => {
    const out = run(MASK_64 | PROBLEM);
    expect(out.pgm).toMatchObject({ code: PGM.privilegedOperation });
    expect(out.vcpu.cr(8)).toBe(0x2222_2222_1234_5678n);
  });
});
