import { describe, expect, test } from 'vitest';
import {
  type DatControls,
  newTranslation,
  type Translation,
  translate,
  type WalkStep,
} from '../../../../../src/arch/s390x/dat/translate.ts';
import { FakeTables } from './fake-tables.ts';

const R1 = 0x10_0000;
const R2 = 0x11_0000;
const R3 = 0x12_0000;
const SEGMENT = 0x13_0000;
const PAGE = 0x14_0800;
const all: DatControls = { edat1: true, edat2: true, iep: true };
const none: DatControls = { edat1: false, edat2: false, iep: false };

// RFX 0x601, RSX 0x402, RTX 0x203, SX 0x7fe, PX 0x5a, BX 0xbcd.
const ADDRESS = (0x601n << 53n) | (0x402n << 42n) | (0x203n << 31n) | (0x7fen << 20n) | 0x5a_bcdn;
const at = {
  r1: R1 + 0x601 * 8,
  r2: R2 + 0x402 * 8,
  r3: R3 + 0x203 * 8,
  segment: SEGMENT + 0x7fe * 8,
  page: PAGE + 0x5a * 8,
};
const full: Record<number, bigint> = {
  [at.r1]: BigInt(R2) | 0xfn,
  [at.r2]: BigInt(R3) | 0xbn,
  [at.r3]: BigInt(SEGMENT) | 0x7n,
  [at.segment]: BigInt(PAGE),
  [at.page]: 0x12_3456_7890_1000n,
};
const ASCE_R1 = BigInt(R1) | 0xfn;

interface Walked {
  readonly code: number;
  readonly t: Translation;
  readonly steps: readonly WalkStep[];
}

function walk(entries: Readonly<Record<number, bigint>>, asce: bigint, address: bigint, controls = all): Walked {
  const t = newTranslation();
  const steps: WalkStep[] = [];
  const [asceHigh, asceLow] = [Number(asce >> 32n), Number(asce & 0xffff_ffffn)];
  const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
  const code = translate(new FakeTables(entries), controls, asceHigh, asceLow, high, low, t, (s) => steps.push(s));
  return { code, t, steps };
}

describe('a walk of five levels', () => {
  test('takes each index from its own bits', () => {
    const { code, t, steps } = walk(full, ASCE_R1, ADDRESS);
    expect(code).toBe(0);
    expect(t.page).toBe(0x12_3456_7890_1000);
    expect(steps.map((s) => [s.level, s.address])).toEqual([
      ['region-first', at.r1],
      ['region-second', at.r2],
      ['region-third', at.r3],
      ['segment', at.segment],
      ['page', at.page],
    ]);
  });
  test.each([
    ['region first', at.r1, 0x39],
    ['region second', at.r2, 0x3a],
    ['region third', at.r3, 0x3b],
    ['segment', at.segment, 0x10],
  ])('invalid %s', (_, entry, code) => {
    const out = walk({ ...full, [entry]: (full[entry] ?? 0n) | 0x20n }, ASCE_R1, ADDRESS);
    expect(out.code).toBe(code);
    expect(out.t).toMatchObject({ entry, outside: false });
  });
  test('invalid page', () => {
    const out = walk({ ...full, [at.page]: 0x400n }, ASCE_R1, ADDRESS);
    expect(out.code).toBe(0x11);
    expect(out.t.entry).toBe(at.page);
  });
  test.each([
    ['region first', at.r1],
    ['region second', at.r2],
    ['region third', at.r3],
    ['segment', at.segment],
  ])('the table type of a %s entry is checked, invalid entries come first', (_, entry) => {
    const wrong = (full[entry] ?? 0n) ^ 0x4n;
    expect(walk({ ...full, [entry]: wrong }, ASCE_R1, ADDRESS).code).toBe(0x12);
    expect(walk({ ...full, [entry]: wrong | 0x20n }, ASCE_R1, ADDRESS).code).not.toBe(0x12);
  });
  test.each(['r1', 'r2', 'r3', 'segment', 'page'] as const)('a %s entry that is nowhere', (level) => {
    const { [at[level]]: _, ...rest } = full;
    expect(walk(rest, ASCE_R1, ADDRESS).code).toBe(5);
  });
  test('a table past 2^53 is nowhere, and not at an address rounded from it', () => {
    expect(walk({ ...full, [at.r1]: 0xffff_ffff_ffff_f00fn }, ASCE_R1, ADDRESS).code).toBe(5);
  });
});

