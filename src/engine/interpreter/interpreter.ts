import type { Helper } from '../../ir/node.ts';
import type { Arch, Interpreter } from '../../machine/arch.ts';
import { handlers } from '../../machine/layout.ts';
import { ModuleBuilder } from '../../wasm/module-builder.ts';
import { bindNamed, collectHelpers, declareImports, type HelperUse } from '../imports.ts';
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

/** A generated interpreter, in a form that can be kept: it fits any memory of the machine that it was generated for. */
export interface InterpreterModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The address of the breakpoint filter. */
  readonly filter: number;
  /** The helpers that it imports, each with the place of a row that calls it. */
  readonly helpers: readonly { readonly name: string; readonly row: number }[];
}

/**
 * Instantiates the interpreter: one function per row, a table of them, and the run loops. `filter` is the address of the
 * breakpoint filter in `memory`. `kept` is what `generateInterpreter` has made of the same rows; without it, or when it is for
 * another filter, it is made now.
 */
export function buildInterpreter(
  arch: Arch,
  memory: WebAssembly.Memory,
  filter: number,
  kept?: InterpreterModule,
): Interpreter {
  const { bytes, helpers } = kept?.filter === filter ? kept : generateInterpreter(arch, filter);
  const find = (name: string, row: number): Helper => {
    for (const helper of arch.rows[row]?.body.helpers ?? []) if (helper.name === name) return helper;
    throw new Error(`the interpreter was made of other rows: none calls ${name}`);
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    machine: { memory },
    ...bindNamed(
      arch,
      helpers.map(({ name, row }) => [name, () => find(name, row)]),
    ),
  });
  const { run, runChecked } = instance.exports;
  if (typeof run !== 'function' || typeof runChecked !== 'function') throw new Error('the module lacks its run loops');
  return { run: (vcpu) => run(vcpu), runChecked: (vcpu) => runChecked(vcpu) };
}

/** Generates the interpreter of an architecture. Records every row. */
export function generateInterpreter(arch: Arch, filter: number): InterpreterModule {
  const uses = collectHelpers(arch);
  const helpers = uses.map(({ helper, row }) => ({ name: helper.name, row }));
  return { bytes: generate(arch, uses, filter), filter, helpers };
}

function generate(arch: Arch, uses: readonly HelperUse[], filter: number): Uint8Array<ArrayBuffer> {
  const m = new ModuleBuilder(arch.name);
  m.importMemory('machine', 'memory', { min: 1 });
  const outside = declareImports(
    m,
    arch,
    uses.map((u) => u.helper),
  );
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
