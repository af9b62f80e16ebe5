import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InputFile, readInput } from '../../../src/cli/input.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestscope-input-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const image: InputFile = { code: 'image-unreadable', what: 'image' };

test('a file is read whole, also one of a file system that knows no sizes', () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'abc');
  expect(Buffer.from(readInput(path, image)).toString()).toBe('abc');
  expect(readInput('/proc/version', image).length).toBeGreaterThan(0);
});

test('a file that is as large as there is room for is read, one that is larger is refused by its size', () => {
  const path = join(folder, 'exact');
  writeFileSync(path, Buffer.alloc(1 << 20));
  expect(readInput(path, { ...image, most: 1 << 20 }).length).toBe(1 << 20);
  truncateSync(path, (1 << 20) + 1);
  expect(() => readInput(path, { ...image, most: 1 << 20 })).toThrow('has 2 MiB, more than the 1 MiB');
});

test('a file of a terabyte, and one without an end, are refused at once', () => {
  const path = join(folder, 'huge');
  writeFileSync(path, '');
  truncateSync(path, 2 ** 40);
  expect(() => readInput(path, image)).toThrow('has 1048576 MiB');
  expect(() => readInput('/dev/zero', image)).toThrow('is a device');
});

describe('a pipe', () => {
  /** Calls back with a pipe into which so many bytes are written. */
  function withPipe(bytes: number, use: (path: string) => void): void {
    const path = join(folder, `pipe-${bytes}`);
    execFileSync('mkfifo', [path]);
    execFileSync('sh', ['-c', `head -c ${bytes} /dev/zero > ${path} 2>/dev/null &`], { stdio: 'ignore' });
    use(path);
  }

  test('is read to its end', () => {
    withPipe(3_000_000, (path) => expect(readInput(path, image).length).toBe(3_000_000));
  });
  test('that does not end where there is no more room is refused', () => {
    withPipe(5_000_000, (path) => {
      expect(() => readInput(path, { ...image, most: 1 << 20 })).toThrow('does not end before the 1 MiB');
    });
  });
});

test('what cannot be read is said with its path', () => {
  expect(() => readInput(join(folder, 'none'), image)).toThrow(/cannot read the image: .*none/);
  expect(() => readInput(folder, image)).toThrow('cannot read the image: EISDIR');
});
