import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** A kernel module with what must be loaded before it. */
export interface KernelModule {
  /** Path below the module directory, such as `kernel/fs/ext4/ext4.ko`. */
  readonly path: string;
  readonly data: Uint8Array;
  readonly depends: readonly string[];
}

/** A module's name as it is loaded: file name without ending, hyphens as underscores. */
export function moduleName(path: string): string {
  return basename(path, '.ko').replaceAll('-', '_');
}

/** The named modules below a module directory and all that they depend on, dependencies first; unknown names are left out. */
export function findModules(directory: string, wanted: readonly string[]): KernelModule[] {
  /** Modules that are still to be looked at, by name. */
  const paths = new Map<string, string>();
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ko')) paths.set(moduleName(file), join(directory, file));
  }
  const found: KernelModule[] = [];
  const visit = (name: string): void => {
    const path = paths.get(name);
    if (path === undefined) return;
    paths.delete(name);
    const data = readFileSync(path);
    const depends = dependencies(data);
    for (const d of depends) visit(d);
    found.push({ path: relative(directory, path), data, depends });
  };
  for (const name of wanted) visit(name);
  return found;
}

/** Names in the `depends=` line of a module's information section. */
export function dependencies(module: Buffer): string[] {
  const at = module.indexOf('\0depends=');
  if (at < 0) return [];
  const from = at + '\0depends='.length;
  const text = module.toString('latin1', from, module.indexOf(0, from));
  return text === '' ? [] : text.split(',').map((n) => n.replaceAll('-', '_'));
}
