import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, rowOf } from '../../../support/s390x/isa.ts';
import { hex, type Part, perform } from './forms.ts';

const bench = new Bench();
const M64 = 0xffff_ffff_ffff_ffffn;

describe('LOAD ON CONDITION and STORE ON CONDITION', () => {
  const forms = [
    ['LOCR', 'low', 'low'],
    ['LOCGR', 'full', 'full'],
    ['LOC', 'low', 'm32'],
    ['LOCG', 'full', 'm64'],
    ['STOC', 'm32', 'low'],
    ['STOCG', 'm64', 'full'],
    ['LOCFHR', 'high', 'high'],
    ['LOCFH', 'high', 'm32'],
    ['STOCFH', 'm32', 'high'],
    ['LOCHI', 'low', 'imm'],
    ['LOCGHI', 'full', 'imm'],
    ['LOCHHI', 'high', 'imm'],
  ] as const;
  for (const [op, to, from] of forms) {
    test(`${op}: each mask with each condition code`, () => {
      for (let m3 = 0; m3 < 16; m3++) {
        for (let cc = 0; cc < 4; cc++) {
          const store = to.startsWith('m');
          const base = store || from.startsWith('m') ? { b2: 7 } : from === 'imm' ? { i2: -2 } : { r2: 4 };
          const value = 0x8877_6655_4433_2211n;
          const source = from === 'imm' ? M64 - 1n : value;
          const out = bench.run({
            code: [encode(op, { r1: 2, m3, ...base })],
            gr: { 2: store ? value : 0x1234_5678_9abc_def0n, 4: value, 7: 0x2_0000n },
            cc,
            storage: store ? {} : { 131072: from === 'm32' ? hex(value, 4) : hex(value, 8) },
          });
          const done = (m3 & (8 >> cc)) !== 0;
          const parts = { low: [0n, 0xffff_ffffn], high: [32n, 0xffff_ffffn], full: [0n, M64] } as const;
          if (store) {
            const [shift, mask] = parts[from as 'low' | 'high' | 'full'];
            const bytes = to === 'm32' ? 4 : 8;
            expect(out.storage(0x20000, 9)).toBe(
              `${done ? hex((value >> shift) & mask, bytes) : '00'.repeat(bytes)}${'00'.repeat(9 - bytes)}`,
            );
            expect(out.gr[2]).toBe(value);
          } else {
            const [shift, mask] = parts[to as 'low' | 'high' | 'full'];
            const part = from === 'high' ? source >> 32n : source;
            const loaded = (0x1234_5678_9abc_def0n & ~(mask << shift)) | ((part & mask) << shift);
            expect(out.gr[2], `mask ${m3}, cc ${cc}`).toBe(done ? loaded : 0x1234_5678_9abc_def0n);
          }
          expect([out.cc, out.address]).toEqual([cc, CODE + BigInt(rowOf(op).format.length)]);
        }
      }
    });
  }
  test.each([
    'LOC',
    'LOCG',
    'LOCFH',
    'STOC',
    'STOCG',
    'STOCFH',
  ])('%s: storage that is not there matters only when the condition holds', (op) => {
    const run = (m3: number) =>
      bench.run({ code: [encode(op, { r1: 2, m3, b2: 7 })], gr: { 2: 5n, 7: 0x1000_0000n }, cc: 0 });
    expect(run(8).pgm?.code).toBe(5);
    expect(run(8).gr[2]).toBe(5n);
    expect(run(7).pgm).toBeUndefined();
  });
});

describe('SELECT', () => {
  const before = 0x1122_3344_5566_7788n;
  const [second, third] = [0x8877_6655_4433_2211n, 0x0f1e_2d3c_4b5a_6978n];
  test.each([
    ['SELR', 0n, 0xffff_ffffn],
    ['SELGR', 0n, M64],
    ['SELFHR', 32n, 0xffff_ffffn],
  ])('%s takes the second operand when the mask has the condition code, else the third', (op, shift, mask) => {
    for (let m4 = 0; m4 < 16; m4++) {
      for (let cc = 0; cc < 4; cc++) {
        const out = bench.run({
          code: [encode(op, { r1: 2, r2: 4, r3: 6, m4 })],
          gr: { 2: before, 4: second, 6: third },
          cc,
        });
        const chosen = (m4 & (8 >> cc)) !== 0 ? second : third;
        const place = mask << shift;
        expect(out.gr[2], `mask ${m4}, cc ${cc}`).toBe((before & ~place) | (chosen & place));
        expect([out.gr[4], out.gr[6], out.cc]).toEqual([second, third, cc]);
      }
    }
  });
});

describe('LOAD AND TRAP', () => {
  const forms = [
    ['LAT', 'low', 'm32', 0x89ab_cdefn, 0n],
    ['LGAT', 'full', 'm64', 0x1_0000_0000n, 0n],
    ['LFHAT', 'high', 'm32', 1n, 0n],
    ['LLGFAT', 'full', 'm32', 0x8000_0000n, 0n],
    ['LLGTAT', 'full', 'm32', 0x7fff_ffffn, 0x8000_0000n],
  ] as const;
  for (const [op, to, b, value, zero] of forms) {
    test(`${op}: loads what is not zero`, () => {
      const got = perform(bench, { op, to: to as Part, b }, 0n, value, { cc: 2 });
      expect([got.result, got.cc, got.out.pgm]).toEqual([value, 2, undefined]);
    });
    test(`${op}: loads zero and then traps, completed`, () => {
      const got = perform(bench, { op, to: to as Part, b }, 0n, zero, { cc: 2 });
      expect(got.out.pgm).toMatchObject({ code: 7, dxc: 0xff, nullified: false });
      expect([got.result, got.cc, got.out.address]).toEqual([0n, 2, got.next]);
    });
    test(`${op}: an addressing exception loads nothing`, () => {
      const out = bench.run({ code: [encode(op, { r1: 1, b2: 2 })], gr: { 1: 5n, 2: 0x1000_0000n } });
      expect([out.pgm?.code, out.gr[1]]).toEqual([5, 5n]);
    });
  }
});

