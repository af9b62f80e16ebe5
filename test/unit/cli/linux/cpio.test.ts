import { expect, test } from 'vitest';
import { cpioArchive, fileType } from '../../../../src/cli/linux/cpio.ts';
import { members } from './cpio-reader.ts';

test('an archive gives back what was put in, contents of every length modulo four', () => {
  const entries = [0, 1, 2, 3, 4, 5].map((n) => ({
    path: 'x'.repeat(n + 1),
    mode: fileType.file | 0o640,
    data: Uint8Array.from({ length: n }, (_, i) => i + 1),
  }));
  const read = members(cpioArchive(entries));
  expect(read.map(({ path, mode, data }) => ({ path, mode, data: [...data] }))).toEqual(
    entries.map(({ path, mode, data }) => ({ path, mode, data: [...data] })),
  );
});

test('a directory, a link and a device are what they are, and each has a number of its own', () => {
  const read = members(
    cpioArchive([
      { path: 'dev', mode: fileType.directory | 0o755 },
      { path: 'dev/console', mode: fileType.character | 0o600, device: { major: 5, minor: 1 } },
      { path: 'link', mode: fileType.link | 0o777, data: Buffer.from('dev/console') },
    ]),
  );
  expect(read.map((m) => [m.path, m.mode, m.links, m.device])).toEqual([
    ['dev', 0o040755, 2, [0, 0]],
    ['dev/console', 0o020600, 1, [5, 1]],
    ['link', 0o120777, 1, [0, 0]],
  ]);
  expect(Buffer.from(read[2]?.data ?? []).toString()).toBe('dev/console');
  expect(new Set(read.map((m) => m.inode)).size).toBe(3);
});

test('a name is counted in bytes, not in characters', () => {
  const [read] = members(cpioArchive([{ path: 'größe', mode: fileType.file | 0o644, data: Buffer.from('x') }]));
  expect(read).toMatchObject({ path: 'größe' });
});

test('archives of the same entries are the same bytes', () => {
  const archive = (): Uint8Array => cpioArchive([{ path: 'a', mode: fileType.file | 0o644, data: Buffer.from('b') }]);
  expect(archive()).toEqual(archive());
  expect(archive().length % 4).toBe(0);
});
