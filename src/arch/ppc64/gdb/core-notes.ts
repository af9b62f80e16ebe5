/** The notes of a ppc64 core file, as Linux and QEMU write them and gdb reads them, and one of our own. */

import type { Ppc64VcpuState } from '../cpu/vcpu.ts';
import type { HvVcpuState } from '../hv/vcpu.ts';
import type { HptState } from '../mmu/hpt.ts';

export const EM_PPC64 = 21;

/** Types of notes. Those of the first two are by `CORE`, of the others by `LINUX`. */
export const NOTE = { prstatus: 1, fpregset: 2, vmx: 0x100, vsx: 0x102 } as const;

/** `struct elf_prstatus`. */
export const PRSTATUS = { bytes: 504, signal: 12, pid: 32, registers: 112 } as const;
/** Places in `elf_gregset_t`, in doublewords, behind those of r0 to r31. */
export const GREGSET = { pc: 32, msr: 33, ctr: 35, lr: 36, xer: 37, cr: 38, dar: 41 } as const;

/** Owner and type of our own note; its version is the type. */
export const OWN = { owner: 'GUESTSCOPE', type: 1 } as const;

/** What our own note holds as plain data: all of a guest that is not storage. */
export interface OwnNote {
  readonly pageTable: HptState;
  readonly vcpus: readonly { readonly registers: Ppc64VcpuState; readonly hypervisor: HvVcpuState }[];
}
