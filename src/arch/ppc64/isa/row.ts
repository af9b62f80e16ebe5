import type { ByteOrder } from '../../../bits/byte-order.ts';
import { checkBody } from '../../../ir/check.ts';
import type { Body } from '../../../ir/recorder.ts';
import type { Fields, PpcField } from './fields.ts';
import { Sem, type Variant } from './sem.ts';

/** The opcode of an instruction: its word with all operands zero, and which bits of a word decide. */
export interface Opcode {
  readonly value: number;
  readonly mask: number;
}

/** What a row says besides its meaning. */
export interface RowSpec<T> {
  readonly op: Opcode;
  readonly form: Fields<T>;
  /** The manual's heading. */
  readonly title: string;
  /** Forms that there are besides: with a dot (bit 31), with XER[OV] (bit 21), with LR (bit 31), with an address (bit 30). */
  readonly also?: readonly ('rc' | 'oe' | 'lk' | 'aa')[];
  /** Operand fields that the instruction does not look at. */
  readonly ignores?: readonly string[];
}

/** An instruction of the table, one of its forms. */
export interface Row {
  readonly mnemonic: string;
  readonly op: Opcode;
  readonly fields: Readonly<Record<string, PpcField>>;
  /** They without their names. */
  readonly operands: readonly PpcField[];
  readonly title: string;
  /** The mnemonic of the form without anything. */
  readonly base: string;
  readonly implemented: boolean;
  /**
   * What it does in big-endian or little-endian mode where numbers of storage come out in the order `storage`; undefined for one
   * that is known by name only.
   */
  body(little: boolean, storage: ByteOrder): Body | undefined;
}

const suffixes: Readonly<Record<string, { readonly bit: number; readonly text: string }>> = {
  oe: { bit: 1 << 10, text: 'o' },
  lk: { bit: 1, text: 'l' },
  aa: { bit: 2, text: 'a' },
  rc: { bit: 1, text: '.' },
};

/**
 * Defines an instruction with all its forms. `semantics` runs when a body is first asked for, once for each form and byte
 * order of the guest and of storage, and records what an execution does; without it the instruction is known, and stops the machine by its name.
 */
export function insn<T extends Record<string, unknown>>(
  mnemonic: string,
  spec: RowSpec<T>,
  semantics?: Semantics<T>,
): Row[] {
  const names = Object.keys(suffixes).filter((k) => spec.also?.some((a) => a === k));
  const rows: Row[] = [];
  for (let which = 0; which < 1 << names.length; which++) {
    const chosen = names.filter((_, i) => (which & (1 << i)) !== 0);
    rows.push(new Instruction(mnemonic, spec, { names, chosen }, semantics));
  }
  return rows;
}

type Semantics<T> = ($: Sem, f: Fields<T>) => void;

/** Which of an instruction's further forms a row is of. */
interface Forms {
  readonly names: readonly string[];
  readonly chosen: readonly string[];
}

// A class: there are many, and each would have a layout of its own otherwise.
class Instruction<T extends Record<string, unknown>> implements Row {
  readonly mnemonic: string;
  readonly op: Opcode;
  readonly fields: Readonly<Record<string, PpcField>>;
  /** They without their names. */
  readonly operands: readonly PpcField[];
  readonly title: string;
  readonly base: string;
  readonly #spec: RowSpec<T>;
  readonly #chosen: readonly string[];
  readonly #semantics: Semantics<T> | undefined;
  /** In big-endian and in little-endian mode, with numbers of storage as they are and turned around. */
  readonly #bodies: (Body | undefined)[] = [];

