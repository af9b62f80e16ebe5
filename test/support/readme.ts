/** Sessions that README.md shows, to be held at again. */

import { readFileSync } from 'node:fs';
import { root } from './sources.ts';

/** A command of a session, with what was answered. */
export interface Said {
  readonly command: string;
  readonly answer: string;
}

/** How gdb is started, and what it is told. */
export interface Session {
  readonly start: string;
  readonly talk: readonly Said[];
}

/** The first gdb session behind a heading whose command line begins so. */
export function session(heading: string, start: string): Session {
  const lines = readFileSync(`${root}README.md`, 'utf8').split('\n');
  const begin = lines.indexOf(heading);
  const from = lines.findIndex((line, i) => i > begin && line.startsWith(`    $ ${start}`));
  const to = lines.findIndex((line, i) => i > from && line !== '' && !line.startsWith('    '));
  const talk: { command: string; answer: string }[] = [];
  for (const line of lines.slice(from + 1, to).map((l) => l.slice(4))) {
    if (line.startsWith('(gdb) ')) talk.push({ command: line.slice(6), answer: '' });
    else if (talk.length > 0 && line !== '') (talk.at(-1) ?? { answer: '' }).answer += `${line}\n`;
  }
  return { start: (lines[from] ?? '').slice(6), talk };
}

/** What README.md shows below a command line that begins so. */
export function printedBelow(command: string): string {
  const lines = readFileSync(`${root}README.md`, 'utf8').split('\n');
  const from = lines.indexOf(`    $ ${command}`);
  const to = lines.findIndex((line, i) => i > from && (!line.startsWith('    ') || line.startsWith('    $ ')));
  return lines
    .slice(from + 1, to)
    .map((line) => line.slice(4))
    .join('\n');
}

/** What a session says, whatever the guest happened to be at: numbers, blank lines and the width of indents aside. */
export function shape(text: string): string[] {
  const words = text
    .replaceAll(/0x[0-9a-f]+/g, '0x#')
    .replaceAll(/\b[0-9a-f]{16}\b/g, '#')
    .replaceAll(/\b\d+\b/g, '#')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/program: \S+guests/g, 'program: guests')
    .split('\n');
  return words.map((line) => line.trim()).filter((line) => line !== '');
}