describe('table length and offset', () => {
  const lengths = (entry: number, value: bigint) => walk({ ...full, [entry]: value }, ASCE_R1, ADDRESS);
  // The leftmost two bits of the next index are 2 (RSX), 1 (RTX) and 3 (SX).
  test.each([
    ['region second: length too small', at.r1, BigInt(R2) | 0xdn, 0x3a],
    ['region second: length just enough', at.r1, BigInt(R2) | 0xen, 0],
    ['region second: offset too large', at.r1, BigInt(R2) | 0xcfn, 0x3a],
    ['region second: offset just small enough', at.r1, BigInt(R2) | 0x8fn, 0],
    ['region third: length too small', at.r2, BigInt(R3) | 0x8n, 0x3b],
    ['region third: offset too large', at.r2, BigInt(R3) | 0x8bn, 0x3b],
    ['segment: length too small', at.r3, BigInt(SEGMENT) | 0x6n, 0x10],
    ['segment: offset as large as it may be', at.r3, BigInt(SEGMENT) | 0xc7n, 0],
  ])('%s', (_, entry, value, code) => {
    const out = lengths(entry, value);
    expect(out.code).toBe(code);
    expect(out.t.outside).toBe(code !== 0);
  });
  test.each([
    [0x0n, 3n, 0x10],
    [0x4n, 3n, 0x3b],
    [0x8n, 3n, 0x3a],
    [0xcn, 3n, 0x39],
  ])('of the first table, designation type %i', (type, top, code) => {
    const shift = { 0: 29n, 4: 40n, 8: 51n, 12: 62n }[Number(type)] ?? 0n;
    const out = walk(full, BigInt(R1) | type | 2n, top << shift);
    expect(out.code).toBe(code);
    expect(out.t).toMatchObject({ outside: true, entry: R1 + 0x600 * 8 });
  });
});

describe('an address that the designation cannot have', () => {
  test.each([
    [0x0n, 1n << 31n],
    [0x4n, 1n << 42n],
    [0x8n, 1n << 53n],
  ])('type %i', (type, address) => {
    expect(walk(full, BigInt(R1) | type | 3n, address).code).toBe(0x38);
    expect(walk(full, BigInt(R1) | type | 3n, address >> 1n).code).not.toBe(0x38);
  });
});

describe('protection', () => {
  const protect = (entry: number, controls = all) =>
    walk({ ...full, [entry]: (full[entry] ?? 0n) | 0x200n }, ASCE_R1, ADDRESS, controls).t.protected;
  test.each([
    ['region first', at.r1],
    ['region second', at.r2],
    ['region third', at.r3],
  ])('a %s entry protects with EDAT-1 only', (_, entry) => {
    expect(protect(entry)).toBe(true);
    expect(protect(entry, none)).toBe(false);
  });
  test.each([
    ['segment', at.segment],
    ['page', at.page],
  ])('a %s entry always protects', (_, entry) => {
    expect(protect(entry, none)).toBe(true);
  });
  test('nothing of one walk is left in the next', () => {
    const t = newTranslation();
    const run = (entries: Record<number, bigint>) =>
      translate(new FakeTables(entries), all, 0, R3 | 7, 0x101, 0xffe5_abcd | 0, t);
    run({ [at.r3]: BigInt(SEGMENT) | 0x207n, [at.segment]: 0x1f_ff00n | 0x700n });
    expect(t).toMatchObject({ protected: true, absolute: true });
    run({ [at.r3]: BigInt(SEGMENT) | 7n, [at.segment]: BigInt(PAGE), [at.page]: 0x1000n });
    expect(t).toMatchObject({ protected: false, absolute: false, key: -1, noExecute: false });
  });
});

