import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';
import { pack, randomTree, split, writeDictionaries } from './compression-model.ts';

const bench = new Bench();
const DICTIONARY = 0x10_0000;
const SOURCE = 0x20_0f00;
const TARGET = 0x30_0ff0;
const EXPAND = 0x100n;
const WIDE = 0x200n;
const TRANSLATE = 0x1_0000n;
const PAD = 0x2_0000n;

/** Operands in registers 2 to 5, from general register 0's bits and the first bit's number. */
function run(
  controls: bigint,
  setup: Partial<Setup> & { readonly bit?: number; readonly room?: number; readonly left?: number },
): Outcome {
  const { bit = 0, room = 0x1000, left = 0, gr, ...rest } = setup;
  const registers = {
    0: controls,
    1: BigInt(DICTIONARY + bit),
    2: BigInt(TARGET),
    3: BigInt(room),
    4: BigInt(SOURCE),
    5: BigInt(left),
  };
  const again = encode('BRC', { m1: 1, ri2: -4 });
  const end = encode('BRC', { m1: 15, ri2: 0 });
  return bench.run({
    code: [encode('CMPSC', { r1: 2, r2: 4 }), again, end],
    steps: 40,
    gr: { ...registers, ...gr },
    ...rest,
  });
}
const bytesOf = (out: Outcome, at: number, length: number): number[] => [
  ...Buffer.from(out.storage(at, length), 'hex'),
];

describe.each([1, 2, 3, 4, 5])('symbols of size code %i', (size) => {
  const words = randomWords(600 + size);
  const below = (n: number): number => words() % n;
  const bits = 8 + size;
  const entries = 256 << size;

  test.each([
    false,
    true,
  ])('compress and expand text as a tree of symbols has it; sibling descriptors of format 1: %s', (wide) => {
    for (let round = 0; round < 12; round++) {
      const roots = randomTree(below, { letters: 4 + below(30), most: entries });
      const { compression, expansion } = writeDictionaries(roots, entries, wide, below);
      const letters = roots.filter(({ children }) => children.length > 0);
      const text: number[] = [];
      // Mostly along the tree, so that there are long symbols.
      for (
        let at = letters[0];
        text.length < 300;
        at = at?.children[below(at.children.length)] ?? letters[below(letters.length)]
      ) {
        text.push(...(at?.own ?? []));
        if (below(9) === 0) text.push(below(40));
      }
      const symbols = split(text, roots);
      const bit = below(8);
      const before = below(256);
      const packed = pack(
        symbols.map(({ index }) => index),
        bits,
        bit,
        before,
      );
      const controls = (BigInt(size) << 12n) | (wide ? WIDE : 0n);
      const storage = { [DICTIONARY]: compression, [DICTIONARY + entries * 8]: expansion };
      const there = run(controls, {
        bit,
        left: text.length,
        storage: { ...storage, [SOURCE]: Uint8Array.from(text), [TARGET]: Uint8Array.of(before) },
      });
      const end = bit + symbols.length * bits;
      expect([there.pgm, there.cc]).toEqual([undefined, 0]);
      expect(bytesOf(there, TARGET, packed.length)).toEqual(packed);
      expect(there.gr.slice(1, 6)).toEqual([
        BigInt(DICTIONARY + (end & 7)),
        BigInt(TARGET + (end >> 3)),
        BigInt(0x1000 - (end >> 3)),
        BigInt(SOURCE + text.length),
        0n,
      ]);

      const back = run(controls | EXPAND, {
        bit,
        left: packed.length,
        storage: { [DICTIONARY]: expansion, [SOURCE]: Uint8Array.from(packed) },
      });
      expect([back.pgm, back.cc]).toEqual([undefined, 0]);
      expect(bytesOf(back, TARGET, text.length)).toEqual(text);
      expect(back.gr.slice(1, 6)).toEqual([
        BigInt(DICTIONARY + (end & 7)),
        BigInt(TARGET + text.length),
        BigInt(0x1000 - text.length),
        BigInt(SOURCE + (end >> 3)),
        BigInt(packed.length - (end >> 3)),
      ]);
    }
  });
});

