import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { slots } from '../../../../../src/arch/ppc64/cpu/state-layout.ts';
import { openDump } from '../../../../../src/arch/ppc64/gdb/dump-file.ts';
import { type CoreNote, type CoreSegment, coreHead } from '../../../../../src/image/elf-core.ts';
import type { PiecewiseFile } from '../../../../../src/image/elf-core-reader.ts';
import { Ppc64Machine } from '../../../../support/ppc64/machine.ts';
import { root } from '../../../../support/sources.ts';

const PAGE = 16 << 20;
const segment: CoreSegment = { virtual: 0n, physical: 0n, bytes: 0x1000n, writable: true, executable: true };

function core(little: boolean, notes: readonly CoreNote[], machine = 21, segments = [segment]): PiecewiseFile {
  const bytes = Buffer.concat([
    coreHead({ machine, littleEndian: little }, notes, segments),
    Buffer.alloc(0x1000, 0x5a),
  ]);
  return { size: bytes.length, read: (at, count) => bytes.subarray(at, at + count) };
}

/** A status as QEMU has it: without a number. */
function status(little: boolean, r3: bigint, pc: bigint, cr: number): CoreNote {
  const view = new DataView(new ArrayBuffer(536));
  const registers = [
    [3, r3],
    [32, pc],
    [33, 0x9000n],
    [38, BigInt(cr)],
  ] as const;
  for (const [at, value] of registers) view.setBigUint64(112 + 8 * at, value, little);
  return { owner: 'CORE', type: 1, bytes: new Uint8Array(view.buffer) };
}

/** F1, the right half of VSR 1, VR 2, FPSCR, VRSAVE and VSCR, the last where Linux has it. */
function vectors(little: boolean): CoreNote[] {
  const note = (type: number, owner: string, values: readonly (readonly [at: number, value: bigint])[]): CoreNote => {
    const view = new DataView(new ArrayBuffer({ 2: 264, 256: 544, 258: 256 }[type] ?? 0));
    for (const [at, value] of values) view.setBigUint64(at, value, little);
    return { owner, type, bytes: new Uint8Array(view.buffer) };
  };
  const [left, right] = little ? [8, 0] : [0, 8];
  const quad = (at: number, high: bigint, low: bigint): [number, bigint][] => [
    [at + left, high],
    [at + right, low],
  ];
  return [
    note(2, 'CORE', [
      [8, 0x3ff8n],
      [256, 0x84n],
    ]),
    note(0x100, 'LINUX', [
      ...quad(32, 0x0102n, 0x0304n),
      ...quad(512, 0n, 0x1_0001n),
      [528, little ? 0xabcdn : 0xabcdn << 32n],
    ]),
    note(0x102, 'LINUX', [[8, 0x99n]]),
  ];
}

describe.each([false, true])('a core file of another program, little endian: %s', (little) => {
  test('gives storage and general registers of its CPUs in their order', () => {
    const notes = [status(little, 7n, 0x400n, 0x12345678), ...vectors(little), status(little, 8n, 0x800n, 1)];
    const found = openDump(core(little, notes), PAGE);
    if (found?.ok !== true) throw new Error('it was refused');
    expect(found.value).toMatchObject({ memory: PAGE, vcpus: 2, littleEndian: little });
    const image = readFileSync(`${root}guests/demo-ppc64/demo.elf`);
    const { guest } = new Ppc64Machine({ image, memory: PAGE * 4, vcpus: 2 });
    guest.restore(found.value);
    const { vcpus, complex } = guest.vm;
    expect(vcpus.map(({ vcpu }) => [vcpu.gpr(3), vcpu.pc])).toEqual([
      [7n, 0x400n],
      [8n, 0x800n],
    ]);
    expect(vcpus[0]?.vcpu.cr).toBe(0x12345678);
    expect(vcpus.map(({ vcpu }) => [vcpu.vsr(1, 0), vcpu.vsr(1, 1), vcpu.vsr(34, 0), vcpu.vsr(34, 1)])).toEqual([
      [0x3ff8n, 0x99n, 0x0102n, 0x0304n],
      [0n, 0n, 0n, 0n],
    ]);
    expect([slots.vrsave, slots.vscr].map((slot) => vcpus[0]?.vcpu.num(slot))).toEqual([0xabcd, 0x1_0001]);
    expect(vcpus[0]?.vcpu.big(slots.fpscr)).toBe(0x84n);
    expect(complex.storage.word(0xffc)).toBe(0x5a5a5a5a);
    expect(guest.description.elf.data).toBe(little ? 'lsb' : 'msb');
  });
});

test.each([
  ['without registers', core(false, []), 'no registers'],
  ['without storage', core(false, [status(false, 0n, 0n, 0)], 21, []), 'no storage'],
  [
    'of more storage than there can be',
    core(false, [status(false, 0n, 0n, 0)], 21, [{ ...segment, physical: 1n << 40n }]),
    'MiB of storage',
  ],
])('a core file %s is refused in words', (_, file, words) => {
  expect(openDump(file, PAGE)).toMatchObject({ ok: false, error: { message: expect.stringContaining(words) } });
});

test('a core file of another machine is none for this one', () => {
  expect(openDump(core(false, [status(false, 0n, 0n, 0)], 22), PAGE)).toBeUndefined();
});
