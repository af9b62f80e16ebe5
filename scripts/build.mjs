// Builds the program into dist/: one file for what every run needs, others that it loads later, the interpreters, and the
// licenses of what is in them. `--if-needed` does nothing when dist/ was built from what is there now; `--announce` says that
// there is something to wait for.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtFrom, others, plain, root, sources, stamp } from './sources.mjs';

const dist = join(root, 'dist');
const out = join(dist, 'cli');
const program = join(out, 'main.js');

/** A hash of all that the build depends on: a kept interpreter fits the sources with its hash and no others. */
function sourceHash() {
  const hash = createHash('sha256');
  for (const name of [...sources(), ...others].sort()) hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  return hash.digest('hex').slice(0, 32);
}

const begun = Date.now();
const key = sourceHash();
if (builtFrom().key !== key || !process.argv.includes('--if-needed')) {
  if (process.argv.includes('--announce')) console.error('guestscope: building the program, which takes some seconds');
  await buildAll();
}
writeFileSync(stamp, `${key}\n${begun}\n`);

async function buildAll() {
  rmSync(dist, { recursive: true, force: true });
  const { build } = await import('rolldown');
  const bundle = (input, dir, format = 'esm') =>
    build({
      input,
      platform: 'node',
      cwd: root,
      logLevel: 'warn',
      resolve: { alias: Object.fromEntries(Object.entries(plain).map(([name, file]) => [name, join(root, file)])) },
      // yargs would read a configuration that extends others by `import.meta.resolve`; nobody asks it to.
      checks: { emptyImportMeta: false },
      transform: { target: 'node20.19', define: { GUESTSCOPE_BUILD: JSON.stringify(key) } },
      output: {
        dir,
        format,
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
        entryFileNames: format === 'esm' ? '[name].js' : '[name].cjs',
        chunkFileNames: format === 'esm' ? '[name].js' : '[name].cjs',
      },
    });
  // The program's own modules are those of CommonJS, which may be loaded with code that V8 has made of them before.
  const entry = (name) => join(root, `src/cli/${name}.ts`);
  const { output } = await bundle({ program: entry('main') }, out, 'cjs');
  await bundle({ main: entry('launch'), library: entry('library') }, out);
  declarations();
  chmodSync(program, 0o755);
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  writeFileSync(join(dist, 'LICENSES.txt'), licenses(modules));
  const scratch = mkdtempSync(join(tmpdir(), 'guestscope-build-'));
  try {
    await bundle({ prebuild: join(root, 'scripts/prebuild.ts') }, scratch);
    const { manual, prebuild } = await import(pathToFileURL(join(scratch, 'prebuild.js')).href);
    await prebuild(key, pathToFileURL(program).href);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    writeFileSync(join(dist, 'guestscope.1'), manual(version));
    keepCode();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Has V8's code for the program kept: what a guest of each architecture needs, with a translator at work. */
function keepCode() {
  const guests = [['bench/float.elf'], ['ppc64-suite/suite-be.elf', '--memory', '64M', '--smp', '2']];
  for (const [guest, ...options] of guests) {
    const args = [program, 'run', join(root, 'guests', guest), ...options, '--gdb', 'none'];
    // Whether the guest ends well is not asked here.
    spawnSync(process.execPath, args, { stdio: 'ignore', env: { ...process.env, GUESTSCOPE_KEEP_CODE: '1' } });
  }
  if (!readdirSync(out).some((name) => name.startsWith('code-'))) throw new Error("no code of V8's was kept");
}

/** The library's types: what its declarations lead to, and no more. */
function declarations() {
  const scratch = mkdtempSync(join(tmpdir(), 'guestscope-types-'));
  try {
    const options = ['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--rootDir', join(root, 'src')];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.library.json'), ...options, '--outDir', scratch]);
    const wanted = new Set(['cli/library.d.ts']);
    for (const name of wanted) {
      const text = readFileSync(join(scratch, name), 'utf8');
      for (const [, from] of text.matchAll(/\bfrom '(\.[^']+)\.ts'/g))
        wanted.add(posix.join(posix.dirname(name), `${from}.d.ts`));
      mkdirSync(join(dist, 'types', posix.dirname(name)), { recursive: true });
      writeFileSync(join(dist, 'types', name), text.replace(/^\/\/# sourceMappingURL.*\n?/m, ''));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The licenses of the packages that modules come from, which go where their code goes. */
function licenses(modules) {
  const found = new Set();
  for (const id of modules) {
    const package_ = /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(id)?.[1];
    if (package_ !== undefined) found.add(package_);
  }
  const texts = [...found].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
    if (file === undefined) throw new Error(`${relative(root, folder)} has no license file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return ['guestscope contains code of these packages.\n', ...new Set(texts)].join(`\n${'-'.repeat(80)}\n\n`);
}
