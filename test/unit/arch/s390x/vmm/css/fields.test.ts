/**
 * Every bit of the blocks that programs hand to the channel subsystem: what becomes of it. A word is a line of 32 letters, bit
 * 0 first. `c`: a one is refused (operand exception, program check). `s`: it is stored, and shows in the subchannel-information
 * block. `u`: it has some other effect. `i`: it is ignored, and shows nowhere.
 */

import { describe, expect, test } from 'vitest';
import { at, Bench, enabled, opcode, type TestedStatus } from './channel.ts';

const OPERAND = { kind: 'pgm', code: 0x15 };

/** A word of the block, by its letters in groups. */
const word = (groups: string): string => groups.replaceAll(' ', '');

/** The letters of the words from `first` on, each bit changed alone. */
function letters(first: number, words: number, of: (bit: number) => string): string[] {
  return Array.from({ length: words }, (_, w) =>
    Array.from({ length: 32 }, (_, bit) => of((first + w) * 32 + bit)).join(''),
  );
}

function flip(bench: Bench, address: number, bit: number): void {
  const at = address + (bit >> 3);
  bench.view.setUint8(at, bench.view.getUint8(at) ^ (0x80 >> (bit & 7)));
}

/** What STORE SUBCHANNEL stores now. */
function schib(bench: Bench): Buffer {
  expect(bench.io(opcode.stsch, { address: 0x5000 })).toEqual({ kind: 'cc', cc: 0 });
  return Buffer.from(bench.bytes.slice(0x5000, 0x5034));
}

const bitOf = (bytes: Uint8Array, bit: number): boolean => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;

test('SCHIB: MODIFY SUBCHANNEL', () => {
  const found = letters(0, 13, (bit) => {
    const bench = new Bench();
    const before = schib(bench);
    bench.bytes.set(before, at.operand);
    flip(bench, at.operand, bit);
    const outcome = bench.io(opcode.msch);
    const after = schib(bench);
    if (JSON.stringify(outcome) === JSON.stringify(OPERAND)) {
      expect(after.equals(before)).toBe(true);
      return 'c';
    }
    expect(outcome).toEqual({ kind: 'cc', cc: 0 });
    return bitOf(after, bit) === bitOf(before, bit) ? 'i' : 's';
  });
  expect(found).toEqual([
    // Interruption parameter.
    word('ssssssss ssssssss ssssssss ssssssss'),
    // ISC, enabled, limit mode, measurement mode, multipath; timing facility, device number and its validity.
    word('cc sss i cc s ss ss s i i iiiiiiii iiiiiiii'),
    // Logical-path mask; paths not operational, last used, installed.
    word('ssssssss iiiiiiii iiiiiiii iiiiiiii'),
    // Measurement-block index, path-operational mask; paths available.
    word('ssssssss ssssssss ssssssss iiiiiiii'),
    // Channel paths.
    word('iiiiiiii iiiiiiii iiiiiiii iiiiiiii'),
    word('iiiiiiii iiiiiiii iiiiiiii iiiiiiii'),
    // Subchannel type; format of the measurement block, extended measurement word, concurrent sense.
    word('cccccccc iii ccccc cccccccc ccccc s c s'),
    // Subchannel-status word.
    word('iiiiiiii iiiiiiii iiiiiiii iiiiiiii'),
    word('iiiiiiii iiiiiiii iiiiiiii iiiiiiii'),
    word('iiiiiiii iiiiiiii iiiiiiii iiiiiiii'),
    // Measurement-block address.
    word('ssssssss ssssssss ssssssss ssssssss'),
    word('ssssssss ssssssss ssssssss ssssssss'),
    // Model dependent.
    word('iiiiiiii iiiiiiii iiiiiiii iiiiiiii'),
  ]);
});

/** A read of 16 bytes, with a word behind it that reads 16 more; incorrect length is suppressed. */
const FORMAT_1 = '02 20 0010 00008000  02 20 0010 00008100';
const FORMAT_0 = '02 008000 20 00 0010  02 008100 20 00 0010';

/** All that a channel program did that can be seen. */
function effect(bench: Bench, status: TestedStatus): string {
  return JSON.stringify([
    { ...status, flags: status.flags & 0x0707 },
    bench.hex(0x8000, 0x200),
    bench.device.commands,
    bench.device.received.length,
  ]);
}

describe('ORB: START SUBCHANNEL', () => {
  test('of the words that are looked at, every bit', () => {
    const run = (bit: number | undefined) => {
      const bench = enabled();
      bench.put(at.program, FORMAT_1);
      bench.put(at.orb, `cafe0001 00808000 ${at.program.toString(16).padStart(8, '0')}`);
      if (bit !== undefined) flip(bench, at.orb, bit);
      const outcome = bench.io(opcode.ssch, { address: at.orb });
      const block = schib(bench);
      return { outcome, block, effect: effect(bench, bench.test()) };
    };
    const plain = run(undefined);
    /** Where a bit shows: the parameter and the mask in their places, the rest in the status word. */
    const shown = (bit: number): number | undefined =>
      bit < 32 ? bit : bit < 48 ? 28 * 8 + (bit - 32) : bit < 56 ? 8 * 8 + (bit - 48) : undefined;
    const found = letters(0, 2, (bit) => {
      const changed = run(bit);
      if (JSON.stringify(changed.outcome) === JSON.stringify(OPERAND)) return 'c';
      const place = shown(bit);
      if (place !== undefined && bitOf(changed.block, place) !== bitOf(plain.block, place)) return 's';
      return changed.effect === plain.effect && JSON.stringify(changed.outcome) === JSON.stringify(plain.outcome)
        ? 'i'
        : 'u';
    });
    expect(found).toEqual([
      // Interruption parameter.
      word('ssssssss ssssssss ssssssss ssssssss'),
      // Key, suspend, streaming, modification, synchronization; format, prefetch, initial status, address limit, suppressed
      // suspension, transport mode, the two of indirect addresses. Path mask, its one path taken away. Incorrect length of
      // immediate commands, modified indirect addresses, extension.
      word('ssss s i i i s s s s s c i i u sssssss i c ccccc i'),
    ]);
  });
  test('bit 0 of the address must be zero, and what lies behind it is not looked at', () => {
    const bench = enabled();
    expect(bench.start(FORMAT_1, { program: 0x8000_0000 + at.program })).toEqual(OPERAND);
    bench.bytes.fill(0xff, at.orb + 12, at.orb + 32);
    expect(bench.start(FORMAT_1)).toEqual({ kind: 'cc', cc: 0 });
  });
});

