/** Random programs with transactions do what the manual's words say: neither QEMU nor Hercules has transactions here. */

import { expect, test } from 'vitest';
import { CR0_HIGH } from '../../../../../src/arch/s390x/cpu/control-register-bits.ts';
import { bigEndian } from '../../../../../src/bits/hex.ts';
import { randomWords } from '../../../../support/seed.ts';
import { CODE, encode, KvmBench, NOP, SPIN } from '../kvm/harness.ts';
import { type Diagnosis, type Step, TransactionModel } from './transaction-model.ts';

const bench = new KvmBench();
const next = randomWords(0x7bd);
const below = (n: number): number => next() % n;
const pick = <T>(...from: readonly [T, ...T[]]): T => from[below(from.length)] ?? from[0];

/** Data lies on both sides of a page's end, doublewords that are stored past transactions behind it. */
const DATA = 0x1_2fe0;
const KEPT = 0x1_4000;
const TDBS = [0x1_5000, 0x1_5800] as const;
const PROGRAM_TDB = 0x1800;
const NOWHERE = 0x4000_0000n;
const CONTROLS = (BigInt(CR0_HIGH.transactions) << 32n) | 0x4_0000n;
/** Registers with addresses, which programs do not change. */
const at = { data: 10, nowhere: 11, kept: 12, tdb: 13, odd: 14 } as const;

// An instruction without its place, and its bytes.
type Kind = Step extends infer S ? (S extends Step ? Omit<S, 'address' | 'length'> : never) : never;
type Made = readonly [bytes: Uint8Array, kind: Kind];

const register = (): number => below(10);
const controls = (): number => pick(0, 0xff, below(256)) * 256 + pick(0, 4, 8, 12) + pick(0, 0, 1, 2);
function begin(): Made {
  const [value, tdb] = [controls(), below(3)];
  const where = TDBS[tdb];
  const operand = where === undefined ? {} : { b1: at.tdb, d1: where - TDBS[0] };
  return [encode('TBEGIN', { ...operand, i2: value }), { does: 'begin', controls: value, tdb: where }];
}
function beginConstrained(): Made {
  const value = controls();
  return [encode('TBEGINC', { i2: value }), { does: 'begin constrained', controls: value }];
}
function faulting(): Made {
  const r1 = 2 * below(5);
  return pick<Made>(
    // Register 15 is zero.
    [encode('DSGR', { r1, r2: 15 }), { does: 'fault', code: 9, group: 'computation', divides: true }],
    [encode('LG', { r1, b2: at.nowhere }), { does: 'fault', code: 5, group: 'access' }],
    [encode('STG', { r1, b2: at.nowhere }), { does: 'fault', code: 5, group: 'access' }],
    [encode('LPQ', { r1, b2: at.odd }), { does: 'fault', code: 6, group: 'computation' }],
    [Uint8Array.of(0, 0), { does: 'fault', code: 1, group: 'other' }],
  );
}
function storing(): Made {
  const [r1, slot] = [register(), 8 * below(8)];
  return pick<Made>(
    [encode('STG', { r1, b2: at.data, d2: slot }), { does: 'store', r1, at: DATA + slot }],
    [encode('NTSTG', { r1, b2: at.kept, d2: slot }), { does: 'store nontransactionally', r1, at: KEPT + slot }],
  );
}
function using(): Made {
  return pick<Made>(
    [encode('LDR', { r1: 1, r2: 2 }), { does: 'use', what: 'floating point' }],
    [encode('VLR', { v1: 17, v2: 18 }), { does: 'use', what: 'floating point' }],
    [encode('SAR', { r1: 1, r2: 2 }), { does: 'use', what: 'access registers' }],
    [encode('LGR', { r1: 9, r2: 9 }), { does: 'use', what: 'nothing' }],
  );
}
function forbidden(): Made {
  return pick<Made>(
    [encode('PPA', { r1: 1, r2: 2, m3: 1 }), { does: 'restricted' }],
    [encode('STCTG', { r1: 0, r3: 0, b2: at.kept, d2: 0x280 }), { does: 'restricted' }],
    [NOP, { does: 'not constrained' }],
    [encode('MVC', { b1: at.kept, d1: 0x300, b2: at.kept, d2: 0x300 }), { does: 'not constrained' }],
  );
}
function other(): Made {
  const [r1, i2] = [register(), below(0x1_0000) - 0x8000];
  const code = 256 + below(100);
  return pick<Made>(
    [encode('LGHI', { r1, i2 }), { does: 'set', r1, value: BigInt(i2) }],
    [encode('ETND', { r1 }), { does: 'depth', r1 }],
    [encode('TEND'), { does: 'end' }],
    [encode('TEND'), { does: 'end' }],
    [encode('TABORT', { d2: code }), { does: 'abort', code }],
  );
}
/** Instructions that begin are followed by a branch to the program's end, which an abort takes. */
function makeOne(n: number): Made {
  if (n === 0) return below(5) === 0 ? beginConstrained() : begin();
  const kind = below(100);
  if (kind < 18) return below(5) === 0 ? beginConstrained() : begin();
  if (kind < 26) return faulting();
  if (kind < 54) return storing();
  if (kind < 64) return using();
  if (kind < 68) return forbidden();
  return other();
}

interface Program {
  readonly texts: readonly Uint8Array[];
  readonly steps: readonly Step[];
}

