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

/**
 * Generates and instantiates the interpreter: one function per row, a table of them, and the run loops.
 * `filter` is the address of the breakpoint filter in `memory`.
 */
export function buildInterpreter(arch: Arch, memory: WebAssembly.Memory, filter: number): Interpreter {
  const helpers = collectHelpers(arch);
  const bytes = generate(arch, helpers, memory, filter);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    machine: { memory },
    ...bindImports(arch, helpers),
  });
  const { run, runChecked } = instance.exports;
  if (typeof run !== 'function' || typeof runChecked !== 'function') throw new Error('the module lacks its run loops');
  return { run: (vcpu) => run(vcpu), runChecked: (vcpu) => runChecked(vcpu) };
}

function generate(
  arch: Arch,
  helpers: readonly Helper[],
  memory: WebAssembly.Memory,
  filter: number,
): Uint8Array<ArrayBuffer> {
  const m = new ModuleBuilder(arch.name);
  m.importMemory('machine', 'memory', { min: memory.buffer.byteLength / 65536 });
  const outside = declareImports(m, arch, helpers);
  const size = handlers.firstRow + arch.rows.length;
  const imports: InterpreterImports = {
    ...outside,
    table: m.table({ min: size, max: size }),
    newPage: m.declare('newPage', ['i32', 'i64', 'i32'], []),
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
  const run = m.func('run', ['i32'], [], (f) => emitRun(f, imports));
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
