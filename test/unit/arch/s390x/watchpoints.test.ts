/** Watchpoints of a whole machine: what counts is the storage behind an address, however it is reached. */

import { beforeEach, describe, expect, test } from 'vitest';
import { gpa } from '../../../../src/arch/s390x/dat/address.ts';
import { toBigEndian } from '../../../../src/bits/hex.ts';
import { CODE, encode, MASK_64, psw } from './kvm/harness.ts';
import { DONE, WatchBench } from './watch-bench.ts';

const bench = new WatchBench();

/** A page that each space maps to a frame of its own; the first megabyte is the same in all. */
const PAGE = 0x10_0000;
const ALIAS = 0x10_1000;
const FRAMES = { primary: 0x30_0000, secondary: 0x31_0000, home: 0x32_0000, spare: 0x33_0000 } as const;
type Space = keyof typeof FRAMES;
const tables: Readonly<Record<Space, number>> = {
  primary: 0x20_0000,
  secondary: 0x20_4000,
  home: 0x20_8000,
  spare: 0x20_c000,
};
const DAT = MASK_64 | (1n << 58n);
const inSpace = { primary: DAT, secondary: DAT | (2n << 46n), home: DAT | (3n << 46n) } as const;
const OTHER_PREFIX = 0x8000;
const DATA = 0x5000;

function map(space: Space): void {
  const segments = tables[space];
  for (const [i, first] of [0, 1].entries()) {
    const pages = segments + 0x1000 * (i + 1);
    bench.guest.storage.write(segments + i * 8, toBigEndian(BigInt(pages), 8));
    for (let p = 0; p < 256; p++)
      bench.guest.storage.write(pages + p * 8, toBigEndian(BigInt(first * 0x10_0000 + p * 4096), 8));
  }
  const entries = segments + 0x2000;
  bench.guest.storage.write(entries, toBigEndian(BigInt(FRAMES[space]), 8));
  bench.guest.storage.write(entries + 8, toBigEndian(BigInt(FRAMES[space]), 8));
}

beforeEach(() => {
  bench.fresh();
  for (const space of ['primary', 'secondary', 'home', 'spare'] as const) map(space);
  for (const { vcpu } of bench.guest.vm.vcpus) {
    vcpu.setCr(0, 0xe0n | (1n << 26n));
    vcpu.setCr(1, BigInt(tables.primary));
    vcpu.setCr(7, BigInt(tables.secondary));
    vcpu.setCr(13, BigInt(tables.home));
    vcpu.setCr(3, 0xffff_0000n);
    vcpu.controlsChanged();
  }
});

const stg = (r1: number, b2: number): Uint8Array => encode('STG', { r1, x2: 0, b2, d2: 0 });
const sac = (code: number): Uint8Array => encode('SAC', { b2: 0, d2: code });

describe('real addresses', () => {
  const scratch = 0xd00;
  // By the view of CPU 0 there is 0 already.
  const storeThere = [encode('LGHI', { r1: 3, i2: 0 }), encode('STG', { r1: 3, x2: 0, b2: 0, d2: scratch })];
  beforeEach(() => {
    bench.guest.vm.vcpus[1]?.vcpu.setPrefix(gpa(OTHER_PREFIX));
    bench.guest.storage.write(OTHER_PREFIX + scratch, toBigEndian(7n, 8));
    bench.guest.storage.write(OTHER_PREFIX + 0x1d0, psw(MASK_64 | (1n << 49n), 0xdead));
  });
  test('a change behind another prefix is one for the vCPU that was selected', async () => {
    bench.program(storeThere, { vcpu: 1 });
    bench.watch(scratch, { vcpu: 1 });
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0xd00 on 1', 'end']);
  });
  test('the same address behind the own prefix is other storage', async () => {
    bench.program(storeThere, { vcpu: 1 });
    bench.watch(scratch, { vcpu: 0 });
    expect(await bench.go()).toBe('end');
  });
  test('the storage of another vCPU, changed by its absolute address', async () => {
    bench.setGr(2, OTHER_PREFIX + scratch);
    bench.program([encode('LGHI', { r1: 3, i2: 5 }), stg(3, 2)]);
    bench.watch(scratch, { vcpu: 1 });
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0xd00 on 0', 'end']);
  });
});

