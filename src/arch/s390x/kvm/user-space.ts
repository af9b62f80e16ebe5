/** What the kernel side of the hypervisor leaves to user space: the machine with its devices. */

import type { VcpuExit } from '../../../machine/exit.ts';
import { conditionCode, type Outcome } from './outcome.ts';
import type { KvmVcpu } from './vcpu.ts';

/**
 * An I/O instruction of a supervisor-state program, as user space carries it out. Its accesses go by the vCPU's address
 * space and key; one that meets an access exception unwinds.
 */
export interface IoInstruction {
  readonly opcode: number;
  readonly gr1: bigint;
  readonly gr2: bigint;
  /** Address of the operand: the second operand's, or what the first register of CHANNEL SUBSYSTEM CALL holds. */
  readonly address: bigint;
  /** The condition code, for instructions that leave it alone. */
  readonly cc: number;
  /** The first bytes of the operand. */
  fetch(length: number): Uint8Array;
  /** Stores into the operand, `offset` bytes from its start. */
  store(data: Uint8Array, offset?: number): void;
  /** Raises what storing so many bytes would raise. */
  checkStore(length: number): void;
}

/** The machine around the VM. */
export interface UserSpace {
  /** SERVC: command word, and SCCB address as the register has it, which may be no address at all. */
  serviceCall(vcpu: KvmVcpu, command: number, sccb: number): Outcome;
  /** DIAGNOSE codes that the hypervisor has no answer to; undefined when user space has none either. */
  diagnose(vcpu: KvmVcpu, code: number, r1: number, r3: number): Outcome | undefined;
  /** STSI: a system-information block of 4096 bytes, or undefined when there is none. */
  systemInformation(vcpu: KvmVcpu, functionCode: number, selector1: number, selector2: number): Uint8Array | undefined;
  /** I/O instructions but TEST PENDING INTERRUPTION. */
  io(instruction: IoInstruction): Outcome;
  /** The time of the guest's watchdog, which is off now, has run out, as `vcpu` sees it: what the vCPU's run ends with. */
  watchdogStruck(vcpu: KvmVcpu): VcpuExit;
}

/** The end of a guest whose watchdog ends it. */
export const endedByWatchdog: VcpuExit = { kind: 'crashed', message: "the watchdog's time has run out" };

/** A machine without any devices. */
export const noUserSpace: UserSpace = {
  serviceCall: () => conditionCode(3),
  diagnose: () => undefined,
  systemInformation: () => undefined,
  io: () => conditionCode(3),
  watchdogStruck: () => endedByWatchdog,
};
