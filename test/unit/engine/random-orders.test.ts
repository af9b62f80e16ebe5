import { describe, expect, test } from 'vitest';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import type { Row } from '../../../src/arch/ppc64/isa/row.ts';
import { instructionTable } from '../../../src/arch/ppc64/isa/table.ts';
import type { ByteOrder } from '../../../src/bits/byte-order.ts';
import type { EngineMode } from '../../../src/engine/modes.ts';
import { Bench, CODE, encode, MSR_ALL, type Setup } from '../../support/ppc64/isa.ts';
import { instruction, pick, type Random, randomLoop, seen } from '../../support/ppc64/random-programs.ts';
import { randomWords, seed, timesAsked } from '../../support/seed.ts';

/** Programs of each kind; more by `RANDOM_TIMES`. */
const runs = timesAsked(60);
const LE = 1n;
const PAGE = 0x1000;
/** Where the code of the other byte order stands. */
const OTHER = 0x1_9000;

/** Those that access storage; what leaves the loop or stops the machine is not among them. */
const accesses =
  /^(l[bhwdfqv]|l[hdw]arx|lx|st|dcbz)(?!mw|.*cix)|^(add|or|rlwinm|cmp|vperm|xxpermdi|mfcr|mfvsrd|mtvsrd)$/;
const rows = instructionTable.filter((row) => row.implemented && accesses.test(row.base));

const mtspr = (name: string, rs: number): number => encode(`mt${name}`, { rt: rs });

/** Addresses of bytes around the ends of pages, some of which are aligned, and what is added to them. */
function nearPages(random: Random): Record<number, bigint> {
  const near = (): bigint => BigInt(pick(random, [0x1_5000, 0x1_6000, 0x1_7000]) - (random() % 24));
  const addresses = [26, 27, 28, 29, 30, 31].map((register) => [register, near()]);
  const added = [14, 15, 16].map((register) => [register, BigInt(random() % 16)]);
  return Object.fromEntries([...addresses, ...added]);
}

/** A loop in one byte order, in either mode of addresses. */
function oneOrder(random: Random, from: readonly Row[]): Setup {
  const setup = randomLoop(random, from);
  const msr = pick(random, [MSR_ALL, MSR_ALL & 0xffff_ffffn]) | pick(random, [0n, LE, LE]);
  return { ...setup, msr, gpr: { ...setup.gpr, ...nearPages(random) } };
}

/** The same with a way to code of the other order and back in each iteration. */
function bothOrders(random: Random, from: readonly Row[]): Setup {
  const here = MSR_ALL | pick(random, [0n, LE]);
  const { code, ...setup } = randomLoop(random, from);
  const loop = code.slice(0, -1);
  const there = [mtspr('srr0', 17), mtspr('srr1', 18), encode('rfid')];
  const back = [mtspr('srr0', 19), mtspr('srr1', 20), encode('rfid')];
  const body = [...loop, ...there];
  const end = [...body, (0x4200_0000 | ((-4 * body.length) & 0xfffc)) >>> 0];
  const bytes = new DataView(new ArrayBuffer(PAGE));
  const other = [...Array.from({ length: 1 + (random() % 6) }, () => instruction(random, pick(random, from))), ...back];
  for (const [i, word] of other.entries()) bytes.setUint32(4 * i, word, (here & LE) === 0n);
  return {
    ...{ ...setup, code: end, msr: here },
    gpr: {
      ...{ ...setup.gpr, ...nearPages(random), 17: BigInt(OTHER), 18: here ^ LE },
      ...{ 19: CODE + BigInt(4 * body.length), 20: here },
    },
    storage: { ...setup.storage, [OTHER]: new Uint8Array(bytes.buffer) },
  };
}

const kinds = { 'in one byte order': oneOrder, 'in both byte orders': bothOrders };

describe.each(Object.entries(kinds))('random ppc64 loops %s', (_, program) => {
  const others: readonly (readonly [EngineMode, ByteOrder])[] = [
    ['interpreter', 'little'],
    ['first', 'big'],
    ['first', 'little'],
    ['blocks', 'little'],
    ['forgetful', 'little'],
  ];
  test.each(others)('are the same when interpreted, and by %s in storage that is %s endian', (mode, order) => {
    const plain = new Bench('interpreter', cpuModels.power8, 'big');
    const other = new Bench(mode, cpuModels.power8, order);
    const random = randomWords(0x1ebe);
    for (let i = 0; i < runs; i++) {
      const setup = program(random, rows);
      expect(seen(other, setup), `program ${i} of SEED=${seed}`).toEqual(seen(plain, setup));
    }
  });
});
