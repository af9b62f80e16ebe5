import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModuleBuilder } from '../../../src/wasm/module-builder.ts';
import type { PlainOp } from '../../../src/wasm/op-scalar.ts';
import type { ValType } from '../../../src/wasm/types.ts';

/** A one-instruction function. */
function compile(name: PlainOp, params: readonly ValType[], result: ValType): WebAssembly.ExportedFunction {
  const module = new ModuleBuilder();
  const index = module.func(name, params, [result], (f) => {
    for (const i of params.keys()) f.get(i);
    f.op(name);
  });
  module.exportFunction('run', index);
  const { exports } = new WebAssembly.Instance<{ run: WebAssembly.ExportedFunction }>(
    new WebAssembly.Module(module.finish()),
  );
  return exports.run;
}

/** What an integer instruction computes: operands are unsigned; undefined where it traps. */
type Meaning = (a: bigint, b: bigint, bits: number) => bigint | boolean | undefined;

const signed = BigInt.asIntN;
const rotate = (a: bigint, by: bigint, bits: number): bigint => (a << by) | (a >> (BigInt(bits) - by));
const count = (b: bigint, bits: number): bigint => b % BigInt(bits);
const digits = (a: bigint, bits: number): string => a.toString(2).padStart(bits, '0');
const quotient: Meaning = (a, b, bits) => {
  const [x, y] = [signed(bits, a), signed(bits, b)];
  return y === 0n || (y === -1n && a === 1n << BigInt(bits - 1)) ? undefined : x / y;
};

const integer = {
  eqz: (a) => a === 0n,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt_s: (a, b, bits) => signed(bits, a) < signed(bits, b),
  lt_u: (a, b) => a < b,
  gt_s: (a, b, bits) => signed(bits, a) > signed(bits, b),
  gt_u: (a, b) => a > b,
  le_s: (a, b, bits) => signed(bits, a) <= signed(bits, b),
  le_u: (a, b) => a <= b,
  ge_s: (a, b, bits) => signed(bits, a) >= signed(bits, b),
  ge_u: (a, b) => a >= b,
  clz: (a, _b, bits) => BigInt(digits(a, bits).concat('1').indexOf('1')),
  ctz: (a, _b, bits) => BigInt([...digits(a, bits)].reverse().concat('1').indexOf('1')),
  popcnt: (a, _b, bits) => BigInt(digits(a, bits).replaceAll('0', '').length),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div_s: quotient,
  div_u: (a, b) => (b === 0n ? undefined : a / b),
  rem_s: (a, b, bits) => (b === 0n ? undefined : signed(bits, a) % signed(bits, b)),
  rem_u: (a, b) => (b === 0n ? undefined : a % b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b, bits) => a << count(b, bits),
  shr_s: (a, b, bits) => signed(bits, a) >> count(b, bits),
  shr_u: (a, b, bits) => a >> count(b, bits),
  rotl: (a, b, bits) => rotate(a, count(b, bits), bits),
  rotr: (a, b, bits) => rotate(a, BigInt(bits) - count(b, bits), bits),
  extend8_s: (a) => signed(8, a),
  extend16_s: (a) => signed(16, a),
} as const satisfies Record<string, Meaning>;

type IntegerOp = keyof typeof integer;
const unary: ReadonlySet<IntegerOp> = new Set<IntegerOp>(['eqz', 'clz', 'ctz', 'popcnt', 'extend8_s', 'extend16_s']);

/** Integers of `bits` bits, often near the ends and near each other. */
function operand(bits: number): fc.Arbitrary<bigint> {
  const top = 1n << BigInt(bits);
  const near = fc.constantFrom(0n, 1n, 31n, 63n, 0x80n, top / 2n - 1n, top / 2n, top - 1n);
  return fc.oneof(near, fc.bigInt({ min: 0n, max: top - 1n }));
}

