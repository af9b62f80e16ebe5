/** LOAD PSW and LOAD PSW EXTENDED, intercepted while a machine check waits for the PSW to let it in. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { expandShortPsw, isValidPsw, PSW, type Psw, pswOf } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept, storageOperand } from './row.ts';

// An invalid PSW is loaded all the same: it is the old PSW of the specification exception that it makes.
function load({ vcpu }: KvmVcpu, psw: Psw, how: 'breaks' | 'keeps'): Outcome {
  // An access key of the operand, where there are no storage keys.
  if (isValidPsw(psw) && !vcpu.accepts(psw)) return program(PGM.specialOperation);
  if (how === 'breaks') vcpu.setBig(slots.bea, vcpu.ia);
  vcpu.setPsw(psw);
  if (isValidPsw(psw)) return resume;
  return program(PGM.specification, { ilc: 0, nullified: false });
}

function loadPsw(v: KvmVcpu, { b2, d2 }: Operands<'S_8'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  const word = v.vm.core.access.fetch64(v.vcpu, address, path);
  if ((word & PSW.short) === 0n) return program(PGM.specification);
  return load(v, expandShortPsw(word), 'breaks');
}

function loadPswExtended(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  const psw = pswOf(v.vm.core.access.read(v.vcpu, address, 16, path));
  return load(v, psw, 'breaks');
}

// No breaking event.
function loadPswExtendedLong(v: KvmVcpu, { b1, d1 }: Operands<'SIY'>): Outcome {
  const { address, path } = storageOperand(v, b1, d1);
  if ((address & 7n) !== 0n) return program(PGM.specification);
  return load(v, pswOf(v.vm.core.access.read(v.vcpu, address, 16, path)), 'keeps');
}

/** Handlers of this file. */
export const loadPswRows: readonly InterceptRow[] = [
  onIntercept('LPSW', 'S_8', loadPsw),
  onIntercept('LPSWE', 'S', loadPswExtended),
  onIntercept('LPSWEY', 'SIY', loadPswExtendedLong),
];
