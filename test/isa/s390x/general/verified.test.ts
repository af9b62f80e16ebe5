/** What a z17 leaves in general registers, from a real machine as the tests of the valgrind project tell; and models of the same. */

import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const bench = new Bench();
/** Mnemonic, R2, R3 where there is one, R1. */
const general: readonly (readonly [mnemonic: string, r2: bigint, r3: bigint, r1: bigint])[] = [
  ['CLZG', 0xffffffffffffffffn, 0n, 0n],
  ['CLZG', 0x0000000000000000n, 0n, 64n],
  ['CLZG', 0x0000000000000001n, 0n, 63n],
  ['CLZG', 0x0000800000000000n, 0n, 16n],
  ['CLZG', 0x8000000000000000n, 0n, 0n],
  ['CLZG', 0x0a00000000000070n, 0n, 4n],
  ['CTZG', 0xffffffffffffffffn, 0n, 0n],
  ['CTZG', 0x0000000000000000n, 0n, 64n],
  ['CTZG', 0x0000000000000001n, 0n, 0n],
  ['CTZG', 0x0000800000000000n, 0n, 47n],
  ['CTZG', 0x8000000000000000n, 0n, 63n],
  ['CTZG', 0x0a00000000000070n, 0n, 4n],
  ['BEXTG', 0xffffffffffffffffn, 0xffffffffffffffffn, 0xffffffffffffffffn],
  ['BEXTG', 0x000000000000002an, 0x0000000000000000n, 0x0000000000000000n],
  ['BEXTG', 0x0000000000000000n, 0xaffecafebabefea0n, 0x0000000000000000n],
  ['BEXTG', 0xbedd49b39c58558an, 0xcef75cddae16e548n, 0xbedaa6d168000000n],
  ['BEXTG', 0x0000000000000001n, 0x0000000000000001n, 0x8000000000000000n],
  ['BDEPG', 0xffffffffffffffffn, 0xffffffffffffffffn, 0xffffffffffffffffn],
  ['BDEPG', 0x000000000000002an, 0x0000000000000000n, 0x0000000000000000n],
  ['BDEPG', 0x0000000000000000n, 0xaffecafebabefea0n, 0x0000000000000000n],
  ['BDEPG', 0xbedd49b39c58558an, 0xcef75cddae16e548n, 0x8ed554442a10e048n],
  ['BDEPG', 0x8000000000000000n, 0x0000000000000001n, 0x0000000000000001n],
];
/** Mnemonic, displacement, bits 32-63 of the index, base, address. */
const indexed: readonly (readonly [mnemonic: string, d2: number, x2: bigint, b2: bigint, r1: bigint])[] = [
  ['LXAB', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0xffffffff8007fffdn],
  ['LXAB', 524287, 0x00000000n, 0xffffffffffffffffn, 0x000000000007fffen],
  ['LXAB', 524287, 0x7fffffffn, 0x0000000000000000n, 0xffffffff8007fffen],
  ['LXAB', 0, 0x00000137n, 0x0000000000000001n, 0x0000000000000138n],
  ['LXAB', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LXAB', 0, 0x00000137n, 0x0000000000000000n, 0x0000000000000137n],
  ['LXAB', -524288, 0x80000000n, 0x000000000000002an, 0x000000007ff8002an],
  ['LXAB', -524288, 0x00000000n, 0x000000000000002an, 0xfffffffffff8002an],
  ['LXAB', -524288, 0x80000000n, 0x0000000000000000n, 0x000000007ff80000n],
  ['LXAH', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0xffffffff000ffffbn],
  ['LXAH', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000000ffffdn],
  ['LXAH', 524287, 0x7fffffffn, 0x0000000000000000n, 0xffffffff000ffffcn],
  ['LXAH', 0, 0x00000137n, 0x0000000000000001n, 0x000000000000026fn],
  ['LXAH', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LXAH', 0, 0x00000137n, 0x0000000000000000n, 0x000000000000026en],
  ['LXAH', -524288, 0x80000000n, 0x000000000000002an, 0x00000000fff0002an],
  ['LXAH', -524288, 0x00000000n, 0x000000000000002an, 0xfffffffffff0002an],
  ['LXAH', -524288, 0x80000000n, 0x0000000000000000n, 0x00000000fff00000n],
  ['LXAF', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0xfffffffe001ffff7n],
  ['LXAF', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000001ffffbn],
  ['LXAF', 524287, 0x7fffffffn, 0x0000000000000000n, 0xfffffffe001ffff8n],
  ['LXAF', 0, 0x00000137n, 0x0000000000000001n, 0x00000000000004ddn],
  ['LXAF', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LXAF', 0, 0x00000137n, 0x0000000000000000n, 0x00000000000004dcn],
  ['LXAF', -524288, 0x80000000n, 0x000000000000002an, 0x00000001ffe0002an],
  ['LXAF', -524288, 0x00000000n, 0x000000000000002an, 0xffffffffffe0002an],
  ['LXAF', -524288, 0x80000000n, 0x0000000000000000n, 0x00000001ffe00000n],
  ['LXAG', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0xfffffffc003fffefn],
  ['LXAG', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000003ffff7n],
  ['LXAG', 524287, 0x7fffffffn, 0x0000000000000000n, 0xfffffffc003ffff0n],
  ['LXAG', 0, 0x00000137n, 0x0000000000000001n, 0x00000000000009b9n],
  ['LXAG', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LXAG', 0, 0x00000137n, 0x0000000000000000n, 0x00000000000009b8n],
  ['LXAG', -524288, 0x80000000n, 0x000000000000002an, 0x00000003ffc0002an],
  ['LXAG', -524288, 0x00000000n, 0x000000000000002an, 0xffffffffffc0002an],
  ['LXAG', -524288, 0x80000000n, 0x0000000000000000n, 0x00000003ffc00000n],
  ['LXAQ', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0xfffffff8007fffdfn],
  ['LXAQ', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000007fffefn],
  ['LXAQ', 524287, 0x7fffffffn, 0x0000000000000000n, 0xfffffff8007fffe0n],
  ['LXAQ', 0, 0x00000137n, 0x0000000000000001n, 0x0000000000001371n],
  ['LXAQ', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LXAQ', 0, 0x00000137n, 0x0000000000000000n, 0x0000000000001370n],
  ['LXAQ', -524288, 0x80000000n, 0x000000000000002an, 0x00000007ff80002an],
  ['LXAQ', -524288, 0x00000000n, 0x000000000000002an, 0xffffffffff80002an],
  ['LXAQ', -524288, 0x80000000n, 0x0000000000000000n, 0x00000007ff800000n],
  ['LLXAB', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0x000000008007fffdn],
  ['LLXAB', 524287, 0x00000000n, 0xffffffffffffffffn, 0x000000000007fffen],
  ['LLXAB', 524287, 0x7fffffffn, 0x0000000000000000n, 0x000000008007fffen],
  ['LLXAB', 0, 0x00000137n, 0x0000000000000001n, 0x0000000000000138n],
  ['LLXAB', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LLXAB', 0, 0x00000137n, 0x0000000000000000n, 0x0000000000000137n],
  ['LLXAB', -524288, 0x80000000n, 0x000000000000002an, 0x000000007ff8002an],
  ['LLXAB', -524288, 0x00000000n, 0x000000000000002an, 0x00000000fff8002an],
  ['LLXAB', -524288, 0x80000000n, 0x0000000000000000n, 0x000000007ff80000n],
  ['LLXAH', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0x00000001000ffffbn],
  ['LLXAH', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000000ffffdn],
  ['LLXAH', 524287, 0x7fffffffn, 0x0000000000000000n, 0x00000001000ffffcn],
  ['LLXAH', 0, 0x00000137n, 0x0000000000000001n, 0x000000000000026fn],
  ['LLXAH', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LLXAH', 0, 0x00000137n, 0x0000000000000000n, 0x000000000000026en],
  ['LLXAH', -524288, 0x80000000n, 0x000000000000002an, 0x00000000fff0002an],
  ['LLXAH', -524288, 0x00000000n, 0x000000000000002an, 0x00000001fff0002an],
  ['LLXAH', -524288, 0x80000000n, 0x0000000000000000n, 0x00000000fff00000n],
  ['LLXAF', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0x00000002001ffff7n],
  ['LLXAF', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000001ffffbn],
  ['LLXAF', 524287, 0x7fffffffn, 0x0000000000000000n, 0x00000002001ffff8n],
  ['LLXAF', 0, 0x00000137n, 0x0000000000000001n, 0x00000000000004ddn],
  ['LLXAF', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LLXAF', 0, 0x00000137n, 0x0000000000000000n, 0x00000000000004dcn],
  ['LLXAF', -524288, 0x80000000n, 0x000000000000002an, 0x00000001ffe0002an],
  ['LLXAF', -524288, 0x00000000n, 0x000000000000002an, 0x00000003ffe0002an],
  ['LLXAF', -524288, 0x80000000n, 0x0000000000000000n, 0x00000001ffe00000n],
  ['LLXAG', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0x00000004003fffefn],
  ['LLXAG', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000003ffff7n],
  ['LLXAG', 524287, 0x7fffffffn, 0x0000000000000000n, 0x00000004003ffff0n],
  ['LLXAG', 0, 0x00000137n, 0x0000000000000001n, 0x00000000000009b9n],
  ['LLXAG', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LLXAG', 0, 0x00000137n, 0x0000000000000000n, 0x00000000000009b8n],
  ['LLXAG', -524288, 0x80000000n, 0x000000000000002an, 0x00000003ffc0002an],
  ['LLXAG', -524288, 0x00000000n, 0x000000000000002an, 0x00000007ffc0002an],
  ['LLXAG', -524288, 0x80000000n, 0x0000000000000000n, 0x00000003ffc00000n],
  ['LLXAQ', 524287, 0x7fffffffn, 0xffffffffffffffffn, 0x00000008007fffdfn],
  ['LLXAQ', 524287, 0x00000000n, 0xffffffffffffffffn, 0x00000000007fffefn],
  ['LLXAQ', 524287, 0x7fffffffn, 0x0000000000000000n, 0x00000008007fffe0n],
  ['LLXAQ', 0, 0x00000137n, 0x0000000000000001n, 0x0000000000001371n],
  ['LLXAQ', 0, 0x00000000n, 0x0000000000000001n, 0x0000000000000001n],
  ['LLXAQ', 0, 0x00000137n, 0x0000000000000000n, 0x0000000000001370n],
  ['LLXAQ', -524288, 0x80000000n, 0x000000000000002an, 0x00000007ff80002an],
  ['LLXAQ', -524288, 0x00000000n, 0x000000000000002an, 0x0000000fff80002an],
  ['LLXAQ', -524288, 0x80000000n, 0x0000000000000000n, 0x00000007ff800000n],
];

describe('a z17 and this machine leave the same', () => {
  test.each(general)('%s %x %x', (mnemonic, r2, r3, r1) => {
    const fields = { r1: 1, r2: 2, ...(mnemonic.startsWith('B') ? { r3: 3 } : {}) };
    const out = bench.run({ code: [encode(mnemonic, fields)], gr: { 1: ~0n, 2: r2, 3: r3 }, cc: 2 });
    expect([out.gr[1], out.cc]).toEqual([r1, 2]);
  });
  test.each(indexed)('%s %i(%x,%x)', (mnemonic, d2, x2, b2, r1) => {
    // What is left of the index does not count.
    const gr = { 1: ~0n, 2: (0x5555n << 32n) | x2, 3: b2 };
    const out = bench.run({ code: [encode(mnemonic, { r1: 1, x2: 2, b2: 3, d2 })], gr, cc: 2 });
    expect([out.gr[1], out.cc]).toEqual([r1, 2]);
    const zero = { r1: 1, x2: x2 === 0n ? 0 : 2, b2: b2 === 0n ? 0 : 3, d2 };
    expect(bench.run({ code: [encode(mnemonic, zero)], gr }).gr[1]).toBe(r1);
  });
});

const next = randomWords(0x17a);
const random = (): bigint => {
  const value = (BigInt(next()) << 32n) | BigInt(next());
  return [value, value & (value >> 3n), value | (value << 5n), -1n, 0n, 1n << (value & 63n)][next() % 6] ?? value;
};
const width = (value: bigint): bigint => BigInt.asUintN(64, value);
const bitsOf = (value: bigint): string => width(value).toString(2).padStart(64, '0');

/** Written with strings of bits, leftmost first. */
const models: Readonly<Record<string, (a: bigint, mask: bigint) => string>> = {
  BEXTG: (a, mask) =>
    [...bitsOf(a)]
      .filter((_, i) => bitsOf(mask)[i] === '1')
      .join('')
      .padEnd(64, '0'),
  BDEPG(a, mask) {
    const left = [...bitsOf(a)];
    return bitsOf(mask).replace(/1/g, () => left.shift() ?? '0');
  },
  CLZG: (a) => bitsOf(BigInt(bitsOf(a).indexOf('1') < 0 ? 64 : bitsOf(a).indexOf('1'))),
  CTZG: (a) => bitsOf(BigInt(bitsOf(a).indexOf('1') < 0 ? 64 : 63 - bitsOf(a).lastIndexOf('1'))),
};

describe('are what they are bit by bit', () => {
  test.each(Object.entries(models))('%s', (mnemonic, model) => {
    for (let i = 0; i < 300; i++) {
      const [a, mask] = [width(random()), width(random())];
      const fields = { r1: 1, r2: 2, ...(mnemonic.startsWith('B') ? { r3: 3 } : {}) };
      const out = bench.run({ code: [encode(mnemonic, fields)], gr: { 1: 5n, 2: a, 3: mask }, cc: 3 });
      expect([mnemonic, a, mask, bitsOf(out.gr[1] ?? 0n), out.cc]).toEqual([mnemonic, a, mask, model(a, mask), 3]);
    }
  });
  test.each(['BEXTG', 'BDEPG'])('%s, when all operands are one register', (mnemonic) => {
    const a = 0xf00d_0000_cafe_8001n;
    const out = bench.run({ code: [encode(mnemonic, { r1: 6, r2: 6, r3: 6 })], gr: { 6: a } });
    expect(bitsOf(out.gr[6] ?? 0n)).toBe(models[mnemonic]?.(a, a));
  });
  test.each(['', 'L'])('%sLXAB to %sLXAQ, in every addressing mode', (l) => {
    for (let i = 0; i < 300; i++) {
      const size = i % 5;
      const mnemonic = `${l}LXA${'BHFGQ'.charAt(size)}`;
      const [index, base, d2] = [width(random()), width(random()), (next() % 0x10_0000) - 0x8_0000];
      const sum = index + BigInt(d2);
      const number = l === 'L' ? BigInt.asUintN(32, sum) : BigInt.asIntN(32, sum);
      const at = base + (number << BigInt(size));
      const gr = { 1: 0xaaaa_bbbb_cccc_ddddn, 2: index, 3: base };
      const in64 = bench.run({ code: [encode(mnemonic, { r1: 1, x2: 2, b2: 3, d2 })], gr });
      const in31 = bench.run({ code: [encode(mnemonic, { r1: 1, x2: 2, b2: 3, d2 })], gr, mask: 0x8000_0000n });
      const in24 = bench.run({ code: [encode(mnemonic, { r1: 1, x2: 2, b2: 3, d2 })], gr, mask: 0n });
      expect([in64.gr[1], in31.gr[1], in24.gr[1]]).toEqual([
        width(at),
        (0xaaaa_bbbbn << 32n) | BigInt.asUintN(31, at),
        (0xaaaa_bbbbn << 32n) | BigInt.asUintN(24, at),
      ]);
    }
  });
});
