/** What a debugger must know of a guest's architecture: registers are rows of a table. */

/** How a register's bytes are to be shown; the names are those of GDB's predefined target types. */
export type RegisterType =
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int'
  | 'code_ptr'
  | 'data_ptr'
  | 'ieee_double'
  | string;

/** A register as a debugger sees it: a row of the one table that target XML, g/G/p/P, stop replies and `monitor` use. */
export interface RegisterRow {
  readonly name: string;
  /** Width in bits, a multiple of 8. */
  readonly bits: number;
  readonly type: RegisterType;
  readonly group?: string;
  /** False for a register that GDB must not save and restore around an inferior call. */
  readonly saveRestore?: boolean;
}

/** One bit field of a flags type: bit numbers count from the least significant bit, as GDB's XML does. */
export interface FlagField {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A named type that a feature defines for its registers. */
export type FeatureType =
  | { readonly kind: 'flags'; readonly id: string; readonly bytes: number; readonly fields: readonly FlagField[] }
  | { readonly kind: 'vector'; readonly id: string; readonly element: string; readonly count: number }
  | {
      readonly kind: 'union';
      readonly id: string;
      readonly fields: readonly { readonly name: string; readonly type: string }[];
    };

/** A target-description feature: a named group of registers and the types that they use. */
export interface RegisterFeature {
  readonly name: string;
  readonly types?: readonly FeatureType[];
  readonly registers: readonly RegisterRow[];
}

/** All that a debugger must know of the guest's architecture before it can talk about it. */
export interface TargetDescription {
  /** GDB's name of the architecture, such as `s390:64-bit`. */
  readonly architecture: string;
  readonly osabi: string;
  /** Registers are numbered across the features in the order in which they stand. */
  readonly features: readonly RegisterFeature[];
  /** Names of the registers that a stop reply carries. */
  readonly expedited: readonly string[];
  /** ELF identity of the guest, from which a debugger without a file learns byte order and word size. */
  readonly elf: {
    readonly class: 32 | 64;
    readonly data: 'msb' | 'lsb';
    readonly machine: number;
    /**
     * A file that says no place where programs are entered: gdb takes code without symbols for what stands at that place, and each
     * frame of it for the outermost one. Where its unwinder finds callers without symbols, they are shown then.
     */
    readonly withoutEntry?: boolean;
  };
  readonly pcRegister: string;
  /** Debuggers take a watchpoint's stop for one in front of the access, which they step over before they look. */
  readonly stepsOverAccesses?: boolean;
  /** LLVM's name of the architecture, such as `s390x-unknown-linux-gnu`, for debuggers that go by it. */
  readonly triple: string;
}
