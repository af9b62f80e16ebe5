import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FunctionBuilder } from '../../../src/wasm/function-builder.ts';
import { ModuleBuilder } from '../../../src/wasm/module-builder.ts';
import { type VectorOp, vectorOps } from '../../../src/wasm/op-vector.ts';

/** Runs `emit` on the vectors at 16, 32 and 48 and stores the vector that it leaves; answers its bytes. */
function vectorMachine(emit: (f: FunctionBuilder) => void): (...operands: Uint8Array[]) => number[] {
  const module = new ModuleBuilder();
  module.exportMemory('memory', module.memory({ min: 1 }));
  const run = module.func('run', [], [], (f) => {
    f.i32const(0);
    emit(f);
    f.access('v128.store');
  });
  module.exportFunction('run', run);
  const { exports } = new WebAssembly.Instance<{ memory: WebAssembly.Memory; run(): void }>(
    new WebAssembly.Module(module.finish()),
  );
  return (...operands) => {
    const bytes = new Uint8Array(exports.memory.buffer);
    for (const [i, operand] of operands.entries()) bytes.set(operand, 16 * (i + 1));
    exports.run();
    return [...bytes.subarray(0, 16)];
  };
}

function load(f: FunctionBuilder, operand: number): void {
  f.i32const(0);
  f.access('v128.load', 16 * operand);
}

const vector = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** The lanes of a vector as unsigned integers, and back. */
function toLanes(bytes: Uint8Array, width: number): bigint[] {
  return Array.from({ length: 128 / width }, (_, lane) => {
    let value = 0n;
    for (let i = width / 8 - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[(lane * width) / 8 + i] ?? 0);
    return value;
  });
}

function fromLanes(lanes: readonly bigint[], width: number): number[] {
  return lanes.flatMap((value) =>
    Array.from({ length: width / 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)),
  );
}

type LaneMeaning = (a: bigint, b: bigint, width: number) => bigint;
const s = BigInt.asIntN;
const truth = (value: boolean): bigint => (value ? -1n : 0n);
const clamp = (value: bigint, low: bigint, high: bigint): bigint => (value < low ? low : value > high ? high : value);
const most = (width: number): bigint => (1n << BigInt(width)) - 1n;
const signedClamp = (value: bigint, width: number): bigint => {
  const top = 1n << BigInt(width - 1);
  return clamp(value, -top, top - 1n);
};

/** Lane-wise integer instructions: the shapes that have them, and what they compute in one lane. */
const laneWise: Readonly<Record<string, readonly [widths: readonly number[], meaning: LaneMeaning]>> = {
  add: [[8, 16, 32, 64], (a, b) => a + b],
  sub: [[8, 16, 32, 64], (a, b) => a - b],
  mul: [[16, 32, 64], (a, b) => a * b],
  eq: [[8, 16, 32, 64], (a, b) => truth(a === b)],
  ne: [[8, 16, 32, 64], (a, b) => truth(a !== b)],
  lt_s: [[8, 16, 32, 64], (a, b, w) => truth(s(w, a) < s(w, b))],
  gt_s: [[8, 16, 32, 64], (a, b, w) => truth(s(w, a) > s(w, b))],
  le_s: [[8, 16, 32, 64], (a, b, w) => truth(s(w, a) <= s(w, b))],
  ge_s: [[8, 16, 32, 64], (a, b, w) => truth(s(w, a) >= s(w, b))],
  lt_u: [[8, 16, 32], (a, b) => truth(a < b)],
  gt_u: [[8, 16, 32], (a, b) => truth(a > b)],
  le_u: [[8, 16, 32], (a, b) => truth(a <= b)],
  ge_u: [[8, 16, 32], (a, b) => truth(a >= b)],
  min_s: [[8, 16, 32], (a, b, w) => (s(w, a) < s(w, b) ? a : b)],
  max_s: [[8, 16, 32], (a, b, w) => (s(w, a) > s(w, b) ? a : b)],
  min_u: [[8, 16, 32], (a, b) => (a < b ? a : b)],
  max_u: [[8, 16, 32], (a, b) => (a > b ? a : b)],
  avgr_u: [[8, 16], (a, b) => (a + b + 1n) >> 1n],
  add_sat_s: [[8, 16], (a, b, w) => signedClamp(s(w, a) + s(w, b), w)],
  sub_sat_s: [[8, 16], (a, b, w) => signedClamp(s(w, a) - s(w, b), w)],
  add_sat_u: [[8, 16], (a, b, w) => clamp(a + b, 0n, most(w))],
  sub_sat_u: [[8, 16], (a, b, w) => clamp(a - b, 0n, most(w))],
  abs: [[8, 16, 32, 64], (a, _b, w) => (s(w, a) < 0n ? -a : a)],
  neg: [[8, 16, 32, 64], (a) => -a],
};

const shapes: ReadonlyMap<number, string> = new Map([
  [8, 'i8x16'],
  [16, 'i16x8'],
  [32, 'i32x4'],
  [64, 'i64x2'],
]);

