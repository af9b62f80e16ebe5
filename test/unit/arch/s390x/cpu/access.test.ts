import { describe, expect, test } from 'vitest';
import { operand } from '../../../../../src/arch/s390x/cpu/access-path.ts';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../../support/s390x/isa.ts';
import {
  ACCESS_REGISTER,
  DAT,
  doublewords,
  EDAT,
  HOME,
  identity,
  PAGE_TABLE,
  SECONDARY,
  SEGMENT_TABLE,
} from '../../../../support/s390x/tables.ts';

const bench = new Bench();
const asce = BigInt(SEGMENT_TABLE);
const lg = encode('LG', { r1: 5, b2: 2 });
const stg = encode('STG', { r1: 6, b2: 2 });
const LAP = 0x1000_0000n;
const FETCH_OVERRIDE = 0x200_0000n;
const STORAGE_OVERRIDE = 0x100_0000n;
const IEP = 0x10_0000n;
const key = (n: number): bigint => BigInt(n) << 52n;
const heldKey = (address: number): number => bench.complex.keys[address >> 12] ?? 0;

const at = (code: Uint8Array, address: bigint, setup: Partial<Setup> = {}): Outcome =>
  bench.run({ code: [code], gr: { 2: address, 6: 0x0102_0304_0506_0708n }, ...setup });
const translated = (
  code: Uint8Array,
  address: bigint,
  pages: Record<number, bigint>,
  setup: Partial<Setup> = {},
): Outcome =>
  at(code, address, {
    mask: MASK_64 | DAT,
    cr: { 0: EDAT, 1: asce, 7: asce, 13: asce },
    storage: { ...identity({ 1: BigInt(PAGE_TABLE) }, pages), ...setup.storage },
    ...Object.fromEntries(Object.entries(setup).filter(([name]) => name !== 'storage')),
  });

describe('reference and change recording', () => {
  test('a fetch refers, a store changes, an instruction fetch refers', () => {
    at(lg, 0x3000n);
    expect(heldKey(0x3000)).toBe(4);
    at(stg, 0x3000n);
    expect(heldKey(0x3000)).toBe(6);
    expect(heldKey(Number(CODE))).toBe(4);
  });
  test('a refused store records nothing', () => {
    at(stg, 0x3000n, { mask: MASK_64 | key(3), keys: { 0x3000: 0x20 } });
    expect(heldKey(0x3000)).toBe(0x20);
  });
});

describe('an operand over a page boundary', () => {
  test('is fetched from two pages that lie apart', () => {
    const out = translated(
      lg,
      0x10_0ffdn,
      { 0: 0x12_0000n, 1: 0x11_0000n },
      { storage: { 0x120ffd: '010203', 0x110000: '0405060708' } },
    );
    expect(out.gr[5]).toBe(0x0102_0304_0506_0708n);
  });
  test('is stored into two pages that lie apart', () => {
    const out = translated(stg, 0x10_0ffdn, { 0: 0x12_0000n, 1: 0x11_0000n });
    expect(out.storage(0x120ffd, 3) + out.storage(0x110000, 5)).toBe('0102030405060708');
  });
  test('with a second page that is invalid the first stays as it was', () => {
    const out = translated(stg, 0x10_0ffdn, { 0: 0x12_0000n, 1: 0x400n });
    expect(out.pgm).toMatchObject({ code: 0x11, teid: 0x10_1400n });
    expect(out.storage(0x120ffd, 3)).toBe('000000');
  });
  test('with a first page that is invalid the exception is that of the first', () => {
    const out = translated(stg, 0x10_0ffdn, { 0: 0x400n, 1: 0x400n });
    expect(out.pgm).toMatchObject({ code: 0x11, teid: 0x10_0400n });
  });
  test.each([
    ['24-bit', 0n, 0xff_fffcn],
    ['31-bit', 0x8000_0000n, 0x7fff_fffcn],
    ['64-bit', MASK_64, 0xffff_ffff_ffff_fffcn],
  ])('wraps to 0 in the %s mode', (_, mode, address) => {
    // The top page of the address space and page 0, by tables whose every entry is the same.
    const every = (entry: bigint): string => doublewords(...Array.from({ length: 2048 }, () => entry));
    const storage = {
      0x20c000: every(0x21_000fn),
      0x210000: every(0x21_400bn),
      0x214000: every(0x21_8007n),
      0x218000: every(0x21_c000n),
      0x21c000: doublewords(...Array.from({ length: 256 }, (_x, i) => (i === 255 ? 0x30_0000n : BigInt(i) << 12n))),
      0x300ffc: '01020304',
      0: '05060708',
    };
    const out = bench.run({
      code: [lg],
      gr: { 2: address },
      mask: mode | DAT,
      cr: { 0: EDAT, 1: 0x20_c00fn },
      storage,
    });
    expect(out.pgm).toBeUndefined();
    expect(out.gr[5]).toBe(0x0102_0304_0506_0708n);
  });
});

