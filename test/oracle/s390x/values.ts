/** Values that instructions are tried with: the pool that data frames are filled from, and single edge values. */

import { randomTree, writeDictionaries } from '../../isa/s390x/storage/compression-model.ts';
import type { Chance } from '../chance.ts';
import { POOL_BYTES, virtual } from './layout.ts';

/** Sections of the pool by what they hold: offset, and how many bytes a frame's contents may begin in. */
export const sections = {
  random: [0x0000, 0x3000],
  sparse: [0x4000, 0x1000],
  packed: [0x6000, 0x1000],
  zoned: [0x8000, 0x1000],
  text: [0xa000, 0x1000],
  unicode: [0xc000, 0x1000],
  floating: [0xe000, 0x1000],
  runs: [0x10000, 0x3000],
} as const;
/** Where the dictionaries of compressions begin: each a frame and its expansion dictionary another, and how many of each format. */
export const dictionaries = { at: 0x14000, bytes: 0x2000, each: 3 } as const;
export type Section = keyof typeof sections;

/** Integers near the ends of their formats, and floating-point operands of all three radices and all widths. */
export const edges = [
  // integers
  0x0000_0000_0000_0000n,
  0x8000_0000_0000_0000n,
  0x0000_0000_0000_0001n,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
  0x0000_0000_7fff_ffffn,
  0x0000_0000_8000_0000n,
  0x0000_0000_ffff_ffffn,
  0xffff_ffff_0000_0000n,
  0xffff_ffff_8000_0000n,
  0x0000_0001_0000_0000n,
  0x7fff_ffff_0000_0000n,
  0x0000_7fff_0000_8000n,
  0x00ff_ff00_00ff_ff80n,
  // BFP long: one, its neighbours, the smallest and the largest, infinity, NaNs
  0x3ff0_0000_0000_0000n,
  0xbff0_0000_0000_0000n,
  0x3ff0_0000_0000_0001n,
  0x3fe8_0000_0000_0000n,
  0x0010_0000_0000_0000n,
  0x000f_ffff_ffff_ffffn,
  0x7fef_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x7ff8_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  0xfff8_1234_5678_9abcn,
  0x4330_0000_0000_0001n,
  0x43e0_0000_0000_0000n,
  0x41df_ffff_ffc0_0000n,
  // BFP short, and the left half of extended
  0x3f80_0000_0000_0000n,
  0xbf80_0001_0000_0000n,
  0x7f80_0000_0000_0000n,
  0x7fc0_0000_0000_0000n,
  0x7f80_0001_0000_0000n,
  0x007f_ffff_0000_0000n,
  0x7f7f_ffff_0000_0000n,
  0x3fff_0000_0000_0000n,
  0x7fff_0000_0000_0000n,
  0x7fff_8000_0000_0000n,
  0x4001_8000_0000_0000n,
  // HFP and DFP
  0x4110_0000_0000_0000n,
  0xc120_0000_0000_0000n,
  0x4080_0000_0000_0000n,
  0x2238_0000_0000_0001n,
  0xa238_0000_0000_0001n,
  0x2238_0000_0000_0010n,
  0x7800_0000_0000_0000n,
  0x7c00_0000_0000_0000n,
] as const;

/** The bytes of a packed decimal number with a sign, `length` bytes long. */
export function packed(chance: Chance, length: number): Uint8Array {
  const places = length * 2 - 1;
  const digits = chance.below(places + 1);
  const out = new Uint8Array(length);
  for (let i = places - digits; i < places; i++) {
    const digit = chance.pick([0, 9, chance.below(10), chance.below(10)]);
    out[i >> 1] = (out[i >> 1] ?? 0) | (i % 2 === 0 ? digit << 4 : digit);
  }
  out[length - 1] = (out[length - 1] ?? 0) | chance.pick([0xc, 0xd, 0xc, 0xd, 0xf, 0xa, 0xb, 0xe]);
  return out;
}

/** Zoned digits, with a sign in the last one now and then. */
export function zoned(chance: Chance, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => {
    const zone = i === length - 1 && chance.percent(50) ? chance.pick([0xc0, 0xd0, 0xa0]) : 0xf0;
    return zone | chance.below(10);
  });
}

const codePoints = [
  0x20, 0x41, 0x7a, 0x7f, 0x80, 0xe9, 0x7ff, 0x800, 0x20ac, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x1_f600, 0x10_ffff,
] as const;

