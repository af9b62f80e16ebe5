import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../support/s390x/tables.ts';
import { randomWords, seed, timesAsked } from '../../support/seed.ts';

/** Programs; more by `RANDOM_TIMES`. */
const runs = timesAsked(150);

type Random = () => number;

const storage = 0x20000;
const data = { start: 0x12000, end: 0x18000 };
/** The second page of the data is not there, two others lie the other way around. */
const turned = identity(
  { 0: BigInt(PAGE_TABLE) },
  Object.fromEntries(
    Array.from({ length: 256 }, (_, i) => [
      i,
      i === 0x13 ? 0x400n : BigInt(i === 0x14 ? 0x16 : i === 0x16 ? 0x14 : i) << 12n,
    ]),
  ),
);

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[random() % from.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

/** By a register that moves, perhaps with one that does not. */
function access(random: Random): Uint8Array {
  const b2 = pick(random, [13, 14, 15]);
  const d2 = pick(random, [0, 1, 8, 16, 100, 250, 4000]);
  const r1 = random() % 8;
  const wide = pick(random, ['LG', 'STG', 'LLGC', 'STC', 'L', 'ST', 'AG', 'IC', 'CG', 'STRVG', 'OG'] as const);
  if (random() % 6 === 0) return encode('MVC', { l: random() % 16, b1: b2, d1: d2, b2: 13 + (random() % 3), d2: 40 });
  if (random() % 6 === 0) return encode(pick(random, ['VL', 'VST'] as const), { v1: random() % 4, b2, d2 });
  return encode(wide, { r1, x2: pick(random, [0, 0, 9]), b2, d2 });
}

/** By an index that is cut to so many bits, as into a table. */
function lookup(random: Random): Uint8Array {
  const [r1, b2] = [random() % 8, pick(random, [13, 14, 15])];
  const from = pick(random, [52, 54, 56, 60, 63]);
  const cut = encode('RISBG', { r1: 10, r2: random() % 8, i3: from, i4: 0x80 | 63, i5: random() % 64 });
  const wide = pick(random, ['LG', 'L', 'LLGC', 'STC', 'AG'] as const);
  return Buffer.concat([cut, encode(wide, { r1, x2: 10, b2, d2: pick(random, [0, 8, 100]) })]);
}

function step(random: Random, r1: number): Uint8Array {
  const by = pick(random, [1, 2, 8, 8, 16, 64, 256, 768, 1024, 2000, -1, -8, -136, -768]);
  return by > 0 && random() % 3 === 0 ? encode('LA', { r1, b2: r1, d2: by }) : encode('AGHI', { r1, i2: by });
}

/** What a register does otherwise than to move. */
function jump(random: Random): Uint8Array {
  const r1 = 13 + (random() % 3);
  return random() % 2 === 0 ? encode('LGR', { r1, r2: 13 + (random() % 3) }) : encode('AHI', { r1, i2: 8 });
}

function work(random: Random): Uint8Array {
  const [r1, r2] = [random() % 8, random() % 8];
  return encode(pick(random, ['AGR', 'ALGR', 'XGR', 'MSGR', 'LGR', 'SLGR', 'LTGR', 'AR', 'NR'] as const), { r1, r2 });
}

/** A loop with ways out of it, and something behind it, in an outer loop. */
function program(random: Random): Setup {
  const body: Uint8Array[] = [];
  const length = 2 + (random() % 7);
  for (let i = 0; i < length; i++) {
    body.push(random() % 3 < 2 ? (random() % 6 === 0 ? lookup(random) : access(random)) : work(random));
    if (random() % 10 === 0) {
      body.push(encode('CLGR', { r1: random() % 8, r2: random() % 8 }));
      // Out of the loop, or on in it.
      const over = work(random);
      if (random() % 2 === 0) body.push(encode('BRC', { m1: random() % 16, ri2: 4 + over.length }), over);
      else body.push(encode('BRC', { m1: pick(random, [2, 4, 8]), ri2: 0 }));
    }
  }
  for (const r1 of [13, 14, 15]) if (random() % 3 < 2) body.splice(random() % (body.length + 1), 0, step(random, r1));
  if (random() % 8 === 0) body.push(jump(random));
  const bytes = body.reduce((n, text) => n + text.length, 0);
  // Ways out lead behind the branch that ends the loop.
  let at = 0;
  const texts = body.map((text) => {
    const here = at;
    at += text.length;
    const out = text.length === 4 && text[0] === 0xa7 && ((text[1] ?? 0) & 15) === 4 && text[2] === 0 && text[3] === 0;
    return out ? encode('BRC', { m1: (text[1] ?? 0) >> 4, ri2: bytes + 4 - here }) : text;
  });
  texts.push(encode('BRCTG', { r1: 12, ri2: -bytes }), work(random), encode('LGHI', { r1: 12, i2: 9 }));
  const whole = texts.reduce((n, text) => n + text.length, 0);
  texts.push(encode('BRCTG', { r1: 11, ri2: -whole }));
  const gr: Record<number, bigint> = { 9: BigInt(random() % 64), 11: 6n, 12: BigInt(1 + (random() % 200)) };
  for (let i = 0; i < 8; i++) gr[i] = pick(random, [BigInt(random()), BigInt(random() % 9)]);
  for (const i of [13, 14, 15]) gr[i] = BigInt(data.start + 0x2000 + (random() % 0x3000));
  return {
    code: texts,
    at: random() % 4 === 0 ? 0x17100n : CODE,
    steps: 20 + (random() % 2000),
    mask: random() % 2 === 0 ? MASK_64 | DAT : MASK_64,
    gr,
    cc: random() % 4,
    cr: { 0: 0x40000n | 0x20000n | EDAT, 1: BigInt(SEGMENT_TABLE) },
    storage: {
      ...turned,
      [data.start]: Uint8Array.from({ length: data.end - data.start }, () => random() & 0xff),
    },
  };
}

function seen(bench: Bench, setup: Setup) {
  const { gr, vr, cc, address, pgm, cause, vcpu } = bench.run(setup);
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    ...{ gr, vr, cc, address, pgm, kind: cause?.kind, count: vcpu.icount },
    storage: hash(bench.complex.storage.read(0, storage)),
    keys: hash(bench.complex.keys.subarray(0, storage >> 12)),
  };
}

test.each([
  'first',
  'blocks',
  'forgetful',
] as const)('loops through storage are the same when interpreted and in the mode %s', (mode) => {
  const plain = new Bench('interpreter');
  const other = new Bench(mode);
  const random = randomWords(0x57e9);
  for (let i = 0; i < runs; i++) {
    const setup = program(random);
    const wanted = seen(plain, setup);
    expect(seen(other, setup), `program ${i} of SEED=${seed}`).toEqual(wanted);
  }
});
