import { expect, test } from 'vitest';
import { DecodePages } from '../../../src/machine/decode-pages.ts';
import { DECODE_PAGE_BYTES, decodeEntry, PAGE_BYTES } from '../../../src/machine/layout.ts';

test('a decode page that is given again holds nothing of what it was for', () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const bytes = new Uint8Array(memory.buffer);
  const lost: number[][] = [];
  const pages = new DecodePages(memory, 0, 3, (frames) => lost.push([...frames]));
  const fill = (frame: number): number => {
    const page = pages.pageFor(frame);
    expect(bytes.subarray(page, page + DECODE_PAGE_BYTES).every((b) => b === 0)).toBe(true);
    bytes.fill(frame, page, page + DECODE_PAGE_BYTES);
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

test('the page aside serves one frame at a time, and forgets what is stored over', () => {
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 3 });
  const bytes = new Uint8Array(memory.buffer);
  const pages = new DecodePages(memory, 0, 1, () => undefined);
  const own = pages.pageFor(7);
  const aside = pages.aside(7);
  expect(aside).toBe(own + DECODE_PAGE_BYTES);
  const [entry, other] = [aside + 8 * decodeEntry.bytes, aside + 100 * decodeEntry.bytes];
  const decode = (): void => {
    for (const at of [entry, other]) bytes[at] = 9;
  };
  decode();
  expect([pages.storageOffset(entry), pages.entryAt(7, 16)]).toEqual([
    7 * PAGE_BYTES + 16,
    own + 8 * decodeEntry.bytes,
  ]);
  pages.invalidate(7 * PAGE_BYTES + 16, 4);
  expect([bytes[entry], bytes[other]]).toEqual([0, 9]);
  decode();
  pages.aside(7);
  expect(bytes[entry]).toBe(9);
  pages.aside(8);
  expect([bytes[entry], bytes[other], pages.storageOffset(entry)]).toEqual([0, 0, 8 * PAGE_BYTES + 16]);
});