describe('a small dictionary', () => {
  const SIZE_1 = 0x1000n;
  /** 'A' has the children "AB" (256) and "AC" (257); "AC" has the extension "CC" and the child "ACCCA" (258). */
  const small = new Uint8Array(4096);
  small.set([0b010_11000, 0b000_00001, 0, 0x42, 0x43], 0x41 * 8);
  small.set([0b000_00000, 0, 0], 256 * 8);
  small.set([0b001_00000, 0b010_00001, 2, 0x43, 0x43, 0x41], 257 * 8);
  const expanding = new Uint8Array(4096);
  expanding.set([1, 0x41], 0x41 * 8);
  expanding.set([2, 0x41, 0x42], 256 * 8);
  expanding.set([0b011_00000, 0x41, 0x43, 0x43, 0x43, 0, 0, 1], 257 * 8);
  expanding.set([0b001_00001, 1, 0x41, 0, 0, 0, 0, 4], 258 * 8);
  const compress = (text: string, setup: Parameters<typeof run>[1] = {}, controls = SIZE_1): Outcome =>
    run(controls, {
      left: text.length,
      ...setup,
      storage: { [DICTIONARY]: small, [SOURCE]: Uint8Array.from(Buffer.from(text)), ...setup.storage },
    });
  const expand = (indexes: readonly number[], setup: Parameters<typeof run>[1] = {}, controls = SIZE_1): Outcome => {
    const bytes = pack(indexes, 9, setup.bit ?? 0, 0);
    return run(controls | EXPAND, {
      left: bytes.length,
      ...setup,
      storage: { [DICTIONARY]: expanding, [SOURCE]: Uint8Array.from(bytes), ...setup.storage },
    });
  };

  test.each([
    ['A', [0x41]],
    ['AB', [256]],
    ['ACCC', [257]],
    ['ACC', [0x41, 0x43, 0x43]],
    ['ACCCA', [258]],
    ['ACCCB', [257, 0x42]],
    ['BAB', [0x42, 256]],
    ['AD', [0x41, 0x44]],
  ])('%s', (text, indexes) => {
    const packed = pack(indexes, 9, 0, 0);
    expect(bytesOf(compress(text), TARGET, packed.length)).toEqual(packed);
    const back = expand(indexes);
    expect(Buffer.from(bytesOf(back, TARGET, text.length)).toString()).toBe(text);
  });
  test('nothing to do: condition code 0, whatever room there is', () => {
    expect([
      compress('', { cc: 2 }).cc,
      compress('', { cc: 2, room: 0 }).cc,
      expand([], { cc: 2, room: 0 }).cc,
    ]).toEqual([0, 0, 0]);
  });
  test.each([0, 1, 2])('no room for another index behind %i: condition code 1', (done) => {
    const out = compress('ABABAB', { room: ((done * 9) >> 3) + 1 });
    expect([out.cc, out.gr[4], out.gr[1]]).toEqual([
      1,
      BigInt(SOURCE + 2 * done),
      BigInt(DICTIONARY + ((done * 9) & 7)),
    ]);
  });
  test('an index fits to the last bit', () => {
    const out = compress('AB', { room: 2, bit: 7 });
    expect([out.cc, out.gr[3], out.gr[1]]).toEqual([0, 0n, BigInt(DICTIONARY)]);
  });
  test('a symbol that does not fit whole is not expanded', () => {
    const out = expand([256, 258], { room: 6 });
    expect([out.cc, out.gr[2], out.gr[3], out.gr[1], out.storage(TARGET + 2, 5)]).toEqual([
      1,
      BigInt(TARGET + 2),
      4n,
      BigInt(DICTIONARY + 1),
      '0000000000',
    ]);
  });
  test('a part of an index at the end is left', () => {
    const out = expand([256, 256], { left: 2 });
    expect([out.cc, out.gr[5], out.gr[1]]).toEqual([0, 1n, BigInt(DICTIONARY + 1)]);
  });
  test('bits left of the first index stay', () => {
    const out = compress('AB', { bit: 3, storage: { [TARGET]: 'ffff' } });
    expect(out.storage(TARGET, 2)).toBe('f000');
  });
  test('symbols are translated by a table behind the dictionary', () => {
    const table = 0x1000 + 0x180;
    const out = compress(
      'AB',
      { gr: { 1: BigInt(DICTIONARY + (table >> 4)) }, storage: { [DICTIONARY + table + 512]: 'fd55' } },
      SIZE_1 | TRANSLATE,
    );
    expect([bytesOf(out, TARGET, 2), out.gr[1]]).toEqual([
      pack([0x155], 9, 0, 0),
      BigInt(DICTIONARY + (table >> 4) + 1),
    ]);
  });
  test('zeros behind the result up to a boundary, which the registers do not tell of', () => {
    const ones = { [TARGET]: 'ff'.repeat(0x130) };
    const out = compress('AB', { storage: ones }, SIZE_1 | PAD);
    expect([out.storage(TARGET + 2, 14), out.storage(TARGET + 16, 1), out.gr[2]]).toEqual([
      '00'.repeat(14),
      'ff',
      BigInt(TARGET + 1),
    ]);
    expect(compress('AB', { storage: ones, room: 15 }, SIZE_1 | PAD).storage(TARGET + 2, 14)).toBe('ff'.repeat(14));
    expect(compress('AB', { storage: ones }).storage(TARGET + 2, 14)).toBe('ff'.repeat(14));
    const back = expand([256], { storage: ones }, SIZE_1 | PAD);
    expect([back.storage(TARGET + 2, 14), back.storage(TARGET + 16, 1)]).toEqual(['00'.repeat(14), 'ff']);
  });
  test('goes on behind a CPU-determined amount', () => {
    const text = 'AB'.repeat(6000);
    const once = bench.run({
      code: [encode('CMPSC', { r1: 2, r2: 4 })],
      gr: {
        0: SIZE_1,
        1: BigInt(DICTIONARY),
        2: BigInt(TARGET),
        3: 0x4000n,
        4: BigInt(SOURCE),
        5: BigInt(text.length),
      },
      storage: { [DICTIONARY]: small, [SOURCE]: Uint8Array.from(Buffer.from(text)) },
    });
    expect(once.cc).toBe(3);
    expect(once.gr[5]).toBe(BigInt(text.length - 4096));
    const out = compress(text, { room: 0x4000 });
    expect([out.cc, out.gr[5], out.gr[2]]).toEqual([0, 0n, BigInt(TARGET + 6750)]);
  });

  const broken = (index: number, ...entry: number[]): Record<number, Uint8Array> => ({
    [DICTIONARY + index * 8]: Uint8Array.from(entry),
  });
  test.each<readonly [string, Record<number, Uint8Array>]>([
    ['five extension characters', broken(0x42, 0, 0xa0)],
    ['seven children', broken(0x42, 0xe0)],
    ['six children and an extension', broken(0x42, 0xc0, 0x20)],
    ['a child past the dictionary', broken(0x42, 0x30, 0x02, 0, 0x43)],
    ['a sibling descriptor past the dictionary', broken(0x42, 0xc0, 0x01, 0xfb, 1, 2, 3, 4, 5)],
  ])('%s: data exception, behind the symbols that are done with', (_, storage) => {
    const out = compress('ABBCCC', { storage, cc: 2 });
    expect([out.pgm, out.cc, out.gr[4], out.gr[5], out.gr[1]]).toMatchObject([
      { code: 7, dxc: 0, ilc: 4 },
      2,
      BigInt(SOURCE + 2),
      4n,
      BigInt(DICTIONARY + 1),
    ]);
  });
  test('no siblings in a descriptor of format 1: data exception', () => {
    const storage = { ...broken(0x42, 0xc0, 0x01, 0x80, 1, 2, 3, 4, 5), ...broken(0x185, 0x00, 0x43) };
    expect(compress('BC', { storage }, SIZE_1 | WIDE).pgm).toMatchObject({ code: 7 });
    expect(compress('BC', { storage }).pgm).toBeUndefined();
  });
  test('symbols that go round in a circle: data exception', () => {
    const storage = broken(256, 0x20, 0x01, 0, 0x42);
    expect(
      compress('A'.padEnd(300, 'B'), {
        storage: {
          ...storage,
          ...broken(0x41, 0x30, 0x01, 0, 0x42),
          [DICTIONARY + 256 * 8]: Uint8Array.of(0x30, 1, 0, 0x42),
        },
      }).pgm,
    ).toMatchObject({ code: 7 });
    expect(expand([257], { storage: broken(257, 0x21, 0x01, 0x42, 0, 0, 0, 0, 9) }).pgm).toMatchObject({ code: 7 });
  });
  test.each<readonly [string, Record<number, Uint8Array>]>([
    ['no characters', broken(256, 0)],
    ['reserved bits', broken(256, 0x09, 0x41)],
    ['six characters of a part', broken(256, 0xc0, 0x41)],
    ['261 characters', broken(256, 0xa0, 0x41, 1, 2, 3, 4, 5, 255 + 1)],
  ])('%s: data exception in an expansion', (name, storage) => {
    if (name === '261 characters') {
      // 255 characters before five more are 260 together, which is as many as there may be.
      expect(expand([256], { storage: broken(256, 0xa0, 0x41, 1, 2, 3, 4, 5, 255) }).cc).toBe(0);
      return;
    }
    expect(expand([0x41, 256], { storage }).pgm).toMatchObject({ code: 7, dxc: 0 });
  });
  test.each([
    ['an odd R1', { r1: 3, r2: 4 }, SIZE_1],
    ['an odd R2', { r1: 2, r2: 5 }, SIZE_1],
    ['size code 0', { r1: 2, r2: 4 }, 0n],
    ['size code 6', { r1: 2, r2: 4 }, 0x6000n],
  ])('%s: specification exception', (_, operands, controls) => {
    const out = bench.run({ code: [encode('CMPSC', operands)], gr: { 0: controls }, cc: 2 });
    expect([out.pgm, out.cc]).toMatchObject([{ code: 6, ilc: 4 }, 2]);
  });
  test.each([
    ['the target', { 2: 0x40_0000n }],
    ['the source', { 4: 0x40_0000n }],
    ['the dictionary', { 1: 0x40_0000n }],
  ])('%s is not there: addressing exception, and nothing is changed', (_, gr) => {
    const out = compress('AB', { gr, cc: 2 });
    expect([out.pgm?.code, out.cc, out.address, out.gr[3], out.gr[5]]).toEqual([5, 2, CODE + 4n, 0x1000n, 2n]);
  });
});
