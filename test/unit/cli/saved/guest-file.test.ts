import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { GuestFile } from '../../../../src/cli/saved/guest-file.ts';
import { kinds, RecordReader, RecordWriter } from '../../../../src/cli/saved/record-file.ts';

const PIECE = 1024;
const bytes = (pieces: number, first: number): Uint8Array =>
  Uint8Array.from({ length: pieces * PIECE }, (_, i) => first + (i >> 10));

/** A file with an image and an initial RAM disk of so many pieces, and nothing of a machine. */
function saved(parts: Readonly<Record<string, Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-guest-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'guest');
  const writer = new RecordWriter(path);
  writer.add(kinds.about, { version: 1, recipe: {}, ended: undefined });
  for (const [part, all] of Object.entries(parts)) {
    writer.add(kinds.image, { part, bytes: new Uint8Array(0) });
    for (let at = 0; at < all.length; at += PIECE) {
      writer.add(kinds.image, { part, bytes: all.subarray(at, at + PIECE) });
    }
  }
  writer.add(kinds.whole, undefined);
  return path;
}

test.each([
  [200, undefined],
  [200, 40],
  [1, 40],
  [0, 0],
])('an image of %s pieces and an initial RAM disk of %s are found, and read when they are asked for', (image, initrd) => {
  const initrdBytes = initrd === undefined ? undefined : bytes(initrd, 7);
  const path = saved({ image: bytes(image, 1), ...(initrdBytes === undefined ? {} : { initrd: initrdBytes }) });
  const read = vi.spyOn(RecordReader.prototype, 'data');
  onTestFinished(() => read.mockRestore());
  const file = new GuestFile(path);
  expect(read.mock.calls.length).toBeLessThan(12);
  expect(file.image.read()).toEqual(bytes(image, 1));
  expect(file.initrd?.read()).toEqual(initrdBytes);
  expect(file.image.head(5)).toEqual(bytes(image, 1).subarray(0, 5));
});

test('a file without an image is refused', () => {
  expect(() => new GuestFile(saved({ initrd: bytes(2, 1) }))).toThrow('has no image');
});
