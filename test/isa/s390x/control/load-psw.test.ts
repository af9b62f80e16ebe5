import { describe, expect, test } from 'vitest';
import { slots } from '../../../../src/arch/s390x/cpu/state-layout.ts';
import { ictl } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const PROBLEM = 0x0001_0000_0000_0000n;
const hex = (...words: bigint[]): string => words.map((w) => w.toString(16).padStart(16, '0')).join('');

describe('LPSWEY, LBEAR, STBEAR', () => {
  const BEFORE = 0x1234_5678n;
  const [vcpu] = bench.complex.vcpus;
  const run = (text: Uint8Array, setup: Parameters<typeof bench.run>[0]) => {
    vcpu?.setBig(slots.bea, BEFORE);
    return bench.run({ gr: { 1: 0x2000n }, ...setup, code: [text] });
  };
  const lpswey = encode('LPSWEY', { b1: 1, d1: -0x1000 });

  test.each([
    ['all of the PSW', 0x0101_2f01_8000_0000n],
    ['the 64-bit mode and a condition code', MASK_64 | (2n << 44n)],
  ])('LPSWEY loads %s; the last breaking event stays what it was', (_, mask) => {
    const out = run(lpswey, { code: [], storage: { 0x1000: hex(mask, 0x1234_5678_9abcn) } });
    expect(out.pgm).toBeUndefined();
    expect([out.vcpu.psw, out.vcpu.big(slots.bea)]).toEqual([{ mask, address: 0x1234_5678_9abcn }, BEFORE]);
  });
  test('LPSWEY of what is no PSW has it as the old one; of what is misaligned suppresses', () => {
    const out = run(lpswey, { code: [], storage: { 0x1000: hex(1n, 0n) } });
    expect([out.pgm, out.vcpu.psw]).toMatchObject([
      { code: 6, ilc: 0 },
      { mask: 1n, address: 0n },
    ]);
    const odd = run(lpswey, { code: [], gr: { 1: 0x2004n } });
    expect([odd.pgm, odd.address]).toMatchObject([{ code: 6, ilc: 6 }, CODE + 6n]);
  });
  test('LPSWEY is intercepted like its kin', () => {
    expect(run(lpswey, { code: [], controls: { ictl: ictl.lpsw } }).cause).toEqual({ kind: 'intercept', code: 4 });
  });
  test('LBEAR loads the register, STBEAR stores it', () => {
    const loaded = run(encode('LBEAR', { b2: 1 }), { code: [], storage: { 0x2000: hex(0xabcdn) } });
    expect([loaded.pgm, loaded.vcpu.big(slots.bea)]).toEqual([undefined, 0xabcdn]);
    const stored = run(encode('STBEAR', { b2: 1, d2: 8 }), { code: [] });
    expect([stored.pgm, stored.storage(0x2008, 8)]).toEqual([undefined, hex(BEFORE)]);
  });
  test.each([
    'LBEAR',
    'STBEAR',
  ])('%s is privileged, wants a doubleword, and changes nothing outside storage', (mnemonic) => {
    const text = encode(mnemonic, { b2: 1 });
    const codes = [{ mask: MASK_64 | PROBLEM }, { gr: { 1: 0x2004n } }, { gr: { 1: 0x40_0000n } }].map((setup) => {
      const out = run(text, { code: [], ...setup });
      return [out.pgm?.code, out.vcpu.big(slots.bea)];
    });
    expect(codes).toEqual([
      [2, BEFORE],
      [6, BEFORE],
      [5, BEFORE],
    ]);
    expect(run(lpswey, { code: [], mask: MASK_64 | PROBLEM }).pgm).toMatchObject({ code: 2, ilc: 6 });
  });
});

