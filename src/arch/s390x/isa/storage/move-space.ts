/** PoP, "General Instructions" and "Control Instructions": moves between spaces and with other keys, MOVE PAGE. */

import type { Field } from '../../../../ir/field.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import type { AccessPath, SpaceChoice } from '../../cpu/access-path.ts';
import { CR0 } from '../../cpu/control-register-bits.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, PSW_HIGH } from '../../cpu/psw.ts';
import { requireAccessKey } from '../../cpu/storage-keys.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { eca, icpt } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { addressIn, copyForward, copySpan, lengthIn, span, tryPlace, unsigned } from './operands.ts';

const effects = { fetches: true, stores: true, faults: true };

/** An operand of a move: its address and how it is reached. */
interface Side {
  readonly address: bigint;
  readonly path: AccessPath;
}

/**
 * Privileged-operation exception unless the PSW-key mask in control register 3 lets the problem state use the key, and
 * special-operation exception for a key on a machine without storage keys.
 */
function requireKey(vcpu: Vcpu, key: number): void {
  if (vcpu.problemState && ((vcpu.crLow(3) >>> (31 - key)) & 1) === 0) vcpu.raise(PGM.privilegedOperation);
  requireAccessKey(vcpu, key);
}

/** Moves up to `limit` bytes: condition code 3 when the length is above, else 0. */
function moveUpTo(vcpu: Vcpu, limit: number, length: bigint, to: Side, from: Side): number {
  const n = length > BigInt(limit) ? limit : Number(length);
  const source = span(vcpu, from.address, n, 'fetch', from.path);
  const target = span(vcpu, to.address, n, 'store', to.path);
  copySpan(vcpu, target, source);
  return length > BigInt(limit) ? 3 : 0;
}

/** Bits 56-59 of a register. */
function keyIn(vcpu: Vcpu, register: number): number {
  return (vcpu.grLow(register) >>> 4) & 15;
}

const current = (ar: number, key?: number): AccessPath => ({ space: 'current', ar, key });

/**
 * Leaves a MOVE PAGE of a guest's guest to its host, partly executed, when it is the host's tables that have no page, or none to
 * store into, for an operand: with the real addresses of their entries for both.
 */
function leaveToHost(vcpu: Vcpu, r1: number, r2: number): void {
  const { fault } = vcpu.place;
  const space = vcpu.outer?.innerSpace;
  const page = vcpu.core.access.places.lastPage;
  if (fault === undefined || space === undefined || !space.isOf(fault, page)) return;
  const entry = (r: number, kind: 'fetch' | 'store'): bigint => {
    const a = addressIn(vcpu, r);
    vcpu.core.access.places.examine(vcpu, Number(a >> 32n), Number(a & 0xffff_f000n), 'fetch', current(r));
    return BigInt(space.entryOf(vcpu.core.access.places.lastPage, kind === 'store'));
  };
  const entries = [entry(r1, 'store'), entry(r2, 'fetch')] as const;
  vcpu.leave({ kind: 'intercept', code: icpt.partialExecution, entries }, vcpu.ilc);
}

// Length register, key register, first-operand address and base, second-operand address and base.
const operands = ['i32', 'i32', 'i64', 'i32', 'i64', 'i32'] as const;

const moveBetweenSpaces = (name: string, toPrimary: boolean) =>
  helper(name, { params: operands, result: 'i32', effects }, (vcpu, r1, r3, to, b1, from, b2) => {
    const space = vcpu.addressSpace;
    const allowed =
      (vcpu.pswHigh & PSW_HIGH.dat) !== 0 &&
      (vcpu.crLow(0) & CR0.secondarySpace) !== 0 &&
      space !== addressSpaceControl.accessRegister &&
      space !== addressSpaceControl.home;
    if (!allowed) vcpu.raise(PGM.specialOperation);
    const key = keyIn(vcpu, r3);
    requireKey(vcpu, key);
    const primary = (ar: number): AccessPath => ({ space: 'primary', ar });
    const secondary = (ar: number): AccessPath => ({ space: 'secondary', ar, key });
    return moveUpTo(
      vcpu,
      256,
      lengthIn(vcpu, r1),
      { address: unsigned(to), path: toPrimary ? primary(b1) : secondary(b1) },
      { address: unsigned(from), path: toPrimary ? secondary(b2) : primary(b2) },
    );
  });