describe('translation-exception identification', () => {
  test.each([
    ['primary', 0n, lg, 0x10_1800n],
    ['secondary', SECONDARY, stg, 0x10_1402n],
    ['access register', ACCESS_REGISTER, stg, 0x10_1401n],
    ['home', HOME, lg, 0x10_1803n],
  ])('page translation in the %s space', (_, bits, code, teid) => {
    const out = translated(code, 0x10_1008n, { 1: 0x400n }, { mask: MASK_64 | DAT | bits });
    expect(out.pgm).toMatchObject({
      code: 0x11,
      teid,
      nullified: true,
      exceptionAccessId: bits === ACCESS_REGISTER ? 2 : 0,
    });
    expect(out.address).toBe(CODE);
  });
  test('the whole of a long address', () => {
    const out = at(lg, 0xfedc_ba98_7654_3210n, { mask: MASK_64 | DAT, cr: { 0: EDAT, 1: asce }, storage: identity() });
    expect(out.pgm).toMatchObject({ code: 0x38, teid: 0xfedc_ba98_7654_3800n });
  });
  test.each([
    ['DAT protection', { 1: 0x10_1200n }, {}, 0x10_1404n],
    ['key protection', { 1: 0x10_1000n }, { mask: MASK_64 | DAT | key(3), keys: { 0x101000: 0x20 } }, 0x10_1408n],
  ])('%s', (_, pages, setup, teid) => {
    const out = translated(stg, 0x10_1008n, pages, setup);
    expect(out.pgm).toMatchObject({ code: 4, teid, nullified: false });
    expect(out.address).toBe(CODE + 6n);
    expect(out.storage(0x101008, 8)).toBe('0000000000000000');
  });
  test('low-address protection comes before translation', () => {
    const out = translated(stg, 0x11f8n, {}, { cr: { 0: EDAT | LAP, 1: asce } });
    expect(out.pgm).toMatchObject({ code: 4, teid: 0x1480n });
  });
  test('DAT protection comes before key protection and before absence', () => {
    const setup = { mask: MASK_64 | DAT | key(3), keys: { 0x101000: 0x20 } };
    expect(translated(stg, 0x10_1008n, { 1: 0x10_1200n }, setup).pgm?.teid).toBe(0x10_1404n);
    expect(translated(stg, 0x10_1008n, { 1: 0x7000_0200n }).pgm).toMatchObject({ code: 4 });
    expect(translated(stg, 0x10_1008n, { 1: 0x7000_0000n }).pgm).toMatchObject({ code: 5 });
  });
  test('addressing and translation-specification exceptions store none', () => {
    expect(translated(lg, 0x10_1008n, { 1: 0x7000_0000n }).pgm?.teid).toBeUndefined();
    expect(translated(lg, 0x10_1008n, { 1: 0x800n }).pgm?.teid).toBeUndefined();
  });
  test('instruction fetches: execution protection, and the primary space in the access-register mode', () => {
    const cr = { 0: EDAT | IEP, 1: asce, 7: asce };
    const run = (entry: bigint, bits: bigint) =>
      translated(lg, 0x3000n, { 1: entry }, { at: 0x10_1000n, cr, mask: MASK_64 | DAT | bits });
    expect(run(0x10_1100n, 0n).pgm).toMatchObject({ code: 4, teid: 0x10_1884n });
    expect(run(0x400n, ACCESS_REGISTER).pgm).toMatchObject({ code: 0x11, teid: 0x10_1800n, exceptionAccessId: 0 });
    expect(run(0x400n, SECONDARY).pgm).toMatchObject({ code: 0x11, teid: 0x10_1800n });
  });
  test('a target of EXECUTE that cannot be fetched: the length is that of EXECUTE', () => {
    const out = at(encode('EX', { b2: 2 }), 0x40_0000n);
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(out.address).toBe(CODE + 4n);
  });
});

