/** What an architecture contributes to the engine: rows with recorded bodies, and the slow paths behind them. */

import type { ByteOrder } from '../bits/byte-order.ts';
import type { Field } from '../ir/field.ts';
import type { Helper, RegisterFile, RegisterPart, Slot } from '../ir/node.ts';
import type { Body } from '../ir/recorder.ts';
import type { KnownOperand } from '../ir/specialize.ts';
import type { DecodePages } from './decode-pages.ts';
import type { CodeUnit } from './layout.ts';
import type { QuickTests } from './quick-test.ts';
import type { TranslatedCode } from './translated.ts';

/** An instruction as the engine needs it. Its handler's table index is its place in `Arch.rows`, after the fixed ones. */
export interface EngineRow {
  readonly mnemonic: string;
  /** May be recorded when it is first asked for. */
  readonly body: Body;
}

/** A helper's implementation: the vCPU's state address, then the arguments; bigint for i64. */
export type HelperFunction = (vcpu: number, ...args: never[]) => number | bigint | undefined;

/**
 * The slow paths of generated code. `vcpu` is the address of a vCPU's state. A guest's fault is a status:
 * `LEFT` in the vCPU's state, upon which the generated code returns to the caller of the run loop; addresses come as upper and lower word; `space` is the
 * value of the operand field that has a say in the operand's space, or one of `Arch.spaces`.
 */
export interface EngineHooks {
  /** Fills the decode-cache entry at `entry`, which lies in a decode page, and maybe some that follow it; gives how many. */
  decode(vcpu: number, entry: number): number;
  /** Decodes the page-crossing instruction at `ia` into the vCPU's own entry and returns that entry's address. */
  crossing(vcpu: number): number;
  /** Wraps `pc` to the addressing mode and makes `ifetchTag` and `ifetchBase` fit it. */
  ifetchMiss(vcpu: number): void;
  /** The address from which the plain access of a fetch of `bytes` reads its bytes. */
  fetchSlow(vcpu: number, high: number, low: number, bytes: number, space: number): number;
  /** Stores the low `bytes` of the scratch slot. */
  storeSlow(vcpu: number, high: number, low: number, bytes: number, space: number): void;
  /** A host pointer to the range, to its end when storage is mirrored, or 0; never faults. `access` is 0 for fetch, 1 for store. */
  probeSlow(vcpu: number, high: number, low: number, length: number, access: number, space: number): number;
  /** Ends the instruction with a program interruption. */
  trap(vcpu: number, code: number): void;
  /** Nonzero when the run loop shall end before the instruction at `pc`. Called for addresses that the filter lets through. */
  breakpoint(vcpu: number): number;
}

/** An instruction as it lies in storage, decoded without a trace of that anywhere. */
export interface DecodedInstruction {
  /** Its place in `Arch.rows`. */
  readonly row: number;
  readonly length: number;
  /** What it does: that of the target for an instruction that does another one. */
  readonly body: Body;
  operand(field: Field): KnownOperand;
  /** The operand that depends on a register, of a target that is modified. */
  readonly modified?: Field | undefined;
  /** It does another instruction, whose address is a register's value plus a number. */
  readonly executes?: Executed | undefined;
  /** Offset in the frame and length of other text that it depends on. */
  readonly also?: { readonly offset: number; readonly length: number } | undefined;
}

/** What an instruction does that does another one in its place. */
export interface Executed {
  readonly part: RegisterPart;
  readonly number: number;
  readonly displacement: bigint;
  /** The same instruction when the other one is at an offset of its own frame; undefined when that cannot be translated. */
  at(offset: number): DecodedInstruction | undefined;
}

/** What a translator must know of an architecture. */
export interface Translatable {
  readonly pages: DecodePages;
  /** Decodes the instruction at a storage offset, all of it in one frame; undefined for what cannot be executed there. */
  decodeAt(offset: number): DecodedInstruction | undefined;
  /** The same of one that crosses its frame's end: its bytes behind that are at the beginning of another frame. */
  decodeCrossing(offset: number, behind: number): DecodedInstruction | undefined;
  /** Fills the decode-cache entry of an instruction in one frame. */
  fillEntry(entry: number, offset: number): void;
  /** Scalars that no instruction changes but those with helpers that `end` the run: they are compared when code is entered. */
  readonly mode: readonly Slot[];
  /** The scalar that most instructions set and few look at. */
  readonly condition: Slot<'i32'>;
  /** The value of a register that never changes. */
  constantRegister(file: RegisterFile, number: number): bigint | undefined;
}

/** An architecture whose code can be translated. */
export interface TranslatableArch extends Arch {
  readonly translatable: Translatable;
}

/** The engine's view of an architecture. */
export interface Arch {
  readonly name: string;
  /** Of numbers in storage: the storage of a big-endian guest is mirrored, see `storage.ts`. */
  readonly byteOrder: ByteOrder;
  /** Bytes at multiples of which instructions lie: 2 or 4. */
  readonly codeUnit: CodeUnit;
  /** What slow paths are told of operands in whose space no field has a say. */
  readonly spaces: { readonly data: number; readonly instruction: number };
  readonly rows: readonly EngineRow[];
  /** So many of them, the first ones, are those that guests execute most by far. Each can be given up until it changes something. */
  readonly common?: number | undefined;
  readonly hooks: EngineHooks;
  /** Tests that spare questions; absent where none are made. */
  readonly quickTests?: QuickTests | undefined;
  /** Undefined for an architecture that is interpreted only. */
  readonly translatable?: Translatable | undefined;
  /** The implementation of a helper that a row's body calls. `helper` is asked when it is first called. */
  implementation(helper: () => Helper): HelperFunction;
}

/** The interpreter of an architecture, compiled for one memory. */
export interface Interpreter {
  /** Runs the vCPU whose state is at the address until its limit, or until an exception leaves a handler. */
  run(vcpu: number): void;
  /** The same, stopping before instructions at breakpoints. */
  runChecked(vcpu: number): void;
  /** What it has translated; undefined in one that only interprets. */
  readonly translated?: TranslatedCode | undefined;
}
