/**
 * What a recorded body must hold before an engine may believe it: types fit, every value is evaluated before it is used
 * and on every way there, variables and fields are its own, and no operand field is forgotten.
 */

import { type Op, ops } from '../wasm/op.ts';
import { type LaneOp, laneOps } from '../wasm/op-vector.ts';
import type { Field } from './field.ts';
import type { Address, Helper, Node, RegisterIndex, RegisterPart, Stmt, Ty, Variable, Width } from './node.ts';
import type { Body } from './recorder.ts';

/** What the row says of the operand fields that its body may use. */
export interface CheckedOperands {
  /** The fields of the row's format. */
  readonly fields: readonly Field[];
  /** Names of fields that the instruction does not look at. */
  readonly ignores?: readonly string[] | undefined;
}

/** Throws an error that begins with `name` (the row's) and says what is wrong with a body. */
export function checkBody(name: string, body: Body, operands: CheckedOperands): void {
  const checker = new Checker(name, body, operands.fields);
  checker.block(body.statements);
  checker.unusedOperands(operands.ignores ?? []);
}

const letters: Readonly<Record<string, Ty>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128' };

function isOp(name: string): name is Op {
  return Object.hasOwn(ops, name);
}

/** WebAssembly's name of a unary or binary node's operation, undefined when there is no such operation. */
export function operationOf(node: Node & { readonly k: 'un' | 'bin' }): Op | undefined {
  const prefix = node.k === 'un' && node.op !== 'eqz' ? node.ty : node.a.ty;
  const name = node.op.includes('.') ? node.op : `${prefix}.${node.op}`;
  return isOp(name) ? name : undefined;
}

/** Lanes of a vector shape, such as 4 for `i32x4.extract_lane`. */
export function laneCount(op: LaneOp): number {
  return Number(op.slice(op.indexOf('x') + 1, op.indexOf('.')));
}

const accessTypes: Readonly<Record<Width, readonly Ty[]>> = {
  8: ['i32', 'i64'],
  16: ['i32', 'i64'],
  32: ['i32', 'i64'],
  64: ['i64'],
  128: ['v128'],
};

class Checker {
  readonly #name: string;
  readonly #body: Body;
  readonly #fields: ReadonlySet<Field>;
  readonly #used = new Set<Field>();
  /** By id: the node, while it is known to have been evaluated. */
  readonly #known: (Node | undefined)[];
  /** By id: true while the variable is known to have a value. */
  readonly #set: boolean[];

  constructor(name: string, body: Body, fields: readonly Field[]) {
    this.#name = name;
    this.#body = body;
    this.#fields = new Set(fields);
    this.#known = new Array<Node | undefined>(body.nodes).fill(undefined);
    this.#set = new Array<boolean>(body.variables.length).fill(false);
  }

  block(statements: readonly Stmt[], after?: () => void): void {
    const nodes: number[] = [];
    const variables: number[] = [];
    for (const s of statements) {
      this.#statement(s);
      if (s.s === 'let') {
        this.#known[s.node.id] = s.node;
        nodes.push(s.node.id);
      } else if (s.s === 'set' && this.#set[s.variable.id] === false) {
        this.#set[s.variable.id] = true;
        variables.push(s.variable.id);
      }
    }
    after?.();
    // What a block evaluated is not known behind it: it may not have been done.
    for (const id of nodes) this.#known[id] = undefined;
    for (const id of variables) this.#set[id] = false;
  }

  /** Throws when a field of the format is neither used nor ignored, or both. */
  unusedOperands(ignores: readonly string[]): void {
    for (const name of ignores) {
      if (![...this.#fields].some((f) => f.name === name))
        this.#fail(`ignores ${name}, which its format does not have`);
    }
    for (const field of this.#fields) {
      const ignored = ignores.includes(field.name);
      if (this.#used.has(field)) {
        if (ignored) this.#fail(`operand ${field.name} is used and listed in \`ignores\``);
      } else if (!ignored) {
        this.#fail(
          `operand ${field.name} is not used; a field that the manual ignores goes into \`ignores\` of the row`,
        );
      }
    }
  }

  #fail(what: string): never {
    throw new Error(`${this.#name}: ${what}`);
  }

