import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Disassembler, isShown } from '../../../../../src/arch/s390x/isa/disassemble.ts';
import type { Row } from '../../../../../src/arch/s390x/isa/row.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import { hexToBytes } from '../../../../../src/bits/hex.ts';
import type { Field } from '../../../../../src/ir/field.ts';
import { encode } from '../../../../support/s390x/isa.ts';
import { randomWords } from '../../../../support/seed.ts';
import { describeWithTools } from '../../../../support/tools.ts';
import { z17Texts } from './z17-texts.ts';

const disassembler = new Disassembler(instructionTable);
const ADDRESS = 0x10000;
/** Room for each instruction, so that one that objdump does not know does not spoil the next. */
const SLOT = 16;
const PER_ROW = 16;

/** Rows that objdump has older names for. */
const olderNames: Readonly<Record<string, string>> = { cutfu: 'cu12', cuutf: 'cu21' };
/** Rows that objdump does not know. */
const unknownToObjdump: ReadonlySet<string> = new Set([
  'ESSA',
  'SERVC',
  'STHYI',
  'PQAP',
  'NQAP',
  'DQAP',
  'CHSC',
  'CLP',
  'PCISTG',
  'PCILG',
  'RPCIT',
  'MPCIFC',
  'STPCIFC',
  'PCISTB',
  'SIC',
]);

/** The z17, which older ones do not know: instructions, and the names of forms of other instructions. */
const isOfTheZ17 = ({ facility }: Row): boolean =>
  facility === 'miscellaneous-extensions-4' || facility === 'vector-enhancements-3';
const newerNames = new Set(z17Texts.map(([, text]) => text.replace(/ .*/, '')));
/** Ours and theirs where they differ, but for names that an older objdump does not have. */
function different(ours: readonly string[], theirs: readonly string[]): string[] {
  return ours.flatMap((words, i) =>
    words === theirs[i] || newerNames.has(words.replace(/\t.*/, '')) ? [] : [`${words} | ${theirs[i] ?? ''}`],
  );
}

function below(n: number, next: () => number): number {
  return Math.floor((next() / 2 ** 32) * n);
}

function operandOf(row: Row, field: Field, next: () => number): number {
  if (!isShown(row, field.name)) return 0;
  if (field.kind === 'zr' && below(4, next) === 0) return 0;
  // objdump loses the end of `nop 8(%r1,%r0)`.
  if (/^BCR?$/.test(row.mnemonic) && field.name === 'm1') return 1 + below(15, next);
  // objdump takes vector register 0 for no index.
  if (row.formatName === 'VRV' && field.name === 'v2') return 1 + below(31, next);
  if (field.kind === 'rel') return 2 * (below(2000, next) - 1000);
  return below(Math.min(2 ** field.length, 2 ** 31), next);
}

