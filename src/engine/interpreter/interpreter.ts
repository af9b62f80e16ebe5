import type { Helper } from '../../ir/node.ts';
import type { Arch, Interpreter } from '../../machine/arch.ts';
import { decodeEntry, handlers } from '../../machine/layout.ts';
import { ModuleBuilder } from '../../wasm/module-builder.ts';
import { bindNamed, collectHelpers, declareImports, type HelperUse } from '../imports.ts';
import { emitCommon } from './common.ts';
import { emitCrossing } from './crossing.ts';
import { emitHandler } from './handler.ts';
import {
  emitCallOut,
  emitDispatch,
  emitNewPage,
  handlerLocals,
  handlerParams,
  handlerResults,
  type InterpreterImports,
} from './next.ts';
import { emitBreakpoint, emitRun, emitRunChecked } from './run-loop.ts';

/** Table indices that are left for regions. */
export const REGION_SLOTS = 16384;

/** What the interpreter asks the rest of the engine. */
export interface EnginePort {
  /** Every so many times that execution comes to an entry by a branch, `hot` hears of it: 1 to 256. */
  readonly every: number;
  hot(vcpu: number, entry: number): void;
  /** The handler to go on with at an entry whose handler is `handlers.breakpoint`; -1 when the run has ended. */
  breakpoint(vcpu: number, entry: number): number;
  /** A decode-cache entry has been filled. */
  decoded(entry: number): void;
  /** True when the run has ended in front of the instruction at `pc`, which may not even be there. */
  stopsAt(vcpu: number): boolean;
}

/** Nobody translates, and there are no breakpoints but those that checked runs look for. */
export const alone: EnginePort = {
  every: 256,
  hot: () => undefined,
  breakpoint: () => handlers.decode,
  decoded: () => undefined,
  stopsAt: () => false,
};

/** An interpreter, and where translated code is put. */
export interface OpenInterpreter extends Interpreter {
  readonly table: WebAssembly.Table;
  /** First table index of a region. */
  readonly firstRegion: number;
}

/** A generated interpreter, in a form that can be kept: it fits any memory of the machine that it was generated for. */
export interface InterpreterModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The address of the breakpoint filter. */
  readonly filter: number;
  /** Of its `EnginePort`. */
  readonly every: number;
  /** The helpers that it imports, each with the place of a row that calls it. */
  readonly helpers: readonly { readonly name: string; readonly row: number }[];
}

/**
 * Instantiates the interpreter: one function per row, a table of them, and the run loops. `filter` is the address of the
 * breakpoint filter in `memory`. `kept` is what `generateInterpreter` has made of the same rows; without it, or when it is for
 * another filter or another `port`, it is made now.
 */
export function buildInterpreter(
  arch: Arch,
  memory: WebAssembly.Memory,
  filter: number,
  kept?: InterpreterModule,
  port: EnginePort = alone,
): OpenInterpreter {
  const { every } = port;
  const fits = kept?.filter === filter && kept.every === every;
  const { bytes, helpers } = fits ? kept : generateInterpreter(arch, filter, every);
  const find = (name: string, row: number): Helper => {
    for (const helper of arch.rows[row]?.body.helpers ?? []) if (helper.name === name) return helper;
    throw new Error(`the interpreter was made of other rows: none calls ${name}`);
  };
  const bound = bindNamed(
    arch,
    helpers.map(({ name, row }) => [name, () => find(name, row)]),
  );
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    machine: { memory },
    engine: {
      hot: (vcpu: number, entry: number) => port.hot(vcpu, entry),
      breakpoint: (vcpu: number, entry: number) => port.breakpoint(vcpu, entry),
    },
    ...bound,
    hook: {
      ...arch.hooks,
      decode: (vcpu: number, entry: number) => {
        const count = arch.hooks.decode(vcpu, entry);
        for (let i = 0; i < count; i++) port.decoded(entry + i * decodeEntry.bytes);
      },
      // Before the fetch, which may fault.
      ifetchMiss: (vcpu: number) => {
        if (!port.stopsAt(vcpu)) arch.hooks.ifetchMiss(vcpu);
      },
    },
  });
  const { run, runChecked, table } = instance.exports;
  if (typeof run !== 'function' || typeof runChecked !== 'function') throw new Error('the module lacks its run loops');
  if (!(table instanceof WebAssembly.Table)) throw new Error('the module lacks its table');
  const firstRegion = handlers.firstRow + arch.rows.length;
  return { run: (vcpu) => run(vcpu), runChecked: (vcpu) => runChecked(vcpu), table, firstRegion };
}

/** Generates the interpreter of an architecture. Records every row. */
export function generateInterpreter(arch: Arch, filter: number, every = alone.every): InterpreterModule {
  const uses = collectHelpers(arch);
  const helpers = uses.map(({ helper, row }) => ({ name: helper.name, row }));
  return { bytes: generate(arch, uses, filter, every), filter, every, helpers };
}

function generate(arch: Arch, uses: readonly HelperUse[], filter: number, every: number): Uint8Array<ArrayBuffer> {
  const m = new ModuleBuilder(arch.name);
  m.importMemory('machine', 'memory', { min: 1 });
  const outside = declareImports(
    m,
    arch,
    uses.map((u) => u.helper),
  );
  const hook = m.importFunction('engine', 'hot', { params: ['i32', 'i32'], results: [] });
  const ask = m.importFunction('engine', 'breakpoint', { params: ['i32', 'i32'], results: ['i32'] });
  const firstRegion = handlers.firstRow + arch.rows.length;
  const size = firstRegion + REGION_SLOTS;
  const count = Math.min(arch.common ?? 0, arch.rows.length);
  const func = count > 0 ? m.declare('common', handlerParams, handlerResults) : undefined;
  const common = func === undefined ? undefined : { func, first: handlers.firstRow, count };
  const imports: InterpreterImports = {
    ...outside,
    hot: { every, hook },
    table: m.table({ min: size, max: size }),
    newPage: m.declare('newPage', ['i32', 'i64', 'i32'], handlerResults),
    common,
  };
  const functions: number[] = [
    handler(m, 'decode', (f) => {
      f.get(handlerLocals.vcpu);
      f.get(handlerLocals.entry);
      emitCallOut(f, imports.hook('decode'), handlerLocals);
      emitDispatch(f, imports, handlerLocals);
    }),
    handler(m, 'crossing', (f) => emitCrossing(f, imports)),
    handler(m, 'breakpoint', (f) => emitBreakpoint(f, imports, ask)),
    ...arch.rows.map((row) => handler(m, row.mnemonic, (f) => emitHandler(f, imports, row.body))),
  ];
  m.elements(imports.table, 0, functions);
  m.define(imports.newPage, (f) => emitNewPage(f, imports));
  if (common !== undefined)
    m.define(common.func, (f) =>
      emitCommon(f, imports, common, arch.rows.slice(0, count), functions.slice(handlers.firstRow)),
    );
  const run = m.func('run', ['i32'], [], (f) => emitRun(f, imports, firstRegion));
  m.exportTable('table', imports.table);
  m.exportFunction('run', run);
  m.exportFunction(
    'runChecked',
    m.func('runChecked', ['i32'], [], (f) => emitRunChecked(f, imports, run, filter)),
  );
  return m.finish();
}

function handler(m: ModuleBuilder, name: string, body: Parameters<ModuleBuilder['define']>[1]): number {
  const index = m.declare(name, handlerParams, handlerResults);
  m.define(index, body);
  return index;
}
