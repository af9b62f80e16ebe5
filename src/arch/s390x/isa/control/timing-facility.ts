/** PoP, "General Instructions" and "Control Instructions": PERFORM TIMING FACILITY FUNCTION. */

import { operand } from '../../cpu/access-path.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { icpt } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

const QUERY = { availableFunctions: 0, todOffset: 1, steeringInformation: 2, physicalClock: 3 } as const;
/** Control functions: the hypervisor takes them, and has none of them. */
const CONTROL = { adjustTodOffset: 0x40, setTodOffset: 0x41, setFineSteering: 0x42, setGrossSteering: 0x43 } as const;

/** The 128 function bits, leftmost first, that a list of function codes makes. */
function functionBits(codes: readonly number[]): bigint {
  return codes.reduce((bits, code) => bits | (1n << BigInt(127 - code)), 0n);
}

/** What a query stores: doublewords. The clock is not steered, so that steering information is zero behind the clock. */
function answer(vcpu: Vcpu, code: number): readonly bigint[] | undefined {
  const { clock } = vcpu.core;
  switch (code) {
    case QUERY.availableFunctions: {
      const bits = functionBits(Object.values(QUERY));
      return [bits >> 64n, BigInt.asUintN(64, bits)];
    }
    case QUERY.todOffset:
      return [clock.hostTod(vcpu), 0n, 0n, vcpu.big(slots.epoch)];
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
    },
    ($) => $.setCc($.call(performTimingFunction, $.grLowN(0), $.wrapAddress($.grN(1)))),
  ),
];
