import type { ConsoleKind } from './sclp/console-input.ts';

/** Lines of the ASCII console that may wait for their echo. */
const MOST_LINES = 64;
/** A line of the ASCII console that is longer comes as several messages of the other console, of at least so much text. */
const SHORTEST_PART = 64;
const MOST_OPEN = 4096;

/**
 * Two consoles on one screen: a guest that writes everything to both, as test images do that do not know which is there,
 * would be read twice. Takes away the messages of the line-mode console that repeat, line by line, what the ASCII console has
 * just shown.
 */
export class ConsoleEcho {
  /** Lines of the ASCII console, in their comparable form, that were not repeated yet. */
  #lines: string[] = [];
  #open = '';

  /** What of `bytes` is to be shown. */
  filter(bytes: Uint8Array, from: ConsoleKind): Uint8Array {
    const text = Buffer.from(bytes).toString('latin1');
    if (from === 'line') {
      const shown = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n').filter((line) => !this.#repeats(line));
      return Buffer.from(shown.map((line) => `${line}\n`).join(''), 'latin1');
    }
    const [first = '', ...more] = text.split('\n');
    let line = this.#open + first;
    for (const next of more) {
      this.#lines.push(comparable(line));
      line = next;
    }
    this.#open = line.slice(-MOST_OPEN);
    this.#lines = this.#lines.slice(-MOST_LINES);
    return bytes;
  }

  #repeats(message: string): boolean {
    const line = comparable(message);
    const at = this.#lines.findIndex((l) => l === line || (line.length >= SHORTEST_PART && l.startsWith(line)));
    const found = this.#lines[at];
    // One that repeats nothing: the consoles have each their own to say.
    const rest = found === undefined ? [] : this.#lines.slice(at + 1);
    const more = found?.slice(line.length).trim() ?? '';
    this.#lines = more === '' ? rest : [more, ...rest];
    return found !== undefined;
  }
}

/** Characters that every EBCDIC code page has in one place: a guest may take another one than the console. */
const SPECIAL = /[^A-Za-z0-9 "%&'()*+,./:;<=>?_-]/gu;

/** A line, as bytes, in a form in which it equals its echo. */
function comparable(line: string): string {
  return Buffer.from(line.replace(/^\r/, ''), 'latin1').toString('utf8').trimEnd().replace(SPECIAL, '?');
}
