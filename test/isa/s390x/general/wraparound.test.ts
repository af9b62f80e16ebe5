import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, doublewords, EDAT, identity, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

const bench = new Bench();
const REGIONS = 0x24_0000;
const MASK_31 = 0x8000_0000n;

/** The last segments of 24, 31 and 64 bits are the frame at 3 MiB; the first region is like the last of all. */
const everywhere = {
  ...identity({ 15: 0x30_0400n, 2047: 0x30_0400n }),
  ...Object.fromEntries([0, 1, 2].flatMap((level) => [0, 2047].map((i) => region(level, i)))),
};

// Region-first, -second and -third tables at REGIONS, each naming the next for its first and its last entry.
function region(level: number, index: number): [number, string] {
  const next = level === 2 ? SEGMENT_TABLE : REGIONS + (level + 1) * 0x4000;
  return [REGIONS + level * 0x4000 + index * 8, doublewords(BigInt(next) | 3n | BigInt((3 - level) << 2))];
}

const run = (mask: bigint, setup: Omit<Setup, 'mask' | 'code'>) =>
  bench.run({
    code: [],
    steps: 1,
    mask: mask | DAT,
    cr: { 0: EDAT, 1: BigInt(REGIONS) | 0xfn },
    ...setup,
    storage: { ...everywhere, ...setup.storage },
  });

/** Mode, first address behind its space, what BRANCH AND SAVE puts to the left of an address. */
const modes = [
  ['24-bit', 0n, 1n << 24n, 0n],
  ['31-bit', MASK_31, 1n << 31n, 0x8000_0000n],
  ['64-bit', MASK_64, 1n << 64n, 0n],
] as const;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** Bytes on both sides of the wrap: the first `before` of a text at the end of storage, the others from 0 on. */
const across = (text: Uint8Array, before: number): Record<number, string> => ({
  [0x40_0000 - before]: hex(text.subarray(0, before)),
  0: hex(text.subarray(before)),
});

describe.each(modes)('the end of storage in %s mode', (_, mask, size, mark) => {
  test('an instruction across it, which links from its other side', () => {
    const text = encode('BRASL', { r1: 1, ri2: 0x100 });
    for (const before of [2, 4]) {
      const out = run(mask, { at: size - BigInt(before), storage: across(text, before) });
      expect([out.pgm, out.address, out.gr[1]]).toEqual([undefined, BigInt(0x100 - before), mark | BigInt(6 - before)]);
    }
  });
  test('an instruction just before it is followed by the one at 0', () => {
    const storage = { 0x3f_fffc: encode('LHI', { r1: 2, i2: 1 }), 0: encode('LHI', { r1: 3, i2: 2 }) };
    const out = run(mask, { at: size - 4n, steps: 2, storage });
    expect([out.gr[2], out.gr[3], out.address]).toEqual([1n, 2n, 4n]);
  });
  test('a target of EXECUTE across it', () => {
    const text = encode('BRASL', { r1: 1, ri2: 0x100 });
    const out = run(mask, {
      at: 0x1_0000n,
      gr: { 15: size - 2n },
      storage: { ...across(text, 2), 0x1_0000: encode('EX', { b2: 15 }) },
    });
    expect([out.address, out.gr[1]]).toEqual([0xfen, mark | 0x1_0004n]);
  });
  test('a fault of an instruction on it suppresses to its other side', () => {
    const out = run(mask, { at: size - 2n, storage: across(encode('DR', { r1: 2, r2: 4 }), 2) });
    expect(out.pgm).toMatchObject({ code: PGM.fixedPointDivide, ilc: 2, nullified: false });
    expect(out.address).toBe(0n);
  });
  test('operands across it: MVC, XC, STM, LMG, CLC, CVD', () => {
    const at = 0x1_0000n;
    const gr = { 2: size - 3n, 3: 0x2_0000n, 4: 0x1122_3344_5566_7788n, 5: 0x99aa_bbccn };
    const moved = run(mask, {
      at,
      gr,
      storage: { 0x1_0000: encode('MVC', { l: 5, b1: 2, b2: 3 }), 0x2_0000: '010203040506' },
    });
    expect([moved.storage(0x3f_fffd, 3), moved.storage(0, 3)]).toEqual(['010203', '040506']);
    const cleared = run(mask, {
      at,
      gr,
      storage: { 0x1_0000: encode('XC', { l: 5, b1: 2, b2: 2 }), 0x3f_fffc: 'ffffffff', 0: 'ffffffff' },
    });
    expect([cleared.storage(0x3f_fffc, 4), cleared.storage(0, 4)]).toEqual(['ff000000', '000000ff']);
    const stored = run(mask, { at, gr, storage: { 0x1_0000: encode('STM', { r1: 4, r3: 5, b2: 2 }) } });
    expect([stored.storage(0x3f_fffd, 3), stored.storage(0, 5)]).toEqual(['556677', '8899aabbcc']);
    const loaded = run(mask, {
      at,
      gr,
      storage: {
        0x1_0000: encode('LMG', { r1: 6, r3: 6, b2: 2 }),
        ...across(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), 3),
      },
    });
    expect(loaded.gr[6]).toBe(0x0102_0304_0506_0708n);
    const compared = run(mask, {
      at,
      gr,
      storage: {
        0x1_0000: encode('CLC', { l: 5, b1: 2, b2: 3 }),
        0x2_0000: '010203040507',
        ...across(new Uint8Array([1, 2, 3, 4, 5, 6]), 3),
      },
    });
    expect(compared.cc).toBe(1);
    const decimal = run(mask, { at, gr, storage: { 0x1_0000: encode('CVD', { r1: 4, b2: 2 }) } });
    expect(decimal.storage(0x3f_fffd, 3) + decimal.storage(0, 5)).toBe('000001432778632c');
  });
});
