import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SymbolFile, SymbolSources } from '../image/symbol-sources.ts';
import { moduleName } from './linux/modules.ts';

/** Where symbols are to be had. Earlier directories win, and single files win against all of them. */
export interface SymbolPlaces {
  readonly vmlinux: string | undefined;
  readonly moduleDirectories?: readonly string[];
  readonly modules?: readonly string[];
}

/** A kernel with symbols, and modules. Files are read when wanted. */
export function symbolSources({ vmlinux, moduleDirectories = [], modules = [] }: SymbolPlaces): SymbolSources {
  let paths: ReadonlyMap<string, string> | undefined;
  return {
    vmlinux: vmlinux === undefined ? undefined : symbolFile(vmlinux),
    module(name) {
      paths ??= new Map([
        ...modulePaths(moduleDirectories),
        ...modules.map((path) => [moduleName(path), path] as const),
      ]);
      const path = paths.get(name);
      return path === undefined ? undefined : symbolFile(path);
    },
  };
}

/** The same of what the user has given, or nothing when that is nothing. */
export function givenSources(vmlinux: string | undefined, modules: readonly string[] = []): SymbolSources | undefined {
  return vmlinux === undefined && modules.length === 0 ? undefined : symbolSources({ vmlinux, modules });
}

function symbolFile(path: string): SymbolFile {
  return { path: resolve(path), read: () => readFileSync(path) };
}

function modulePaths(directories: readonly string[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const directory of directories) {
    for (const file of filesBelow(directory)) {
      const name = moduleName(file);
      if (file.endsWith('.ko') && !paths.has(name)) paths.set(name, join(directory, file));
    }
  }
  return paths;
}

// A directory that is not there has no modules.
function filesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