const moveToPrimary = moveBetweenSpaces('moveToPrimary', true);
const moveToSecondary = moveBetweenSpaces('moveToSecondary', false);

const moveWithKey = helper(
  'moveWithKey',
  { params: operands, result: 'i32', effects },
  (vcpu, r1, r3, to, b1, from, b2) => {
    const key = keyIn(vcpu, r3);
    requireKey(vcpu, key);
    const source = { address: unsigned(from), path: current(b2, key) };
    return moveUpTo(vcpu, 256, lengthIn(vcpu, r1), { address: unsigned(to), path: current(b1) }, source);
  },
);

const moveByKey = (name: string, keyed: 'source' | 'destination') =>
  helper(name, { params: ['i64', 'i32', 'i64', 'i32'], result: undefined, effects }, (vcpu, to, b1, from, b2) => {
    const key = keyIn(vcpu, 1);
    requireKey(vcpu, key);
    const length = BigInt((vcpu.grLow(0) & 0xff) + 1);
    const target = { address: unsigned(to), path: current(b1, keyed === 'destination' ? key : undefined) };
    const source = { address: unsigned(from), path: current(b2, keyed === 'source' ? key : undefined) };
    moveUpTo(vcpu, 256, length, target, source);
  });
const moveWithSourceKey = moveByKey('moveWithSourceKey', 'source');
const moveWithDestinationKey = moveByKey('moveWithDestinationKey', 'destination');

const spaces: readonly SpaceChoice[] = ['primary', 'access-register', 'secondary', 'home'];

/** What an operand-access control of MVCOS (16 bits) asks for, the PSW deciding where it does not. */
function operandAccess(
  vcpu: Vcpu,
  control: number,
): { readonly key: number; readonly space: number; readonly named: boolean } {
  const named = (control & 1) !== 0;
  return {
    key: (control & 2) !== 0 ? control >>> 12 : vcpu.accessKey,
    space: named ? (control >>> 6) & 3 : vcpu.addressSpace,
    named,
  };
}

const moveWithOptionalSpecifications = helper(
  'moveWithOptionalSpecifications',
  { params: ['i32', 'i64', 'i32', 'i64', 'i32'], result: 'i32', effects },
  (vcpu, r3, to, b1, from, b2) => {
    const word = vcpu.grLow(0);
    const first = operandAccess(vcpu, word >>> 16);
    const second = operandAccess(vcpu, word & 0xffff);
    const usesSecondary = [first, second].some((o) => o.space === addressSpaceControl.secondary);
    const forbidden =
      (vcpu.pswHigh & PSW_HIGH.dat) === 0 ||
      (usesSecondary && (vcpu.crLow(0) & CR0.secondarySpace) === 0) ||
      (first.named && first.space === addressSpaceControl.home && vcpu.problemState);
    if (forbidden) vcpu.raise(PGM.specialOperation);
    requireKey(vcpu, first.key);
    requireKey(vcpu, second.key);
    const path = (o: { key: number; space: number }, ar: number): AccessPath => ({
      space: spaces[o.space] ?? 'current',
      ar,
      key: o.key,
    });
    const target = { address: unsigned(to), path: path(first, b1) };
    return moveUpTo(vcpu, PAGE_BYTES, lengthIn(vcpu, r3), target, { address: unsigned(from), path: path(second, b2) });
  },
);

/** Bits of general register 0 for MOVE PAGE. */
const PAGE = { reserved: 0xf000, firstKey: 0x800, secondKey: 0x400, ccOption: 0x100 } as const;

