import { describe, expect, test } from 'vitest';
import { openDump } from '../../../../../src/arch/s390x/gdb/dump-file.ts';
import { type CoreNote, type CoreSegment, coreHead } from '../../../../../src/image/elf-core.ts';
import type { PiecewiseFile } from '../../../../../src/image/elf-core-reader.ts';

/** A file that gives at most a few bytes at once. */
const file = (bytes: Uint8Array, most = 999): PiecewiseFile => ({
  size: bytes.length,
  read: (offset, count) => bytes.subarray(offset, offset + Math.min(count, most)),
});

const S390 = 22;
const status = (pc: bigint): CoreNote => {
  const bytes = Buffer.alloc(336);
  bytes.writeBigUInt64BE(0x0400000180000000n, 112);
  bytes.writeBigUInt64BE(pc, 120);
  bytes.writeBigUInt64BE(0x77n, 128 + 8 * 7);
  return { owner: 'CORE', type: 1, bytes };
};
const controls: CoreNote = { owner: 'LINUX', type: 0x304, bytes: Buffer.alloc(128, 0x11) };
const segment = (virtual: bigint, physical: bigint, bytes: bigint): CoreSegment => ({
  ...{ virtual, physical, bytes, writable: true, executable: true },
});
const core = (notes: readonly CoreNote[], segments: readonly CoreSegment[], machine = S390): Uint8Array =>
  Buffer.concat([coreHead({ machine }, notes, segments), Buffer.alloc(0x3000, 0x5a)]);

const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

describe('a core file', () => {
  test('has CPUs one after another, each beginning with its status, and storage by physical address', () => {
    const notes = [status(0x1000n), controls, { owner: 'XYZ', type: 1, bytes: Buffer.alloc(3) }, status(0x2000n)];
    const found = openDump(file(core(notes, [segment(0x8000n, 0x1000n, 0x2000n), segment(0n, 0n, 0x1000n)])));
    expect(found).toMatchObject({ ok: true, value: { memory: 1 << 20, vcpus: 2, description: 'core file, 1 MiB' } });
    if (found?.ok !== true) return;
    const [first, second] = found.value.registers;
    expect([first, second].map((r) => hexOf(r?.get('pswa')))).toEqual(['0000000000001000', '0000000000002000']);
    expect([hexOf(first?.get('r7')), hexOf(first?.get('cr3')), second?.get('cr3')]).toEqual([
      ...['0000000000000077', '1111111111111111', undefined],
    ]);
    expect(found.value.pieces.map(({ physical }) => physical)).toEqual([0x1000n, 0n]);
  });

  test('of more segments than a header can count is read whole', () => {
    const segments = Array.from({ length: 0x10005 }, (_, i) =>
      segment(BigInt(i) << 20n, BigInt(i % 3) << 12n, 0x1000n),
    );
    const found = openDump(file(core([status(0n)], segments), 1 << 20));
    expect(found?.ok === true && found.value.pieces.length).toBe(segments.length);
  });

  test('of another machine is none for this one', () => {
    expect(openDump(file(core([status(0n)], [segment(0n, 0n, 0x1000n)], 62)))).toBeUndefined();
  });

  test.each([
    ['without registers', core([controls], [segment(0n, 0n, 0x1000n)]), 'no registers'],
    ['without storage', core([status(0n)], []), 'no storage'],
    ['of virtual addresses alone', core([status(0n)], [segment(0x8000n, 0n, 0x1000n)]), 'virtual addresses alone'],
    ['of more storage than there can be', core([status(0n)], [segment(0n, 1n << 40n, 0x1000n)]), 'MiB of storage'],
  ])('%s is refused in words', (_, bytes, words) => {
    const found = openDump(file(bytes));
    expect(found).toMatchObject({
      ok: false,
      error: { code: 'dump-unreadable', message: expect.stringContaining(words) },
    });
  });

  test.each([
    0x7fff_fffcn,
    0x8000_0000n,
    0xffff_fffdn,
  ])('with a note of %d bytes, or of such a name, has those before it', (length) => {
    for (const at of [4, 8]) {
      const bytes = core([status(0x1000n), controls], [segment(0n, 0n, 0x1000n)]);
      // The second note, behind the head of the first one, its name and its registers.
      const second = Buffer.from(bytes).indexOf('LINUX') - 12;
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(second + at - 4, Number(length));
      const found = openDump(file(bytes));
      expect(found).toMatchObject({ ok: true, value: { vcpus: 1 } });
      if (found?.ok === true) expect(found.value.registers[0]?.has('cr3')).toBe(false);
    }
  });

  test('that was cut off says so', () => {
    const whole = core([status(0n)], [segment(0n, 0n, 0x3000n)]);
    expect(openDump(file(whole.subarray(0, whole.length - 1)))).toMatchObject({
      value: { description: expect.stringContaining('cut off') },
    });
    for (let length = 0; length < 0x1000; length += 37) openDump(file(whole.subarray(0, length)));
  });
});

describe('a stand-alone dump', () => {
  const HEADER = 0x1000;
  const make = (cpus: number): Buffer => {
    const bytes = Buffer.alloc(HEADER + (1 << 20));
    bytes.writeBigUInt64BE(0xa8190173618f23fdn, 0);
    bytes.writeUInt32BE(5, 8);
    bytes.writeUInt32BE(HEADER, 12);
    bytes.writeBigUInt64BE(1n << 20n, 40);
    bytes.writeUInt16BE(cpus, 0x5f);
    for (let i = 0; i < cpus; i++) {
      const prefix = 0x4000 * (i + 1);
      bytes.writeUInt32BE(prefix, 0x800 + 4 * i);
      const at = HEADER + prefix;
      bytes.writeBigUInt64BE(BigInt(0x1234_0000 + i), at + 0x1308);
      bytes.writeBigUInt64BE(0xabcdn, at + 0x1280 + 8 * 15);
      bytes.writeBigUInt64BE(0x00de6e758dddf450n, at + 0x1330);
    }
    return bytes;
  };

  test("has each CPU's registers where the machine has stored them", () => {
    const found = openDump(file(make(2)));
    expect(found).toMatchObject({ ok: true, value: { vcpus: 2, description: 'stand-alone dump, 1 MiB' } });
    if (found?.ok !== true) return;
    const second = found.value.registers[1];
    const names = ['pswa', 'r15', 'prefix', 'ckc'];
    expect(names.map((name) => hexOf(second?.get(name)))).toEqual([
      ...['0000000012340001', '000000000000abcd', '0000000000008000', 'de6e758dddf45000'],
    ]);
    expect(found.value.pieces).toMatchObject([{ physical: 0n, bytes: 1n << 20n, at: BigInt(HEADER) }]);
  });

  test('without CPUs is refused', () => {
    expect(openDump(file(make(0)))).toMatchObject({ ok: false });
  });
});

test('what is neither is left to others', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(0x2000), Buffer.from('\x7fELF'), Buffer.alloc(0x2000, 0x7f)]) {
    expect(openDump(file(bytes))).toBeUndefined();
  }
});
