import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, rowOf } from '../../../support/s390x/isa.ts';
import { PROBLEM } from '../../../support/s390x/tables.ts';

const bench = new Bench();

describe.each([
  ['DIAG', 1],
  ['SIGP', 1],
  ['SERVC', 1],
  ['STIDP', 8],
  ['SCK', 8],
  ['SPX', 4],
  ['STPX', 4],
  ['STAP', 2],
  ['STSI', 1],
  ['STFL', 1],
  ['TB', 1],
  ['PTF', 1],
  ...[
    'CSCH',
    'HSCH',
    'MSCH',
    'SSCH',
    'STSCH',
    'TSCH',
    'TPI',
    'SAL',
    'RSCH',
    'STCRW',
    'STCPS',
    'RCHP',
    'SCHM',
    'SIGA',
    'XSCH',
    'CHSC',
  ].map((m): [string, number] => [m, 1]),
])('%s', (mnemonic, alignment) => {
  const fields = 'b2' in rowOf(mnemonic).format.fields ? { b2: 1 } : {};
  const text = encode(mnemonic, fields);
  const run = (mask = MASK_64, address = 0x2000n) => bench.run({ code: [text], gr: { 1: address }, mask, cc: 2 });

  test('goes to the hypervisor, the PSW past it', () => {
    const out = run();
    expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    expect(out.address).toBe(CODE + 4n);
    expect(out.cc).toBe(2);
  });
  test('is privileged, and that comes first', () => {
    const out = run(MASK_64 | PROBLEM, 1n);
    expect(out.pgm).toMatchObject({ code: 2, ilc: 4 });
  });
  test(`wants a multiple of ${alignment}`, () => {
    const out = run(MASK_64, 0x2000n + BigInt(alignment >> 1));
    expect(out.pgm?.code).toBe(alignment === 1 ? undefined : 6);
  });
  test('by EXECUTE the PSW is past EXECUTE', () => {
    const out = bench.run({
      code: [encode('EXRL', { r1: 0, ri2: 0x100 })],
      gr: { 1: 0x2000n },
      storage: { 0x10100: text },
    });
    expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    expect(out.address).toBe(CODE + 6n);
  });
});

describe('SCKPF', () => {
  test('is privileged, tests general register 0 and goes to the hypervisor', () => {
    const run = (gr0: bigint, mask = MASK_64) => bench.run({ code: [encode('SCKPF')], gr: { 0: gr0 }, mask });
    expect(run(0xffff_0000_0000_ffffn).cause).toEqual({ kind: 'intercept', code: 4 });
    expect(run(0x1_0000n).pgm).toMatchObject({ code: 6, ilc: 2 });
    expect(run(0x1_0000n, MASK_64 | PROBLEM).pgm).toMatchObject({ code: 2 });
  });
});

test('STHYI goes to the hypervisor, from the problem state, too', () => {
  const out = bench.run({ code: [encode('STHYI', { r1: 2, r2: 4 })], mask: MASK_64 | PROBLEM });
  expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
});

describe.each(['PQAP', 'NQAP', 'DQAP', 'PGIN', 'PGOUT'])('%s', (mnemonic) => {
  test('is not there: an operation exception, which a hypervisor may intercept', () => {
    expect(bench.run({ code: [encode(mnemonic)], mask: MASK_64 | PROBLEM }).pgm).toMatchObject({ code: 1, ilc: 4 });
  });
});

describe.each([
  'CLP',
  'PCISTG',
  'PCILG',
  'RPCIT',
  'MPCIFC',
  'STPCIFC',
  'PCISTB',
  'SIC',
])('%s of PCI functions, which are not installed', (mnemonic) => {
  test('goes to the hypervisor in every state', () => {
    for (const mask of [MASK_64, MASK_64 | PROBLEM]) {
      const out = bench.run({ code: [encode(mnemonic)], mask });
      expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    }
  });
});
