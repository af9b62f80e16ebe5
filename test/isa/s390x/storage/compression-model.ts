/**
 * Dictionaries for COMPRESSION CALL, made from a tree of symbols, and what the manual says comes of text with such a tree:
 * the longest symbol each time. Knows nothing of how the instruction goes through the entries.
 */

/** A symbol: what its parent stands for, and some characters more. */
export interface Symbol {
  readonly text: readonly number[];
  /** Characters that it has more than its parent. */
  readonly own: readonly number[];
  readonly parent: Symbol | undefined;
  readonly children: Symbol[];
  index: number;
  /** Its entry need not be looked at to know that it is the end of a symbol. */
  readonly unexamined: boolean;
}

/** Where randomness comes from: a number below `n`. */
export type Below = (n: number) => number;

/** Of a tree: its first letter, how many there are, and how many symbols there are about. */
export interface TreeSize {
  readonly first?: number;
  readonly letters: number;
  readonly most: number;
}

/** A tree over an alphabet of a few letters; it has entries with more children than one sibling descriptor of either format holds. */
export function randomTree(below: Below, { first: base = 0, letters, most }: TreeSize): Symbol[] {
  const roots = Array.from({ length: 256 }, (_, c) => leaf(undefined, [c], true));
  let made = 256;
  const open = roots.slice(base, base + letters);
  for (let next = open.shift(); next !== undefined && made < most; next = open.shift()) {
    const wanted = [0, 1, 1, 2, 4, 5, 6, 7, 12, 20, 31][below(11)] ?? 0;
    const firsts = shuffled(
      below,
      Array.from({ length: letters }, (_, c) => base + c),
    ).slice(0, wanted);
    // Several children in front of the others may begin alike.
    if (firsts.length > 2 && below(3) === 0) firsts[1] = firsts[0] ?? 0;
    for (const first of firsts) {
      const more = Array.from({ length: below(2) === 0 ? 0 : below(5) }, () => base + below(letters));
      const child = leaf(next, [first, ...more], more.length === 0 && below(2) === 0);
      next.children.push(child);
      made += 2;
      if (child.unexamined) continue;
      open.splice(below(open.length + 1), 0, child);
    }
  }
  return roots;
}

function leaf(parent: Symbol | undefined, own: readonly number[], unexamined: boolean): Symbol {
  return { text: [...(parent?.text ?? []), ...own], own, parent, children: [], index: 0, unexamined };
}

function shuffled(below: Below, from: number[]): number[] {
  const out = [...from];
  for (let i = out.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [out[i], out[j]] = [out[j] ?? 0, out[i] ?? 0];
  }
  return out;
}

/** Both dictionaries. */
export interface Dictionaries {
  readonly compression: Uint8Array;
  readonly expansion: Uint8Array;
  /** By index. */
  readonly symbols: ReadonlyMap<number, Symbol>;
}

/** Gives indexes to the symbols of a tree and writes their entries. What does not fit is cut off the tree. */
export function writeDictionaries(roots: readonly Symbol[], size: number, wide: boolean, below: Below): Dictionaries {
  const compression = new Uint8Array(size * 8);
  const expansion = new Uint8Array(size * 8);
  const symbols = new Map<number, Symbol>();
  let free = 256;
  for (const [c, root] of roots.entries()) root.index = c;
  const left = [...roots];
  for (let symbol = left.shift(); symbol !== undefined; symbol = left.shift()) {
    symbols.set(symbol.index, symbol);
    const extension = symbol.index < 256 ? [] : symbol.own.slice(1);
    trim(symbol, extension.length, size - free);
    free = writeEntry(symbol, extension, { compression, expansion, wide, free });
    left.push(...symbol.children);
  }
  for (const symbol of symbols.values()) writeExpansion(expansion, symbol, below);
  return { compression, expansion, symbols };
}

