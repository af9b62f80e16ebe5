import { describe, expect, test } from 'vitest';
import { accessRegisterTranslation } from '../../../../../src/arch/s390x/dat/access-registers.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { FakeTables } from './fake-tables.ts';

const DUCT = 0x1_0000;
const LIST = 0x2_0000;
const ASTE = 0x3_0000;
const AUTHORITY = 0x4_0000;
const SPACE = 0x1234_5000_0000_700fn;
const ALET = 0x0005_000a;
const PRIVATE = 0x0100_0000n;
const FETCH_ONLY = 0x0200_0000n;

// The access list holds 16 entries; entry 10 has sequence number 5 and belongs to authorization index 0x21.
const tables: Record<number, bigint> = {
  [DUCT + 16]: BigInt(LIST | 1) << 32n,
  [LIST + 0xa0]: 0x0005_0021_0000_0000n,
  [LIST + 0xa8]: (BigInt(ASTE) << 32n) | 0x77n,
  [ASTE]: (BigInt(AUTHORITY) << 32n) | 0x20n,
  [ASTE + 8]: SPACE,
  [ASTE + 16]: 0x77n,
  [AUTHORITY + 8]: 0x0040_0000_0000_0000n,
};

const translate = (
  alet: number,
  {
    entries = {},
    cr = {},
    ar = 3,
    prefix = 0,
  }: { entries?: Record<number, bigint | undefined>; cr?: Record<number, bigint>; ar?: number; prefix?: number } = {},
) => {
  const crs: Record<number, bigint> = { 1: 0x1001n, 7: 0x7007n, 2: BigInt(DUCT), 5: 0n, 8: 0x21_0000n, ...cr };
  const present = Object.fromEntries(
    Object.entries({ ...tables, ...entries }).filter(([, v]) => v !== undefined),
  ) as Record<number, bigint>;
  return accessRegisterTranslation({ cr: (n) => crs[n] ?? 0n, prefix: gpa(prefix) }, new FakeTables(present), ar, alet);
};
const found = (asce: bigint, fetchOnly = false) => ({ ok: true, value: { asce, fetchOnly } });
const refused = (error: number) => ({ ok: false, error });

test('ALETs 0 and 1 are the primary and the secondary space', () => {
  expect(translate(0)).toEqual(found(0x1001n));
  expect(translate(1)).toEqual(found(0x7007n));
});
test('access register 0 is the primary space whatever it holds', () => {
  expect(translate(1, { ar: 0 })).toEqual(found(0x1001n));
});
test('an entry of the dispatchable-unit access list', () => {
  expect(translate(ALET)).toEqual(found(SPACE));
});
test('an entry of the primary-space access list', () => {
  expect(translate(ALET | 0x0100_0000, { cr: { 2: 0n, 5: BigInt(DUCT) } })).toEqual(found(SPACE));
});
test('an entry that allows fetches only says so', () => {
  expect(translate(ALET, { entries: { [LIST + 0xa0]: (0x0005_0021n | FETCH_ONLY) << 32n } })).toEqual(
    found(SPACE, true),
  );
});
test('the tables are real storage: prefixing applies', () => {
  const prefix = 0x50_0000;
  const entries = { [prefix + 0x1010]: BigInt(LIST | 1) << 32n };
  expect(translate(ALET, { cr: { 2: 0x1000n }, prefix, entries })).toEqual(found(SPACE));
});

describe('refused', () => {
  test.each([
    ['a reserved bit of the ALET', 0x0205_000a, {}, 0x28],
    ['a number past the list', 0x0005_0010, {}, 0x29],
    ['an invalid entry', ALET, { [LIST + 0xa0]: 0x8005_0021_0000_0000n }, 0x29],
    ['another sequence number', 0x0006_000a, {}, 0x2a],
    ['an invalid ASTE', ALET, { [ASTE]: 0x8000_0000_0000_0000n }, 0x2b],
    ['another ASTE sequence number', ALET, { [ASTE + 16]: 0x78n }, 0x2c],
    ['a control table that is not there', ALET, { [DUCT + 16]: undefined }, 5],
    ['an entry that is not there', ALET, { [LIST + 0xa0]: undefined }, 5],
    ['an ASTE that is not there', ALET, { [ASTE]: undefined }, 5],
    [
      'a list past 2 GiB',
      ALET,
      { [DUCT + 16]: 0x7fff_ff80_0000_0000n | (1n << 32n), 0x80000020: 0x0005_0021n << 32n },
      5,
    ],
  ])('%s', (_, alet, entries, code) => {
    expect(translate(alet, { entries })).toEqual(refused(code));
  });
});

describe('extended authority of a private entry', () => {
  const entries = (aleax: bigint, more: Record<number, bigint | undefined> = {}) => ({
    [LIST + 0xa0]: (0x0005_0000n | PRIVATE | aleax) << 32n,
    ...more,
  });
  test('its own index', () => {
    expect(translate(ALET, { entries: entries(0x21n) })).toEqual(found(SPACE));
  });
  test.each([
    ['index 0x25 has the secondary bit', 0x25n, true],
    ['index 0x24 has not', 0x24n, false],
    ['index 0x26 has not', 0x26n, false],
    ['index 0x30 is past the table', 0x30n, false],
  ])('%s', (_, eax, allowed) => {
    // Index 0x25 is bits 74 and 75 of the table: byte 9, bits 2 and 3.
    const table = { [AUTHORITY + 8]: 0x0010_0000_0000_0000n };
    expect(translate(ALET, { entries: entries(0x21n, table), cr: { 8: eax << 16n } })).toEqual(
      allowed ? found(SPACE) : refused(0x2d),
    );
  });
  test('without the private bit no index is looked at', () => {
    expect(translate(ALET, { cr: { 8: 0xffff_0000n } })).toEqual(found(SPACE));
  });
  test('an authority table that is not there', () => {
    const out = translate(ALET, { entries: entries(0x21n, { [AUTHORITY + 8]: undefined }), cr: { 8: 0x25_0000n } });
    expect(out).toEqual(refused(5));
  });
});