describe('LOAD AND ADD and its kin', () => {
  const long = 1n << 63n;
  type Case = readonly [storage: bigint, register: bigint, sum: bigint, cc: number];
  const operations: Readonly<Record<string, readonly Case[]>> = {
    LAA: [
      [5n, -5n, 0n, 0],
      [3n, -7n, -4n, 1],
      [3n, 7n, 10n, 2],
      [0x7fff_ffffn, 1n, 0x8000_0000n, 3],
    ],
    LAAG: [
      [5n, -5n, 0n, 0],
      [3n, -7n, -4n, 1],
      [0xffff_ffffn, 1n, 0x1_0000_0000n, 2],
      [long, -1n, long - 1n, 3],
    ],
    LAAL: [
      [0n, 0n, 0n, 0],
      [3n, 7n, 10n, 1],
      [0xffff_ffffn, 1n, 0n, 2],
      [0xffff_ffffn, 2n, 1n, 3],
    ],
    LAALG: [
      [0n, 0n, 0n, 0],
      [0xffff_ffffn, 1n, 0x1_0000_0000n, 1],
      [M64, 1n, 0n, 2],
      [M64, 2n, 1n, 3],
    ],
    LAN: [
      [0xf0n, 0x0fn, 0n, 0],
      [0xffn, 0x0fn, 0x0fn, 1],
    ],
    LANG: [
      [long, long - 1n, 0n, 0],
      [long, M64, long, 1],
    ],
    LAO: [
      [0n, 0n, 0n, 0],
      [0xf0n, 0x0fn, 0xffn, 1],
    ],
    LAOG: [
      [0n, 0n, 0n, 0],
      [long, 1n, long | 1n, 1],
    ],
    LAX: [
      [0xffn, 0xffn, 0n, 0],
      [0xffn, 0x0fn, 0xf0n, 1],
    ],
    LAXG: [
      [long, long, 0n, 0],
      [long, 1n, long | 1n, 1],
    ],
  };
  for (const [op, cases] of Object.entries(operations)) {
    const wide = op.endsWith('G');
    const bytes = wide ? 8 : 4;
    const noise = wide ? 0n : 0xabcd_ef01_0000_0000n;
    test(`${op}: R1 has what storage had, storage the result`, () => {
      for (const [storage, register, result, cc] of cases) {
        const out = bench.run({
          code: [encode(op, { r1: 2, r3: 3, b2: 7 })],
          gr: { 2: noise | 0x77n, 3: noise | BigInt.asUintN(bytes * 8, register), 7: 0x2_0000n },
          cc: 3 - cc,
          storage: { 131072: hex(storage, bytes) },
        });
        expect(out.gr[2]).toBe(noise | storage);
        expect(out.gr[3]).toBe(noise | BigInt.asUintN(bytes * 8, register));
        expect(out.storage(0x20000, 16)).toBe(hex(result, bytes) + '00'.repeat(16 - bytes));
        expect(out.cc).toBe(cc);
      }
    });
    test(`${op}: R1 and R3 may be one register`, () => {
      const [storage = 0n, register = 0n, result = 0n] = cases[1] ?? [];
      const out = bench.run({
        code: [encode(op, { r1: 2, r3: 2, b2: 7 })],
        gr: { 2: register, 7: 0x2_0000n },
        storage: { 131072: hex(storage, bytes) },
      });
      expect(BigInt.asUintN(bytes * 8, out.gr[2] ?? 0n)).toBe(storage);
      expect(out.storage(0x20000, bytes)).toBe(hex(result, bytes));
    });
    test(`${op}: off its boundary is a specification exception`, () => {
      const out = bench.run({
        code: [encode(op, { r1: 2, r3: 3, b2: 7 })],
        gr: { 2: 5n, 3: 1n, 7: 0x2_0000n + BigInt(bytes / 2) },
      });
      expect([out.pgm?.code, out.gr[2], out.storage(0x20000, 16)]).toEqual([6, 5n, '00'.repeat(16)]);
    });
    test(`${op}: a page that may be fetched but not stored into changes nothing`, () => {
      const out = bench.run({
        code: [encode(op, { r1: 2, r3: 3, b2: 7 })],
        gr: { 2: 5n, 3: 1n, 7: 0x2_0000n },
        cc: 3,
        keys: { 131072: 0x10 },
        mask: MASK_64 | (2n << 52n),
        storage: { 131072: hex(M64, 8) },
      });
      expect([out.pgm?.code, out.gr[2], out.cc, out.storage(0x20000, 8)]).toEqual([4, 5n, 3, hex(M64, 8)]);
    });
  }
  test.each([
    ['LAA', 4, 0x7fff_ffffn],
    ['LAAG', 8, long - 1n],
  ] as const)('%s: the fixed-point-overflow exception completes', (op, bytes, most) => {
    const out = bench.run({
      code: [encode(op, { r1: 2, r3: 3, b2: 7 })],
      gr: { 3: 1n, 7: 0x2_0000n },
      programMask: 8,
      storage: { 131072: hex(most, bytes) },
    });
    expect(out.pgm).toMatchObject({ code: 8, nullified: false });
    expect([out.gr[2], out.storage(0x20000, bytes), out.cc]).toEqual([most, hex(most + 1n, bytes), 3]);
  });
});
