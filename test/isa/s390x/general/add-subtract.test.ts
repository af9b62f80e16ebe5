import { describe, expect, test } from 'vitest';
import { Bench, rowOf } from '../../../support/s390x/isa.ts';
import { type BinaryCase, type Form, fits, perform } from './forms.ts';

const bench = new Bench();

/** Forms from `OP to a b` lines. */
const forms = (to: Form['to'], text: string): Form[] =>
  text
    .trim()
    .split(/\s*[\n,]\s*/)
    .map((line) => {
      const [op = '', a, b] = line.split(' ');
      return { op, to: to ?? (a as Form['a']), a, b } as Form;
    });

const immediateBits = (op: string): number => rowOf(op).format.fields.i2?.length ?? 0;

function family(
  title: string,
  to: Form['to'],
  text: string,
  signed: boolean,
  cases: readonly BinaryCase[],
  cc?: number,
): void {
  describe(title, () => {
    for (const form of forms(to, text)) {
      test(form.op, () => {
        let done = 0;
        for (const [name, a, b, result, code] of cases) {
          // The 8-bit immediates of ASI and its kin are signed whatever the format says.
          if (!fits(form.b, b, signed, immediateBits(form.op))) continue;
          done++;
          const got = perform(bench, form, a, b, cc === undefined ? {} : { cc });
          expect([got.result, got.cc], `${form.op}: ${name}`).toEqual([result, code]);
          expect(got.out.pgm).toBeUndefined();
          expect(got.out.address).toBe(got.next);
        }
        expect(done).toBeGreaterThan(1);
      });
    }
  });
}

const M32 = 0xffff_ffffn;
const M64 = 0xffff_ffff_ffff_ffffn;

family(
  'signed additions of words',
  'low',
  `
  AR low low
  A low m32
  AY low m32
  AH low m16
  AHY low m16
  AHI low imm
  AFI low imm
  ARK low low
  AHIK low imm`,
  true,
  [
    ['zero', 5n, -5n, 0n, 0],
    ['negative', -7n, 3n, 0xffff_fffcn, 1],
    ['a negative second operand is sign extended', 1n, -2n, M32, 1],
    ['positive', 7n, 3n, 10n, 2],
    ['the carry out of bit 32 goes nowhere', -1n, 2n, 1n, 2],
    ['overflow upwards', 0x7fff_ffffn, 1n, 0x8000_0000n, 3],
    ['overflow downwards', 0x8000_0000n, -1n, 0x7fff_ffffn, 3],
    ['overflow to zero', 0x8000_0000n, -0x8000_0000n, 0n, 3],
  ],
);

family(
  'signed additions to doublewords',
  'full',
  `
  AGR full full
  AGFR full low
  AG full m64
  AGF full m32
  AGH full m16
  AGHI full imm
  AGFI full imm
  AGRK full full
  AGHIK full imm`,
  true,
  [
    ['zero', 5n, -5n, 0n, 0],
    ['negative', -7n, 3n, -4n & M64, 1],
    ['a negative second operand is sign extended', 1n, -2n, M64, 1],
    ['into the left word', M32, 1n, 0x1_0000_0000n, 2],
    ['overflow upwards', 0x7fff_ffff_ffff_ffffn, 1n, 1n << 63n, 3],
    ['overflow downwards', 1n << 63n, -1n, 0x7fff_ffff_ffff_ffffn, 3],
  ],
);

const logical32: BinaryCase[] = [
  ['zero without carry', 0n, 0n, 0n, 0],
  ['not zero', 7n, 3n, 10n, 1],
  ['no carry at the edge', 0xffff_fffen, 1n, M32, 1],
  ['zero with carry', M32, 1n, 0n, 2],
  ['carry', M32, 2n, 1n, 3],
  ['carry of two big ones', M32, M32, 0xffff_fffen, 3],
];
family(
  'unsigned additions of words',
  'low',
  `
  ALR low low
  AL low m32
  ALY low m32
  ALRK low low`,
  false,
  logical32,
);
const logical64: BinaryCase[] = [
  ['zero without carry', 0n, 0n, 0n, 0],
  ['the second operand is zero extended', 1n, 0x8000_0000n, 0x8000_0001n, 1],
  ['into the left word', M32, 1n, 0x1_0000_0000n, 1],
  ['zero with carry', M64, 1n, 0n, 2],
  ['carry', M64, 2n, 1n, 3],
];
family(
  'unsigned additions to doublewords',
  'full',
  `
  ALGR full full
  ALGFR full low
  ALG full m64
  ALGF full m32
  ALGRK full full`,
  false,
  logical64,
);
// The immediates' 32 bits are unsigned.
for (const [op, part, cases] of [
  ['ALFI', 'low', logical32],
  ['ALGFI', 'full', logical64],
] as const) {
  test(op, () => {
    for (const [name, a, b, result, cc] of cases) {
      const got = perform(bench, { op, to: part, a: part, b: 'imm' }, a, b);
      expect([got.result, got.cc], name).toEqual([result, cc]);
    }
  });
}

