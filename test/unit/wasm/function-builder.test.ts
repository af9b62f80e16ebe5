import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/wasm/byte-writer.ts';
import { FunctionBuilder } from '../../../src/wasm/function-builder.ts';
import { ModuleBuilder } from '../../../src/wasm/module-builder.ts';
import type { ValType } from '../../../src/wasm/types.ts';

function compile(
  params: readonly ValType[],
  results: readonly ValType[],
  body: (f: FunctionBuilder) => void,
): WebAssembly.ExportedFunction {
  const module = new ModuleBuilder();
  module.memory({ min: 1, max: 2 });
  module.exportFunction('run', module.func('run', params, results, body));
  return new WebAssembly.Instance<{ run: WebAssembly.ExportedFunction }>(new WebAssembly.Module(module.finish()))
    .exports.run;
}

function bare(): FunctionBuilder {
  return new FunctionBuilder(new ModuleBuilder(), 0);
}

test('locals are declared again behind where they may be, of each type its own, and nowhere else', () => {
  const f = bare();
  const outside = f.local('i32');
  const inside: number[][] = [];
  for (let i = 0; i < 2; i++)
    f.reuseLocals(() => {
      inside.push([f.local('i32'), f.local('i64'), f.local('i32')]);
    });
  expect(inside).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  // It is promised to hold zero.
  expect([outside, f.local('i32')]).toEqual([0, 4]);
  expect(() => f.reuseLocals(() => f.reuseLocals(() => undefined))).toThrow('reused already');
});

describe('control', () => {
  test('a loop branches back to its start and out of the block around it', () => {
    const sum = compile(['i32'], ['i32'], (f) => {
      const total = f.local('i32');
      f.block(undefined, (done) => {
        f.loop(undefined, (again) => {
          f.get(0);
          f.op('i32.eqz');
          f.brIf(done);
          f.get(total);
          f.get(0);
          f.op('i32.add');
          f.set(total);
          f.get(0);
          f.i32const(1);
          f.op('i32.sub');
          f.set(0);
          f.br(again);
        });
      });
      f.get(total);
    });
    expect(sum(10)).toBe(55);
  });

  test('br_table goes to the label of the index and to the last one past that', () => {
    const which = compile(['i32'], ['i32'], (f) => {
      const outer = f.beginBlock();
      const middle = f.beginBlock();
      const inner = f.beginBlock();
      f.get(0);
      f.brTable([inner, middle], outer);
      f.end();
      f.i32const(100);
      f.return();
      f.end();
      f.i32const(200);
      f.br(f.body);
      f.end();
      f.i32const(300);
    });
    expect([0, 1, 2, -1].map((index) => which(index))).toEqual([100, 200, 300, 300]);
  });

  test('if with both arms leaves a value, if with one arm may leave none', () => {
    const run = compile(['i32'], ['i64'], (f) => {
      f.get(0);
      f.if(undefined, () => f.op('nop'));
      f.get(0);
      f.if(
        'i64',
        () => f.i64const(-1),
        () => f.i64const(1n << 40n),
      );
    });
    expect([run(1), run(0)]).toEqual([-1n, 1n << 40n]);
  });

  test('a block may take operands and leave several values', () => {
    const run = compile(['i32', 'i64'], ['i64', 'i32'], (f) => {
      f.get(0);
      f.get(1);
      f.block({ params: ['i32', 'i64'], results: ['i64', 'i32'] }, () => {
        f.set(1);
        f.set(0);
        f.get(1);
        f.get(0);
      });
    });
    expect(run(7, 8n)).toEqual([8n, 7]);
  });

  test('a label out of scope is refused where it is used', () => {
    const f = bare();
    const label = f.beginBlock();
    f.end();
    expect(() => f.br(label)).toThrow('scope');
    f.beginBlock();
    expect(() => f.br(label)).toThrow('scope');
  });

  test('constructs that are closed too often or too seldom are refused', () => {
    expect(() => bare().end()).toThrow('without an open');
    const f = bare();
    f.beginLoop();
    expect(() => f.finish(new ByteWriter())).toThrow('1 constructs left open');
  });

  test('unreachable traps', () => {
    expect(() => compile([], [], (f) => f.unreachable())()).toThrow(WebAssembly.RuntimeError);
  });
});

test('locals follow the parameters, whatever the order of their types, and start as zero', () => {
  const run = compile(['i64'], ['f64', 'i64', 'i32'], (f) => {
    const first = f.local('i32');
    const second = f.local('i64');
    const third = f.local('i32');
    const fourth = f.local('f64');
    f.get(0);
    f.set(second);
    f.i32const(5);
    f.tee(third);
    f.drop();
    f.get(fourth);
    f.get(second);
    f.get(first);
    f.get(third);
    f.get(first);
    f.select();
  });
  expect(run(9n)).toEqual([0, 9n, 5]);
});

test('constants keep their value, unsigned spellings included', () => {
  const run = compile([], ['i32', 'i32', 'i64', 'i64', 'f32', 'f64'], (f) => {
    f.i32const(0xffff_fffe);
    f.i32const(-0x8000_0000);
    f.i64const(0xffff_ffff_ffff_fffdn);
    f.i64const(Number.MIN_SAFE_INTEGER);
    f.f32const(0.1);
    f.f64const(-0);
  });
  const wanted = [-2, -0x8000_0000, -3n, BigInt(Number.MIN_SAFE_INTEGER), Math.fround(0.1), -0];
  expect(run()).toEqual(wanted);
});

describe('memory', () => {
  test('loads widen as they say, at address plus offset', () => {
    const run = compile(['i32'], ['i32', 'i32', 'i64', 'i64'], (f) => {
      f.get(0);
      f.i64const(0x1122_3344_ff66_7788n);
      f.access('i64.store', 3, 0);
      f.get(0);
      f.access('i32.load8_s', 6);
      f.get(0);
      f.access('i32.load8_u', 6);
      f.get(0);
      f.access('i64.load32_s', 3, 0);
      f.get(0);
      f.access('i64.load16_u', 9, 0);
    });
    expect(run(65_536 - 11)).toEqual([-1, 0xff, BigInt.asIntN(64, 0xffff_ffff_ff66_7788n), 0x1122n]);
    expect(() => run(65_536 - 10)).toThrow(WebAssembly.RuntimeError);
  });

  test('an offset past 2 GiB is an unsigned number', () => {
    const run = compile([], ['i32'], (f) => {
      f.i32const(0);
      f.access('i32.load', 0xffff_fffc);
    });
    expect(() => run()).toThrow(WebAssembly.RuntimeError);
  });

  test('copy moves overlapping ranges, fill fills, grow answers the old size', () => {
    const run = compile([], ['i64', 'i32', 'i32', 'i32'], (f) => {
      const fill = (destination: number, value: number, count: number): void => {
        for (const operand of [destination, value, count]) f.i32const(operand);
        f.memoryFill();
      };
      fill(0, 0x11, 4);
      fill(4, 0x22, 4);
      for (const operand of [2, 0, 6]) f.i32const(operand);
      f.memoryCopy();
      f.i32const(0);
      f.access('i64.load');
      f.i32const(1);
      f.memoryGrow();
      f.i32const(1);
      f.memoryGrow();
      f.memorySize();
    });
    expect(run()).toEqual([0x2222_1111_1111_1111n, 1, -1, 2]);
  });
});
