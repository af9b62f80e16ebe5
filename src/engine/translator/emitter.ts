import type { ByteOrder } from '../../bits/byte-order.ts';
import { emitLoad, emitStore, hostAccessOffset, operationName } from '../../ir/emit.ts';
import { type Address, isPure, type Node, type Slot, type Stmt, type Ty, type Width } from '../../ir/node.ts';
import { isLeave } from '../../ir/specialize.ts';
import { operandsOf, visit } from '../../ir/visit.ts';
import type { FunctionBuilder, Label } from '../../wasm/function-builder.ts';
import { emitRoom } from '../access.ts';
import type { Accesses } from './accesses.ts';
import type { Lazy, Template, Templates } from './condition.ts';
import { registerNumber } from './register-uses.ts';
import type { Registers } from './registers.ts';
import type { Slots } from './slots.ts';
import { Uses } from './uses.ts';
import type { Site } from './windows.ts';

/** What the emitter of a region's instructions is given. */
export interface EmitterParts {
  readonly f: FunctionBuilder;
  readonly vcpu: number;
  readonly byteOrder: ByteOrder;
  /** Local with the address of the page's first byte. */
  readonly base: number;
  readonly registers: Registers;
  readonly slots: Slots;
  readonly condition: ConditionLocals;
  readonly templates: Templates;
  readonly accesses: Accesses;
}

/** Where the condition is, and what it can be computed from. */
export interface ConditionLocals {
  readonly slot: Slot;
  /** 0 when `value` holds it, else the number of a template. */
  readonly how: number;
  readonly value: number;
  readonly leaves: readonly number[];
}

/** A block's instructions as they are about to be written. */
export interface BlockCode {
  readonly nodes: number;
  readonly instructions: readonly (readonly Stmt[])[];
  /** The condition is wanted behind the block: the value that it has there, as far as the block set it. */
  readonly condition: Node | undefined;
}

/** Writes specialized statements. */
export class Emitter {
  readonly #p: EmitterParts;
  readonly #f: FunctionBuilder;
  readonly #free = new Map<Ty, number[]>();
  #taken: (readonly [Ty, number])[] = [];
  #locals = new Map<number, number>();
  #uses = new Uses(0);
  readonly #variables = new Map<number, number>();
  /** Registers that the instruction in hand sets. */
  #sets: ReadonlySet<string> = new Set();
  /** Leaves the region in front of the instruction in hand. */
  leave: () => void = () => undefined;

  constructor(parts: EmitterParts) {
    this.#p = parts;
    this.#f = parts.f;
  }

  /** Gets ready for a block. */
  begin(block: BlockCode): void {
    for (const [ty, local] of this.#taken) this.#freeOf(ty).push(local);
    this.#taken = [];
    this.#locals = new Map();
    this.#variables.clear();
    this.#uses = new Uses(block.nodes);
    block.instructions.forEach((statements, i) => this.#uses.add(statements, i, (s) => this.#lazy(s)));
    if (block.condition !== undefined) this.#uses.use(block.condition, -1);
  }

  /** Writes an instruction's statements, or the part of them that is given. */
  instruction(statements: readonly Stmt[], whole: readonly Stmt[] = statements): void {
    this.#sets = setRegisters(whole);
    this.#block(statements);
  }

  /** The condition of a node, as an operand of a branch. */
  push(node: Node): void {
    const local = this.#locals.get(node.id);
    if (local !== undefined) this.#f.get(local);
    else if (node.k === 'ia') this.#f.get(this.#p.base);
    else if (isPure(node)) this.#compute(node);
    else throw new Error(`node ${node.id} (${node.k}) is used where it was not evaluated`);
  }

  /** Makes the condition one that is computed. */
  settle(value: Node): void {
    const { condition } = this.#p;
    this.push(value);
    this.#f.set(condition.value);
    this.#f.i32const(0);
    this.#f.set(condition.how);
  }

  /** Pushes the condition, computed from what was left of it. */
  pushCondition(): void {
    const f = this.#f;
    const { how, value, leaves } = this.#p.condition;
    const templates = this.#p.templates.all;
    if (templates.length === 0) return f.get(value);
    f.block('i32', (done) => {
      const labels: Label[] = [];
      const cases = (n: number): void => {
        f.block(undefined, (label) => {
          labels[n] = label;
          if (n < templates.length) return cases(n + 1);
          f.get(how);
          f.brTable(labels, labels[0] ?? label);
        });
        const template = templates[n - 1];
        if (template === undefined) f.get(value);
        else this.#pushTemplate(template, leaves);
        f.br(done);
      };
      cases(0);
      f.unreachable();
    });
  }

  // Computes the condition by a template from the locals of its leaves.
  #pushTemplate({ node, leaves }: Template, locals: readonly number[]): void {
    const f = this.#f;
    const walk = (n: Node): void => {
      const at = leaves.indexOf(n);
      if (at >= 0) {
        f.get(locals[at] ?? 0);
        if (n.ty === 'i32') f.op('i32.wrap_i64');
        return;
      }
      if (n.k === 'const') return this.#compute(n);
      for (const a of operandsOf(n)) walk(a);
      if (n.k === 'select') f.select();
      else if (n.k === 'un') f.op(operationName(n.op === 'eqz' ? n.a.ty : n.ty, n.op));
      else if (n.k === 'bin') f.op(operationName(n.a.ty, n.op));
    };
    walk(node);
  }

  #lazy(s: Stmt): readonly Node[] | undefined {
    if (s.s !== 'setState' || s.slot !== this.#p.condition.slot) return undefined;
    return this.#template(s.value)?.leaves;
  }

  #template(value: Node): Lazy | undefined {
    return this.#p.templates.of(value as Node<'i32'>);
  }

