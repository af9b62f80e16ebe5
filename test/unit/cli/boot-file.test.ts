import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type BootFile, bootFile, heldFile } from '../../../src/cli/boot-file.ts';
import type { InputFile } from '../../../src/cli/input.ts';

const image: InputFile = { code: 'image-unreadable', what: 'image' };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

function file(name: string, contents: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-boot-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}
function opened(path: string, input = image): BootFile {
  const found = bootFile(path, input);
  onTestFinished(() => found.close());
  return found;
}

test('a file is read as often as its bytes are wanted, and each gets its own', () => {
  const found = opened(file('image', 'abcdef'));
  const first = found.read();
  first.fill(0);
  expect([text(found.read()), text(found.head(2)), text(found.head(99))]).toEqual(['abcdef', 'ab', 'abcdef']);
});

test('one that another file takes the name of, or that is removed, is still the same', () => {
  const path = file('image', 'abc');
  const found = opened(path);
  writeFileSync(`${path}.new`, 'new');
  renameSync(`${path}.new`, path);
  expect(text(found.read())).toBe('abc');
  rmSync(path);
  expect(text(found.read())).toBe('abc');
});

test.each<[string, (path: string) => void]>([
  ['written over', (path) => writeFileSync(path, 'xyz')],
  ['made longer', (path) => appendFileSync(path, 'd')],
  ['cut', (path) => truncateSync(path, 1)],
])('one that was %s in its place is refused by name', (_, change) => {
  const path = file('vmlinux', 'abc');
  utimesSync(path, 1_000_000, 1_000_000);
  const found = opened(path);
  expect(text(found.read())).toBe('abc');
  change(path);
  expect(() => found.read()).toThrow(`the image ${path} was changed in its place`);
  expect(() => found.head(1)).toThrow(expect.objectContaining({ code: 'file-changed' }));
});

test('a pipe is kept, and so is a file of a file system that knows no sizes', () => {
  const path = join(file('x', ''), '..', 'pipe');
  execFileSync('mkfifo', [path]);
  execFileSync('sh', ['-c', `printf abc > ${path} 2>/dev/null &`], { stdio: 'ignore' });
  const found = opened(path);
  expect([text(found.read()), text(found.read()), text(found.head(1))]).toEqual(['abc', 'abc', 'a']);
  expect(opened('/proc/version').read().length).toBeGreaterThan(0);
});

test('what cannot be read is the mistake of whoever gave it, and found when it is given', () => {
  const path = file('image', 'abc');
  expect(() => bootFile(`${path}-none`, image)).toThrow(/cannot read the image: .*-none/);
  expect(() => bootFile(join(path, '..'), image)).toThrow('cannot read the image: EISDIR');
  expect(() => bootFile('/dev/zero', image)).toThrow('is a device');
  truncateSync(path, (1 << 20) + 1);
  expect(() => bootFile(path, { ...image, most: 1 << 20 })).toThrow('has 2 MiB, more than the 1 MiB');
});

test('bytes in memory are those', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect([heldFile(bytes).read(), [...heldFile(bytes).head(2)]]).toEqual([bytes, [1, 2]]);
});
