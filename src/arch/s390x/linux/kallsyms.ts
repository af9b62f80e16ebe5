/**
 * The symbol table that a Linux kernel keeps of itself (CONFIG_KALLSYMS), as it lies in its read-only data. Nothing says where:
 * its parts are recognized by their contents. Their order changed with Linux 6.4; names, markers and tokens did not.
 *
 *     up to 6.3:  offsets  base  count  names  markers  [order of names]  tokens  token index
 *     from 6.4:   count  names  markers  tokens  token index  offsets  base  order of names
 *
 * Each part begins at a multiple of 8.
 */

/** A symbol of the kernel. `type` is the letter of nm: `T` and `t` are text, capitals are global. */
export interface KernelSymbol {
  readonly name: string;
  readonly type: string;
  /** Distance from the table's base address, which is that of its lowest symbol. */
  readonly offset: number;
}

/** The table, and what it was recognized by. */
export interface Kallsyms {
  /** In the order of their addresses. */
  readonly symbols: readonly KernelSymbol[];
  /** Where in the bytes the tokens are. */
  readonly tokens: number;
}

/** Tokens of the digits: single letters that occur in names stand for themselves. */
const DIGITS = Buffer.from('0\x001\x002\x003\x004\x005\x006\x007\x008\x009\x00', 'latin1');
const TOKENS = 256;
const NAMES_IN_MARKER = 256;
const FEWEST = 1000;
const MOST = 1_000_000;
const align = (n: number): number => (n + 7) & ~7;

/** Finds the table in `bytes`, an image of the kernel from any multiple of 8 on; undefined when there is none. */
export function findKallsyms(bytes: Uint8Array): Kallsyms | undefined {
  const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = image.indexOf(DIGITS); at >= 0; at = image.indexOf(DIGITS, at + 1)) {
    const tokens = readTokens(image, at);
    if (tokens === undefined) continue;
    const names = findNames(image, tokens);
    const offsets = names === undefined ? undefined : findOffsets(image, names, tokens.end);
    if (names === undefined || offsets === undefined) continue;
    return { symbols: readNames(image, names, tokens.texts, offsets), tokens: tokens.from };
  }
  return undefined;
}

interface Tokens {
  readonly from: number;
  readonly texts: readonly string[];
  /** Behind the index. */
  readonly end: number;
}

// The index behind the tokens says where each begins, and so where the first one does.
function readTokens(image: Buffer, digits: number): Tokens | undefined {
  const zero = '0'.charCodeAt(0);
  let at = digits;
  for (let i = zero; i < TOKENS; i++) at = image.indexOf(0, at) + 1;
  const index = align(at);
  if (index + 2 * TOKENS > image.length) return undefined;
  const from = digits - image.readUInt16BE(index + 2 * zero);
  if (from < 0) return undefined;
  const texts: string[] = [];
  at = from;
  for (let i = 0; i < TOKENS; i++) {
    if (image.readUInt16BE(index + 2 * i) !== at - from) return undefined;
    const end = image.indexOf(0, at);
    texts.push(image.toString('latin1', at, end));
    at = end + 1;
  }
  return { from, texts, end: align(index + 2 * TOKENS) };
}

interface Names {
  readonly count: number;
  /** Where the count is, and the first name. */
  readonly at: number;
  readonly from: number;
}

/** Bytes of a name's length, and the length. */
function nameLength(image: Buffer, at: number): readonly [number, number] {
  const low = image[at] ?? 0;
  return low < 0x80 ? [1, low] : [2, (low & 0x7f) | ((image[at + 1] ?? 0) << 7)];
}

// The count stands in front of as many names, and behind those a marker for every 256th.
function findNames(image: Buffer, tokens: Tokens): Names | undefined {
  for (let at = (tokens.from - 16) & ~7; at >= 0; at -= 8) {
    const count = image.readUInt32BE(at);
    if (count < FEWEST || count > MOST || image.readUInt32BE(at + 4) !== 0) continue;
    if (isFollowedByNames(image, at + 8, count, tokens.from)) return { count, at, from: at + 8 };
  }
  return undefined;
}

function isFollowedByNames(image: Buffer, from: number, count: number, limit: number): boolean {
  const markers: number[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    if (i % NAMES_IN_MARKER === 0) markers.push(at - from);
    const [bytes, length] = nameLength(image, at);
    at += bytes + length;
    if (length === 0 || at > limit) return false;
  }
  const table = align(at);
  return table + 4 * markers.length <= limit && markers.every((m, i) => image.readUInt32BE(table + 4 * i) === m);
}

/** Where the offsets are: they ascend. */
function findOffsets(image: Buffer, { count, at }: Names, tokensEnd: number): number | undefined {
  return [at - 8 - align(4 * count), tokensEnd].find((from) => {
    if (from < 0 || from + 4 * count > image.length) return false;
    let last = 0;
    for (let i = 0; i < count; i++) {
      const offset = image.readUInt32BE(from + 4 * i);
      if (offset < last) return false;
      last = offset;
    }
    return last > 0;
  });
}

function readNames(image: Buffer, names: Names, tokens: readonly string[], offsets: number): KernelSymbol[] {
  const symbols: KernelSymbol[] = [];
  let at = names.from;
  for (let i = 0; i < names.count; i++) {
    const [bytes, length] = nameLength(image, at);
    let text = '';
    for (let k = at + bytes; k < at + bytes + length; k++) text += tokens[image[k] ?? 0] ?? '';
    at += bytes + length;
    symbols.push({ name: text.slice(1), type: text.slice(0, 1), offset: image.readUInt32BE(offsets + 4 * i) });
  }
  return symbols;
}
