/**
 * Evaluates a body directly, value by value: the meaning of the IR that the engines are tested against. Slow, and nothing
 * is clever here. Every value is the unsigned bigint of its bits.
 */

import { laneCount, operationOf } from './check.ts';
import { compute, fromNumber, lanes, vector } from './compute.ts';
import type { Field } from './field.ts';
import type { Address, Helper, Node, RegisterIndex, RegisterPart, Slot, Space, Stmt, Width } from './node.ts';
import type { Body } from './recorder.ts';

/** The machine that a body is evaluated on. Whatever faults leaves by an exception of the machine's own. */
export interface Machine {
  /** The value of an operand field, negative when it is signed and negative. */
  field(field: Field): bigint;
  readRegister(part: RegisterPart, number: number): bigint;
  writeRegister(part: RegisterPart, number: number, value: bigint): void;
  readState(slot: Slot): bigint;
  writeState(slot: Slot, value: bigint): void;
  /** The number at an address, zero extended. */
  fetch(address: bigint, width: Width, space: Space): bigint;
  store(address: bigint, width: Width, space: Space, value: bigint): void;
  /**
   * Calls a helper; i32 arguments are signed numbers, i64 ones signed bigints. `next` is the address of the next
   * instruction as known so far, and what it is afterwards comes back.
   */
  call(
    helper: Helper,
    args: readonly (number | bigint)[],
    next: bigint,
  ): { readonly result: number | bigint | void; readonly next: bigint };
  trap(code: number): never;
  /** Does the instruction decoded at `entry` and gives the address of the next one. */
  dispatch(entry: number): bigint;
}

/** Rounds of a loop after which it is taken to be endless. */
const MAX_ROUNDS = 1_000_000;

/** Does a body once for the instruction at `ia`, `length` bytes long, and gives the address of the next instruction. */
export function evaluate(body: Body, machine: Machine, ia: bigint, length: number): bigint {
  const evaluation = new Evaluation(body, machine, ia, BigInt.asUintN(64, ia + BigInt(length)));
  evaluation.block(body.statements);
  return evaluation.next;
}

class Evaluation {
  next: bigint;
  readonly #machine: Machine;
  readonly #ia: bigint;
  readonly #sequential: bigint;
  readonly #values: (bigint | Error | undefined)[];
  readonly #variables: (bigint | undefined)[];

  constructor(body: Body, machine: Machine, ia: bigint, sequential: bigint) {
    this.#machine = machine;
    this.#ia = ia;
    this.#sequential = sequential;
    this.next = sequential;
    this.#values = new Array<bigint | Error | undefined>(body.nodes).fill(undefined);
    this.#variables = new Array<bigint | undefined>(body.variables.length).fill(undefined);
  }

  block(statements: readonly Stmt[]): void {
    for (const s of statements) this.#statement(s);
  }

