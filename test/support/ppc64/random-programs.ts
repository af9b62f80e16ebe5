/** Random ppc64 programs, and what is seen of them. */

import { createHash } from 'node:crypto';
import type { PpcField } from '../../../src/arch/ppc64/isa/fields.ts';
import type { Row } from '../../../src/arch/ppc64/isa/row.ts';
import { type Bench, encode, MSR_64, MSR_ALL, type Setup } from './isa.ts';

/** Where operands lie. */
const data = { start: 0x14000, end: 0x18000 };

/** Gives random words. */
export type Random = () => number;

/** One of them. */
export const pick = <T>(random: Random, from: readonly T[]): T => {
  const found = from[random() % from.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

function operandOf(random: Random, name: string, field: PpcField): number {
  // Registers 26 to 31 hold addresses, 14 to 16 what is added to them.
  if (name === 'ra') return pick(random, [26, 27, 28, 29, 30, 31, 26, 27, random() % 13]);
  if (name === 'rb') return pick(random, [14, 15, 16, random() % 13]);
  if (field.kind === 'gr' || field.kind === 'zr') return random() % 13;
  if (name === 'd') return pick(random, [(random() % 64) - 16, (random() % 5) - 2]) * 4;
  const top = 2 ** field.length - 1;
  return random() % 3 === 0 ? random() % (top + 1) : random() % Math.min(top + 1, 9);
}

/** An instruction of a row with random operands: registers 17 to 25 are left alone. */
export function instruction(random: Random, row: Row): number {
  const operands = Object.entries(row.fields).map(([name, f]) => [name, operandOf(random, name, f)] as const);
  return encode(row.mnemonic, Object.fromEntries(operands));
}

/** A loop of random instructions with branches over some of them, calls, and returns. */
export function randomLoop(random: Random, from: readonly Row[]): Setup {
  const body: number[] = [];
  const length = 3 + (random() % 12);
  for (let i = 0; i < length; i++) {
    if (random() % 5 === 0) {
      const bo = pick(random, [4, 12, 4, 12, 0, 8, 20]);
      body.push(
        (0x4000_0000 | (bo << 21) | ((random() % 32) << 16) | 8) >>> 0,
        instruction(random, pick(random, from)),
      );
    } else if (random() % 12 === 0) {
      // To the instruction behind the next one, which returns to where it was called from.
      body.push(0x4800_0009, 0x4800_0008, 0x4e80_0020);
    } else body.push(instruction(random, pick(random, from)));
  }
  body.push((0x4200_0000 | ((-4 * body.length) & 0xfffc)) >>> 0);
  const word = (): bigint => (BigInt(random()) << 32n) | BigInt(random());
  const gpr: Record<number, bigint> = {};
  for (let i = 0; i < 13; i++)
    gpr[i] = pick(random, [word(), BigInt(random() % 300), BigInt(data.start + (random() % 0x3f00))]);
  for (let i = 14; i < 17; i++) gpr[i] = BigInt(random() % 64) * 8n;
  for (let i = 26; i < 32; i++) gpr[i] = BigInt(data.start + 0x400 + (random() % 0x600) * 8);
  return {
    code: body,
    steps: 30 + (random() % 500),
    msr: pick(random, [MSR_ALL, MSR_ALL, MSR_64, MSR_ALL & 0xffff_ffffn, MSR_ALL | 1n]),
    gpr,
    vsr: Object.fromEntries(Array.from({ length: 64 }, (_, i) => [i, [word(), word()] as const])),
    cr: random(),
    xer: pick(random, [0, 0xe000_0000, 0x2000_0010]),
    ctr: 40n,
    storage: { [data.start]: Uint8Array.from({ length: data.end - data.start }, () => random() & 0xff) },
  };
}

/** Runs a program; everything that a guest can see of the end. */
export function seen(bench: Bench, setup: Setup) {
  const { vcpu, storage, cause, ...registers } = bench.run(setup);
  const text = storage(0, 0x20000);
  return {
    ...registers,
    count: vcpu.executed,
    cause: cause?.kind,
    storage: createHash('sha256').update(text).digest('hex'),
  };
}
