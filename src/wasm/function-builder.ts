import { ByteWriter } from './byte-writer.ts';
import { type Op, ops } from './op.ts';
import { type AccessOp, accessOps, type LaneAccessOp, laneAccessOps } from './op-scalar.ts';
import { type LaneOp, laneOps } from './op-vector.ts';
import { type BlockType, type ValType, valTypeByte } from './types.ts';

/** Where a branch may go: an open block or if (its end), a loop (its start) or the function's body (a return). */
export interface Label {
  /** How many constructs were open around it. */
  readonly height: number;
}

/** What a function needs to know of the module around it. */
export interface TypeSpace {
  /** Index of a function type; equal types have one index. */
  typeIndex(params: readonly ValType[], results: readonly ValType[]): number;
}

/**
 * Writes one function body straight into bytes. Operand types are left to the engine's validator; what is checked here
 * is what that could not name: constructs left open, and labels that are no longer in scope.
 */
export class FunctionBuilder {
  readonly #types: TypeSpace;
  readonly #paramCount: number;
  readonly #locals: ValType[] = [];
  /** Locals by type that may be declared again inside of `reuseLocals`, and those declared since it began; undefined outside of it. */
  readonly #free = new Map<ValType, number[]>();
  #lent: (readonly [type: ValType, local: number])[] | undefined;
  readonly #code = new ByteWriter();
  readonly #open: Label[] = [];

  /** Branching here returns from the function. */
  readonly body: Label;

  constructor(types: TypeSpace, paramCount: number) {
    this.#types = types;
    this.#paramCount = paramCount;
    this.body = this.#enter();
  }

  /** Bytes of code so far. */
  get size(): number {
    return this.#code.length;
  }

  /** Declares a local, zero at entry, and gives its index. The parameters have the indices from 0. */
  local(type: ValType): number {
    const free = this.#lent === undefined ? undefined : this.#free.get(type)?.pop();
    const local = free ?? this.#paramCount + this.#locals.push(type) - 1;
    this.#lent?.push([type, local]);
    return local;
  }

