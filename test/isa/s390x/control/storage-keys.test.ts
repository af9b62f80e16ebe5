import { describe, expect, test } from 'vitest';
import { cpuflags, ecb2, ictl } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import { PROBLEM } from '../../../support/s390x/tables.ts';

const bench = new Bench();
const key = (address: number): number | undefined => bench.complex.keys[address >> 12];
const MASK_31 = 0x8000_0000n;
const LAP = 0x1000_0000n;

describe('SSKE', () => {
  const run = (m3: number, gr: Record<number, bigint>, setup: Partial<Setup> = {}) =>
    bench.run({ code: [encode('SSKE', { r1: 3, r2: 4, m3 })], gr, cc: 2, ...setup });

  test('sets all seven bits of one block by real address; the condition code stays', () => {
    const out = run(0, { 3: 0xabffn, 4: 0x1fffn }, { prefix: 0x8_0000 });
    expect(key(0x81000)).toBe(0xfe);
    expect(key(0x1000)).toBe(0);
    expect(out.gr[3]).toBe(0xabffn);
    expect(out.cc).toBe(2);
  });
  test('the new key counts for the next access though the page was accessed before', () => {
    const lg = (r1: number) => encode('LG', { r1, b2: 4 });
    const out = bench.run({
      code: [
        lg(5),
        encode('SPKA', { d2: 0x40 }),
        lg(6),
        encode('SPKA'),
        encode('SSKE', { r1: 3, r2: 4 }),
        encode('SPKA', { d2: 0x40 }),
        lg(7),
      ],
      gr: { 3: 0x58n, 4: 0x3000n },
    });
    expect(out.pgm).toMatchObject({ code: 4 });
    expect(out.address).toBe(CODE + 34n);
  });
  test('a change bit that was reset is set by the next store', () => {
    const stg = encode('STG', { r1: 5, b2: 4 });
    bench.run({ code: [stg, encode('SSKE', { r1: 3, r2: 4 }), stg], gr: { 4: 0x3000n } });
    expect(key(0x3000)).toBe(6);
  });
  test.each([
    ['equal', 4, 0x42, 0x42, 0, 0x42],
    ['equal but for the reference bit', 4, 0x46, 0x42, 0, 0x46],
    ['unequal change bit', 4, 0x44, 0x42, 1, 0x42],
    ['unequal reference bit, change masked', 2, 0x44, 0x42, 1, 0x42],
    ['equal but for both', 6, 0x46, 0x40, 0, 0x46],
    ['another access key', 6, 0x56, 0x40, 1, 0x40],
    ['fetch protection', 6, 0x48, 0x40, 1, 0x40],
  ])('conditional, %s (M3 %i): the old key goes to bits 48-55', (_, m3, old, wanted, cc, now) => {
    const out = run(m3, { 3: BigInt(wanted) | 0xff_ff00n, 4: 0x3000n }, { keys: { 0x3000: old } });
    expect(out.cc).toBe(cc);
    expect(key(0x3000)).toBe(now);
    expect(out.gr[3]).toBe(BigInt(0xff0000 | (old << 8) | wanted));
  });
  test('multiple blocks go to the end of the segment, by absolute address', () => {
    const out = run(1, { 3: 0x30n, 4: 0x1f_e123n }, { prefix: 0x1f_e000 });
    expect([0x1fd000, 0x1fe000, 0x1ff000, 0x200000].map(key)).toEqual([0, 0x30, 0x30, 0]);
    expect(out.gr[4]).toBe(0x20_0123n);
    expect(out.cc).toBe(2);
  });
  test('multiple blocks, conditional: condition code 3', () => {
    expect(run(5, { 3: 0x30n, 4: 0x1f_f000n }).cc).toBe(3);
  });
  test('multiple blocks in the 31-bit mode leave bits 0-31 of R2', () => {
    const out = run(1, { 3: 0x30n, 4: 0xaaaa_bbbb_801f_f000n }, { mask: MASK_31 });
    expect(out.gr[4]).toBe(0xaaaa_bbbb_0020_0000n);
  });
});

describe('ISKE', () => {
  test('gives the key into bits 56-63', () => {
    const out = bench.run({
      code: [encode('ISKE', { r1: 3, r2: 4 })],
      gr: { 3: -1n, 4: 0x1000n },
      prefix: 0x8_0000,
      keys: { 0x81000: 0x5e },
    });
    expect(out.gr[3]).toBe(0xffff_ffff_ffff_ff5en);
  });
});

describe('RRBE', () => {
  test.each([
    [0x50, 0],
    [0x52, 1],
    [0x5c, 2],
    [0x56, 3],
  ])('key %o: condition code %i, and the reference bit goes', (held, cc) => {
    const out = bench.run({ code: [encode('RRBE', { r2: 4 })], gr: { 4: 0x3000n }, keys: { 0x3000: held } });
    expect(out.cc).toBe(cc);
    expect(key(0x3000)).toBe(held & ~4);
  });
  test('the next fetch sets it again', () => {
    const lg = encode('LG', { r1: 5, b2: 4 });
    bench.run({ code: [lg, encode('RRBE', { r2: 4 }), lg], gr: { 4: 0x3000n } });
    expect(key(0x3000)).toBe(4);
  });
});

