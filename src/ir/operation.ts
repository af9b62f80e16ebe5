import { type Op, ops } from '../wasm/op.ts';
import type { Ty } from './node.ts';

function isOp(name: string): name is Op {
  return Object.hasOwn(ops, name);
}

function namesOf(ty: Ty): ReadonlyMap<string, Op> {
  const names = Object.keys(ops).filter(isOp);
  return new Map(names.flatMap((name) => (name.startsWith(`${ty}.`) ? [[name.slice(ty.length + 1), name]] : [])));
}

const byType: Readonly<Record<Ty, ReadonlyMap<string, Op>>> = {
  i32: namesOf('i32'),
  i64: namesOf('i64'),
  f32: namesOf('f32'),
  f64: namesOf('f64'),
  v128: namesOf('v128'),
};

/** WebAssembly's name of an IR operation on operands of a type; undefined when there is no such operation. */
export function findOperation(ty: Ty, op: string): Op | undefined {
  return byType[ty].get(op) ?? (isOp(op) ? op : undefined);
}
