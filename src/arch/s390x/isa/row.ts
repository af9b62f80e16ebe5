import { checkBody } from '../../../ir/check.ts';
import type { Body } from '../../../ir/recorder.ts';
import type { Facility } from '../cpu/facilities.ts';
import { interceptByControl } from './control/by-control.ts';
import { type Fields, type Format, type FormatName, formats } from './formats.ts';
import { Sem } from './sem.ts';
import { type TransactionalRule, transactionalRule } from './transactional.ts';

/** What a row says besides its meaning. */
export interface RowSpec<N extends FormatName> {
  /** Opcode, parts joined: 0x18 (8 bits), 0xb904 (16), 0xa7a (8 and bits 12-15), 0xe304 (8 and bits 40-47). */
  readonly op: number;
  readonly fmt: N;
  /** The manual's heading. */
  readonly title: string;
  /** The facility that the instruction belongs to; `zarch` for those that every z/Architecture machine has. */
  readonly facility: Facility;
  /** Operand fields that the instruction does not look at; any other field must be used by the semantic function. */
  readonly ignores?: readonly (keyof Fields<N> & string)[];
  /** Function codes that its query, or its test, tells of; 0 is the query itself. */
  readonly functions?: Iterable<number>;
  /** Those of them that are there with another facility alone. */
  readonly later?: ReadonlyMap<number, Facility>;
}

/** An instruction of the table. */
export interface Row {
  readonly mnemonic: string;
  readonly op: number;
  readonly format: Format;
  readonly formatName: FormatName;
  readonly title: string;
  readonly facility: Facility;
  /** Function codes that there are, of an instruction that has some. */
  readonly functions: readonly number[] | undefined;
  /** Those of them that are there with another facility alone. */
  readonly later: ReadonlyMap<number, Facility> | undefined;
  /** What one execution does; undefined for an instruction that is known by name only. Recorded when it is first asked for. */
  readonly body: Body | undefined;
  /** There is a body; asking this records nothing. */
  readonly implemented: boolean;
  readonly transactional: TransactionalRule;
}

type Semantics<N extends FormatName> = ($: Sem, f: Fields<N>) => void;

// A class: there are many, and each would have a layout of its own otherwise.
class Instruction<N extends FormatName> implements Row {
  readonly mnemonic: string;
  readonly op: number;
  readonly format: Format;
  readonly formatName: FormatName;
  readonly title: string;
  readonly facility: Facility;
  readonly functions: readonly number[] | undefined;
  readonly later: ReadonlyMap<number, Facility> | undefined;
  readonly transactional: TransactionalRule;
  readonly #fields: Fields<N>;
  readonly #ignores: readonly string[] | undefined;
  readonly #semantics: Semantics<N> | undefined;
  #body: Body | undefined;

  constructor(mnemonic: string, spec: RowSpec<N>, semantics: Semantics<N> | undefined) {
    this.mnemonic = mnemonic;
    this.op = spec.op;
    this.format = formats[spec.fmt];
    this.formatName = spec.fmt;
    this.title = spec.title;
    this.facility = spec.facility;
    this.later = spec.later;
    this.functions = spec.functions === undefined ? undefined : [...spec.functions];
    this.transactional = transactionalRule(mnemonic, spec.op, spec.fmt);
    this.#fields = formats[spec.fmt].fields as Fields<N>;
    this.#ignores = spec.ignores;
    this.#semantics = semantics;
  }

  get implemented(): boolean {
    return this.#semantics !== undefined;
  }

  get body(): Body | undefined {
    if (this.#semantics === undefined) return undefined;
    this.#body ??= this.#record(this.#semantics);
    return this.#body;
  }

  #record(semantics: Semantics<N>): Body {
    const $ = new Sem();
    interceptByControl($, this.mnemonic);
    semantics($, this.#fields);
    const recorded = $.finish();
    checkBody(this.mnemonic, recorded, { fields: Object.values(this.format.fields), ignores: this.#ignores });
    return recorded;
  }
}

/**
 * Defines an instruction. `semantics` runs once, when the body is first asked for, and records what an execution does, which
 * is checked then; without it the instruction is known but not implemented, and stops the machine by its name.
 */
export function insn<N extends FormatName>(mnemonic: string, spec: RowSpec<N>, semantics?: Semantics<N>): Row {
  return new Instruction(mnemonic, spec, semantics);
}