  constructor(mnemonic: string, spec: RowSpec<T>, { names, chosen }: Forms, semantics: Semantics<T> | undefined) {
    const bits = (of: readonly string[]): number => of.reduce((all, n) => all | (suffixes[n]?.bit ?? 0), 0);
    this.mnemonic = mnemonic + chosen.map((n) => suffixes[n]?.text ?? '').join('');
    this.op = { value: (spec.op.value | bits(chosen)) >>> 0, mask: (spec.op.mask | bits(names)) >>> 0 };
    this.fields = spec.form;
    this.operands = Object.values(spec.form);
    this.title = spec.title;
    this.base = mnemonic;
    this.#spec = spec;
    this.#chosen = chosen;
    this.#semantics = semantics;
  }

  get implemented(): boolean {
    return this.#semantics !== undefined;
  }
  /** @inheritdoc */
  body(little: boolean, storage: ByteOrder): Body | undefined {
    if (this.#semantics === undefined) return undefined;
    const turned = little !== (storage === 'little');
    const which = (little ? 1 : 0) + (turned ? 2 : 0);
    this.#bodies[which] ??= this.#record(this.#semantics, { little, turned });
    return this.#bodies[which];
  }

  #record(semantics: Semantics<T>, order: Pick<Variant, 'little' | 'turned'>): Body {
    const has = (n: string): boolean => this.#chosen.includes(n);
    const variant: Variant = { rc: has('rc'), oe: has('oe'), lk: has('lk'), aa: has('aa'), ...order };
    const $ = new Sem(variant);
    semantics($, this.#spec.form);
    const body = $.finish();
    checkBody(this.mnemonic, body, { fields: Object.values(this.fields), ignores: this.#spec.ignores });
    return body;
  }
}

const PRIMARY = 0xfc00_0000;

/** An opcode of a primary part alone, and of one with an extended part in bits `from` to 30. */
export const op = {
  d: (primary: number): Opcode => ({ value: (primary << 26) >>> 0, mask: PRIMARY }),
  /** Bits 21-30; bit 31 is free. */
  x: (primary: number, extended: number): Opcode => extended10(primary, extended, 0x7fe),
  /** Bits 21-30, and bit 31 is 1. */
  xDot: (primary: number, extended: number): Opcode => {
    const { value, mask } = extended10(primary, extended, 0x7fe);
    return { value: (value | 1) >>> 0, mask: (mask | 1) >>> 0 };
  },
  /** Bits 22-30; bit 21 is OE. */
  xo: (primary: number, extended: number): Opcode => extended10(primary, extended, 0x3fe),
  /** Bits 26-30. */
  a: (primary: number, extended: number): Opcode => extended10(primary, extended, 0x3e),
  /** Bits 30 and 31. */
  ds: (primary: number, extended: number): Opcode => ({
    value: ((primary << 26) | extended) >>> 0,
    mask: (PRIMARY | 3) >>> 0,
  }),
  /** Bits 27-29, of rotates by an immediate. */
  md: (primary: number, extended: number): Opcode => ({
    value: ((primary << 26) | (extended << 2)) >>> 0,
    mask: (PRIMARY | 0x1c) >>> 0,
  }),
  /** Bits 27-30, of rotates by a register. */
  mds: (primary: number, extended: number): Opcode => ({
    value: ((primary << 26) | (extended << 1)) >>> 0,
    mask: (PRIMARY | 0x1e) >>> 0,
  }),
  /** Bits 21-29, of `sradi`. */
  xs: (primary: number, extended: number): Opcode => ({
    value: ((primary << 26) | (extended << 2)) >>> 0,
    mask: (PRIMARY | 0x7fc) >>> 0,
  }),
  /** Bits 21-31. */
  vx: (primary: number, extended: number): Opcode => ({
    value: ((primary << 26) | extended) >>> 0,
    mask: (PRIMARY | 0x7ff) >>> 0,
  }),
  /** Other bits. */
  exactly: (value: number, mask: number): Opcode => ({ value: value >>> 0, mask: mask >>> 0 }),
} as const;

function extended10(primary: number, extended: number, bits: number): Opcode {
  return { value: ((primary << 26) | (extended << 1)) >>> 0, mask: (PRIMARY | bits) >>> 0 };
}
