import type { Stateful } from '../../../../bits/stateful.ts';
import type { IoInterruption } from '../../cpu/interruption.ts';
import type { ChannelStorage } from './channel-storage.ts';
import { type ChannelReportState, ChannelReports, reportSource } from './crw.ts';
import type { ChannelDevice } from './device.ts';
import { MeasurementBlocks, type MeasurementState } from './measurement.ts';
import { Subchannel, type SubchannelOwner, type SubchannelState } from './subchannel.ts';
import { type SubchannelId, subchannelIdHalf } from './subchannel-id.ts';

/** What the channel subsystem needs of its machine. */
export interface ChannelMachine {
  readonly storage: ChannelStorage;
  raiseIo(io: IoInterruption): void;
  /** Takes back the interruptions of a subchannel that were not taken yet. */
  withdrawIo(subchannelId: number, subchannelNumber: number): void;
  /** A channel report waits to be stored: a machine check that CPUs take when they allow it. */
  channelReportPending(): void;
}

/** The channel-subsystem image that guests see. */
export const DEFAULT_CSSID = 0xfe;
/** The one channel path, and its type: that of virtual devices. */
export const CHANNEL_PATH = { id: 0, type: 0x32 } as const;

/** Interruption-word bit of an adapter interruption. */
const ADAPTER = 0x8000_0000;
const MOST_SUBCHANNELS = 0x1_0000;

/** The channel subsystem as plain data; which devices there are is saved by whoever attaches them. */
export interface ChannelSubsystemState {
  readonly addressLimit: number;
  readonly multipleImages: boolean;
  readonly multipleSets: boolean;
  readonly reports: ChannelReportState;
  readonly measurement: MeasurementState;
  /** By number; undefined where there is none any more. */
  readonly subchannels: readonly (SubchannelState | undefined)[];
}

/**
 * The channel subsystem: one image, whose subchannels lead to devices that the machine attaches. Operations end before the
 * instruction that started them does; their interruptions are pending then.
 */
export class ChannelSubsystem implements SubchannelOwner, Stateful<ChannelSubsystemState> {
  readonly storage: ChannelStorage;
  readonly reports: ChannelReports;
  readonly measurement: MeasurementBlocks;
  /** SET ADDRESS LIMIT. */
  addressLimit = 0;
  /** The guest has asked for channel-subsystem images beyond the default one. */
  multipleImages = false;
  /** The guest has asked for subchannel sets beyond 0. */
  multipleSets = false;
  readonly #machine: ChannelMachine;
  /** By number: a set has no more than it needs. */
  readonly #subchannels: (Subchannel | undefined)[] = [];

  constructor(machine: ChannelMachine) {
    this.#machine = machine;
    this.storage = machine.storage;
    this.reports = new ChannelReports(() => machine.channelReportPending());
    this.measurement = new MeasurementBlocks(machine.storage);
  }

  /** All subchannels with a device, in order. */
  get subchannels(): readonly Subchannel[] {
    return this.#subchannels.filter((s) => s !== undefined);
  }

