/**
 * The typed expression IR in which an instruction's meaning is recorded. A body is a list of statements in execution
 * order; values are nodes of a DAG. A pure node may be evaluated anywhere after its inputs; an ordered node (register,
 * storage, helper) is evaluated exactly where its `let` stands.
 */

import type { LaneOp } from '../wasm/op-vector.ts';
import type { Field } from './field.ts';

/** Value types; those of WebAssembly. */
export type Ty = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export type I32 = Node<'i32'>;
export type I64 = Node<'i64'>;
export type F32 = Node<'f32'>;
export type F64 = Node<'f64'>;
export type V128 = Node<'v128'>;

/** A register file of the guest: `count` registers of `width` bytes, `offset` bytes into the vCPU state, little endian. */
export interface RegisterFile {
  readonly name: string;
  readonly offset: number;
  readonly width: 4 | 8 | 16;
}

/** A named part of every register of a file, such as the low word of a general register. */
export interface RegisterPart<T extends Ty = Ty> {
  readonly file: RegisterFile;
  readonly name: string;
  /** Bytes into the register, counted in the little-endian image. */
  readonly offset: number;
  readonly ty: T;
  readonly bytes: 1 | 2 | 4 | 8 | 16;
}

/** A scalar of the vCPU state. */
export interface Slot<T extends Ty = Ty> {
  readonly name: string;
  readonly offset: number;
  readonly ty: T;
}

/**
 * Which register of a file: an operand field, plus a constant (the odd register of a pair), or a computed number; `number` is what a
 * constant one is.
 */
export type RegisterIndex =
  | { readonly by: 'field'; readonly field: Field; readonly delta: number }
  | { readonly by: 'value'; readonly index: Node<'i32'>; readonly number?: number };

/** What an access does to storage. */
export type Access = 'fetch' | 'store';

/**
 * The space that a storage operand lies in: that of operands, that of instructions, or the one that an operand field
 * has a say in, when the architecture's mode is such (the field names a register).
 */
export type Space = 'data' | 'instruction' | Field;

/** An address of guest storage, and its space. */
export interface Address {
  readonly at: Node<'i64'>;
  readonly space: Space;
}

/** A mutable local of a body, for loops and for values that differ by branch. */
export interface Variable<T extends Ty = Ty> {
  readonly ty: T;
  readonly id: number;
}

export type Width = 8 | 16 | 32 | 64 | 128;

/**
 * A function in TypeScript that does what the IR should not: called with the vCPU's state address and the arguments.
 * `ends` says that it may change the mode of the vCPU or what the run loop must look at: the instruction address is
 * taken from the state afterwards.
 */
export interface Helper<P extends readonly Ty[] = readonly Ty[], R extends Ty | undefined = Ty | undefined> {
  readonly name: string;
  readonly params: P;
  readonly result: R;
  readonly effects: Effects;
}

/** True for a helper that may end the instruction that calls it. */
export function mayLeave({ effects }: Helper): boolean {
  return [effects.fetches, effects.stores, effects.faults, effects.ends].includes(true);
}

export interface Effects {
  readonly fetches?: boolean;
  readonly stores?: boolean;
  readonly faults?: boolean;
  readonly ends?: boolean;
  /** The register files that it touches; any of them when that is not said. */
  readonly registers?: { readonly reads: readonly RegisterFile[]; readonly writes: readonly RegisterFile[] };
}

type Shape =
  | { readonly k: 'const'; readonly value: bigint }
  | { readonly k: 'float'; readonly value: number }
  | { readonly k: 'field'; readonly field: Field }
  | { readonly k: 'un'; readonly op: string; readonly a: Node }
  | { readonly k: 'bin'; readonly op: string; readonly a: Node; readonly b: Node }
  | { readonly k: 'select'; readonly cond: Node<'i32'>; readonly a: Node; readonly b: Node }
  | { readonly k: 'lane'; readonly op: LaneOp; readonly lane: number; readonly args: readonly Node[] }
  | { readonly k: 'ia' }
  | { readonly k: 'next' }
  /**
   * A pointer to 256 bytes of host memory, for tables that an instruction makes and reads; 0 where there is none, and the body has to do
   * without.
   */
  | { readonly k: 'room' }
  /** 1 where `fused` may be used: the engine multiplies and adds with one rounding. A body has to do without, too. */
  | { readonly k: 'fuses' }
  /** Of its three operands, `a * b + c` of both long numbers, rounded once. */
  | { readonly k: 'fused'; readonly args: readonly Node[] }
  | { readonly k: 'reg'; readonly part: RegisterPart; readonly index: RegisterIndex }
  | { readonly k: 'state'; readonly slot: Slot }
  | { readonly k: 'fetch'; readonly width: Width; readonly signed: boolean; readonly address: Address }
  | { readonly k: 'probe'; readonly access: Access; readonly address: Address; readonly length: Node<'i32'> }
  | {
      readonly k: 'hostLoad';
      readonly width: Width;
      readonly signed: boolean;
      readonly pointer: Node<'i32'>;
      readonly offset: number;
    }
  | { readonly k: 'call'; readonly helper: Helper; readonly args: readonly Node[] }
  | { readonly k: 'get'; readonly variable: Variable };

/** A value. Made by the recorder only. */
export type Node<T extends Ty = Ty> = Shape & { readonly ty: T; readonly id: number };

/** A statement, in execution order. */
export type Stmt =
  | { readonly s: 'let'; readonly node: Node }
  | { readonly s: 'setReg'; readonly part: RegisterPart; readonly index: RegisterIndex; readonly value: Node }
  | { readonly s: 'setState'; readonly slot: Slot; readonly value: Node }
  | { readonly s: 'store'; readonly width: Width; readonly address: Address; readonly value: Node }
  | {
      readonly s: 'hostStore';
      readonly width: Width;
      readonly pointer: Node<'i32'>;
      readonly offset: number;
      readonly value: Node;
    }
  | { readonly s: 'hostCopy'; readonly to: Node<'i32'>; readonly from: Node<'i32'>; readonly length: Node<'i32'> }
  | { readonly s: 'hostFill'; readonly to: Node<'i32'>; readonly byte: Node<'i32'>; readonly length: Node<'i32'> }
  | { readonly s: 'call'; readonly helper: Helper; readonly args: readonly Node[] }
  | { readonly s: 'set'; readonly variable: Variable; readonly value: Node }
  | {
      readonly s: 'if';
      readonly cond: Node<'i32'>;
      readonly whenTrue: readonly Stmt[];
      readonly whenFalse: readonly Stmt[];
    }
  | { readonly s: 'loop'; readonly body: readonly Stmt[]; readonly again: Node<'i32'> }
  | { readonly s: 'branch'; readonly target: Node<'i64'> }
  | { readonly s: 'trap'; readonly code: Node<'i32'> }
  /** The instruction decoded at `entry` is done in place of this one. */
  | { readonly s: 'dispatch'; readonly entry: Node<'i32'> };

/** True for a node whose value depends on nothing but its inputs. */
export function isPure(node: Node): boolean {
  switch (node.k) {
    case 'reg':
    case 'state':
    case 'fetch':
    case 'probe':
    case 'hostLoad':
    case 'call':
    case 'get':
      return false;
    default:
      return true;
  }
}
