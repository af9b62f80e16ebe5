/** PoP, "General Instructions": the transactional-execution and constrained-transactional-execution facilities. */

import { operandPath } from '../../cpu/access-path.ts';
import { CR0_HIGH } from '../../cpu/control-register-bits.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { ZERO_REGISTER } from '../../cpu/state-layout.ts';
import { abortCode, abortCondition, FIRST_PROGRAM_ABORT_CODE, TDB_BYTES } from '../../cpu/transaction.ts';
import { FILTERING } from '../../cpu/transactions.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { ecb } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

const transactional = 'transactional-execution';
const RESERVED_FILTERING = 3;

/** What all of these instructions want before they look at anything else. */
function require(vcpu: Vcpu): void {
  if ((vcpu.controls.ecb & ecb.te) === 0) vcpu.raise(PGM.operation);
  if ((vcpu.crHigh(0) & CR0_HIGH.transactions) === 0) vcpu.raise(PGM.specialOperation);
}

function refuseExecuted(vcpu: Vcpu): void {
  if (vcpu.isExecuting()) vcpu.raise(PGM.execute);
}

/** A constrained transaction has no levels. */
function refuseInside(vcpu: Vcpu): void {
  if (vcpu.core.transactions.of(vcpu)?.constrained === true) vcpu.raise(PGM.transactionConstraint);
}

function tooDeep(vcpu: Vcpu): void {
  vcpu.core.transactions.abort(vcpu, abortCode.nestingDepth, abortCondition.persistent, vcpu.ia);
}

const begin = helper(
  'beginTransaction',
  {
    params: ['i64', 'i32', 'i32'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true, ends: true },
  },
  (vcpu, address, ar, controls) => {
    require(vcpu);
    refuseExecuted(vcpu);
    refuseInside(vcpu);
    if ((controls & FILTERING) === RESERVED_FILTERING) vcpu.raise(PGM.specification);
    const { access, transactions } = vcpu.core;
    const at = BigInt.asUintN(64, address);
    // Base register 0 says that there is no TDB.
    const diagnostics = ar === ZERO_REGISTER ? undefined : { address: at, ar };
    if (diagnostics !== undefined) {
      if ((at & 7n) !== 0n) vcpu.raise(PGM.specification);
      if (transactions.of(vcpu) === undefined) access.check(vcpu, at, TDB_BYTES, 'store', operandPath(ar));
    }
    if (!transactions.begin(vcpu, { constrained: false, controls: controls & 0xffff, diagnostics })) tooDeep(vcpu);
  },
);

const beginConstrained = helper(
  'beginConstrainedTransaction',
  { params: ['i32', 'i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, base, controls) => {
    require(vcpu);
    refuseExecuted(vcpu);
    if (base !== ZERO_REGISTER) vcpu.raise(PGM.specification);
    refuseInside(vcpu);
    const wanted = { constrained: true, controls: controls & 0xffff, diagnostics: undefined };
    if (!vcpu.core.transactions.begin(vcpu, wanted)) tooDeep(vcpu);
  },
);

const end = helper('endTransaction', { params: [], result: 'i32', effects: { faults: true, ends: true } }, (vcpu) => {
  require(vcpu);
  refuseExecuted(vcpu);
  return vcpu.core.transactions.end(vcpu) ? 0 : 2;
});

const abort = helper(
  'abortTransaction',
  { params: ['i64'], result: undefined, effects: { stores: true, faults: true, ends: true } },
  (vcpu, address) => {
    if ((vcpu.controls.ecb & ecb.te) === 0) vcpu.raise(PGM.operation);
    refuseExecuted(vcpu);
    const code = BigInt.asUintN(64, address);
    if (code < BigInt(FIRST_PROGRAM_ABORT_CODE)) vcpu.raise(PGM.specification);
    const { transactions } = vcpu.core;
    if (transactions.of(vcpu) === undefined) vcpu.raise(PGM.specialOperation);
    const { transient, persistent } = abortCondition;
    transactions.abort(vcpu, code, (code & 1n) === 0n ? transient : persistent, vcpu.ia);
  },
);

const depth = helper(
  'transactionDepth',
  { params: [], result: 'i32', effects: { faults: true, registers: { reads: [], writes: [] } } },
  (vcpu) => {
    require(vcpu);
    return vcpu.core.transactions.of(vcpu)?.levels.length ?? 0;
  },
);

const storeNontransactionally = helper(
  'storeNontransactionally',
  { params: ['i64', 'i32', 'i64'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, address, ar, value) => {
    if ((vcpu.controls.ecb & ecb.te) === 0) vcpu.raise(PGM.operation);
    const { access, transactions } = vcpu.core;
    const at = BigInt.asUintN(64, address);
    if ((at & 7n) !== 0n) vcpu.raise(PGM.specification);
    access.store64(vcpu, at, value, operandPath(ar));
    const [high, low] = [Number(at >> 32n), Number(at & 0xffff_ffffn)];
    transactions.keep(access.require(vcpu, high, low, 'store', operandPath(ar)), 8);
  },
);

/** Transactions: begun, ended, aborted, asked about, and stores that outlive them. */
export const transactionRows: readonly Row[] = [
  insn('TBEGIN', { op: 0xe560, fmt: 'SIL', title: 'TRANSACTION BEGIN', facility: transactional }, ($, f) =>
    $.callVoid(begin, $.address1(f).at, $.field(f.b1), $.field(f.i2)),
  ),
  insn(
    'TBEGINC',
    {
      op: 0xe561,
      fmt: 'SIL',
      title: 'TRANSACTION BEGIN (CONSTRAINED)',
      facility: 'constrained-transactional-execution',
      ignores: ['d1'],
    },
    ($, f) => $.callVoid(beginConstrained, $.field(f.b1), $.field(f.i2)),
  ),
  insn(
    'TEND',
    { op: 0xb2f8, fmt: 'S', title: 'TRANSACTION END', facility: transactional, ignores: ['b2', 'd2'] },
    ($) => $.setCc($.call(end)),
  ),
  insn('TABORT', { op: 0xb2fc, fmt: 'S', title: 'TRANSACTION ABORT', facility: transactional }, ($, f) =>
    $.callVoid(abort, $.address2(f).at),
  ),
  insn(
    'ETND',
    { op: 0xb2ec, fmt: 'RRE', title: 'EXTRACT TRANSACTION NESTING DEPTH', facility: transactional, ignores: ['r2'] },
    ($, f) => $.setGrLow(f.r1, $.call(depth)),
  ),
  insn('NTSTG', { op: 0xe325, fmt: 'RXY_a', title: 'NONTRANSACTIONAL STORE', facility: transactional }, ($, f) =>
    $.callVoid(storeNontransactionally, $.address2(f).at, $.field(f.b2), $.gr(f.r1)),
  ),
];