describe.each([32, 64] as const)('i%d instructions compute what bigints do', (bits) => {
  const type = bits === 32 ? 'i32' : 'i64';
  const narrow = (value: bigint): bigint | number => (bits === 32 ? Number(value) : value);

  test.each(Object.keys(integer).filter((name): name is IntegerOp => name in integer))('%s', (name) => {
    const compares = typeof integer[name](1n, 1n, bits) === 'boolean';
    const run = compile(`${type}.${name}`, unary.has(name) ? [type] : [type, type], compares ? 'i32' : type);
    fc.assert(
      fc.property(operand(bits), operand(bits), (a, b) => {
        const meaning: Meaning = integer[name];
        const wanted = meaning(a, b, bits);
        if (wanted === undefined) expect(() => run(narrow(a), narrow(b))).toThrow(WebAssembly.RuntimeError);
        else if (typeof wanted === 'boolean') expect(run(narrow(a), narrow(b))).toBe(wanted ? 1 : 0);
        else expect(run(narrow(a), narrow(b))).toBe(narrow(signed(bits, wanted)));
      }),
    );
  });
});

test.each<[PlainOp, ValType[], ValType, (number | bigint)[], number | bigint]>([
  ['i64.extend32_s', ['i64'], 'i64', [0x1_8000_0000n], -0x8000_0000n],
  ['i64.extend_i32_s', ['i32'], 'i64', [-1], -1n],
  ['i64.extend_i32_u', ['i32'], 'i64', [-1], 0xffff_ffffn],
  ['i32.wrap_i64', ['i64'], 'i32', [0x1_ffff_ffffn], -1],
  ['f64.add', ['f64', 'f64'], 'f64', [0.1, 0.2], 0.1 + 0.2],
  ['f64.sub', ['f64', 'f64'], 'f64', [1, 0.25], 0.75],
  ['f64.mul', ['f64', 'f64'], 'f64', [3, 0.5], 1.5],
  ['f64.div', ['f64', 'f64'], 'f64', [1, 3], 1 / 3],
  ['f64.min', ['f64', 'f64'], 'f64', [0, -0], -0],
  ['f64.max', ['f64', 'f64'], 'f64', [0, -0], 0],
  ['f64.copysign', ['f64', 'f64'], 'f64', [1, -0], -1],
  ['f64.sqrt', ['f64'], 'f64', [2], Math.SQRT2],
  ['f64.abs', ['f64'], 'f64', [-2], 2],
  ['f64.neg', ['f64'], 'f64', [0], -0],
  ['f64.ceil', ['f64'], 'f64', [1.25], 2],
  ['f64.floor', ['f64'], 'f64', [-1.25], -2],
  ['f64.trunc', ['f64'], 'f64', [-1.75], -1],
  ['f64.nearest', ['f64'], 'f64', [2.5], 2],
  ['f64.lt', ['f64', 'f64'], 'i32', [1, Number.NaN], 0],
  ['f64.ge', ['f64', 'f64'], 'i32', [2, 1], 1],
  ['f32.add', ['f32', 'f32'], 'f32', [0.5, 2 ** 30], 2 ** 30],
  ['f32.nearest', ['f32'], 'f32', [3.5], 4],
  ['f32.demote_f64', ['f64'], 'f32', [0.1], Math.fround(0.1)],
  ['f64.promote_f32', ['f32'], 'f64', [0.1], Math.fround(0.1)],
  ['f64.convert_i64_u', ['i64'], 'f64', [-1n], 2 ** 64],
  ['f64.convert_i64_s', ['i64'], 'f64', [-1n], -1],
  ['f32.convert_i32_u', ['i32'], 'f32', [-1], 2 ** 32],
  ['i64.trunc_f64_s', ['f64'], 'i64', [-1.5], -1n],
  ['i32.trunc_sat_f64_s', ['f64'], 'i32', [1e10], 0x7fff_ffff],
  ['i32.trunc_sat_f64_u', ['f64'], 'i32', [-1], 0],
  ['i64.trunc_sat_f64_s', ['f64'], 'i64', [Number.NaN], 0n],
  ['i64.trunc_sat_f32_u', ['f32'], 'i64', [Number.POSITIVE_INFINITY], -1n],
  ['i64.reinterpret_f64', ['f64'], 'i64', [1], 0x3ff0_0000_0000_0000n],
  ['f32.reinterpret_i32', ['i32'], 'f32', [0x3f80_0000], 1],
])('%s', (name, params, result, operands, wanted) => {
  expect(compile(name, params, result)(...operands)).toBe(wanted);
});
