import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const HIGH = 0x5a5a_5a5an << 32n;
/** Operand 2 of PLO and first operand of CSST; its fourth operand or parameter list; what the list points to. */
const SECOND = 0x2000;
const FOURTH = 0x3000;
const POINTED = [0x4000, 0x5000, 0x6000] as const;

const hex = (value: bigint, bytes: number): string =>
  BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
const OLD = 0x1111_1111_2222_2222_3333_3333_4444_4444n;
const NEW = 0xa1a1_a1a1_b2b2_b2b2_c3c3_c3c3_d4d4_d4d4n;
const THIRD = 0x7171_7171_8282_8282_9393_9393_a4a4_a4a4n;
const FOUR = 0x0404_0404_0505_0505_0606_0606_0707_0707n;
const STORED = [0x3131n, 0x5151n, 0x7171n].map((n) => n * 0x0001_0001_0001_0001_0001_0001_0001_0001n);

const sizes = [
  { size: 0, bytes: 4, inList: false },
  { size: 1, bytes: 8, inList: true },
  { size: 2, bytes: 8, inList: false },
  { size: 3, bytes: 16, inList: true },
] as const;

/** What a PLO starts from: comparison and replacement value, third operand (and its replacement), operand 2 and 4. */
interface Given {
  readonly kind: number;
  readonly size: (typeof sizes)[number];
  readonly comparison?: bigint;
  readonly second?: bigint;
  readonly third?: bigint;
  readonly fourth?: bigint;
  readonly r1?: number;
  readonly r3?: number;
  readonly move2?: number;
  readonly move4?: number;
  readonly movePointed?: number;
  readonly control?: bigint;
}

/** Runs PLO with R1 pair 2, R3 pair 4, and everything in the places that the function takes it from. */
function plo(given: Given) {
  const { kind, size } = given;
  const { bytes, inList } = size;
  const comparison = given.comparison ?? OLD;
  const list = new Uint8Array(144);
  const view = new DataView(list.buffer);
  const place = (base: number, value: bigint): void => {
    list.set(Buffer.from(hex(value, bytes), 'hex'), base + 16 - bytes);
  };
  const listUsed = inList || kind >= 4;
  if (inList) {
    place(0, comparison);
    place(16, NEW);
    place(32, given.third ?? FOUR);
    place(48, STORED[0] ?? 0n);
  }
  if (kind >= 4) {
    place(48, STORED[0] ?? 0n);
    place(80, STORED[1] ?? 0n);
    place(112, STORED[2] ?? 0n);
  }
  const shift = given.movePointed ?? 0;
  view.setBigUint64(72, BigInt(POINTED[0] + shift));
  view.setBigUint64(104, BigInt(POINTED[1]));
  view.setBigUint64(136, BigInt(POINTED[2]));
  const register = (value: bigint): bigint =>
    bytes === 4 ? HIGH | BigInt.asUintN(32, value) : BigInt.asUintN(64, value);
  const thirdInRegister = kind === 3 ? (STORED[0] ?? 0n) : (given.third ?? FOUR);
  const r1 = given.r1 ?? 2;
  const r3 = given.r3 ?? 4;
  const gr: Record<number, bigint> = {
    0: given.control ?? BigInt(kind * 4 + size.size),
    7: BigInt(SECOND + (given.move2 ?? 0)),
    8: BigInt(FOURTH + (given.move4 ?? 0)),
  };
  if (!inList)
    Object.assign(gr, {
      [r1]: register(comparison),
      [r1 + 1]: register(NEW),
      [r3]: register(thirdInRegister),
      [r3 + 1]: register(STORED[0] ?? 0n),
    });
  const out = bench.run({
    code: [encode('PLO', { r1, r3, b2: 7, b4: 8 })],
    gr,
    cc: 3,
    storage: {
      [SECOND + (given.move2 ?? 0)]: hex(given.second ?? OLD, bytes),
      [FOURTH + (given.move4 ?? 0)]: listUsed ? list : hex(given.fourth ?? FOUR, bytes),
      [POINTED[0]]: hex(given.fourth ?? FOUR, bytes),
    },
  });
  /** A value as it came out, from the list or the register. */
  const value = (base: number, n: number): string => {
    if (inList) return out.storage(FOURTH + base + 16 - bytes, bytes);
    const grValue = out.gr[n] ?? 0n;
    if (bytes === 4) expect(grValue >> 32n).toBe(HIGH >> 32n);
    return hex(grValue, bytes);
  };
  return {
    ...out,
    given: gr,
    value,
    second: out.storage(SECOND, bytes),
    pointed: POINTED.map((a) => out.storage(a, bytes)),
    fourth: out.storage(inList ? POINTED[0] : FOURTH, bytes),
  };
}

