import { describe, expect, test } from 'vitest';
import { bfpRows } from '../../../../src/arch/s390x/isa/bfp/rows.ts';
import { run } from './vector.ts';

const bfpInstructions = bfpRows.filter((row) => row.title.includes('BFP') && !row.title.startsWith('SET'));

describe('without the AFP-register control', () => {
  test('they are a hundred', () => {
    expect(bfpInstructions).toHaveLength(100);
  });
  test.each(
    bfpInstructions.map((row) => row.mnemonic),
  )('%s: data exception 2, before any other, whatever the registers; the FPC is not told', (mnemonic) => {
    const registers = Array.from({ length: 16 }, (_, i) => BigInt(i) + 1n);
    const out = run(mnemonic, {}, { cr: { 0: 0n }, fpr: registers, cc: 2, gr: { 0: 0x40_0000n } });
    expect(out.pgm).toMatchObject({ code: 7, dxc: 2 });
    expect([out.fpc, out.cc, out.gr[0]]).toEqual([0, 2, 0x40_0000n]);
    expect(out.fpr).toEqual(registers);
  });
});

describe('pairs', () => {
  const pairs = bfpInstructions.filter(
    (row) => row.formatName === 'RRE' && /extended BFP\)$/.test(row.title) && !/ to /.test(row.title),
  );
  test.each(pairs.map((row) => row.mnemonic))('%s of registers that begin no pair', (mnemonic) => {
    for (const [r1, r2] of [
      [2, 0],
      [0, 3],
      [6, 6],
      [15, 1],
    ] as const) {
      const out = run(mnemonic, { r1, r2 }, { fpr: { [r1]: 5n }, cc: 1 });
      expect([out.pgm?.code, out.cc, out.fpr[r1]]).toEqual([6, 1, 5n]);
    }
  });
});
