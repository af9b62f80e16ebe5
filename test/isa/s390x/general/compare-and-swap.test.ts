import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const OPERAND = 0x2000;
const HIGH = 0x5a5a_5a5an << 32n;
const OLD = '0102030405060708090a0b0c0d0e0f10';

const kinds = [
  { mnemonic: 'CS', bytes: 4, long: false, pair: false, d: 0x10 },
  { mnemonic: 'CSY', bytes: 4, long: false, pair: false, d: -0x10 },
  { mnemonic: 'CSG', bytes: 8, long: true, pair: false, d: -0x10 },
  { mnemonic: 'CDS', bytes: 8, long: false, pair: true, d: 0x10 },
  { mnemonic: 'CDSY', bytes: 8, long: false, pair: true, d: -0x10 },
  { mnemonic: 'CDSG', bytes: 16, long: true, pair: true, d: -0x10 },
] as const;

/** Registers that hold the bytes of a hex text as the kind takes them, from `first` on. */
function registers(kind: (typeof kinds)[number], first: number, text: string): Record<number, bigint> {
  const each = kind.long ? 16 : 8;
  const value = (i: number): bigint => (kind.long ? 0n : HIGH) | BigInt(`0x${text.slice(i * each, (i + 1) * each)}`);
  return kind.pair ? { [first]: value(0), [first + 1]: value(1) } : { [first]: value(0) };
}

describe.each(kinds)('$mnemonic', (kind) => {
  const { mnemonic, bytes, d } = kind;
  const text = OLD.slice(0, bytes * 2);
  const fresh = 'f1f2f3f4f5f6f7f8f9fafbfcfdfeff00'.slice(0, bytes * 2);
  const other = `${text.slice(0, -1)}f`;
  const code = [encode(mnemonic, { r1: 2, r3: 4, b2: 7, d2: d })];
  const base = { 7: BigInt(OPERAND - d) };

  test('equal: the replacement is stored, nothing else changes', () => {
    const gr = { ...registers(kind, 2, text), ...registers(kind, 4, fresh) };
    const out = bench.run({ code, gr: { ...gr, ...base }, cc: 3, storage: { [OPERAND]: OLD } });
    expect(out.storage(OPERAND, 16)).toBe(fresh + OLD.slice(bytes * 2));
    expect(out.cc).toBe(0);
    for (const [n, value] of Object.entries(gr)) expect(out.gr[Number(n)]).toBe(value);
  });
  test('unequal in the last bit: the operand is loaded, storage stays', () => {
    const gr = { ...registers(kind, 2, other), ...registers(kind, 4, fresh), ...base };
    const out = bench.run({ code, gr, cc: 3, storage: { [OPERAND]: OLD } });
    expect(out.storage(OPERAND, 16)).toBe(OLD);
    expect(out.cc).toBe(1);
    for (const [n, value] of Object.entries(registers(kind, 2, text))) expect(out.gr[Number(n)]).toBe(value);
  });
  test('unequal in the first bit only', () => {
    const gr = { ...registers(kind, 2, `8${text.slice(1)}`), ...registers(kind, 4, fresh), ...base };
    const out = bench.run({ code, gr, cc: 3, storage: { [OPERAND]: OLD } });
    expect([out.storage(OPERAND, 16), out.cc]).toEqual([OLD, 1]);
  });
  test('an operand that is not aligned is a specification exception, before any access', () => {
    const gr: Record<number, bigint> = { ...registers(kind, 2, text), 7: 0x1000_0000n + BigInt(bytes / 2) - BigInt(d) };
    const out = bench.run({ code, gr, cc: 3 });
    expect([out.pgm?.code, out.cc, out.gr[2]]).toEqual([6, 3, gr[2]]);
  });
  test('storage that must not be stored into is protected even when the comparison fails', () => {
    const gr: Record<number, bigint> = { ...registers(kind, 2, other), ...registers(kind, 4, fresh), ...base };
    const keys = { [OPERAND]: 0x20, [Number(CODE)]: 0x10 };
    const out = bench.run({ code, gr, cc: 3, mask: 0x0010_0001_8000_0000n, storage: { [OPERAND]: OLD }, keys });
    expect(out.pgm?.code).toBe(4);
    expect((out.pgm?.teid ?? 0n) & 0xc00n).toBe(0x400n);
    expect([out.cc, out.gr[2], out.storage(OPERAND, 16)]).toEqual([3, gr[2], OLD]);
  });
  test('31-bit mode drops bit 32 of the address', () => {
    const gr = { ...registers(kind, 2, text), ...registers(kind, 4, fresh), 7: 0x8000_0000n + BigInt(OPERAND - d) };
    const out = bench.run({ code, gr, cc: 3, mask: 0x8000_0000n, storage: { [OPERAND]: OLD } });
    expect([out.cc, out.storage(OPERAND, bytes)]).toEqual([0, fresh]);
  });
});

test.each(['CDS', 'CDSY', 'CDSG'])('%s: odd registers are specification exceptions', (mnemonic) => {
  for (const [r1, r3] of [
    [3, 4],
    [2, 5],
  ] as const) {
    const code = [encode(mnemonic, { r1, r3, b2: 7 })];
    const out = bench.run({ code, gr: { 7: 0x2000n }, cc: 3, storage: { [OPERAND]: OLD } });
    expect([out.pgm?.code, out.cc, out.storage(OPERAND, 16)]).toEqual([6, 3, OLD]);
  }
});

describe('TEST AND SET', () => {
  test.each([
    ['00', 0],
    ['7f', 0],
    ['80', 1],
    ['ff', 1],
  ])('of %s: the leftmost bit is the condition code, the byte becomes ones', (byte, cc) => {
    const out = bench.run({
      code: [encode('TS', { b2: 7, d2: 1 })],
      gr: { 7: 0x2000n },
      cc: 3,
      storage: { [OPERAND]: `00${byte}00` },
    });
    expect([out.storage(OPERAND, 3), out.cc]).toEqual(['00ff00', cc]);
  });
  test('an addressing exception leaves the condition code', () => {
    const out = bench.run({ code: [encode('TS', { b2: 7 })], gr: { 7: 0x1000_0000n }, cc: 3 });
    expect([out.pgm?.code, out.cc]).toEqual([5, 3]);
  });
});
