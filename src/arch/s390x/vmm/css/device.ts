/** What a subchannel leads to: a control unit with its device. */

import type { DataArea } from './data-area.ts';
import { deviceStatus } from './schib.ts';

/** What SENSE ID tells. */
export interface DeviceIdentification {
  readonly controlUnitType: number;
  readonly controlUnitModel: number;
  readonly deviceType: number;
  readonly deviceModel: number;
}

/** How a command ended at the device. */
export interface CommandEnd {
  readonly status: number;
  /** Sense byte 0, when the status has unit check. */
  readonly sense?: number;
}

const COMMAND_REJECT = 0x80;

/** Channel end and device end. */
export const commandDone: CommandEnd = { status: deviceStatus.channelEnd | deviceStatus.deviceEnd };
/** Unit check; sense data say that the command was refused. */
export const commandReject: CommandEnd = { status: deviceStatus.unitCheck, sense: COMMAND_REJECT };

/** A way for a device to be heard. */
export interface DevicePort {
  /** Makes the subchannel status pending with alert status, unless it is status pending already. */
  alert(): void;
  /** Makes an adapter interruption of a subclass pending. */
  adapterInterruption(isc: number): void;
}

/** A device with its control unit. Commands end before `execute` returns. */
export interface ChannelDevice {
  readonly identification: DeviceIdentification;
  /** Called once, when the device gets its subchannel. */
  attach(port: DevicePort): void;
  /** Executes a command that is none of the basic ones. */
  execute(command: number, data: DataArea): CommandEnd;
  /** The subchannel was enabled or disabled. */
  enabled(on: boolean): void;
  /** The guest has put work into a queue of the device, by hypercall; false when it has no such queue. */
  notify?(queue: number): boolean;
  /** Subsystem reset. */
  reset(): void;
  /** Its state as plain data, and the state put back; see `Stateful`. */
  save(): unknown;
  restore(state: unknown): void;
}
