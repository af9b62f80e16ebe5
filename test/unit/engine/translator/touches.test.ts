import { expect, test } from 'vitest';
import { touches } from '../../../../src/engine/translator/touches.ts';
import type { Node, Slot, Stmt } from '../../../../src/ir/node.ts';

const slot: Slot<'i32'> = { name: 'cc', offset: 8, ty: 'i32' };
const read: Node<'i32'> = { k: 'state', ty: 'i32', slot, id: 1 };
const one: Node<'i32'> = { k: 'const', ty: 'i32', value: 1n, id: 2 };
const shifted: Node<'i32'> = { k: 'bin', ty: 'i32', op: 'shl', a: one, b: read, id: 3 };
const place: Node<'i64'> = { k: 'ia', ty: 'i64', id: 4 };
const branch: Stmt = { s: 'branch', target: place };
const reads: readonly Stmt[] = [
  { s: 'let', node: read },
  { s: 'let', node: shifted },
];

test('a branch on every condition reads the condition, and does not ask for it', () => {
  expect(touches([[...reads, branch]], slot)).toEqual({ sets: false, asks: false });
});

test('what a branch depends on by way of other values is asked for', () => {
  const decided: Stmt = { s: 'if', cond: shifted, whenTrue: [branch], whenFalse: [] };
  expect(touches([[], [...reads, decided]], slot)).toEqual({ sets: false, asks: true });
  const inside: Stmt = { s: 'if', cond: one, whenTrue: [decided], whenFalse: [] };
  expect(touches([[...reads, inside]], slot).asks).toBe(true);
});

test('what a loop goes on by, and where an access goes to, is asked for', () => {
  expect(touches([[...reads, { s: 'loop', body: [], again: shifted }]], slot).asks).toBe(true);
  const at: Node<'i64'> = { k: 'un', ty: 'i64', op: 'extend_i32_u', a: read, id: 5 };
  const fetch: Node<'i32'> = { k: 'fetch', ty: 'i32', width: 32, signed: false, address: { at, space: 'data' }, id: 6 };
  expect(touches([[...reads, { s: 'let', node: fetch }]], slot).asks).toBe(true);
});

test('what is kept of it for another condition is asked for', () => {
  expect(touches([[...reads, { s: 'setState', slot, value: shifted }]], slot)).toEqual({ sets: true, asks: true });
  expect(touches([[{ s: 'setState', slot, value: one }]], slot)).toEqual({ sets: true, asks: false });
});