describe('LPSWE', () => {
  const load = (mask: bigint, address: bigint) =>
    bench.run({ code: [encode('LPSWE', { b2: 1 })], gr: { 1: 0x2000n }, storage: { 0x2000: hex(mask, address) } });

  test('loads every part of the PSW and remembers where it branched from', () => {
    const out = load(0x0101_2f01_8000_0000n, 0x1234_5678_9abcn);
    expect(out.pgm).toBeUndefined();
    expect(out.vcpu.psw).toEqual({ mask: 0x0101_2f01_8000_0000n, address: 0x1234_5678_9abcn });
    expect(out.cc).toBe(2);
    expect(out.vcpu.big(slots.bea)).toBe(CODE);
  });
  test('to the 24-bit mode: the next instruction wraps its addresses', () => {
    const out = bench.run({
      code: [encode('LPSWE', { b2: 1 })],
      steps: 2,
      gr: { 1: 0x2000n, 2: 0xff_0000_0000_0000n | 0x3000n },
      storage: { 0x2000: hex(0n, 0x3000n), 0x3000: encode('LG', { r1: 5, b2: 2, d2: 8 }), 0x3008: '0102030405060708' },
    });
    expect(out.pgm).toBeUndefined();
    expect(out.gr[5]).toBe(0x0102_0304_0506_0708n);
  });
  test('an odd address is valid here and found at the next fetch', () => {
    const out = load(MASK_64, 0x3001n);
    expect(out.pgm).toBeUndefined();
    expect(out.address).toBe(0x3001n);
  });
  test.each([
    ['bit 0', 1n << 63n, 0n],
    ['bit 2', 1n << 61n, 0n],
    ['bit 12', 1n << 51n, 0n],
    ['bit 24', 1n << 39n, 0n],
    ['bit 30', 1n << 33n, 0n],
    ['bit 33', 1n << 30n, 0n],
    ['bit 63', 1n, 0n],
    ['64-bit without basic addressing', 0x1_0000_0000n, 0n],
    ['24-bit, long address', 0n, 0x100_0000n],
    ['31-bit, long address', 0x8000_0000n, 0x8000_0000n],
    ['31-bit, address past a word', 0x8000_0000n, 1n << 32n],
  ])('%s: the PSW is replaced, then a specification exception with ILC 0 has it as the old one', (_, mask, address) => {
    const out = load(mask, address);
    expect(out.pgm).toMatchObject({ code: 6, ilc: 0 });
    expect(out.vcpu.psw).toEqual({ mask, address });
  });
  test('a misaligned operand suppresses, and the PSW is past the instruction', () => {
    const out = bench.run({ code: [encode('LPSWE', { b2: 1 })], gr: { 1: 0x2004n } });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(out.vcpu.psw).toEqual({ mask: MASK_64, address: CODE + 4n });
  });
  test('an absent second half changes nothing', () => {
    const out = bench.run({
      code: [encode('LPSWE', { b2: 1 })],
      gr: { 1: 0x3f_fff8n },
      storage: { 0x3ffff8: hex(0n) },
      cc: 3,
    });
    expect(out.pgm).toMatchObject({ code: 5 });
    expect(out.cc).toBe(3);
    expect(out.vcpu.pswMask & MASK_64).toBe(MASK_64);
  });
  test('is privileged, and that comes before the alignment', () => {
    const out = bench.run({ code: [encode('LPSWE', { b2: 1 })], gr: { 1: 1n }, mask: MASK_64 | PROBLEM });
    expect(out.pgm).toMatchObject({ code: 2, ilc: 4 });
  });
  test('intercepted when asked, after the specification test', () => {
    const run = (address: bigint) =>
      bench.run({ code: [encode('LPSWE', { b2: 1 })], gr: { 1: address }, controls: { ictl: ictl.lpsw } });
    const out = run(0x2000n);
    expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    expect(out.address).toBe(CODE + 4n);
    expect(run(0x2001n).pgm).toMatchObject({ code: 6 });
  });
  test.each([
    ['masks open, nothing waits', 0x0300_0000_0000_0000n, false, false],
    ['something waits', 0x0300_0000_0000_0000n, true, true],
    ['wait', 0x0002_0000_0000_0000n, false, true],
    ['PER', 0x4000_0000_0000_0000n, false, true],
  ])('the run loop looks for interruptions when it must: %s', (_, bits, interruptionPending, looked) => {
    const out = bench.run({
      code: [encode('LPSWE', { b2: 1 })],
      gr: { 1: 0x2000n },
      storage: { 0x2000: hex(MASK_64 | bits, 0x3000n) },
      interruptionPending,
    });
    expect(out.looked).toBe(looked);
  });
});

describe('LPSW', () => {
  const load = (word: bigint) =>
    bench.run({ code: [encode('LPSW', { b2: 1 })], gr: { 1: 0x2000n }, storage: { 0x2000: hex(word) } });

  test('makes a 31-bit PSW, bit 12 inverted', () => {
    const out = load(0x010c_1200_8000_3000n);
    expect(out.vcpu.psw).toEqual({ mask: 0x0104_1200_8000_0000n, address: 0x3000n });
    expect(out.vcpu.big(slots.bea)).toBe(CODE);
  });
  test('makes a 24-bit PSW when bit 32 is zero', () => {
    expect(load(0x0008_0000_0012_3456n).vcpu.psw).toEqual({ mask: 0n, address: 0x12_3456n });
  });
  test('bit 12 zero suppresses LPSW itself: nothing is loaded, and the old PSW is the one behind it', () => {
    const out = load(0x0104_1200_8000_3000n);
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4, nullified: false });
    expect(out.vcpu.psw).toEqual({ mask: MASK_64, address: CODE + 4n });
  });
  test('bit 12 is looked at when the word has been fetched', () => {
    const out = bench.run({ code: [encode('LPSW', { b2: 1 })], gr: { 1: 0x1000_0000n } });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
  });
  test('a 24-bit PSW with a 31-bit address is one, too', () => {
    expect(load(0x0008_0000_0100_0000n).pgm).toMatchObject({ code: 6, ilc: 0 });
  });
  test.each([
    ['privileged', 0x2000n, PROBLEM, 2],
    ['doubleword', 0x2004n, 0n, 6],
  ])('%s', (_, address, mask, code) => {
    expect(
      bench.run({ code: [encode('LPSW', { b2: 1 })], gr: { 1: address }, mask: MASK_64 | mask }).pgm,
    ).toMatchObject({ code });
  });
});

describe('EPSW', () => {
  test('gives both words with condition code, program mask and mode; bits 0-31 of the registers stay', () => {
    const out = bench.run({
      code: [encode('EPSW', { r1: 3, r2: 4 })],
      mask: MASK_64 | 0x0301_0000_0000_0000n,
      cc: 2,
      programMask: 5,
      gr: { 3: -1n, 4: -1n },
    });
    expect(out.gr[3]).toBe(0xffff_ffff_0301_2501n);
    expect(out.gr[4]).toBe(0xffff_ffff_8000_0000n);
    expect(out.cc).toBe(2);
  });
  test('R2 zero leaves general register 0', () => {
    const out = bench.run({ code: [encode('EPSW', { r1: 3, r2: 0 })], mask: 0x8000_0000n, gr: { 0: 7n } });
    expect(out.gr[0]).toBe(7n);
    expect(out.gr[3]).toBe(0n);
  });
});