describe('large frames', () => {
  const oneMegabyte = (entry: bigint, controls = all, asce = ASCE_R1) =>
    walk({ ...full, [at.segment]: entry }, asce, ADDRESS, controls);
  const twoGigabytes = (entry: bigint, controls = all, asce = ASCE_R1) =>
    walk({ ...full, [at.r3]: entry }, asce, ADDRESS, controls);

  test('1 MiB: the frame address is absolute and takes the page index', () => {
    const { code, t } = oneMegabyte(0x1_2345_678f_f400n);
    expect(code).toBe(0);
    expect(t).toMatchObject({ page: 0x1_2345_6785_a000, absolute: true });
  });
  test('1 MiB: without EDAT-1 the entry names a page table', () => {
    const { code, t } = oneMegabyte(BigInt(PAGE) | 0x400n, none);
    expect(code).toBe(0);
    expect(t).toMatchObject({ page: 0x12_3456_7890_1000, absolute: false });
  });
  test('2 GiB: bits 33-51 of the address come along', () => {
    const { code, t } = twoGigabytes(0x0001_0000_ffff_f404n | 0x3n);
    expect(code).toBe(0);
    expect(t).toMatchObject({ page: Number(0x0001_0000_8000_0000n + (ADDRESS & 0x7fff_f000n)), absolute: true });
  });
  test('2 GiB: with EDAT-1 alone the entry names a segment table', () => {
    const { code, t } = twoGigabytes(BigInt(SEGMENT) | 0x407n, { edat1: true, edat2: false, iep: false });
    expect(code).toBe(0);
    expect(t.absolute).toBe(false);
  });
  test.each([
    ['1 MiB', oneMegabyte, 0x400n],
    ['2 GiB', twoGigabytes, 0x404n],
  ])('%s: protection, access key when valid, execution', (_, frame, format) => {
    expect(frame(format | 0x200n).t.protected).toBe(true);
    expect(frame(format | 0x1_9800n).t.key).toBe(0x98);
    expect(frame(format | 0x9800n).t.key).toBe(-1);
    expect(frame(format | 0x100n).t.noExecute).toBe(true);
    expect(frame(format | 0x100n, { edat1: true, edat2: true, iep: false }).t.noExecute).toBe(false);
  });
  test.each([
    ['segment', oneMegabyte, 0x10n],
    ['region', twoGigabytes, 0x414n],
  ])('a common %s is no part of a private space', (_, frame, entry) => {
    expect(frame(entry, all, ASCE_R1 | 0x100n).code).toBe(0x12);
    expect(frame(entry, all, ASCE_R1).code).not.toBe(0x12);
  });
});

describe('page-table entries', () => {
  const page = (entry: bigint, controls = all) => walk({ ...full, [at.page]: entry }, ASCE_R1, ADDRESS, controls);
  test('bit 52 must be zero, which an invalid page does not come to', () => {
    expect(page(0x1800n).code).toBe(0x12);
    expect(page(0x1c00n).code).toBe(0x11);
  });
  test('instruction-execution protection when it is on', () => {
    expect(page(0x1100n).t.noExecute).toBe(true);
    expect(page(0x1100n, none).t.noExecute).toBe(false);
  });
  test('a page table begins at a multiple of 2 KiB', () => {
    const out = walk({ ...full, [at.segment]: BigInt(PAGE) | 0x3c0n }, ASCE_R1, ADDRESS, none);
    expect(out.code).toBe(0);
    expect(out.t.protected).toBe(true);
  });
});

test('a real-space designation translates nothing and fetches no table', () => {
  const { code, t, steps } = walk({}, 0xffff_f02fn, ADDRESS);
  expect(code).toBe(0);
  expect(t).toMatchObject({ absolute: false, protected: false });
  expect(t.page).toBe(Number(ADDRESS & ~0xfffn));
  expect(steps).toEqual([]);
});
