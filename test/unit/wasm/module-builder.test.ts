import { describe, expect, test } from 'vitest';
import { ModuleBuilder } from '../../../src/wasm/module-builder.ts';

function instantiate<E extends object>(module: ModuleBuilder, imports?: WebAssembly.Imports): E {
  return new WebAssembly.Instance<E>(new WebAssembly.Module(module.finish()), imports).exports;
}

test('a module without anything is valid', () => {
  expect(WebAssembly.validate(new ModuleBuilder().finish())).toBe(true);
});

test('equal function types have one index', () => {
  const module = new ModuleBuilder();
  const first = module.typeIndex(['i32', 'i64'], []);
  expect(module.typeIndex(['i32'], ['i64'])).not.toBe(first);
  expect(module.typeIndex(['i32', 'i64'], [])).toBe(first);
});

test('imports of all kinds are linked, and functions are numbered after them', () => {
  const module = new ModuleBuilder();
  const log = module.importFunction('host', 'log', { params: ['i64'], results: [] });
  const table = module.importTable('host', 'table', { min: 2 });
  module.importMemory('host', 'memory', { min: 1, max: 3 });
  const count = module.importGlobal('host', 'count', 'i64');
  const limit = module.importGlobal('host', 'limit', 'i32', false);
  const run = module.func('run', [], [], (f) => {
    f.globalGet(count);
    f.globalGet(limit);
    f.op('i64.extend_i32_u');
    f.op('i64.add');
    f.globalSet(count);
    f.i32const(0);
    f.access('i64.load');
    f.call(log);
  });
  module.elements(table, 1, [run]);

  const logged: bigint[] = [];
  const host = {
    log: (value: bigint) => void logged.push(value),
    table: new WebAssembly.Table({ element: 'anyfunc', initial: 2 }),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 3 }),
    count: new WebAssembly.Global({ value: 'i64', mutable: true }, 40n),
    limit: 2,
  };
  new DataView(host.memory.buffer).setBigUint64(0, 77n, true);
  instantiate(module, { host });
  host.table.get(1)?.();
  expect(logged).toEqual([77n]);
  expect(host.count.value).toBe(42n);
});

test('globals, tables and memory are exported with their first contents', () => {
  const module = new ModuleBuilder();
  module.exportGlobal('wide', module.global('i64', -5n));
  module.exportGlobal('narrow', module.global('i32', 0xffff_ffff, false));
  const memory = module.memory({ min: 1, max: 1 });
  module.exportMemory('memory', memory);
  module.data(65_530, Uint8Array.of(1, 2, 3));
  module.data(0, Uint8Array.of(9));
  const exports = instantiate<{
    wide: WebAssembly.Global<'i64'>;
    narrow: WebAssembly.Global<'i32'>;
    memory: WebAssembly.Memory;
  }>(module);
  exports.wide.value += 1n;
  expect([exports.wide.value, exports.narrow.value]).toEqual([-4n, -1]);
  const bytes = new Uint8Array(exports.memory.buffer);
  expect([bytes[0], ...bytes.subarray(65_529, 65_534)]).toEqual([9, 0, 1, 2, 3, 0]);
});

describe('functions', () => {
  test('that were declared can call each other before they have bodies', () => {
    const module = new ModuleBuilder();
    const even = module.declare('even', ['i32'], ['i32']);
    const odd = module.declare('odd', ['i32'], ['i32']);
    for (const [self, other, atZero] of [[even, odd, 1] as const, [odd, even, 0] as const]) {
      module.define(self, (f) => {
        f.get(0);
        f.op('i32.eqz');
        f.if(undefined, () => {
          f.i32const(atZero);
          f.return();
        });
        f.get(0);
        f.i32const(1);
        f.op('i32.sub');
        f.returnCall(other);
      });
    }
    module.exportFunction('even', even);
    const { even: isEven } = instantiate<{ even(n: number): number }>(module);
    // Deep enough to overflow the stack if frames were kept.
    expect([isEven(1_000_000), isEven(1_000_001)]).toEqual([1, 0]);
  });

  test('in any table are called by index and type', () => {
    const module = new ModuleBuilder();
    module.table({ min: 1 });
    const table = module.table({ min: 4, max: 4 });
    const constant = (value: number): number => module.func(undefined, [], ['i32'], (f) => f.i32const(value));
    const other = module.func(undefined, ['i32'], [], () => {});
    module.elements(table, 1, [constant(10), constant(20), other]);
    module.exportTable('table', table);
    const plain = module.func('call', ['i32'], ['i32'], (f) => {
      f.get(0);
      f.callIndirect(table, [], ['i32']);
    });
    const tail = module.func('tail', ['i32'], ['i32'], (f) => {
      f.get(0);
      f.returnCallIndirect(table, [], ['i32']);
    });
    module.exportFunction('call', plain);
    module.exportFunction('tail', tail);
    const { call, tail: tailCall } = instantiate<{ call(i: number): number; tail(i: number): number }>(module);
    expect([call(1), call(2), tailCall(2)]).toEqual([10, 20, 20]);
    for (const index of [0, 3, 4]) expect(() => call(index)).toThrow(WebAssembly.RuntimeError);
  });

  test('bear their names in stack traces', () => {
    const module = new ModuleBuilder('crashing');
    module.importFunction('host', 'unused', { params: [], results: [] });
    module.func(undefined, [], [], () => {});
    module.exportFunction(
      'x',
      module.func('loadPsw', [], [], (f) => f.unreachable()),
    );
    const { x } = instantiate<{ x(): void }>(module, { host: { unused: () => {} } });
    let stack = '';
    try {
      x();
    } catch (error) {
      if (error instanceof Error) stack = error.stack ?? '';
    }
    expect(stack).toContain('crashing.loadPsw');
  });

  test('without a body, or with two, are refused', () => {
    const module = new ModuleBuilder();
    const late = module.declare('late', [], []);
    expect(() => module.finish()).toThrow('function 0 has no body');
    module.define(late, () => {});
    expect(() => module.define(late, () => {})).toThrow('has a body already');
    expect(() => module.define(7, () => {})).toThrow('was not declared');
  });
});

test('an import after a definition of its kind is refused, since it would renumber', () => {
  const module = new ModuleBuilder();
  module.func(undefined, [], [], () => {});
  module.global('i32', 0);
  expect(() => module.importFunction('m', 'f', { params: [], results: [] })).toThrow('after a definition');
  expect(() => module.importGlobal('m', 'g', 'i32')).toThrow('after a definition');
  module.importMemory('m', 'memory', { min: 1 });
  expect(WebAssembly.validate(module.finish())).toBe(true);
});
