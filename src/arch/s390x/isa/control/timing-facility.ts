/** PoP, "General Instructions" and "Control Instructions": PERFORM TIMING FACILITY FUNCTION. */

import { operand } from '../../cpu/access-path.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { icpt } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

const QUERY = {
  availableFunctions: 0,
  todOffset: 1,
  steeringInformation: 2,
  physicalClock: 3,
  utcInformation: 4,
  todOffsetUser: 5,
} as const;
/** Queries that the z13 brought. The extended ones of the multiple-epoch facility are absent: what they store is not published. */
const later: ReadonlyMap<number, Facility> = new Map([
  [QUERY.utcInformation, 'zenterprise-z13'],
  [QUERY.todOffsetUser, 'zenterprise-z13'],
]);
/** Control functions, extended ones included: the hypervisor takes them, and has none of them. */
const CONTROL = {
  adjustTodOffset: 0x40,
  setTodOffset: 0x41,
  setFineSteering: 0x42,
  setGrossSteering: 0x43,
  setTodOffsetUser: 0x45,
  setTodOffsetExtended: 0x49,
  setTodOffsetUserExtended: 0x4d,
} as const;
/** Doublewords of UTC information, which are zeros where no servers agree upon a time. */
const UTC_DOUBLEWORDS = 32;

/** The 128 function bits, leftmost first, that a list of function codes makes. */
function functionBits(codes: readonly number[]): bigint {
  return codes.reduce((bits, code) => bits | (1n << BigInt(127 - code)), 0n);
}

function isThere(vcpu: Vcpu, code: number): boolean {
  return vcpu.core.has(later.get(code) ?? 'tod-clock-steering');
}

/** What a query stores: doublewords. The clock is not steered, so that steering information is zero behind the clock. */
function answer(vcpu: Vcpu, code: number): readonly bigint[] | undefined {
  const { clock } = vcpu.core;
  if (!isThere(vcpu, code)) return undefined;
  switch (code) {
    case QUERY.availableFunctions: {
      const bits = functionBits(Object.values(QUERY).filter((query) => isThere(vcpu, query)));
      return [bits >> 64n, BigInt.asUintN(64, bits)];
    }
    case QUERY.todOffset:
      return [clock.hostTod(vcpu), 0n, 0n, vcpu.big(slots.epoch)];
    case QUERY.todOffsetUser:
      // What the user says of the difference is what the hypervisor's user says: nothing.
      return [clock.hostTod(vcpu), 0n, 0n, vcpu.big(slots.epoch), 0n];
    case QUERY.utcInformation:
      return Array.from({ length: UTC_DOUBLEWORDS }, () => 0n);
    case QUERY.steeringInformation:
      return [clock.hostTod(vcpu), 0n, 0n, 0n, 0n, 0n, 0n];
    case QUERY.physicalClock:
      return [clock.hostTod(vcpu)];
    default:
      return undefined;
  }
}

const performTimingFunction = helper(
  'performTimingFunction',
  { params: ['i32', 'i64'], result: 'i32', effects: { stores: true, faults: true }, intercepts: true },
  (vcpu, selection, block) => {
    if ((selection & 0x80) !== 0) vcpu.raise(PGM.specification);
    const code = selection & 0x7f;
    if (Object.values<number>(CONTROL).includes(code)) {
      if (vcpu.problemState) vcpu.raise(PGM.privilegedOperation);
      vcpu.intercept(icpt.instruction);
    }
    const words = answer(vcpu, code);
    if (words === undefined) return 3;
    const data = new Uint8Array(words.length * 8);
    const view = new DataView(data.buffer);
    for (const [i, word] of words.entries()) view.setBigUint64(i * 8, word);
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, block), data, { ...operand, ar: 1 });
    return 0;
  },
);

/** The timing facility. */
export const timingFacilityRows: readonly Row[] = [
  insn(
    'PTFF',
    {
      op: 0x0104,
      fmt: 'E',
      title: 'PERFORM TIMING FACILITY FUNCTION',
      facility: 'tod-clock-steering',
      functions: Object.values(QUERY),
      later,
    },
    ($) => $.setCc($.call(performTimingFunction, $.grLowN(0), $.wrapAddress($.grN(1)))),
  ),
];
