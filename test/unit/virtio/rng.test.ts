import { expect, test } from 'vitest';
import { SeededBytes, VirtioRng } from '../../../src/virtio/rng.ts';
import { TestDriver } from '../arch/s390x/vmm/virtio-ccw/driver.ts';

test('buffers are filled from the source, a page at most', () => {
  const d = new TestDriver(new VirtioRng(new SeededBytes(7)));
  const { parts } = d.offer(0, { writable: [10, 6] });
  d.offer(0, { writable: [9000] });
  d.offer(0, { readable: [new Uint8Array(3)] });
  d.kick();
  expect(d.take().map((u) => u.length)).toEqual([16, 4096, 0]);
  const [a = 0, b = 0] = parts;
  const source = new SeededBytes(7);
  expect(Buffer.concat([d.bytes(a, 10), d.bytes(b, 6)])).toEqual(Buffer.from(source.next(16)));
});

test('a seed gives the same bytes, another seed others, and all values come up', () => {
  const bytes = new SeededBytes(1).next(1 << 16);
  expect(new SeededBytes(1).next(1 << 16)).toEqual(bytes);
  expect(new SeededBytes(2).next(64)).not.toEqual(bytes.slice(0, 64));
  const counts = new Uint32Array(256);
  for (const b of bytes) counts[b] = (counts[b] ?? 0) + 1;
  // 256 of each are expected; six standard deviations around that.
  expect(Math.min(...counts)).toBeGreaterThan(160);
  expect(Math.max(...counts)).toBeLessThan(352);
});
