/** LOAD CONTROL and STORE CONTROL, intercepted while an interruption waits for a subclass mask or a debugger owns registers. */

import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import { CR0_TRANSLATION } from '../../cpu/control-register-bits.ts';
import { spaceLoaded } from '../../cpu/events.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept, storageOperand } from './row.ts';

/** Numbers of the registers from R1 to R3, wrapping from 15 to 0. */
function range(first: number, last: number): number[] {
  return Array.from({ length: ((last - first) & 15) + 1 }, (_, i) => (first + i) & 15);
}

function load(v: KvmVcpu, { r1, r3, b2, d2 }: Operands<'RS_a'>, bytes: 4 | 8): Outcome {
  const { address: at, path } = storageOperand(v, b2, d2);
  if (at % BigInt(bytes) !== 0n) return program(PGM.specification);
  const registers = range(r1, r3);
  const text = v.vm.core.access.read(v.vcpu, at, registers.length * bytes, path);
  const cr0 = v.vcpu.crLow(0);
  const spaces = ([1, 7, 13] as const).map((n) => [n, v.vcpu.cr(n)] as const);
  registers.forEach((n, i) => {
    const value = bigEndian(text.subarray(i * bytes, (i + 1) * bytes));
    v.vcpu.setCr(n, bytes === 8 ? value : (v.vcpu.cr(n) & 0xffff_ffff_0000_0000n) | value);
  });
  // Translations are kept by address space; only what CR0 says of all of them makes them stale.
  if (((cr0 ^ v.vcpu.crLow(0)) & CR0_TRANSLATION) !== 0) v.vcpu.flushTlb();
  v.vcpu.controlsChanged();
  for (const [n, before] of spaces) spaceLoaded(v.vcpu, n, before);
  return resume;
}

function store(v: KvmVcpu, { r1, r3, b2, d2 }: Operands<'RS_a'>, bytes: 4 | 8): Outcome {
  const { address: at, path } = storageOperand(v, b2, d2);
  if (at % BigInt(bytes) !== 0n) return program(PGM.specification);
  const registers = range(r1, r3);
  const text = Uint8Array.from(registers.flatMap((n) => [...toBigEndian(v.vcpu.cr(n), bytes)]));
  v.vm.core.access.write(v.vcpu, at, text, path);
  return resume;
}

/** Handlers of this file. */
export const controlRegisterRows: readonly InterceptRow[] = [
  onIntercept('LCTL', 'RS_a', (v, f) => load(v, f, 4)),
  onIntercept('LCTLG', 'RSY_a', (v, f) => load(v, f, 8)),
  onIntercept('STCTL', 'RS_a', (v, f) => store(v, f, 4)),
  onIntercept('STCTG', 'RSY_a', (v, f) => store(v, f, 8)),
];
