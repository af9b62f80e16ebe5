import type { Node } from '../../ir/node.ts';

/** Numbers from the one to the other, both of them included. */
export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

/** Nothing but 0. */
export const ZERO: Interval = { low: 0n, high: 0n };

/** Nothing but a number. */
export function point(value: bigint): Interval {
  return { low: value, high: value };
}

/** Sums of numbers of two intervals. */
export function plus(a: Interval, b: Interval): Interval {
  return { low: a.low + b.low, high: a.high + b.high };
}

/** What holds two intervals. */
export function span(a: Interval, b: Interval): Interval {
  return { low: a.low < b.low ? a.low : b.low, high: a.high > b.high ? a.high : b.high };
}

/** Results beyond are not looked at: below, no operation of either width overflows, nor is any number negative. */
const MOST = 0x7fff_ffffn;
/** Operations that are gone into. */
const DEEPEST = 8;

/**
 * Bounds of a value, as an unsigned number; undefined where no useful ones are known. `held` says what was in a register when it was
 * read.
 */
export function rangeOf(n: Node, held: ReadonlyMap<Node, Node>, depth = DEEPEST): Interval | undefined {
  if (depth === 0) return undefined;
  const of = (a: Node): Interval | undefined => rangeOf(a, held, depth - 1);
  switch (n.k) {
    case 'const':
      return within(point(n.value));
    case 'fetch':
    case 'hostLoad':
      return n.signed || n.width > 16 ? undefined : { low: 0n, high: (1n << BigInt(n.width)) - 1n };
    case 'reg': {
      const value = n.part.bytes === 8 ? held.get(n) : undefined;
      return value === undefined ? undefined : of(value);
    }
    case 'select': {
      const [a, b] = [of(n.a), of(n.b)];
      return a === undefined || b === undefined ? undefined : span(a, b);
    }
    case 'un':
      // None of them changes a number that is small enough.
      return n.op === 'extend_i32_u' || n.op === 'extend_i32_s' || n.op === 'wrap_i64' ? of(n.a) : undefined;
    case 'bin':
      return n.a.ty === n.ty ? within(ofTwo(n.op, of(n.a), of(n.b), n.ty === 'i64' ? 64n : 32n)) : undefined;
    default:
      return undefined;
  }
}

function within(range: Interval | undefined): Interval | undefined {
  return range === undefined || range.low < 0n || range.high > MOST ? undefined : range;
}

function ofTwo(op: string, a: Interval | undefined, b: Interval | undefined, width: bigint): Interval | undefined {
  const by = b !== undefined && b.low === b.high && b.low < width ? b.low : undefined;
  if (op === 'and') {
    if (a === undefined || b === undefined)
      return a === undefined && b === undefined ? undefined : upTo((a ?? b)?.high);
    return upTo(a.high < b.high ? a.high : b.high);
  }
  if (op === 'shr_u' && by !== undefined)
    return a === undefined ? upTo((1n << (width - by)) - 1n) : { low: a.low >> by, high: a.high >> by };
  if (op === 'rem_u' && by !== undefined && by > 0n) return upTo(by - 1n);
  if (a === undefined || b === undefined) return undefined;
  switch (op) {
    case 'add':
      return plus(a, b);
    case 'mul':
      return { low: a.low * b.low, high: a.high * b.high };
    case 'shl':
      return by === undefined ? undefined : { low: a.low << by, high: a.high << by };
    case 'or':
    case 'xor':
      return upTo((1n << BigInt((a.high > b.high ? a.high : b.high).toString(2).length)) - 1n);
    default:
      return undefined;
  }
}

function upTo(high: bigint | undefined): Interval | undefined {
  return high === undefined ? undefined : { low: 0n, high };
}
