import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { between, generatedFiles } from '../../scripts/docs.ts';
import { root } from '../support/sources.ts';

test.each(generatedFiles)('$path says what the rows say (npm run docs writes it)', async ({ path, render }) => {
  const file = `${root}${path}`;
  await expect(render(existsSync(file) ? readFileSync(file, 'utf8') : '')).toMatchFileSnapshot(file);
});

test('a file without its markers is not taken for a current one', () => {
  const text = 'a\n<!-- x:begin (generated) -->\nold\n<!-- x:end -->\nb\n';
  expect(between(text, 'x', 'new\n')).toBe('a\n<!-- x:begin (generated) -->\nnew\n<!-- x:end -->\nb\n');
  expect(() => between('a', 'x', 'new')).toThrow('markers of x');
});

test('every page of docs/ is reachable from the README or another page', () => {
  const pages = ['README.md', 'docs/ARCHITECTURE.md', 'docs/CONTRIBUTING.md'].map((p) =>
    readFileSync(`${root}${p}`, 'utf8'),
  );
  for (const { path } of generatedFiles) {
    if (path === 'README.md') continue;
    expect(
      pages.some((text) => text.includes(path) || text.includes(`(${path.replace('docs/', '')})`)),
      path,
    ).toBe(true);
  }
});