describe.each(sizes)('PLO functions of size $size', (size) => {
  const { bytes, inList } = size;

  test.each([0, 1, 2, 3, 4, 5])('operation %i: an unequal second operand replaces the comparison value', (kind) => {
    const out = plo({ kind, size, comparison: OLD ^ 1n });
    expect([out.cc, out.pgm]).toEqual([1, undefined]);
    expect([out.value(0, 2), out.second, out.value(32, 4)]).toEqual([
      hex(OLD, bytes),
      hex(OLD, bytes),
      inList || kind !== 3 ? hex(FOUR, bytes) : hex(STORED[0] ?? 0n, bytes),
    ]);
  });
  test('compare and load: the fourth operand becomes the third', () => {
    const out = plo({ kind: 0, size, third: THIRD });
    expect([out.cc, out.value(32, 4), out.value(0, 2), out.second]).toEqual([
      0,
      hex(FOUR, bytes),
      hex(OLD, bytes),
      hex(OLD, bytes),
    ]);
  });
  test('compare and swap: the replacement is stored', () => {
    const out = plo({ kind: 1, size });
    expect([out.cc, out.second, out.value(0, 2)]).toEqual([0, hex(NEW, bytes), hex(OLD, bytes)]);
  });
  test('double compare and swap: both, or neither and the third operand tells', () => {
    const both = plo({ kind: 2, size });
    expect([both.cc, both.second, both.fourth]).toEqual([0, hex(NEW, bytes), hex(STORED[0] ?? 0n, bytes)]);
    const neither = plo({ kind: 2, size, third: THIRD });
    expect([neither.cc, neither.second, neither.fourth, neither.value(32, 4)]).toEqual([
      2,
      hex(OLD, bytes),
      hex(FOUR, bytes),
      hex(FOUR, bytes),
    ]);
  });
  test('compare and swap and store', () => {
    const out = plo({ kind: 3, size });
    expect([out.cc, out.second, out.fourth]).toEqual([0, hex(NEW, bytes), hex(STORED[0] ?? 0n, bytes)]);
  });
  test('compare and swap and double store, and triple store', () => {
    const stored = STORED.map((s) => hex(s, bytes));
    const two = plo({ kind: 4, size });
    expect([two.cc, two.second, two.pointed]).toEqual([0, hex(NEW, bytes), [...stored.slice(0, 2), hex(0n, bytes)]]);
    const three = plo({ kind: 5, size });
    expect([three.cc, three.second, three.pointed]).toEqual([0, hex(NEW, bytes), stored]);
  });
  test('operands that are not aligned are specification exceptions', () => {
    expect(plo({ kind: 1, size, move2: bytes / 2 }).pgm?.code).toBe(6);
    expect(plo({ kind: 3, size, move4: bytes === 4 ? 2 : 4 }).pgm?.code).toBe(6);
    const pointed = plo({ kind: 5, size, movePointed: bytes / 2 });
    expect([pointed.pgm?.code, pointed.second, pointed.cc]).toEqual([6, hex(OLD, bytes), 3]);
  });
  test('a store that cannot be made leaves all others unmade', () => {
    const out = plo({ kind: 5, size, movePointed: 0x1000_0000 });
    expect([out.pgm?.code, out.second, out.cc]).toEqual([5, hex(OLD, bytes), 3]);
    expect(out.pointed.slice(1)).toEqual([hex(0n, bytes), hex(0n, bytes)]);
  });
  test.each([0, 1, 2, 3, 4, 5])('operation %i: odd registers where pairs are needed', (kind) => {
    const odd1 = plo({ kind, size, r1: 9 }).pgm?.code;
    expect(odd1).toBe(!inList && kind !== 0 ? 6 : undefined);
    const odd3 = plo({ kind, size, r3: 9 }).pgm?.code;
    expect(odd3).toBe(!inList && kind === 2 ? 6 : undefined);
  });
});

