import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { describe, expect, test } from 'vitest';
import { importsOf, root, type SourceFile, sources } from '../support/sources.ts';
import { type Allowed, cyclesOf, edgesOf, layers, modules, violations, wings } from './layers.ts';

/** Files that import each other's values in a circle, so that which of them is loaded first matters. */
function circles(files: readonly SourceFile[]): string[][] {
  const next = new Map<string, string[]>(files.map(({ path }) => [path, []]));
  for (const { from, to, typeOnly } of edgesOf(files)) if (!typeOnly) next.get(from)?.push(to);
  return cyclesOf(next);
}

/** Folders of a table that may import each other in a circle. An entry for one file makes no circle. */
function circlesAmong(allowed: Allowed): string[][] {
  const folders = Object.entries(allowed).map(([name, open]): [string, string[]] => [
    name,
    open.filter((entry) => !entry.endsWith('.ts')),
  ]);
  return cyclesOf(new Map(folders));
}

test('every import of src/ is one that the tables allow', () => {
  expect(violations(sources('src'))).toEqual([]);
});

test('no files of src/ import each other in a circle', () => {
  expect(circles(sources('src'))).toEqual([]);
});

test('the tables have an order: no folders may import each other in a circle', () => {
  expect(circlesAmong(layers)).toEqual([]);
  for (const { rooms } of Object.values(wings)) {
    // What puts a wing together imports its monitor's commands, which know the whole.
    const { '.': _, ...ordered } = rooms;
    expect(circlesAmong(ordered)).toEqual([]);
  }
});

test('a package that src/ may import is one that the build has at hand, for it becomes a part of the program', () => {
  const manifest: unknown = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const packages = Object.keys(modules).filter((name) => !name.startsWith('node:'));
  for (const name of packages) expect(manifest).toHaveProperty(['devDependencies', name.split('/')[0] ?? '']);
  const builtins = Object.keys(modules).filter((name) => name.startsWith('node:'));
  for (const name of builtins) expect(builtinModules).toContain(name.slice('node:'.length));
});

describe('the rule sees', () => {
  test.each([
    ['bits/a.ts', "import { hex } from './hex.ts';", []],
    ['cli/main.ts', "import '../arch/s390x/wing.ts';\nimport yargs from 'yargs';", []],
    ['cli/main.ts', "import '../arch/s390x/guest.ts';", ['cli must not import arch/s390x/guest.ts']],
    ['arch/s390x/monitor/a.ts', "import { command } from '../../../monitor/command.ts';", []],
    ['cli/a.ts', "import { readFileSync } from 'node:fs';", []],
    [
      'arch/s390x/wing.ts',
      "import type { B } from '../ppc64/b.ts';",
      ['arch/s390x must not import types of arch/ppc64/b.ts'],
    ],
    ['arch/s390x/cpu/a.ts', "import { B } from '../../../monitor/b.ts';", ['arch/s390x must not import monitor/b.ts']],
    ['engine/a.ts', "export * from '../arch/s390x/row.ts';", ['engine must not import arch/s390x/row.ts']],
    ['rsp/a.ts', "import {\n  a,\n  b,\n} from '../ir/c.ts';", ['rsp must not import ir/c.ts']],
    ['bits/a.ts', "const b = await import('../ir/b.ts');", ['bits must not import ir/b.ts']],
    ['bits/a.ts', "type B = import('../ir/b.ts').B;", ['bits must not import ir/b.ts']],
    ['machine/a.ts', "import type { Node } from '../ir/node.ts';", []],
    ['machine/a.ts', "import { type Node } from '../ir/node.ts';", ['machine must not import ir/node.ts']],
    ['machine/a.ts', "this.#import('func'); loader.import(name);", []],
    ['machine/a.ts', "import fs from 'node:fs';", ['must not import node:fs']],
    ['machine/a.ts', "import { z } from 'zod';", ['imports zod, which is not in the table of modules']],
    ['machine/a.ts', "import '../bits/hex.js';", ['imports ../bits/hex.js without the ending .ts']],
    ['machine/a.ts', 'await import(name);', ['imports something computed']],
    ['arch/s390x/isa/general/a.ts', "import { Vcpu } from '../../cpu/vcpu.ts';", []],
    [
      'arch/s390x/cpu/a.ts',
      "import { KvmVm } from '../kvm/vm.ts';",
      ['arch/s390x/cpu must not import arch/s390x/kvm/vm.ts'],
    ],
    ['arch/s390x/dat/a.ts', "import { PGM } from '../cpu/interruption-codes.ts';", []],
    [
      'arch/s390x/dat/a.ts',
      "import { Vcpu } from '../cpu/vcpu.ts';",
      ['arch/s390x/dat must not import arch/s390x/cpu/vcpu.ts'],
    ],
    [
      'arch/s390x/kvm/a.ts',
      "import { S390xGuest } from '../guest.ts';",
      ['arch/s390x/kvm must not import arch/s390x/guest.ts'],
    ],
    ['arch/s390x/guest.ts', "import { Ipl } from './vmm/ipl/ipl.ts';", []],
    ['arch/s390x/attic/a.ts', '', ['arch/s390x has no room attic']],
    ['arch/vax/a.ts', '', ['arch/vax has no room .']],
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

  test('files in a circle, of two and of three, however they are reached; types make none', () => {
    const file = (path: string, ...imports: string[]): SourceFile => ({ path, text: imports.join('\n') });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => `import { x } from './${name}.ts';`);
    const files = [file('bits/a.ts', b ?? ''), file('bits/b.ts', c ?? ''), file('bits/c.ts', a ?? '')];
    expect(circles([...files, file('bits/d.ts', a ?? '')])).toEqual([['bits/a.ts', 'bits/b.ts', 'bits/c.ts']]);
    expect(circles([file('bits/a.ts', b ?? ''), file('bits/b.ts', `export ${a?.slice(7)}`)])).toHaveLength(1);
    expect(circles([file('bits/a.ts', b ?? ''), file('bits/b.ts', `import type ${a?.slice(7)}`)])).toEqual([]);
  });

  test('a table without an order', () => {
    expect(circlesAmong({ a: ['b'], b: ['a/c.ts'] })).toEqual([]);
    expect(circlesAmong({ a: ['b'], b: ['c'], c: ['a'] })).toEqual([['a', 'b', 'c']]);
  });
});