describe('address spaces', () => {
  beforeEach(() => {
    bench.setGr(2, PAGE);
    bench.setGr(4, 8);
    bench.setGr(6, DATA);
    bench.guest.storage.write(DATA, toBigEndian(0x77n, 8));
  });

  test('a store of another space neither counts nor hides the next one of the watched space', async () => {
    bench.setGr(3, 6);
    bench.program([sac(0x300), stg(3, 2), sac(0), stg(3, 2)], { mask: inSpace.home });
    bench.guest.vm.vcpus[0]?.setPsw({ mask: inSpace.primary, address: BigInt(CODE) });
    bench.watch(PAGE);
    expect([await bench.go(), bench.guest.vcpus[0]?.pc(), await bench.go()]).toEqual([
      'watch 0x100000 on 0',
      BigInt(CODE + 4 + 6 + 4 + 6),
      'end',
    ]);
  });

  const move = (name: 'MVCS' | 'MVCP'): Uint8Array =>
    encode(name, { r1: 4, b1: name === 'MVCS' ? 2 : 6, d1: 0, b2: name === 'MVCS' ? 6 : 2, d2: 0, r3: 5 });
  const mvcos = encode('MVCOS', { b1: 2, d1: 0, b2: 6, d2: 0, r3: 4 });
  test.each([
    ['MVCS', 'secondary', [sac(0), move('MVCS')]],
    ['MVCOS from the home space', 'secondary', [sac(0x300), encode('LLILH', { r1: 0, i2: 0x81 }), mvcos]],
    [
      'MVCDK',
      'primary',
      [
        encode('LHI', { r1: 0, i2: 7 }),
        encode('LHI', { r1: 1, i2: 0 }),
        encode('MVCDK', { b1: 2, d1: 0, b2: 6, d2: 0 }),
      ],
    ],
    [
      'access registers',
      'secondary',
      [sac(0x200), encode('LAM', { r1: 2, r3: 2, b2: 7, d2: 0 }), encode('LGHI', { r1: 3, i2: 9 }), stg(3, 2)],
    ],
    [
      'another address of the frame',
      'primary',
      [encode('AHI', { r1: 2, i2: 0x1000 }), encode('LGHI', { r1: 3, i2: 9 }), stg(3, 2)],
    ],
    [
      'a store by real address',
      'primary',
      [encode('LLILH', { r1: 2, i2: 0x30 }), encode('LGHI', { r1: 3, i2: 9 }), encode('STURG', { r1: 3, r2: 2 })],
    ],
    ['a store that turns DAT off', 'primary', [encode('STNSM', { b1: 2, d1: 0, i2: 0xfb })]],
  ] as const)('%s', async (_, space, texts) => {
    // ALET 1 is the secondary space.
    bench.setGr(7, 0x6000);
    bench.guest.storage.write(0x6000, toBigEndian(1n, 4));
    bench.program(texts, { mask: inSpace[space] });
    bench.watch(PAGE);
    const first = await bench.go();
    expect([first, await bench.go()]).toEqual(['watch 0x100000 on 0', 'end']);
  });

  test('MVCP into the primary space while the selected vCPU was in it', async () => {
    bench.setGr(2, PAGE + 0x800);
    bench.setGr(6, PAGE);
    bench.guest.storage.write(FRAMES.secondary + 0x800, toBigEndian(5n, 8));
    bench.program([move('MVCP')], { mask: inSpace.primary });
    bench.watch(PAGE);
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0x100000 on 0', 'end']);
  });

  test('a page that gets another frame later', async () => {
    bench.guest.storage.write(tables.primary + 0x2000, toBigEndian(0x400n, 8));
    bench.setGr(8, tables.primary + 0x2000);
    bench.setGr(9, FRAMES.spare);
    bench.program([encode('STURG', { r1: 9, r2: 8 }), encode('LGHI', { r1: 3, i2: 9 }), stg(3, 2)], {
      mask: inSpace.primary,
    });
    bench.watch(PAGE);
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0x100000 on 0', 'end']);
    expect(bench.guest.storage.read(FRAMES.spare, 8)).toEqual(toBigEndian(9n, 8));
  });

  test('reads by another address of the frame', async () => {
    bench.setGr(2, ALIAS);
    bench.program([encode('LG', { r1: 3, x2: 0, b2: 2, d2: 0 })], { mask: inSpace.primary });
    bench.watch(PAGE, { kind: 'read' });
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0x100000 on 0', 'end']);
  });
});

