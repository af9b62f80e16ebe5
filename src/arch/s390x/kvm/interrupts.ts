/** Interruptions that wait to be delivered: one vCPU's own, and those of the whole VM that any vCPU may take. */

import type { Stateful } from '../../../bits/stateful.ts';
import { CR0, iscMask } from '../cpu/control-register-bits.ts';
import type { ExternalInterruption, IoInterruption } from '../cpu/interruption.ts';
import { EXT } from '../cpu/interruption-codes.ts';
import { channelReportPending, type MachineCheck, MCIC, PendingMachineChecks } from './machine-check.ts';

/** I/O-interruption subclass of an interruption word. */
export function iscOf(word: number): number {
  return (word >>> 27) & 7;
}

/** What waits for one vCPU, as plain data. */
export interface LocalInterruptState {
  /** CPU addresses of those who signalled. */
  readonly emergency: readonly number[];
  readonly malfunction: readonly number[];
  readonly externalCall: number | undefined;
  readonly restart: boolean;
  readonly stop: { readonly storeStatus: boolean } | undefined;
  readonly machineChecks: MachineCheck | undefined;
}

/** Interruptions of one vCPU. */
export class LocalInterrupts implements Stateful<LocalInterruptState> {
  readonly emergency = new Set<number>();
  externalCall: number | undefined;
  readonly malfunction = new Set<number>();
  restart = false;
  stop: { readonly storeStatus: boolean } | undefined;
  readonly machineChecks = new PendingMachineChecks();

  /** Forgets everything (CPU reset). */
  clear(): void {
    this.machineChecks.take();
    this.emergency.clear();
    this.malfunction.clear();
    this.externalCall = undefined;
    this.restart = false;
    this.stop = undefined;
  }

  /** The external interruption to take next under these subclass masks, most urgent first. */
  nextExternal(cr0: number, take: boolean): ExternalInterruption | undefined {
    const fromSet = (set: Set<number>, mask: number, code: number): ExternalInterruption | undefined => {
      if (set.size === 0 || (cr0 & mask) === 0) return undefined;
      const source = Math.min(...set);
      if (take) set.delete(source);
      return { code, cpuAddress: source };
    };
    const signal =
      fromSet(this.malfunction, CR0.malfunctionAlert, EXT.malfunctionAlert) ??
      fromSet(this.emergency, CR0.emergencySignal, EXT.emergencySignal);
    if (signal !== undefined) return signal;
    if (this.externalCall === undefined || (cr0 & CR0.externalCall) === 0) return undefined;
    const call = { code: EXT.externalCall, cpuAddress: this.externalCall };
    if (take) this.externalCall = undefined;
    return call;
  }

  /** @inheritdoc */
  save(): LocalInterruptState {
    return {
      emergency: [...this.emergency],
      malfunction: [...this.malfunction],
      externalCall: this.externalCall,
      restart: this.restart,
      stop: this.stop && { ...this.stop },
      machineChecks: this.machineChecks.save(),
    };
  }
  /** @inheritdoc */
  restore(state: LocalInterruptState): void {
    this.emergency.clear();
    for (const from of state.emergency) this.emergency.add(from);
    this.malfunction.clear();
    for (const from of state.malfunction) this.malfunction.add(from);
    this.externalCall = state.externalCall;
    this.restart = state.restart;
    this.stop = state.stop && { ...state.stop };
    this.machineChecks.restore(state.machineChecks);
  }

  /** True when some external interruption waits, enabled or not. */
  get anyExternal(): boolean {
    return this.emergency.size > 0 || this.malfunction.size > 0 || this.externalCall !== undefined;
  }
}

/** What waits for any vCPU, as plain data. */
export interface FloatingInterruptState {
  readonly interruptKey: boolean;
  readonly service: number | undefined;
  /** By subclass, in the order in which they came. */
  readonly io: readonly (readonly IoInterruption[])[];
  readonly machineChecks: MachineCheck | undefined;
}

