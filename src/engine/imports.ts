import type { Helper } from '../ir/node.ts';
import type { Arch, EngineHooks } from '../machine/arch.ts';
import type { ModuleBuilder } from '../wasm/module-builder.ts';
import type { FuncType } from '../wasm/types.ts';

/** Where generated code finds what it calls outside. */
export interface Imports {
  /** Of the architecture. */
  readonly arch: Pick<Arch, 'byteOrder' | 'codeUnit' | 'spaces'>;
  hook(name: keyof EngineHooks): number;
  helper(helper: Helper): number;
}

const i32s = (n: number, results: FuncType['results'] = []): FuncType => ({
  params: Array.from({ length: n }, () => 'i32' as const),
  results,
});

/** Types of the slow paths: 32-bit integers only, for a bigint costs as much again as the call. */
export const hookTypes = {
  decode: i32s(2),
  crossing: i32s(1, ['i32']),
  ifetchMiss: i32s(1),
  fetchSlow: i32s(5, ['i32']),
  storeSlow: i32s(5),
  probeSlow: i32s(6, ['i32']),
  trap: i32s(2),
  breakpoint: i32s(1, ['i32']),
} as const satisfies Record<keyof EngineHooks, FuncType>;

/** Declares the slow paths and helpers as imports of a module, in this order. */
export function declareImports(m: ModuleBuilder, arch: Arch, helpers: readonly Helper[]): Imports {
  const hooks = new Map(Object.entries(hookTypes).map(([name, type]) => [name, m.importFunction('hook', name, type)]));
  const helperIndex = new Map(
    helpers.map((h) => [
      h.name,
      m.importFunction('helper', h.name, {
        params: ['i32', ...h.params],
        results: h.result === undefined ? [] : [h.result],
      }),
    ]),
  );
  return { arch, hook: (name) => found(hooks, name), helper: (helper) => found(helperIndex, helper.name) };
}

/** What the imports of `declareImports` are when the module is instantiated. */
export function bindImports(arch: Arch, helpers: readonly Helper[]): WebAssembly.Imports {
  return bindNamed(
    arch,
    helpers.map((h) => [h.name, () => h]),
  );
}

/** The same, for helpers that are looked up when they are first called. */
export function bindNamed(
  arch: Arch,
  helpers: readonly (readonly [name: string, find: () => Helper])[],
): WebAssembly.Imports {
  return {
    hook: { ...arch.hooks },
    helper: Object.fromEntries(helpers.map(([name, find]) => [name, arch.implementation(find)])),
  };
}

/** A helper that rows call, and the place of one of them. */
export interface HelperUse {
  readonly helper: Helper;
  readonly row: number;
}

/** The helpers that the rows' bodies call. Records every row. */
export function collectHelpers(arch: Arch): HelperUse[] {
  const known = new Map<string, HelperUse>();
  for (const [i, row] of arch.rows.entries()) {
    for (const helper of row.body.helpers) {
      const seen = known.get(helper.name);
      if (seen !== undefined && seen.helper !== helper) throw new Error(`two helpers are named ${helper.name}`);
      if (seen === undefined) known.set(helper.name, { helper, row: i });
    }
  }
  return [...known.values()];
}

function found(map: ReadonlyMap<string, number>, name: string): number {
  const index = map.get(name);
  if (index === undefined) throw new Error(`${name} is not imported`);
  return index;
}
