import type { ByteOrder } from '../bits/byte-order.ts';
import type { FunctionBuilder } from '../wasm/function-builder.ts';
import type { Op } from '../wasm/op.ts';
import type { Field } from './field.ts';
import {
  type Access,
  type Address,
  type Helper,
  isPure,
  type Node,
  type RegisterIndex,
  type RegisterPart,
  type Slot,
  type Stmt,
  type Ty,
  type Width,
} from './node.ts';
import { findOperation } from './operation.ts';
import type { Body } from './recorder.ts';
import { visit } from './visit.ts';

/**
 * How the parts of a body that depend on the engine are written: where operands, registers and storage are. A `push`
 * argument writes the code that leaves the value on the stack; it must be called exactly once.
 */
export interface EmitTarget {
  readonly f: FunctionBuilder;
  field(field: Field): void;
  ia(): void;
  next(): void;
  /** Leaves the pointer of `room`. */
  room(): void;
  /** Of numbers in the guest's storage. */
  readonly byteOrder: ByteOrder;
  readRegister(part: RegisterPart, index: RegisterIndex, pushIndex: () => void): void;
  writeRegister(part: RegisterPart, index: RegisterIndex, pushIndex: () => void, push: () => void): void;
  readState(slot: Slot): void;
  writeState(slot: Slot, push: () => void): void;
  /** Leaves the host address from which a plain access of `width` bits at `hostAccessOffset` reads the bytes. */
  fetchAddress(address: Address, width: Width, push: () => void): void;
  store(address: Address, width: Width, push: () => void, value: { readonly ty: Ty; push(): void }): void;
  probe(access: Access, address: Address, push: () => void, pushLength: () => void): void;
  call(helper: Helper, pushArgs: () => void): void;
  branch(push: () => void): void;
  trap(pushCode: () => void): void;
  dispatch(pushEntry: () => void): void;
}

/**
 * Offset of a plain access of `width` bits from the address that `fetchAddress` leaves: storage of big-endian guests is
 * mirrored, so there the address is 16 below the end of what is accessed; else it is the beginning.
 */
export function hostAccessOffset(width: Width, order: ByteOrder): number {
  return order === 'big' ? 16 - width / 8 : 0;
}

const loads = {
  8: { i32: ['i32.load8_u', 'i32.load8_s'], i64: ['i64.load8_u', 'i64.load8_s'] },
  16: { i32: ['i32.load16_u', 'i32.load16_s'], i64: ['i64.load16_u', 'i64.load16_s'] },
  32: { i32: ['i32.load', 'i32.load'], i64: ['i64.load32_u', 'i64.load32_s'] },
} as const;

const stores = {
  8: { i32: 'i32.store8', i64: 'i64.store8' },
  16: { i32: 'i32.store16', i64: 'i64.store16' },
  32: { i32: 'i32.store', i64: 'i64.store32' },
} as const;

/** Writes a plain load of `width` bits as `ty` at the address on the stack. Alignment is never promised. */
export function emitLoad(f: FunctionBuilder, ty: Node['ty'], width: Width, signed: boolean, offset: number): void {
  if (width === 128) f.access('v128.load', offset, 0);
  else if (width === 64) f.access('i64.load', offset, 0);
  else if (ty === 'i32' || ty === 'i64') f.access(loads[width][ty][signed ? 1 : 0], offset, 0);
  else throw new Error(`no ${width}-bit load as ${ty}`);
}

/** Writes a plain store of the low `width` bits of the value on the stack. */
export function emitStore(f: FunctionBuilder, ty: Node['ty'], width: Width, offset: number): void {
  if (width === 128) f.access('v128.store', offset, 0);
  else if (width === 64) f.access('i64.store', offset, 0);
  else if (ty === 'i32' || ty === 'i64') f.access(stores[width][ty], offset, 0);
  else throw new Error(`no ${width}-bit store of ${ty}`);
}

/** Writes the code of a body into `target.f`. */
export function emitBody(body: Body, target: EmitTarget): void {
  new BodyEmitter(body, target).block(body.statements);
}

