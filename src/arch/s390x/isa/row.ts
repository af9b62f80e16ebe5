import { checkBody } from '../../../ir/check.ts';
import type { Body } from '../../../ir/recorder.ts';
import type { Facility } from '../cpu/facilities.ts';
import { type Fields, type Format, type FormatName, formats } from './formats.ts';
import { Sem } from './sem.ts';

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
}

/** An instruction of the table. */
export interface Row {
  readonly mnemonic: string;
  readonly op: number;
  readonly format: Format;
  readonly formatName: FormatName;
  readonly title: string;
  readonly facility: Facility;
  /** What one execution does; undefined for an instruction that is known by name only. */
  readonly body: Body | undefined;
}

/**
 * Defines an instruction. `semantics` runs once, now, and records what an execution does; without it the instruction is
 * known but not implemented, and stops the machine by its name.
 */
export function insn<N extends FormatName>(
  mnemonic: string,
  spec: RowSpec<N>,
  semantics?: ($: Sem, f: Fields<N>) => void,
): Row {
  const format: Format = formats[spec.fmt];
  let body: Body | undefined;
  if (semantics !== undefined) {
    const $ = new Sem();
    semantics($, formats[spec.fmt].fields as Fields<N>);
    body = $.finish();
    checkBody(mnemonic, body, { fields: Object.values(format.fields), ignores: spec.ignores });
  }
  return { mnemonic, op: spec.op, format, formatName: spec.fmt, title: spec.title, facility: spec.facility, body };
}