describe('CCW', () => {
  const PROGRAM_CHECK = 0x20;
  const run = (program: string, control: number, bit: number | undefined): { check: boolean; effect: string } => {
    const bench = enabled();
    bench.device.data = Uint8Array.from({ length: 20 }, (_, i) => 0xa0 + i);
    bench.put(at.program, program);
    if (bit !== undefined) flip(bench, at.program, bit);
    bench.view.setUint16(at.orb + 4, control);
    bench.view.setUint16(at.orb + 6, 0xff00);
    bench.view.setUint32(at.orb + 8, at.program);
    expect(bench.io(opcode.ssch, { address: at.orb })).toEqual({ kind: 'cc', cc: 0 });
    const status = bench.test();
    return { check: (status.channel & PROGRAM_CHECK) !== 0, effect: effect(bench, status) };
  };
  const lettersOf = (program: string, control: number, first = 0): string[] => {
    const plain = run(program, control, undefined);
    return letters(first, 2, (bit) => {
      const changed = run(program, control, bit);
      return changed.check ? 'c' : changed.effect === plain.effect ? 'i' : 'u';
    });
  };

  // Storage ends at 1 MiB: an address beyond it is a program check, too.
  test('format 1', () => {
    expect(lettersOf(FORMAT_1, 0x0080)).toEqual([
      // A command without a modifier is none. Chaining of data and commands, length, skip, interruption, indirect, suspend,
      // modified indirect. Count.
      word('uuuuuucu uuuuuucc uuuuuuuu uuuuuuuu'),
      word('cccccccc ccccuuuu uuuuuuuu uuuuuuuu'),
    ]);
  });
  test('format 0', () => {
    expect(lettersOf(FORMAT_0, 0x0000)).toEqual([
      word('uuuuuucu ccccuuuu uuuuuuuu uuuuuuuu'),
      // Without its one bit the count is zero, which format 0 does not have.
      word('uuuuuucc iiiiiiii uuuuuuuu uuu c uuuu'),
    ]);
  });
  test('a transfer in channel has zeros where it has no fields in format 1, and anything in format 0', () => {
    // The word behind a no-operation transfers to the one behind itself, which reads.
    const format1 = `07 60 0001 00000000  08 00 0000 00002010  ${FORMAT_1}`;
    const format0 = `07 000000 60 00 0001  08 002010 00 00 0000  ${FORMAT_0}`;
    expect(lettersOf(format1, 0x0080, 2)).toEqual([
      // Other commands without data are right. Behind another address there are zeros; at 0x2018 there is the second read.
      word('cccc cuuu cccccccc cccccccc cccccccc'),
      word('cccccccc cccccccc cccccccc cccc u ccc'),
    ]);
    expect(lettersOf(format0, 0x0000, 2)).toEqual([
      word('iiii cccc cccccccc cccccccc cccc u ccc'),
      word('iiiiiiii iiiiiiii iiiiiiii iiiiiiii'),
    ]);
  });
});

test('IRB: 64 bytes, of which these bits are ever one', () => {
  const seen = new Uint8Array(96);
  const note = (bench: Bench): void => {
    bench.bytes.fill(0xff, at.operand, at.operand + 96);
    bench.test();
    expect(bench.hex(at.operand + 64, 32)).toBe('ff'.repeat(32));
    for (let i = 0; i < 64; i++) seen[i] = (seen[i] ?? 0) | (bench.bytes[at.operand + i] ?? 0);
  };
  const runs: readonly ((bench: Bench) => void)[] = [
    () => undefined,
    (bench) => bench.start(FORMAT_1, { control: 0xf8f8 & ~0x0010 }),
    (bench) => bench.start('07 22 0001 00000000', { control: 0x0880 }),
    (bench) => bench.start('63 00 0001 00008000', { control: 0x0080 }),
    (bench) => bench.start('00 00 0000 00000000', { control: 0x0080 }),
    (bench) => {
      bench.start('07 22 0001 00000000', { control: 0x0880 });
      bench.io(opcode.hsch);
    },
    (bench) => bench.io(opcode.csch),
    (bench) => bench.device.port?.alert(),
  ];
  for (const go of runs) {
    const bench = new Bench();
    bench.enable(0, 1);
    go(bench);
    note(bench);
  }
  const words = Array.from({ length: 16 }, (_, i) =>
    Buffer.from(seen)
      .readUInt32BE(i * 4)
      .toString(16)
      .padStart(8, '0'),
  );
  expect(words).toEqual([
    // Key, suspend, format and its kin, zero condition code, extended control; functions, suspended, status.
    'f8ee703f',
    '00002008',
    '0e300011',
    // Last path used; concurrent sense and its bytes.
    '00800000',
    '01200000',
    ...Array.from({ length: 3 }, () => '00000000'),
    // Sense data: command reject.
    '80000000',
    ...Array.from({ length: 7 }, () => '00000000'),
  ]);
});
