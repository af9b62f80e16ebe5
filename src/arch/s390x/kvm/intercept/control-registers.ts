/** LOAD CONTROL and STORE CONTROL, intercepted while an interruption waits for a subclass mask or a debugger owns registers. */

import { CR0_TRANSLATION } from '../../cpu/control-register-bits.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { interceptedOperands } from './operands.ts';
import type { InstructionHandler } from './privileged.ts';

/** Numbers of the registers from R1 to R3, wrapping from 15 to 0. */
function range(first: number, last: number): number[] {
  return Array.from({ length: ((last - first) & 15) + 1 }, (_, i) => (first + i) & 15);
}

function load(v: KvmVcpu, bytes: 4 | 8): Outcome {
  const { r1, r3, base, address, longAddress } = interceptedOperands(v);
  const at = bytes === 8 ? longAddress : address;
  if (at % BigInt(bytes) !== 0n) return program(PGM.specification);
  const registers = range(r1, r3);
  const text = v.vm.core.access.read(v.vcpu, at, registers.length * bytes, { space: 'current', ar: base });
  const view = new DataView(text.buffer, text.byteOffset);
  const cr0 = v.vcpu.crLow(0);
  registers.forEach((n, i) => {
    const value =
      bytes === 8 ? view.getBigUint64(i * 8) : (v.vcpu.cr(n) & 0xffff_ffff_0000_0000n) | BigInt(view.getUint32(i * 4));
    v.vcpu.setCr(n, value);
  });
  // Translations are kept by address space; only what CR0 says of all of them makes them stale.
  if (((cr0 ^ v.vcpu.crLow(0)) & CR0_TRANSLATION) !== 0) v.vcpu.flushTlb();
  v.vcpu.controlsChanged();
  return resume;
}

function store(v: KvmVcpu, bytes: 4 | 8): Outcome {
  const { r1, r3, base, address, longAddress } = interceptedOperands(v);
  const at = bytes === 8 ? longAddress : address;
  if (at % BigInt(bytes) !== 0n) return program(PGM.specification);
  const registers = range(r1, r3);
  const text = new Uint8Array(registers.length * bytes);
  const view = new DataView(text.buffer);
  registers.forEach((n, i) => {
    if (bytes === 8) view.setBigUint64(i * 8, v.vcpu.cr(n));
    else view.setUint32(i * 4, v.vcpu.crLow(n));
  });
  v.vm.core.access.write(v.vcpu, at, text, { space: 'current', ar: base });
  return resume;
}

/** Handlers of this file by opcode. */
export const controlRegisterHandlers: readonly (readonly [number, InstructionHandler])[] = [
  [0xb7, (v) => load(v, 4)],
  [0xeb2f, (v) => load(v, 8)],
  [0xb6, (v) => store(v, 4)],
  [0xeb25, (v) => store(v, 8)],
];
