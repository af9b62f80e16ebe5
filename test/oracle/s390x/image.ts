/** Builds test images: the runner, the address spaces, the pool that operands come from, and the cases. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../support/sources.ts';
import { tool } from '../../support/tools.ts';
import {
  assemblerDefines,
  CODE_BYTES,
  caseRecord,
  control,
  FILL,
  FRAME_COUNT,
  frames,
  PATCH_BYTES,
  real,
  resultRecord,
  usualControls,
  virtual,
} from './layout.ts';

/** What one case does, from what state. */
export interface OracleCase {
  readonly mnemonic: string;
  /** Number among the cases of its row. */
  readonly number: number;
  /** The row whose instruction is done: another one for EXECUTE. */
  readonly does: string;
  /** The instruction in words, and behind it what it executes. */
  readonly text: string;
  /** Operand fields of the instruction, or of what EXECUTE does. */
  readonly operands: Readonly<Record<string, number>>;
  readonly pswMask: bigint;
  /** CODE_BYTES of code, of which the first are the instruction, and where in the code frames. */
  readonly code: Uint8Array;
  readonly codeOffset: number;
  readonly gr: readonly bigint[];
  /** All 32, of 128 bits each. */
  readonly vr: readonly bigint[];
  readonly ar: readonly number[];
  readonly fpc: number;
  readonly cr0: bigint;
  /** Other control registers than the usual ones, by number. */
  readonly cr?: Readonly<Record<number, bigint>>;
  /** For each data frame, the offset of its contents in the pool, a multiple of 8. */
  readonly pool: readonly number[];
  /** Bytes over the contents of the data frames, by offset in them. */
  readonly patches: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** The runner's code, assembled for real address `real.runner`: with `vectors` for a machine that has vector registers. */
export function assembleRunner(vectors: boolean): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-oracle-'));
  try {
    const out = join(directory, 'runner');
    const link = [`-Wl,-Ttext=0x${real.runner.toString(16)}`, '-Wl,--oformat=binary', '-Wl,--build-id=none'];
    const { status, stderr } = spawnSync(
      tool('s390x-linux-gnu-gcc'),
      [
        '-nostdlib',
        '-static',
        '-march=z13',
        ...link,
        ...assemblerDefines(),
        ...(vectors ? ['-DVECTORS'] : []),
        '-o',
        out,
        `${root}test/oracle/s390x/runner.S`,
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`the runner was not assembled: ${stderr}`);
    return readFileSync(out);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A raw image that starts at the runner, and where its results will be. */
export interface OracleImage {
  readonly cases: readonly OracleCase[];
  readonly bytes: Uint8Array;
  readonly results: number;
  readonly resultBytes: number;
}

/** The image of some cases. */
export function buildImage(runner: Uint8Array, pool: Uint8Array, cases: readonly OracleCase[]): OracleImage {
  const results = real.cases + cases.length * caseRecord.size;
  const bytes = new Uint8Array(results);
  const view = new DataView(bytes.buffer);
  // Short PSW of an IPL: 31-bit mode, at the runner.
  view.setBigUint64(0, 0x0008_0000_8000_0000n | BigInt(real.runner));
  bytes.set(runner, real.runner);
  bytes.set(pool, real.pool);
  for (let at: number = real.code; at < real.frames; at += 2) view.setUint16(at, FILL);
  mapSpace(view, real.tables, { first: frames.first, third: frames.third });
  mapSpace(view, real.secondaryTables, { first: frames.third, third: frames.first });
  view.setBigUint64(real.control + control.count, BigInt(cases.length));
  view.setBigUint64(real.control + control.cases, BigInt(real.cases));
  view.setBigUint64(real.control + control.results, BigInt(results));
  for (const [i, c] of cases.entries()) writeCase(bytes, real.cases + i * caseRecord.size, c);
  return { cases, bytes, results, resultBytes: cases.length * resultRecord.size };
}

const TABLE_BYTES = 0x4000;
const INVALID = 0x20n;
const PROTECTED = 0x200n;
const PAGE_INVALID = 0x400n;

// Region-first, two region-second, two region-third, two segment tables (low and high end), then page tables of 2 KiB.
function mapSpace(view: DataView, origin: number, data: { readonly first: number; readonly third: number }): void {
  const table = (n: number): number => origin + n * TABLE_BYTES;
  const link = (from: number, type: bigint, index: number, to: number): void =>
    view.setBigUint64(from + index * 8, BigInt(to) | (type << 2n) | (type === 0n ? 0n : 3n));
  const empty = (at: number, type: bigint): void => {
    for (let i = 0; i < 2048; i++) view.setBigUint64(at + i * 8, INVALID | (type << 2n));
  };
  empty(table(0), 3n);
  for (const [end, index] of [0, 2047].entries()) {
    empty(table(1 + end), 2n);
    empty(table(3 + end), 1n);
    empty(table(5 + end), 0n);
    link(table(0), 3n, index, table(1 + end));
    link(table(1 + end), 2n, index, table(3 + end));
    link(table(3 + end), 1n, index, table(5 + end));
  }
  const pages = table(7);
  const pageTable = (n: number): number => pages + n * 0x800;
  for (let i = 0; i < 4 * 256; i++) view.setBigUint64(pages + i * 8, PAGE_INVALID);
  link(table(5), 0n, 0, pageTable(0));
  link(table(5), 0n, Number(virtual.top24 >> 20n), pageTable(1));
  link(table(5), 0n, Number(virtual.top31 >> 20n), pageTable(2));
  link(table(6), 0n, 2047, pageTable(3));
  view.setBigUint64(table(5) + (virtual.guardedSegment >> 20) * 8, BigInt(pageTable(0)) | PROTECTED);
  const page = (n: number, address: number, to: number, flags = 0n): void =>
    view.setBigUint64(pageTable(n) + ((address >> 12) & 255) * 8, BigInt(to) | flags);
  const frame = (n: number): number => real.frames + n * 4096;
  page(0, virtual.zero, frame(frames.zero));
  page(0, virtual.first, frame(data.first));
  page(0, virtual.second, frame(frames.second));
  page(0, virtual.guarded, frame(frames.guarded), PROTECTED);
  page(0, virtual.third, frame(data.third));
  page(0, virtual.code, real.code, PROTECTED);
  page(0, virtual.code + 4096, real.code + 4096, PROTECTED);
  page(0, virtual.badEntry, frame(frames.first), 0x800n);
  for (const n of [1, 2, 3]) page(n, 0xff000, frame(frames.top));
}

function writeCase(bytes: Uint8Array, at: number, c: OracleCase): void {
  const view = new DataView(bytes.buffer, at, caseRecord.size);
  if (c.code.length !== CODE_BYTES || c.pool.length !== FRAME_COUNT) throw new Error('a case of another size');
  view.setBigUint64(caseRecord.psw, c.pswMask);
  view.setBigUint64(caseRecord.psw + 8, BigInt(virtual.code + c.codeOffset));
  bytes.set(c.code, at + caseRecord.code);
  view.setUint16(caseRecord.codeOffset, c.codeOffset);
  for (const [i, offset] of c.pool.entries()) view.setUint16(caseRecord.pool + i * 2, offset / 8);
  for (const [i, usual] of usualControls.entries()) {
    view.setBigUint64(caseRecord.cr + i * 8, i === 0 ? c.cr0 : (c.cr?.[i] ?? usual));
  }
  view.setUint32(caseRecord.fpc, c.fpc);
  for (const [i, value] of c.ar.entries()) view.setUint32(caseRecord.ar + i * 4, value);
  for (const [i, value] of c.gr.entries()) view.setBigUint64(caseRecord.gr + i * 8, value);
  for (const [i, value] of c.vr.entries()) {
    view.setBigUint64(caseRecord.vr + i * 16, value >> 64n);
    view.setBigUint64(caseRecord.vr + i * 16 + 8, BigInt.asUintN(64, value));
  }
  let next = caseRecord.patches;
  for (const p of c.patches) {
    if (next + 4 + p.bytes.length + 4 > caseRecord.patches + PATCH_BYTES) throw new Error('too many patches');
    view.setUint16(next, p.offset);
    view.setUint16(next + 2, p.bytes.length);
    bytes.set(p.bytes, at + next + 4);
    next += (5 + p.bytes.length) & ~1;
  }
}
