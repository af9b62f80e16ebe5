/** PoP, "General Instructions": MOVE and its kin with lengths in the instruction. */

import type { Field } from '../../../../ir/field.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { copySpan, operandOf, report, type Span, span, unsigned } from './operands.ts';

interface TwoOperands {
  readonly b1: Field;
  readonly d1: Field;
  readonly b2: Field;
  readonly d2: Field;
}

// Length, first-operand address and base, second-operand address and base.
const operands = ['i32', 'i64', 'i32', 'i64', 'i32'] as const;
const effects = { fetches: true, stores: true, faults: true };

const moveForward = helper(
  'moveForward',
  { params: operands, result: undefined, effects },
  (vcpu, length, to, b1, from, b2) => {
    const source = span(vcpu, unsigned(from), length, 'fetch', operandOf(b2));
    const target = span(vcpu, unsigned(to), length, 'store', operandOf(b1));
    copySpan(vcpu, target, source);
  },
);

const moveInverse = helper(
  'moveInverse',
  { params: operands, result: undefined, effects },
  (vcpu, length, to, b1, from, b2) => {
    const leftmost = (unsigned(from) - BigInt(length - 1)) & vcpu.amask;
    const source = span(vcpu, leftmost, length, 'fetch', operandOf(b2));
    const target = span(vcpu, unsigned(to), length, 'store', operandOf(b1));
    const { storage } = vcpu.core.complex;
    for (let i = 0; i < length; i++) storage.setByte(target.at(i), storage.byte(source.at(length - 1 - i)));
  },
);

const moveRightToLeft = helper(
  'moveRightToLeft',
  { params: operands, result: undefined, effects },
  (vcpu, length, to, b1, from, b2) => {
    const source = span(vcpu, unsigned(from), length, 'fetch', operandOf(b2));
    const target = span(vcpu, unsigned(to), length, 'store', operandOf(b1));
    const { storage } = vcpu.core.complex;
    for (let i = length - 1; i >= 0; i--) storage.setByte(target.at(i), storage.byte(source.at(i)));
  },
);

const moveMasked = helper(
  'moveMasked',
  { params: [...operands, 'i32'], result: undefined, effects },
  (vcpu, length, to, b1, from, b2, mask) => {
    const source = span(vcpu, unsigned(from), length, 'fetch', operandOf(b2));
    const target = span(vcpu, unsigned(to), length, 'update', operandOf(b1));
    const { storage } = vcpu.core.complex;
    for (let i = 0; i < length; i++) {
      const at = target.at(i);
      storage.setByte(at, (storage.byte(at) & ~mask) | (storage.byte(source.at(i)) & mask));
    }
  },
);

const moveWithOffset = helper(
  'moveWithOffset',
  { params: ['i32', 'i64', 'i32', 'i32', 'i64', 'i32'], result: undefined, effects },
  (vcpu, length1, to, b1, length2, from, b2) => {
    const source = span(vcpu, unsigned(from), length2, 'fetch', operandOf(b2));
    const target = span(vcpu, unsigned(to), length1, 'store', operandOf(b1));
    // Of its own the operand keeps the rightmost four bits alone.
    const last = (unsigned(to) + BigInt(length1 - 1)) & vcpu.amask;
    report(vcpu, last, target.at(length1 - 1), 1, 'fetch', operandOf(b1));
    offsetDigits(vcpu.core.complex.storage, target, source);
  },
);

// Right to left: a result byte is stored as soon as the source bytes that it needs are fetched.
function offsetDigits(
  storage: { byte(at: number): number; setByte(at: number, value: number): void },
  target: Span,
  source: Span,
): void {
  const last = target.at(target.length - 1);
  let byte = storage.byte(source.at(source.length - 1));
  storage.setByte(last, (storage.byte(last) & 0x0f) | ((byte << 4) & 0xf0));
  for (let i = target.length - 2, j = source.length - 2; i >= 0; i--, j--) {
    const high = byte >> 4;
    byte = j >= 0 ? storage.byte(source.at(j)) : 0;
    storage.setByte(target.at(i), ((byte << 4) & 0xf0) | high);
  }
}

/** The arguments of a helper that takes `operands`. */
function args($: Sem, f: TwoOperands & { readonly l: Field }) {
  return [$.add($.field(f.l), 1), $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2)] as const;
}

function moveCharacters($: Sem, f: TwoOperands & { readonly l: Field }): void {
  const length = $.add($.field(f.l), 1);
  const to = $.address1(f);
  const from = $.address2(f);
  const source = $.probe('fetch', from, length);
  const target = $.probe('store', to, length);
  const found = $.and($.ne(source, 0), $.ne(target, 0));
  // How far the first operand begins behind the second: 1 to length - 1 when moved bytes are moved again.
  const ahead = $.sub(source, target);
  const propagates = $.ltU($.sub(ahead, 1), $.field(f.l));
  $.when(
    $.and(found, $.isZero(propagates)),
    () => $.hostCopy(target, source, length),
    () =>
      $.when(
        $.and(found, $.eq(ahead, 1)),
        () => $.hostFill(target, $.hostLoadAs('i32', 8, source), length),
        () => $.callVoid(moveForward, length, to.at, $.field(f.b1), from.at, $.field(f.b2)),
      ),
  );
}

/** MOVE and what is named after it, lengths in the instruction. */
export const moveRows: readonly Row[] = [
  insn('MVC', { op: 0xd2, fmt: 'SS_a', title: 'MOVE (character)', facility: 'zarch' }, moveCharacters),
  insn('MVCIN', { op: 0xe8, fmt: 'SS_a', title: 'MOVE INVERSE', facility: 'zarch' }, ($, f) =>
    $.callVoid(moveInverse, ...args($, f)),
  ),
  insn('MVN', { op: 0xd1, fmt: 'SS_a', title: 'MOVE NUMERICS', facility: 'zarch' }, ($, f) =>
    $.callVoid(moveMasked, ...args($, f), 0x0f),
  ),
  insn('MVZ', { op: 0xd3, fmt: 'SS_a', title: 'MOVE ZONES', facility: 'zarch' }, ($, f) =>
    $.callVoid(moveMasked, ...args($, f), 0xf0),
  ),
  insn('MVO', { op: 0xf1, fmt: 'SS_b', title: 'MOVE WITH OFFSET', facility: 'zarch' }, ($, f) => {
    const length1 = $.add($.field(f.l1), 1);
    const length2 = $.add($.field(f.l2), 1);
    $.callVoid(moveWithOffset, length1, $.address1(f).at, $.field(f.b1), length2, $.address2(f).at, $.field(f.b2));
  }),
  insn(
    'MVCRL',
    { op: 0xe50a, fmt: 'SSE', title: 'MOVE RIGHT TO LEFT', facility: 'miscellaneous-extensions-3' },
    ($, f) => {
      const length = $.add($.and($.grLowN(0), 0xff), 1);
      $.callVoid(moveRightToLeft, length, $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2));
    },
  ),
];
