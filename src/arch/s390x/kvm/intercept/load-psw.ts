/** LOAD PSW and LOAD PSW EXTENDED, intercepted while a machine check waits for the PSW to let it in. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { expandShortPsw, isValidPsw, PSW, type Psw } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { interceptedOperands } from './operands.ts';
import type { InstructionHandler } from './privileged.ts';

// An invalid PSW is loaded all the same: it is the old PSW of the specification exception that it makes.
function load(v: KvmVcpu, psw: Psw): Outcome {
  const { vcpu } = v;
  vcpu.setBig(slots.bea, vcpu.ia);
  vcpu.setPsw(psw);
  if (isValidPsw(psw)) return resume;
  return program(PGM.specification, { ilc: 0, nullified: false });
}

function loadPsw(v: KvmVcpu): Outcome {
  const { address, base } = interceptedOperands(v);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  const word = v.vm.core.access.fetch64(v.vcpu, address, { space: 'current', ar: base });
  return (word & PSW.short) === 0n ? program(PGM.specification) : load(v, expandShortPsw(word));
}

function loadPswExtended(v: KvmVcpu): Outcome {
  const { address, base } = interceptedOperands(v);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  const bytes = v.vm.core.access.read(v.vcpu, address, 16, { space: 'current', ar: base });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return load(v, { mask: view.getBigUint64(0), address: view.getBigUint64(8) });
}

/** Handlers of this file by opcode. */
export const loadPswHandlers: readonly (readonly [number, InstructionHandler])[] = [
  [0x82, loadPsw],
  [0xb2b2, loadPswExtended],
];