describe('PLO control', () => {
  const [size] = sizes;
  test('the test bit asks for a function and does nothing', () => {
    const cc = (code: number): number => {
      const out = plo({ kind: 1, size, control: 0x100n | BigInt(code), move2: 1 });
      expect([out.pgm, out.gr[2]]).toEqual([undefined, out.given[2]]);
      return out.cc;
    };
    expect([cc(0), cc(23), cc(24), cc(255)]).toEqual([0, 0, 3, 3]);
  });
  test('functions that do not exist and reserved bits are specification exceptions', () => {
    expect(plo({ kind: 1, size, control: 24n }).pgm?.code).toBe(6);
    expect(plo({ kind: 1, size, control: 0x204n }).pgm?.code).toBe(6);
    expect(plo({ kind: 1, size, control: 0x8000_0104n }).pgm?.code).toBe(6);
    expect(plo({ kind: 1, size, control: 0xffff_ffff_0000_0004n }).cc).toBe(0);
  });
  test('the fourth operand of compare and swap is not looked at', () => {
    expect(plo({ kind: 1, size, move4: 1 }).cc).toBe(0);
  });
});

describe('CSST', () => {
  const csst = (
    code: number,
    characteristic: number,
    change: { expected?: bigint; r3?: number; first?: number; second?: number } = {},
  ) => {
    const swapped = 4 << code;
    const expected = hex(change.expected ?? OLD, swapped);
    const word = (i: number): bigint => BigInt(`0x${expected.slice(i * 16, i * 16 + 16)}`);
    const list = hex(NEW, 16) + hex(THIRD, 16);
    const r3 = change.r3 ?? 4;
    return bench.run({
      code: [encode('CSST', { b1: 7, b2: 8, d2: 0, r3 })],
      gr: {
        0: BigInt(characteristic << 8) | BigInt(code) | HIGH,
        1: BigInt(FOURTH + 15),
        [r3]: code === 0 ? HIGH | BigInt(`0x${expected}`) : word(0),
        [r3 + 1]: code === 2 ? word(1) : 0x77n,
        7: BigInt(change.first ?? SECOND),
        8: BigInt(change.second ?? POINTED[0]),
      },
      cc: 3,
      storage: { [SECOND]: hex(OLD, swapped), [FOURTH]: list },
    });
  };

  test.each([
    [0, 0],
    [0, 3],
    [1, 1],
    [1, 2],
    [2, 4],
  ])('function %i, characteristic %i: equal, both stores are made', (code, characteristic) => {
    const out = csst(code, characteristic);
    expect([out.cc, out.pgm]).toEqual([0, undefined]);
    expect(out.storage(SECOND, 4 << code)).toBe(hex(NEW, 16).slice(0, 8 << code));
    expect(out.storage(POINTED[0], 17)).toBe(
      hex(THIRD, 16)
        .slice(0, 2 << characteristic)
        .padEnd(34, '0'),
    );
  });
  test.each([0, 1, 2])('function %i: unequal, the operand is loaded and nothing stored', (code) => {
    const out = csst(code, 3, { expected: OLD ^ 1n });
    expect([out.cc, out.storage(SECOND, 4 << code), out.storage(POINTED[0], 8)]).toEqual([
      1,
      hex(OLD, 4 << code),
      hex(0n, 8),
    ]);
    const loaded =
      code === 0 ? hex(out.gr[4] ?? 0n, 4) : hex(out.gr[4] ?? 0n, 8) + (code === 2 ? hex(out.gr[5] ?? 0n, 8) : '');
    expect(loaded).toBe(hex(OLD, 4 << code));
    if (code === 0) expect((out.gr[4] ?? 0n) >> 32n).toBe(HIGH >> 32n);
  });
  test('specification exceptions: codes, alignment, an odd pair', () => {
    expect(
      [
        csst(3, 0),
        csst(0, 5),
        csst(0, 0, { first: SECOND + 2 }),
        csst(1, 3, { second: POINTED[0] + 4 }),
        csst(2, 0, { r3: 5 }),
      ].map((o) => o.pgm?.code),
    ).toEqual([6, 6, 6, 6, 6]);
    expect([csst(0, 0, { second: POINTED[0] + 1 }).cc, csst(1, 0, { r3: 5 }).cc]).toEqual([0, 0]);
  });
  test('a second operand that cannot be stored into leaves the first', () => {
    const out = csst(1, 3, { second: 0x1000_0000 });
    expect([out.pgm?.code, out.storage(SECOND, 8), out.cc]).toEqual([5, hex(OLD, 8), 3]);
  });
});
