// What the program is built from, and whether any of it has changed since.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the project, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Modules that others in the bundle want, and what they get. */
export const plain = { 'string-width': 'scripts/plain/width.mjs', assert: 'scripts/plain/assert.mjs' };

/** Beside the sources, which are all files of `src` that end so. */
const SOURCE = '.ts';
export const others = [
  'scripts/build.mjs',
  'scripts/prebuild.ts',
  'scripts/sources.mjs',
  ...Object.values(plain),
  'package.json',
  'package-lock.json',
];

/** Says what dist/ was built from: the hash of that, and from when on a change would not be part of it, as milliseconds. */
export const stamp = `${root}dist/built-from`;

/** How much a file system's clock may lag behind. */
const LAG_MS = 1000;

/** The hash and the time that a build left behind, or no hash. */
export function builtFrom() {
  try {
    const [key, begun] = readFileSync(stamp, 'utf8').split('\n');
    return { key, begun: Number(begun) };
  } catch {
    return { key: undefined, begun: 0 };
  }
}

/** The names of all sources. */
export function sources() {
  return readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(SOURCE))
    .map((name) => `src/${name}`);
}

/**
 * Nothing that the program is built from has been written, renamed or removed since the build began: no file and no folder has
 * changed, by the time that the host itself notes, which nobody sets. True is certain; false costs a look at the contents.
 */
export function isUnchanged() {
  const { begun } = builtFrom();
  const isOld = (path) => statSync(path).ctimeMs < begun - LAG_MS;
  const isOldFolder = (folder) =>
    isOld(folder) &&
    readdirSync(folder, { withFileTypes: true }).every((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? isOldFolder(path) : !entry.name.endsWith(SOURCE) || isOld(path);
    });
  return begun > 0 && others.every((name) => isOld(root + name)) && isOldFolder(`${root}src`);
}
