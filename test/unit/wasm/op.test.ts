import { describe, expect, test } from 'vitest';
import type { FunctionBuilder } from '../../../src/wasm/function-builder.ts';
import { ModuleBuilder } from '../../../src/wasm/module-builder.ts';
import { ops } from '../../../src/wasm/op.ts';
import { accessOps, laneAccessOps } from '../../../src/wasm/op-scalar.ts';
import { laneOps } from '../../../src/wasm/op-vector.ts';
import type { ValType } from '../../../src/wasm/types.ts';

const letters = new Map<string, ValType>([
  ['i', 'i32'],
  ['l', 'i64'],
  ['f', 'f32'],
  ['d', 'f64'],
  ['v', 'v128'],
]);

function types(text: string): ValType[] {
  return [...text].map((letter) => letters.get(letter) ?? 'i64');
}

/** Whether an instruction is valid with exactly the operands and results of its signature. */
function validates(signature: string, emit: (f: FunctionBuilder) => void): boolean {
  const [pops = '', pushes = ''] = signature.split(':');
  const params = types(pops);
  const module = new ModuleBuilder();
  module.memory({ min: 1 });
  module.func('one', params, types(pushes), (f) => {
    for (const i of params.keys()) f.get(i);
    emit(f);
  });
  return WebAssembly.validate(module.finish());
}

/** `table`'s rows whose code or signature is wrong. */
function invalid<N extends string>(names: readonly N[], valid: (name: N) => boolean): N[] {
  return names.filter((name) => !valid(name));
}

function keys<N extends string>(table: Readonly<Record<N, unknown>>): N[] {
  const names: N[] = [];
  for (const name in table) names.push(name);
  return names;
}

describe('every row of the table is an instruction with that signature', () => {
  test('without immediate operands', () => {
    expect(invalid(keys(ops), (name) => validates(ops[name][1], (f) => f.op(name)))).toEqual([]);
  });

  test('loads and stores, with the largest alignment hint that is allowed', () => {
    const valid = (name: keyof typeof accessOps): boolean => {
      const [, signature, align] = accessOps[name];
      const hinted = (hint: number): boolean => validates(signature, (f) => f.access(name, 0xffff_ffff, hint));
      return validates(signature, (f) => f.access(name)) && hinted(align) && !hinted(align + 1);
    };
    expect(invalid(keys(accessOps), valid)).toEqual([]);
  });

  test('loads and stores of one lane, up to the last lane', () => {
    const valid = (name: keyof typeof laneAccessOps): boolean => {
      const [, signature, align] = laneAccessOps[name];
      const lanes = 16 >> align;
      const last = validates(signature, (f) => f.laneAccess(name, lanes - 1, 8));
      return last && !validates(signature, (f) => f.laneAccess(name, lanes));
    };
    expect(invalid(keys(laneAccessOps), valid)).toEqual([]);
  });

  test('one lane of a vector', () => {
    expect(invalid(keys(laneOps), (name) => validates(laneOps[name][1], (f) => f.lane(name, 1)))).toEqual([]);
  });

  test('no code stands twice', () => {
    const codes = [ops, accessOps, laneAccessOps, laneOps].flatMap((table) =>
      Object.values(table).map(([code]) => code),
    );
    expect(new Set(codes).size).toBe(codes.length);
  });
});

test('a wrong signature does not pass', () => {
  expect(validates('ll:i', (f) => f.op('i64.add'))).toBe(false);
  expect(validates('i:l', (f) => f.access('i32.load'))).toBe(false);
});
