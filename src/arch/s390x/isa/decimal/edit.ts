/** PoP, "Decimal Instructions": EDIT, EDIT AND MARK. */

import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { Cursor } from '../storage/cursor.ts';
import { operandOf, raiseLast, setAddress, span, unsigned } from '../storage/operands.ts';
import { isMinus, raiseDecimalOperand } from './packed.ts';

/** Pattern bytes with a meaning. */
const PATTERN = { digitSelector: 0x20, significanceStarter: 0x21, fieldSeparator: 0x22 } as const;

/** The digits of the source, one after the other; signs are passed and told of. */
class SourceDigits {
  readonly #vcpu: Vcpu;
  readonly #cursor: Cursor;
  #right: number | undefined;
  /** The sign code behind the digit that `next` gave, undefined when there is none. */
  sign: number | undefined;

  constructor(vcpu: Vcpu, cursor: Cursor) {
    this.#vcpu = vcpu;
    this.#cursor = cursor;
  }

  next(): number {
    this.sign = undefined;
    const right = this.#right;
    this.#right = undefined;
    if (right !== undefined) return right;
    if (!this.#cursor.ready(1)) raiseLast(this.#vcpu);
    const byte = this.#cursor.byte();
    this.#cursor.pass(1);
    if (byte >> 4 > 9) raiseDecimalOperand(this.#vcpu);
    if ((byte & 0x0f) > 9) this.sign = byte & 0x0f;
    else this.#right = byte & 0x0f;
    return byte >> 4;
  }
}

/** What an edit comes to. */
interface Edited {
  readonly result: Uint8Array;
  readonly cc: number;
  /** Index of the last result byte that was a digit and began to be significant by itself. */
  readonly mark: number | undefined;
}

function editPattern(pattern: Uint8Array, source: SourceDigits): Edited {
  const result = new Uint8Array(pattern.length);
  const fill = pattern[0] ?? 0;
  let significant = false;
  let nonzero = false;
  let mark: number | undefined;
  pattern.forEach((byte, i) => {
    if (byte === PATTERN.fieldSeparator) {
      result[i] = fill;
      significant = false;
      nonzero = false;
    } else if (byte === PATTERN.digitSelector || byte === PATTERN.significanceStarter) {
      const digit = source.next();
      if (digit !== 0) nonzero = true;
      if (digit !== 0 && !significant) mark = i;
      result[i] = significant || digit !== 0 ? 0xf0 | digit : fill;
      if (digit !== 0 || byte === PATTERN.significanceStarter) significant = true;
      if (source.sign !== undefined && !isMinus(source.sign)) significant = false;
    } else {
      result[i] = significant || i === 0 ? byte : fill;
    }
  });
  return { result, cc: nonzero ? (significant ? 1 : 2) : 0, mark };
}

const edit = (name: string, marks: boolean) =>
  helper(
    name,
    {
      params: ['i32', 'i64', 'i32', 'i64', 'i32'],
      result: undefined,
      effects: { fetches: true, stores: true, faults: true },
    },
    (vcpu, length, to, b1, from, b2) => {
      const first = unsigned(to);
      const target = span(vcpu, first, length, 'update', operandOf(b1));
      const { storage } = vcpu.core.complex;
      const cursor = new Cursor(vcpu, unsigned(from), 'fetch', operandOf(b2));
      const pattern = Uint8Array.from({ length }, (_, i) => storage.byte(target.at(i)));
      const { result, cc, mark } = editPattern(pattern, new SourceDigits(vcpu, cursor));
      cursor.finish();
      for (const [i, byte] of result.entries()) storage.setByte(target.at(i), byte);
      if (marks && mark !== undefined) setAddress(vcpu, 1, (first + BigInt(mark)) & vcpu.amask);
      vcpu.cc = cc;
    },
  );
const editCharacters = edit('edit', false);
const editAndMark = edit('editAndMark', true);

/** Decimal numbers made readable. */
export const editRows: readonly Row[] = [
  insn('ED', { op: 0xde, fmt: 'SS_a', title: 'EDIT', facility: 'zarch' }, ($, f) => {
    const length = $.add($.field(f.l), 1);
    $.callVoid(editCharacters, length, $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2));
  }),
  insn('EDMK', { op: 0xdf, fmt: 'SS_a', title: 'EDIT AND MARK', facility: 'zarch' }, ($, f) => {
    const length = $.add($.field(f.l), 1);
    $.callVoid(editAndMark, length, $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2));
  }),
];