// An entry has place for few children beside many characters, and the dictionary for no more than there are.
function trim(symbol: Symbol, extension: number, room: number): void {
  if (extension > 1) symbol.children.splice(1);
  for (;;) {
    const count = symbol.children.length;
    if (count + Math.ceil(count / 7) <= room) return;
    symbol.children.pop();
  }
}

interface Writing {
  readonly compression: Uint8Array;
  readonly expansion: Uint8Array;
  readonly wide: boolean;
  readonly free: number;
}

function writeEntry(
  symbol: Symbol,
  extension: readonly number[],
  { compression, expansion, wide, free }: Writing,
): number {
  const { children } = symbol;
  const at = symbol.index * 8;
  const bit = (child: Symbol | undefined): number => (child === undefined || child.unexamined ? 0 : 1);
  const most = 5 - (extension.length > 0 ? 1 : 0);
  const own = children.length > most ? children.slice(0, most) : children;
  const later = children.slice(own.length);
  const count = later.length > 0 ? most + 1 : own.length;
  let examined = 0;
  for (const [i, child] of own.entries()) examined |= bit(child) << (4 - i);
  compression[at] = (count << 5) | examined;
  const inFirst = wide ? 14 : 7;
  const last = (bit(later[inFirst - 2]) << 7) | (bit(later[inFirst - 1]) << 6);
  const high = count < 2 ? extension.length << 5 : (extension.length << 5) | last;
  compression[at + 1] = high | (free >> 8);
  compression[at + 2] = free & 255;
  compression.set([...extension, ...own.map((child) => child.own[0] ?? 0)], at + 3);
  let next = free;
  for (const child of own) child.index = next++;
  for (let from = 0; from < later.length; from += inFirst) {
    const part = later.slice(from, from + inFirst);
    const firsts = part.map((child) => child.own[0] ?? 0);
    const follows = from + inFirst < later.length;
    const place = next * 8;
    if (wide) {
      let word = (follows ? 15 : part.length) << 12;
      for (const [i, child] of part.slice(0, 12).entries()) word |= bit(child) << (11 - i);
      compression.set([word >> 8, word & 255, ...firsts.slice(0, 6)], place);
      expansion.set(firsts.slice(6), place);
    } else {
      let byte = (follows ? 0 : part.length) << 5;
      for (const [i, child] of part.slice(0, 5).entries()) byte |= bit(child) << (4 - i);
      compression.set([byte, ...firsts], place);
    }
    next++;
    for (const child of part) child.index = next++;
  }
  return next;
}

function writeExpansion(expansion: Uint8Array, { index, text, own, parent }: Symbol, below: Below): void {
  const at = index * 8;
  if (parent === undefined || (text.length <= 7 && below(2) === 0)) {
    expansion.set([text.length, ...text], at);
    return;
  }
  expansion.set([(own.length << 5) | (parent.index >> 8), parent.index & 255, ...own], at);
  expansion[at + 7] = parent.text.length;
}

/** The symbols that the text is made of, the longest one each time. */
export function split(text: readonly number[], roots: readonly Symbol[]): Symbol[] {
  const out: Symbol[] = [];
  for (let at = 0; at < text.length; ) {
    let found = roots[text[at] ?? 0];
    for (let next = found; next !== undefined; ) {
      found = next;
      const end = at + found.text.length;
      next = found.children.find(({ own }) => own.every((c, i) => text[end + i] === c));
    }
    if (found === undefined) throw new Error('a character is no symbol');
    out.push(found);
    at += found.text.length;
  }
  return out;
}

/** Indexes of a number of bits each, one behind the other from a bit on, over the bits that are there. */
export function pack(indexes: readonly number[], bits: number, from: number, before: number): number[] {
  let text = before.toString(2).padStart(8, '0').slice(0, from);
  for (const index of indexes) text += index.toString(2).padStart(bits, '0');
  const out: number[] = [];
  for (let at = 0; at < text.length; at += 8) out.push(Number.parseInt(text.slice(at, at + 8).padEnd(8, '0'), 2));
  return out;
}
