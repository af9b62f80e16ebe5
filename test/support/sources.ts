import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the project; `path` counts from the folder that was asked for, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Absolute path of the project's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** All `.ts` files under a folder of the project, declaration files included, in order of their paths. */
export function sources(folder: string): SourceFile[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${root}${folder}/${path}`, 'utf8') }));
}

/** An import as it is spelled in a file; `typeOnly` when nothing of it is left at run time. */
export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/**
 * What a file imports: static imports, re-exports, dynamic imports and import types. The specifier of a dynamic import
 * of something computed is `*`.
 */
export function importsOf(text: string): Import[] {
  const statement = /^[ \t]*(?:import|export)\b([^;'"`]*?\bfrom)?\s*(['"])([^'"\n]+)\2/gm;
  const dynamic = /^(?![ \t]*(?:\*|\/[/*])).*?(?<![#.\w])import\s*\(\s*(?:(['"])([^'"\n]+)\1)?/gm;
  return [
    ...[...text.matchAll(statement)].map(([, clause, , specifier = '*']) => ({
      specifier,
      typeOnly: clause !== undefined && /^\s+type\b(?!\s+from\b)/.test(clause),
    })),
    ...[...text.matchAll(dynamic)].map(([, , specifier = '*']) => ({ specifier, typeOnly: false })),
  ];
}

/** The text with comments blanked and string contents removed; every line keeps its number. */
export function codeOf(text: string): string {
  const token = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (found) => {
    const lines = found.replaceAll(/[^\n]/g, '');
    return found.startsWith('/') ? lines : `''${lines}`;
  });
}

/** `path:line` of every match of `pattern`, which must be global, in a text. */
export function linesOf(path: string, text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(({ index }) => `${path}:${text.slice(0, index).split('\n').length}`);
}