  #statement(s: Stmt): void {
    switch (s.s) {
      case 'let':
        this.#node(s.node);
        break;
      case 'setReg':
        this.#register(s.part, s.index);
        this.#value(s.value, s.part.ty, `the value of ${s.part.file.name}.${s.part.name}`);
        break;
      case 'setState':
        this.#value(s.value, s.slot.ty, `the value of ${s.slot.name}`);
        break;
      case 'store':
        this.#address(s.address);
        this.#access(s.value.ty, s.width, 'store');
        this.#use(s.value);
        break;
      case 'hostStore':
        this.#value(s.pointer, 'i32', 'a host pointer');
        this.#access(s.value.ty, s.width, 'hostStore');
        this.#use(s.value);
        break;
      case 'hostCopy':
        for (const n of [s.to, s.from, s.length]) this.#value(n, 'i32', 'an operand of hostCopy');
        break;
      case 'hostFill':
        for (const n of [s.to, s.byte, s.length]) this.#value(n, 'i32', 'an operand of hostFill');
        break;
      case 'call':
        this.#call(s.helper, s.args);
        break;
      case 'set':
        this.#variable(s.variable);
        this.#value(s.value, s.variable.ty, 'the value of a variable');
        break;
      case 'if':
        this.#value(s.cond, 'i32', 'a condition');
        this.block(s.whenTrue);
        this.block(s.whenFalse);
        break;
      case 'loop':
        this.block(s.body, () => this.#value(s.again, 'i32', "a loop's condition"));
        break;
      case 'branch':
        this.#value(s.target, 'i64', 'a branch target');
        break;
      case 'trap':
        this.#value(s.code, 'i32', 'an interruption code');
        break;
      case 'dispatch':
        this.#value(s.entry, 'i32', 'a decode-cache entry');
        break;
    }
  }

  #node(n: Node): void {
    switch (n.k) {
      case 'const':
        return this.#constant(n);
      case 'float':
        if (n.ty !== 'f32' && n.ty !== 'f64') this.#fail(`a floating-point constant is ${n.ty}`);
        break;
      case 'field':
        this.#field(n.field);
        if (n.ty !== (n.field.bytes === 8 ? 'i64' : 'i32')) this.#fail(`operand ${n.field.name} is read as ${n.ty}`);
        break;
      case 'ia':
      case 'next':
      case 'room':
      case 'fuses':
        if (n.ty !== (n.k === 'ia' || n.k === 'next' ? 'i64' : 'i32')) this.#fail(`${n.k} is ${n.ty}`);
        break;
      case 'un':
        this.#operation(n, operationOf(n) ?? this.#fail(`${n.op} of ${n.a.ty} to ${n.ty} does not exist`), [n.a]);
        break;
      case 'bin':
        this.#operation(n, operationOf(n) ?? this.#fail(`${n.op} on ${n.a.ty} does not exist`), [n.a, n.b]);
        break;
      case 'select':
        this.#value(n.cond, 'i32', 'the condition of select');
        for (const a of [n.a, n.b]) this.#value(a, n.ty, 'an operand of select');
        break;
      case 'fused':
        return n.args.forEach((a) => this.#value(a, 'v128', 'an operand of fused'));
      case 'lane':
        if (!(n.lane >= 0 && n.lane < laneCount(n.op))) this.#fail(`${n.op} has no lane ${n.lane}`);
        this.#signature(n, n.op, laneOps[n.op][1], n.args);
        break;
      case 'reg':
        this.#register(n.part, n.index);
        if (n.ty !== n.part.ty) this.#fail(`${n.part.file.name}.${n.part.name} is read as ${n.ty}`);
        break;
      case 'state':
        if (n.ty !== n.slot.ty) this.#fail(`${n.slot.name} is read as ${n.ty}`);
        break;
      case 'fetch':
        this.#address(n.address);
        return this.#access(n.ty, n.width, 'fetch');
      case 'probe':
        this.#address(n.address);
        return this.#value(n.length, 'i32', 'the length of a probe');
      case 'hostLoad':
        this.#value(n.pointer, 'i32', 'a host pointer');
        return this.#access(n.ty, n.width, 'hostLoad');
      case 'call':
        this.#call(n.helper, n.args);
        if (n.ty !== n.helper.result) this.#fail(`${n.helper.name} gives ${n.helper.result ?? 'nothing'}, not ${n.ty}`);
        break;
      case 'get':
        this.#variable(n.variable);
        if (n.ty !== n.variable.ty) this.#fail(`a variable of ${n.variable.ty} is read as ${n.ty}`);
        if (this.#set[n.variable.id] !== true)
          this.#fail(`variable ${n.variable.id} may have no value where it is read`);
        break;
    }
  }

  /** A constant or a field is written out at each use and has no `let`; all else must have been evaluated on every way. */
  #use(n: Node): void {
    const known = this.#known[n.id];
    if (known === n) return;
    if (known !== undefined || n.id >= this.#body.nodes) this.#fail(`node ${n.id} (${n.k}) belongs to another body`);
    if (n.k !== 'const' && n.k !== 'field')
      this.#fail(`node ${n.id} (${n.k}) is used where it may not have been evaluated`);
    this.#node(n);
    this.#known[n.id] = n;
  }

  #value(n: Node, ty: Ty, what: string): void {
    if (n.ty !== ty) this.#fail(`${what} is ${n.ty}, not ${ty}`);
    this.#use(n);
  }

