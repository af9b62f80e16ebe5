import { expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';

function same(setup: Setup) {
  const [plain, translated] = (['interpreter', 'first'] as const).map((mode) => {
    const { gr, pgm, address, cc, vcpu } = new Bench(mode).run(setup);
    return { gr, pgm, address, cc, count: vcpu.icount };
  });
  expect(translated).toEqual(plain);
  return translated;
}

const LINK = encode('LARL', { r1: 5, ri2: 8 });
/** What depends on the addressing mode: an address that is formed, a link, a wrapped address. */
const dependent = [
  LINK,
  encode('BRAS', { r1: 6, ri2: 4 }),
  encode('LA', { r1: 7, b2: 8, d2: 16 }),
  encode('AGHI', { r1: 2, i2: 1 }),
];

/** A loop in which the texts stand in front of what depends on the mode, with a branch between them or none. */
function loop(texts: readonly Uint8Array[], between: boolean): Uint8Array[] {
  const body = [...texts, ...(between ? [encode('BRC', { m1: 15, ri2: 4 })] : []), ...dependent];
  const length = body.reduce((sum, text) => sum + text.length, 0);
  return [...body, encode('BRCTG', { r1: 1, ri2: -length })];
}

const registers = { 1: 4n, 5: -1n & 0xffff_ffff_ffff_ffffn, 6: 0xffff_ffff_0000_0000n, 7: 5n << 40n, 8: 0xffff_fff8n };

test.each([
  ['SAM24', false],
  ['SAM24', true],
  ['SAM31', false],
  ['SAM31', true],
  ['SAM64', true],
] as const)('behind %s code goes on in that mode (a branch between: %s)', (mnemonic, between) => {
  const out = same({ code: loop([encode(mnemonic)], between), mask: MASK_64, steps: 30, gr: registers });
  expect(out?.gr[5] === CODE + (between ? 14n : 10n)).toBe(mnemonic === 'SAM64');
});

test.each([
  'BSM',
  'BASSM',
] as const)('behind %s to the next instruction code goes on in the mode of its address', (name) => {
  for (const bits of [0n, 0x8000_0000n, 1n]) {
    const texts = [encode('LGR', { r1: 9, r2: 10 }), encode(name, { r1: name === 'BSM' ? 0 : 4, r2: 9 })];
    same({ code: loop(texts, false), mask: MASK_64, steps: 30, gr: { ...registers, 10: (CODE + 6n) | bits } });
  }
});

test.each([
  false,
  true,
])('behind SPM a sum that overflows interrupts or not by the new mask (a branch between: %s)', (between) => {
  const code = (r1: number): Uint8Array[] =>
    loop(
      [encode('SPM', { r1 }), ...(between ? [encode('BRC', { m1: 15, ri2: 4 })] : []), encode('AR', { r1: 9, r2: 9 })],
      false,
    );
  for (const programMask of [0, 8])
    for (const r1 of [10, 11]) {
      const gr = { ...registers, 9: 0x4000_0000n, 10: 0n, 11: 0x0800_0000n };
      const out = same({ code: code(r1), mask: MASK_64, programMask, steps: 24, gr });
      expect(out?.pgm !== undefined, `mask ${programMask}, then by gr${r1}`).toBe(r1 === 11);
    }
});
