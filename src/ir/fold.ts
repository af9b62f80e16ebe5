/**
 * Makes pure nodes in their simplest form: constants computed, conditions turned into one comparison where they can be.
 * Two nodes of one value are interchangeable, so a result may be a node that was there before.
 */

import type { Op } from '../wasm/op.ts';
import { compute } from './compute.ts';
import type { Node, RegisterIndex, Ty } from './node.ts';
import { findOperation } from './operation.ts';

/** A node without its number. */
export type Draft = Node & { id: number };

/** Numbers a draft, of which nobody else knows, and gives it its place in the order of evaluation. */
export type Make = (draft: Draft) => Node;

const UNNUMBERED = -1;
/** Constants below this are found without a bigint: register numbers, zero and one. */
const SMALL = 32;

const commutative = new Set(['add', 'mul', 'and', 'or', 'xor', 'eq', 'ne']);
const comparisons: Readonly<Record<string, string>> = {
  eq: 'ne',
  ne: 'eq',
  lt_s: 'ge_s',
  ge_s: 'lt_s',
  gt_s: 'le_s',
  le_s: 'gt_s',
  lt_u: 'ge_u',
  ge_u: 'lt_u',
  gt_u: 'le_u',
  le_u: 'gt_u',
};

function isInteger(n: Node): boolean {
  return n.ty === 'i32' || n.ty === 'i64';
}

function same(a: Node, b: Node): boolean {
  return a === b || (a.k === 'const' && b.k === 'const' && a.value === b.value && a.ty === b.ty);
}

/** Simplifies as it makes. */
export class Folder {
  readonly #make: Make;
  readonly #constants = new Map<bigint, Node>();
  /** The same, of those that are asked for most. */
  readonly #small: Node<'i32'>[] = [];
  readonly #registers: RegisterIndex[] = [];
  readonly #wide = new Map<bigint, Node>();
  readonly #booleans = new Map<Node, boolean>();

  constructor(make: Make) {
    this.#make = make;
  }

  i32(value: bigint | number): Node<'i32'> {
    if (typeof value !== 'number' || value < 0 || value >= SMALL) return this.#i32(value);
    let node = this.#small[value];
    if (node === undefined) {
      node = this.#i32(value);
      this.#small[value] = node;
    }
    return node;
  }