/** The page of a MOVE PAGE operand; undefined when its translation fails and that is to be a condition code. */
function pageOf(
  vcpu: Vcpu,
  register: number,
  kind: 'fetch' | 'store',
  path: AccessPath,
  access: { r1: number; r2: number; ids: number; option: boolean },
): number | undefined {
  const at = tryPlace(vcpu, addressIn(vcpu, register) & ~0xfffn, PAGE_BYTES, kind, path);
  if (at >= 0) return at;
  const { code, details } = vcpu.core.access.places.lastFault;
  leaveToHost(vcpu, access.r1, access.r2);
  if (code !== PGM.pageTranslation) return vcpu.raise(code, details);
  return access.option ? undefined : vcpu.raise(code, { ...details, operandAccessId: access.ids });
}

const movePageSignature = { params: ['i32', 'i32'], result: 'i32', effects: { ...effects, ends: true } } as const;

const movePage = helper('movePage', { ...movePageSignature, intercepts: true }, (vcpu, r1, r2) => {
  if (vcpu.outer !== undefined && (vcpu.controls.eca & eca.mvpgi) === 0) vcpu.intercept(icpt.instruction);
  const control = vcpu.grLow(0);
  const both = PAGE.firstKey | PAGE.secondKey;
  if ((control & PAGE.reserved) !== 0 || (control & both) === both) vcpu.raise(PGM.specification);
  const key = keyIn(vcpu, 0);
  if ((control & both) !== 0) requireKey(vcpu, key);
  const access = { r1, r2, ids: (r1 << 4) | r2, option: (control & PAGE.ccOption) !== 0 };
  const source = pageOf(vcpu, r2, 'fetch', current(r2, (control & PAGE.secondKey) !== 0 ? key : undefined), access);
  if (source === undefined) return 2;
  const target = pageOf(vcpu, r1, 'store', current(r1, (control & PAGE.firstKey) !== 0 ? key : undefined), access);
  if (target === undefined) return 1;
  copyForward(vcpu, target, source, PAGE_BYTES);
  return 0;
});

interface TwoRegisters {
  readonly r1: Field;
  readonly r3: Field;
  readonly b1: Field;
  readonly d1: Field;
  readonly b2: Field;
  readonly d2: Field;
}

function args($: Sem, f: TwoRegisters) {
  return [$.field(f.r1), $.field(f.r3), $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2)] as const;
}

/** Moves that choose spaces and keys. */
export const moveSpaceRows: readonly Row[] = [
  insn('MVCK', { op: 0xd9, fmt: 'SS_d', title: 'MOVE WITH KEY', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(moveWithKey, ...args($, f))),
  ),
  insn('MVCP', { op: 0xda, fmt: 'SS_d', title: 'MOVE TO PRIMARY', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(moveToPrimary, ...args($, f))),
  ),
  insn('MVCS', { op: 0xdb, fmt: 'SS_d', title: 'MOVE TO SECONDARY', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(moveToSecondary, ...args($, f))),
  ),
  insn('MVCSK', { op: 0xe50e, fmt: 'SSE', title: 'MOVE WITH SOURCE KEY', facility: 'zarch' }, ($, f) =>
    $.callVoid(moveWithSourceKey, $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2)),
  ),
  insn('MVCDK', { op: 0xe50f, fmt: 'SSE', title: 'MOVE WITH DESTINATION KEY', facility: 'zarch' }, ($, f) =>
    $.callVoid(moveWithDestinationKey, $.address1(f).at, $.field(f.b1), $.address2(f).at, $.field(f.b2)),
  ),
  insn('MVCOS', { op: 0xc80, fmt: 'SSF', title: 'MOVE WITH OPTIONAL SPECIFICATIONS', facility: 'mvcos' }, ($, f) =>
    $.setCc(
      $.call(
        moveWithOptionalSpecifications,
        $.field(f.r3),
        $.address1(f).at,
        $.field(f.b1),
        $.address2(f).at,
        $.field(f.b2),
      ),
    ),
  ),
  insn('MVPG', { op: 0xb254, fmt: 'RRE', title: 'MOVE PAGE', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(movePage, $.field(f.r1), $.field(f.r2))),
  ),
];