describe('key-controlled protection', () => {
  const with3 = { mask: MASK_64 | key(3) };
  test.each([
    ['the same key', 0x38, undefined, undefined],
    ['another key', 0x40, undefined, 4],
    ['another key, fetch protected', 0x48, 4, 4],
    ['key 9 without override', 0x98, 4, 4],
  ])('%s', (_, held, fetch, store) => {
    expect(at(lg, 0x3000n, { ...with3, keys: { 0x3000: held } }).pgm?.code).toBe(fetch);
    expect(at(stg, 0x3000n, { ...with3, keys: { 0x3000: held } }).pgm?.code).toBe(store);
  });
  test('storage-protection override opens key 9, fetch protected or not, and no other', () => {
    const run = (code: Uint8Array, held: number) =>
      at(code, 0x3000n, { ...with3, cr: { 0: STORAGE_OVERRIDE }, keys: { 0x3000: held } }).pgm?.code;
    expect([run(lg, 0x98), run(stg, 0x98)]).toEqual([undefined, undefined]);
    expect([run(lg, 0x88), run(stg, 0x80)]).toEqual([4, 4]);
  });
  test('fetch-protection override ends at 2048, in the same page', () => {
    const run = (code: Uint8Array[], address: bigint, cr0 = FETCH_OVERRIDE) =>
      bench.run({
        code,
        gr: { 2: address, 3: 0x900n },
        mask: MASK_64 | key(3),
        cr: { 0: cr0 },
        keys: { 0: 0x48 },
        storage: { 0x7f8: 'ff' },
      });
    expect(run([lg], 0x7f8n).gr[5]).toBe(0xff00_0000_0000_0000n);
    expect(run([lg], 0x7f9n).pgm).toMatchObject({ code: 4, teid: 0x808n });
    expect(run([lg], 0x800n).pgm).toMatchObject({ code: 4 });
    expect(run([lg], 0x7f8n, 0n).pgm).toMatchObject({ code: 4 });
    expect(run([encode('STG', { r1: 6, b2: 2 })], 0x7f8n).pgm).toMatchObject({ code: 4 });
    // The page was just fetched from.
    const both = run([lg, encode('LG', { r1: 6, b2: 3 })], 0x7f8n);
    expect(both.pgm).toMatchObject({ code: 4 });
    expect(both.gr[5]).toBe(0xff00_0000_0000_0000n);
  });
  test('fetch-protection override ends at 2048 for instructions, too', () => {
    const out = bench.run({
      at: 0x7f8n,
      code: [encode('LGHI', { r1: 5, i2: 1 }), encode('LGHI', { r1: 6, i2: 2 }), encode('LGHI', { r1: 7, i2: 3 })],
      mask: MASK_64 | key(3),
      cr: { 0: FETCH_OVERRIDE },
      keys: { 0: 0x48 },
    });
    expect(out.pgm).toMatchObject({ code: 4 });
    expect([out.gr[5], out.gr[6], out.gr[7]]).toEqual([1n, 2n, 0n]);
  });
  test('a helper that reads over 2048 is stopped there', () => {
    const out = at(lg, 0x3000n, { mask: MASK_64 | key(3), cr: { 0: FETCH_OVERRIDE }, keys: { 0: 0x48 } });
    const read = (address: bigint, length: number): number => {
      try {
        return bench.core.access.read(out.vcpu, address, length, operand).length;
      } catch {
        return -1;
      }
    };
    expect(read(0x700n, 0x100)).toBe(0x100);
    expect(read(0x700n, 0x101)).toBe(-1);
  });
  test('no override in a private space', () => {
    const cr = { 0: EDAT | FETCH_OVERRIDE, 1: asce | 0x100n };
    const run = (asceBits: bigint) =>
      at(lg, 0x7f8n, {
        mask: MASK_64 | DAT | key(3),
        cr: { ...cr, 1: asce | asceBits },
        keys: { 0: 0x48 },
        storage: identity(),
      });
    expect(run(0x100n).pgm).toMatchObject({ code: 4 });
    expect(run(0n).pgm).toBeUndefined();
  });
  test('a large frame may bring its key along', () => {
    const run = (entry: bigint) =>
      at(stg, 0x30_0008n, {
        mask: MASK_64 | DAT | key(3),
        cr: { 0: EDAT, 1: asce },
        keys: { 0x300000: 0x30 },
        storage: identity({ 3: entry }),
      }).pgm?.code;
    expect(run(0x30_0400n)).toBeUndefined();
    expect(run(0x31_4400n)).toBe(4);
    expect(run(0x30_4400n)).toBeUndefined();
  });
});

