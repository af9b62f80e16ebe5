import { expect, test } from 'vitest';
import { ImagePool, ZEROS } from '../../../src/history/image-pool.ts';
import { Keeping } from '../../../src/history/keeping.ts';
import { KeptDisk } from '../../../src/history/kept-disk.ts';
import type { KeptPages } from '../../../src/machine/kept-pages.ts';
import { PAGE_BYTES } from '../../../src/machine/layout.ts';
import { makeStorage } from '../../../src/machine/storage.ts';
import { MemoryDisk } from '../../../src/virtio/block.ts';

function pagesOf(frames: number, compared: readonly Uint8Array[] = []): KeptPages {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const storage = makeStorage(memory, 0, frames * PAGE_BYTES, 'big');
  return { storage, parts: [], compared, keepPages: () => undefined, replaced: () => undefined };
}

/** Changes a byte as a guest does. */
function store(keeping: Keeping, { storage }: KeptPages, at: number, value: number): void {
  const frame = Math.floor(at / PAGE_BYTES);
  if (keeping.lacks(frame)) keeping.keep(frame);
  storage.setByte(at, value);
}

test('an exchange leads back, and the same images lead forward again, over pages of zeros too', () => {
  const pages = pagesOf(4);
  const keeping = new Keeping(pages, []);
  store(keeping, pages, 5, 1);
  const first = keeping.end();
  store(keeping, pages, 5, 2);
  store(keeping, pages, PAGE_BYTES + 7, 3);
  const second = keeping.end();
  const bytes = (): number[] => [pages.storage.byte(5), pages.storage.byte(PAGE_BYTES + 7)];
  const replaced = new Set<number>();
  for (let round = 0; round < 3; round++) {
    expect(bytes()).toEqual([2, 3]);
    keeping.exchange(second, replaced);
    expect(bytes()).toEqual([1, 0]);
    keeping.exchange(first, replaced);
    expect(bytes()).toEqual([0, 0]);
    keeping.exchange(first, replaced);
    keeping.exchange(second, replaced);
  }
  expect([...replaced].sort()).toEqual([0, 1]);
});

test('the number of intervals begins again behind 2^32 - 1 of them, and no page passes for kept', () => {
  const pages = pagesOf(4);
  const keeping = new Keeping(pages, [], 0xffff_fffe);
  for (let i = 0; i < 4; i++) {
    expect(keeping.lacks(2)).toBe(true);
    store(keeping, pages, 2 * PAGE_BYTES, i + 1);
    expect(keeping.lacks(2)).toBe(false);
    const ended = keeping.end();
    expect([...ended.pages.keys()]).toEqual([2]);
    expect(keeping.pool.view(ended.pages.get(2) ?? ZEROS)[PAGE_BYTES - 1]).toBe(i);
  }
});

test('bytes that nobody tells of are compared, the last part of a page among them', () => {
  const keys = new Uint8Array(PAGE_BYTES + 10);
  const pages = pagesOf(4, [keys]);
  const keeping = new Keeping(pages, []);
  keys[PAGE_BYTES + 9] = 6;
  const ended = keeping.end();
  expect([...ended.pages.keys()]).toEqual([5]);
  keeping.exchange(ended, new Set());
  expect(keys[PAGE_BYTES + 9]).toBe(0);
  keeping.exchange(ended, new Set());
  expect(keys[PAGE_BYTES + 9]).toBe(6);
});

test('two intervals joined keep the older image behind the guest, and the newer one in front of it', () => {
  for (const [keeps, value] of [
    ['older', 0],
    ['newer', 1],
  ] as const) {
    const pages = pagesOf(1);
    const keeping = new Keeping(pages, []);
    store(keeping, pages, 0, 1);
    const first = keeping.end();
    store(keeping, pages, 0, 2);
    first.join(keeping.end(), keeps, keeping.pool);
    expect(keeping.pool.view(first.pages.get(0) ?? ZEROS)[PAGE_BYTES - 1]).toBe(value);
    expect(keeping.pool.bytes).toBe(value === 0 ? 0 : PAGE_BYTES);
  }
});

test('an image is used again when it is free, and zeros take no room', () => {
  const pool = new ImagePool();
  const page = new Uint8Array(PAGE_BYTES);
  expect(pool.keep(page)).toBe(ZEROS);
  page[3] = 1;
  const images = Array.from({ length: 300 }, () => pool.keep(page));
  expect(new Set(images).size).toBe(300);
  expect(pool.bytes).toBe(300 * PAGE_BYTES);
  pool.free(images[7] ?? 0);
  expect(pool.keep(page)).toBe(images[7]);
});

test('a disk in the past leaves what it keeps its bytes in alone, until the past is the present', () => {
  const bytes = new Uint8Array(3 * PAGE_BYTES - 512).fill(7);
  const disk = new KeptDisk(new MemoryDisk(bytes));
  const pages = pagesOf(1);
  const keeping = new Keeping(pages, [disk]);
  expect(disk.write(PAGE_BYTES - 2, Uint8Array.of(1, 2, 3, 4))).toBe(true);
  const ended = keeping.end();
  expect(ended.pages.size).toBe(2);
  keeping.away = true;
  keeping.exchange(ended, new Set());
  expect([...(disk.read(PAGE_BYTES - 2, 4) ?? [])]).toEqual([7, 7, 7, 7]);
  expect([...bytes.subarray(PAGE_BYTES - 2, PAGE_BYTES + 2)]).toEqual([1, 2, 3, 4]);
  disk.write(bytes.length - 1, Uint8Array.of(9));
  expect(bytes.at(-1)).toBe(7);
  keeping.away = false;
  expect([...bytes.subarray(PAGE_BYTES - 2, PAGE_BYTES + 2)]).toEqual([7, 7, 7, 7]);
  expect(bytes.at(-1)).toBe(9);
});
