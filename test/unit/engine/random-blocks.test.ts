import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import type { EngineMode } from '../../../src/engine/modes.ts';
import type { Field } from '../../../src/ir/field.ts';
import { Bench, CODE, encode, MASK_64, type Outcome, rowOf, type Setup } from '../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../support/s390x/tables.ts';
import { randomWords, seed, timesAsked } from '../../support/seed.ts';

/** Programs of each kind; more by `RANDOM_TIMES`. */
const runs = timesAsked(60);

/** Rows that cannot be compared: what they do depends on how much was asked before. */
const left = new Set(['PRNO', 'TRNG']);

const rows = instructionTable.filter((row) => row.implemented && !left.has(row.mnemonic));
const storage = 0x20000;
/** The data that registers point to, in four pages, the last of which holds the program, too. */
const data = { start: 0x14000, end: 0x18000 };
/** With DAT on, the first three of them lie the other way around. */
const turned = identity(
  { 0: BigInt(PAGE_TABLE) },
  Object.fromEntries(
    Array.from({ length: 256 }, (_, i) => [i, BigInt(i === 0x14 ? 0x16 : i === 0x16 ? 0x14 : i) << 12n]),
  ),
);

type Random = () => number;

const pick = <T>(random: Random, from: readonly T[]): T => {
  const found = from[random() % from.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

function operandOf(random: Random, field: Field): number {
  if (field.kind === 'rel') return (random() % 24) * 2 + 4;
  if (field.kind === 'disp') return random() % 4 === 0 ? random() % 0xfff : (random() % 16) * 8;
  // Registers 12 to 15 count rounds and hold addresses.
  if (field.kind === 'gr') return random() % 12;
  if (field.kind === 'zr') return pick(random, [0, 13, 14, 15, random() % 12]);
  const top = 2 ** field.length - 1;
  return random() % 3 === 0 ? random() % (top + 1) : random() % Math.min(top + 1, 9);
}

function instruction(random: Random, row: Row): Uint8Array {
  const operands = Object.entries(row.format.fields).map(([name, f]) => [name, operandOf(random, f)] as const);
  return encode(row.mnemonic, Object.fromEntries(operands));
}

/** A loop of random instructions with branches over some of them. */
function program(random: Random, from: readonly Row[]): Setup {
  // What EXECUTE does lies in front of the loop.
  const target = instruction(random, rowOf(pick(random, ['MVC', 'CLC', 'XC', 'OC', 'AGR', 'MVC'])));
  const before = [encode('BRC', { m1: 15, ri2: 4 + target.length }), target];
  const body: Uint8Array[] = [];
  let at = 4 + target.length;
  const length = 3 + (random() % 10);
  for (let i = 0; i < length; i++) {
    if (random() % 8 === 0) {
      body.push(encode('LARL', { r1: 11, ri2: 4 - at }), encode('EX', { r1: random() % 11, b2: 11 }));
    } else if (random() % 5 === 0) {
      const over = instruction(random, pick(random, from));
      body.push(encode('BRC', { m1: random() % 16, ri2: 4 + over.length }), over);
    } else body.push(instruction(random, pick(random, from)));
    at = 4 + target.length + body.reduce((n, text) => n + text.length, 0);
  }
  const bytes = body.reduce((n, text) => n + text.length, 0);
  body.push(encode('BRCTG', { r1: 12, ri2: -bytes }));
  const start = random() % 4 === 0 ? 0x17000n - BigInt(Math.floor(bytes / 2)) : CODE;
  const word = (): bigint => (BigInt(random()) << 32n) | BigInt(random());
  const gr: Record<number, bigint> = { 12: 40n };
  for (let i = 0; i < 12; i++)
    gr[i] = pick(random, [word(), BigInt(random() % 300), BigInt(data.start + (random() % 0x3f00))]);
  for (const i of [13, 14, 15]) gr[i] = BigInt(data.start + (random() % 0x3800));
  const dat = random() % 2 === 0;
  return {
    code: [...before, ...body],
    at: start & ~1n,
    steps: 30 + (random() % 500),
    pieces: 8,
    mask: dat ? MASK_64 | DAT : MASK_64,
    gr,
    fpr: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, word()])),
    cc: random() % 4,
    programMask: random() % 4 === 0 ? 8 : 0,
    fpc: pick(random, [0, 0, 1, 2]),
    cr: { 0: 0x40000n | 0x20000n | EDAT, 1: BigInt(SEGMENT_TABLE) },
    storage: {
      ...turned,
      [data.start]: Uint8Array.from({ length: data.end - data.start }, () => random() & 0xff),
    },
  };
}

function seen(bench: Bench, out: Outcome) {
  const { gr, fpr, vr, ar, cc, fpc, address, pgm, cause } = out;
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    ...{ gr, fpr, vr, ar, cc, fpc, address, pgm, kind: cause?.kind },
    count: out.vcpu.icount,
    storage: hash(bench.complex.storage.read(0, storage)),
    keys: hash(bench.complex.keys.subarray(0, storage >> 12)),
  };
}

const families: Readonly<Record<string, (row: Row) => boolean>> = {
  'of all kinds': () => true,
  'of general instructions': (row) => row.facility === 'zarch' || row.facility === 'general-instructions-extension',
};

describe.each(Object.entries(families))('random loops %s', (_, of) => {
  const from = rows.filter(of);

  test.each([
    'first',
    'blocks',
    'forgetful',
  ] as const)('are the same when interpreted and in the mode %s', (mode: EngineMode) => {
    // What a program leaves behind is part of what the next one finds, so both run all of them.
    const plain = new Bench('interpreter');
    const other = new Bench(mode);
    const random = randomWords(0xb10c);
    for (let i = 0; i < runs; i++) {
      const setup = program(random, from);
      const wanted = seen(plain, plain.run(setup));
      const found = seen(other, other.run(setup));
      expect(found, `program ${i} of SEED=${seed}`).toEqual(wanted);
    }
  });
});
