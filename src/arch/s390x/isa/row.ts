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
  /** What one execution does; undefined for an instruction that is known by name only. Recorded when it is first asked for. */
  readonly body: Body | undefined;
  /** There is a body; asking this records nothing. */
  readonly implemented: boolean;
  readonly transactional: TransactionalRule;
}

/**
 * Defines an instruction. `semantics` runs once, when the body is first asked for, and records what an execution does, which
 * is checked then; without it the instruction is known but not implemented, and stops the machine by its name.
 */
export function insn<N extends FormatName>(
  mnemonic: string,
  spec: RowSpec<N>,
  semantics?: ($: Sem, f: Fields<N>) => void,
): Row {
  const format: Format = formats[spec.fmt];
  const record = (): Body | undefined => {
    if (semantics === undefined) return undefined;
    const $ = new Sem();
    interceptByControl($, mnemonic);
    semantics($, formats[spec.fmt].fields as Fields<N>);
    const recorded = $.finish();
    checkBody(mnemonic, recorded, { fields: Object.values(format.fields), ignores: spec.ignores });
    return recorded;
  };
  let body: Body | undefined;
  const { op, fmt: formatName, title, facility } = spec;
  return {
    ...{ mnemonic, op, format, formatName, title, facility },
    functions: spec.functions === undefined ? undefined : [...spec.functions],
    implemented: semantics !== undefined,
    transactional: transactionalRule(mnemonic, op, formatName),
    get body() {
      body ??= record();
      return body;
    },
  };
}