function makeProgram(): Program {
  const deep = below(12) === 0;
  const made: Made[] = [];
  for (let n = 0; n < 40; n++) {
    const one = deep && n < 30 ? begin() : makeOne(n);
    made.push(one);
    // What is not an outermost one never comes here with another condition code than 0.
    if (one[1].does === 'begin') made.push([encode('BRC', { m1: 7 }), { does: 'leave when aborted' }]);
  }
  made.push([SPIN, { does: 'stop' }]);
  let address = CODE;
  const places = made.map(([bytes]) => {
    const place = { address, length: bytes.length };
    address += bytes.length;
    return place;
  });
  const end = address - SPIN.length;
  const texts = made.map(([bytes, kind], i) =>
    kind.does === 'leave when aborted' ? encode('BRC', { m1: 7, ri2: end - (places[i]?.address ?? 0) }) : bytes,
  );
  return {
    texts,
    steps: made.map(([, kind], i) => ({ ...kind, ...(places[i] ?? { address: 0, length: 0 }) }) as Step),
  };
}

/** A diagnostic block in storage; undefined when nothing is there. */
function blockAt(address: number): Diagnosis | undefined {
  const number = (offset: number, length: number): number => Number(bigEndian(bench.bytes(address + offset, length)));
  if (number(0, 1) === 0) return undefined;
  return {
    constrained: (number(1, 1) & 0x40) !== 0,
    depth: number(6, 2),
    code: number(8, 8),
    at: number(0x18, 8),
    identification: bench.hex(address + 0x24, 4),
    registers: Array.from({ length: 16 }, (_, n) => bigEndian(bench.bytes(address + 0x80 + 8 * n, 8))),
  };
}

function compare(program: Program, cut: number): TransactionModel {
  // One that the program before has left open is not this one's.
  for (const vcpu of bench.complex.vcpus) bench.core.transactions.drop(vcpu);
  bench.fresh();
  const v = bench.program(program.texts);
  const addresses: Readonly<Record<number, bigint>> = {
    [at.data]: BigInt(DATA),
    [at.nowhere]: NOWHERE,
    [at.kept]: BigInt(KEPT),
    [at.tdb]: BigInt(TDBS[0]),
    [at.odd]: BigInt(DATA + 4),
    15: 0n,
  };
  const registers = Array.from({ length: 16 }, (_, n) => addresses[n] ?? (BigInt(next()) << 32n) | BigInt(next()));
  for (const [n, value] of registers.entries()) v.vcpu.setGr(n, value);
  v.vcpu.setCr(0, CONTROLS | 0x2_0000n);
  v.vcpu.controlsChanged();
  v.sync();
  const model = new TransactionModel(program.steps, registers, v.vcpu.cc);
  // A constrained transaction is done again for ever if it cannot come to its end: both do as much as there is time for.
  const most = 200;
  for (let done = 0; done < most; done += cut) bench.run(v, cut);
  model.run(most);
  const stored = (from: number): bigint[] =>
    Array.from({ length: 8 }, (_, n) => bigEndian(bench.bytes(from + 8 * n, 8)));
  const expected = (from: number): bigint[] =>
    Array.from({ length: 8 }, (_, n) => model.storage.get(from + 8 * n) ?? 0n);
  const { interruption } = model;
  const taken = bench.taken(v);
  const old = bench.low('programOldPsw');
  const listing = program.steps.map(({ address, length, ...step }) => {
    const words = Object.entries(step).map(([name, value]) => `${name}=${value}`);
    return `${address.toString(16)} +${length} ${words.join(' ')}`;
  });
  const found = {
    registers: Array.from({ length: 16 }, (_, n) => v.vcpu.gr(n)),
    data: stored(DATA),
    kept: stored(KEPT),
    blocks: TDBS.map(blockAt),
    interruption:
      taken !== 'program'
        ? undefined
        : {
            code: Number(bench.low('programCode')),
            ilc: bench.bytes(0x8d, 1)[0],
            address: Number(old & 0xffff_ffffn),
            cc: Number((old >> 108n) & 3n),
          },
    block: blockAt(PROGRAM_TDB),
    depth: bench.core.transactions.of(v.vcpu)?.levels.length ?? 0,
    cc: taken === 'program' ? interruption?.cc : v.vcpu.cc,
  };
  expect(found, `cut by ${cut}:\n${listing.join('\n')}\n`).toEqual({
    registers: model.registers,
    data: expected(DATA),
    kept: expected(KEPT),
    blocks: TDBS.map((address) => model.blocks.get(address)),
    interruption,
    block: interruption !== undefined && (interruption.code & 0x200) !== 0 ? model.lastDiagnosis : undefined,
    depth: model.depth,
    cc: model.cc,
  });
  return model;
}

test('TBEGIN, TBEGINC, TEND, TABORT, ETND and NTSTG in programs of every kind', () => {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  for (let n = 0; n < 700; n++) {
    const model = compare(makeProgram(), pick(200, 7, 1));
    for (const what of model.seen) count(what);
    if (model.interruption !== undefined) count(`interrupted ${model.interruption.code.toString(16)}`);
  }
  const often = [
    'ended',
    'aborted by program',
    ...['aborted 4', 'aborted 11', 'aborted 12', 'aborted 13'],
    ...[
      'interrupted 13',
      'interrupted 201',
      'interrupted 205',
      'interrupted 206',
      'interrupted 209',
      'interrupted 218',
    ],
  ];
  expect(often.filter((what) => !seen.has(what))).toEqual([]);
});