  /** The locals that `inside` declares are free for others behind it. Those may hold anything at first. */
  reuseLocals(inside: () => void): void {
    if (this.#lent !== undefined) throw new Error('locals are being reused already');
    const lent: (readonly [type: ValType, local: number])[] = [];
    this.#lent = lent;
    inside();
    this.#lent = undefined;
    for (const [type, local] of lent.reverse()) {
      const free = this.#free.get(type) ?? [];
      this.#free.set(type, free);
      free.push(local);
    }
  }

  /** Pushes a local or parameter. */
  get(local: number): void {
    this.#code.byte(0x20);
    this.#code.u32(local);
  }

  /** Pops into a local or parameter. */
  set(local: number): void {
    this.#code.byte(0x21);
    this.#code.u32(local);
  }

  /** Copies the top of the stack to a local or parameter. */
  tee(local: number): void {
    this.#code.byte(0x22);
    this.#code.u32(local);
  }

  /** Pushes a global. */
  globalGet(global: number): void {
    this.#code.byte(0x23);
    this.#code.u32(global);
  }

  /** Pops into a mutable global. */
  globalSet(global: number): void {
    this.#code.byte(0x24);
    this.#code.u32(global);
  }

  /** Pushes the low 32 bits of `value`; signed and unsigned spellings are one. */
  i32const(value: number): void {
    this.#code.byte(0x41);
    this.#code.s32(value);
  }

  /** Pushes the low 64 bits of `value`. A number must be a safe integer. */
  i64const(value: bigint | number): void {
    this.#code.byte(0x42);
    this.#code.s64(value);
  }

  /** Pushes an IEEE single. The payload of a NaN is not kept: reinterpret an integer where it matters. */
  f32const(value: number): void {
    this.#code.byte(0x43);
    this.#code.f32(value);
  }

  /** Pushes an IEEE double. The payload of a NaN is not kept: reinterpret an integer where it matters. */
  f64const(value: number): void {
    this.#code.byte(0x44);
    this.#code.f64(value);
  }

  /** Pushes a vector from its 16 bytes, lane 0 first, each lane little endian. */
  v128const(bytes: Uint8Array): void {
    if (bytes.length !== 16) throw new RangeError(`a vector has 16 bytes, not ${bytes.length}`);
    this.#opcode(0xfd0c);
    this.#code.raw(bytes);
  }

  /** An instruction without immediate operands. */
  op(name: Op): void {
    this.#opcode(ops[name][0]);
  }

  /**
   * Pops c, b and a, vectors of two long numbers; pushes `a * b + c`, rounded once or twice as the engine likes (`f64x2.relaxed_madd`).
   * Some engines want to be told that there is such an instruction.
   */
  fusedLong(): void {
    this.#code.byte(0xfd);
    this.#code.u32(0x107);
  }

  /** Traps when reached. */
  unreachable(): void {
    this.#code.byte(0x00);
  }

  /** Returns the values on top of the stack. */
  return(): void {
    this.#code.byte(0x0f);
  }

  /** Pops and forgets. */
  drop(): void {
    this.#code.byte(0x1a);
  }

  /** Pops condition, then b, then a; pushes a if the condition is not 0 and else b. */
  select(): void {
    this.#code.byte(0x1b);
  }

  /**
   * A load or store at the popped address plus `offset` bytes. `align` is the power of two that the address is promised
   * to be a multiple of; a broken promise costs time only.
   */
  access(name: AccessOp, offset = 0, align: number = accessOps[name][2]): void {
    this.#opcode(accessOps[name][0]);
    this.#code.u32(align);
    this.#code.u32(offset);
  }

  /** A load or store of lane `lane` of the popped vector; otherwise as `access`. */
  laneAccess(name: LaneAccessOp, lane: number, offset = 0, align: number = laneAccessOps[name][2]): void {
    this.#opcode(laneAccessOps[name][0]);
    this.#code.u32(align);
    this.#code.u32(offset);
    this.#code.byte(lane);
  }

  /** An instruction on one lane of a vector. */
  lane(name: LaneOp, lane: number): void {
    this.#opcode(laneOps[name][0]);
    this.#code.byte(lane);
  }

  /** `i8x16.shuffle`: pops b, then a; lane k of the result is lane `lanes[k]` of the 32 of a and b. */
  shuffle(lanes: readonly number[]): void {
    if (lanes.length !== 16) throw new RangeError(`a shuffle has 16 lanes, not ${lanes.length}`);
    this.#opcode(0xfd0d);
    for (const lane of lanes) this.#code.byte(lane);
  }

  /** Pushes the memory's size in pages. */
  memorySize(): void {
    this.#opcode(0x3f);
    this.#code.byte(0);
  }

  /** Pops a number of pages to add; pushes the old size, or -1 when there is no room. */
  memoryGrow(): void {
    this.#opcode(0x40);
    this.#code.byte(0);
  }

  /** Pops byte count, source and destination; the ranges may overlap. */
  memoryCopy(): void {
    this.#opcode(0xfc0a);
    this.#code.byte(0);
    this.#code.byte(0);
  }

  /** Pops byte count, byte value and destination. */
  memoryFill(): void {
    this.#opcode(0xfc0b);
    this.#code.byte(0);
  }

  /** Calls a function. */
  call(func: number): void {
    this.#code.byte(0x10);
    this.#code.u32(func);
  }

  /** Pops an index into `table` and calls the function there, which traps unless it has just this type. */
  callIndirect(table: number, params: readonly ValType[], results: readonly ValType[]): void {
    this.#code.byte(0x11);
    this.#code.u32(this.#types.typeIndex(params, results));
    this.#code.u32(table);
  }

  /** A call in place of this function's frame: its results are returned. */
  returnCall(func: number): void {
    this.#code.byte(0x12);
    this.#code.u32(func);
  }

  /** `callIndirect` in place of this function's frame. */
  returnCallIndirect(table: number, params: readonly ValType[], results: readonly ValType[]): void {
    this.#code.byte(0x13);
    this.#code.u32(this.#types.typeIndex(params, results));
    this.#code.u32(table);
  }

  /** Opens a block: branches to its label go past its end. */
  beginBlock(type?: BlockType): Label {
    return this.#begin(0x02, type);
  }

  /** Opens a loop: branches to its label go back to its start. */
  beginLoop(type?: BlockType): Label {
    return this.#begin(0x03, type);
  }

  /** Pops a condition and opens what runs when it is not 0. */
  beginIf(type?: BlockType): Label {
    return this.#begin(0x04, type);
  }

  /** Goes over to what the innermost open if runs when its condition is 0. */
  else(): void {
    this.#code.byte(0x05);
  }

  /** Closes the innermost open construct. */
  end(): void {
    if (this.#open.length <= 1) throw new Error('end without an open block, loop or if');
    this.#open.pop();
    this.#code.byte(0x0b);
  }

  /** A block around what `inside` writes. */
  block(type: BlockType, inside: (label: Label) => void): void {
    inside(this.beginBlock(type));
    this.end();
  }

  /** A loop around what `inside` writes. */
  loop(type: BlockType, inside: (label: Label) => void): void {
    inside(this.beginLoop(type));
    this.end();
  }

  /** Pops a condition; runs what `then` writes when it is not 0, else what `otherwise` writes. */
  if(type: BlockType, then: (label: Label) => void, otherwise?: (label: Label) => void): void {
    const label = this.beginIf(type);
    then(label);
    if (otherwise !== undefined) {
      this.else();
      otherwise(label);
    }
    this.end();
  }

  /** Branches. */
  br(label: Label): void {
    this.#code.byte(0x0c);
    this.#code.u32(this.#depth(label));
  }

  /** Pops a condition and branches when it is not 0. */
  brIf(label: Label): void {
    this.#code.byte(0x0d);
    this.#code.u32(this.#depth(label));
  }

  /** Pops an index and branches to that label, to `otherwise` when it is past the last. */
  brTable(labels: readonly Label[], otherwise: Label): void {
    this.#code.byte(0x0e);
    this.#code.u32(labels.length);
    for (const label of labels) this.#code.u32(this.#depth(label));
    this.#code.u32(this.#depth(otherwise));
  }

  /** Closes the body and appends it to `out` as an entry of the code section. The builder is spent. */
  finish(out: ByteWriter): void {
    if (this.#open.length !== 1) throw new Error(`${this.#open.length - 1} constructs left open`);
    this.#open.pop();
    this.#code.byte(0x0b);
    const locals = encodeLocals(this.#locals);
    out.u32(locals.length + this.#code.length);
    out.raw(locals.view());
    out.raw(this.#code.view());
  }

  #enter(): Label {
    const label: Label = { height: this.#open.length };
    this.#open.push(label);
    return label;
  }

  #begin(opcode: number, type: BlockType): Label {
    this.#code.byte(opcode);
    if (type === undefined) this.#code.byte(0x40);
    else if (typeof type === 'string') this.#code.byte(valTypeByte[type]);
    else this.#code.s32(this.#types.typeIndex(type.params, type.results));
    return this.#enter();
  }

  #depth(label: Label): number {
    if (this.#open[label.height] !== label) throw new Error('branch to a label that is not in scope');
    return this.#open.length - 1 - label.height;
  }

  #opcode(code: number): void {
    if (code > 0xff) {
      this.#code.byte(code >> 8);
      this.#code.u32(code & 0xff);
    } else {
      this.#code.byte(code);
    }
  }
}

/** Runs of equal types, as the code section wants them. */
function encodeLocals(locals: readonly ValType[]): ByteWriter {
  const runs: { type: ValType; count: number }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  const out = new ByteWriter(16);
  out.u32(runs.length);
  for (const { type, count } of runs) {
    out.u32(count);
    out.byte(valTypeByte[type]);
  }
  return out;
}
