import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, rowOf } from '../../../support/s390x/isa.ts';
import { type Form, fits, hex, type Part, perform } from './forms.ts';

// Names that are put together below:
// CRJ CGRJ CLRJ CLGRJ CIJ CGIJ CLIJ CLGIJ CLRB CLGRB CIB CGIB CLIB CLGIB

const bench = new Bench();

type Case = readonly [name: string, a: bigint, b: bigint, cc: number];

function family(title: string, text: string, signed: boolean, cases: readonly Case[]): void {
  describe(title, () => {
    for (const line of text.trim().split(/\s*\n\s*/)) {
      const [op = '', a, b] = line.split(' ');
      const form: Form = { op, a: a as Part, b: b as Part };
      const immediateBits = rowOf(op).format.fields.i2?.length ?? 0;
      test(op, () => {
        let done = 0;
        for (const [name, x, y, cc] of cases) {
          if (!fits(form.a, x, signed, 0) || !fits(form.b, y, signed, immediateBits)) continue;
          done++;
          const got = perform(bench, form, x, y, { cc: 3 });
          expect(got.cc, `${op}: ${name}`).toBe(cc);
          expect(got.out.pgm).toBeUndefined();
        }
        expect(done).toBeGreaterThan(2);
      });
    }
  });
}

family(
  'signed comparisons',
  `
  CR low low
  CGR full full
  CGFR full low
  C low m32
  CY low m32
  CG full m64
  CGF full m32
  CRL low m32
  CGRL full m64
  CGFRL full m32
  CFI low imm
  CGFI full imm
  CH low m16
  CHY low m16
  CGH full m16
  CHI low imm
  CGHI full imm
  CHRL low m16
  CGHRL full m16
  CHHSI m16 imm
  CHSI m32 imm
  CGHSI m64 imm
  CHHR high high
  CHLR high low
  CHF high m32
  CIH high imm`,
  true,
  [
    ['equal', 5n, 5n, 0],
    ['equal and negative', -5n, -5n, 0],
    ['low', 4n, 5n, 1],
    ['a negative one is low', -1n, 1n, 1],
    ['high', 5n, 4n, 2],
    ['a positive one is high', 1n, -1n, 2],
    ['the largest difference', 0x7fff_ffffn, -0x8000_0000n, 2],
    ['the largest difference downwards', -0x8000_0000n, 0x7fff_ffffn, 1],
    ['the left word counts', 0x1_0000_0000n, 1n, 2],
    ['the left word counts downwards', -0x8000_0000_0000_0000n, -1n, 1],
  ],
);

family(
  'unsigned comparisons',
  `
  CLR low low
  CLGR full full
  CLGFR full low
  CL low m32
  CLY low m32
  CLG full m64
  CLGF full m32
  CLRL low m32
  CLGRL full m64
  CLGFRL full m32
  CLHRL low m16
  CLGHRL full m16
  CLFI low imm
  CLGFI full imm
  CLI m8 imm
  CLIY m8 imm
  CLHHSI m16 imm
  CLFHSI m32 imm
  CLGHSI m64 imm
  CLHHR high high
  CLHLR high low
  CLHF high m32
  CLIH high imm`,
  false,
  [
    ['equal', 5n, 5n, 0],
    ['low', 4n, 5n, 1],
    ['high', 5n, 4n, 2],
    ['a leftmost one of a byte is no sign', 0x80n, 0x7fn, 2],
    ['the second operand has zeros on the left', 0xffn, 0xffn, 0],
    ['nor of a halfword', 0x7fffn, 0x8000n, 1],
    ['zeros on the left of an immediate', 0xffffn, 0xffffn, 0],
    ['nor of a word', 0x8000_0000n, 0x7fff_ffffn, 2],
    ['zeros on the left of a word', 0xffff_fffen, 0xffff_ffffn, 1],
    ['the left word counts', 0x1_0000_0001n, 2n, 2],
    ['nor of a doubleword', 0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn, 2],
  ],
);

