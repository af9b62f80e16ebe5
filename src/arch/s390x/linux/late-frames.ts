import { hasMovingFrame } from './code-frames.ts';
import type { GuestSymbol } from './kernel-elf.ts';
import type { CodeRange } from './kernel-frames.ts';

/** Functions are shorter. */
const MOST_BYTES = 0x8000;
const STACK = 15;
/** Where a function of -mpacked-stack keeps the way back to its caller's frame. */
const BACK_CHAIN = 152;

/** Formats of branches: where their distance stands, and how many bits it has. */
const near = { at: 2, bits: 16 } as const;
const far = { at: 2, bits: 32 } as const;
/** Last bytes of the compares and branches of EC: those by an address in bytes 2 and 3. */
const COMPARES: ReadonlySet<number> = new Set([0x44, 0x45, 0x64, 0x65, 0x76, 0x77, 0x7c, 0x7d, 0x7e, 0x7f]);

/** Where an instruction leads. */
interface Way {
  /** Byte offset of the other place, from the instruction. */
  readonly to: number | undefined;
  /** It may go on with the next instruction. */
  readonly falls: boolean;
}

const next: Way = { to: undefined, falls: true };
const nowhere: Way = { to: undefined, falls: false };

function wayOf(code: Uint8Array, at: number): Way {
  const [op, second, last] = [code[at] ?? 0, code[at + 1] ?? 0, code[at + 5] ?? 0];
  const third = second & 15;
  switch (op) {
    // BCR: to a caller, or by a table; never taken without a register or a mask.
    case 0x07:
      return second >> 4 === 15 && third !== 0 ? nowhere : next;
    case 0x47:
      return second >> 4 === 15 ? nowhere : next;
    case 0xa7:
    case 0xc0: {
      const { at: distanceAt, bits } = op === 0xa7 ? near : far;
      if (third === 4) return second >> 4 === 0 ? next : branch(code, at, distanceAt, bits, second >> 4 !== 15);
      return op === 0xa7 && (third === 6 || third === 7) ? branch(code, at, distanceAt, bits, true) : next;
    }
    case 0x84:
    case 0x85:
      return branch(code, at, near.at, near.bits, true);
    case 0xcc:
      return third === 6 ? branch(code, at, far.at, far.bits, true) : next;
    case 0xec:
      return COMPARES.has(last) ? branch(code, at, near.at, near.bits, true) : next;
    default:
      return next;
  }
}

function branch(code: Uint8Array, at: number, distanceAt: number, bits: 16 | 32, falls: boolean): Way {
  if (at + distanceAt + bits / 8 > code.length) return nowhere;
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const halfwords = bits === 16 ? view.getInt16(at + distanceAt) : view.getInt32(at + distanceAt);
  return { to: 2 * halfwords, falls };
}

function bytesAt(code: Uint8Array, at: number): number {
  const first = code[at] ?? 0;
  return first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
}

/** STMG or LMG of registers up to 15: the first of them, else -1. */
function moves(code: Uint8Array, at: number, which: 0x24 | 0x04): number {
  const registers = code[at + 1] ?? 0;
  return code[at] === 0xeb && code[at + 5] === which && (registers & 15) === STACK ? registers >> 4 : -1;
}

/** STG of some register to where the way back is. */
function chains(code: Uint8Array, at: number): boolean {
  if (code[at] !== 0xe3 || code[at + 5] !== 0x24 || ((code[at + 1] ?? 0) & 15) !== 0) return false;
  const [high, low, upper] = [code[at + 2] ?? 0, code[at + 3] ?? 0, code[at + 4] ?? 0];
  return high >> 4 === STACK && (((high & 15) << 8) | low) === BACK_CHAIN && upper === 0;
}

/**
 * The bodies of functions that look at their arguments first and make their frame only where they need one: a debugger that
 * reads their first instructions finds none. The body is what can be reached from where the frame is chained to the caller's,
 * up to where the caller's registers are loaded.
 */
export function lateFrames(
  symbols: readonly GuestSymbol[],
  read: (address: bigint, length: number) => Uint8Array,
): readonly CodeRange[] {
  const ranges: CodeRange[] = [];
  for (const [i, { address, text }] of symbols.entries()) {
    const behind = symbols[i + 1]?.address ?? address;
    if (!text || behind === address || behind - address > BigInt(MOST_BYTES)) continue;
    const code = read(address, Number(behind - address));
    const found = hasMovingFrame(code) ? undefined : lateFrame(code);
    if (found === undefined) continue;
    for (const [from, to] of stretches(code, bodyFrom(code, found.body))) {
      ranges.push({ from: address + BigInt(from), to: address + BigInt(to), way: 'chained', first: found.first });
    }
  }
  return ranges;
}

/** Where the body of a function begins whose frame comes behind a branch. */
function lateFrame(code: Uint8Array): { readonly first: number; readonly body: number } | undefined {
  let branched = false;
  let first = -1;
  for (let at = 0; at < code.length; at += bytesAt(code, at)) {
    if (first >= 0 && chains(code, at)) return { first, body: at + bytesAt(code, at) };
    if (first >= 0) continue;
    first = moves(code, at, 0x24);
    if (first >= 0 && !branched) return undefined;
    const { to, falls } = wayOf(code, at);
    // A jump to itself is what tracers patch.
    if ((to !== undefined && to !== 0) || !falls) branched = true;
  }
  return undefined;
}

function bodyFrom(code: Uint8Array, from: number): ReadonlySet<number> {
  const body = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at < 0 || at >= code.length || body.has(at)) continue;
    body.add(at);
    if (moves(code, at, 0x04) >= 0) continue;
    const { to, falls } = wayOf(code, at);
    if (falls) open.push(at + bytesAt(code, at));
    if (to !== undefined) open.push(at + to);
  }
  return body;
}

/** A set of instructions as pieces of code, in which a call and its return address are together. */
function* stretches(code: Uint8Array, body: ReadonlySet<number>): Iterable<readonly [from: number, to: number]> {
  let from: number | undefined;
  let to = 0;
  for (const at of [...body].sort((a, b) => a - b)) {
    if (from !== undefined && at !== to) {
      yield [from, to];
      from = undefined;
    }
    from ??= at;
    to = at + bytesAt(code, at);
  }
  if (from !== undefined) yield [from, to];
}