const signedImmediate32: BinaryCase[] = [
  ['zero without carry', 0n, 0n, 0n, 0],
  ['minus one from zero borrows: no carry', 0n, -1n, M32, 1],
  ['minus one from one', 1n, -1n, 0n, 2],
  ['minus one from two', 2n, -1n, 1n, 3],
  ['positive, not zero', 2n, 1n, 3n, 1],
  ['wraps with carry', M32, 2n, 1n, 3],
];
const signedImmediate64: BinaryCase[] = [
  ['zero without carry', 0n, 0n, 0n, 0],
  ['minus one from zero', 0n, -1n, M64, 1],
  ['minus one from one', 1n, -1n, 0n, 2],
  ['minus one across the words', 0x1_0000_0000n, -1n, M32, 3],
  ['positive, not zero', M32, 1n, 0x1_0000_0000n, 1],
];
family('unsigned additions of signed immediates', 'low', 'ALHSIK low imm', true, signedImmediate32);
family('the same to doublewords', 'full', 'ALGHSIK full imm', true, signedImmediate64);
family('the same to storage', 'm32', 'ALSI m32 imm', true, signedImmediate32);
family('the same to doublewords of storage', 'm64', 'ALGSI m64 imm', true, signedImmediate64);
family('the same to high words', 'high', 'ALSIH high imm', true, signedImmediate32);

family('signed additions to storage', 'm32', 'ASI m32 imm', true, [
  ['zero', 5n, -5n, 0n, 0],
  ['negative', -7n, 3n, 0xffff_fffcn, 1],
  ['positive', -1n, 2n, 1n, 2],
  ['overflow', 0x7fff_ffffn, 127n, 0x8000_007en, 3],
  ['overflow downwards', 0x8000_0000n, -128n, 0x7fff_ff80n, 3],
]);
family('signed additions to doublewords of storage', 'm64', 'AGSI m64 imm', true, [
  ['zero', 128n, -128n, 0n, 0],
  ['negative', 0n, -1n, M64, 1],
  ['positive across words', M32, 1n, 0x1_0000_0000n, 2],
  ['overflow', 0x7fff_ffff_ffff_ffffn, 1n, 1n << 63n, 3],
]);

const carry = (cc: number, with32: readonly BinaryCase[], with64: readonly BinaryCase[]): void => {
  family(`ADD LOGICAL WITH CARRY, condition code ${cc}`, 'low', 'ALCR low low, ALC low m32', false, with32, cc);
  family(`the same of doublewords, condition code ${cc}`, 'full', 'ALCGR full full, ALCG full m64', false, with64, cc);
};
for (const cc of [0, 1]) {
  carry(
    cc,
    [
      ['zero', 0n, 0n, 0n, 0],
      ['not zero', 1n, 1n, 2n, 1],
      ['zero with carry', M32, 1n, 0n, 2],
      ['carry', M32, M32, 0xffff_fffen, 3],
    ],
    [
      ['zero', 0n, 0n, 0n, 0],
      ['not zero', 1n, 1n, 2n, 1],
      ['zero with carry', M64, 1n, 0n, 2],
      ['carry', M64, 2n, 1n, 3],
    ],
  );
}
for (const cc of [2, 3]) {
  carry(
    cc,
    [
      ['carry in', 0n, 0n, 1n, 1],
      ['only the carry makes zero', M32, 0n, 0n, 2],
      ['the carry in does not hide the carry out', M32, M32, M32, 3],
    ],
    [
      ['carry in', 0n, 0n, 1n, 1],
      ['only the carry makes zero', 0n, M64, 0n, 2],
      ['the carry in does not hide the carry out', M64, M64, M64, 3],
    ],
  );
}