  /**
   * Gives a device a subchannel, before the guest runs. Undefined when the device number is taken, or there is no room.
   */
  attach(device: ChannelDevice, deviceNumber = this.freeDeviceNumber()): Subchannel | undefined {
    const free = this.#subchannels.indexOf(undefined);
    const number = free < 0 ? this.#subchannels.length : free;
    const taken = this.subchannels.some((s) => s.deviceNumber === deviceNumber);
    if (taken || deviceNumber > 0xffff || number >= MOST_SUBCHANNELS) return undefined;
    return this.attachAt(number, device, deviceNumber);
  }
  /** Gives a device the subchannel of a number, whatever is there: the state that follows is to be restored. */
  attachAt(number: number, device: ChannelDevice, deviceNumber: number): Subchannel {
    const subchannel = new Subchannel(this, 0, number, deviceNumber, device);
    this.#subchannels[number] = subchannel;
    device.attach({
      alert: () => subchannel.alert(),
      adapterInterruption: (isc) => this.#adapterInterruption(isc),
    });
    return subchannel;
  }
  /** As `attach`, for a guest that runs: it is told by a channel report. */
  plug(device: ChannelDevice, deviceNumber = this.freeDeviceNumber()): Subchannel | undefined {
    const subchannel = this.attach(device, deviceNumber);
    if (subchannel !== undefined) this.#report(subchannel.number);
    return subchannel;
  }
  /** Takes a device away from a guest that runs. */
  unplug(subchannel: Subchannel): void {
    if (this.#subchannels[subchannel.number] !== subchannel) return;
    this.withdraw(subchannel);
    subchannel.device.reset();
    this.#subchannels[subchannel.number] = undefined;
    this.#report(subchannel.number);
  }

  /** @inheritdoc */
  save(): ChannelSubsystemState {
    return {
      addressLimit: this.addressLimit,
      multipleImages: this.multipleImages,
      multipleSets: this.multipleSets,
      reports: this.reports.save(),
      measurement: this.measurement.save(),
      subchannels: Array.from(this.#subchannels, (s) => s?.save()),
    };
  }
  /** Puts back what `save` gave; the devices have been attached to their subchannels. */
  restore(state: ChannelSubsystemState): void {
    this.addressLimit = state.addressLimit;
    this.multipleImages = state.multipleImages;
    this.multipleSets = state.multipleSets;
    this.reports.restore(state.reports);
    this.measurement.restore(state.measurement);
    this.#subchannels.length = state.subchannels.length;
    for (const [number, saved] of state.subchannels.entries()) {
      const subchannel = this.#subchannels[number];
      if (saved === undefined) this.#subchannels[number] = undefined;
      else if (subchannel === undefined) throw new Error(`subchannel ${number} has no device`);
      else subchannel.restore(saved);
    }
  }

  /** The lowest device number from 1 on that is not taken. */
  freeDeviceNumber(): number {
    const taken = new Set(this.subchannels.map((s) => s.deviceNumber));
    let number = 1;
    while (taken.has(number)) number++;
    return number;
  }

  /** The subchannel that is named, if it has a device. */
  find(id: SubchannelId): Subchannel | undefined {
    return this.#inImage(id) && id.ssid === 0 ? this.#subchannels[id.number] : undefined;
  }
  /** True when there is no subchannel from the one that is named on. */
  isPastLast(id: SubchannelId): boolean {
    return !this.#inImage(id) || id.ssid !== 0 || id.number >= this.#subchannels.length;
  }
  #inImage(id: SubchannelId): boolean {
    return !id.multiple || (this.multipleImages && id.cssid === DEFAULT_CSSID);
  }

  /** True for the image that there is, by its number once the guest has asked for images, and by zero. */
  hasImage(cssid: number): boolean {
    return cssid === 0 || (this.multipleImages && cssid === DEFAULT_CSSID);
  }

  /** RESET CHANNEL PATH: there is nothing to stop, and its end is reported at once. False when there is no such path. */
  resetChannelPath(path: number): boolean {
    if (path !== CHANNEL_PATH.id) return false;
    this.reports.add({ source: reportSource.channelPath, recovery: 'initialized', id: path, solicited: true });
    return true;
  }

  /** Subsystem reset. */
  reset(): void {
    for (const subchannel of this.subchannels) subchannel.reset();
    this.multipleImages = false;
    this.multipleSets = false;
    this.addressLimit = 0;
    this.reports.clear();
    this.measurement.reset();
  }

  /** @inheritdoc */
  raise(subchannel: Subchannel): void {
    this.#machine.raiseIo({
      subchannelId: this.#idHalf(subchannel),
      subchannelNumber: subchannel.number,
      parameter: subchannel.schib.get('interruptionParameter'),
      word: subchannel.schib.isc << 27,
    });
  }
  /** @inheritdoc */
  withdraw(subchannel: Subchannel): void {
    this.#machine.withdrawIo(this.#idHalf(subchannel), subchannel.number);
    // One that was made pending before the guest asked for images has no image in it.
    if (this.multipleImages) this.#machine.withdrawIo(subchannelIdHalf(subchannel.ssid), subchannel.number);
  }

  #idHalf(subchannel: Subchannel): number {
    const image = this.multipleImages ? (DEFAULT_CSSID << 8) | 8 : 0;
    return image | subchannelIdHalf(subchannel.ssid);
  }
  #adapterInterruption(isc: number): void {
    this.#machine.raiseIo({ subchannelId: 0, subchannelNumber: 0, parameter: 0, word: (ADAPTER | (isc << 27)) >>> 0 });
  }
  #report(number: number): void {
    const chained = this.multipleSets || this.multipleImages;
    const report = { source: reportSource.subchannel, recovery: 'installed', id: number } as const;
    this.reports.add({ ...report, chained });
    if (chained) this.reports.add({ ...report, id: this.multipleImages ? DEFAULT_CSSID << 8 : 0 });
  }
}
