/**
 * Bodies made particular: what an instruction does when its operand fields, and what the mode of the vCPU says, are known.
 * Constants are folded, decided branches taken, and what the instruction before left in a scalar of the state is used
 * instead of being read again. The meaning stays that of the body.
 */

import type { Field } from './field.ts';
import { Folder, type Make } from './fold.ts';
import type { Address, Node, RegisterFile, RegisterIndex, RegisterPart, Slot, Stmt, Ty, Variable } from './node.ts';
import type { Body } from './recorder.ts';

/** The value of an operand field; with bits of a register OR'ed in where the instruction is another's target. */
export interface KnownOperand {
  readonly value: bigint;
  readonly or?: { readonly part: RegisterPart<'i32'>; readonly number: number } | undefined;
}

/** What is known of one instruction. */
export interface Knowledge {
  operand(field: Field): KnownOperand;
  /** The value of a scalar that does not change here, as the signed integer of its bits. */
  slot(slot: Slot): bigint | undefined;
  /** The value of a register that never changes. */
  register(file: RegisterFile, number: number): bigint | undefined;
  /** Bytes from the address that `ia` stands for in what comes out. */
  readonly offset: number;
  readonly length: number;
  /** The operand that a register's bits are OR'ed into. */
  readonly modified?: Field | undefined;
}

const UNNUMBERED = -1;

/** Where an instruction cannot go on by itself: it must be done another way, from its beginning. */
export const LEAVE = -1n;

/** True for the statement that says so. */
export function isLeave(s: Stmt): boolean {
  return s.s === 'trap' && s.code.k === 'const' && s.code.value === LEAVE;
}

// True when statements do more than compute and leave.
function changes(statements: readonly Stmt[]): boolean {
  return statements.some(
    (s) => s.s !== 'let' && !isLeave(s) && (s.s !== 'if' || changes(s.whenTrue) || changes(s.whenFalse)),
  );
}

function isWhole(part: RegisterPart): boolean {
  return part.bytes === 8 && part.file.width === 8;
}

// A constant, or one away from the address that offsets count from.
function isPlace(n: Node): boolean {
  return n.k === 'const' || n.k === 'ia' || (n.k === 'bin' && n.op === 'add' && n.a.k === 'ia' && n.b.k === 'const');
}

function copyOf(facts: Facts): Facts {
  const registers = new Map([...facts.registers].map(([file, known]) => [file, new Map(known)]));
  return { slots: new Map(facts.slots), variables: new Map(facts.variables), registers };
}

/** What is known of values at a place. */
interface Facts {
  readonly slots: Map<Slot, Node>;
  readonly variables: Map<Variable, Node>;
  /** Registers, by file and number, that hold a constant or an address of the code. */
  readonly registers: Map<RegisterFile, Map<number, Node>>;
}

/**
 * A run of instructions, one after the other. In what comes out, `ia` is the address that offsets count from; every
 * register index is a constant; traps, helpers, and what an instruction does in place of another are `LEAVE`s; a probe gives
 * a pointer, or the instruction is left at it.
 */
export class Trace {
  #nodes = 0;
  readonly variables: Variable[] = [];
  readonly fold: Folder;
  #out: Stmt[] = [];
  #facts: Facts = { slots: new Map(), variables: new Map(), registers: new Map() };
  #values: (Node | undefined)[] = [];
  #known: Knowledge | undefined;
  readonly #renamed = new Map<Variable, Variable>();
  #modified = new Map<Field, Node>();
  readonly #base: Node<'i64'>;
  readonly #fuses: boolean;

  /** The engine may use `fused` or not. */
  constructor(fuses = false) {
    this.#fuses = fuses;
    this.#make = (draft) => {
      draft.id = this.#nodes++;
      if (draft.k !== 'const' && draft.k !== 'float' && draft.k !== 'ia') this.#out.push({ s: 'let', node: draft });
      return draft;
    };
    this.fold = new Folder(this.#make);
    this.#base = this.#make({ k: 'ia', ty: 'i64', id: UNNUMBERED }) as Node<'i64'>;
  }
  readonly #make: Make;

  /** How many nodes there are: their ids are below. */
  get nodes(): number {
    return this.#nodes;
  }

  /** The constant, or the address of the code, that an earlier instruction left in a register. */
  register(file: RegisterFile, number: number): Node | undefined {
    return this.#facts.registers.get(file)?.get(number);
  }