describe('relative operands', () => {
  for (const [op, bytes] of [
    ['CRL', 4],
    ['CGRL', 8],
    ['CGFRL', 4],
    ['CLRL', 4],
    ['CLGRL', 8],
    ['CLGFRL', 4],
  ] as const) {
    test(`${op}: off its boundary is a specification exception`, () => {
      const out = bench.run({ code: [encode(op, { r1: 1, ri2: 0x1000 + bytes / 2 })], cc: 3 });
      expect(out.pgm).toMatchObject({ code: 6, ilc: 6 });
      expect(out.cc).toBe(3);
    });
  }
  for (const op of ['CHRL', 'CGHRL', 'CLHRL', 'CLGHRL']) {
    test(`${op}: halfwords are always on theirs`, () => {
      const out = bench.run({ code: [encode(op, { r1: 1, ri2: 0x1002 })], cc: 3 });
      expect([out.pgm, out.cc]).toEqual([undefined, 0]);
    });
  }
});

/** Masks that select an outcome: equal 8, low 4, high 2. */
const outcomes = [
  ['equal', 5n, 5n, 8],
  ['low', 4n, 5n, 4],
  ['high', 5n, 4n, 2],
] as const;

/** Operand parts; what a negative first operand is against 1: low (4) when signed, high (2) when not. */
const comparisons = {
  RJ: ['low', 'low', 4],
  GRJ: ['full', 'full', 4],
  IJ: ['low', 'imm', 4],
  GIJ: ['full', 'imm', 4],
  LRJ: ['low', 'low', 2],
  LGRJ: ['full', 'full', 2],
  LIJ: ['low', 'imm', 2],
  LGIJ: ['full', 'imm', 2],
  RB: ['low', 'low', 4],
  GRB: ['full', 'full', 4],
  IB: ['low', 'imm', 4],
  GIB: ['full', 'imm', 4],
  LRB: ['low', 'low', 2],
  LGRB: ['full', 'full', 2],
  LIB: ['low', 'imm', 2],
  LGIB: ['full', 'imm', 2],
} as const;

describe('comparisons that branch', () => {
  for (const [name, [a, b, negative]] of Object.entries(comparisons)) {
    const op = `C${name}`;
    const relative = name.endsWith('J');
    const run = (x: bigint, y: bigint, m3: number) => {
      const second = b === 'imm' ? { i2: Number(y) } : { r2: 4 };
      const target = relative ? { ri4: -0x40 } : { b4: 7, d4: 0x10 };
      const noise = a === 'low' ? 0xabcd_0000_0000_0000n : 0n;
      const out = bench.run({
        code: [encode(op, { r1: 2, m3, ...second, ...target })],
        gr: { 2: noise | BigInt.asUintN(a === 'low' ? 32 : 64, x), 4: y | (noise >> 1n), 7: 0x3_0000n },
        cc: 3,
      });
      expect(out.cc).toBe(3);
      const there = relative ? CODE - 0x40n : 0x3_0010n;
      expect([CODE + 6n, there]).toContain(out.address);
      expect(out.vcpu.big({ name: 'bea', offset: 0x410, ty: 'i64' }) === CODE || out.address !== there).toBe(true);
      return out.address === there;
    };
    test(`${op}: each outcome by each mask, condition code unchanged`, () => {
      for (const [outcome, x, y, bit] of outcomes) {
        for (let m3 = 0; m3 < 16; m3++) expect(run(x, y, m3), `${outcome}, mask ${m3}`).toBe((m3 & bit) !== 0);
      }
    });
    test(`${op}: a leftmost one ${negative === 4 ? 'is a sign' : 'is no sign'}`, () => {
      expect(run(-1n, 1n, negative)).toBe(true);
      expect(run(-1n, 1n, 14 - negative)).toBe(false);
    });
    if (b === 'imm') {
      test(`${op}: the immediate is ${negative === 4 ? 'sign' : 'zero'} extended`, () => {
        const same = negative === 4 ? -1n : 255n;
        expect(run(same, 255n, 8)).toBe(true);
      });
    }
  }
  test('CRB: B4 of zero is no register, and the branch goes to D4', () => {
    const out = bench.run({ code: [encode('CRB', { r1: 1, r2: 2, m3: 8, d4: 0x400 })], gr: { 0: 0x999n } });
    expect(out.address).toBe(0x400n);
  });
  test('CGRB: the branch address is cut to the 31-bit mode', () => {
    const out = bench.run({
      code: [encode('CGRB', { r1: 1, r2: 2, m3: 8, b4: 7 })],
      gr: { 7: 0xffff_ffff_8003_0000n },
      mask: 0x0000_0000_8000_0000n,
    });
    expect(out.address).toBe(0x3_0000n);
  });
});

