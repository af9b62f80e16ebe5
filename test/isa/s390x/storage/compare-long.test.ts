import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const HIGH = 0xdead_beef_0000_0000n;

// First, second, pad; condition code, bytes passed of each.
const byteVectors: [string, string, string, number, number, number, number][] = [
  ['equal', '010203', '010203', 0x40, 0, 3, 3],
  ['both empty', '', '', 0x40, 0, 0, 0],
  ['first low', '010203', '010303', 0x40, 1, 1, 1],
  ['first high, unsigned', '80', '7f', 0x40, 2, 0, 0],
  ['shorter first, equal when padded', '01', '014040', 0x40, 0, 1, 3],
  ['shorter second, equal when padded', '014040', '01', 0x40, 0, 3, 1],
  ['pad is low', '01', '014041', 0x40, 1, 1, 2],
  ['pad is high', '0141', '01', 0x80, 1, 1, 1],
  ['empty first', '', '3f', 0x40, 2, 0, 0],
];

describe.each(['CLCL', 'CLCLE'])('%s', (mnemonic) => {
  const long = mnemonic === 'CLCL';
  test.each(byteVectors)('%s', (_, a, b, pad, cc, passed1, passed2) => {
    for (const [first, second] of [
      [0x2000, 0x3000],
      [0x1fff, 0x2ffe],
    ] as const) {
      const top = long ? 0x9900_0000n : 0n;
      const padded = long ? BigInt(pad) << 24n : 0n;
      const out = bench.run({
        code: [long ? encode('CLCL', { r1: 2, r2: 4 }) : encode('CLCLE', { r1: 2, r3: 4, d2: pad })],
        gr: { 2: BigInt(first), 3: top | BigInt(a.length / 2), 4: BigInt(second), 5: padded | BigInt(b.length / 2) },
        cc: 3,
        storage: { [first]: a, [second]: b },
      });
      expect(out.cc).toBe(cc);
      expect(out.gr.slice(2, 6)).toEqual([
        BigInt(first + passed1),
        top | BigInt(a.length / 2 - passed1),
        BigInt(second + passed2),
        padded | BigInt(b.length / 2 - passed2),
      ]);
    }
  });
  test('a fault at once changes nothing', () => {
    const out = bench.run({
      code: [long ? encode('CLCL', { r1: 2, r2: 4 }) : encode('CLCLE', { r1: 2, r3: 4 })],
      gr: { 2: 0x2000n, 3: 8n, 4: 0x40_0000n, 5: 8n },
      cc: 3,
    });
    expect(out.pgm?.code).toBe(5);
    expect(out.cc).toBe(3);
    expect(out.gr.slice(2, 6)).toEqual([0x2000n, 8n, 0x40_0000n, 8n]);
  });
});

describe('CLCL', () => {
  const clcl = encode('CLCL', { r1: 2, r2: 4 });
  test('goes on at the same instruction', () => {
    const setup = {
      code: [clcl],
      cc: 1,
      gr: { 2: 0x2_0000n, 3: 0x1800n, 4: 0x3_0000n, 5: 0x1800n },
      storage: { 0x31000: '01' },
    };
    const once = bench.run({ ...setup, steps: 1 });
    expect(once.address).toBe(CODE);
    expect(once.cc).toBe(1);
    expect(once.gr.slice(2, 6)).toEqual([0x2_1000n, 0x800n, 0x3_1000n, 0x800n]);
    const twice = bench.run({ ...setup, cc: 0, steps: 2 });
    expect(twice.cc).toBe(1);
    expect(twice.address).toBe(CODE + 2n);
  });
  test('24-bit mode clears bits 32-39 of the addresses even when the lengths are zero', () => {
    const out = bench.run({ code: [clcl], mask: 0n, gr: { 2: HIGH | 0xab00_2000n, 4: HIGH | 0xcd00_3000n } });
    expect([out.gr[2], out.gr[4]]).toEqual([HIGH | 0x2000n, HIGH | 0x3000n]);
  });
});

describe('CLCLE', () => {
  test('sets condition code 3 with what is left', () => {
    const out = bench.run({
      code: [encode('CLCLE', { r1: 2, r3: 4 })],
      gr: { 2: 0x2_0000n, 3: 0x1800n, 4: 0x3_0000n, 5: 0x10n },
    });
    expect(out.cc).toBe(3);
    expect(out.gr.slice(2, 6)).toEqual([0x2_1000n, 0x800n, 0x3_0010n, 0n]);
  });
});

