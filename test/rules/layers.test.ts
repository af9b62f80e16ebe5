import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Import, importsOf, root, type SourceFile, sources } from '../support/sources.ts';

/**
 * Who may import whom. A layer is a folder of src/; under arch/ each architecture is a layer of its own. Every layer may
 * import itself. An entry that names a file opens that file only.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  bits: [],
  'soft-float': ['bits'],
  image: ['bits'],
  virtio: ['bits'],
  wasm: ['bits'],
  ir: ['wasm', 'bits'],
  machine: ['bits'],
  engine: ['machine', 'ir', 'wasm', 'bits'],
  'arch/*': ['machine', 'ir', 'image', 'virtio', 'soft-float', 'bits', 'monitor/command.ts'],
  debug: ['machine', 'bits'],
  monitor: ['machine', 'bits'],
  rsp: ['machine', 'bits'],
  cli: ['bits', 'image', 'virtio', 'machine', 'engine', 'arch/*', 'debug', 'monitor', 'rsp'],
};

/** What a layer may know of another as types alone, so that nothing of it is there at run time. */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  machine: ['ir'],
  rsp: ['debug/target.ts'],
  monitor: ['debug/target.ts'],
};

const readsFiles = /^cli\//;

/** Where a module that is not ours may be imported. One that is not listed may be imported nowhere. */
const modules: Readonly<Record<string, RegExp>> = {
  'node:net': /^rsp\/|^cli\/wire\//,
  'node:fs': readsFiles,
  'node:fs/promises': readsFiles,
  'node:path': readsFiles,
  'node:url': readsFiles,
  'node:crypto': /^arch\/s390x\/isa\/crypto\//,
  'node:child_process': /^cli\//,
  'node:os': /^cli\//,
  'node:process': /^cli\//,
  'node:readline': /^cli\//,
  'node:stream': /^cli\//,
  'node:tty': /^cli\//,
  'node:util': /^cli\//,
  'node:zlib': /^cli\//,
  yargs: /^cli\//,
  'yargs/helpers': /^cli\//,
  debug: /^(?!bits\/|soft-float\/|image\/|virtio\/|wasm\/|ir\/)/,
};

/** The layer that a path below src/ lies in, or undefined when it lies in none. */
function layerOf(path: string): string | undefined {
  const [first = '', second = '', ...rest] = path.split('/');
  if (first === 'arch') return rest.length > 0 ? `arch/${second}` : undefined;
  return second !== '' && first in layers ? first : undefined;
}

function mayImport(from: string, to: string, target: string, typeOnly: boolean): boolean {
  if (from === to) return true;
  const general = (layer: string): string => (layer.startsWith('arch/') ? 'arch/*' : layer);
  const open = [...(layers[general(from)] ?? []), ...(typeOnly ? (typesOf[general(from)] ?? []) : [])];
  return open.includes(general(to)) || open.includes(target);
}

function violation(path: string, { specifier, typeOnly }: Import): string | undefined {
  if (specifier === '*') return 'imports something computed';
  if (!specifier.startsWith('.')) {
    const places = modules[specifier];
    if (places === undefined) return `imports ${specifier}, which is not in the table of modules`;
    return places.test(path) ? undefined : `must not import ${specifier}`;
  }
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.endsWith('.ts')) return `imports ${specifier} without the ending .ts`;
  const [from, to] = [layerOf(path), layerOf(target)];
  if (from === undefined) return 'lies in no layer';
  if (to === undefined) return `imports ${target}, which lies in no layer`;
  return mayImport(from, to, target, typeOnly) ? undefined : `${from} must not import ${target}`;
}

/** Every breach of the tables, in words. */
function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (layerOf(path) === undefined) return [`src/${path} lies in no layer`];
    return importsOf(text).flatMap((one) => {
      const said = violation(path, one);
      return said === undefined ? [] : [`src/${path}: ${said}`];
    });
  });
}

test('every import of src/ is one that the tables allow', () => {
  expect(violations(sources('src'))).toEqual([]);
});

test('a package that src/ may import is a dependency', () => {
  const manifest: unknown = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const packages = Object.keys(modules).filter((name) => !name.startsWith('node:'));
  for (const name of packages) expect(manifest).toHaveProperty(['dependencies', name.split('/')[0] ?? '']);
  const builtins = Object.keys(modules).filter((name) => name.startsWith('node:'));
  for (const name of builtins) expect(builtinModules).toContain(name.slice('node:'.length));
});

describe('the rule sees', () => {
  test.each([
    ['bits/a.ts', "import { hex } from './hex.ts';", []],
    ['cli/main.ts', "import '../arch/s390x/arch.ts';\nimport yargs from 'yargs';", []],
    ['arch/s390x/monitor.ts', "import { command } from '../../monitor/command.ts';", []],
    ['arch/s390x/vmm/load.ts', "import { readFileSync } from 'node:fs';", ['must not import node:fs']],
    ['arch/s390x/a.ts', "import type { B } from '../ppc64/b.ts';", ['arch/s390x must not import arch/ppc64/b.ts']],
    ['arch/s390x/a.ts', "import { B } from '../../monitor/b.ts';", ['arch/s390x must not import monitor/b.ts']],
    ['engine/a.ts', "export * from '../arch/s390x/row.ts';", ['engine must not import arch/s390x/row.ts']],
    ['rsp/a.ts', "import {\n  a,\n  b,\n} from '../debug/c.ts';", ['rsp must not import debug/c.ts']],
    ['bits/a.ts', "const b = await import('../ir/b.ts');", ['bits must not import ir/b.ts']],
    ['bits/a.ts', "type B = import('../ir/b.ts').B;", ['bits must not import ir/b.ts']],
    ['machine/a.ts', "import type { Node } from '../ir/node.ts';", []],
    ['machine/a.ts', "import { type Node } from '../ir/node.ts';", ['machine must not import ir/node.ts']],
    ['machine/a.ts', "this.#import('func'); loader.import(name);", []],
    ['machine/a.ts', "import fs from 'node:fs';", ['must not import node:fs']],
    ['machine/a.ts', "import { z } from 'zod';", ['imports zod, which is not in the table of modules']],
    ['machine/a.ts', "import '../bits/hex.js';", ['imports ../bits/hex.js without the ending .ts']],
    ['machine/a.ts', 'await import(name);', ['imports something computed']],
  ])('%s: %s', (path, text, wanted) => {
    expect(violations([{ path, text }])).toEqual(wanted.map((words) => `src/${path}: ${words}`));
  });

  test('a file that lies in no layer', () => {
    expect(violations([{ path: 'index.ts', text: '' }])).toEqual(['src/index.ts lies in no layer']);
  });

  test('nothing in comments, and nothing in strings that look like an import', () => {
    const text = [
      "// import { a } from '../ir/a.ts';",
      " * import { a } from '../ir/a.ts';",
      "const from = '../ir/a.ts';",
      "export const words = ['import', '../ir/a.ts'];",
    ].join('\n');
    expect(importsOf(text)).toEqual([]);
  });
});
