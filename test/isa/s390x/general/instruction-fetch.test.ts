import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

const bench = new Bench();
const dat = { mask: MASK_64 | DAT, cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) } };

describe('the instruction address wraps', () => {
  test('in 24-bit mode, though the page behind has been executed in 64-bit mode', () => {
    const out = bench.run({
      ...dat,
      code: [encode('BCR', { m1: 15, r2: 3 })],
      steps: 4,
      gr: { 3: 0x100_0000n, 4: 0xff_fffcn },
      storage: {
        ...identity({ 15: 0x10_0400n, 16: 0x30_0400n }),
        0x30_0000: encode('BSM', { r2: 4 }),
        0x1f_fffc: encode('LHI', { r1: 2, i2: 1 }),
        0: encode('LHI', { r1: 1, i2: 5 }),
      },
    });
    expect(out.pgm).toBeUndefined();
    expect([out.gr[2], out.gr[1], out.address]).toEqual([1n, 5n, 4n]);
  });
});

/** Page 0 of segment 1 is there, page 1 is not. */
const halfMapped = identity({ 1: BigInt(PAGE_TABLE) }, { 0: 0x10_0000n, 1: 0x400n });

describe('a fault at the fetch of the target of EXECUTE has the length of EXECUTE', () => {
  test.each([
    ['just behind it', 'EX', 0x10_0ffcn, 0x10_1000n, 4],
    ['far from it', 'EX', 0x10_0000n, 0x10_1000n, 4],
    ['in its second half only', 'EX', 0x10_0000n, 0x10_0ffen, 4],
  ])('%s', (_, mnemonic, at, target, ilc) => {
    const out = bench.run({
      ...dat,
      at,
      code: [encode(mnemonic, { b2: 1 })],
      gr: { 1: target },
      storage: at === target - 4n ? halfMapped : { ...halfMapped, 0x10_0ffe: '5810' },
    });
    expect(out.pgm).toMatchObject({ code: PGM.pageTranslation, ilc, nullified: true, teid: 0x10_1800n });
    expect(out.address).toBe(at);
  });
  test('just behind EXECUTE RELATIVE LONG', () => {
    const out = bench.run({ ...dat, at: 0x10_0ffan, code: [encode('EXRL', { ri2: 6 })], storage: halfMapped });
    expect(out.pgm).toMatchObject({ code: PGM.pageTranslation, ilc: 6, nullified: true });
  });
});
