/** PoP, "General Instructions": the guarded-storage facility. */

import type { Field } from '../../../../ir/field.ts';
import type { I64 } from '../../../../ir/node.ts';
import { operandPath } from '../../cpu/access-path.ts';
import { CR2 } from '../../cpu/control-register-bits.ts';
import { CONTROL_BLOCK_BYTES, controlBlock, guardedStorageEvent, loadControlBlock } from '../../cpu/guarded-storage.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { ecb, icpt } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const facility = 'guarded-storage';
/** Characteristics from 25 (32 MiB) to 56 are valid: the binary logarithm of the guarded area's size. */
const LEAST_CHARACTERISTIC = 25;
const CHARACTERISTICS = 32;
/** The area has 64 sections. */
const SECTION_BITS = 6;

/** Where the control registers cannot be used yet, the hypervisor makes them so. */
function requireControls(vcpu: Vcpu, address: bigint): bigint {
  if ((vcpu.controls.ecb & ecb.gs) === 0) vcpu.intercept(icpt.instruction);
  if ((vcpu.crLow(2) & CR2.guardedStorage) === 0) vcpu.raise(PGM.specialOperation);
  const at = BigInt.asUintN(64, address);
  if ((at & 7n) !== 0n) vcpu.raise(PGM.specification);
  return at;
}

const loadControls = helper(
  'loadGuardedStorageControls',
  { params: ['i64', 'i32'], result: undefined, effects: { fetches: true, faults: true }, intercepts: true },
  (vcpu, address, ar) => {
    const at = requireControls(vcpu, address);
    loadControlBlock(vcpu, vcpu.core.access.read(vcpu, at, CONTROL_BLOCK_BYTES, operandPath(ar)));
  },
);

const storeControls = helper(
  'storeGuardedStorageControls',
  { params: ['i64', 'i32'], result: undefined, effects: { stores: true, faults: true }, intercepts: true },
  (vcpu, address, ar) => {
    const at = requireControls(vcpu, address);
    vcpu.core.access.write(vcpu, at, controlBlock(vcpu), operandPath(ar));
  },
);

const event = helper(
  'guardedStorageEvent',
  {
    params: ['i64', 'i64', 'i32', 'i32'],
    result: 'i64',
    effects: { fetches: true, stores: true, faults: true },
  },
  (vcpu, value, operand, ar, shifted) =>
    BigInt.asIntN(
      64,
      guardedStorageEvent(vcpu, {
        value: BigInt.asUintN(64, value),
        operand: BigInt.asUintN(64, operand),
        ar,
        shifted: shifted !== 0,
      }),
    ),
);

/** Loads the value unless it lies in a guarded section: then the register stays, and the handler is branched to. */
function loadGuarded($: Sem, f: { r1: Field; b2: Field }, operand: I64, value: I64, shifted: 0 | 1): void {
  const designation = $.state(slots.gsd);
  const characteristic = $.and(designation, 63);
  const isValid = $.ltU($.sub(characteristic, LEAST_CHARACTERISTIC), CHARACTERISTICS);
  const isInside = $.isZero($.shrU($.xor(value, designation), characteristic));
  const section = $.and($.shrU(value, $.sub(characteristic, SECTION_BITS)), 63);
  const isGuarded = $.wrap($.shrU($.shl($.state(slots.gssm), section), 63));
  const guarded = $.and($.and(isValid, isInside), isGuarded);
  $.setGr(f.r1, $.select(guarded, $.gr(f.r1), value));
  $.when(guarded, () => $.branchTo($.call(event, value, operand, $.field(f.b2), $.i32(shifted))));
}

function requireGuarding($: Sem): void {
  const enabled = $.and($.wrap($.crN(2)), CR2.guardedStorage);
  $.pgmIf($.isZero(enabled), PGM.specialOperation);
}

/** Loads that are guarded, and the registers that say what is. */
export const guardedStorageRows: readonly Row[] = [
  insn('LGG', { op: 0xe34c, fmt: 'RXY_a', title: 'LOAD GUARDED (64)', facility }, ($, f) => {
    requireGuarding($);
    const address = $.address2(f);
    loadGuarded($, f, address.at, $.fetch64(address), 0);
  }),
  insn(
    'LLGFSG',
    { op: 0xe348, fmt: 'RXY_a', title: 'LOAD LOGICAL AND SHIFT GUARDED (64 from 32)', facility },
    ($, f) => {
      requireGuarding($);
      const address = $.address2(f);
      const shift = $.and($.shrU($.state(slots.gsd), 8), 7);
      loadGuarded($, f, address.at, $.shl($.fetchAs('i64', 32, address, false), shift), 1);
    },
  ),
  insn(
    'LGSC',
    { op: 0xe34d, fmt: 'RXY_a', title: 'LOAD GUARDED STORAGE CONTROLS', facility, ignores: ['r1'] },
    ($, f) => $.callVoid(loadControls, $.address2(f).at, $.field(f.b2)),
  ),
  insn(
    'STGSC',
    { op: 0xe349, fmt: 'RXY_a', title: 'STORE GUARDED STORAGE CONTROLS', facility, ignores: ['r1'] },
    ($, f) => $.callVoid(storeControls, $.address2(f).at, $.field(f.b2)),
  ),
];