describe('low-address protection', () => {
  const run = (address: bigint, setup: Partial<Setup> = {}) => at(stg, address, { cr: { 0: LAP }, ...setup }).pgm?.code;
  test.each([
    [0n, 4],
    [0x1f8n, 4],
    [0x1ffn, 4],
    [0x200n, undefined],
    [0xff8n, undefined],
    [0xffcn, 4],
    [0x1000n, 4],
    [0x11ffn, 4],
    [0x1200n, undefined],
    [0x2000n, undefined],
  ])('a doubleword at %i', (address, code) => {
    expect(run(address)).toBe(code);
  });
  test('a page that was stored into before is guarded where it was, and nowhere else', () => {
    const store = (displacement: number) => encode('STG', { r1: 6, b2: 2, d2: displacement });
    const setup: Partial<Setup> = { cr: { 0: LAP }, gr: { 2: 0n, 6: 0x0102_0304_0506_0708n } };
    for (const [last, code] of [
      [0x1f8, 4],
      [0x1ff, 4],
      [0x200, undefined],
      [0xffc, 4],
    ] as const) {
      const out = at(store(0x300), 0n, { ...setup, code: [store(0x300), store(0x308), store(last)], steps: 3 });
      expect(out.pgm?.code, `store at ${last}`).toBe(code);
      expect(out.storage(0x300, 16)).toBe('01020304050607080102030405060708');
    }
  });
  test('fetches are free', () => {
    expect(at(lg, 0n, { cr: { 0: LAP } }).pgm).toBeUndefined();
  });
  test('an address past 4 GiB with the same low word is free', () => {
    const out = at(stg, 0x1_0000_0100n, { cr: { 0: LAP } });
    expect(out.pgm).toMatchObject({ code: 5 });
  });
  test('a private space is free', () => {
    const run2 = (bits: bigint) =>
      at(stg, 0x100n, { mask: MASK_64 | DAT, cr: { 0: EDAT | LAP, 1: asce | bits }, storage: identity() }).pgm?.code;
    expect(run2(0x100n)).toBeUndefined();
    expect(run2(0n)).toBe(4);
  });
});

describe('a page with instructions that was stored into before', () => {
  const code = (displacement: number): Uint8Array[] => [
    encode('STG', { r1: 6, b2: 2, d2: 0x800 }),
    encode('STG', { r1: 6, b2: 2, d2: 0x808 }),
    encode('STH', { r1: 7, b2: 2, d2: displacement }),
    encode('LGHI', { r1: 8, i2: 1 }),
  ];
  const gr = { 2: CODE, 6: 0x0102_0304_0506_0708n, 7: 2n };
  test('has what is stored beside them', () => {
    const out = bench.run({ code: code(0x810), gr, steps: 4 });
    expect(out.storage(Number(CODE) + 0x800, 18)).toBe('010203040506070801020304050607080002');
    expect(out.gr[8]).toBe(1n);
  });
  test('does what it says when they are stored into', () => {
    // The immediate operand of LGHI, 18 bytes behind the first instruction.
    const loop = [...code(18), encode('BRCT', { r1: 9, ri2: -20 })];
    expect(bench.run({ code: loop, gr: { ...gr, 9: 3n }, steps: 4 }).gr[8]).toBe(2n);
    expect(bench.run({ code: loop, gr: { ...gr, 9: 3n }, steps: 9 }).gr[8]).toBe(2n);
  });
  test('is kept, when somebody wants to keep pages, before it is stored into again', () => {
    const { complex } = bench;
    const before = complex.frames.dirty;
    const marked: number[] = [];
    try {
      bench.run({ code: code(0x810), gr, steps: 2 });
      complex.frames.dirty = { isClean: () => true, mark: (frame) => marked.push(frame) };
      complex.pageKeeper = {
        lacks: (frame) => !marked.includes(frame),
        keep: () => undefined,
        executes: () => undefined,
      };
      complex.frames.distrustStores();
      bench.goOn(1);
      expect(marked).toContain(Number(CODE) >> 12);
    } finally {
      complex.frames.dirty = before;
      complex.pageKeeper = undefined;
    }
  });
});

describe('the access-register mode', () => {
  const entries = (ale: string): Record<number, string> => ({
    0x4010: '00004800',
    0x4820: `${ale}0000000000004c0000000003`,
    0x4c00: `0000000000000000${doublewords(asce)}0000000000000003`,
    ...identity(),
    0x3000: 'ff',
  });
  const run = (code: Uint8Array, ale: string, alet = 0x0007_0002) =>
    at(code, 0x3000n, {
      mask: MASK_64 | DAT | ACCESS_REGISTER,
      cr: { 0: EDAT, 1: asce, 2: 0x4000n },
      ar: { 2: alet },
      storage: entries(ale),
    });
  test('an entry for fetches only: access-list-controlled protection', () => {
    expect(run(lg, '02070000').gr[5]).toBe(0xff00_0000_0000_0000n);
    const out = run(stg, '02070000');
    expect(out.pgm).toMatchObject({ code: 4, teid: 0x340dn, exceptionAccessId: 2 });
    expect(out.storage(0x3000, 8)).toBe('ff00000000000000');
    expect(run(stg, '00070000').pgm).toBeUndefined();
  });
  test('what stopped the translation of the register names it', () => {
    expect(run(lg, '00070000', 0x0008_0002).pgm).toMatchObject({ code: 0x2a, exceptionAccessId: 2, nullified: true });
    expect(run(lg, '00070000', 0x0207_0002).pgm).toMatchObject({ code: 0x28, exceptionAccessId: 2, nullified: false });
  });
});
