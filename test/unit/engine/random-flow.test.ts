import { expect, test } from 'vitest';
import type { EngineMode } from '../../../src/engine/modes.ts';
import { Bench, encode, MASK_64, type Setup } from '../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../support/s390x/tables.ts';
import { randomWords, seed, timesAsked } from '../../support/seed.ts';

/** Programs of each mode; more by `RANDOM_TIMES`. */
const runs = timesAsked(40);

/**
 * Programs that never end: blocks that branch to each other at random, functions that are called in both ways, each with its own
 * register to return by. Registers 0 to 7 hold values, 8 counts, 9 and 10 hold addresses of code, 11 data, 12 to 14 where to return to.
 */
const DATA = 0x14000;
const CODE_END = 0x19000;

type Random = () => number;

/** A place in a program, known by number until all lengths are. */
interface Piece {
  readonly length: number;
  readonly text: (at: number, place: (label: number) => number) => Uint8Array;
}

class Program {
  readonly #pieces: Piece[] = [];
  readonly #labels = new Map<number, number>();
  #next = 0;

  label(): number {
    return this.#next++;
  }
  place(label: number): void {
    this.#labels.set(label, this.#pieces.length);
  }

  plain(mnemonic: string, operands: Record<string, number>): void {
    const text = encode(mnemonic, operands);
    this.#pieces.push({ length: text.length, text: () => text });
  }

  /** An instruction with the distance to a label. */
  to(mnemonic: string, field: string, operands: Record<string, number>, label: number): void {
    this.#pieces.push({
      length: encode(mnemonic, { ...operands, [field]: 0 }).length,
      text: (at, place) => encode(mnemonic, { ...operands, [field]: place(label) - at }),
    });
  }

  texts(): Uint8Array[] {
    const starts: number[] = [];
    let at = 0;
    for (const p of this.#pieces) {
      starts.push(at);
      at += p.length;
    }
    const place = (label: number): number => starts[this.#labels.get(label) ?? 0] ?? at;
    return this.#pieces.map((p, i) => p.text(starts[i] ?? 0, place));
  }
}

function simple(p: Program, random: Random): void {
  const r1 = random() % 8;
  const r2 = random() % 8;
  switch (random() % 14) {
    case 0:
      return p.plain('AGR', { r1, r2 });
    case 1:
      return p.plain('XR', { r1, r2 });
    case 2:
      return p.plain('SLLG', { r1, r3: r2, d2: random() % 64 });
    case 3:
      return p.plain('AGHI', { r1, i2: random() % 100 });
    case 4:
      return p.plain('LG', { r1, b2: 11, d2: (random() % 512) * 8 });
    case 5:
      return p.plain('STG', { r1, b2: 11, d2: (random() % 511) * 8 + (random() % 8) });
    case 6:
      return p.plain('ALCGR', { r1, r2 });
    case 7:
      return p.plain('LOCGR', { r1, r2, m3: random() % 16 });
    case 8:
      return p.plain('MSGR', { r1, r2 });
    case 9:
      return p.plain('CLI', { b1: 11, d1: random() % 256, i2: random() % 256 });
    case 10:
      return p.plain('IPM', { r1 });
    case 11:
      return p.plain('MVC', { b1: 11, d1: random() % 2048, l: random() % 32, b2: 11, d2: random() % 2048 });
    case 12:
      return p.plain('LR', { r1, r2 });
    default:
      return p.plain('AHI', { r1, i2: 1 + (random() % 50) });
  }
}

/** How a block ends. */
function ending(
  p: Program,
  random: Random,
  labels: readonly number[],
  functions: readonly number[],
  links: number,
): void {
  const one = (from: readonly number[]): number => from[random() % from.length] ?? 0;
  const m1 = random() % 16;
  const link = links - 1;
  const kind = random() % (functions.length === 0 ? 5 : 9);
  if (kind === 0) return p.to('BRC', 'ri2', { m1 }, one(labels));
  if (kind === 1) return p.to('BRCTG', 'ri2', { r1: 8 }, one(labels));
  if (kind === 2) return p.to('CGRJ', 'ri4', { r1: random() % 8, r2: random() % 8, m3: random() % 16 }, one(labels));
  if (kind === 3) return p.to('BRCL', 'ri2', { m1 }, one(labels));
  if (kind === 4) {
    p.to('LARL', 'ri2', { r1: 10 }, one(labels));
    return p.plain('BCR', { m1, r2: 10 });
  }
  if (kind < 7) return p.to('BRASL', 'ri2', { r1: link }, one(functions));
  p.to('LARL', 'ri2', { r1: 9 }, one(functions));
  p.to('LARL', 'ri2', { r1: 10 }, one(functions));
  p.plain('LOCGR', { r1: 9, r2: 10, m3: random() % 16 });
  return p.plain('BASR', { r1: link, r2: 9 });
}