describe('RRBM and IRBM', () => {
  test.each([
    ['RRBM', 0x50],
    ['IRBM', 0x54],
  ])('%s gives the reference bits of 64 blocks', (mnemonic, left) => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 3, r2: 4 })],
      gr: { 4: 0x13_ffffn },
      keys: { 0x100000: 0x54, 0x101000: 0x52, 0x13f000: 0x54, 0x140000: 0x54 },
    });
    expect(out.gr[3]).toBe(0x8000_0000_0000_0001n);
    expect([0x100000, 0x101000, 0x13f000, 0x140000].map(key)).toEqual([left, 0x52, left, 0x54]);
  });
});

describe('PFMF', () => {
  const run = (control: bigint, address: bigint, setup: Partial<Setup> = {}) =>
    bench.run({
      code: [encode('PFMF', { r1: 3, r2: 4 })],
      gr: { 3: control, 4: address },
      controls: { ecb2: ecb2.pfmfi },
      ...setup,
    });
  const dirty = { storage: { 0x3ff8: 'ffffffffffffffff', 0x1ff000: 'ff', 0x200000: 'ff' } };

  test('clears one block by real address and leaves R2', () => {
    const out = run(0x1_0000n, 0x3123n, dirty);
    expect(out.storage(0x3ff8, 8)).toBe('0000000000000000');
    expect(out.gr[4]).toBe(0x3123n);
  });
  test('sets the key of one block', () => {
    run(0x2_0038n, 0x3000n, { ...dirty, prefix: 0x8_0000 });
    expect(key(0x3000)).toBe(0x38);
  });
  test('goes to the end of a megabyte by absolute address', () => {
    const out = run(0x3_1038n, 0x1f_f800n, dirty);
    expect(out.storage(0x1ff000, 1)).toBe('00');
    expect(out.storage(0x200000, 1)).toBe('ff');
    expect([0x1fe000, 0x1ff000, 0x200000].map(key)).toEqual([0, 0x38, 0]);
    expect(out.gr[4]).toBe(0x20_0800n);
  });
  test('a 2G-byte frame is done in parts: the instruction is done again with the next address', () => {
    const out = run(0x2_2038n, 0x1f_f000n);
    expect(out.gr[4]).toBe(0x20_0000n);
    expect(out.address).toBe(CODE);
  });
  test('clearing a protected low page is a protection exception', () => {
    const out = run(0x1_0000n, 0x1000n, { cr: { 0: LAP }, storage: { 0x1800: 'ff' } });
    expect(out.pgm).toMatchObject({ code: 4, teid: 0x1480n });
    expect(out.storage(0x1800, 1)).toBe('ff');
  });
  test.each([
    ['bit 32', 0x8000_0000n, 0n],
    ['bit 63', 1n, 0n],
    ['frame size 3', 0x3000n, 0n],
    ['2G bytes in the 24-bit mode', 0x2000n, MASK_64],
  ])('%s: specification exception', (_, control, mask) => {
    expect(run(control, 0x3000n, { mask: MASK_64 & ~mask }).pgm).toMatchObject({ code: 6 });
  });
  test('goes to a hypervisor that does it itself, after the specification test', () => {
    const controls = { ecb2: 0 };
    expect(run(0x1_0000n, 0x3000n, { ...dirty, controls }).cause).toEqual({ kind: 'intercept', code: 4 });
    expect(run(1n, 0x3000n, { controls }).pgm).toMatchObject({ code: 6 });
  });
});

describe.each([
  ['SSKE', ictl.sske],
  ['ISKE', ictl.iske],
  ['RRBE', ictl.rrbe],
  ['RRBM', ictl.rrbe],
  ['IRBM', ictl.iske],
])('%s', (mnemonic, control) => {
  const fields = mnemonic === 'RRBE' ? { r2: 4 } : { r1: 3, r2: 4 };
  const run = (setup: Partial<Setup>, address = 0x3000n) =>
    bench.run({ code: [encode(mnemonic, fields)], gr: { 3: 0x70n, 4: address }, ...setup });

  test('is privileged, intercepted by its control, and retried once keys are in use', () => {
    expect(run({ mask: MASK_64 | PROBLEM, controls: { ictl: control } }).pgm).toMatchObject({ code: 2 });
    const out = run({ controls: { ictl: control } });
    expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    expect(out.address).toBe(CODE + 4n);
    const keyless = run({ controls: { cpuflags: cpuflags.kss, ictl: control } });
    expect(keyless.cause).toEqual({ kind: 'intercept', code: 0x5c, retry: true });
    expect(keyless.address).toBe(CODE);
    expect(key(0x3000)).toBe(0);
  });
  test('absent storage is an addressing exception, whatever the key says', () => {
    expect(run({}, 0x40_0000n).pgm).toMatchObject({ code: 5 });
    expect(run({ mask: MASK_64 | 0x0010_0000_0000_0000n, keys: { 0x3000: 0x28 } }).pgm).toBeUndefined();
  });
});

test('ESSA goes to the hypervisor, who says whether there is such an instruction before it says who may use it', () => {
  const essa = encode('ESSA', { r1: 3, r2: 4, m3: 1 });
  for (const mask of [MASK_64, MASK_64 | PROBLEM])
    expect(bench.run({ code: [essa], mask }).cause).toEqual({ kind: 'intercept', code: 4 });
});
