/** Runs that take the host long: whatever makes them slow, they end early and the guest goes on as if they had not. */

import { describe, expect, test } from 'vitest';
import { CpuComplex } from '../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../src/arch/s390x/cpu/core.ts';
import type { S390xGuest } from '../../../../src/arch/s390x/guest.ts';
import { instructionTable } from '../../../../src/arch/s390x/isa/table.ts';
import { Watchpoints } from '../../../../src/debug/watchpoints.ts';
import { buildTestEngine } from '../../../support/engine.ts';
import { guestOn } from '../../../support/s390x/guest.ts';
import { CODE, encode, MASK_64, psw } from './kvm/harness.ts';

const complex = new CpuComplex({ vcpus: 1, storage: 4 << 20, decodePages: 64 });
const core = new S390xCore(complex, instructionTable);
const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);

const COUNT = 20_000n;
const SVC_OLD_PSW = 0x140;
const SVC_NEW_PSW = 0x1c0;
const PROGRAM_OLD_PSW = 0x150;
const PROGRAM_NEW_PSW = 0x1d0;
const DATA = 0x2_0000;

const count = encode('AGHI', { r1: 2, i2: 1 });
/** Registers 4 to 7 become those of two operands of a quarter of a mebibyte. */
const operands = [4, 5, 6, 7].map((r) => encode('LGR', { r1: r, r2: r + 4 }));
const registers = { 8: 0x20_0000n, 9: 0x4_0000n, 10: 0x30_0000n, 11: 0x4_0000n, 12: 0x20_4000n } as const;

const loops = {
  'stores into its own text': [
    count,
    encode('LARL', { r1: 1, ri2: 6 }),
    encode('STC', { r1: 2, x2: 0, b2: 1, d2: 7 }),
    encode('LHI', { r1: 3, i2: 0 }),
    encode('BRC', { m1: 15, ri2: -18 }),
  ],
  'stores where a debugger watches': [
    count,
    encode('LARL', { r1: 1, ri2: DATA - CODE - 4 }),
    encode('ST', { r1: 0, x2: 0, b2: 1, d2: 0 }),
    encode('BRC', { m1: 15, ri2: -14 }),
  ],
  'is intercepted': [
    count,
    encode('LARL', { r1: 1, ri2: DATA + 0x8000 - CODE - 4 }),
    encode('STIDP', { b2: 1, d2: 0 }),
    encode('BRC', { m1: 15, ri2: -14 }),
  ],
  'calls a supervisor that returns': [count, encode('SVC', { i: 1 }), encode('BRC', { m1: 15, ri2: -6 })],
  'faults and is sent on': [count, new Uint8Array(2), encode('BRC', { m1: 15, ri2: -6 })],
  'moves much (MVCL)': [count, ...operands, encode('MVCL', { r1: 4, r2: 6 }), encode('BRC', { m1: 15, ri2: -22 })],
  'moves much (MVCLE)': [
    count,
    ...operands,
    encode('MVCLE', { r1: 4, r3: 6 }),
    encode('BRC', { m1: 1, ri2: -4 }),
    encode('BRC', { m1: 15, ri2: -28 }),
  ],
  'compares much (CLCLE)': [
    count,
    ...operands,
    encode('CLCLE', { r1: 4, r3: 6 }),
    encode('BRC', { m1: 1, ri2: -4 }),
    encode('BRC', { m1: 15, ri2: -28 }),
  ],
  'adds much up (CKSM)': [
    count,
    ...operands,
    encode('CKSM', { r1: 2, r2: 4 }),
    encode('BRC', { m1: 1, ri2: -4 }),
    encode('BRC', { m1: 15, ri2: -28 }),
  ],
  'enciphers much (KM)': [
    count,
    ...operands,
    encode('LGHI', { r1: 0, i2: 18 }),
    encode('LGHI', { r1: 1, i2: 0x800 }),
    encode('KM', { r1: 4, r2: 6 }),
    encode('BRC', { m1: 1, ri2: -4 }),
    encode('BRC', { m1: 15, ri2: -36 }),
  ],
  'translates much (TRT)': [
    count,
    encode('TRT', { l: 255, b1: 8, d1: 0, b2: 10, d2: 0 }),
    encode('BRC', { m1: 15, ri2: -10 }),
  ],
  'gives storage back (DIAG 10)': [
    count,
    encode('DIAG', { r1: 8, r3: 12, b2: 0, d2: 0x10 }),
    encode('BRC', { m1: 15, ri2: -8 }),
  ],
} as const;

/** Instructions in a piece of the loops whose every turn may take the host very long. */
const MOST: Readonly<Record<string, bigint>> = { 'gives storage back (DIAG 10)': 6n };

