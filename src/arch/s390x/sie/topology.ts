/** PERFORM TOPOLOGY FUNCTION by the machine: whether a guest's guest has been told that its topology has changed. */

import type { S390xCore } from '../cpu/core.ts';
import type { UnwindCause } from '../cpu/unwind-cause.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { gpa } from '../dat/address.ts';
import { ecb, icpt, type SieBlock } from './state-description.ts';
import { systemControlArea } from './validity.ts';

const PERFORM_TOPOLOGY_FUNCTION = 0xb9a2;
const CHECK = 2n;
/** The utility halfword of a system control area, of either format. */
const UTILITY = 0x38;
const CHANGE_REPORT = 0x8000;

/** True when the guest of a guest asks the machine. */
export function hasTopology(vcpu: Vcpu): boolean {
  return vcpu.outer !== undefined && (vcpu.controls.ecb & ecb.ptf) !== 0;
}

/** How an intercepted instruction ends: undefined when it asked for the report, which the machine has and takes back. */
export function interpretTopology(
  { complex }: S390xCore,
  vcpu: Vcpu,
  block: SieBlock,
  cause: UnwindCause,
): UnwindCause | undefined {
  if (cause.kind !== 'intercept' || cause.code !== icpt.instruction) return cause;
  const [first] = vcpu.interceptedText();
  if (first >>> 16 !== PERFORM_TOPOLOGY_FUNCTION || vcpu.gr((first >>> 4) & 15) !== CHECK) return cause;
  const area = systemControlArea(block);
  const at = area === 0 ? -1 : complex.hostAddress(gpa(area + UTILITY), true);
  if (at < 0) return cause;
  const utility = complex.storage.half(at);
  vcpu.cc = (utility & CHANGE_REPORT) === 0 ? 0 : 1;
  if (vcpu.cc === 0) return undefined;
  complex.frames.storing(at);
  complex.storage.setHalf(at, utility & ~CHANGE_REPORT);
  complex.stored(at, 2);
  return undefined;
}