describe('comparisons that trap', () => {
  const traps = [
    ['CRT', 'low', 'low', 4],
    ['CGRT', 'full', 'full', 4],
    ['CIT', 'low', 'imm', 4],
    ['CGIT', 'full', 'imm', 4],
    ['CLRT', 'low', 'low', 2],
    ['CLGRT', 'full', 'full', 2],
    ['CLFIT', 'low', 'imm', 2],
    ['CLGIT', 'full', 'imm', 2],
    ['CLT', 'low', 'm32', 2],
    ['CLGT', 'full', 'm64', 2],
  ] as const;
  const AFP = 1n << 18n;
  for (const [op, a, b, negative] of traps) {
    const run = (x: bigint, y: bigint, m3: number, cr0 = 0n) => {
      const second = b === 'imm' ? { i2: Number(y) } : b === 'low' || b === 'full' ? { r2: 4 } : { b2: 7, d2: 8 };
      const noise = a === 'low' ? 0xabcd_0000_0000_0000n : 0n;
      return bench.run({
        code: [encode(op, { r1: 2, m3, ...second })],
        gr: { 2: noise | BigInt.asUintN(a === 'low' ? 32 : 64, x), 4: y | (noise >> 1n), 7: 0x3_0000n },
        cc: 3,
        fpc: 0x0012_3403,
        cr: { 0: cr0 },
        storage: { 196616: hex(y, b === 'm64' ? 8 : 4) },
      });
    };
    test(`${op}: each outcome by each mask`, () => {
      const length = BigInt(rowOf(op).format.length);
      for (const [outcome, x, y, bit] of outcomes) {
        for (let m3 = 0; m3 < 16; m3++) {
          const out = run(x, y, m3);
          const trapped = { code: 7, dxc: 0xff, nullified: false };
          if ((m3 & bit) !== 0) expect(out.pgm, `${outcome}, mask ${m3}`).toMatchObject(trapped);
          else expect(out.pgm, `${outcome}, mask ${m3}`).toBeUndefined();
          expect([out.cc, out.address, out.fpc]).toEqual([3, CODE + length, 0x0012_3403]);
        }
      }
    });
    test(`${op}: a leftmost one ${negative === 4 ? 'is a sign' : 'is no sign'}`, () => {
      expect(run(-1n, 1n, negative).pgm?.code).toBe(7);
      expect(run(-1n, 1n, 14 - negative).pgm).toBeUndefined();
    });
    test(`${op}: with the AFP-register control the DXC goes into the FPC as well, and into nothing else of it`, () => {
      expect(run(1n, 1n, 8, AFP).fpc).toBe(0x0012_ff03);
      expect(run(1n, 1n, 6, AFP).fpc).toBe(0x0012_3403);
    });
    if (b === 'imm') {
      test(`${op}: the immediate is ${negative === 4 ? 'sign' : 'zero'} extended`, () => {
        expect(run(negative === 4 ? -1n : 0xffffn, 0xffffn, 8).pgm?.code).toBe(7);
      });
    }
  }
  for (const op of ['CLT', 'CLGT']) {
    test(`${op}: an operand that cannot be fetched is an access exception, not a trap`, () => {
      const out = bench.run({ code: [encode(op, { r1: 1, m3: 14, b2: 2 })], gr: { 2: 0x1000_0000n } });
      expect(out.pgm?.code).toBe(5);
    });
  }
});
