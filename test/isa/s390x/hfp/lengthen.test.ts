import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const OPERAND = 0x2_0000;
const AFP = 0x4_0000n;
const before = 0x1122_3344_5566_7788n;
/** Of every kind: as hexadecimal and as binary numbers they mean different things. */
const values = [0n, 0x8000_0000n, 0x4110_0000n, 0x3f80_0000n, 0x7fa0_0001n, 0xffff_ffffn, 0x0000_0001n, 0xc1ab_cdefn];

describe('LOAD LENGTHENED (short to long HFP)', () => {
  const forms = {
    LDE: (value: bigint, r1 = 9, cr0 = AFP) =>
      bench.run({
        code: [encode('LDE', { r1, x2: 3, b2: 4, d2: 8 })],
        gr: { 3: 0x10n, 4: BigInt(OPERAND) },
        fpr: { [r1]: before },
        cr: { 0: cr0 },
        cc: 2,
        storage: { [OPERAND + 24]: `${value.toString(16).padStart(8, '0')}eeee` },
      }),
    LDER: (value: bigint, r1 = 9, cr0 = AFP) =>
      bench.run({
        code: [encode('LDER', { r1, r2: 4 })],
        fpr: { [r1]: before, 4: (value << 32n) | 0xdead_beefn },
        cr: { 0: cr0 },
        cc: 2,
      }),
  } as const;
  const names = Object.keys(forms) as (keyof typeof forms)[];

  test.each(names)('%s puts zeros behind the operand, whatever it is, and sets no condition code', (name) => {
    for (const value of values) {
      const out = forms[name](value);
      expect([out.fpr[9], out.cc, out.pgm]).toEqual([value << 32n, 2, undefined]);
    }
  });
  test.each(names)('%s needs the AFP-register control for registers that came with it only', (name) => {
    const refused = forms[name](0x3f80_0000n, 9, 0n);
    expect(refused.pgm).toMatchObject({ code: 7, dxc: 1 });
    expect(refused.fpr[9]).toBe(before);
    const old = forms[name](0x3f80_0000n, 6, 0n);
    expect([old.pgm, old.fpr[6]]).toEqual([undefined, 0x3f80_0000_0000_0000n]);
  });
  test('LDE of storage that is not there changes nothing', () => {
    const out = bench.run({
      code: [encode('LDE', { r1: 0, b2: 4 })],
      gr: { 4: 0x7000_0000n },
      fpr: { 0: before },
      cr: { 0: AFP },
    });
    expect([out.pgm?.code, out.fpr[0]]).toEqual([5, before]);
  });
});