family(
  'signed subtractions of words',
  'low',
  `
  SR low low
  S low m32
  SY low m32
  SH low m16
  SHY low m16
  SRK low low`,
  true,
  [
    ['zero', 5n, 5n, 0n, 0],
    ['negative', 3n, 7n, 0xffff_fffcn, 1],
    ['of a negative halfword', 1n, -2n, 3n, 2],
    ['overflow downwards', 0x8000_0000n, 1n, 0x7fff_ffffn, 3],
    ['overflow upwards', 0x7fff_ffffn, -1n, 0x8000_0000n, 3],
    ['zero minus the most negative', 0n, -0x8000_0000n, 0x8000_0000n, 3],
  ],
);
family(
  'signed subtractions from doublewords',
  'full',
  `
  SGR full full
  SGFR full low
  SG full m64
  SGF full m32
  SGH full m16
  SGRK full full`,
  true,
  [
    ['zero', 5n, 5n, 0n, 0],
    ['negative', 3n, 7n, -4n & M64, 1],
    ['a negative second operand is sign extended', 1n, -2n, 3n, 2],
    ['from the left word', 0x1_0000_0000n, 1n, M32, 2],
    ['overflow downwards', 1n << 63n, 1n, 0x7fff_ffff_ffff_ffffn, 3],
    ['overflow upwards', 0x7fff_ffff_ffff_ffffn, -1n, 1n << 63n, 3],
  ],
);
const subtract32: BinaryCase[] = [
  ['borrow', 3n, 7n, 0xffff_fffcn, 1],
  ['borrow of a big one', 0n, M32, 1n, 1],
  ['zero', 0x8000_0000n, 0x8000_0000n, 0n, 2],
  ['zero minus zero has no borrow', 0n, 0n, 0n, 2],
  ['no borrow', M32, 1n, 0xffff_fffen, 3],
];
const subtract64: BinaryCase[] = [
  ['borrow', 3n, 7n, -4n & M64, 1],
  ['zero', 7n, 7n, 0n, 2],
  ['the second operand is zero extended', 0x1_0000_0000n, 0x8000_0000n, 0x8000_0000n, 3],
];
family(
  'unsigned subtractions of words',
  'low',
  'SLR low low, SL low m32, SLY low m32, SLRK low low',
  false,
  subtract32,
);
family(
  'unsigned subtractions from doublewords',
  'full',
  `
  SLGR full full
  SLGFR full low
  SLG full m64
  SLGF full m32
  SLGRK full full`,
  false,
  subtract64,
);
for (const [op, part, cases] of [
  ['SLFI', 'low', subtract32],
  ['SLGFI', 'full', subtract64],
] as const) {
  test(op, () => {
    for (const [name, a, b, result, cc] of cases) {
      const got = perform(bench, { op, to: part, a: part, b: 'imm' }, a, b);
      expect([got.result, got.cc], name).toEqual([result, cc]);
    }
  });
}
const borrow = (cc: number, with32: readonly BinaryCase[], with64: readonly BinaryCase[]): void => {
  family(`SUBTRACT LOGICAL WITH BORROW, condition code ${cc}`, 'low', 'SLBR low low, SLB low m32', false, with32, cc);
  family(`the same of doublewords, condition code ${cc}`, 'full', 'SLBGR full full, SLBG full m64', false, with64, cc);
};
for (const cc of [0, 1]) {
  borrow(
    cc,
    [
      ['zero with borrow', 0n, M32, 0n, 0],
      ['equal operands borrow', 5n, 5n, M32, 1],
      ['zero', 6n, 5n, 0n, 2],
      ['no borrow', 7n, 5n, 1n, 3],
    ],
    [
      ['zero with borrow', 0n, M64, 0n, 0],
      ['equal operands borrow', 5n, 5n, M64, 1],
      ['zero', 6n, 5n, 0n, 2],
      ['no borrow', 7n, 5n, 1n, 3],
    ],
  );
}
for (const cc of [2, 3]) {
  borrow(
    cc,
    [
      ['borrow', 0n, M32, 1n, 1],
      ['zero', 5n, 5n, 0n, 2],
      ['no borrow', 6n, 5n, 1n, 3],
    ],
    [
      ['borrow', 0n, M64, 1n, 1],
      ['zero', 5n, 5n, 0n, 2],
      ['no borrow', 6n, 5n, 1n, 3],
    ],
  );
}

const highSigned: BinaryCase[] = [
  ['zero', 5n, -5n, 0n, 0],
  ['negative', -7n, 3n, 0xffff_fffcn, 1],
  ['positive', -1n, 2n, 1n, 2],
  ['overflow', 0x7fff_ffffn, 1n, 0x8000_0000n, 3],
];
family('signed additions of high words', 'high', 'AHHHR high high, AHHLR high low, AIH high imm', true, highSigned);
family('unsigned additions of high words', 'high', 'ALHHHR high high, ALHHLR high low', false, logical32);
family('signed subtractions of high words', 'high', 'SHHHR high high, SHHLR high low', true, [
  ['zero', 5n, 5n, 0n, 0],
  ['negative', 3n, 7n, 0xffff_fffcn, 1],
  ['positive', 1n, -2n, 3n, 2],
  ['overflow', 0n, -0x8000_0000n, 0x8000_0000n, 3],
]);
family('unsigned subtractions of high words', 'high', 'SLHHHR high high, SLHHLR high low', false, subtract32);
for (const cc of [0, 1, 2, 3]) {
  family(
    `ALSIHN leaves condition code ${cc}`,
    'high',
    'ALSIHN high imm',
    true,
    [
      ['wraps', 1n, -2n, M32, cc],
      ['zero', 1n, -1n, 0n, cc],
    ],
    cc,
  );
}
