import { expect, test } from 'vitest';
import { Folder } from '../../../src/ir/fold.ts';
import type { Node } from '../../../src/ir/node.ts';

function folder() {
  let nodes = 0;
  const fold = new Folder((draft) => Object.assign(draft, { id: nodes++ }));
  const slot = (name: string): Node => ({ k: 'state', ty: 'i64', slot: { name, offset: 0, ty: 'i64' }, id: nodes++ });
  return { fold, slot };
}

test('the carry of a condition code is the comparison that it was made of', () => {
  const { fold, slot } = folder();
  const [a, b] = [slot('a'), slot('b')];
  const carry = fold.bin('i32', 'lt_u', a, b);
  const rest = fold.bin('i32', 'ne', a, fold.i64(0));
  const cc = fold.bin('i32', 'or', fold.bin('i32', 'shl', carry, fold.i32(1)), rest);
  expect(fold.bin('i32', 'shr_u', cc, fold.i32(1))).toBe(carry);
  // Not of what is more than a bit, nor by another number.
  const wide = fold.bin('i32', 'or', fold.bin('i32', 'shl', carry, fold.i32(1)), fold.i32(5));
  expect(fold.bin('i32', 'shr_u', wide, fold.i32(1))).not.toBe(carry);
  expect(fold.bin('i32', 'shr_u', cc, fold.i32(2))).not.toBe(carry);
  expect(fold.bin('i32', 'shr_s', cc, fold.i32(1))).not.toBe(carry);
});

test('a bit that is tested under a mask decides a branch by one comparison', () => {
  const { fold, slot } = folder();
  const selected = fold.bin('i64', 'and', slot('a'), fold.i64(1));
  const none = fold.un('i32', 'eqz', selected);
  const all = fold.bin('i32', 'eq', selected, fold.i64(1));
  const mixed = fold.bin('i32', 'add', fold.bin('i32', 'gt_u', selected, slot('b')), fold.i32(1));
  const cc = fold.select(none, fold.i32(0), fold.select(all, fold.i32(3), mixed));
  expect(fold.among(0b1000, cc)).toBe(none);
  expect(fold.among(0b0111, cc)).toMatchObject({ k: 'bin', op: 'ne', a: selected });
  // Of mixed bits with a leftmost one, and without.
  expect(fold.among(0b0010, mixed)).toBe(mixed.k === 'bin' ? mixed.a : undefined);
  expect(fold.among(0b0100, mixed)).toMatchObject({ k: 'bin', op: 'le_u' });
  expect(fold.among(0b1001, mixed)).toMatchObject({ k: 'const', value: 0n });
});
