import { expect, test } from 'vitest';
import { orderFlow } from '../../../../src/engine/translator/flow.ts';
import { aroundStrips, findStrips, type StripBlock } from '../../../../src/engine/translator/strips.ts';
import type { Node, RegisterFile, Stmt } from '../../../../src/ir/node.ts';

const file: RegisterFile = { name: 'gr', offset: 0, width: 8 };
let ids = 0;
const constant = (value: bigint): Node<'i64'> => ({ k: 'const', ty: 'i64', value, id: ids++ });
const number = (n: number): Node<'i32'> => ({ k: 'const', ty: 'i32', value: BigInt(n), id: ids++ });
const part = { file, name: 'gr', offset: 0, ty: 'i64', bytes: 8 } as const;

function register(n: number): Node<'i64'> {
  return { k: 'reg', ty: 'i64', part, index: { by: 'value', index: number(n) }, id: ids++ };
}
function plus(a: Node<'i64'>, by: bigint): Node<'i64'> {
  return { k: 'bin', ty: 'i64', op: 'add', a, b: constant(by), id: ids++ };
}
function fetch(n: number, by: bigint): Stmt[] {
  const base = register(n);
  const node: Node = {
    k: 'fetch',
    ty: 'i64',
    width: 64,
    signed: false,
    address: { at: plus(base, by), space: 'data' },
    id: ids++,
  };
  return [
    { s: 'let', node: base },
    { s: 'let', node },
  ];
}
function move(n: number, by: bigint): Stmt[] {
  const base = register(n);
  return [
    { s: 'let', node: base },
    { s: 'setReg', part, index: { by: 'value', index: number(n) }, value: plus(base, by) },
  ];
}
function block(successors: number[], ...code: Stmt[][]): StripBlock {
  return { code, successors };
}

test('accesses of a loop are looked at together where they lie close to each other', () => {
  const loop = block([1, 2], fetch(3, 0n), move(3, 8n), fetch(3, 16n), fetch(3, 900n), fetch(4, 0n), move(4, -8n));
  const blocks = [undefined, loop, block([])];
  const strip = findStrips(blocks, orderFlow([[1], [1, 2], []])).get(1);
  expect(strip).toMatchObject({ head: 1, nodes: [1], count: 6 });
  expect(strip?.groups.map(({ from, span, step }) => ({ from, span, step }))).toEqual([
    { from: 0n, span: 32, step: 8 },
    { from: 908n, span: 8, step: 8 },
    { from: 0n, span: 8, step: -8 },
  ]);
  expect(strip?.sites.size).toBe(4);
});

test('a register that comes from elsewhere, or moves too far, needs a look each time', () => {
  const copied: Stmt[] = [{ s: 'setReg', part, index: { by: 'value', index: number(5) }, value: constant(8n) }];
  const loop = block([1, 2], fetch(5, 0n), copied, fetch(6, 0n), move(6, 2000n));
  expect(findStrips([undefined, loop, block([])], orderFlow([[1], [1, 2], []])).size).toBe(0);
});

test('a loop with the head of the one around it is found by itself, and what follows it stands beside the head', () => {
  const successors = [[1], [1, 2], [3], [1]];
  const begun: Stmt[] = [{ s: 'setReg', part, index: { by: 'value', index: number(3) }, value: constant(8n) }];
  const blocks = [undefined, block([1, 2], fetch(3, 0n)), block([3], fetch(4, 0n), fetch(5, 0n)), block([1], begun)];
  const flow = orderFlow(successors);
  const strips = findStrips(blocks, flow);
  expect([...strips.keys()]).toEqual([1]);
  const around = aroundStrips(flow, strips);
  expect(around.children[1]).toEqual([2]);
  expect(around.isMerge[2]).toBe(true);
});

test('what one of several blocks leads to outside of the loop stands beside the head', () => {
  const successors = [[1], [2, 3], [1, 4], [], []];
  const blocks = [
    undefined,
    block([2, 3], fetch(3, 0n)),
    block([1, 4], move(3, 8n)),
    block([], move(3, 0n)),
    block([], move(3, 0n)),
  ];
  const flow = orderFlow(successors);
  const strips = findStrips(blocks, flow);
  expect(strips.get(1)?.nodes).toEqual([1, 2]);
  const around = aroundStrips(flow, strips);
  expect([...(around.children[1] ?? [])].sort()).toEqual([2, 3, 4]);
  expect([2, 3, 4].map((n) => around.isMerge[n])).toEqual([false, true, true]);
  expect(around.children[2]).toEqual([]);
});

test('a loop that branches inside moves by as much as its ways do at most, and one that moves both ways needs a look each time', () => {
  const loop = (by: bigint): StripBlock[] => [
    block([2, 3], fetch(3, 0n), fetch(4, 0n)),
    block([4], move(3, by), fetch(3, 8n)),
    block([4], move(4, 16n), move(3, 8n)),
    block([1, 5], move(4, -8n)),
    block([]),
  ];
  const flow = orderFlow([[1], [2, 3], [4], [4], [1, 5], []]);
  const strip = findStrips([undefined, ...loop(16n)], flow).get(1);
  expect(strip).toMatchObject({ nodes: [1, 3, 2, 4], count: 5, uniform: true });
  // gr3 moves by 8 or 16; gr4 by -8 or 8.
  expect(strip?.groups.map(({ from, span, step }) => ({ from, span, step }))).toEqual([
    { from: 0n, span: 32, step: 16 },
  ]);
  expect(findStrips([undefined, ...loop(-8n)], flow).size).toBe(0);
});

test('what goes back to one head from two places is one loop', () => {
  const blocks = [undefined, block([1, 2], fetch(3, 0n), move(3, 8n)), block([1, 3], fetch(3, 0n)), block([])];
  const strip = findStrips(blocks, orderFlow([[1], [1, 2], [1, 3], []])).get(1);
  expect(strip).toMatchObject({ nodes: [1, 2], count: 3, uniform: false });
  expect(strip?.groups).toMatchObject([{ from: 0n, span: 16, step: 8 }]);
});

test('a lookup in a table is looked at together with all of the table', () => {
  const index = (mask: bigint): Stmt[] => {
    const [base, other] = [register(3), register(4)];
    const masked: Node<'i64'> = { k: 'bin', ty: 'i64', op: 'and', a: other, b: constant(mask), id: ids++ };
    const at: Node<'i64'> = { k: 'bin', ty: 'i64', op: 'add', a: base, b: masked, id: ids++ };
    const node: Node = { k: 'fetch', ty: 'i64', width: 64, signed: false, address: { at, space: 'data' }, id: ids++ };
    return [
      { s: 'let', node: base },
      { s: 'let', node: other },
      ...[masked, at, node].map((n): Stmt => ({ s: 'let', node: n })),
    ];
  };
  const wanders: Stmt[] = [{ s: 'setReg', part, index: { by: 'value', index: number(4) }, value: constant(8n) }];
  const found = (mask: bigint) =>
    findStrips([undefined, block([1, 2], index(mask), wanders), block([])], orderFlow([[1], [1, 2], []])).get(1)
      ?.groups;
  expect(found(0x7f8n)).toMatchObject([{ from: 0n, span: 0x800, step: 0 }]);
  expect(found(0xffff8n)).toBeUndefined();
});
