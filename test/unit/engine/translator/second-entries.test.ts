import { expect, test } from 'vitest';
import { orderFlow } from '../../../../src/engine/translator/flow.ts';
import { type Copied, copyTails } from '../../../../src/engine/translator/second-entries.ts';
import { Bench, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';

/** A graph of blocks of some instructions; the offset of each is its number. */
function graph(successors: readonly (readonly number[])[], length = 3): (Copied | undefined)[] {
  return successors.map((to, offset) =>
    offset === 0
      ? undefined
      : { offset, instructions: Array.from({ length }), successors: [...to], instead: new Map<number, number>() },
  );
}

function unfolded(successors: readonly (readonly number[])[], length?: number) {
  const entries = successors[0] ?? [];
  const blocks = graph(successors, length);
  const result = copyTails(blocks, entries, orderFlow(successors));
  if (result === undefined) return undefined;
  const after = [result.entries, ...result.blocks.slice(1).map((b) => b?.successors ?? [])];
  return { entries: result.entries, after, flow: orderFlow(after), blocks: result.blocks };
}

test('a loop that is entered at its head and in its midst is entered at its head alone, from a copy of its end', () => {
  // 1 -> 2 -> 3 -> 1, out to 4; entered at 1 and 2.
  const result = unfolded([[1, 2], [2], [3, 4], [1], []]);
  expect(result?.entries).toEqual([1, 5]);
  expect(result?.after.slice(5)).toEqual([[6, 4], [1]]);
  expect(result?.blocks[5]?.instead).toEqual(new Map([[3, 6]]));
  expect(result?.flow.isLoop[0]).toBe(false);
  expect(result?.flow.isLoop[1]).toBe(true);
});

test('an inner loop that is entered by itself is copied as a whole', () => {
  const result = unfolded([[1, 2], [2], [2, 1]]);
  expect(result?.after).toEqual([[1, 3], [2], [2, 1], [3, 1]]);
  expect(result?.flow.isLoop).toEqual([false, true, true, true]);
});

test('what is entered at heads alone, and loops that are large, stay as they are', () => {
  expect(unfolded([[1], [2], [2, 1], []])).toBeUndefined();
  expect(unfolded([[1, 2], [2, 3], [3], []])).toBeUndefined();
  expect(unfolded([[1, 2], [2], [3, 4], [1], []], 21)).toBeUndefined();
});

test.each([
  'first',
  'forgetful',
  'merging',
] as const)('a loop that is come to in its midst does the same in the mode %s', (mode) => {
  // The loop at 6 is entered at its second half every other time, by way of a computed branch, and left in two places.
  const code = [
    encode('AGHI', { r1: 5, i2: 1 }),
    encode('LAY', { r1: 6, b2: 7 }),
    encode('STC', { r1: 5, x2: 1, b2: 2 }),
    encode('AGHI', { r1: 1, i2: 1 }),
    encode('CGHI', { r1: 1, i2: 90 }),
    encode('BRC', { m1: 10, ri2: 26 }),
    encode('IC', { r1: 5, x2: 1, b2: 3 }),
    encode('AGHI', { r1: 1, i2: 1 }),
    encode('CGHI', { r1: 1, i2: 95 }),
    encode('BRC', { m1: 4, ri2: -28 }),
    encode('LGHI', { r1: 1, i2: 0 }),
    encode('BRCT', { r1: 9, ri2: -34 }),
    encode('BRC', { m1: 15 }),
  ];
  const setup: Setup = { code, mask: MASK_64, steps: 9000, gr: { 1: 0n, 2: 0x8000n, 3: 0x8001n, 5: 3n, 9: 30n } };
  const [plain, other] = (['interpreter', mode] as const).map((how) => {
    const bench = new Bench(how);
    const { gr, address, vcpu } = bench.run(setup);
    return { gr, address, count: vcpu.icount, storage: bench.complex.storage.read(0x8000, 0x100) };
  });
  expect(other).toEqual(plain);
});
