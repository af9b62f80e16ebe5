import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../../scripts/sources.mjs', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'guestscope-sources-'));
const copy = join(root, 'scripts/sources.mjs');
afterAll(() => rmSync(root, { recursive: true }));

const write = (name: string, text = ''): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};

/** A build that began so long from now, with all of its files there. */
const build = (milliseconds: number): void => write('dist/built-from', `key\n${Date.now() + milliseconds}\n`);

const loaded = async (): Promise<{ isUnchanged: () => boolean; others: string[] }> =>
  import(pathToFileURL(copy).href) as never;

describe('what a build was made of', () => {
  beforeEach(async () => {
    cpSync(script, copy);
    for (const name of (await loaded()).others.filter((each) => each !== 'scripts/sources.mjs')) write(name);
    write('src/a.ts');
    write('src/room/b.ts');
    build(60_000);
  });

  it('is unchanged when nothing was written since', async () => {
    expect((await loaded()).isUnchanged()).toBe(true);
  });

  it('has changed when there is no build, or one of which no time is known', async () => {
    write('dist/built-from', 'key');
    expect((await loaded()).isUnchanged()).toBe(false);
    rmSync(join(root, 'dist'), { recursive: true });
    expect((await loaded()).isUnchanged()).toBe(false);
  });

  it.each<[string, () => void]>([
    ['a source was written, and dated back', () => utimesSync(join(root, 'src/room/b.ts'), 1, 1)],
    ['a source was renamed', () => renameSync(join(root, 'src/room/b.ts'), join(root, 'src/room/c.ts'))],
    ['a source was removed', () => rmSync(join(root, 'src/room/b.ts'))],
    ['the list of packages was written', () => write('package-lock.json')],
  ])('has changed when %s', async (_, change) => {
    const { isUnchanged } = await loaded();
    // A change counts from a second before the build on, which is some milliseconds from now.
    const from = Date.now() + 20;
    write('dist/built-from', `key\n${from + 1000}\n`);
    expect(isUnchanged()).toBe(true);
    while (Date.now() < from + 20);
    change();
    expect(isUnchanged()).toBe(false);
  });
});