/** Text in UTF-8, UTF-16 or UTF-32, with an error in it now and then. */
export function unicode(chance: Chance, form: 8 | 16 | 32, length: number): Uint8Array {
  const out: number[] = [];
  while (out.length < length) {
    const point = chance.percent(4) ? 0xd800 + chance.below(0x800) : chance.pick(codePoints);
    if (chance.percent(2)) out.push(chance.below(256));
    else if (form === 8) out.push(...Buffer.from(String.fromCodePoint(point)));
    else if (form === 16) {
      const units = point < 0x1_0000 ? [point] : [0xd800 + ((point - 0x1_0000) >> 10), 0xdc00 + (point & 0x3ff)];
      for (const u of units) out.push(u >> 8, u & 255);
    } else out.push(0, point >> 16, (point >> 8) & 255, point & 255);
  }
  return Uint8Array.from(out.slice(0, length));
}

const doubleword = (value: bigint): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(16, '0'), 'hex'));

/** The pool of an image. */
export function makePool(chance: Chance): Uint8Array {
  const pool = new Uint8Array(POOL_BYTES);
  const fill = (from: number, to: number, make: () => Uint8Array): void => {
    for (let at = from; at < to; ) {
      const bytes = make().subarray(0, to - at);
      pool.set(bytes, at);
      at += bytes.length;
    }
  };
  const gap = (): Uint8Array => new Uint8Array(1 + chance.below(90));
  const word = (): Uint8Array =>
    Uint8Array.from({ length: 1 + chance.below(60) }, (_, i) => (i === 0 ? 0 : 0x40 + chance.below(80)));
  fill(0x0000, 0x4000, () => chance.bytes(64));
  fill(0x4000, 0x6000, () => (chance.percent(30) ? chance.bytes(1 + chance.below(6)) : gap()));
  fill(0x6000, 0x8000, () => packed(chance, 1 + chance.below(16)));
  fill(0x8000, 0xa000, () => zoned(chance, 1 + chance.below(31)));
  fill(0xa000, 0xc000, word);
  fill(0xc000, 0xe000, () => unicode(chance, chance.pick([8, 16, 32]), 48 + chance.below(3) * 100));
  fill(0xe000, 0x10000, () => doubleword(chance.percent(70) ? chance.pick(edges) : chance.big(64)));
  fill(0x10000, dictionaries.at, () =>
    new Uint8Array(1 + chance.below(400)).fill(chance.pick([0, 0x40, 0x41, 0xff, 0xc1])),
  );
  writePoolDictionaries(chance, pool);
  return pool;
}

// Of 512 entries each, over letters as the text has them. What is no symbol expands to something, too.
function writePoolDictionaries(chance: Chance, pool: Uint8Array): void {
  const below = (n: number): number => chance.below(n);
  for (let i = 0; i < 2 * dictionaries.each; i++) {
    const roots = randomTree(below, { first: 0x40, letters: 6 + below(20), most: 480 });
    const written = writeDictionaries(roots, 512, i >= dictionaries.each, below);
    const at = dictionaries.at + i * dictionaries.bytes;
    pool.set(written.compression, at);
    pool.set(written.expansion, at + 0x1000);
    for (let index = 256; index < 512; index++)
      if (pool[at + 0x1000 + index * 8] === 0) pool.set([1 + below(7), ...chance.bytes(7)], at + 0x1000 + index * 8);
  }
}

/** A 64-bit register value that is no address in particular. */
export function anyValue(chance: Chance): bigint {
  const kind = chance.below(10);
  if (kind < 3) return chance.big(64);
  if (kind < 6) return chance.pick(edges);
  if (kind < 8) return BigInt(chance.below(300));
  return chance.big(1 + chance.below(64));
}

/** Ends of pages that hold data: accesses are often put across them. */
const pageEnds = [
  virtual.second,
  virtual.guarded,
  virtual.guarded + 0x1000,
  virtual.third,
  virtual.third + 0x1000,
  virtual.zero + 0x1000,
  virtual.first,
] as const;

/** The virtual address of an operand: mostly where it can be accessed, often across the end of a page. */
export function dataAddress(chance: Chance, length: number): bigint {
  const kind = chance.below(100);
  if (kind < 62) {
    const page = chance.pick([virtual.first, virtual.first, virtual.second, virtual.third, virtual.zero]);
    return BigInt(page + chance.below(4096 - Math.min(4000, length)));
  }
  if (kind < 70) return BigInt(virtual.second - chance.below(length + 2));
  if (kind < 84) return BigInt(chance.pick(pageEnds) - chance.below(length + 2));
  if (kind < 90)
    return chance.pick([virtual.top24, virtual.top31, virtual.top64]) + BigInt(4096 - chance.below(length + 40));
  if (kind < 92) return BigInt(virtual.guarded + chance.below(4096));
  if (kind < 94) return BigInt(virtual.guardedSegment + virtual.first + chance.below(4096));
  if (kind < 95) return BigInt(virtual.badEntry + chance.below(4096));
  return anyValue(chance);
}
