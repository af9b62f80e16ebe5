import { describe, expect, test } from 'vitest';
import { Bench, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { hex, type Part, perform } from './forms.ts';

const bench = new Bench();
const M64 = 0xffff_ffff_ffff_ffffn;

/** `OP to from value result` lines, hexadecimal; the condition code stays. */
function moves(title: string, text: string): void {
  describe(title, () => {
    for (const line of text.trim().split(/\s*\n\s*/)) {
      const [op = '', to, from, value = '', result = ''] = line.split(' ');
      test(`${op} ${value} is ${result}`, () => {
        for (const cc of [0, 3]) {
          const got = perform(
            bench,
            { op, to: to as Part, b: from as Part },
            BigInt(`0x${value}`),
            BigInt(`0x${value}`),
            { cc },
          );
          expect(got.out.pgm).toBeUndefined();
          expect(got.result.toString(16)).toBe(result);
          expect([got.cc, got.out.address]).toEqual([cc, got.next]);
        }
      });
    }
  });
}

moves(
  'loads',
  `
  LR low low 89abcdef 89abcdef
  LGR full full 89abcdef01234567 89abcdef01234567
  LGFR full low 89abcdef ffffffff89abcdef
  LGFR full low 7fffffff 7fffffff
  L low m32 89abcdef 89abcdef
  LY low m32 89abcdef 89abcdef
  LG full m64 89abcdef01234567 89abcdef01234567
  LGF full m32 80000000 ffffffff80000000
  LGF full m32 7fffffff 7fffffff
  LRL low m32 89abcdef 89abcdef
  LGRL full m64 89abcdef01234567 89abcdef01234567
  LGFRL full m32 89abcdef ffffffff89abcdef
  LBR low byte 80 ffffff80
  LBR low byte 7f 7f
  LGBR full byte 80 ffffffffffffff80
  LB low m8 80 ffffff80
  LB low m8 7f 7f
  LGB full m8 80 ffffffffffffff80
  LHR low half 8000 ffff8000
  LGHR full half 8000 ffffffffffff8000
  LGHR full half 7fff 7fff
  LH low m16 8001 ffff8001
  LHY low m16 8001 ffff8001
  LGH full m16 8001 ffffffffffff8001
  LHRL low m16 8001 ffff8001
  LGHRL full m16 8001 ffffffffffff8001
  LHI low imm 8000 ffff8000
  LGHI full imm 8000 ffffffffffff8000
  LGHI full imm 7fff 7fff
  LGFI full imm 80000000 ffffffff80000000`,
);

moves(
  'loads with zeros on the left',
  `
  LLCR low byte 80 80
  LLGCR full byte 80 80
  LLC low m8 ff ff
  LLGC full m8 ff ff
  LLHR low half 8000 8000
  LLGHR full half 8000 8000
  LLH low m16 8001 8001
  LLGH full m16 8001 8001
  LLHRL low m16 8001 8001
  LLGHRL full m16 8001 8001
  LLGFR full low 89abcdef 89abcdef
  LLGF full m32 89abcdef 89abcdef
  LLGFRL full m32 89abcdef 89abcdef
  LLGTR full low ffffffff 7fffffff
  LLGT full m32 89abcdef 9abcdef
  LZRF low m32 89abcdef 89abcd00
  LZRG full m64 89abcdef01234567 89abcdef01234500
  LLZRGF full m32 89abcdef 89abcd00`,
);

moves(
  'immediate operands',
  `
  LLIHH full imm 8001 8001000000000000
  LLIHL full imm 8001 800100000000
  LLILH full imm 8001 80010000
  LLILL full imm 8001 8001
  LLIHF full imm 89abcdef 89abcdef00000000
  LLILF full imm 89abcdef 89abcdef
  IIHF high imm 89abcdef 89abcdef
  IILF low imm 89abcdef 89abcdef
  IILL half imm 8001 8001`,
);

test.each([
  ['IIHH', 0x8001_5678_9abc_def0n],
  ['IIHL', 0x1234_8001_9abc_def0n],
  ['IILH', 0x1234_5678_8001_def0n],
  ['IILL', 0x1234_5678_9abc_8001n],
])('%s changes its 16 bits only', (op, result) => {
  const out = bench.run({ code: [encode(op, { r1: 3, i2: 0x8001 })], gr: { 3: 0x1234_5678_9abc_def0n }, cc: 2 });
  expect([out.gr[3], out.cc]).toEqual([result, 2]);
});

moves(
  'high words',
  `
  LBH high m8 80 ffffff80
  LHH high m16 8001 ffff8001
  LFH high m32 89abcdef 89abcdef
  LLCH high m8 80 80
  LLHH high m16 8001 8001`,
);

moves(
  'reversed',
  `
  LRVR low low 01234567 67452301
  LRVGR full full 0123456789abcdef efcdab8967452301
  LRVH half m16 0180 8001
  LRV low m32 01234589 89452301
  LRVG full m64 0123456789abcdef efcdab8967452301`,
);

/** `OP to from value result`: the register part is stored. */
describe('stores', () => {
  const text = `
    ST m32 low 89abcdef
    STY m32 low 89abcdef
    STG m64 full 89abcdef01234567
    STRL m32 low 89abcdef
    STGRL m64 full 89abcdef01234567
    STH m16 half 89ab
    STHY m16 half 89ab
    STHRL m16 half 89ab
    STC m8 byte 89
    STCY m8 byte 89
    STFH m32 high 89abcdef
    STHH m16 high 89abcdef cdef
    STCH m8 high 89abcdef ef
    STRVH m16 half 0189 8901
    STRV m32 low 01234589 89452301
    STRVG m64 full 0123456789abcdef efcdab8967452301
    MVI m8 imm 89
    MVIY m8 imm 89
    MVHHI m16 imm 89ab
    MVHI m32 imm 8000 ffff8000
    MVHI m32 imm 7fff 00007fff
    MVGHI m64 imm 8000 ffffffffffff8000`;
  for (const line of text.trim().split(/\s*\n\s*/)) {
    const [op = '', to, from, value = '', result = value] = line.split(' ');
    test(`${op} ${value} stores ${result} and nothing beside it`, () => {
      const got = perform(bench, { op, to: to as Part, a: from as Part }, BigInt(`0x${value}`), 0n, { cc: 3 });
      expect(got.result).toBe(BigInt(`0x${result}`));
      expect([got.out.pgm, got.cc, got.out.address]).toEqual([undefined, 3, got.next]);
    });
    test(`${op}: into a protected page stores nothing`, () => {
      const base = ['MVI', 'MVIY', 'MVHHI', 'MVHI', 'MVGHI'].includes(op) ? { b1: 7 } : { r1: 1, b2: 7 };
      const operands = op.endsWith('RL') ? { r1: 1, ri2: 0x2_0000 } : base;
      const out = bench.run({
        code: [encode(op, operands)],
        gr: { 1: M64, 7: 0x3_0000n },
        keys: { 196608: 0x10 },
        mask: MASK_64 | (2n << 52n),
        storage: { 196608: '1122334455667788' },
      });
      expect(out.pgm).toMatchObject({ code: 4, nullified: false });
      expect(out.storage(0x30000, 8)).toBe('1122334455667788');
    });
  }
  test('a store across pages of which the second is protected stores nothing', () => {
    const out = bench.run({
      code: [encode('STG', { r1: 1, b2: 7 })],
      gr: { 1: M64, 7: 0x2_fffdn },
      keys: { 192512: 0x20, 196608: 0x10 },
      mask: MASK_64 | (2n << 52n),
    });
    expect(out.pgm?.code).toBe(4);
    expect(out.storage(0x2fff0, 32)).toBe('00'.repeat(32));
  });
});

describe('relative operands off their boundary', () => {
  for (const [op, bytes] of [
    ['LRL', 4],
    ['LGRL', 8],
    ['LGFRL', 4],
    ['LLGFRL', 4],
    ['STRL', 4],
    ['STGRL', 8],
  ] as const) {
    test(`${op} is a specification exception`, () => {
      const out = bench.run({ code: [encode(op, { r1: 1, ri2: 0x1000 + bytes / 2 })], gr: { 1: 5n } });
      expect(out.pgm).toMatchObject({ code: 6, ilc: 6 });
      expect([out.gr[1], out.storage(0x11000, 16)]).toEqual([5n, '00'.repeat(16)]);
    });
  }
});

describe('LOAD AND TEST', () => {
  const forms = [
    ['LTR', 'low', 'low'],
    ['LTGR', 'full', 'full'],
    ['LTGFR', 'full', 'low'],
    ['LT', 'low', 'm32'],
    ['LTG', 'full', 'm64'],
    ['LTGF', 'full', 'm32'],
  ] as const;
  for (const [op, to, b] of forms) {
    test(op, () => {
      const wide = b === 'full' || b === 'm64';
      for (const [value, cc] of [
        [0n, 0],
        [-1n, 1],
        [wide ? -(1n << 63n) : -0x8000_0000n, 1],
        [1n, 2],
        [0x7fff_ffffn, 2],
      ] as const) {
        const got = perform(bench, { op, to, b }, 0n, value, { cc: 3 });
        expect([got.result, got.cc]).toEqual([BigInt.asUintN(to === 'full' ? 64 : 32, value), cc]);
      }
    });
  }
});

describe('LOAD COMPLEMENT, NEGATIVE and POSITIVE', () => {
  const low = 0x8000_0000n;
  const long = 1n << 63n;
  const cases = {
    LCR: [
      [5n, -5n, 1],
      [-5n, 5n, 2],
      [0n, 0n, 0],
      [-low, low, 3],
    ],
    LCGR: [
      [5n, -5n, 1],
      [-5n, 5n, 2],
      [0n, 0n, 0],
      [-low, low, 2],
      [-long, long, 3],
    ],
    LCGFR: [
      [5n, -5n, 1],
      [-5n, 5n, 2],
      [0n, 0n, 0],
      [-low, low, 2],
    ],
    LNR: [
      [5n, -5n, 1],
      [-5n, -5n, 1],
      [0n, 0n, 0],
      [-low, -low, 1],
    ],
    LNGR: [
      [5n, -5n, 1],
      [-5n, -5n, 1],
      [0n, 0n, 0],
      [-long, -long, 1],
    ],
    LNGFR: [
      [5n, -5n, 1],
      [-5n, -5n, 1],
      [0n, 0n, 0],
      [-low, -low, 1],
    ],
    LPR: [
      [5n, 5n, 2],
      [-5n, 5n, 2],
      [0n, 0n, 0],
      [-low, low, 3],
    ],
    LPGR: [
      [5n, 5n, 2],
      [-5n, 5n, 2],
      [0n, 0n, 0],
      [-long, long, 3],
    ],
    LPGFR: [
      [5n, 5n, 2],
      [-5n, 5n, 2],
      [0n, 0n, 0],
      [-low, low, 2],
    ],
  } as const;
  for (const [op, list] of Object.entries(cases)) {
    const to = op.includes('G') ? 'full' : 'low';
    const b = op.includes('F') || to === 'low' ? 'low' : 'full';
    test(`${op}: CC 3 is only for the number that has no opposite`, () => {
      for (const [value, result, cc] of list) {
        const got = perform(bench, { op, to, b }, 0n, value);
        expect([got.result, got.cc], `${value}`).toEqual([BigInt.asUintN(to === 'full' ? 64 : 32, result), cc]);
        const masked = perform(bench, { op, to, b }, 0n, value, { programMask: 8 });
        expect(masked.out.pgm?.code).toBe(cc === 3 ? 8 : undefined);
        expect(masked.result).toBe(got.result);
      }
    });
  }
});

describe('faults of loads', () => {
  const fetched = [
    'L',
    'LG',
    'LGF',
    'LB',
    'LGB',
    'LH',
    'LGH',
    'LLC',
    'LLGC',
    'LLH',
    'LLGH',
    'LLGF',
    'LLGT',
    'LT',
    'LTG',
    'LTGF',
    'LRV',
    'LRVG',
    'LRVH',
    'LFH',
  ];
  for (const op of fetched) {
    test(`${op}: an addressing exception leaves register and condition code`, () => {
      const out = bench.run({ code: [encode(op, { r1: 1, b2: 2 })], gr: { 1: 5n, 2: 0x1000_0000n }, cc: 3 });
      expect(out.pgm).toMatchObject({ code: 5, nullified: false });
      expect([out.gr[1], out.cc]).toEqual([5n, 3]);
    });
  }
  test('a load across pages, and one that wraps at the top of 24-bit storage', () => {
    const across = bench.run({
      code: [encode('LG', { r1: 1, b2: 2 })],
      gr: { 2: 0x2_fffdn },
      storage: { 196605: '0123456789abcdef' },
    });
    expect(across.gr[1]).toBe(0x0123_4567_89ab_cdefn);
    const wrapped = bench.run({
      code: [encode('L', { r1: 1, b2: 2, d2: 0x200 })],
      gr: { 2: 0xff_fe01n },
      mask: 0n,
      storage: { 1: '89abcdef' },
    });
    expect(wrapped.gr[1]).toBe(0x89ab_cdefn);
  });
  test('R1 may be the base', () => {
    const out = bench.run({
      code: [encode('LG', { r1: 2, b2: 2 })],
      gr: { 2: 0x2_0000n },
      storage: { 131072: hex(77n, 8) },
    });
    expect(out.gr[2]).toBe(77n);
  });
});
