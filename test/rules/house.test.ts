import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codeOf, linesOf, root, type SourceFile, sources } from '../support/sources.ts';

/** A file past this many lines wants dividing; tests hold it for src/. */
const longest = 450;

/** What must not stand in the code of some files; `where` tests the path below src/. */
const forbidden: readonly { readonly what: string; readonly pattern: RegExp; readonly where: RegExp }[] = [
  {
    what: 'process is for the command line',
    pattern:
      /(?<![.\w])process\.(env|argv|exit|exitCode|on|once|off|stdin|stdout|stderr|kill|pid|cwd|nextTick|platform)\b/g,
    where: /^(?!cli\/)/,
  },
  {
    what: "the host's clock and chance reach the core through the event log alone",
    pattern: /\bDate\.now\b|\bnew Date\b|\bperformance\s*\.|\bhrtime\b|\bMath\.random\b|\bgetRandomValues\b/g,
    where: /^(bits|soft-float|image|virtio|wasm|ir|engine|arch|debug)\//,
  },
  {
    what: 'the core is synchronous',
    pattern: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b|\bawait\b|\bnew Promise\b/g,
    where: /^(bits|soft-float|image|virtio|wasm|ir|arch)\//,
  },
  {
    what: "what changes a guest comes in by its machine's door",
    pattern: /\.(takeInput|typed|quiesce|plug|unplug)\(/g,
    where: /^(?!machine\/machine\.ts$|arch\/[^/]+\/(guest\.ts$|vmm\/))(?!cli\/console-input\.ts$)/,
  },
  {
    what: 'fields of a block have names: bits/record.ts',
    pattern: /\.[gs]et(Uint16|Uint32|BigUint64)\(/g,
    // Readers of a stream of numbers, of either byte order, are no blocks.
    where: /^(arch\/s390x\/(vmm|kvm|linux|gdb)|virtio(?!\/rng)|image(?!\/(dwarf|elf-layout))|rsp)\//,
  },
  {
    what: 'no state at module level',
    pattern: /^(export )?(let|var)\b/gm,
    where: /^/,
  },
];

function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const code = codeOf(text);
    return forbidden
      .filter(({ where }) => where.test(path))
      .flatMap(({ what, pattern }) => linesOf(`src/${path}`, code, pattern).map((place) => `${place}: ${what}`));
  });
}

/** What the linter is told to let pass in a file of src/, and how often: a list that only gets shorter. */
const letPass: Readonly<Record<string, number>> = {
  // A generator that ends before it yields.
  'monitor/monitor.ts': 1,
};

/** Places where the linter is told to let something pass, counted by file. */
function suppressions(files: readonly SourceFile[]): Record<string, number> {
  const counts = files.map(({ path, text }): [string, number] => [path, text.match(/biome-ignore/g)?.length ?? 0]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Switched-off or singled-out tests. One that is switched off says why: `// skipped: why` on the line above. */
function switchedOff(files: readonly SourceFile[]): { readonly reasoned: string[]; readonly forbidden: string[] } {
  const found = { reasoned: [] as string[], forbidden: [] as string[] };
  for (const { path, text } of files) {
    const original = text.split('\n');
    for (const [i, line] of codeOf(text).split('\n').entries()) {
      const call = /\.(only|skip|todo|skipIf|runIf|fails)\b\s*[(.]/.exec(line);
      if (call === null) continue;
      const reasoned = call[1] !== 'only' && /^\s*\/\/ skipped: \S/.test(original[i - 1] ?? '');
      found[reasoned ? 'reasoned' : 'forbidden'].push(`test/${path}:${i + 1}`);
    }
  }
  return found;
}

test('src/ keeps to the rules of the house', () => {
  expect(breaches(sources('src'))).toEqual([]);
});

test(`no file of src/ has more than ${longest} lines`, () => {
  const lengths = sources('src').map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  expect(lengths.filter(({ lines }) => lines > longest)).toEqual([]);
});

test('the linter lets pass in src/ what is listed here, and nothing else', () => {
  expect(suppressions(sources('src'))).toEqual(letPass);
});

test('the linter refuses functions of src/ past 60 lines', () => {
  const { overrides }: { overrides: unknown[] } = JSON.parse(readFileSync(`${root}biome.json`, 'utf8'));
  expect(overrides).toContainEqual({
    includes: ['src/**', 'scripts/**'],
    linter: {
      rules: { complexity: { noExcessiveLinesPerFunction: { level: 'error', options: { maxLines: 60 } } } },
    },
  });
});

test('no test is singled out, and none is switched off without a reason', () => {
  expect(switchedOff(sources('test')).forbidden).toEqual([]);
});

test('the only tests that may be skipped are those whose tool is missing', () => {
  expect(switchedOff(sources('test')).reasoned.map((place) => place.replace(/:\d+$/, ''))).toEqual([
    'test/support/tools.ts',
  ]);
});

describe('the rules see', () => {
  test.each([
    ['arch/s390x/cpu/clock.ts', 'const now = Date.now();', true],
    ['machine/clock.ts', 'const now = performance.now();', false],
    ['rsp/server.ts', 'if (process.env.X) {}', true],
    ['cli/main.ts', 'process.exitCode = 1;', false],
    ['arch/s390x/sie/enter.ts', 'block.process.run();', false],
    ['arch/s390x/sie/enter.ts', '// what process.exit would do', false],
    ['engine/translator.ts', 'export let count = 0;', true],
    ['engine/translator.ts', 'function f() {\n  let count = 0;\n}', false],
    ['debug/debugger.ts', 'guest.takeInput(input);', true],
    ['arch/s390x/monitor/plug.ts', "guest.devices.plug('disk');", true],
    ['machine/machine.ts', 'this.#door.takeInput(input);', false],
    ['arch/s390x/vmm/console.ts', 'setTimeout(poll, 5);', true],
  ])('%s: %s -> %s', (path, text, seen) => {
    expect(breaches([{ path, text }]).length > 0).toBe(seen);
  });

  test('a switched-off test with and without its reason, and that a singled-out one has none', () => {
    const file = (...lines: string[]): SourceFile[] => [{ path: 'a.test.ts', text: lines.join('\n') }];
    // In pieces, so that this file is not seen itself.
    const [skip, only] = ['skip', 'only'].map((word) => `test.${word}('x', () => {});`);
    expect(switchedOff(file(skip ?? '')).forbidden).toEqual(['test/a.test.ts:1']);
    expect(switchedOff(file('// skipped: needs a mainframe', skip ?? '')).reasoned).toEqual(['test/a.test.ts:2']);
    expect(switchedOff(file('// skipped: no', only ?? '')).forbidden).toEqual(['test/a.test.ts:2']);
  });
});
