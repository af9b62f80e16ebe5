import type { LaneOp } from '../wasm/op-vector.ts';
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
  type Variable,
  type Width,
} from './node.ts';

export type Int = 'i32' | 'i64';
/** A node of the type, or a literal that becomes a constant of the other operand's type. */
export type Arg<T extends Ty> = Node<T> | number | bigint;
type Args<P extends readonly Ty[]> = { readonly [K in keyof P]: Arg<P[K]> };
type Omitted<N> = N extends unknown ? Omit<N, 'id'> : never;
type Draft = Omitted<Node>;

/** A recorded body: what one execution of an instruction does. */
export interface Body {
  readonly statements: readonly Stmt[];
  /** How many nodes and variables were made: their ids are below. */
  readonly nodes: number;
  readonly variables: readonly Variable[];
  /** The helpers that it calls. */
  readonly helpers: ReadonlySet<Helper>;
}

/**
 * Records a body. Methods make nodes and append statements in the order in which they are called; nothing is computed.
 * A JavaScript `if` in the caller decides what is recorded, `when` and `select` decide at run time.
 */
export class Recorder {
  #statements: Stmt[] = [];
  #nodes = 0;
  readonly #variables: Variable[] = [];
  readonly #helpers = new Set<Helper>();

  /** The body recorded so far. */
  finish(): Body {
    return { statements: this.#statements, nodes: this.#nodes, variables: this.#variables, helpers: this.#helpers };
  }

  // A draft has every member of Node but the id: the one place where a node is made.
  #make<T extends Ty>(ty: T, draft: Draft): Node<T> {
    const node = { ...draft, ty, id: this.#nodes++ } as Node<T>;
    if (!isPure(node) || (node.k !== 'const' && node.k !== 'field')) this.#statements.push({ s: 'let', node });
    return node;
  }

  /** Appends a statement. */
  protected statement(s: Stmt): void {
    this.#statements.push(s);
  }

  /** A constant. */
  i32(value: number): Node<'i32'> {
    return this.#make('i32', { k: 'const', ty: 'i32', value: BigInt.asIntN(32, BigInt(value)) });
  }

  /** A constant. */
  i64(value: bigint | number): Node<'i64'> {
    return this.#make('i64', { k: 'const', ty: 'i64', value: BigInt.asIntN(64, BigInt(value)) });
  }

  /** A floating-point constant. */
  f32(value: number): Node<'f32'> {
    return this.#make('f32', { k: 'float', ty: 'f32', value });
  }

  /** A floating-point constant. */
  f64(value: number): Node<'f64'> {
    return this.#make('f64', { k: 'float', ty: 'f64', value });
  }

  /** A constant of `like`'s type, or the node itself. */
  arg<T extends Ty>(ty: T, value: Arg<T>): Node<T> {
    if (typeof value !== 'number' && typeof value !== 'bigint') return value;
    switch (ty) {
      case 'i32':
      case 'i64':
        return this.#make(ty, {
          k: 'const',
          ty,
          value: BigInt.asIntN(ty === 'i32' ? 32 : 64, BigInt(value)),
        });
      case 'f32':
      case 'f64':
        return this.#make(ty, { k: 'float', ty, value: Number(value) });
      default:
        throw new Error('a v128 operand cannot be a literal');
    }
  }

  /** The value of an operand field: unsigned or sign extended as the format says; `rel` fields are 64 bits wide. */
  field(field: Field): Node<'i32'> {
    if (field.bytes === 8) throw new Error(`field ${field.name} is 64 bits wide`);
    return this.#make('i32', { k: 'field', ty: 'i32', field });
  }

  /** The byte distance of a relative operand from the instruction's address. */
  rel(field: Field): Node<'i64'> {
    if (field.bytes !== 8) throw new Error(`field ${field.name} is not a relative operand`);
    return this.#make('i64', { k: 'field', ty: 'i64', field });
  }

  /** Address of the instruction itself. */
  ia(): Node<'i64'> {
    return this.#make('i64', { k: 'ia', ty: 'i64' });
  }

  /** A pointer to host memory that is the instruction's own: what it finds there is anything. 0 where there is none. */
  room(): Node<'i32'> {
    return this.#make('i32', { k: 'room', ty: 'i32' });
  }

  /** 1 where `fused` may be used. */
  fuses(): Node<'i32'> {
    return this.#make('i32', { k: 'fuses', ty: 'i32' });
  }

  /** `a * b + c` of both long numbers, rounded once. */
  fused(a: Node<'v128'>, b: Node<'v128'>, c: Node<'v128'>): Node<'v128'> {
    return this.#make('v128', { k: 'fused', ty: 'v128', args: [a, b, c] });
  }

  /** Address of the next sequential instruction, not yet wrapped to the addressing mode. */
  next(): Node<'i64'> {
    return this.#make('i64', { k: 'next', ty: 'i64' });
  }

  /** A unary operation of WebAssembly whose result has the operand's type. */
  un<T extends Ty>(op: string, a: Node<T>): Node<T> {
    return this.#make(a.ty, { k: 'un', ty: a.ty, op, a });
  }

  /** A unary operation with a result of another type, such as `i64.extend_i32_u`. */
  conv<T extends Ty>(ty: T, op: string, a: Node): Node<T> {
    return this.#make(ty, { k: 'un', ty, op, a });
  }

  /** A binary operation of WebAssembly whose result has the operands' type. */
  bin<T extends Ty>(op: string, a: Node<T>, b: Arg<T>): Node<T> {
    return this.#make(a.ty, { k: 'bin', ty: a.ty, op, a, b: this.arg(a.ty, b) });
  }

  /** A comparison: 1 or 0. */
  cmp<T extends Ty>(op: string, a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.#make('i32', { k: 'bin', ty: 'i32', op, a, b: this.arg(a.ty, b) });
  }

  /** A vector operation with a lane number, such as `i32x4.extract_lane`. */
  lane<T extends Ty>(ty: T, op: LaneOp, lane: number, ...args: readonly Node[]): Node<T> {
    return this.#make(ty, { k: 'lane', ty, op, lane, args });
  }

  /** A vector operation whose second operand is a number for all lanes, such as `i8x16.shl`. */
  lanesBy(op: string, a: Node<'v128'>, by: Arg<'i32'>): Node<'v128'> {
    return this.#make('v128', { k: 'bin', ty: 'v128', op, a, b: this.arg('i32', by) });
  }

  add<T extends Ty>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('add', a, b);
  }
  sub<T extends Ty>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('sub', a, b);
  }
  mul<T extends Ty>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('mul', a, b);
  }
  and<T extends Int | 'v128'>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('and', a, b);
  }
  or<T extends Int | 'v128'>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('or', a, b);
  }
  xor<T extends Int | 'v128'>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('xor', a, b);
  }
  not<T extends Int>(a: Node<T>): Node<T> {
    return this.bin('xor', a, -1);
  }
  /** Shift counts are taken modulo the width, as WebAssembly does. */
  shl<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('shl', a, b);
  }
  shrU<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('shr_u', a, b);
  }
  shrS<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('shr_s', a, b);
  }
  rotl<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('rotl', a, b);
  }
  divS<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('div_s', a, b);
  }
  divU<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('div_u', a, b);
  }
  remS<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('rem_s', a, b);
  }
  remU<T extends Int>(a: Node<T>, b: Arg<T>): Node<T> {
    return this.bin('rem_u', a, b);
  }
  eq<T extends Ty>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('eq', a, b);
  }
  ne<T extends Ty>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('ne', a, b);
  }
  ltS<T extends Int>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('lt_s', a, b);
  }
  ltU<T extends Int>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('lt_u', a, b);
  }
  gtS<T extends Int>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('gt_s', a, b);
  }
  gtU<T extends Int>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('gt_u', a, b);
  }
  leU<T extends Int>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('le_u', a, b);
  }
  geU<T extends Int>(a: Node<T>, b: Arg<T>): Node<'i32'> {
    return this.cmp('ge_u', a, b);
  }
  /** 1 when the integer is zero. */
  isZero<T extends Int>(a: Node<T>): Node<'i32'> {
    return this.conv('i32', 'eqz', a);
  }
  clz<T extends Int>(a: Node<T>): Node<T> {
    return this.un('clz', a);
  }
  popcnt<T extends Int>(a: Node<T>): Node<T> {
    return this.un('popcnt', a);
  }
  /** The low word. */
  wrap(a: Node<'i64'>): Node<'i32'> {
    return this.conv('i32', 'wrap_i64', a);
  }
  /** Zero extended to 64 bits. */
  zext(a: Node<'i32'>): Node<'i64'> {
    return this.conv('i64', 'extend_i32_u', a);
  }
  /** Sign extended to 64 bits. */
  sext(a: Node<'i32'>): Node<'i64'> {
    return this.conv('i64', 'extend_i32_s', a);
  }
  /** The low 8, 16 or (of an i64) 32 bits, sign extended within the type. */
  extend<T extends Int>(bits: 8 | 16 | 32, a: Node<T>): Node<T> {
    return this.un(`extend${bits}_s`, a);
  }
  select<T extends Ty>(cond: Node<'i32'>, a: Node<T>, b: Arg<T>): Node<T> {
    return this.#make(a.ty, { k: 'select', ty: a.ty, cond, a, b: this.arg(a.ty, b) });
  }

  /** A register's part. */
  readReg<T extends Ty>(part: RegisterPart<T>, index: RegisterIndex): Node<T> {
    return this.#make(part.ty, { k: 'reg', ty: part.ty, part, index });
  }
  /** Sets a register's part; the rest of the register stays. */
  writeReg<T extends Ty>(part: RegisterPart<T>, index: RegisterIndex, value: Arg<T>): void {
    this.statement({ s: 'setReg', part, index, value: this.arg(part.ty, value) });
  }
  /** A scalar of the vCPU state. */
  state<T extends Ty>(slot: Slot<T>): Node<T> {
    return this.#make(slot.ty, { k: 'state', ty: slot.ty, slot });
  }
  setState<T extends Ty>(slot: Slot<T>, value: Arg<T>): void {
    this.statement({ s: 'setState', slot, value: this.arg(slot.ty, value) });
  }

  /** The number at an address in the guest's byte order, zero extended (or sign extended) to the type: i32 up to 32 bits, i64 for 64, v128 for 128. */
  fetchAs<T extends Ty>(ty: T, width: Width, address: Address, signed = false): Node<T> {
    return this.#make(ty, { k: 'fetch', ty, width, signed, address });
  }
  /** Stores the low `width` bits in the guest's byte order. */
  storeAs(width: Width, address: Address, value: Node): void {
    this.statement({ s: 'store', width, address, value });
  }

  /**
   * A host pointer to the end of the guest's `length` bytes (1 or more) at `address` when the access is allowed now and
   * the bytes lie in one page that needs no attention; 0 otherwise, and then nothing is known: let a helper do it.
   */
  probe(access: Access, address: Address, length: Node<'i32'>): Node<'i32'> {
    return this.#make('i32', { k: 'probe', ty: 'i32', access, address, length });
  }
  /** Loads guest bytes `offset` to `offset + width / 8` behind `pointer`'s start, which is `pointer - offset - width / 8`. */
  hostLoadAs<T extends Ty>(ty: T, width: Width, pointer: Node<'i32'>, offset = 0, signed = false): Node<T> {
    return this.#make(ty, { k: 'hostLoad', ty, width, signed, pointer, offset });
  }
  hostStore(width: Width, pointer: Node<'i32'>, offset: number, value: Node): void {
    this.statement({ s: 'hostStore', width, pointer, offset, value });
  }
  /** Copies `length` bytes between the ranges that end at the two probed pointers, as if through a buffer. */
  hostCopy(to: Node<'i32'>, from: Node<'i32'>, length: Node<'i32'>): void {
    this.statement({ s: 'hostCopy', to, from, length });
  }
  hostFill(to: Node<'i32'>, byte: Node<'i32'>, length: Node<'i32'>): void {
    this.statement({ s: 'hostFill', to, byte, length });
  }

  /** Calls a helper for its result. */
  call<P extends readonly Ty[], R extends Ty>(helper: Helper<P, R>, ...args: Args<P>): Node<R> {
    return this.#make(helper.result, { k: 'call', ty: helper.result, helper, args: this.#args(helper, args) });
  }
  /** Calls a helper that has no result, or whose result does not matter. */
  callVoid<P extends readonly Ty[]>(helper: Helper<P>, ...args: Args<P>): void {
    this.statement({ s: 'call', helper, args: this.#args(helper, args) });
  }
  #args<P extends readonly Ty[]>(helper: Helper<P>, args: Args<P>): Node[] {
    this.#helpers.add(helper);
    return helper.params.map((ty, i) => {
      const value = args[i];
      if (value === undefined) throw new Error(`${helper.name}: argument ${i} is missing`);
      return this.arg(ty, value);
    });
  }

  /** A mutable local with its first value. */
  variable<T extends Ty>(first: Node<T>): Variable<T> {
    const v: Variable<T> = { ty: first.ty, id: this.#variables.length };
    this.#variables.push(v);
    this.set(v, first);
    return v;
  }
  get<T extends Ty>(variable: Variable<T>): Node<T> {
    return this.#make(variable.ty, { k: 'get', ty: variable.ty, variable });
  }
  set<T extends Ty>(variable: Variable<T>, value: Arg<T>): void {
    this.statement({ s: 'set', variable, value: this.arg(variable.ty, value) });
  }

  #block(record: () => void): Stmt[] {
    const outer = this.#statements;
    this.#statements = [];
    try {
      record();
      return this.#statements;
    } finally {
      this.#statements = outer;
    }
  }

  /** Does `then` when the condition is not zero, else `otherwise`. */
  when(cond: Node<'i32'>, then: () => void, otherwise?: () => void): void {
    const a = this.#block(then);
    const b = otherwise === undefined ? [] : this.#block(otherwise);
    this.statement({ s: 'if', cond, whenTrue: a, whenFalse: b });
  }

  /** Does `body` at least once, and again while the condition that it returns is not zero. */
  repeat(body: () => Node<'i32'>): void {
    let again: Node<'i32'> | undefined;
    const statements = this.#block(() => {
      again = body();
    });
    if (again === undefined) throw new Error('a loop needs a condition');
    this.statement({ s: 'loop', body: statements, again });
  }

  /** The next instruction comes from `target`; the rest of the body is still done. */
  branch(target: Node<'i64'>): void {
    this.statement({ s: 'branch', target });
  }

  /** Ends the instruction with a program interruption when the condition is not zero. */
  trapIf(cond: Node<'i32'>, code: number): void {
    this.when(cond, () => this.statement({ s: 'trap', code: this.i32(code) }));
  }
  /** Does the instruction decoded at `entry` in place of this one. */
  dispatch(entry: Node<'i32'>): void {
    this.statement({ s: 'dispatch', entry });
  }
  /** Ends the instruction with the program interruption whose code is computed. */
  trap(code: Arg<'i32'>): void {
    this.statement({ s: 'trap', code: this.arg('i32', code) });
  }
}