  #statement(s: Stmt): void {
    const machine = this.#machine;
    switch (s.s) {
      case 'let':
        this.#let(s.node);
        break;
      case 'setReg': {
        const number = this.#registerNumber(s.index);
        machine.writeRegister(s.part, number, BigInt.asUintN(s.part.bytes * 8, this.#value(s.value)));
        break;
      }
      case 'setState':
        machine.writeState(s.slot, this.#value(s.value));
        break;
      case 'store':
        machine.store(
          this.#value(s.address.at),
          s.width,
          s.address.space,
          BigInt.asUintN(s.width, this.#value(s.value)),
        );
        break;
      case 'hostStore':
      case 'hostCopy':
      case 'hostFill':
        throw new Error(`${s.s} behind a probe that gave no pointer`);
      case 'call':
        this.#call(s.helper, s.args);
        break;
      case 'set':
        this.#variables[s.variable.id] = this.#value(s.value);
        break;
      case 'if':
        this.block(this.#value(s.cond) !== 0n ? s.whenTrue : s.whenFalse);
        break;
      case 'loop':
        this.#loop(s.body, s.again);
        break;
      case 'branch':
        this.next = this.#value(s.target);
        break;
      case 'trap':
        machine.trap(Number(this.#value(s.code)));
        break;
      case 'dispatch':
        this.next = machine.dispatch(Number(this.#value(s.entry)));
        break;
    }
  }

  #loop(body: readonly Stmt[], again: Node): void {
    let rounds = 0;
    do {
      if (rounds++ === MAX_ROUNDS) throw new Error('a loop does not end');
      this.block(body);
    } while (this.#value(again) !== 0n);
  }

  // An operation that traps does so where its value is used, if it is used at all.
  #let(node: Node): void {
    if (node.k !== 'un' && node.k !== 'bin') {
      this.#values[node.id] = this.#compute(node);
      return;
    }
    try {
      this.#values[node.id] = this.#compute(node);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#values[node.id] = error;
    }
  }

  #value(node: Node): bigint {
    if (node.k === 'const' || node.k === 'field') return this.#compute(node);
    const value = this.#values[node.id];
    if (typeof value === 'bigint') return value;
    throw value ?? new Error(`node ${node.id} (${node.k}) has no value`);
  }

  #compute(n: Node): bigint {
    switch (n.k) {
      case 'const':
        return unsigned(n.ty, n.value);
      case 'float':
        return fromNumber(n.value, n.ty === 'f64' ? 64 : 32);
      case 'field':
        return unsigned(n.ty, this.#machine.field(n.field));
      case 'ia':
        return this.#ia;
      case 'next':
        return this.#sequential;
      case 'un':
        return this.#operation(n, [n.a]);
      case 'bin':
        return this.#operation(n, [n.a, n.b]);
      case 'select':
        return this.#value(this.#value(n.cond) !== 0n ? n.a : n.b);
      case 'lane':
        return this.#lane(n);
      case 'reg':
        return this.#machine.readRegister(n.part, this.#registerNumber(n.index));
      case 'state':
        return this.#machine.readState(n.slot);
      case 'fetch':
        return this.#fetch(n.address, n.width, n.signed, n.ty);
      case 'room':
      case 'probe':
        // No pointer, ever: the body then does it the long way, which is what the quick way is tested against.
        return 0n;
      case 'fuses':
        return 0n;
      case 'fused':
        throw new Error('fused where that is not to be used');
      case 'hostLoad':
        throw new Error('hostLoad behind a probe that gave no pointer');
      case 'call':
        return unsigned(n.ty, BigInt(this.#call(n.helper, n.args) ?? 0));
      case 'get':
        return this.#variables[n.variable.id] ?? 0n;
    }
  }

  #operation(n: Node & { readonly k: 'un' | 'bin' }, args: readonly Node[]): bigint {
    const op = operationOf(n);
    if (op === undefined) throw new Error(`${n.op} is not an operation`);
    return compute(
      op,
      args.map((a) => this.#value(a)),
    );
  }

  #lane(n: Node & { readonly k: 'lane' }): bigint {
    const bits = 128 / laneCount(n.op);
    const [all, value] = n.args.map((a) => this.#value(a));
    const parts = lanes(all ?? 0n, bits);
    if (value !== undefined) return vector(parts.with(n.lane, value), bits);
    const part = parts[n.lane] ?? 0n;
    return unsigned(n.ty, n.op.endsWith('_s') ? BigInt.asIntN(bits, part) : part);
  }

  #fetch(address: Address, width: Width, signed: boolean, ty: string): bigint {
    const value = this.#machine.fetch(this.#value(address.at), width, address.space);
    return signed ? unsigned(ty, BigInt.asIntN(width, value)) : value;
  }

  #registerNumber(index: RegisterIndex): number {
    if (index.by === 'field') return Number(this.#machine.field(index.field)) + index.delta;
    return Number(BigInt.asIntN(32, this.#value(index.index)));
  }

  #call(helper: Helper, args: readonly Node[]): number | bigint | void {
    const values = args.map((a) => {
      const value = this.#value(a);
      return a.ty === 'i64' ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value));
    });
    const { result, next } = this.#machine.call(helper, values, this.next);
    this.next = next;
    return result;
  }
}

function unsigned(ty: string, value: bigint): bigint {
  return BigInt.asUintN(ty === 'v128' ? 128 : ty.endsWith('32') ? 32 : 64, value);
}
