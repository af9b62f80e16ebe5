/** Machine checks as they wait to be delivered (PoP, "Machine-Check Handling"). */

import { mask } from '../../../bits/bits.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import { CR14 } from '../cpu/control-register-bits.ts';

/** Bits of a machine-check interruption code. */
export const MCIC = {
  systemDamage: mask(0),
  instructionProcessingDamage: mask(1),
  systemRecovery: mask(2),
  timingDamage: mask(4),
  externalDamage: mask(5),
  degradation: mask(7),
  warning: mask(8),
  channelReport: mask(9),
  serviceProcessorDamage: mask(10),
  channelSubsystemDamage: mask(11),
  /** Validity of what is stored with it. */
  vectorRegistersValid: mask(25),
  externalDamageCodeValid: mask(26),
  guardedStorageValid: mask(36),
} as const;

/** PSW, instruction address, floating-point, general, control and access registers, storage, TOD field, FPC, timers. */
const STORED = mask(20, 23) | mask(27, 29) | mask(31) | mask(33) | mask(42, 43) | mask(46, 47);

/** Conditions that stop a CPU in the middle of something: no subclass mask holds them back. */
const EXIGENT = MCIC.systemDamage | MCIC.instructionProcessingDamage;

/** A machine check to be made pending. */
export interface MachineCheck {
  /** Conditions; what is stored with them is added. */
  readonly mcic: bigint;
  /** Subclass masks, of CR14's low word, any of which lets a repressible condition in. */
  readonly cr14: number;
  readonly externalDamageCode?: number;
  readonly failingStorageAddress?: bigint;
  /** 16 bytes; zeros when not given. */
  readonly fixedLogout?: Uint8Array;
}

/** A channel report word waits to be stored. */
export const channelReportPending: MachineCheck = {
  mcic: MCIC.channelReport | STORED,
  cr14: CR14.channelReport,
};

/** The code with everything valid that a delivery stores; vector registers are added by the delivery. */
export function withValidity(mcic: bigint): bigint {
  return mcic | STORED;
}

/**
 * The machine checks that wait in one place. They are delivered together: conditions, masks and damage codes join, of
 * addresses and logouts the last counts.
 */
export class PendingMachineChecks implements Stateful<MachineCheck | undefined> {
  #all: MachineCheck | undefined;

  /** Joins what waits already. */
  raise(check: MachineCheck): void {
    const before = this.#all;
    this.#all = {
      ...before,
      ...check,
      mcic: (before?.mcic ?? 0n) | check.mcic,
      cr14: ((before?.cr14 ?? 0) | check.cr14) >>> 0,
      externalDamageCode: ((before?.externalDamageCode ?? 0) | (check.externalDamageCode ?? 0)) >>> 0,
    };
  }
  /** What waits. */
  get pending(): MachineCheck | undefined {
    return this.#all;
  }
  /** True for an exigent condition. */
  get exigent(): boolean {
    return this.#all !== undefined && (this.#all.mcic & EXIGENT) !== 0n;
  }
  take(): MachineCheck | undefined {
    const all = this.#all;
    this.#all = undefined;
    return all;
  }

  /** @inheritdoc */
  save(): MachineCheck | undefined {
    return this.#all && structuredClone(this.#all);
  }
  /** @inheritdoc */
  restore(all: MachineCheck | undefined): void {
    this.#all = all && structuredClone(all);
  }
}
