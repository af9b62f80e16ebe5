import { expect, test } from 'vitest';
import { SieBlock } from '../../../../../src/arch/s390x/sie/state-description.ts';

const bytes = (): DataView => new DataView(new ArrayBuffer(512));

test('in a block that others see the state is there at once', () => {
  const seen = bytes();
  const block = new SieBlock(seen);
  block.owe(() => block.setBig('gg14', 5n));
  expect(seen.getBigUint64(0xa0)).toBe(5n);
});

test('in a private block every way to look brings the state first, once', () => {
  const looks: readonly ((block: SieBlock) => unknown)[] = [
    (b) => b.get('prefix'),
    (b) => b.big('gg14'),
    (b) => b.gcr(3),
    (b) => b.bytes,
    (b) => b.has('todpr', 1),
    (b) => b.set('prefix', 0),
    (b) => b.setBig('gpswAddress', 0n),
    (b) => b.setGcr(0, 0n),
  ];
  for (const look of looks) {
    const block = new SieBlock(bytes(), true);
    let times = 0;
    block.owe(() => times++);
    expect([times, block.get('icptcode'), times]).toEqual([0, 0, 0]);
    look(block);
    look(block);
    expect(times).toBe(1);
  }
});

test('what is written to a field stays when the state comes', () => {
  const block = new SieBlock(bytes(), true);
  block.owe(() => {
    block.setBig('gg14', 14n);
    block.setBig('gg15', 15n);
  });
  block.setBig('gg14', 99n);
  expect([block.big('gg14'), block.big('gg15'), block.isAsStored]).toEqual([99n, 15n, false]);
});