describe('CLCLU', () => {
  const run = (a: string, b: string, first = 0x2000, second = 0x3000) =>
    bench.run({
      code: [encode('CLCLU', { r1: 2, r3: 4, b2: 6 })],
      gr: { 2: BigInt(first), 3: BigInt(a.length / 2), 4: BigInt(second), 5: BigInt(b.length / 2), 6: 0x1234n },
      storage: { [first]: a, [second]: b },
    });
  test.each([
    ['equal', '00010002', '00010002', 0, 4n],
    ['differs in the right byte: address of the character', '000100020005', '000100030004', 1, 2n],
    ['differs in the left byte', '00010300', '000102ff', 2, 2n],
    ['padded equal', '000112341234', '0001', 0, 6n],
    ['padded low', '00011235', '0001', 2, 2n],
  ])('%s', (_, a, b, cc, passed) => {
    for (const [first, second] of [
      [0x2000, 0x3000],
      [0x1fff, 0x3000],
      [0x2001, 0x2fff],
      [0x1ffd, 0x2fff],
    ] as const) {
      const out = run(a, b, first, second);
      expect(out.cc).toBe(cc);
      expect(out.gr[2]).toBe(BigInt(first) + passed);
      expect(out.gr[3]).toBe(BigInt(a.length / 2) - passed);
    }
  });
  test('odd lengths are a specification exception', () => {
    expect(run('000100', '0001').pgm?.code).toBe(6);
    expect(run('0001', '00').pgm?.code).toBe(6);
  });
});

describe('CUSE', () => {
  const cuse = encode('CUSE', { r1: 2, r2: 4 });
  const run = (a: string, b: string, wanted: number, pad = 0x40) =>
    bench.run({
      code: [cuse],
      gr: {
        0: 0xff00n | BigInt(wanted),
        1: BigInt(pad),
        2: 0x1ffen,
        3: BigInt(a.length / 2),
        4: 0x3000n,
        5: BigInt(b.length / 2),
      },
      cc: 3,
      storage: { 0x1ffe: a, 0x3000: b },
    });
  test.each([
    ['substring of length zero', '0102', '0304', 0, 0, 0n, 2n],
    ['both empty', '', '', 2, 2, 0n, 0n],
    ['found', 'a10203a4', 'b10203b4', 2, 0, 1n, 3n],
    ['a run that is too short does not count', 'a102a30405', 'b102b30405', 2, 0, 3n, 2n],
    ['ends within a run', 'a1a20304', 'b1b20304', 3, 1, 2n, 2n],
    ['ends unequal', '0102a3', '0102b3', 3, 2, 3n, 0n],
  ])('%s', (_, a, b, wanted, cc, passed, left) => {
    const out = run(a, b, wanted);
    expect(out.cc).toBe(cc);
    expect(out.gr.slice(2, 6)).toEqual([0x1ffen + passed, left, 0x3000n + passed, left]);
  });
  test('padding takes part in a run', () => {
    const second = run('01', '024040', 2);
    expect(second.cc).toBe(0);
    expect(second.gr.slice(2, 6)).toEqual([0x1fffn, 0n, 0x3001n, 2n]);
    const found = run('014040', '02', 2);
    expect(found.cc).toBe(0);
    expect(found.gr.slice(2, 6)).toEqual([0x1fffn, 2n, 0x3001n, 0n]);
  });
  test('sets condition code 3 between unequal bytes', () => {
    const a = new Uint8Array(0x1800).fill(1);
    const out = bench.run({
      code: [cuse],
      gr: { 0: 4n, 2: 0x2_0000n, 3: 0x1800n, 4: 0x3_0000n, 5: 0x1800n },
      storage: { 0x20000: a },
    });
    expect(out.cc).toBe(3);
    expect(out.gr.slice(2, 6)).toEqual([0x2_1000n, 0x800n, 0x3_1000n, 0x800n]);
  });
  test('a negative length counts as zero and stays', () => {
    const out = bench.run({
      code: [cuse],
      mask: 0x8000_0000n,
      gr: { 0: 1n, 1: 7n, 2: 0x2000n, 3: 0xffff_fff0n, 4: 0x3000n, 5: 2n },
      storage: { 0x3000: '0107' },
    });
    expect(out.cc).toBe(0);
    expect(out.gr.slice(2, 6)).toEqual([0x2000n, 0xffff_fff0n, 0x3001n, 1n]);
  });
  test('a fault at once changes nothing', () => {
    const out = bench.run({ code: [cuse], gr: { 0: 1n, 2: 0x40_0000n, 3: 3n, 4: 0x3000n, 5: 2n }, cc: 1 });
    expect(out.pgm?.code).toBe(5);
    expect(out.gr.slice(2, 6)).toEqual([0x40_0000n, 3n, 0x3000n, 2n]);
  });
});