function start(texts: readonly Uint8Array[]): S390xGuest {
  complex.storage.fill(0, complex.storage.size, 0);
  complex.frames.decodePages.flush();
  const guest = guestOn(core, interpreter);
  guest.storage.write(CODE, Buffer.concat(texts));
  guest.storage.write(SVC_NEW_PSW, psw(MASK_64, 0x3_0000));
  guest.storage.write(0x3_0000, encode('LPSWE', { b2: 0, d2: SVC_OLD_PSW }));
  guest.start({ mask: MASK_64, address: BigInt(CODE) });
  guest.storage.write(PROGRAM_NEW_PSW, psw(MASK_64, 0x3_1000));
  guest.storage.write(0x3_1000, encode('LPSWE', { b2: 0, d2: PROGRAM_OLD_PSW }));
  guest.vm.vcpus[0]?.vcpu.setGr(2, 0n);
  for (const [n, value] of Object.entries(registers)) guest.vm.vcpus[0]?.vcpu.setGr(Number(n), value);
  const watch = new Watchpoints(guest);
  watch.watch([{ access: 'write', address: BigInt(DATA) - 0x1000n, length: 0x3000, vcpu: 0 }]);
  guest.watchStorage(watch);
  return guest;
}

/** Runs `COUNT` instructions, however often that ends early; instructions of each run, and the state at the end. */
function run(texts: readonly Uint8Array[], isOver?: () => boolean): { pieces: bigint[]; state: string } {
  const guest = start(texts);
  const [vcpu] = guest.vcpus;
  if (vcpu === undefined) throw new Error('no vCPU');
  const pieces: bigint[] = [];
  const end = vcpu.elapsed() + COUNT;
  while (vcpu.elapsed() < end) {
    const before = vcpu.elapsed();
    const how = { checked: false, holdInterruptions: false, ...(isOver === undefined ? {} : { isOver }) };
    expect(vcpu.run({ count: end - before, ...how }).kind).toBe('quantum');
    pieces.push(vcpu.elapsed() - before);
  }
  // The CPUs' clocks go on from test to test.
  const registers = guest.description.features
    .flatMap(({ registers: rows }) => rows)
    .filter(({ name }) => name !== 'cputm');
  const state = registers.map((row) => Buffer.from(guest.readRegister(0, row) ?? []).toString('hex')).join(' ');
  return { pieces, state: `${state} ${Buffer.from(guest.storage.read(CODE, 64) ?? []).toString('hex')}` };
}

describe.each(Object.entries(loops))('a run of a guest that %s', (name, texts) => {
  test('ends early when its time is over', () => {
    const { pieces } = run(texts, () => true);
    expect(pieces.every((n) => n < (MOST[name] ?? 1000n))).toBe(true);
    expect(pieces.every((n) => n > 0n)).toBe(true);
  });

  test('leaves the same guest as one that does not', () => {
    const whole = run(texts);
    expect(whole.pieces).toEqual([COUNT]);
    expect(run(texts, () => true).state).toBe(whole.state);
  });
});

// Nothing slow happens there, so that only the count can end a run.
test('a run of translated code in a hot loop ends where it shall, however few instructions that is', () => {
  const guest = start([count, encode('AGHI', { r1: 3, i2: 1 }), encode('BRC', { m1: 15, ri2: -8 })]);
  const [vcpu] = guest.vcpus;
  if (vcpu === undefined) throw new Error('no vCPU');
  // The translator waits until waiting has cost as much as its work would.
  for (const length of [100n * COUNT, COUNT, 1n, 2n, 500n, 777n, COUNT]) {
    const before = vcpu.elapsed();
    vcpu.run({ count: length, checked: false, holdInterruptions: false, isOver: () => true });
    expect(vcpu.elapsed() - before).toBe(length);
  }
  if (interpreter.translated !== undefined) expect(interpreter.translated.listing(CODE)?.[0]).toContain('entered');
});

// Whatever goes a slow way is asked whether it is time, and it always is here.
test('opening and closing the system mask while nothing waits goes no slow way', () => {
  const texts = [
    encode('LARL', { r1: 1, ri2: DATA + 0x8000 - CODE }),
    count,
    encode('STNSM', { b1: 1, d1: 0, i2: 0xfc }),
    encode('STOSM', { b1: 1, d1: 0, i2: 0x03 }),
    encode('SSM', { b2: 1, d2: 0 }),
    encode('BRC', { m1: 15, ri2: -16 }),
  ];
  const { pieces } = run(texts, () => true);
  // The first time round each instruction is decoded and each page looked for.
  expect(pieces.length).toBeLessThan(4);
});
