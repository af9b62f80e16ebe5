import type { Helper } from '../../ir/node.ts';
import type { Arch, Interpreter } from '../../machine/arch.ts';
import { handlers } from '../../machine/layout.ts';
import { ModuleBuilder } from '../../wasm/module-builder.ts';
import { bindImports, collectHelpers, declareImports } from '../imports.ts';
import { emitHandler } from './handler.ts';
import {
  emitCallOut,
  emitDispatch,
  emitNewPage,
  emitRun,
  emitRunChecked,
  handlerLocals,
  handlerParams,
  handlerResults,
  type InterpreterImports,
} from './run-loop.ts';

/** What the interpreter has for translated code. */
export interface TranslatorPort {
  /** Table indices that are left for regions. */
  readonly slots: number;
  /** Every so many times that execution comes to an entry by a branch, `hot` hears of it: 1 to 256. */
  readonly every: number;
  hot(vcpu: number, entry: number): void;
}

/** An interpreter, and where translated code is put. */
export interface OpenInterpreter extends Interpreter {
  readonly table: WebAssembly.Table;
  /** First table index of a region. */
  readonly firstRegion: number;
}

/**
 * Generates and instantiates the interpreter: one function per row, a table of them, and the run loops.
 * `filter` is the address of the breakpoint filter in `memory`.
 */
export function buildInterpreter(
  arch: Arch,
  memory: WebAssembly.Memory,
  filter: number,
  translator?: TranslatorPort,
): OpenInterpreter {
  const helpers = collectHelpers(arch);
  const firstRegion = handlers.firstRow + arch.rows.length;
  const bytes = generate(arch, helpers, memory, { filter, translator, firstRegion });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    machine: { memory },
    engine: { hot: (vcpu: number, entry: number) => translator?.hot(vcpu, entry) },
    ...bindImports(arch, helpers),
  });
  const { run, runChecked, table } = instance.exports;
  if (typeof run !== 'function' || typeof runChecked !== 'function') throw new Error('the module lacks its run loops');
  if (!(table instanceof WebAssembly.Table)) throw new Error('the module lacks its table');
  return { run: (vcpu) => run(vcpu), runChecked: (vcpu) => runChecked(vcpu), table, firstRegion };
}

function generate(
  arch: Arch,
  helpers: readonly Helper[],
  memory: WebAssembly.Memory,
  how: { readonly filter: number; readonly translator: TranslatorPort | undefined; readonly firstRegion: number },
): Uint8Array<ArrayBuffer> {
  const { filter, translator, firstRegion } = how;
  const m = new ModuleBuilder(arch.name);
  m.importMemory('machine', 'memory', { min: memory.buffer.byteLength / 65536 });
  const outside = declareImports(m, arch, helpers);
  const hot =
    translator === undefined
      ? undefined
      : {
          every: translator.every,
          hook: m.importFunction('engine', 'hot', { params: ['i32', 'i32'], results: [] }),
        };
  const size = firstRegion + (translator?.slots ?? 0);
  const imports: InterpreterImports = {
    ...outside,
    hot,
    table: m.table({ min: size, max: size }),
    newPage: m.declare('newPage', ['i32', 'i64', 'i32'], handlerResults),
  };
  const functions: number[] = [
    handler(m, 'decode', (f) => {
      f.get(handlerLocals.vcpu);
      f.get(handlerLocals.entry);
      emitCallOut(f, imports.hook('decode'), handlerLocals);
      emitDispatch(f, imports, handlerLocals);
    }),
    handler(m, 'crossing', (f) => {
      f.get(handlerLocals.vcpu);
      emitCallOut(f, imports.hook('crossing'), handlerLocals);
      f.set(handlerLocals.entry);
      emitDispatch(f, imports, handlerLocals);
    }),
    ...arch.rows.map((row) => handler(m, row.mnemonic, (f) => emitHandler(f, imports, row.body))),
  ];
  m.elements(imports.table, 0, functions);
  m.define(imports.newPage, (f) => emitNewPage(f, imports));
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