/** Interruptions of the VM. */
export class FloatingInterrupts implements Stateful<FloatingInterruptState> {
  interruptKey = false;
  /** Service-signal parameter: SCCB address and event-pending bits. */
  #service: number | undefined;
  readonly #io: IoInterruption[][] = Array.from({ length: 8 }, () => []);
  #ioCount = 0;
  readonly machineChecks = new PendingMachineChecks();

  /** Forgets everything (subsystem reset). */
  clear(): void {
    this.machineChecks.take();
    this.#ioCount = 0;
    this.interruptKey = false;
    this.#service = undefined;
    for (const queue of this.#io) queue.length = 0;
  }

  /** A service signal; event-pending bits join one that waits. */
  raiseService(parameter: number): void {
    const sccb = parameter & ~7;
    const waiting = this.#service ?? 0;
    this.#service = (sccb !== 0 ? sccb : waiting & ~7) | ((waiting | parameter) & 7);
  }

  nextExternal(cr0: number, take: boolean): ExternalInterruption | undefined {
    if (this.interruptKey && (cr0 & CR0.interruptKey) !== 0) {
      if (take) this.interruptKey = false;
      return { code: EXT.interruptKey };
    }
    if (this.#service === undefined || (cr0 & CR0.serviceSignal) === 0) return undefined;
    const parameter = this.#service >>> 0;
    if (take) this.#service = undefined;
    return { code: EXT.serviceSignal, parameter };
  }
  /** A service signal waits, enabled or not. */
  get serviceSignal(): boolean {
    return this.#service !== undefined;
  }
  get anyExternal(): boolean {
    return this.interruptKey || this.#service !== undefined;
  }

  /** A machine check that any vCPU may take. */
  raiseMachineCheck(check: MachineCheck): void {
    this.machineChecks.raise(check);
  }
  /** A channel report word waits to be stored: a repressible machine check. */
  get channelReport(): boolean {
    return ((this.machineChecks.pending?.mcic ?? 0n) & MCIC.channelReport) !== 0n;
  }
  raiseChannelReport(): void {
    this.machineChecks.raise(channelReportPending);
  }

  raiseIo(io: IoInterruption): void {
    this.#io[iscOf(io.word)]?.push(io);
    this.#ioCount++;
  }
  /** The I/O interruption to take next under a CR6 mask; subclasses in order, each first in first out. */
  nextIo(cr6: number, take: boolean): IoInterruption | undefined {
    if (this.#ioCount === 0) return undefined;
    for (const [isc, queue] of this.#io.entries()) {
      if ((cr6 & iscMask(isc)) === 0) continue;
      const [io] = queue;
      if (io === undefined) continue;
      if (take) {
        queue.shift();
        this.#ioCount--;
      }
      return io;
    }
    return undefined;
  }
  /** Takes back the interruptions of a subchannel; true when there was one. */
  withdrawIo(subchannelId: number, subchannelNumber: number): boolean {
    let found = false;
    for (const queue of this.#io) {
      for (let i = queue.length - 1; i >= 0; i--) {
        const io = queue[i];
        if (io?.subchannelId === subchannelId && io.subchannelNumber === subchannelNumber) {
          queue.splice(i, 1);
          this.#ioCount--;
          found = true;
        }
      }
    }
    return found;
  }
  get anyIo(): boolean {
    return this.#ioCount > 0;
  }

  /** @inheritdoc */
  save(): FloatingInterruptState {
    return {
      interruptKey: this.interruptKey,
      service: this.#service,
      io: this.#io.map((queue) => queue.map((io) => ({ ...io }))),
      machineChecks: this.machineChecks.save(),
    };
  }
  /** @inheritdoc */
  restore(state: FloatingInterruptState): void {
    this.interruptKey = state.interruptKey;
    this.#service = state.service;
    this.machineChecks.restore(state.machineChecks);
    this.#ioCount = 0;
    for (const [isc, queue] of this.#io.entries()) {
      queue.length = 0;
      queue.push(...(state.io[isc] ?? []).map((io) => ({ ...io })));
      this.#ioCount += queue.length;
    }
  }
}
