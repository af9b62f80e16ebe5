/** Controls of single instructions that are looked at outside their rows. */

import { engineState } from '../../../machine/layout.ts';
import { operand } from '../cpu/access-path.ts';
import type { S390xCore } from '../cpu/core.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { isExecute } from '../isa/opcodes.ts';
import { ictl } from './state-description.ts';

/** Controls for updates that find what they do not want, condition code 1: such an instruction is handed over completed. */
const unequal: readonly (readonly [control: number, opcodes: readonly number[]])[] = [
  [ictl.testAndSet, [0x93]],
  [ictl.compareAndSwap, [0xba, 0xeb14, 0xeb30]],
  [ictl.compareDoubleAndSwap, [0xbb, 0xeb31, 0xeb3e]],
];

/** First bytes of these opcodes. */
const leading: ReadonlySet<number> = new Set([0x93, 0xba, 0xbb, 0xeb]);

/** All of these controls. */
export const UNEQUAL = ictl.testAndSet | ictl.compareAndSwap | ictl.compareDoubleAndSwap;

/**
 * The control that hands over the instruction at `address`, which the vCPU has just completed with condition code 1; 0 when
 * none does. It is the instruction in execution then.
 */
export function unequalControl(core: S390xCore, vcpu: Vcpu, address: bigint): number {
  const at = core.access.places.examine(
    vcpu,
    Number(address >> 32n),
    Number(address & 0xffff_ffffn),
    'ifetch',
    operand,
  );
  if (at < 0) return 0;
  const first = core.complex.storage.half(at);
  if (!isExecute(first) && !leading.has(first >>> 8)) return 0;
  vcpu.setBig(engineState.ia, address);
  const [text, last] = vcpu.interceptedText();
  const high = text >>> 24;
  const opcode = high === 0xeb ? 0xeb00 | (last & 0xff) : high;
  return unequal.find(([, opcodes]) => opcodes.includes(opcode))?.[0] ?? 0;
}
