import { expect, test } from 'vitest';
import { Bench, encode } from '../support/s390x/isa.ts';

const long = process.env.GUESTSCOPE_LONG === '1';
/** Functions that the guest writes: new ones all the time, each called until it is hot. */
const FUNCTIONS = long ? 60_000 : 4_000;
/** Instructions of one: 20,000 rounds of two, and what writes and calls it. */
const EACH = 40_010;
const AREA = 0x10_0000;

const word = (...texts: readonly Uint8Array[]): bigint =>
  texts.flatMap((text) => [...text]).reduce((n, byte) => (n << 8n) | BigInt(byte), 0n);

/** Writes two doublewords of code behind r1, with another number in it each time, and calls them. */
const writer = [
  encode('STG', { r1: 8, b2: 1 }),
  encode('STG', { r1: 9, b2: 1, d2: 8 }),
  encode('BASR', { r1: 14, r2: 1 }),
  encode('AGHI', { r1: 8, i2: 1 }),
  encode('AGHI', { r1: 10, i2: 128 }),
  encode('NILF', { r1: 10, i2: 0x1ffff }),
  encode('LA', { r1: 1, x2: 10, b2: 11 }),
  encode('BRCTG', { r1: 12, ri2: -32 }),
  encode('BRC', { m1: 15 }),
];

const megabytes = (): number => process.memoryUsage().rss / 2 ** 20;

test('code that is new all the time takes no more memory than some of it', () => {
  const bench = new Bench('translator');
  const gr = {
    1: BigInt(AREA),
    8: word(encode('LGHI', { r1: 3, i2: 20_000 }), encode('AGHI', { r1: 2, i2: 1 })),
    9: word(encode('BRCTG', { r1: 3, ri2: -4 }), encode('BCR', { m1: 15, r2: 14 }), encode('BCR', { r2: 0 })),
    11: BigInt(AREA),
    12: BigInt(FUNCTIONS),
  };
  bench.run({ code: writer, steps: 1, gr });
  // The first third fills what may be filled.
  const pieces = Math.ceil((FUNCTIONS * EACH) / 100_000);
  let filled = 0;
  for (let i = 0; i < pieces; i++) {
    bench.goOn(100_000);
    if (i === Math.floor(pieces / 3)) filled = megabytes();
  }
  expect(bench.complex.vcpus[0]?.gr(12)).toBe(0n);
  const counts = bench.translated?.counts;
  expect(counts?.translated).toBeGreaterThan(FUNCTIONS);
  // Those that lie in the area, and the writer.
  expect(counts?.regions).toBeLessThanOrEqual(1024 + 8);
  if (long) expect(megabytes() - filled).toBeLessThan(40);
});