/** Blocks one behind the other; the first label is that of the first block. */
function blocks(
  p: Program,
  random: Random,
  first: number,
  count: number,
  functions: readonly number[],
  links: number,
): void {
  const labels = [first, ...Array.from({ length: count - 1 }, () => p.label())];
  for (const label of labels) {
    p.place(label);
    for (let n = 1 + (random() % 5); n > 0; n--) simple(p, random);
    ending(p, random, labels, functions, links);
  }
}

function program(random: Random): Setup {
  const p = new Program();
  // Those of a level call those of the next, and return by the register of their own.
  const levels = [15, 14, 13].map((links, level) => ({
    links,
    entries: Array.from({ length: level === 0 ? 1 : random() % 3 }, () => p.label()),
  }));
  levels.forEach(({ links, entries }, level) => {
    const callees = levels[level + 1]?.entries ?? [];
    for (const entry of entries) {
      blocks(p, random, entry, 1 + (random() % (level === 0 ? 8 : 4)), callees, links);
      if (level === 0) p.to('BRC', 'ri2', { m1: 15 }, entry);
      else p.plain('BCR', { m1: 15, r2: links });
      // What lies between functions.
      for (let n = random() % 40; n > 0; n--) p.plain('BCR', { m1: 0, r2: 0 });
    }
  });
  const code = p.texts();
  const length = code.reduce((n, text) => n + text.length, 0);
  const boundary = 0x18000 - 2 * Math.floor((random() % length) / 2);
  const word = (): bigint => (BigInt(random()) << 32n) | BigInt(random());
  const dat = random() % 2 === 0;
  const at = Math.min(boundary, CODE_END - length) & ~1;
  // With DAT on, the frames of the code may lie the other way around, so that what follows is not what lies behind.
  const turned = dat && random() % 2 === 0;
  const frameOf = (page: number): number => (turned && (page === 0x17 || page === 0x18) ? 0x2f - page : page);
  return {
    code: [],
    at: BigInt(at),
    steps: 4000,
    pieces: 40,
    mask: dat ? MASK_64 | DAT : MASK_64,
    gr: { ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [i, word()])), 11: BigInt(DATA) },
    cr: { 0: 0x40000n | 0x20000n | EDAT, 1: BigInt(SEGMENT_TABLE) },
    storage: {
      ...(dat ? identity({ 0: BigInt(PAGE_TABLE) }, pages(frameOf)) : {}),
      ...placed(Buffer.concat(code), at, frameOf),
    },
  };
}

function pages(frameOf: (page: number) => number): Record<number, bigint> {
  return Object.fromEntries(Array.from({ length: 256 }, (_, page) => [page, BigInt(frameOf(page)) << 12n]));
}

/** Where the bytes of each page lie. */
function placed(bytes: Uint8Array, at: number, frameOf: (page: number) => number): Record<number, Uint8Array> {
  const found: Record<number, Uint8Array> = {};
  for (let from = 0; from < bytes.length; ) {
    const address = at + from;
    const to = Math.min(bytes.length, from + 0x1000 - (address % 0x1000));
    found[frameOf(address >> 12) * 0x1000 + (address % 0x1000)] = bytes.subarray(from, to);
    from = to;
  }
  return found;
}

test.each([
  'first',
  'blocks',
  'forgetful',
  'merging',
] as const)('random flow is the same when interpreted and in the mode %s', (mode: EngineMode) => {
  const plain = new Bench('interpreter');
  const other = new Bench(mode);
  const random = randomWords(0xf10e);
  for (let i = 0; i < runs; i++) {
    const setup = program(random);
    const of = (bench: Bench): unknown => {
      const { gr, cc, address, vcpu, pgm, storage } = bench.run(setup);
      return { gr, cc, address, pgm, count: vcpu.icount, data: storage(DATA, 0x1000) };
    };
    expect(of(other), `program ${i} of SEED=${seed}`).toEqual(of(plain));
  }
  expect(other.translated?.counts.translated).toBeGreaterThan(runs);
  if (mode === 'merging') expect(other.translated?.counts.replaced).toBeGreaterThan(0);
});
