import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const MASK_31 = 0x0000_0000_8000_0000n;
const TARGET = 0x2_0040n;

/** Where one execution of a branch leads, and what it leaves. */
function run(mnemonic: string, fields: Record<string, number>, more: Partial<Parameters<Bench['run']>[0]> = {}) {
  return bench.run({ code: [encode(mnemonic, fields)], ...more });
}

describe('on condition', () => {
  const target = { gr: { 2: TARGET, 3: TARGET - 0x40n } };
  test.each([
    ['BC', { x2: 3, d2: 0x40 }],
    ['BCR', { r2: 2 }],
    ['BRC', { ri2: 0x1_0040 - 0xf000 }],
    ['BRCL', { ri2: 0x1_0040 }],
  ])('%s: each condition code by each mask', (mnemonic, fields) => {
    for (let cc = 0; cc < 4; cc++) {
      for (let m1 = 0; m1 < 16; m1++) {
        const out = run(mnemonic, { m1, ...fields }, { ...target, cc });
        const taken = (m1 & (8 >> cc)) !== 0;
        const at = mnemonic === 'BRC' ? CODE + 0x1040n : TARGET;
        const length = BigInt(encode(mnemonic).length);
        expect([out.address, out.cc], `mask ${m1}, cc ${cc}`).toEqual([taken ? at : CODE + length, cc]);
      }
    }
  });
  test('BCR with register 0 never branches', () => {
    expect(run('BCR', { m1: 15, r2: 0 }, { gr: { 0: TARGET } }).address).toBe(CODE + 2n);
  });
});

describe('and save', () => {
  test.each([
    ['BAS', { r1: 5, b2: 2 }],
    ['BASR', { r1: 5, r2: 2 }],
    ['BRAS', { r1: 5, ri2: 0x1040 }],
    ['BRASL', { r1: 5, ri2: 0x1_0040 }],
  ])('%s: the link is the next address, with the mode in 31-bit form', (mnemonic, fields) => {
    const next = CODE + BigInt(encode(mnemonic).length);
    const at = mnemonic === 'BRAS' ? CODE + 0x1040n : TARGET;
    const wide = run(mnemonic, fields, { gr: { 2: TARGET, 5: -1n } });
    expect([wide.address, wide.gr[5]]).toEqual([at, next]);
    const narrow = run(mnemonic, fields, { gr: { 2: TARGET, 5: -1n }, mask: MASK_31 });
    expect([narrow.address, narrow.gr[5]]).toEqual([at, 0xffff_ffff_8000_0000n | next]);
    const old = run(mnemonic, fields, { gr: { 2: TARGET, 5: -1n }, mask: 0n });
    expect([old.address, old.gr[5]]).toEqual([at, 0xffff_ffff_0000_0000n | next]);
  });
  test('BASR with register 0 saves and goes on', () => {
    expect(run('BASR', { r1: 5, r2: 0 }).address).toBe(CODE + 2n);
  });
  test('BASR takes its target before it saves into the same register', () => {
    expect(run('BASR', { r1: 2, r2: 2 }, { gr: { 2: TARGET } })).toMatchObject({ address: TARGET });
  });
});

describe('on count', () => {
  test.each([
    ['BCTR', { r1: 1, r2: 2 }, 32],
    ['BCT', { r1: 1, b2: 2 }, 32],
    ['BRCT', { r1: 1, ri2: 0x1040 }, 32],
    ['BCTGR', { r1: 1, r2: 2 }, 64],
    ['BCTG', { r1: 1, b2: 2 }, 64],
    ['BRCTG', { r1: 1, ri2: 0x1040 }, 64],
  ] as const)('%s: until the counter is zero, and past it', (mnemonic, fields, width) => {
    const at = mnemonic.startsWith('BR') ? CODE + 0x1040n : TARGET;
    const next = CODE + BigInt(encode(mnemonic).length);
    const high = width === 32 ? 0xabcd_0000_0000_0000n : 0n;
    const count = (from: bigint) => run(mnemonic, fields, { gr: { 1: high | from, 2: TARGET }, cc: 2 });
    expect([count(2n).address, count(2n).gr[1]]).toEqual([at, high | 1n]);
    expect([count(1n).address, count(1n).gr[1]]).toEqual([next, high]);
    const wrapped = width === 32 ? high | 0xffff_ffffn : 0xffff_ffff_ffff_ffffn;
    expect([count(0n).address, count(0n).gr[1], count(0n).cc]).toEqual([at, wrapped, 2]);
  });
  test.each(['BCTR', 'BCTGR'])('%s with register 0 counts only', (mnemonic) => {
    const out = run(mnemonic, { r1: 1, r2: 0 }, { gr: { 1: 7n }, mask: MASK_64 });
    expect(out.gr[1]).toBe(6n);
    expect(out.address).toBe(CODE + BigInt(encode(mnemonic).length));
  });
});

describe('on index', () => {
  test.each([
    ['BXH', { b2: 9 }, 32, true],
    ['BXLE', { b2: 9 }, 32, false],
    ['BRXH', { ri2: 0x1040 }, 32, true],
    ['BRXLE', { ri2: 0x1040 }, 32, false],
    ['BXHG', { b2: 9 }, 64, true],
    ['BXLEG', { b2: 9 }, 64, false],
    ['BRXHG', { ri2: 0x1040 }, 64, true],
    ['BRXLG', { ri2: 0x1040 }, 64, false],
  ] as const)('%s: signed sum against the odd register, even and odd R3', (mnemonic, fields, width, high) => {
    const at = mnemonic.startsWith('BR') ? CODE + 0x1040n : TARGET;
    const next = CODE + BigInt(encode(mnemonic).length);
    const step = (r3: number, gr: Record<number, bigint>) =>
      run(mnemonic, { r1: 1, r3, ...fields }, { gr: { ...gr, 9: TARGET } });
    const above = step(4, { 1: 5n, 4: 3n, 5: 7n });
    expect([above.gr[1], above.address]).toEqual([8n, high ? at : next]);
    const equal = step(4, { 1: 5n, 4: 2n, 5: 7n });
    expect([equal.gr[1], equal.address]).toEqual([7n, high ? next : at]);
    const negative = step(4, { 1: 1n, 4: -2n, 5: 0n });
    expect(negative.address).toBe(high ? next : at);
    // An odd R3 is increment and comparand.
    expect(step(5, { 1: 1n, 5: 7n }).address).toBe(high ? at : next);
    // R1 may be the comparand: the old value counts.
    const same = run(mnemonic, { r1: 5, r3: 4, ...fields }, { gr: { 4: 1n, 5: 9n, 9: TARGET } });
    expect([same.gr[5], same.address]).toEqual([10n, high ? at : next]);
    if (width === 32) expect(step(4, { 1: 0x1_0000_0005n, 4: 3n, 5: 7n }).gr[1]).toBe(0x1_0000_0008n);
  });
});
