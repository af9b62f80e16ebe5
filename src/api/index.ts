/** The library: a VM of the hypervisor, to be run step by step and asked about everything. */

export type { AttributeGroup } from '../arch/s390x/kvm/attributes/row.ts';
export type { CmmaBits } from '../arch/s390x/kvm/cmma.ts';
export type { Swapped } from '../arch/s390x/kvm/mem-op.ts';
export type { CpuReset } from '../arch/s390x/kvm/reset.ts';
export type { TraceEvent, TraceKind } from '../arch/s390x/kvm/trace.ts';
export type { Snapshot } from '../machine/snapshot.ts';
export { DirtyPages } from './dirty-pages.ts';
export { type Errno, VmError } from './error.ts';
export type { AccessResult, IoExit, VmExit } from './exit.ts';
export type { GuestDebugOptions } from './guest-debug.ts';
export { type ProgramStatusWord, Vcpu, type VcpuAccess, type VcpuInterrupt } from './vcpu.ts';
export { type Slot, Vm, type VmInterrupt, type VmOptions } from './vm.ts';
