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
  /** The line that has not ended yet, as bytes, without what of it was repeated. */
  #open = '';
  /** Some of it was. */
  #openRepeated = false;

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
      const ended = comparable(line);
      // Nothing is left of a line that was repeated to its last character.
      if (ended !== '' || !this.#openRepeated) this.#lines.push(ended);
      this.#openRepeated = false;
      line = next;
    }
    this.#open = line.slice(-MOST_OPEN);
    this.#lines = this.#lines.slice(-MOST_LINES);
    return bytes;
  }

  #repeats(message: string): boolean {
    const line = comparable(message);
    const at = this.#lines.findIndex((l) => l === line || isPart(line, l));
    const found = this.#lines[at];
    if (found === undefined && this.#repeatsOpen(line)) return true;
    // One that repeats nothing: the consoles have each their own to say.
    const rest = found === undefined ? [] : this.#lines.slice(at + 1);
    const more = found?.slice(line.length).trim() ?? '';
    this.#lines = more === '' ? rest : [more, ...rest];
    return found !== undefined;
  }

  // A part of a line that the ASCII console has not ended yet: what is left of it is repeated by a later message.
  #repeatsOpen(line: string): boolean {
    if (!isPart(line, comparable(this.#open))) return false;
    const text = Buffer.from(this.#open.replace(/^\r/, ''), 'latin1');
    const rest = text.subarray(Buffer.byteLength(text.toString('utf8').slice(0, line.length)));
    this.#lines = [];
    this.#open = rest.toString('latin1').trimStart();
    this.#openRepeated = true;
    return true;
  }
}

/** True when a message may be the beginning of a line that comes as several. */
function isPart(message: string, line: string): boolean {
  return message.length >= SHORTEST_PART && line.startsWith(message);
}

/** Characters that every EBCDIC code page has in one place: a guest may take another one than the console. */
const SPECIAL = /[^A-Za-z0-9 "%&'()*+,./:;<=>?_-]/gu;

/** A line, as bytes, in a form in which it equals its echo. */
function comparable(line: string): string {
  return Buffer.from(line.replace(/^\r/, ''), 'latin1').toString('utf8').trimEnd().replace(SPECIAL, '?');
}