/** Evaluates ordered nodes and shared pure nodes into locals where they were recorded, and other pure nodes at their use. */
class BodyEmitter {
  readonly #uses: Uint16Array;
  readonly #locals = new Map<number, number>();
  readonly #variables: readonly number[];
  readonly #target: EmitTarget;
  readonly #f: FunctionBuilder;

  constructor(body: Body, target: EmitTarget) {
    this.#target = target;
    this.#f = target.f;
    this.#uses = countUses(body);
    this.#variables = body.variables.map((v) => target.f.local(v.ty));
  }

  block(statements: readonly Stmt[]): void {
    for (const s of statements) this.#statement(s);
  }

  #statement(s: Stmt): void {
    const { f } = this.#target;
    switch (s.s) {
      case 'let':
        this.#let(s.node);
        break;
      case 'setReg':
        this.#target.writeRegister(s.part, s.index, this.#pushIndex(s.index), () => this.#push(s.value));
        break;
      case 'setState':
        this.#target.writeState(s.slot, () => this.#push(s.value));
        break;
      case 'store':
        this.#target.store(s.address, s.width, () => this.#push(s.address.at), {
          ty: s.value.ty,
          push: () => this.#push(s.value),
        });
        break;
      case 'hostStore':
      case 'hostCopy':
      case 'hostFill':
        this.#onHost(s);
        break;
      case 'call':
        this.#target.call(s.helper, () => this.#pushAll(s.args));
        if (s.helper.result !== undefined) f.drop();
        break;
      case 'set':
        this.#push(s.value);
        f.set(this.#variable(s.variable.id));
        break;
      case 'if':
        // What the interpreter is generated for is not known.
        if (s.cond.k === 'fuses') return this.block(s.whenFalse);
        this.#push(s.cond);
        f.if(
          undefined,
          () => this.block(s.whenTrue),
          s.whenFalse.length === 0 ? undefined : () => this.block(s.whenFalse),
        );
        break;
      case 'loop':
        f.loop(undefined, (label) => {
          this.block(s.body);
          this.#push(s.again);
          f.brIf(label);
        });
        break;
      case 'branch':
        this.#target.branch(() => this.#push(s.target));
        break;
      case 'trap':
        this.#target.trap(() => this.#push(s.code));
        break;
      case 'dispatch':
        this.#target.dispatch(() => this.#push(s.entry));
        break;
    }
  }

  // Statements about bytes whose host pointers are known.
  #onHost(s: Extract<Stmt, { readonly s: 'hostStore' | 'hostCopy' | 'hostFill' }>): void {
    const f = this.#f;
    switch (s.s) {
      case 'hostStore':
        this.#hostPointer(s.pointer, s.offset, s.width);
        this.#push(s.value);
        emitStore(f, s.value.ty, s.width, 0);
        break;
      case 'hostCopy':
        this.#hostStart(s.to, s.length);
        this.#hostStart(s.from, s.length);
        this.#push(s.length);
        f.memoryCopy();
        break;
      case 'hostFill':
        this.#hostStart(s.to, s.length);
        this.#push(s.byte);
        this.#push(s.length);
        f.memoryFill();
        break;
    }
  }

  #let(node: Node): void {
    const uses = this.#uses[node.id] ?? 0;
    if (isPure(node)) {
      if (uses <= 1) return;
    } else if (uses === 0 && node.k !== 'fetch' && node.k !== 'call') {
      return;
    }
    this.#compute(node);
    if (uses === 0) {
      this.#f.drop();
      return;
    }
    const local = this.#f.local(node.ty);
    this.#f.set(local);
    this.#locals.set(node.id, local);
  }

  #push(node: Node): void {
    const local = this.#locals.get(node.id);
    if (local !== undefined) this.#f.get(local);
    else if (isPure(node)) this.#compute(node);
    else throw new Error(`node ${node.id} (${node.k}) is used where it was not evaluated`);
  }

  #pushAll(nodes: readonly Node[]): void {
    for (const n of nodes) this.#push(n);
  }

  #pushIndex(index: RegisterIndex): () => void {
    return () => {
      if (index.by === 'value') this.#push(index.index);
    };
  }

  #variable(id: number): number {
    const local = this.#variables[id];
    if (local === undefined) throw new Error(`variable ${id} belongs to another body`);
    return local;
  }

  // Guest bytes [offset, offset + n) behind a probed pointer lie at pointer + offset, mirrored at pointer - offset - n.
  #hostPointer(pointer: Node, offset: number, width: Width): void {
    this.#push(pointer);
    this.#f.i32const(this.#target.byteOrder === 'big' ? -offset - width / 8 : offset);
    this.#f.op('i32.add');
  }

  #hostStart(pointer: Node, length: Node): void {
    this.#push(pointer);
    if (this.#target.byteOrder === 'little') return;
    this.#push(length);
    this.#f.op('i32.sub');
  }

  #constant(node: Extract<Node, { readonly k: 'const' | 'float' }>): void {
    const f = this.#f;
    if (node.k === 'const') {
      if (node.ty === 'i32') f.i32const(Number(node.value));
      else f.i64const(node.value);
    } else if (node.ty === 'f32') f.f32const(node.value);
    else f.f64const(node.value);
  }

  #probe({ access, address, length }: Extract<Node, { readonly k: 'probe' }>): void {
    this.#target.probe(
      access,
      address,
      () => this.#push(address.at),
      () => this.#push(length),
    );
  }

  #compute(node: Node): void {
    const { f } = this.#target;
    switch (node.k) {
      case 'const':
      case 'float':
        this.#constant(node);
        break;
      case 'field':
        this.#target.field(node.field);
        break;
      case 'ia':
        return this.#target.ia();
      case 'next':
        return this.#target.next();
      case 'room':
        return this.#target.room();
      case 'un':
        this.#push(node.a);
        f.op(operationName(node.op === 'eqz' ? node.a.ty : node.ty, node.op));
        break;
      case 'bin':
        this.#push(node.a);
        this.#push(node.b);
        f.op(operationName(node.a.ty, node.op));
        break;
      case 'select':
        this.#push(node.a);
        this.#push(node.b);
        this.#push(node.cond);
        f.select();
        break;
      case 'fuses':
      case 'fused':
        throw new Error(`${node.k} where no \`when\` decides`);
      case 'lane':
        this.#pushAll(node.args);
        f.lane(node.op, node.lane);
        break;
      case 'reg':
        this.#target.readRegister(node.part, node.index, this.#pushIndex(node.index));
        break;
      case 'state':
        this.#target.readState(node.slot);
        break;
      case 'fetch':
        this.#target.fetchAddress(node.address, node.width, () => this.#push(node.address.at));
        emitLoad(f, node.ty, node.width, node.signed, hostAccessOffset(node.width, this.#target.byteOrder));
        break;
      case 'probe':
        this.#probe(node);
        break;
      case 'hostLoad':
        this.#hostPointer(node.pointer, node.offset, node.width);
        emitLoad(f, node.ty, node.width, node.signed, 0);
        break;
      case 'call':
        this.#target.call(node.helper, () => this.#pushAll(node.args));
        break;
      case 'get':
        f.get(this.#variable(node.variable.id));
        break;
    }
  }
}

/** WebAssembly's name of an IR operation on operands of type `ty`. */
export function operationName(ty: Ty, op: string): Op {
  const name = findOperation(ty, op);
  if (name === undefined) throw new Error(`${ty}.${op} is not an operation of WebAssembly`);
  return name;
}

function countUses(body: Body): Uint16Array {
  const uses = new Uint16Array(body.nodes);
  const use = (n: Node): void => {
    uses[n.id] = (uses[n.id] ?? 0) + 1;
  };
  visit(body.statements, {
    use,
    statement: (s) => {
      // The length is written out with each of the pointers, too.
      if (s.s === 'hostCopy' || s.s === 'hostFill') use(s.length);
      if (s.s === 'hostCopy') use(s.length);
    },
  });
  return uses;
}