  #setRegister(s: Stmt & { readonly s: 'setReg' }): false {
    const index = this.#index(s.index);
    const value = this.#value(s.value);
    this.#out.push({ s: 'setReg', part: s.part, index, value });
    const { file } = s.part;
    if (index.by !== 'value' || index.index.k !== 'const') {
      this.#facts.registers.delete(file);
      return false;
    }
    const known = this.#facts.registers.get(file) ?? new Map<number, Node>();
    this.#facts.registers.set(file, known);
    const number = Number(index.index.value);
    const left = this.#leftBehind(s.part, known.get(number), value);
    if (left === undefined) known.delete(number);
    else known.set(number, left);
    return false;
  }

  // What a register holds, as far as that is worth knowing, when a part of it has been set.
  #leftBehind(part: RegisterPart, before: Node | undefined, value: Node): Node | undefined {
    if (isWhole(part)) return isPlace(value) ? value : undefined;
    if (part.file.width !== 8 || before?.k !== 'const' || value.k !== 'const') return undefined;
    const bits = BigInt(part.bytes * 8);
    const at = BigInt(part.offset * 8);
    const mask = ((1n << bits) - 1n) << at;
    return this.fold.i64((before.value & ~mask) | ((value.value << at) & mask));
  }

  /** What an earlier instruction left in a scalar. */
  slot(slot: Slot): Node | undefined {
    return this.#facts.slots.get(slot);
  }

  /** The statements of the next instruction. */
  add(body: Body, known: Knowledge): readonly Stmt[] {
    this.#known = known;
    this.#values = new Array<Node | undefined>(body.nodes).fill(undefined);
    this.#renamed.clear();
    this.#modified = new Map();
    this.#facts.variables.clear();
    this.#out = [];
    if (known.modified !== undefined) this.#operand(known.modified, 'i32');
    this.#block(body.statements);
    return this.#out;
  }

  get #knowledge(): Knowledge {
    if (this.#known === undefined) throw new Error('nothing is being specialized');
    return this.#known;
  }

  // True when no way leads behind the statements.
  #block(statements: readonly Stmt[]): boolean {
    for (const s of statements) if (this.#statement(s)) return true;
    return false;
  }

  #nested(statements: readonly Stmt[], facts: Facts): { readonly statements: Stmt[]; readonly ends: boolean } {
    const [out, before] = [this.#out, this.#facts];
    this.#out = [];
    this.#facts = facts;
    const ends = this.#block(statements);
    const result = { statements: this.#out, ends };
    this.#out = out;
    this.#facts = before;
    return result;
  }

  #statement(s: Stmt): boolean {
    switch (s.s) {
      case 'let':
        return this.#let(s.node);
      case 'setReg':
        return this.#setRegister(s);
      case 'setState': {
        const value = this.#value(s.value);
        this.#out.push({ s: 'setState', slot: s.slot, value });
        this.#facts.slots.set(s.slot, value);
        return false;
      }
      case 'store':
        this.#out.push({ ...s, address: this.#address(s.address), value: this.#value(s.value) });
        return false;
      case 'hostStore':
        this.#out.push({ ...s, pointer: this.#int(s.pointer), value: this.#value(s.value) });
        return false;
      case 'hostCopy':
        this.#out.push({ s: s.s, to: this.#int(s.to), from: this.#int(s.from), length: this.#int(s.length) });
        return false;
      case 'hostFill':
        this.#out.push({ s: s.s, to: this.#int(s.to), byte: this.#int(s.byte), length: this.#int(s.length) });
        return false;
      case 'set': {
        const value = this.#value(s.value);
        const variable = this.#variable(s.variable);
        this.#out.push({ s: 'set', variable, value });
        this.#facts.variables.set(variable, value);
        return false;
      }
      case 'if':
        return this.#if(s);
      case 'loop':
        return this.#loop(s);
      case 'branch':
        this.#out.push({ s: 'branch', target: this.#value(s.target) as Node<'i64'> });
        return false;
      case 'call':
      case 'trap':
      case 'dispatch':
        return this.#leave();
    }
  }

  #leave(): true {
    this.#out.push({ s: 'trap', code: this.fold.i32(LEAVE) });
    return true;
  }

  #leaveIf(cond: Node): void {
    if (cond.k === 'const' && cond.value === 0n) return;
    const leave: Stmt = { s: 'trap', code: this.fold.i32(LEAVE) };
    this.#out.push({ s: 'if', cond: cond as Node<'i32'>, whenTrue: [leave], whenFalse: [] });
  }

  #if(s: Stmt & { readonly s: 'if' }): boolean {
    const cond = this.#value(s.cond);
    if (cond.k === 'const') return this.#block(cond.value !== 0n ? s.whenTrue : s.whenFalse);
    // A probe that gave no pointer has left the instruction.
    if (cond.k === 'probe' || cond.k === 'room') return this.#block(s.whenTrue);
    const copy = (): Facts => copyOf(this.#facts);
    const b = this.#nested(s.whenFalse, copy());
    // One way leads out of here: the other goes straight on.
    if (b.ends && !changes(b.statements)) {
      this.#leaveIf(this.fold.not(cond));
      return this.#block(s.whenTrue);
    }
    const a = this.#nested(s.whenTrue, copy());
    if (a.ends && !changes(a.statements)) {
      this.#leaveIf(cond);
      return this.#block(s.whenFalse);
    }
    this.#out.push({ s: 'if', cond: cond as Node<'i32'>, whenTrue: a.statements, whenFalse: b.statements });
    this.#forget(a.ends ? [] : a.statements);
    this.#forget(b.ends ? [] : b.statements);
    return a.ends && b.ends;
  }

  #loop(s: Stmt & { readonly s: 'loop' }): boolean {
    this.#forgetRecorded(s.body);
    const out = this.#out;
    this.#out = [];
    const facts = this.#facts;
    this.#facts = copyOf(facts);
    const ends = this.#block(s.body);
    const again = ends ? this.fold.i32(0) : (this.#value(s.again) as Node<'i32'>);
    const body = this.#out;
    this.#out = out;
    this.#facts = facts;
    this.#out.push({ s: 'loop', body, again });
    this.#forget(body);
    return ends;
  }

  // What specialized statements may have changed is no longer known.
  #forget(statements: readonly Stmt[]): void {
    for (const s of statements) {
      if (s.s === 'setState') this.#facts.slots.delete(s.slot);
      else if (s.s === 'setReg') this.#facts.registers.delete(s.part.file);
      else if (s.s === 'set') this.#facts.variables.delete(s.variable);
      else if (s.s === 'if') {
        this.#forget(s.whenTrue);
        this.#forget(s.whenFalse);
      } else if (s.s === 'loop') this.#forget(s.body);
    }
  }

  #forgetRecorded(statements: readonly Stmt[]): void {
    for (const s of statements) {
      if (s.s === 'setState') this.#facts.slots.delete(s.slot);
      else if (s.s === 'setReg') this.#facts.registers.delete(s.part.file);
      else if (s.s === 'set') this.#facts.variables.delete(this.#variable(s.variable));
      else if (s.s === 'if') {
        this.#forgetRecorded(s.whenTrue);
        this.#forgetRecorded(s.whenFalse);
      } else if (s.s === 'loop') this.#forgetRecorded(s.body);
    }
  }

  #let(node: Node): boolean {
    if (node.k === 'call') return this.#leave();
    this.#values[node.id] = this.#node(node);
    return false;
  }

  #value(node: Node): Node {
    const known = this.#values[node.id];
    if (known !== undefined) return known;
    const value = this.#node(node);
    this.#values[node.id] = value;
    return value;
  }

  #int(node: Node): Node<'i32'> {
    return this.#value(node) as Node<'i32'>;
  }

  #node(n: Node): Node {
    const { fold } = this;
    switch (n.k) {
      case 'const':
        return n.ty === 'i32' ? fold.i32(n.value) : fold.i64(n.value);
      case 'float':
        return this.#make({ ...n });
      case 'field':
        return this.#operand(n.field, n.ty);
      case 'un':
        return this.#un(n.ty, n.op, this.#value(n.a));
      case 'bin':
        return this.#bin(n.ty, n.op, this.#value(n.a), this.#value(n.b));
      case 'select':
        return fold.select(this.#pointer(this.#value(n.cond)), this.#value(n.a), this.#value(n.b));
      case 'lane':
      case 'fused':
        return this.#make({ ...n, args: n.args.map((a) => this.#value(a)) });
      case 'fuses':
        return fold.i32(this.#fuses ? 1 : 0);
      case 'ia':
        return fold.bin('i64', 'add', this.#base, fold.i64(this.#knowledge.offset));
      case 'next':
        return fold.bin('i64', 'add', this.#base, fold.i64(this.#knowledge.offset + this.#knowledge.length));
      case 'room':
        return this.#make({ ...n });
      case 'reg':
        return this.#register(n);
      case 'state':
        return this.#state(n);
      case 'fetch':
        return this.#make({ ...n, address: this.#address(n.address) });
      case 'probe':
        return this.#make({ ...n, address: this.#address(n.address), length: this.#int(n.length) });
      case 'hostLoad':
        return this.#make({ ...n, pointer: this.#int(n.pointer) });
      case 'get': {
        const variable = this.#variable(n.variable);
        return this.#facts.variables.get(variable) ?? this.#make({ ...n, variable });
      }
      case 'call':
        throw new Error('a call is left');
    }
  }

  // A probe's pointer as a condition: it is there.
  #pointer(n: Node): Node {
    return n.k === 'probe' ? this.fold.i32(1) : n;
  }

  #un(ty: Ty, op: string, a: Node): Node {
    if (op === 'eqz' && a.k === 'probe') return this.fold.i32(0);
    return this.fold.un(ty, op, a);
  }

  #bin(ty: Ty, op: string, a: Node, b: Node): Node {
    if (a.k === 'probe' && b.k === 'const' && b.value === 0n) {
      if (op === 'ne') return this.fold.i32(1);
      if (op === 'eq') return this.fold.i32(0);
    }
    return this.fold.bin(ty, op, a, b);
  }

  #operand(field: Field, ty: Ty): Node {
    const { value, or } = this.#knowledge.operand(field);
    const constant = ty === 'i32' ? this.fold.i32(value) : this.fold.i64(value);
    if (or === undefined) return constant;
    const made = this.#modified.get(field);
    if (made !== undefined) return made;
    const bits = this.#make({
      k: 'reg',
      ty: 'i32',
      part: or.part,
      index: this.fold.numbered(or.number),
      id: UNNUMBERED,
    });
    const node = this.fold.bin('i32', 'or', bits, constant);
    this.#modified.set(field, node);
    return node;
  }

  #index(index: RegisterIndex): RegisterIndex {
    if (index.by === 'field')
      return this.fold.numbered(Number(this.#knowledge.operand(index.field).value) + index.delta);
    return { by: 'value', index: this.#value(index.index) as Node<'i32'> };
  }

  #register(n: Node & { readonly k: 'reg' }): Node {
    const index = this.#index(n.index);
    if (index.by === 'value' && index.index.k === 'const') {
      const value = this.#knowledge.register(n.part.file, Number(index.index.value));
      if (value !== undefined) return n.ty === 'i32' ? this.fold.i32(value) : this.fold.i64(value);
      const left = this.#partOf(n.part, this.register(n.part.file, Number(index.index.value)));
      if (left !== undefined) return left;
    }
    return this.#make({ ...n, index });
  }

  #partOf(part: RegisterPart, whole: Node | undefined): Node | undefined {
    if (isWhole(part) || whole === undefined) return whole;
    if (part.file.width !== 8 || whole.k !== 'const') return undefined;
    return this.fold.i32(BigInt.asUintN(part.bytes * 8, whole.value >> BigInt(part.offset * 8)));
  }

  #state(n: Node & { readonly k: 'state' }): Node {
    const left = this.#facts.slots.get(n.slot);
    if (left !== undefined) return left;
    const value = this.#knowledge.slot(n.slot);
    if (value !== undefined) return n.ty === 'i32' ? this.fold.i32(value) : this.fold.i64(value);
    const node = this.#make({ ...n });
    this.#facts.slots.set(n.slot, node);
    return node;
  }

  #address(a: Address): Address {
    return { at: this.#value(a.at) as Node<'i64'>, space: a.space };
  }

  #variable(v: Variable): Variable {
    let renamed = this.#renamed.get(v);
    if (renamed === undefined) {
      renamed = { ty: v.ty, id: this.variables.length };
      this.variables.push(renamed);
      this.#renamed.set(v, renamed);
    }
    return renamed;
  }
}
