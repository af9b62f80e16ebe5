import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const FETCH_OVERRIDE = 0x0200_0000n;
const BEGIN = 0x7f0;
const END = 0x800;

/** Runs in key 3 with page 0 fetch protected by another key: what lies below 2048 can be fetched all the same. */
const run = (code: Uint8Array, gr: Readonly<Record<number, bigint>>, below = '', behind = '') =>
  bench.run({
    code: [code],
    mask: MASK_64 | (3n << 52n),
    cr: { 0: FETCH_OVERRIDE },
    keys: { 0: 0x48, 0x2_0000: 0x30, 0x3_0000: 0x30 },
    gr,
    storage: { [BEGIN]: below.padEnd(32, '01'), [END]: behind.padEnd(32, '00'), 0x2_0000: '01'.repeat(64) },
  });

const at = BigInt(BEGIN);
const other = 0x2_0000n;

/** Each needs the 16 bytes below 2048 and then some. */
const needing: readonly (readonly [string, Uint8Array, Readonly<Record<number, bigint>>])[] = [
  ['CLC', encode('CLC', { l: 31, b1: 2, b2: 4 }), { 2: at, 4: other }],
  ['CLCLE', encode('CLCLE', { r1: 2, r3: 4 }), { 2: at, 3: 32n, 4: other, 5: 32n }],
  ['CLST', encode('CLST', { r1: 2, r2: 4 }), { 0: 0xffn, 2: at, 4: other }],
  ['SRST', encode('SRST', { r1: 2, r2: 4 }), { 0: 0xffn, 2: at + 32n, 4: at }],
  ['SRSTU', encode('SRSTU', { r1: 2, r2: 4 }), { 0: 0xffn, 2: at + 32n, 4: at }],
  ['MVST', encode('MVST', { r1: 2, r2: 4 }), { 0: 0xffn, 2: 0x3_0000n, 4: at }],
  ['MVC', encode('MVC', { l: 31, b1: 2, b2: 4 }), { 2: 0x3_0000n, 4: at }],
  ['CKSM', encode('CKSM', { r1: 2, r2: 4 }), { 4: at + 15n, 5: 4n }],
  ['TRT', encode('TRT', { l: 31, b1: 2, b2: 4 }), { 2: at, 4: 0x3_0000n }],
  ['TRT by its table', encode('TRT', { l: 0, b1: 2, b2: 4 }), { 2: other, 4: at + 15n }],
  ['CU12', encode('CU12', { r1: 2, r2: 4 }), { 2: 0x3_0000n, 3: 64n, 4: at + 15n, 5: 4n }],
];

describe('fetch-protection override ends in the middle of what is processed', () => {
  test.each(needing)('%s is stopped at 2048', (name, code, gr) => {
    const first = run(code, gr, name === 'CU12' ? `${'01'.repeat(15)}e1` : '');
    const again = first.pgm ?? run(code, Object.fromEntries(first.gr.entries())).pgm;
    expect(again).toMatchObject({ code: PGM.protection, teid: 0x808n });
  });
  test('what is found before it is found', () => {
    const out = run(encode('SRST', { r1: 2, r2: 4 }), { 0: 0x5cn, 2: at + 32n, 4: at }, '01015c');
    expect([out.pgm, out.cc, out.gr[2]]).toEqual([undefined, 1, at + 2n]);
  });
});
