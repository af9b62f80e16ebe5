/** A vCPU's state as plain data, by the layout tables: a slot that is added there is saved, too. */

import { engineState } from '../../../machine/layout.ts';
import type { Psw } from './psw.ts';
import { files, registerCounts, slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Registers and the scalars of the layout table. */
export interface VcpuRegisters {
  readonly pc: bigint;
  readonly amask: bigint;
  readonly icount: bigint;
  /** Register files by name: little-endian images, one after the other. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Scalars by name: a number, or a bigint when it has 64 bits. */
  readonly slots: Readonly<Record<string, number | bigint>>;
}

/** All of it. */
export interface VcpuState extends VcpuRegisters {
  readonly invalidPsw: Psw | undefined;
  readonly cpuAddress: number;
}

function bytesOf({ view, base }: Vcpu, file: keyof typeof files): Uint8Array {
  const { offset, width } = files[file];
  return new Uint8Array(view.buffer, base + offset, width * registerCounts[file]);
}

const fileNames = ['gr', 'ar', 'cr', 'vr'] as const satisfies readonly (keyof typeof files)[];

/** Set anew by every entry of SIE, and of no use in between. */
const ofTheRun: ReadonlySet<string> = new Set([slots.interruptionPending.name, slots.ictl.name, slots.lctl.name]);

const saved = Object.values(slots).filter(({ name }) => !ofTheRun.has(name));

/** A copy of a vCPU's registers and scalars. */
export function registersOf(vcpu: Vcpu): VcpuRegisters {
  return {
    pc: vcpu.big(engineState.pc),
    amask: vcpu.amask,
    icount: vcpu.icount,
    files: Object.fromEntries(fileNames.map((name) => [name, bytesOf(vcpu, name).slice()])),
    slots: Object.fromEntries(saved.map((slot) => [slot.name, slot.ty === 'i64' ? vcpu.big(slot) : vcpu.num(slot)])),
  };
}

/** Sets them. What the TLB holds is not looked at. */
export function setRegisters(vcpu: Vcpu, state: VcpuRegisters): void {
  vcpu.setBig(engineState.pc, state.pc);
  vcpu.setBig(engineState.amask, state.amask);
  vcpu.icount = state.icount;
  vcpu.forgetDecodePage();
  for (const name of fileNames) bytesOf(vcpu, name).set(state.files[name] ?? []);
  for (const slot of saved) {
    const value = state.slots[slot.name] ?? 0;
    if (typeof value === 'bigint') vcpu.setBig(slot, value);
    else vcpu.setNum(slot, value);
  }
}
