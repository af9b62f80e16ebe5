import { expect, test } from 'vitest';
import { demandsOf } from '../../../../src/engine/translator/demands.ts';
import { orderFlow } from '../../../../src/engine/translator/flow.ts';
import { Bench, encode } from '../../../support/s390x/isa.ts';

/** Blocks of some lengths; the dispatcher, node 0, leads to node 1. */
function demands(lengths: readonly number[], successors: readonly (readonly number[])[]): readonly number[] {
  const blocks = [undefined, ...lengths.map((n, i) => ({ code: new Array(n), successors: successors[i] ?? [] }))];
  return demandsOf(blocks, orderFlow([[1], ...successors]));
}

test('a block asks for the longest way through blocks that nothing else leads to, and those ask for nothing', () => {
  expect(demands([3, 4, 5, 2], [[2, 3], [4], [4], []])).toEqual([0, 8, 0, 0, 2]);
});

test('the head of a loop asks for itself', () => {
  expect(demands([3, 4, 5], [[2], [3], [2]])).toEqual([0, 3, 9, 0]);
});

test('no block asks for more than a turn always has room for', () => {
  expect(demands([100, 60, 7], [[2], [3], []])).toEqual([0, 100, 67, 0]);
});

test('a run ends behind as many instructions as it may do, wherever that is', () => {
  // Goes by a long and by a short way in turn.
  const code = [
    encode('XILF', { r1: 1, i2: 1 }),
    encode('TMLL', { r1: 1, i2: 1 }),
    encode('BRC', { m1: 8, ri2: 20 }),
    encode('AGHI', { r1: 2, i2: 1 }),
    encode('AGHI', { r1: 3, i2: 2 }),
    encode('AGHI', { r1: 4, i2: 3 }),
    encode('AGHI', { r1: 5, i2: 4 }),
    encode('BRC', { m1: 15, ri2: -30 }),
  ];
  const benches = [new Bench('interpreter'), new Bench('first')];
  for (let steps = 1; steps < 40; steps++) {
    const [plain, translated] = benches.map((bench) => {
      const { gr, address, vcpu } = bench.run({ code, steps });
      return { gr, address, count: vcpu.icount };
    });
    expect(translated, `${steps} instructions`).toEqual(plain);
  }
});
