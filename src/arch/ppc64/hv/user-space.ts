import type { VcpuExit } from '../../../machine/exit.ts';
import type { KvmRun } from './hcall.ts';
import type { HvVcpu } from './vcpu.ts';

/** What a call does beside its results: nothing, or the vCPU's run ends. */
export type HcallOutcome = VcpuExit | undefined;

/** User space as the kernel's side knows it: it handles what leaves with an exit. */
export interface UserSpace {
  /** Handles a hypercall: sets `run.ret` and `run.args`. */
  hypercall(vcpu: HvVcpu, run: KvmRun): HcallOutcome;
  /** A vCPU's run has ended: what waits for that is done now. */
  runEnded(): void;
}
