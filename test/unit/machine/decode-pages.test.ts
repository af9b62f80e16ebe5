import { expect, test } from 'vitest';
import { DecodePages } from '../../../src/machine/decode-pages.ts';
import { DECODE_PAGE_BYTES } from '../../../src/machine/layout.ts';

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
