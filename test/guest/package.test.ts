import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../support/sources.ts';
import { buildElfFile } from '../unit/image/elf-builder.ts';

/** What a clone does not have. */
const notCloned = ['.git', 'node_modules', 'dist', 'build', '.cache', 'coverage'].map((name) => join(root, name));

let folder: string;
let installed: string;
/** What a clone says before its first start, and before its second. */
let starts: readonly string[];
/** What the command says that npm has linked to, when the clone is not built any more, and then. */
let calls: readonly string[];

/** Runs a program to its end, and gives what it said. Throws when it failed. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: status ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** What `npm start` does before it starts the program says. */
function prestart(clone: string): string {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'prestart'], { cwd: clone, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run prestart: status ${status}\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** What the command of a clone says, on both streams. */
function version(clone: string): string {
  const { bin } = JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8'));
  const { status, stdout, stderr } = spawnSync(join(clone, bin.guestscope), ['--version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`guestscope --version: status ${status}\n${stdout}${stderr}`);
  return stderr + stdout;
}

/** Packs a clone that nothing was built in before it was started, and installs the package where nothing of the project is, without a network. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestscope-package-'));
  const clone = join(folder, 'clone');
  cpSync(root, clone, {
    recursive: true,
    filter: (path) => !notCloned.some((not) => path === not || path.startsWith(not + sep)),
  });
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  starts = [prestart(clone), prestart(clone)];
  rmSync(join(clone, 'dist'), { recursive: true });
  calls = [version(clone), version(clone)];
  run('npm', ['pack', '--pack-destination', folder], clone);
  rmSync(clone, { recursive: true });
  const [tarball = ''] = readdirSync(folder).filter((f) => f.endsWith('.tgz'));
  const user = join(folder, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{}');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, tarball)], user);
  installed = join(user, 'node_modules');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (): string => join(installed, '.bin', 'guestscope');

/** Status and words of a run of an image that stops at once: its only instruction is none, and its new PSW is 0. */
function runCrash(): { status: number | null; words: string } {
  const image = join(folder, 'crash.elf');
  const shape = { wide: true, littleEndian: false };
  const segments = [{ address: 0x2000, data: Uint8Array.of(0, 0) }];
  writeFileSync(image, buildElfFile(shape, { machine: 22, entry: 0x2000, segments }));
  const env = { ...process.env, DEBUG: 'guestscope:start' };
  const args = ['run', image, '--gdb', 'none', '--console', 'none'];
  const { status, stderr } = spawnSync(program(), args, { encoding: 'utf8', env });
  return { status, words: stderr };
}

test('a clone says that it is being built when it is started first, and nothing then', () => {
  expect(starts).toEqual(['guestscope: building the program, which takes some seconds\n', '']);
});

test('the command of a clone is there before it is built, and builds it', () => {
  const [first = '', second = ''] = calls;
  expect(first).toBe(`guestscope: building the program, which takes some seconds\n${second}`);
  expect(second).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('the package, installed elsewhere,', () => {
  test('brings all that it needs with it', () => {
    expect(readdirSync(installed).filter((name) => !name.startsWith('.'))).toEqual(['guestscope']);
    expect(readFileSync(join(installed, 'guestscope', 'dist', 'LICENSES.txt'), 'utf8')).toContain('yargs');
    expect(run(program(), ['--version'], folder)).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  describe('as a library', () => {
    const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.mjs'));
    const user = (): string => join(folder, 'user');

    test('has at least two examples', () => {
      expect(examples.length).toBeGreaterThan(1);
    });
    test.each(examples)('%s says what it says here', (name) => {
      cpSync(join(installed, 'guestscope', 'examples', name), join(user(), name));
      expect(run(process.execPath, [name], user())).toBe(
        readFileSync(join(root, 'test/guest/examples', `${name}.txt`), 'utf8'),
      );
    });
    test('has types for all that it gives', () => {
      const program = [
        "import { Vm, type VmExit, VmError } from 'guestscope';",
        'const vm: Vm = new Vm({ storage: 1 << 20 });',
        'const exit: VmExit = vm.createVcpu().run({ instructions: 1 });',
        "export const code: number = exit.kind === 'diagnose' ? exit.code : 0;",
        "export const error: VmError = new VmError('EINVAL', 'x');",
        '// @ts-expect-error there is no such exit',
        "export const wrong: boolean = exit.kind === 'nothing';",
      ];
      writeFileSync(join(user(), 'uses.mts'), program.join('\n'));
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', '', 'uses.mts'];
      expect(run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options], user())).toBe('');
    });
  });

  test('boots the demo guest, which is in it', async () => {
    const demo = spawn(program(), ['demo', '--gdb', '0'], { cwd: folder });
    onTestFinished(() => {
      demo.kill('SIGKILL');
    });
    expect(await firstLine(demo)).not.toBe('');
    demo.kill('SIGTERM');
    expect(await new Promise((resolve) => demo.once('exit', (_, signal) => resolve(signal)))).toBe('SIGTERM');
  });

  test('runs with the interpreter of its build, and generates one where that is missing or of another build', () => {
    const kept = join(installed, 'guestscope', 'dist', 'cli', 's390x.interpreter');
    const whole = readFileSync(kept);
    const usual = runCrash();
    expect(usual).toMatchObject({ status: 1, words: expect.stringContaining('the interpreter is that of the build') });
    expect(psw(usual.words)).toContain('PSW');
    const keptCode = /code that V8 had made before: .*\/program\.cjs .*\/s390x-wing\.cjs/;
    expect(usual.words).toMatch(keptCode);
    const other = Buffer.from(whole);
    other.write(whole.toString('latin1').startsWith('{"key":"0') ? '1' : '0', '{"key":"'.length);
    for (const content of [other, whole.subarray(0, 1000), undefined]) {
      if (content === undefined) rmSync(kept);
      else writeFileSync(kept, content);
      const { status, words } = runCrash();
      expect(words).toContain('the interpreter is generated');
      expect([status, psw(words)]).toEqual([1, psw(usual.words)]);
      expect(words).toMatch(keptCode);
    }
  });
});

/** Where the guest has ended. */
function psw(words: string): string | undefined {
  return words.split('\n').find((line) => line.includes('PSW'));
}

/** The first line of the guest's console. */
function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    stdout?.on('end', () => reject(new Error('the guest said nothing')));
  });
}