/** What objdump makes of the texts, each at its slot. */
function objdump(texts: readonly Uint8Array[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-objdump-'));
  try {
    const file = join(directory, 'text');
    const image = new Uint8Array(texts.length * SLOT).fill(7);
    for (const [i, text] of texts.entries()) image.set(text, i * SLOT);
    writeFileSync(file, image);
    const how = ['-D', '-b', 'binary', '-m', 's390:64-bit', '-M', 'zarch', `--adjust-vma=${ADDRESS}`];
    const { stdout, error } = spawnSync('s390x-linux-gnu-objdump', [...how, file], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (error !== undefined) throw error;
    const lines = stdout.matchAll(/^\s*([0-9a-f]+):\t[^\t]*\t(.*)$/gm);
    const at = new Map(
      [...lines].map(([, address = '', words = '']) => [
        Number.parseInt(address, 16),
        words.trim().replace(/^\w+/, (name) => olderNames[name] ?? name),
      ]),
    );
    return texts.map((_, i) => at.get(ADDRESS + i * SLOT) ?? '');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describeWithTools(['s390x-linux-gnu-gcc'], 'beside objdump', () => {
  test('every row that it knows is written the same', () => {
    const next = randomWords(0xd15);
    const rows = instructionTable.filter((row) => !unknownToObjdump.has(row.mnemonic) && !isOfTheZ17(row));
    const texts = rows.flatMap((row) =>
      Array.from({ length: PER_ROW }, () => {
        const operands = Object.entries(row.format.fields).map(([name, f]) => [name, operandOf(row, f, next)] as const);
        return encode(row.mnemonic, Object.fromEntries(operands));
      }),
    );
    const ours = texts.map((text, i) => disassembler.disassemble(text, BigInt(ADDRESS + i * SLOT)).text);
    expect(different(ours, objdump(texts)).slice(0, 20)).toEqual([]);
    expect(texts.length).toBeGreaterThan(10_000);
  });
});

describeWithTools(['s390x-linux-gnu-gcc'], 'vector instructions beside objdump', () => {
  test('are written the same with every combination of masks', () => {
    const texts = instructionTable
      .filter((row) => row.title.startsWith('VECTOR ') && !isOfTheZ17(row))
      .flatMap((row) => {
        const masks = Object.keys(row.format.fields).filter((name) => name.startsWith('m') && isShown(row, name));
        return Array.from({ length: 16 ** masks.length }, (_, n) => {
          const values = masks.map((name, i) => [name, (n >> (4 * i)) & 15] as const);
          const registers = Object.entries({ v1: 17, v2: 2, v3: 19, v4: 4, b2: 5 });
          const there = registers.filter(([name]) => row.format.fields[name] !== undefined);
          return encode(row.mnemonic, Object.fromEntries([...there, ...values]));
        });
      });
    const ours = texts.map((text, i) => disassembler.disassemble(text, BigInt(ADDRESS + i * SLOT)).text);
    expect(different(ours, objdump(texts)).slice(0, 20)).toEqual([]);
    expect(texts.length).toBeGreaterThan(20_000);
  });
});

describe('an instruction in words', () => {
  const words = (mnemonic: string, operands: Readonly<Record<string, number>>): string =>
    disassembler.disassemble(encode(mnemonic, operands), 0x1000n).text.replace('\t', ' ');

  test.each([
    ['BCR', { m1: 15, r2: 14 }, 'br %r14'],
    ['BRC', { m1: 8, ri2: -4 }, 'je 0xffc'],
    ['BRCL', { m1: 0, ri2: 2 }, 'jgnop 0x1002'],
    ['MVC', { l: 255, b1: 1, d1: 4, b2: 0, d2: 8 }, 'mvc 4(256,%r1),8'],
    ['LG', { r1: 1, x2: 0, b2: 0, d2: -8 }, 'lg %r1,-8'],
    ['LG', { r1: 1, x2: 3, b2: 0, d2: 8 }, 'lg %r1,8(%r3,%r0)'],
    ['NILF', { r1: 1, i2: -1 }, 'nilf %r1,4294967295'],
    ['STCTG', { r1: 0, r3: 15, b2: 1, d2: 0 }, 'stctg %c0,%c15,0(%r1)'],
    ['ADBR', { r1: 0, r2: 2 }, 'adbr %f0,%f2'],
    ['VGBM', { v1: 16, i2: 0xffff }, 'vone %v16'],
    ['VGBM', { v1: 3, i2: 0 }, 'vzero %v3'],
    ['VFCH', { v1: 1, v2: 2, v3: 30, m4: 3, m5: 12, m6: 1 }, 'wfkhdbs %v1,%v2,%v30'],
    ['VFEE', { v1: 1, v2: 2, v3: 3, m4: 1, m5: 3 }, 'vfeezhs %v1,%v2,%v3'],
    ['VSCEF', { v1: 1, v2: 0, b2: 5, d2: 8, m3: 3 }, 'vscef %v1,8(%v0,%r5),3'],
    ['LAM', { r1: 0, r3: 15, b2: 1 }, 'lam %a0,%a15,0(%r1)'],
  ])('%s %o: %s', (mnemonic, operands, expected) => {
    expect(words(mnemonic, operands)).toBe(expected);
  });
  test.each(z17Texts)('%s: %s', (code, text) => {
    expect(disassembler.disassemble(hexToBytes(code) ?? Uint8Array.of(), 0x1000n).text.replace('\t', ' ')).toBe(text);
  });
  test('that no row has the opcode of is shown by its bytes, and its length is that of its first bits', () => {
    expect(disassembler.disassemble(Uint8Array.of(0xe3, 1, 2, 3, 4, 0xff), 0n)).toEqual({
      text: '.insn\t0xe301020304ff',
      length: 6,
      row: undefined,
    });
  });
  test('that the memory ends in the middle of is filled up with zeros', () => {
    expect(disassembler.disassemble(Uint8Array.of(0xa7), 0n).length).toBe(4);
  });
});
