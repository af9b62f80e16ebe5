/** PoP, "General Instructions": ADD IMMEDIATE to storage, LOAD AND ADD and its kin, LOAD PAIR DISJOINT. */

import type { Field } from '../../../../ir/field.ts';
import type { Address, Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { type Arithmetic, addLogical, addSigned, conclude } from './arithmetic.ts';
import { updateStorage } from './storage-update.ts';

type Operation = <T extends Int>($: Sem, a: Node<T>, b: Node<T>) => Arithmetic<T>;
type First = { readonly b1: Field; readonly d1: Field };

function immediate32($: Sem, f: First & { readonly i2: Field }, add: Operation): void {
  updateStorage($, { ...$.address1(f), space: f.b1 }, 4, (operand) => {
    const sum = add($, operand.fetch32(), $.extend(8, $.field(f.i2)));
    operand.store(32, sum.value);
    conclude($, sum);
  });
}

function immediate64($: Sem, f: First & { readonly i2: Field }, add: Operation): void {
  updateStorage($, { ...$.address1(f), space: f.b1 }, 8, (operand) => {
    const sum = add($, operand.fetch64(), $.sext($.extend(8, $.field(f.i2))));
    operand.store(64, sum.value);
    conclude($, sum);
  });
}

type Update = { readonly r1: Field; readonly r3: Field; readonly b2: Field; readonly d2: Field };

/** The operation of LAN, LAX and LAO: CC 0 zero, 1 not zero. */
const bitwise =
  (op: 'and' | 'or' | 'xor'): Operation =>
  ($, a, b) => {
    const value = $[op](a, b);
    return { value, cc: $.ne(value, 0), overflow: undefined };
  };
const and = bitwise('and');
const or = bitwise('or');
const xor = bitwise('xor');

function aligned($: Sem, address: Address, bytes: number): Address {
  $.requireAligned(address, bytes);
  return address;
}

/** The storage operand is replaced by the result, R1 by what it was. vCPUs take turns between instructions. */
function update32($: Sem, f: Update, operation: Operation): void {
  const address = aligned($, $.address2(f), 4);
  updateStorage($, { ...address, space: f.b2 }, 4, (operand) => {
    const old = operand.fetch32();
    const result = operation($, old, $.grLow(f.r3));
    operand.store(32, result.value);
    $.setGrLow(f.r1, old);
    conclude($, result);
  });
}

function update64($: Sem, f: Update, operation: Operation): void {
  const address = aligned($, $.address2(f), 8);
  updateStorage($, { ...address, space: f.b2 }, 8, (operand) => {
    const old = operand.fetch64();
    const result = operation($, old, $.gr(f.r3));
    operand.store(64, result.value);
    $.setGr(f.r1, old);
    conclude($, result);
  });
}

type Pair = First & { readonly r3: Field; readonly b2: Field; readonly d2: Field };

/** LPD: no other CPU runs between the two fetches, so that CC is always 0. */
function loadPair32($: Sem, f: Pair): void {
  $.requireEven(f.r3);
  const first = aligned($, $.address1(f), 4);
  const second = aligned($, $.address2(f), 4);
  const left = $.fetch32(first);
  const right = $.fetch32(second);
  $.setGrLow(f.r3, left);
  $.setGrLow(f.r3, right, 1);
  $.setCc(0);
}

function loadPair64($: Sem, f: Pair): void {
  $.requireEven(f.r3);
  const first = aligned($, $.address1(f), 8);
  const second = aligned($, $.address2(f), 8);
  const left = $.fetch64(first);
  const right = $.fetch64(second);
  $.setGr(f.r3, left);
  $.setGr(f.r3, right, 1);
  $.setCc(0);
}

/** Additions to storage, and interlocked updates. */
export const addStorageRows: readonly Row[] = [
  insn(
    'ASI',
    { op: 0xeb6a, fmt: 'SIY', title: 'ADD IMMEDIATE (32 from 8)', facility: 'general-instructions-extension' },
    ($, f) => immediate32($, f, addSigned),
  ),
  insn(
    'AGSI',
    { op: 0xeb7a, fmt: 'SIY', title: 'ADD IMMEDIATE (64 from 8)', facility: 'general-instructions-extension' },
    ($, f) => immediate64($, f, addSigned),
  ),
  insn(
    'ALSI',
    {
      op: 0xeb6e,
      fmt: 'SIY',
      title: 'ADD LOGICAL WITH SIGNED IMMEDIATE (32 from 8)',
      facility: 'general-instructions-extension',
    },
    ($, f) => immediate32($, f, addLogical),
  ),
  insn(
    'ALGSI',
    {
      op: 0xeb7e,
      fmt: 'SIY',
      title: 'ADD LOGICAL WITH SIGNED IMMEDIATE (64 from 8)',
      facility: 'general-instructions-extension',
    },
    ($, f) => immediate64($, f, addLogical),
  ),
  insn('LAA', { op: 0xebf8, fmt: 'RSY_a', title: 'LOAD AND ADD (32)', facility: 'zenterprise-196' }, ($, f) =>
    update32($, f, addSigned),
  ),
  insn('LAAG', { op: 0xebe8, fmt: 'RSY_a', title: 'LOAD AND ADD (64)', facility: 'zenterprise-196' }, ($, f) =>
    update64($, f, addSigned),
  ),
  insn('LAAL', { op: 0xebfa, fmt: 'RSY_a', title: 'LOAD AND ADD LOGICAL (32)', facility: 'zenterprise-196' }, ($, f) =>
    update32($, f, addLogical),
  ),
  insn('LAALG', { op: 0xebea, fmt: 'RSY_a', title: 'LOAD AND ADD LOGICAL (64)', facility: 'zenterprise-196' }, ($, f) =>
    update64($, f, addLogical),
  ),
  insn('LAN', { op: 0xebf4, fmt: 'RSY_a', title: 'LOAD AND AND (32)', facility: 'zenterprise-196' }, ($, f) =>
    update32($, f, and),
  ),
  insn('LANG', { op: 0xebe4, fmt: 'RSY_a', title: 'LOAD AND AND (64)', facility: 'zenterprise-196' }, ($, f) =>
    update64($, f, and),
  ),
  insn('LAX', { op: 0xebf7, fmt: 'RSY_a', title: 'LOAD AND EXCLUSIVE OR (32)', facility: 'zenterprise-196' }, ($, f) =>
    update32($, f, xor),
  ),
  insn('LAXG', { op: 0xebe7, fmt: 'RSY_a', title: 'LOAD AND EXCLUSIVE OR (64)', facility: 'zenterprise-196' }, ($, f) =>
    update64($, f, xor),
  ),
  insn('LAO', { op: 0xebf6, fmt: 'RSY_a', title: 'LOAD AND OR (32)', facility: 'zenterprise-196' }, ($, f) =>
    update32($, f, or),
  ),
  insn('LAOG', { op: 0xebe6, fmt: 'RSY_a', title: 'LOAD AND OR (64)', facility: 'zenterprise-196' }, ($, f) =>
    update64($, f, or),
  ),
  insn('LPD', { op: 0xc84, fmt: 'SSF', title: 'LOAD PAIR DISJOINT (32)', facility: 'zenterprise-196' }, ($, f) =>
    loadPair32($, f),
  ),
  insn('LPDG', { op: 0xc85, fmt: 'SSF', title: 'LOAD PAIR DISJOINT (64)', facility: 'zenterprise-196' }, ($, f) =>
    loadPair64($, f),
  ),
];
