import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BootErrorCode } from '../../../../../../src/arch/s390x/vmm/ipl/boot-error.ts';
import { loadElf, parseS390xElf } from '../../../../../../src/arch/s390x/vmm/ipl/elf.ts';
import { isElf } from '../../../../../../src/image/elf-layout.ts';
import { describeWithTools, tool } from '../../../../../support/tools.ts';
import { ArrayStorage } from '../array-storage.ts';
import { buildElf } from './elf-builder.ts';

const code = Uint8Array.of(0x07, 0xfe, 0x07, 0x07);
const segment = { address: 0x2000, data: code };

function codeOf(image: Uint8Array): BootErrorCode | 'fine' {
  const parsed = parseS390xElf(image);
  return parsed.ok ? 'fine' : parsed.error.code;
}

function changed(image: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(image);
  change(copy);
  return copy;
}

describe.each([31, 64] as const)('an ELF file of %i-bit code', (mode) => {
  const image = buildElf(mode, 0x2000, [segment, { address: 0x3000, data: code, size: 0x2010 }]);

  test('gives mode, entry and segments', () => {
    const parsed = parseS390xElf(image);
    expect(parsed).toMatchObject({ ok: true, value: { mode, entry: 0x2000n } });
    if (!parsed.ok) return;
    expect(parsed.value.segments.map(({ address, fileBytes, size }) => [address, fileBytes, size])).toEqual([
      [0x2000n, 4, 4n],
      [0x3000n, 4, 0x2010n],
    ]);
  });

  test('is loaded with its bss zeroed and nothing else touched', () => {
    const parsed = parseS390xElf(image);
    const storage = new ArrayStorage(0x8000);
    storage.bytes.fill(0xee);
    expect(parsed.ok && loadElf(storage, image, parsed.value)).toEqual({ ok: true, value: 0x5010 });
    const wanted = new Uint8Array(0x8000).fill(0xee);
    wanted.set(code, 0x2000);
    wanted.fill(0, 0x3000, 0x5010);
    wanted.set(code, 0x3000);
    expect(Buffer.from(storage.bytes).equals(wanted)).toBe(true);
  });

  test('that needs more storage than there is leaves it untouched and says how much to give', () => {
    const parsed = parseS390xElf(image);
    const storage = new ArrayStorage(0x5000);
    const loaded = parsed.ok ? loadElf(storage, image, parsed.value) : parsed;
    expect(loaded).toMatchObject({ ok: false, error: { code: 'storage-too-small' } });
    expect(loaded.ok ? '' : loaded.error.message).toContain('--memory');
    expect(storage.writes).toBe(0);
  });

  test('is refused for what is wrong with it', () => {
    const phoff = mode === 64 ? 64 : 52;
    const filesz = phoff + (mode === 64 ? 32 : 16);
    const width = mode === 64 ? 8 : 4;
    expect(codeOf(changed(image, (b) => b.writeUInt8(3, 4)))).toBe('elf-class');
    expect(codeOf(changed(image, (b) => b.writeUInt8(1, 5)))).toBe('elf-endianness');
    expect(codeOf(changed(image, (b) => b.writeUInt16BE(21, 18)))).toBe('elf-machine');
    expect(codeOf(changed(image, (b) => b.writeUInt16BE(1, 16)))).toBe('elf-type');
    expect(codeOf(changed(image, (b) => b.writeUInt16BE(0, mode === 64 ? 56 : 44)))).toBe('elf-no-segments');
    expect(codeOf(changed(image, (b) => b.writeUInt16BE(8, mode === 64 ? 54 : 42)))).toBe('elf-malformed');
    expect(codeOf(changed(image, (b) => b.writeUInt8(0xff, filesz)))).toBe('elf-malformed');
    expect(codeOf(changed(image, (b) => b.fill(0xff, filesz - width, filesz)))).toBe('elf-malformed');
    expect(codeOf(image.subarray(0, 40))).toBe('elf-truncated');
    expect(codeOf(image.subarray(0, phoff + 8))).toBe('elf-truncated');
    expect(codeOf(image.subarray(0, image.length - 1))).toBe('elf-truncated');
  });

  test('must be entered at an even address in a segment', () => {
    expect(codeOf(buildElf(mode, 0x2002, [segment]))).toBe('fine');
    expect(codeOf(buildElf(mode, 0x2001, [segment]))).toBe('elf-entry');
    expect(codeOf(buildElf(mode, 0x2004, [segment]))).toBe('elf-entry');
    expect(codeOf(buildElf(mode, 0, [segment]))).toBe('elf-entry');
  });

  test('with nothing but other kinds of segments has nothing to load', () => {
    expect(codeOf(buildElf(mode, 0x2000, [{ ...segment, type: 4 }]))).toBe('elf-no-segments');
  });

  test('names the machine that it is for', () => {
    const parsed = parseS390xElf(buildElf(mode, 0x2000, [segment], { machine: 62 }));
    expect(parsed.ok ? '' : parsed.error.message).toContain('x86-64');
    expect(codeOf(buildElf(mode, 0x2000, [segment], { machine: 0xa390 }))).toBe('fine');
  });

  test('however damaged never throws, and what is accepted loads within storage', () => {
    const parts = fc.array(fc.tuple(fc.nat(image.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.nat(image.length), (edits, length) => {
        const damaged = changed(image, (b) => {
          for (const [at, value] of edits) b.writeUInt8(value, at);
        }).subarray(0, length);
        const parsed = parseS390xElf(damaged);
        if (!parsed.ok) return;
        loadElf(new ArrayStorage(0x6000), damaged, parsed.value);
        parsed.value.symbols.at(0x2000n);
      }),
      { numRuns: 2000 },
    );
  });
});

const PROGRAM = 'void _start(void) { for (;;) ; }';
/** What the C library adds to a program: the operating system that it is for. */
const ABI_TAG =
  '__attribute__((section(".note.ABI-tag,\\"a\\",@note#"))) const int tag[] = {4, 16, 1, 0x474e5500, 0, 3, 2, 0};';

describeWithTools(['s390x-linux-gnu-gcc'], 'a program for Linux is refused as one, and told where it runs:', () => {
  test.each([
    ['dynamic', ['-pie', '-fPIE'], PROGRAM],
    ['static', ['-static'], PROGRAM + ABI_TAG],
    ['static and position independent', ['-static-pie', '-fPIE'], PROGRAM],
  ] as const)('%s', (_, options, source) => {
    const parsed = parseS390xElf(linked(source, ['-nostdlib', ...options]));
    expect(parsed).toMatchObject({ ok: false, error: { code: 'linux-program' } });
    expect(parsed.ok ? '' : parsed.error.message).toContain('guestscope linux');
  });

  test('a bare-metal one is not, position independent or not, with a build-id or without', () => {
    const bare = ['-nostdlib', '-ffreestanding', '-Wl,-Ttext=0x10000'];
    expect(codeOf(linked(PROGRAM, [...bare, '-static', '-Wl,--build-id']))).toBe('fine');
    expect(codeOf(linked(PROGRAM, [...bare, '-static', '-Wl,--build-id=none']))).toBe('fine');
  });
});

/** A program as it comes out of the linker. */
function linked(source: string, options: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-elf-'));
  try {
    writeFileSync(join(folder, 'a.c'), source);
    execFileSync(tool('s390x-linux-gnu-gcc'), [...options, '-o', 'a.elf', 'a.c'], { cwd: folder });
    return readFileSync(join(folder, 'a.elf'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('overlapping segments keep the bytes of the file', () => {
  const image = buildElf(64, 0x2000, [
    { address: 0x3000, data: code },
    { address: 0x2000, data: code, size: 0x2000 },
  ]);
  const parsed = parseS390xElf(image);
  const storage = new ArrayStorage(0x8000);
  expect(parsed.ok && loadElf(storage, image, parsed.value).ok).toBe(true);
  expect([...storage.bytes.subarray(0x3000, 0x3004)]).toEqual([...code]);
});

test('only a file that begins as one is an ELF file', () => {
  expect(isElf(buildElf(64, 0x2000, [segment]))).toBe(true);
  expect(isElf(Uint8Array.of(0x7f, 0x45, 0x4c))).toBe(false);
  expect(isElf(new Uint8Array(64))).toBe(false);
});

describe('the demo guest', () => {
  const image = readFileSync(new URL('../../../../../../guests/demo/demo.elf', import.meta.url));
  const parsed = parseS390xElf(image);

  test('is a 64-bit image entered at _start, with a program loaded elsewhere than it is linked', () => {
    expect(parsed.ok).toBe(true);
    if (!parsed.ok) return;
    const { mode, entry, segments, symbols } = parsed.value;
    expect({ mode, entry }).toEqual({ mode: 64, entry: 0x20000n });
    expect(segments.map((s) => s.virtualAddress === s.address)).toEqual([true, false, true]);
    expect(symbols.named('_start')).toMatchObject({ address: entry, kind: 'function' });
  });

  test('names its addresses', () => {
    if (!parsed.ok) return;
    const { symbols } = parsed.value;
    const panic = symbols.named('panic');
    expect(panic?.kind).toBe('function');
    if (panic === undefined) return;
    expect(panic.size).toBeGreaterThan(2n);
    expect(symbols.at(panic.address + 2n)?.name).toBe('panic');
    expect(symbols.at(0n)?.name).not.toBe('panic');
    expect(symbols.at(0xffff_ffff_ffff_ffffn)).toBeUndefined();
    expect(symbols.named('no such name')).toBeUndefined();
  });
});