describe('who else stores', () => {
  beforeEach(() => {
    bench.setGr(2, DATA);
    bench.setGr(3, 9);
  });
  test('a service call that answers into watched storage stops behind its instruction', async () => {
    bench.guest.storage.write(DATA, Uint8Array.of(0x10, 0, 0, 0));
    bench.setGr(4, 0x0002_0001);
    bench.program([encode('SERVC', { r1: 4, r2: 2 }), encode('BCR', { m1: 0, r2: 0 })]);
    bench.watch(DATA, { length: 16 });
    const first = await bench.go();
    expect([first, bench.guest.vcpus[0]?.pc()]).toEqual(['watch 0x5000 on 0', BigInt(CODE + 4)]);
    expect(await bench.go()).toBe('end');
  });
  test('a device that stores between two turns', async () => {
    bench.program([encode('BRC', { m1: 15, ri2: 0 })]);
    bench.watch(DATA);
    expect(await bench.go(() => bench.guest.storage.write(DATA, toBigEndian(1n, 8)))).toBe('watch 0x5000 on 0');
  });
  test('an interruption that stores its old PSW', async () => {
    bench.program([encode('SVC', { i: 1 })]);
    bench.guest.storage.write(0x1c0, psw(MASK_64 | (1n << 49n), DONE));
    bench.watch(0x140, { length: 16 });
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0x140 on 0', 'end']);
  });
  test('the debugger itself: no change of the guest’s', async () => {
    bench.program([stg(3, 2)]);
    bench.watch(DATA);
    bench.target.writeMemory(0, BigInt(DATA), toBigEndian(9n, 8));
    expect(await bench.go()).toBe('end');
  });
  test('a store of what is there already', async () => {
    bench.guest.storage.write(DATA, toBigEndian(9n, 8));
    bench.program([stg(3, 2)]);
    bench.watch(DATA);
    expect(await bench.go()).toBe('end');
  });
  test('each store into a range of which nobody keeps the old contents', async () => {
    bench.guest.storage.write(DATA, toBigEndian(9n, 8));
    bench.program([stg(3, 2)]);
    bench.watch(0x2000, { length: 2 << 20 });
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0x5000 on 0', 'end']);
  });
  test('a watch beside the stored bytes of the page', async () => {
    bench.program([stg(3, 2)]);
    bench.watch(DATA + 8);
    expect(await bench.go()).toBe('end');
  });
});

describe('accesses of more than a register, in a page of which the TLB knows that it is watched', () => {
  const storing = {
    STG: stg(3, 2),
    STMG: encode('STMG', { r1: 3, r3: 6, b2: 2, d2: 0 }),
    MVC: encode('MVC', { l: 31, b1: 2, d1: 0, b2: 9, d2: 0 }),
    MVCL: encode('MVCL', { r1: 10, r2: 12 }),
    XC: encode('XC', { l: 31, b1: 2, d1: 0, b2: 9, d2: 0 }),
  } as const;
  const fetching = {
    LG: encode('LG', { r1: 3, x2: 0, b2: 2, d2: 0 }),
    LMG: encode('LMG', { r1: 3, r3: 6, b2: 2, d2: 0 }),
    MVC: encode('MVC', { l: 31, b1: 9, d1: 0, b2: 2, d2: 0 }),
    CLC: encode('CLC', { l: 31, b1: 2, d1: 0, b2: 9, d2: 0 }),
  } as const;
  const twice = (text: Uint8Array): Uint8Array[] => [
    ...[encode('LGR', { r1: 10, r2: 2 }), encode('LGR', { r1: 12, r2: 9 })],
    ...[encode('LGHI', { r1: 11, i2: 32 }), encode('LGHI', { r1: 13, i2: 32 }), text],
  ];
  beforeEach(() => {
    bench.setGr(2, DATA + 64);
    for (const n of [3, 4, 5, 6]) bench.setGr(n, 9);
    bench.setGr(9, 0x7000);
    bench.guest.storage.write(
      0x7000,
      Uint8Array.from({ length: 32 }, (_, i) => i + 1),
    );
  });
  const rows = [
    ...Object.entries(storing).map(([name, text]) => ['write', name, text] as const),
    ...Object.entries(fetching).map(([name, text]) => ['read', name, text] as const),
  ];
  const lengthOf = (name: string): number => (name === 'STG' || name === 'LG' ? 8 : 32);
  test.each(rows)('%s: %s beside what is watched', async (kind, name, text) => {
    bench.program([...twice(text), ...twice(text)]);
    bench.watch(DATA + 56, { kind });
    bench.watch(DATA + 64 + lengthOf(name), { kind });
    expect(await bench.go()).toBe('end');
  });
  test.each(rows)('%s: %s whose last byte is watched', async (kind, name, text) => {
    const last = DATA + 64 + lengthOf(name) - 1;
    bench.program([...twice(text), ...twice(text)]);
    bench.watch(last, { kind, length: 1 });
    const told = `watch 0x${last.toString(16)} on 0`;
    expect(await bench.go()).toBe(told);
    // What is stored a second time is there already, but for XC.
    expect(await bench.go()).toBe(kind === 'read' || name === 'XC' ? told : 'end');
  });
  const filling = Object.entries(storing).filter(([name]) => name !== 'XC');
  test.each(filling)('%s stores where only fetches are watched', async (_, text) => {
    bench.program([...twice(text), ...twice(fetching.LMG)]);
    bench.watch(DATA + 64, { kind: 'read', length: 1 });
    const behind = 16 + text.length + 22;
    expect([await bench.go(), bench.guest.vcpus[0]?.pc()]).toEqual(['watch 0x5040 on 0', BigInt(CODE + behind)]);
  });
});
