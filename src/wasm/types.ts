/** A value type of WebAssembly. */
export type ValType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** A function type: what is popped, first operand first, and what is pushed. */
export interface FuncType {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/** What a block leaves on the stack: nothing, one value, or a whole function type (operands taken and values left). */
export type BlockType = ValType | FuncType | undefined;

/** The smallest and, if bounded, the largest size of a memory (in 64 KiB pages) or a table (in elements). */
export interface Limits {
  readonly min: number;
  readonly max?: number;
}

/** The byte that stands for a value type. */
export const valTypeByte = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
} as const satisfies Record<ValType, number>;
