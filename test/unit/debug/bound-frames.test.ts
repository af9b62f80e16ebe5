import { expect, test } from 'vitest';
import { BoundFrames } from '../../../src/debug/bound-frames.ts';
import type { StoragePiece } from '../../../src/machine/watch.ts';

const piece = (at: number, length: number): StoragePiece => ({ address: BigInt(at), at, length });

test.each([
  ['one byte', 0x5fff, 1],
  ['two frames', 0x5fff, 2],
  ['as many frames as are kept by themselves', 0x5123, 63 * 0x1000],
  ['one more', 0x5123, 64 * 0x1000],
  ['many, which begin and end inside of blocks', 0x1f_f000, 0x30_2001],
  ['whole blocks', 0x10_0000, 0x20_0000],
])('%s: found in each frame that has bytes of it, and in none beside', (_, at, length) => {
  const frames = new BoundFrames();
  const [it, other] = [piece(at, length), piece(0x9000, 4)];
  frames.add(other);
  frames.add(it);
  const [first, last] = [Math.floor(at / 0x1000), Math.floor((at + length - 1) / 0x1000)];
  const found = Array.from({ length: last + 300 }, (_, frame) => frame).filter((f) => frames.in(f).includes(it));
  expect(found).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
  expect(frames.in(9)).toContain(other);
  expect(new Set(frames.all())).toEqual(new Set([it, other]));
  frames.clear();
  expect([frames.in(first), frames.in(last), [...frames.all()]]).toEqual([[], [], []]);
});

test('a piece of half a gibibyte, which is bound anew at each resume, is no matter of its 131072 frames', () => {
  const frames = new BoundFrames();
  frames.add(piece(0, 512 << 20));
  expect([...frames.all()].length).toBeLessThanOrEqual(512);
});
