/** PoP, "Control Instructions": loads and stores of control registers. */

import { CR0_TRANSLATION } from '../../cpu/control-register-bits.ts';
import { spaceLoaded } from '../../cpu/events.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { icpt, ictl } from '../../sie/state-description.ts';
import type { Fields } from '../formats.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { interceptIf, pathOf } from './interception.ts';

/** The numbers from R1 up to R3, 0 following 15. */
function range(r1: number, r3: number): number[] {
  return Array.from({ length: ((r3 - r1) & 15) + 1 }, (_, i) => (r1 + i) & 15);
}

// Translations stay valid in banks by address space, so that a new ASCE flushes nothing.
function load(vcpu: Vcpu, n: number, value: bigint): void {
  if (vcpu.cr(n) === value) return;
  const before = vcpu.crLow(n);
  const space = vcpu.cr(n);
  vcpu.setCr(n, value);
  switch (n) {
    case 1:
    case 7:
    case 13:
      vcpu.selectSpaces();
      spaceLoaded(vcpu, n, space);
      break;
    case 0:
      if (((before ^ vcpu.crLow(0)) & CR0_TRANSLATION) !== 0) vcpu.flushTlb();
      vcpu.controlsChanged();
      break;
    case 6:
    case 9:
    case 10:
    case 11:
    case 14:
      vcpu.controlsChanged();
      break;
  }
}

const interceptLoad = helper(
  'interceptLoad',
  { params: ['i32', 'i32'], result: undefined, effects: { faults: true, ends: true }, intercepts: true },
  (vcpu, r1, r3) => {
    const { lctl } = vcpu.controls;
    if (range(r1, r3).some((n) => (lctl & (0x8000 >> n)) !== 0)) vcpu.intercept(icpt.instruction);
  },
);

const loadControl = helper(
  'loadControl',
  { params: ['i32', 'i64'], result: undefined, effects: { ends: true } },
  (vcpu, n, value) => load(vcpu, n, BigInt.asUintN(64, value)),
);

const loadControlLow = helper(
  'loadControlLow',
  { params: ['i32', 'i32'], result: undefined, effects: { ends: true } },
  (vcpu, n, value) => load(vcpu, n, withLow(vcpu.cr(n), value)),
);

const loadControls = helper(
  'loadControls',
  { params: ['i32', 'i32', 'i64', 'i32'], result: undefined, effects: { fetches: true, faults: true, ends: true } },
  (vcpu, r1, r3, address, ar) => {
    const numbers = range(r1, r3);
    const data = vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), numbers.length * 8, pathOf(ar));
    const view = new DataView(data.buffer);
    for (const [i, n] of numbers.entries()) load(vcpu, n, view.getBigUint64(i * 8));
  },
);

const loadControlsLow = helper(
  'loadControlsLow',
  { params: ['i32', 'i32', 'i64', 'i32'], result: undefined, effects: { fetches: true, faults: true, ends: true } },
  (vcpu, r1, r3, address, ar) => {
    const numbers = range(r1, r3);
    const data = vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), numbers.length * 4, pathOf(ar));
    const view = new DataView(data.buffer);
    for (const [i, n] of numbers.entries()) load(vcpu, n, withLow(vcpu.cr(n), view.getUint32(i * 4)));
  },
);

const storeControls = helper(
  'storeControls',
  { params: ['i32', 'i32', 'i64', 'i32'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, r1, r3, address, ar) => {
    const numbers = range(r1, r3);
    const data = new Uint8Array(numbers.length * 8);
    const view = new DataView(data.buffer);
    for (const [i, n] of numbers.entries()) view.setBigUint64(i * 8, vcpu.cr(n));
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), data, pathOf(ar));
  },
);

const storeControlsLow = helper(
  'storeControlsLow',
  { params: ['i32', 'i32', 'i64', 'i32'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, r1, r3, address, ar) => {
    const numbers = range(r1, r3);
    const data = new Uint8Array(numbers.length * 4);
    const view = new DataView(data.buffer);
    for (const [i, n] of numbers.entries()) view.setUint32(i * 4, vcpu.crLow(n));
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), data, pathOf(ar));
  },
);

function withLow(value: bigint, low: number): bigint {
  return (value & 0xffff_ffff_0000_0000n) | BigInt(low >>> 0);
}

type RegisterRange = Fields<'RS_a'> | Fields<'RSY_a'>;

function recordLoad($: Sem, f: RegisterRange, bytes: 4 | 8): void {
  $.privileged();
  const address = $.address2(f);
  $.requireAligned(address, bytes);
  const [r1, r3] = [$.field(f.r1), $.field(f.r3)];
  $.when($.state(slots.lctl), () => $.callVoid(interceptLoad, r1, r3));
  $.when(
    $.eq(r1, r3),
    () => {
      if (bytes === 8) $.callVoid(loadControl, r1, $.fetch64(address));
      else $.callVoid(loadControlLow, r1, $.fetch32(address));
    },
    () => $.callVoid(bytes === 8 ? loadControls : loadControlsLow, r1, r3, address.at, $.field(f.b2)),
  );
}

function recordStore($: Sem, f: RegisterRange, bytes: 4 | 8): void {
  $.privileged();
  const address = $.address2(f);
  $.requireAligned(address, bytes);
  interceptIf($, ictl.stctl);
  const [r1, r3] = [$.field(f.r1), $.field(f.r3)];
  $.when(
    $.eq(r1, r3),
    () => {
      const value = $.cr(f.r1);
      if (bytes === 8) $.store64(address, value);
      else $.store32(address, $.wrap(value));
    },
    () => $.callVoid(bytes === 8 ? storeControls : storeControlsLow, r1, r3, address.at, $.field(f.b2)),
  );
}

/** Loads and stores of control registers. */
export const controlRegisterRows: readonly Row[] = [
  insn('LCTL', { op: 0xb7, fmt: 'RS_a', title: 'LOAD CONTROL (32)', facility: 'zarch' }, ($, f) => recordLoad($, f, 4)),
  insn('LCTLG', { op: 0xeb2f, fmt: 'RSY_a', title: 'LOAD CONTROL (64)', facility: 'zarch' }, ($, f) =>
    recordLoad($, f, 8),
  ),
  insn('STCTL', { op: 0xb6, fmt: 'RS_a', title: 'STORE CONTROL (32)', facility: 'zarch' }, ($, f) =>
    recordStore($, f, 4),
  ),
  insn('STCTG', { op: 0xeb25, fmt: 'RSY_a', title: 'STORE CONTROL (64)', facility: 'zarch' }, ($, f) =>
    recordStore($, f, 8),
  ),
];
