import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Chunks } from '../../../src/cli/chunks.ts';

const BUILD = '0123456789abcdef';

/** A folder with chunks by name, and what the host was asked for. */
function made(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-chunks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const asked: string[] = [];
  const host = (name: string): unknown => {
    asked.push(name);
    return { answer: () => 42 };
  };
  return { folder, asked, chunks: (build = BUILD) => new Chunks(folder, build, host) };
}
const program = {
  'program.cjs':
    'exports.sum = (n) => require(`./part.cjs`).twice(n) + require(`./part.cjs`).times; exports.name = __filename;',
  'part.cjs': 'exports.times = 0; exports.times++; exports.twice = (n) => 2 * n; exports.sign = `\u00e9\u4e2d`;',
};
const sum = (chunks: Chunks): number => (chunks.require('./program.cjs') as { sum: (n: number) => number }).sum(3);

test('a chunk is loaded once, when it is asked for, as UTF-8, and knows its file', () => {
  const { folder, chunks } = made(program);
  const loader = chunks();
  expect(sum(loader)).toBe(7);
  expect(loader.require('./part.cjs')).toMatchObject({ times: 1, sign: '\u00e9\u4e2d' });
  expect(loader.require('./program.cjs')).toMatchObject({ name: join(folder, 'program.cjs') });
});

test('a module of the host is loaded when something of it is used', () => {
  const { asked, chunks } = made({
    'program.cjs': 'const crypto = require(`node:crypto`); exports.ask = () => crypto.answer();',
  });
  const { ask } = chunks().require('./program.cjs') as { ask: () => number };
  expect(asked).toEqual([]);
  expect([ask(), ask(), asked]).toEqual([42, 42, ['node:crypto']]);
});

/** The same chunks elsewhere, since V8 remembers what it has compiled in this process by name; with the code that was kept of them. */
function moved(files: Readonly<Record<string, string>>) {
  const [first, second] = [made(files), made(files)];
  const loader = first.chunks();
  expect([sum(loader), loader.kept]).toEqual([7, []]);
  loader.keep();
  const [code = ''] = readdirSync(first.folder).filter((name) => name.startsWith('code-'));
  cpSync(join(first.folder, code), join(second.folder, code), { recursive: true });
  return { ...second, code: join(second.folder, code) };
}

test('code that was kept is taken', () => {
  const loader = moved(program).chunks();
  expect([sum(loader), loader.kept]).toEqual([7, ['./program.cjs', './part.cjs']]);
});

test('code that was kept is not for another build, though its source has the same length', () => {
  const { folder, chunks } = moved(program);
  writeFileSync(join(folder, 'part.cjs'), program['part.cjs'].replace('2 * n', '3 * n'));
  const loader = chunks('another-build');
  expect([sum(loader), loader.kept]).toEqual([10, []]);
});

test('code that V8 refuses is made anew', () => {
  const { code, chunks } = moved(program);
  writeFileSync(join(code, 'part.cjs'), Buffer.alloc(4096, 1));
  const loader = chunks();
  expect([sum(loader), loader.kept]).toEqual([7, ['./program.cjs']]);
});

test('a chunk that is not there is said by its path', () => {
  const { folder, chunks } = made(program);
  expect(() => chunks().require('./none.cjs')).toThrow(`${join(folder, 'none.cjs')} is not there: build the program`);
});
