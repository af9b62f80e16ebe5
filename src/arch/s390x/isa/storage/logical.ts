/** PoP, "General Instructions": AND, OR, EXCLUSIVE OR and COMPARE LOGICAL of characters. */

import type { Field } from '../../../../ir/field.ts';
import type { I32 } from '../../../../ir/node.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { compareBytes, walk } from './bytes.ts';
import { operandOf, place, span, toStretchEnd, unsigned } from './operands.ts';

interface CharacterOperands {
  readonly l: Field;
  readonly b1: Field;
  readonly d1: Field;
  readonly b2: Field;
  readonly d2: Field;
}
type Connective = 'and' | 'or' | 'xor';

const operands = ['i32', 'i64', 'i32', 'i64', 'i32'] as const;

const byteOf: Readonly<Record<Connective, (a: number, b: number) => number>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

const connectCharacters = (op: Connective) =>
  helper(
    `${op}Characters`,
    { params: operands, result: 'i32', effects: { fetches: true, stores: true, faults: true } },
    (vcpu, length, to, b1, from, b2) => {
      const source = span(vcpu, unsigned(from), length, 'fetch', operandOf(b2));
      const target = span(vcpu, unsigned(to), length, 'update', operandOf(b1));
      const { storage } = vcpu.core.complex;
      const byte = byteOf[op];
      let any = 0;
      for (let i = 0; i < length; i++) {
        const at = target.at(i);
        const result = byte(storage.byte(at), storage.byte(source.at(i)));
        storage.setByte(at, result);
        any |= result;
      }
      return any === 0 ? 0 : 1;
    },
  );

const compareCharacters = helper(
  'compareCharacters',
  { params: operands, result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, length, first, b1, second, b2) => {
    let left = length;
    let a = unsigned(first);
    let b = unsigned(second);
    for (;;) {
      const n = Math.min(left, toStretchEnd(a), toStretchEnd(b));
      const cc = comparePlaces(
        vcpu,
        place(vcpu, a, n, 'fetch', operandOf(b1)),
        place(vcpu, b, n, 'fetch', operandOf(b2)),
        n,
      );
      left -= n;
      if (cc !== 0 || left === 0) return cc;
      a = (a + BigInt(n)) & vcpu.amask;
      b = (b + BigInt(n)) & vcpu.amask;
    }
  },
);

function comparePlaces(vcpu: Vcpu, a: number, b: number, length: number): number {
  const { storage } = vcpu.core.complex;
  for (let i = 0; i < length; i++) {
    const difference = storage.byte(a + i) - storage.byte(b + i);
    if (difference !== 0) return difference < 0 ? 1 : 2;
  }
  return 0;
}

function connect($: Sem, op: Connective, target: I32, source: I32, length: I32): void {
  const any = $.variable($.i64(0));
  const { a, b, left, step } = walk($, target, source, length);
  const doubleword = (): void => {
    const result = $.bin(op, $.hostLoadAs('i64', 64, $.get(a)), $.hostLoadAs('i64', 64, $.get(b)));
    $.hostStore(64, $.get(a), 0, result);
    $.set(any, $.or($.get(any), result));
    step(8);
  };
  const more = (): I32 => $.geU($.get(left), 8);
  $.when(more(), () =>
    $.repeat(() => {
      doubleword();
      return more();
    }),
  );
  for (const n of [4, 2, 1] as const) {
    const width = n === 4 ? 32 : n === 2 ? 16 : 8;
    $.when($.and($.get(left), n), () => {
      const result = $.bin(op, $.hostLoadAs('i32', width, $.get(a)), $.hostLoadAs('i32', width, $.get(b)));
      $.hostStore(width, $.get(a), 0, result);
      $.set(any, $.or($.get(any), $.zext(result)));
      step(n);
    });
  }
  $.setCc($.ne($.get(any), 0));
}

function logical(op: Connective) {
  const slow = connectCharacters(op);
  return ($: Sem, f: CharacterOperands): void => {
    const length = $.add($.field(f.l), 1);
    const to = $.address1(f);
    const from = $.address2(f);
    const general = (): void => {
      const source = $.probe('fetch', from, length);
      const target = $.probe('store', to, length);
      const apart = $.geU($.sub($.sub(source, target), 1), $.field(f.l));
      $.when(
        $.and($.and($.ne(source, 0), $.ne(target, 0)), apart),
        () => connect($, op, target, source, length),
        () => $.setCc($.call(slow, length, to.at, $.field(f.b1), from.at, $.field(f.b2))),
      );
    };
    if (op !== 'xor') return general();
    // The idiom that clears storage: one operand with itself.
    const same = $.and($.eq($.field(f.b1), $.field(f.b2)), $.eq($.field(f.d1), $.field(f.d2)));
    $.when(
      same,
      () => {
        const target = $.probe('store', to, length);
        $.when(
          target,
          () => $.hostFill(target, $.i32(0), length),
          () => $.callVoid(slow, length, to.at, $.field(f.b1), from.at, $.field(f.b2)),
        );
        $.setCc(0);
      },
      general,
    );
  };
}

function compareLogical($: Sem, f: CharacterOperands): void {
  const length = $.add($.field(f.l), 1);
  const first = $.address1(f);
  const second = $.address2(f);
  const p = $.probe('fetch', first, length);
  const q = $.probe('fetch', second, length);
  $.when(
    $.and($.ne(p, 0), $.ne(q, 0)),
    () => $.setCc(compareBytes($, p, q, length).order),
    () => $.setCc($.call(compareCharacters, length, first.at, $.field(f.b1), second.at, $.field(f.b2))),
  );
}

/** The logical instructions on characters. */
export const logicalCharacterRows: readonly Row[] = [
  insn('NC', { op: 0xd4, fmt: 'SS_a', title: 'AND (character)', facility: 'zarch' }, logical('and')),
  insn('CLC', { op: 0xd5, fmt: 'SS_a', title: 'COMPARE LOGICAL (character)', facility: 'zarch' }, compareLogical),
  insn('OC', { op: 0xd6, fmt: 'SS_a', title: 'OR (character)', facility: 'zarch' }, logical('or')),
  insn('XC', { op: 0xd7, fmt: 'SS_a', title: 'EXCLUSIVE OR (character)', facility: 'zarch' }, logical('xor')),
];
