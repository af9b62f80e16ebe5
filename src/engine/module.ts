import type { Helper } from '../ir/node.ts';
import type { Arch, EngineHooks, Interpreter } from '../machine/arch.ts';
import { handlers } from '../machine/layout.ts';
import { ModuleBuilder } from '../wasm/module-builder.ts';
import type { FuncType } from '../wasm/types.ts';
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
} from './run-loop.ts';

/** Where generated code finds what it calls. */
export interface Imports {
  readonly table: number;
  /** The function that goes on in another page. */
  readonly newPage: number;
  hook(name: keyof EngineHooks): number;
  helper(helper: Helper): number;
}

const i32s = (n: number, results: FuncType['results'] = []): FuncType => ({
  params: Array.from({ length: n }, () => 'i32' as const),
  results,
});

const hookTypes = {
  decode: i32s(2),
  crossing: i32s(1, ['i32']),
  ifetchMiss: i32s(1),
  fetchSlow: i32s(5, ['i32']),
  storeSlow: i32s(5),
  probeSlow: i32s(6, ['i32']),
  trap: i32s(2),
  breakpoint: i32s(1, ['i32']),
} as const satisfies Record<keyof EngineHooks, FuncType>;

/**
 * Generates and instantiates the interpreter: one function per row, a table of them, and the run loops.
 * `filter` is the address of the breakpoint filter in `memory`.
 */
export function buildInterpreter(arch: Arch, memory: WebAssembly.Memory, filter: number): Interpreter {
  const helpers = collectHelpers(arch);
  const bytes = generate(arch, helpers, memory, filter);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    machine: { memory },
    hook: { ...arch.hooks },
    helper: Object.fromEntries(helpers.map((h) => [h.name, arch.implementation(h)])),
  });
  const { run, runChecked } = instance.exports;
  if (typeof run !== 'function' || typeof runChecked !== 'function') throw new Error('the module lacks its run loops');
  return { run: (vcpu) => run(vcpu), runChecked: (vcpu) => runChecked(vcpu) };
}

function collectHelpers(arch: Arch): Helper[] {
  const found = new Map<string, Helper>();
  for (const row of arch.rows) {
    for (const helper of row.body.helpers) {
      const seen = found.get(helper.name);
      if (seen !== undefined && seen !== helper) throw new Error(`two helpers are named ${helper.name}`);
      found.set(helper.name, helper);
    }
  }
  return [...found.values()];
}

function generate(
  arch: Arch,
  helpers: readonly Helper[],
  memory: WebAssembly.Memory,
  filter: number,
): Uint8Array<ArrayBuffer> {
  const m = new ModuleBuilder(arch.name);
  m.importMemory('machine', 'memory', { min: memory.buffer.byteLength / 65536 });
  const hookIndex = new Map(
    Object.entries(hookTypes).map(([name, type]) => [name, m.importFunction('hook', name, type)]),
  );
  const helperIndex = new Map(
    helpers.map((h) => [
      h.name,
      m.importFunction('helper', h.name, {
        params: ['i32', ...h.params],
        results: h.result === undefined ? [] : [h.result],
      }),
    ]),
  );
  const size = handlers.firstRow + arch.rows.length;
  const imports: Imports = {
    table: m.table({ min: size, max: size }),
    newPage: m.declare('newPage', ['i32', 'i64', 'i32'], []),
    hook: (name) => found(hookIndex, name),
    helper: (helper) => found(helperIndex, helper.name),
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

function found(map: ReadonlyMap<string, number>, name: string): number {
  const index = map.get(name);
  if (index === undefined) throw new Error(`${name} is not imported`);
  return index;
}
