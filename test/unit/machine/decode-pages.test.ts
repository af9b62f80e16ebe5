import { expect, test } from 'vitest';
import { DecodePages } from '../../../src/machine/decode-pages.ts';
import { decodeEntry, decodePageBytes, PAGE_BYTES } from '../../../src/machine/layout.ts';

test('a decode page that is given again holds nothing of what it was for', () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const bytes = new Uint8Array(memory.buffer);
  const lost: number[][] = [];
  const pages = new DecodePages(memory, { base: 0, count: 3, unit: 2 }, (frames) => lost.push([...frames]));
  const fill = (frame: number): number => {
    const page = pages.pageFor(frame);
    expect(bytes.subarray(page, page + decodePageBytes(2)).every((b) => b === 0)).toBe(true);
    bytes.fill(frame, page, page + decodePageBytes(2));
    return page;
  };
  const first = [7, 8].map(fill);
  pages.flush();
  // Two that were in use, one that was not, and, since there are no more, the first again.
  const second = [9, 10, 11, 12].map(fill);
  expect(second.slice(0, 2)).toEqual(first);
  expect(second[3]).toBe(second[0]);
  expect(lost).toEqual([
    [7, 8],
    [9, 10, 11],
  ]);
});

test.each([
  2, 4,
] as const)('pages aside serve the frames that were wanted last, and forget what is stored over: unit %i', (unit) => {
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 3 });
  const bytes = new Uint8Array(memory.buffer);
  const pages = new DecodePages(memory, { base: 0, count: 1, unit }, () => undefined);
  const own = pages.pageFor(7);
  const aside = pages.aside(7);
  expect(aside).toBe(own + decodePageBytes(unit));
  const [entry, other] = [aside + 8 * decodeEntry.bytes, aside + 100 * decodeEntry.bytes];
  const decode = (): void => {
    for (const at of [entry, other]) bytes[at] = 9;
  };
  decode();
  expect([pages.storageOffset(entry), pages.entryAt(7, 8 * unit)]).toEqual([
    7 * PAGE_BYTES + 8 * unit,
    own + 8 * decodeEntry.bytes,
  ]);
  pages.invalidate(7 * PAGE_BYTES + 8 * unit, 4);
  expect([bytes[entry], bytes[other]]).toEqual([0, 9]);
  decode();
  pages.aside(7);
  expect(bytes[entry]).toBe(9);
  const others = [8, 9, 10].map((frame) => pages.aside(frame));
  expect(others).toEqual([1, 2, 3].map((n) => aside + n * decodePageBytes(unit)));
  expect([pages.aside(7), bytes[entry], bytes[other]]).toEqual([aside, 9, 9]);
  expect(pages.aside(11)).toBe(aside);
  expect([bytes[entry], bytes[other], pages.storageOffset(entry)]).toEqual([0, 0, 11 * PAGE_BYTES + 8 * unit]);
  bytes[entry] = 9;
  pages.flush();
  expect([bytes[entry], pages.storageOffset(entry)]).toEqual([0, undefined]);
});

test.each([
  [2, 14, 2, [5, 6, 7]],
  [2, 0, 1, [0]],
  [4, 14, 3, [3, 4]],
  [4, 4095, 1, [1023]],
] as const)('what lies at multiples of %i is forgotten when byte %i and on are stored, %i of them: %j', (unit, at, length, lost) => {
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 3 });
  const view = new DataView(memory.buffer);
  const pages = new DecodePages(memory, { base: 0, count: 1, unit }, () => undefined);
  const page = pages.pageFor(1);
  const entries = Array.from({ length: PAGE_BYTES / unit }, (_, i) => page + i * decodeEntry.bytes);
  for (const entry of entries) view.setUint16(entry, 7, true);
  pages.invalidate(PAGE_BYTES + at, length);
  expect(entries.flatMap((entry, i) => (view.getUint16(entry, true) === 0 ? [i] : []))).toEqual(lost);
});