const isVectorOp = (name: string): name is VectorOp => name in vectorOps;

const cases = Object.entries(laneWise).flatMap(([name, [widths, meaning]]) =>
  widths.map((width): [VectorOp, number, LaneMeaning] => {
    const op = `${shapes.get(width)}.${name}`;
    if (!isVectorOp(op)) throw new Error(`no instruction ${op}`);
    return [op, width, meaning];
  }),
);

describe('lane-wise integer instructions compute what bigints do in each lane', () => {
  test.each(cases)('%s', (name, width, meaning) => {
    const unary = /\.(abs|neg)$/.test(name);
    const run = vectorMachine((f) => {
      load(f, 1);
      if (!unary) load(f, 2);
      f.op(name);
    });
    fc.assert(
      fc.property(vector, vector, fc.boolean(), (a, other, same) => {
        const b = same ? a : other;
        const right = toLanes(b, width);
        const wanted = toLanes(a, width).map((lane, i) => BigInt.asUintN(width, meaning(lane, right[i] ?? 0n, width)));
        expect(run(a, b)).toEqual(fromLanes(wanted, width));
      }),
    );
  });
});

test.each<[VectorOp, (a: number, b: number) => number]>([
  ['v128.and', (a, b) => a & b],
  ['v128.or', (a, b) => a | b],
  ['v128.xor', (a, b) => a ^ b],
  ['v128.andnot', (a, b) => a & ~b],
])('%s works bit by bit', (name, meaning) => {
  const run = vectorMachine((f) => {
    load(f, 1);
    load(f, 2);
    f.op(name);
  });
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      expect(run(a, b)).toEqual([...a].map((byte, i) => meaning(byte, b[i] ?? 0) & 0xff));
    }),
  );
});

test('bitselect takes its first operand where the third has ones', () => {
  const run = vectorMachine((f) => {
    for (const operand of [1, 2, 3]) load(f, operand);
    f.op('v128.bitselect');
  });
  fc.assert(
    fc.property(vector, vector, vector, (a, b, c) => {
      expect(run(a, b, c)).toEqual([...c].map((m, i) => ((a[i] ?? 0) & m) | ((b[i] ?? 0) & ~m & 0xff)));
    }),
  );
});

test('shuffle takes lanes of both vectors, swizzle takes lanes by number and zero past the last', () => {
  const lanes = [31, 0, 16, 15, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22];
  const shuffle = vectorMachine((f) => {
    load(f, 1);
    load(f, 2);
    f.shuffle(lanes);
  });
  const swizzle = vectorMachine((f) => {
    load(f, 1);
    load(f, 2);
    f.op('i8x16.swizzle');
  });
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      const both = [...a, ...b];
      expect(shuffle(a, b)).toEqual(lanes.map((lane) => both[lane]));
      expect(swizzle(a, b)).toEqual([...b].map((lane) => a[lane] ?? 0));
    }),
  );
});

test('shifts take their count modulo the lane width', () => {
  const run = vectorMachine((f) => {
    load(f, 1);
    f.i32const(19);
    f.op('i16x8.shr_s');
  });
  expect(run(Uint8Array.from({ length: 16 }, () => 0x88)).slice(0, 2)).toEqual([0x11, 0xf1]);
});

test('constants, splats, lanes and lane stores agree on the order of lanes', () => {
  const run = vectorMachine((f) => {
    f.v128const(Uint8Array.from({ length: 16 }, (_, i) => i));
    f.i64const(0x8877665544332211n);
    f.lane('i64x2.replace_lane', 1);
    const result = f.local('v128');
    f.tee(result);
    f.lane('i8x16.extract_lane_s', 15);
    f.op('i32x4.splat');
    f.get(result);
    f.shuffle([16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 0, 1, 2, 3]);
    f.set(result);
    f.i32const(60);
    f.get(result);
    f.laneAccess('v128.store32_lane', 2, 4);
    f.i32const(62);
    f.get(result);
    f.laneAccess('v128.load8_lane', 0, 5);
  });
  const bytes = run();
  // The lane store left 0x44332211 at 64, and the byte at 67 came back into lane 0.
  expect(bytes).toEqual([0x44, 1, 2, 3, 4, 5, 6, 7, 0x11, 0x22, 0x33, 0x44, 0x88, 0xff, 0xff, 0xff]);
});

test('all_true, any_true and bitmask look at every lane', () => {
  const run = vectorMachine((f) => {
    load(f, 1);
    f.op('i8x16.bitmask');
    f.op('i32x4.splat');
    load(f, 1);
    f.op('v128.any_true');
    f.lane('i32x4.replace_lane', 1);
    load(f, 1);
    f.op('i16x8.all_true');
    f.lane('i32x4.replace_lane', 2);
  });
  const lastByte = new Uint8Array(16);
  lastByte[15] = 0x80;
  expect(run(lastByte).filter((_, i) => i % 4 < 2)).toEqual([0, 0x80, 1, 0, 0, 0, 0, 0x80]);
  expect(run(new Uint8Array(16))).toEqual(new Array(16).fill(0));
});
