import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SymbolFile, SymbolSources } from '../image/symbol-sources.ts';
import { moduleName } from './linux/modules.ts';

/** A kernel with symbols and the modules below some directories, of which earlier ones win. Files are read when wanted. */
export function symbolSources(vmlinux: string, moduleDirectories: readonly string[] = []): SymbolSources {
  let paths: ReadonlyMap<string, string> | undefined;
  return {
    vmlinux: symbolFile(vmlinux),
    module(name) {
      paths ??= modulePaths(moduleDirectories);
      const path = paths.get(name);
      return path === undefined ? undefined : symbolFile(path);
    },
  };
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
