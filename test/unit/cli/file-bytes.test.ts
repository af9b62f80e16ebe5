import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { passingBytes, readBytes } from '../../../src/cli/file-bytes.ts';

/** Pieces that glibc's malloc maps by themselves, and learns from when they are freed. */
const teaches = (bytes: number): boolean => bytes >= 128 << 10 && bytes <= 32 << 20;

test.each([
  0,
  1,
  0x1ffff,
  0x20000,
  5 << 20,
  0x2000000,
  0x2000001,
  40 << 20,
])('the piece of memory for %i bytes teaches the C library nothing', (size) => {
  const bytes = passingBytes(size);
  expect(bytes.length).toBe(size);
  expect(teaches(bytes.buffer.byteLength)).toBe(false);
});

test('a file is read up to as many bytes as are wanted, or as there are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-bytes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(300_000, 7));
  const file = openSync(path, 'r');
  onTestFinished(() => closeSync(file));
  expect(readBytes(file, 400_000)).toEqual(new Uint8Array(300_000).fill(7));
  expect(readBytes(file, 200_000).length).toBe(200_000);
});
