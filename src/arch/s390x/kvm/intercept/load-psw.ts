/** LOAD PSW and LOAD PSW EXTENDED, intercepted while a machine check waits for the PSW to let it in. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { expandShortPsw, isValidPsw, PSW, type Psw, pswOf } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept, storageOperand } from './row.ts';

// An invalid PSW is loaded all the same: it is the old PSW of the specification exception that it makes.
function load({ vcpu }: KvmVcpu, psw: Psw): Outcome {
  vcpu.setPsw(psw);
  if (isValidPsw(psw)) return resume;
  return program(PGM.specification, { ilc: 0, nullified: false });
}

function loadPsw(v: KvmVcpu, { b2, d2 }: Operands<'S_8'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  const word = v.vm.core.access.fetch64(v.vcpu, address, path);
  if ((word & PSW.short) === 0n) return program(PGM.specification);
  v.vcpu.setBig(slots.bea, v.vcpu.ia);
  return load(v, expandShortPsw(word));
}

function loadPswExtended(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  const psw = pswOf(v.vm.core.access.read(v.vcpu, address, 16, path));
  v.vcpu.setBig(slots.bea, v.vcpu.ia);
  return load(v, psw);
}

// No breaking event.
function loadPswExtendedLong(v: KvmVcpu, { b1, d1 }: Operands<'SIY'>): Outcome {
  const { address, path } = storageOperand(v, b1, d1);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  return load(v, pswOf(v.vm.core.access.read(v.vcpu, address, 16, path)));
}

/** Handlers of this file. */
export const loadPswRows: readonly InterceptRow[] = [
  onIntercept('LPSW', 'S_8', loadPsw),
  onIntercept('LPSWE', 'S', loadPswExtended),
  onIntercept('LPSWEY', 'SIY', loadPswExtendedLong),
];