  #constant(n: Node & { readonly k: 'const' }): void {
    const bits = n.ty === 'i32' ? 32 : n.ty === 'i64' ? 64 : this.#fail(`an integer constant is ${n.ty}`);
    if (BigInt.asIntN(bits, n.value) !== n.value) this.#fail(`constant ${n.value} is not a signed ${n.ty}`);
  }

  #operation(n: Node, op: Op, args: readonly Node[]): void {
    this.#signature(n, op, ops[op][1], args);
  }

  #signature(n: Node, op: string, signature: string, args: readonly Node[]): void {
    const colon = signature.indexOf(':');
    if (colon !== args.length) this.#fail(`${op} takes ${colon} operands, not ${args.length}`);
    args.forEach((a, i) => {
      const ty = letters[signature.charAt(i)];
      if (a.ty !== ty) this.#fail(`operand ${i} of ${op} is ${a.ty}, not ${ty ?? 'known'}`);
      this.#use(a);
    });
    const result = letters[signature.charAt(colon + 1)];
    if (n.ty !== result) this.#fail(`${op} gives ${result ?? 'nothing'}, not ${n.ty}`);
  }

  #access(ty: Ty, width: Width, what: string): void {
    if (!accessTypes[width].includes(ty)) this.#fail(`${what} of ${width} bits as ${ty}`);
  }

  #address(a: Address): void {
    this.#value(a.at, 'i64', 'a storage address');
    if (typeof a.space === 'string') return;
    this.#field(a.space);
    if (a.space.bytes !== 1) this.#fail(`operand ${a.space.name} names no register`);
  }

  #register(part: RegisterPart, index: RegisterIndex): void {
    if (!accessTypes[partWidths[part.bytes]].includes(part.ty)) {
      this.#fail(`${part.file.name}.${part.name} is ${part.bytes} bytes as ${part.ty}`);
    }
    if (index.by === 'value') return this.#value(index.index, 'i32', 'a register number');
    this.#field(index.field);
    if (index.field.bytes !== 1) this.#fail(`operand ${index.field.name} names no register`);
  }

  #field(field: Field): void {
    if (!this.#fields.has(field)) this.#fail(`operand ${field.name} belongs to another format`);
    this.#used.add(field);
  }

  #variable(v: Variable): void {
    if (this.#body.variables[v.id] !== v) this.#fail(`variable ${v.id} belongs to another body`);
  }

  #call(helper: Helper, args: readonly Node[]): void {
    if (args.length !== helper.params.length) this.#fail(`${helper.name} takes ${helper.params.length} arguments`);
    if (!this.#body.helpers.has(helper)) this.#fail(`${helper.name} is not among the body's helpers`);
    helper.params.forEach((ty, i) => {
      const arg = args[i];
      if (arg !== undefined) this.#value(arg, ty, `argument ${i} of ${helper.name}`);
    });
  }
}

const partWidths = { 1: 8, 2: 16, 4: 32, 8: 64, 16: 128 } as const;

/** What a body changed first on the way to here, undefined while nothing. */
type Change = string | undefined;

/**
 * Where a body can still be ended by a fault after it changed something, in words: an instruction that is nullified or
 * suppressed must not have changed anything. `completing` tells the traps of completed instructions, whose results stay.
 * A later round of a loop counts as being after the earlier one.
 */
export function lateFaults(body: Body, completing: (code: Node<'i32'>) => boolean): string[] {
  const found = new Set<string>();
  const may = (what: string, change: Change): void => {
    if (change !== undefined) found.add(`${what} after ${change}`);
  };
  const called = (helper: Helper, change: Change): Change => {
    if (helper.effects.faults === true) may(`${helper.name} may fault`, change);
    return change ?? (helper.effects.stores === true ? `${helper.name} has stored` : undefined);
  };
  // What has changed behind the statements; null when no way leads behind them.
  const walk = (statements: readonly Stmt[], before: Change): Change | null => {
    let change = before;
    for (const s of statements) {
      switch (s.s) {
        case 'let':
          if (s.node.k === 'fetch') may(`a fetch of ${s.node.width} bits`, change);
          if (s.node.k === 'call') change = called(s.node.helper, change);
          break;
        case 'call':
          change = called(s.helper, change);
          break;
        case 'setReg':
          change ??= `${s.part.file.name}.${s.part.name} was set`;
          break;
        case 'setState':
          change ??= `${s.slot.name} was set`;
          break;
        case 'store':
          may(`a store of ${s.width} bits`, change);
          change ??= `a store of ${s.width} bits`;
          break;
        case 'hostStore':
        case 'hostCopy':
        case 'hostFill':
          change ??= `a ${s.s}`;
          break;
        case 'trap':
          if (!completing(s.code)) may('a trap', change);
          return null;
        case 'dispatch':
          may('another instruction', change);
          break;
        case 'if': {
          const then = walk(s.whenTrue, change);
          const otherwise = walk(s.whenFalse, change);
          if (then === null && otherwise === null) return null;
          change = then ?? otherwise ?? undefined;
          break;
        }
        case 'loop': {
          const once = walk(s.body, change);
          if (once === null) return null;
          const twice = walk(s.body, once);
          if (twice === null) return null;
          change = twice;
          break;
        }
      }
    }
    return change;
  };
  walk(body.statements, undefined);
  return [...found];
}
