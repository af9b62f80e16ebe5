import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ComputeTrap, compute, lanes } from '../../../src/ir/compute.ts';
import { ModuleBuilder } from '../../../src/wasm/module-builder.ts';
import { type Op, ops } from '../../../src/wasm/op.ts';

const memory = new WebAssembly.Memory({ initial: 1 });
const view = new DataView(memory.buffer);
const RESULT = 64;

const loads = { i: 'i32.load', l: 'i64.load', f: 'f32.load', d: 'f64.load', v: 'v128.load' } as const;
const stores = { i: 'i32.store', l: 'i64.store', f: 'f32.store', d: 'f64.store', v: 'v128.store' } as const;
const bytes = { i: 4, l: 8, f: 4, d: 8, v: 16 } as const;
type Letter = keyof typeof loads;

function isLetter(letter: string): letter is Letter {
  return letter in loads;
}

/** The operand letters and the result letter of an operation. */
function signature(op: Op): { readonly params: readonly Letter[]; readonly result: Letter } {
  const [params = '', result = ''] = ops[op][1].split(':');
  if (!isLetter(result)) throw new Error(`${op} has no result`);
  return { params: [...params].filter(isLetter), result };
}

/** The operation in WebAssembly on operands given by their bits; undefined where it traps. */
function compile(op: Op): (args: readonly bigint[]) => bigint | undefined {
  const { params, result } = signature(op);
  const module = new ModuleBuilder();
  module.importMemory('test', 'memory', { min: 1 });
  const index = module.func(op, [], [], (f) => {
    f.i32const(RESULT);
    params.forEach((p, i) => {
      f.i32const(i * 16);
      f.access(loads[p]);
    });
    f.op(op);
    f.access(stores[result]);
  });
  module.exportFunction('run', index);
  const { exports } = new WebAssembly.Instance<{ run: WebAssembly.ExportedFunction }>(
    new WebAssembly.Module(module.finish()),
    { test: { memory } },
  );
  return (args) => {
    for (const [i, value] of args.entries()) put(i * 16, value);
    put(RESULT, 0n);
    try {
      exports.run();
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) return undefined;
      throw error;
    }
    return BigInt.asUintN(
      bytes[result] * 8,
      view.getBigUint64(RESULT, true) | (view.getBigUint64(RESULT + 8, true) << 64n),
    );
  };
}

function put(at: number, value: bigint): void {
  view.setBigUint64(at, BigInt.asUintN(64, value), true);
  view.setBigUint64(at + 8, BigInt.asUintN(64, value >> 64n), true);
}

function operand(letter: Letter): fc.Arbitrary<bigint> {
  const bits = bytes[letter] * 8;
  const top = 1n << BigInt(bits);
  const any = fc.bigInt({ min: 0n, max: top - 1n });
  const near = fc.constantFrom(0n, 1n, 7n, 33n, top / 2n - 1n, top / 2n, top - 1n);
  if (letter === 'f')
    return fc.oneof(
      any,
      near,
      fc.constantFrom(0x3f80_0000n, 0xbf00_0000n, 0x4f00_0000n, 0x7f80_0000n, 0x7fc0_0001n, 0x3fc0_0000n),
    );
  if (letter === 'd') {
    return fc.oneof(
      any,
      near,
      fc.constantFrom(
        0x3ff0_0000_0000_0000n,
        0xbfe0_0000_0000_0000n,
        0x43e0_0000_0000_0000n,
        0x7ff0_0000_0000_0000n,
        0x7ff8_0000_0000_0001n,
        0x4004_0000_0000_0000n,
      ),
    );
  }
  return fc.oneof(any, near, fc.nat(0xffff).map(BigInt));
}

const isNan = (letter: Letter, value: bigint): boolean =>
  letter === 'f'
    ? (value & 0x7fff_ffffn) > 0x7f80_0000n
    : letter === 'd' && (value & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;

/** The result with every NaN among lanes of numbers the same one: which of them comes out is not said. */
function withoutPayloads(op: Op, value: bigint): bigint {
  const [, width] = /^f(32|64)x/.exec(op) ?? [];
  if (width === undefined) return value;
  const letter = width === '64' ? 'd' : 'f';
  return lanes(value, Number(width)).reduce(
    (all, lane, i) => all | ((isNan(letter, lane) ? 1n : lane) << BigInt(i * Number(width))),
    0n,
  );
}

/** Operations that `compute` knows: it throws an ordinary error for the others. */
function knows(op: Op): boolean {
  try {
    compute(op, [1n, 1n, 1n]);
    return true;
  } catch (error) {
    if (error instanceof ComputeTrap) return true;
    return false;
  }
}

const names: readonly string[] = Object.keys(ops);
const all = names.filter((name): name is Op => name in ops && name.includes('.'));

describe('compute agrees with WebAssembly', () => {
  test.each(all.filter(knows))('%s', (op) => {
    const run = compile(op);
    const { params, result } = signature(op);
    fc.assert(
      fc.property(fc.tuple(...params.map(operand)), (args) => {
        const expected = run(args);
        if (expected === undefined) expect(() => compute(op, args)).toThrow(ComputeTrap);
        else if (isNan(result, expected)) expect(isNan(result, compute(op, args))).toBe(true);
        else expect(withoutPayloads(op, compute(op, args))).toBe(withoutPayloads(op, expected));
      }),
    );
  });

  test('every scalar operation is known', () => {
    expect(all.filter((op) => /^[if](32|64)\./.test(op) && !knows(op))).toEqual([]);
  });
  test('an unknown operation throws and does not trap', () => {
    expect(() => compute('f64x2.convert_low_i32x4_s', [0n])).toThrow('does not know f64x2.convert_low');
  });
});
