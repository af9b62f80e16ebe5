import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { UserError } from '../user-error.ts';

/** Endings of module files; newer Debian packs them. */
const ENDINGS = /\.ko(\.xz)?$/;

/** A kernel module with what must be loaded before it. */
export interface KernelModule {
  /** Path below the module directory, such as `kernel/fs/ext4/ext4.ko`. */
  readonly path: string;
  /** Unpacked. */
  readonly data: Uint8Array;
  readonly depends: readonly string[];
}

/** A module's name as it is loaded: file name without ending, hyphens as underscores. */
export function moduleName(path: string): string {
  return basename(path).replace(ENDINGS, '').replaceAll('-', '_');
}

/** The named modules below a module directory and all that they depend on, dependencies first; unknown names are left out. */
export function findModules(directory: string, wanted: readonly string[]): KernelModule[] {
  /** Modules that are still to be looked at, by name. */
  const paths = new Map<string, string>();
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (ENDINGS.test(file)) paths.set(moduleName(file), join(directory, file));
  }
  const found: KernelModule[] = [];
  const visit = (name: string): void => {
    const path = paths.get(name);
    if (path === undefined) return;
    paths.delete(name);
    const data = path.endsWith('.xz') ? unxz(path) : readFileSync(path);
    const depends = dependencies(data);
    for (const d of depends) visit(d);
    found.push({ path: relative(directory, path), data, depends });
  };
  for (const name of wanted) visit(name);
  return found;
}

function unxz(path: string): Buffer {
  const { stdout, status, error } = spawnSync('xz', ['-dc', path], { maxBuffer: 1 << 28 });
  if (status === 0) return stdout;
  const why = error === undefined ? `xz ends with status ${status}` : error.message;
  throw new UserError('linux-unavailable', `cannot unpack the module ${path} (${why}): xz comes in package xz-utils`);
}

/** Names in the `depends=` line of a module's information section. */
export function dependencies(module: Buffer): string[] {
  const at = module.indexOf('\0depends=');
  if (at < 0) return [];
  const from = at + '\0depends='.length;
  const text = module.toString('latin1', from, module.indexOf(0, from));
  return text === '' ? [] : text.split(',').map((n) => n.replaceAll('-', '_'));
}