  #i32(value: bigint | number): Node<'i32'> {
    const v = BigInt.asIntN(32, BigInt(value));
    let node = this.#constants.get(v);
    if (node === undefined) {
      node = this.#make({ k: 'const', ty: 'i32', value: v, id: UNNUMBERED });
      this.#constants.set(v, node);
    }
    return node as Node<'i32'>;
  }

  /** A register by its number. */
  numbered(number: number): RegisterIndex {
    let index = this.#registers[number];
    if (index === undefined) {
      index = { by: 'value', index: this.i32(number), number };
      this.#registers[number] = index;
    }
    return index;
  }

  i64(value: bigint | number): Node<'i64'> {
    const v = BigInt.asIntN(64, BigInt(value));
    let node = this.#wide.get(v);
    if (node === undefined) {
      node = this.#make({ k: 'const', ty: 'i64', value: v, id: UNNUMBERED });
      this.#wide.set(v, node);
    }
    return node as Node<'i64'>;
  }

  // True for an i32 node that is 0 or 1. What has operands is looked at once: they are shared.
  #isBoolean(n: Node): boolean {
    if (n.ty !== 'i32') return false;
    if (n.k === 'const') return n.value === 0n || n.value === 1n;
    if (n.k === 'un') return n.op === 'eqz';
    if (n.k !== 'bin' && n.k !== 'select') return false;
    let known = this.#booleans.get(n);
    if (known === undefined) {
      known = n.k === 'bin' ? this.#isBooleanOf(n) : this.#isBoolean(n.a) && this.#isBoolean(n.b);
      this.#booleans.set(n, known);
    }
    return known;
  }

  #isBooleanOf(n: Node & { readonly k: 'bin' }): boolean {
    if (n.op in comparisons || n.a.ty === 'f32' || n.a.ty === 'f64') return true;
    if (n.op === 'and') return this.#isBoolean(n.a) || this.#isBoolean(n.b);
    return (n.op === 'or' || n.op === 'xor') && this.#isBoolean(n.a) && this.#isBoolean(n.b);
  }

  #constant(ty: Ty, value: bigint): Node {
    return ty === 'i32' ? this.i32(value) : this.i64(value);
  }

  un(ty: Ty, op: string, a: Node): Node {
    if (a.k === 'const' && (ty === 'i32' || ty === 'i64')) {
      const name = findOperation(op === 'eqz' ? a.ty : ty, op);
      const value = name === undefined ? undefined : constant(name, [unsigned(a)]);
      if (value !== undefined) return this.#constant(ty, value);
    }
    if (op === 'eqz' && this.#isBoolean(a)) return this.not(a);
    if (op === 'wrap_i64' && a.k === 'un' && (a.op === 'extend_i32_u' || a.op === 'extend_i32_s')) return a.a;
    return this.#make({ k: 'un', ty, op, a, id: UNNUMBERED });
  }

  bin(ty: Ty, op: string, a: Node, b: Node): Node {
    if (a.k === 'const' && b.k === 'const' && (ty === 'i32' || ty === 'i64')) {
      const name = findOperation(a.ty, op);
      const value = name === undefined ? undefined : constant(name, [unsigned(a), unsigned(b)]);
      if (value !== undefined) return this.#constant(ty, value);
    }
    if (a.k === 'const' && b.k !== 'const' && commutative.has(op)) return this.bin(ty, op, b, a);
    if (b.k === 'const') {
      const simpler = this.#withConstant(ty, op, a, b, b.value);
      if (simpler !== undefined) return simpler;
    }
    if (op === 'and' && this.#isBoolean(a) && this.#isBoolean(b) && same(a, b)) return a;
    return this.#make({ k: 'bin', ty, op, a, b, id: UNNUMBERED });
  }

  #withConstant(ty: Ty, op: string, a: Node, b: Node, value: bigint): Node | undefined {
    if (!isInteger(a)) return undefined;
    const zero = value === 0n;
    switch (op) {
      case 'add':
        if (zero) return a;
        if (a.k === 'bin' && a.op === 'add' && a.b.k === 'const')
          return this.bin(ty, 'add', a.a, this.#constant(ty, a.b.value + value));
        return undefined;
      case 'sub':
        if (zero) return a;
        return this.bin(ty, 'add', a, this.#constant(ty, -value));
      case 'or':
      case 'xor':
        if (zero) return a;
        if (op === 'xor' && value === 1n && this.#isBoolean(a)) return this.not(a);
        return op === 'or' && value === -1n ? b : undefined;
      case 'shr_u':
        if (value === 1n) return this.#upperBit(a);
        return (value & (ty === 'i64' ? 63n : 31n)) === 0n ? a : undefined;
      case 'shl':
      case 'shr_s':
      case 'rotl':
        return (value & (ty === 'i64' ? 63n : 31n)) === 0n ? a : undefined;
      case 'and':
        if (zero) return b;
        if (value === -1n) return a;
        if (value === 1n && this.#isBoolean(a)) return a;
        return value === 1n ? this.#lowBit(a) : undefined;
      case 'mul':
        return zero ? b : value === 1n ? a : undefined;
      case 'ne':
        return zero && this.#isBoolean(a) ? a : undefined;
      case 'eq':
        return zero ? (this.#isBoolean(a) ? this.not(a) : this.un('i32', 'eqz', a)) : undefined;
      default:
        return undefined;
    }
  }

  // mask >> 3 - value & 1 with a constant mask: is the value, 0 to 3, among those that the mask names?
  #lowBit(a: Node): Node | undefined {
    if (a.k !== 'bin' || a.op !== 'shr_u' || a.ty !== 'i32' || a.a.k !== 'const') return undefined;
    const by = a.b;
    if (by.k !== 'bin' || by.op !== 'sub' || by.a.k !== 'const' || by.a.value !== 3n) return undefined;
    return this.among(Number(a.a.value) & 15, by.b);
  }

  /** 1 when the value is among those that the mask names, 8 for value 0 down to 1 for value 3; undefined if that is no simpler. */
  among(mask: number, value: Node): Node | undefined {
    if (mask === 15) return this.i32(1);
    if (mask === 0) return this.i32(0);
    const has = (v: number): boolean => ((mask >> (3 - v)) & 1) !== 0;
    if (value.k === 'const') return this.i32(has(Number(value.value)) ? 1 : 0);
    if (this.#isBoolean(value)) return this.#choose(value, has(1), has(0));
    if (value.k === 'select') {
      const [a, b] = [this.among(mask, value.a), this.among(mask, value.b)];
      return a === undefined || b === undefined ? undefined : this.select(value.cond, a, b);
    }
    if (value.k !== 'bin') return undefined;
    if (value.op === 'shl' && value.b.k === 'const' && value.b.value === 1n && this.#isBoolean(value.a))
      return this.#choose(value.a, has(2), has(0));
    if (value.op === 'sub' && value.a.k === 'const' && this.#isBoolean(value.b)) {
      const base = Number(value.a.value);
      if (base >= 1 && base <= 3) return this.#choose(value.b, has(base - 1), has(base));
    }
    if (value.op === 'add' && value.b.k === 'const' && this.#isBoolean(value.a)) {
      const base = Number(value.b.value);
      if (base >= 0 && base <= 2) return this.#choose(value.a, has(base + 1), has(base));
    }
    if (value.op !== 'or') return undefined;
    const high = value.a;
    if (high.k !== 'bin' || high.op !== 'shl' || high.b.k !== 'const' || high.b.value !== 1n) return undefined;
    if (!this.#isBoolean(high.a) || !this.#isBoolean(value.b)) return undefined;
    return this.#pair(high.a, value.b, has);
  }

  // The value is two bits: `p` and `q`.
  #pair(p: Node<Ty>, q: Node, has: (v: number) => boolean): Node | undefined {
    const compared = threeWay(p, q);
    if (compared !== undefined) {
      const op = compared.operation(has(0), has(1), has(2));
      if (typeof op === 'boolean') return this.i32(op ? 1 : 0);
      return this.bin('i32', op, compared.a, compared.b);
    }
    if (has(0) === has(2) && has(1) === has(3)) return this.#choose(q, has(1), has(0));
    if (has(0) === has(1) && has(2) === has(3)) return this.#choose(p, has(2), has(0));
    return this.select(p, this.#choose(q, has(3), has(2)), this.#choose(q, has(1), has(0)));
  }

  // Of two bits put together, p << 1 | q, the upper one: a condition code's carry.
  #upperBit(n: Node): Node | undefined {
    if (n.k !== 'bin' || n.op !== 'or' || !this.#isBoolean(n.b)) return undefined;
    const { a } = n;
    const shifted = a.k === 'bin' && a.op === 'shl' && a.b.k === 'const' && a.b.value === 1n;
    return shifted && this.#isBoolean(a.a) ? a.a : undefined;
  }

  #choose(cond: Node, whenTrue: boolean, whenFalse: boolean): Node {
    if (whenTrue === whenFalse) return this.i32(whenTrue ? 1 : 0);
    return whenTrue ? cond : this.not(cond);
  }

  /** The contrary of a boolean. */
  not(a: Node): Node {
    if (a.k === 'const') return this.i32(a.value === 0n ? 1 : 0);
    if (a.k === 'bin' && isInteger(a.a)) {
      const contrary = comparisons[a.op];
      if (contrary !== undefined) return this.bin('i32', contrary, a.a, a.b);
    }
    if (a.k === 'un' && a.op === 'eqz') {
      if (this.#isBoolean(a.a)) return a.a;
      return this.bin('i32', 'ne', a.a, this.#constant(a.a.ty, 0n));
    }
    return this.#make({ k: 'un', ty: 'i32', op: 'eqz', a, id: UNNUMBERED });
  }

  select(cond: Node, a: Node, b: Node): Node {
    if (cond.k === 'const') return cond.value !== 0n ? a : b;
    if (same(a, b)) return a;
    if (this.#isBoolean(a) && this.#isBoolean(b) && this.#isBoolean(cond)) {
      if (a.k === 'const' && b.k === 'const') return a.value !== 0n ? cond : this.not(cond);
      if (b.k === 'const' && b.value === 0n) return this.bin('i32', 'and', cond, a);
      if (a.k === 'const' && a.value === 1n) return this.bin('i32', 'or', cond, b);
      if (a.k === 'const') return this.bin('i32', 'and', this.not(cond), b);
      if (b.k === 'const') return this.bin('i32', 'or', this.not(cond), a);
    }
    return this.#make({ k: 'select', ty: a.ty, cond: cond as Node<'i32'>, a, b, id: UNNUMBERED });
  }
}

interface ThreeWay {
  readonly a: Node;
  readonly b: Node;
  operation(equal: boolean, low: boolean, high: boolean): string | boolean;
}

// High is `a > b` and low `a < b` of the same operands.
function threeWay(p: Node, q: Node): ThreeWay | undefined {
  if (p.k !== 'bin' || q.k !== 'bin' || !same(p.a, q.a) || !same(p.b, q.b)) return undefined;
  const sign = p.op === 'gt_s' && q.op === 'lt_s' ? 's' : p.op === 'gt_u' && q.op === 'lt_u' ? 'u' : undefined;
  if (sign === undefined) return undefined;
  const names: Readonly<Record<number, string | boolean>> = {
    0: false,
    1: `gt_${sign}`,
    2: `lt_${sign}`,
    3: 'ne',
    4: 'eq',
    5: `ge_${sign}`,
    6: `le_${sign}`,
    7: true,
  };
  return { a: p.a, b: p.b, operation: (e, l, h) => names[(e ? 4 : 0) | (l ? 2 : 0) | (h ? 1 : 0)] ?? false };
}

function unsigned(n: Node & { readonly k: 'const' }): bigint {
  return BigInt.asUintN(n.ty === 'i32' ? 32 : 64, n.value);
}

// Undefined where WebAssembly would trap.
function constant(op: Op, args: readonly bigint[]): bigint | undefined {
  try {
    return compute(op, args);
  } catch {
    return undefined;
  }
}