  #freeOf(ty: Ty): number[] {
    let free = this.#free.get(ty);
    if (free === undefined) {
      free = [];
      this.#free.set(ty, free);
    }
    return free;
  }

  #take(ty: Ty): number {
    const local = this.#freeOf(ty).pop() ?? this.#f.local(ty);
    this.#taken.push([ty, local]);
    return local;
  }

  #block(statements: readonly Stmt[]): void {
    for (const s of statements) this.#statement(s);
  }

  #nested(statements: readonly Stmt[]): void {
    this.#p.registers.enterNested(statements);
    this.#block(statements);
    this.#p.registers.leaveNested();
  }

  #statement(s: Stmt): void {
    const f = this.#f;
    switch (s.s) {
      case 'let':
        return this.#let(s.node);
      case 'setReg':
        return this.#p.registers.write(s.part, registerNumber(s.index) ?? 0, () => this.push(s.value));
      case 'setState':
        return this.#setState(s.slot, s.value);
      case 'store': {
        const apart = this.#reach(s, s.address, 'store', s.width / 8);
        this.push(s.value);
        return emitStore(f, s.value.ty, s.width, hostAccessOffset(s.width, this.#p.byteOrder) + apart);
      }
      case 'hostStore':
        this.#hostPointer(s.pointer, s.offset, s.width);
        this.push(s.value);
        return emitStore(f, s.value.ty, s.width, 0);
      case 'hostCopy':
        return this.#copy(s);
      case 'hostFill':
        this.#hostStart(s.to, s.length);
        this.push(s.byte);
        this.push(s.length);
        return f.memoryFill();
      case 'set':
        this.push(s.value);
        return f.set(this.#variable(s.variable.id, s.variable.ty));
      case 'if':
        this.push(s.cond);
        this.#p.registers.prepareNested(s.whenTrue);
        this.#p.registers.prepareNested(s.whenFalse);
        return f.if(
          undefined,
          () => this.#nested(s.whenTrue),
          s.whenFalse.length === 0 ? undefined : () => this.#nested(s.whenFalse),
        );
      case 'loop':
        this.#p.registers.prepareNested(s.body);
        this.#p.registers.enterNested(s.body);
        f.loop(undefined, (label) => {
          this.#block(s.body);
          this.push(s.again);
          f.brIf(label);
        });
        return this.#p.registers.leaveNested();
      case 'trap':
        if (isLeave(s)) return this.leave();
        break;
      default:
        break;
    }
    throw new Error(`a ${s.s} in specialized statements`);
  }

  #let(node: Node): void {
    const uses = this.#uses.count[node.id] ?? 0;
    const escapes = this.#uses.escaping.has(node.id);
    if (isPure(node)) {
      if (uses === 0 || (uses === 1 && !escapes)) return;
    } else if (uses === 0 && node.k !== 'fetch' && node.k !== 'probe') {
      return;
    }
    const alias = escapes ? undefined : this.#alias(node);
    if (alias !== undefined) {
      this.#locals.set(node.id, alias);
      return;
    }
    this.#compute(node);
    if (uses === 0) return this.#f.drop();
    const local = this.#take(node.ty);
    this.#f.set(local);
    this.#locals.set(node.id, local);
  }

  // A register that the instruction does not set can be read where it is.
  #alias(node: Node): number | undefined {
    if (node.k !== 'reg') return undefined;
    const number = registerNumber(node.index) ?? 0;
    if (this.#sets.has(`${node.part.file.name}${number}`)) return undefined;
    return this.#p.registers.alias(node.part, number);
  }

  #setState(slot: Slot, value: Node): void {
    const { condition, slots } = this.#p;
    const f = this.#f;
    if (slot !== condition.slot) {
      return slots.write(slot, value, () => this.push(value));
    }
    const lazy = this.#template(value);
    if (lazy === undefined) return this.settle(value);
    lazy.leaves.forEach((leaf, i) => {
      this.push(leaf);
      if (leaf.ty === 'i32') f.op('i64.extend_i32_u');
      f.set(condition.leaves[i] ?? 0);
    });
    f.i32const(lazy.template.number);
    f.set(condition.how);
  }

  #variable(id: number, ty: Ty): number {
    const known = this.#variables.get(id);
    if (known !== undefined) return known;
    const local = this.#take(ty);
    this.#variables.set(id, local);
    return local;
  }

  // Pushes the host address of an access that is allowed, or leaves. Answers the number that comes to it.
  #reach(site: Site, address: Address, access: 'fetch' | 'store', bytes: number | Node): number {
    return this.#p.accesses.host({
      site,
      address,
      access,
      bytes: typeof bytes === 'number' ? bytes : () => this.push(bytes),
      push: (value) => this.push(value),
      leave: () => this.leave(),
    });
  }

  #copy(s: Stmt & { readonly s: 'hostCopy' }): void {
    const f = this.#f;
    if (s.length.k === 'const' && this.#copyShort(s.to, s.from, Number(s.length.value))) return;
    this.#hostStart(s.to, s.length);
    this.#hostStart(s.from, s.length);
    this.push(s.length);
    f.memoryCopy();
  }

  // Loads all before it stores any: the ranges may overlap.
  #copyShort(to: Node, from: Node, length: number): boolean {
    const f = this.#f;
    if (length > 128) return false;
    const pieces: { readonly ty: Ty; readonly width: Width; readonly offset: number; local: number }[] = [];
    for (let at = 0; at < length; ) {
      const width = ([128, 64, 32, 16, 8] as const).find((w) => w / 8 <= length - at) ?? 8;
      const ty = width === 128 ? 'v128' : width === 64 ? 'i64' : 'i32';
      pieces.push({ ty, width, offset: at, local: this.#take(ty) });
      at += width / 8;
    }
    for (const p of pieces) {
      this.#hostPointer(from, p.offset, p.width);
      emitLoad(f, p.ty, p.width, false, 0);
      f.set(p.local);
    }
    for (const p of pieces) {
      this.#hostPointer(to, p.offset, p.width);
      f.get(p.local);
      emitStore(f, p.ty, p.width, 0);
    }
    return true;
  }

  // Guest bytes [offset, offset + n) behind a probed pointer lie at pointer + offset, mirrored at pointer - offset - n.
  #hostPointer(pointer: Node, offset: number, width: Width): void {
    this.push(pointer);
    this.#f.i32const(this.#p.byteOrder === 'big' ? -offset - width / 8 : offset);
    this.#f.op('i32.add');
  }

  #hostStart(pointer: Node, length: Node): void {
    this.push(pointer);
    if (this.#p.byteOrder === 'little') return;
    this.push(length);
    this.#f.op('i32.sub');
  }

  #compute(node: Node): void {
    const f = this.#f;
    switch (node.k) {
      case 'const':
        if (node.ty === 'i32') f.i32const(Number(node.value));
        else f.i64const(node.value);
        return;
      case 'float':
        if (node.ty === 'f32') f.f32const(node.value);
        else f.f64const(node.value);
        return;
      case 'ia':
        return f.get(this.#p.base);
      case 'room':
        return emitRoom(f, this.#p.vcpu, this.#p.byteOrder);
      case 'un':
        this.push(node.a);
        return f.op(operationName(node.op === 'eqz' ? node.a.ty : node.ty, node.op));
      case 'bin':
        this.push(node.a);
        this.push(node.b);
        return f.op(operationName(node.a.ty, node.op));
      case 'select':
        this.push(node.a);
        this.push(node.b);
        this.push(node.cond);
        return f.select();
      case 'fused':
        for (const a of node.args) this.push(a);
        return f.fusedLong();
      case 'lane':
        for (const a of node.args) this.push(a);
        return f.lane(node.op, node.lane);
      case 'reg':
        return this.#p.registers.read(node.part, registerNumber(node.index) ?? 0);
      case 'state':
        return this.#state(node.slot);
      case 'fetch':
        return this.#fetch(node);
      case 'probe': {
        const apart = this.#reach(node, node.address, node.access, this.#length(node.length));
        f.i32const(apart + (this.#p.byteOrder === 'little' ? 0 : 16));
        return f.op('i32.add');
      }
      case 'hostLoad':
        this.#hostPointer(node.pointer, node.offset, node.width);
        return emitLoad(f, node.ty, node.width, node.signed, 0);
      case 'get':
        return f.get(this.#variable(node.variable.id, node.variable.ty));
      default:
        throw new Error(`a node ${node.k} in specialized statements`);
    }
  }

  #fetch(node: Node & { readonly k: 'fetch' }): void {
    const apart = this.#reach(node, node.address, 'fetch', node.width / 8);
    const offset = hostAccessOffset(node.width, this.#p.byteOrder) + apart;
    emitLoad(this.#f, node.ty, node.width, node.signed, offset);
  }

  #length(n: Node): number | Node {
    return n.k === 'const' ? Number(n.value) : n;
  }

  #state(slot: Slot): void {
    const { condition, slots } = this.#p;
    // Whoever leads here has seen to it that the condition is computed.
    if (slot === condition.slot) this.#f.get(condition.value);
    else slots.read(slot);
  }
}

function setRegisters(statements: readonly Stmt[]): Set<string> {
  const found = new Set<string>();
  visit(statements, {
    statement: (s) => {
      if (s.s === 'setReg') found.add(`${s.part.file.name}${registerNumber(s.index) ?? 0}`);
    },
  });
  return found;
}
