/** PoP, "Hexadecimal-Floating-Point Instructions": instructions on two operands, the second from a register or from storage. */

import type { Field } from '../../../../ir/field.ts';
import type { I64 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { add, compare, divide, multiply } from './arithmetic.ts';
import { decode, extended, type HfpFormat, type HfpNumber, long, operand, short } from './number.ts';
import { begin, deliver, deliverSum, effects, pairOf } from './outcome.ts';

type Run = (vcpu: Vcpu, r1: number, first: HfpNumber, second: HfpNumber) => void;

/** An operation with its names: in registers (RR or RRE), and on storage (RX or RXE). */
interface Operation {
  readonly register: readonly [mnemonic: string, op: number];
  readonly storage?: readonly [mnemonic: string, op: number];
  readonly title: string;
  /** Format of the operands. */
  readonly from: HfpFormat;
  /** Format of the result. */
  readonly to: HfpFormat;
  readonly run: Run;
}

/** The second operand as bits of a short or long number. */
function bitsIn($: Sem, f: HfpFormat, r: Field): I64 {
  return f === short ? $.zext($.fprShort(r)) : $.fpr(r);
}

function registerRow(operation: Operation, call: ($: Sem, r1: Field, second: I64) => void): Row {
  const { register, title, from, to, run } = operation;
  const [mnemonic, op] = register;
  const onPairs = helper(
    `hfp-${mnemonic}-pairs`,
    { params: ['i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2) => run(vcpu, r1, operand(vcpu, from, r1), operand(vcpu, from, r2)),
  );
  const semantics = ($: Sem, f: { readonly r1: Field; readonly r2: Field }): void => {
    begin($, [f.r1, f.r2], [...pairOf(to, f.r1), ...pairOf(from, f.r2)]);
    if (from === extended) $.callVoid(onPairs, $.field(f.r1), $.field(f.r2));
    else call($, f.r1, bitsIn($, from, f.r2));
  };
  return op > 0xff
    ? insn(mnemonic, { op, fmt: 'RRE', title, facility: 'zarch' }, semantics)
    : insn(mnemonic, { op, fmt: 'RR', title, facility: 'zarch' }, semantics);
}

function storageRow(operation: Operation, call: ($: Sem, r1: Field, second: I64) => void): Row[] {
  const { storage, title, from, to } = operation;
  if (storage === undefined) return [];
  const [mnemonic, op] = storage;
  const semantics = ($: Sem, f: Parameters<Sem['address2']>[0] & { readonly r1: Field }): void => {
    begin($, [f.r1], pairOf(to, f.r1));
    const address = $.address2(f);
    call($, f.r1, from === short ? $.zext($.fetch32(address)) : $.fetch64(address));
  };
  return op > 0xff
    ? [insn(mnemonic, { op, fmt: 'RXE', title, facility: 'zarch', ignores: ['m3'] }, semantics)]
    : [insn(mnemonic, { op, fmt: 'RX_a', title, facility: 'zarch' }, semantics)];
}

function rowsOf(operation: Operation): Row[] {
  const { from, run, register } = operation;
  const onBits: BoundHelper<readonly ['i32', 'i64'], undefined> = helper(
    `hfp-${register[0]}`,
    { params: ['i32', 'i64'], result: undefined, effects },
    (vcpu, r1, bits) =>
      run(vcpu, r1, operand(vcpu, from, r1), decode(from, BigInt.asUintN(from === short ? 32 : 64, bits))),
  );
  const call = ($: Sem, r1: Field, second: I64): void => $.callVoid(onBits, $.field(r1), second);
  return [registerRow(operation, call), ...storageRow(operation, call)];
}

const sum =
  (f: HfpFormat, minus: boolean, normalizes: boolean): Run =>
  (vcpu, r1, a, b) =>
    deliverSum(vcpu, f, r1, add(f.digits, a, b, minus, normalizes));
const comparison: Run = (vcpu, _, a, b) => {
  vcpu.cc = compare(a, b);
};
const product =
  (from: HfpFormat, to: HfpFormat): Run =>
  (vcpu, r1, a, b) =>
    deliver(vcpu, to, r1, multiply(from.digits, to.digits, a, b));
const quotient =
  (f: HfpFormat): Run =>
  (vcpu, r1, a, b) => {
    if (b.fraction === 0n) vcpu.raise(PGM.hfpDivide);
    deliver(vcpu, f, r1, divide(f.digits, a, b));
  };

type Pair = readonly [mnemonic: string, op: number];

const same = (title: string, f: HfpFormat, run: Run, register: Pair, storage?: Pair): Operation => ({
  title: `${title} (${f.name} HFP)`,
  from: f,
  to: f,
  run,
  register,
  ...(storage === undefined ? {} : { storage }),
});
const longer = (from: HfpFormat, to: HfpFormat, register: Pair, storage: Pair): Operation => ({
  title: `MULTIPLY (${from.name} to ${to.name} HFP)`,
  from,
  to,
  run: product(from, to),
  register,
  storage,
});

const operations: readonly Operation[] = [
  same('ADD NORMALIZED', short, sum(short, false, true), ['AER', 0x3a], ['AE', 0x7a]),
  same('ADD NORMALIZED', long, sum(long, false, true), ['ADR', 0x2a], ['AD', 0x6a]),
  same('ADD NORMALIZED', extended, sum(extended, false, true), ['AXR', 0x36]),
  same('SUBTRACT NORMALIZED', short, sum(short, true, true), ['SER', 0x3b], ['SE', 0x7b]),
  same('SUBTRACT NORMALIZED', long, sum(long, true, true), ['SDR', 0x2b], ['SD', 0x6b]),
  same('SUBTRACT NORMALIZED', extended, sum(extended, true, true), ['SXR', 0x37]),
  same('ADD UNNORMALIZED', short, sum(short, false, false), ['AUR', 0x3e], ['AU', 0x7e]),
  same('ADD UNNORMALIZED', long, sum(long, false, false), ['AWR', 0x2e], ['AW', 0x6e]),
  same('SUBTRACT UNNORMALIZED', short, sum(short, true, false), ['SUR', 0x3f], ['SU', 0x7f]),
  same('SUBTRACT UNNORMALIZED', long, sum(long, true, false), ['SWR', 0x2f], ['SW', 0x6f]),
  same('COMPARE', short, comparison, ['CER', 0x39], ['CE', 0x79]),
  same('COMPARE', long, comparison, ['CDR', 0x29], ['CD', 0x69]),
  same('COMPARE', extended, comparison, ['CXR', 0xb369]),
  same('MULTIPLY', short, product(short, short), ['MEER', 0xb337], ['MEE', 0xed37]),
  longer(short, long, ['MDER', 0x3c], ['MDE', 0x7c]),
  same('MULTIPLY', long, product(long, long), ['MDR', 0x2c], ['MD', 0x6c]),
  longer(long, extended, ['MXDR', 0x27], ['MXD', 0x67]),
  same('MULTIPLY', extended, product(extended, extended), ['MXR', 0x26]),
  same('DIVIDE', short, quotient(short), ['DER', 0x3d], ['DE', 0x7d]),
  same('DIVIDE', long, quotient(long), ['DDR', 0x2d], ['DD', 0x6d]),
  same('DIVIDE', extended, quotient(extended), ['DXR', 0xb22d]),
];

/** Instructions on two operands. */
export const hfpBinaryRows: readonly Row[] = operations.flatMap(rowsOf);
