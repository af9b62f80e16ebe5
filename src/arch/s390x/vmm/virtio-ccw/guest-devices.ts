import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';
import type { Stateful } from '../../../../bits/stateful.ts';
import { SnapshotError } from '../../../../machine/snapshot.ts';
import { deviceFunction, type GuestDevice } from '../../../../virtio/devices.ts';
import type { ChannelSubsystem } from '../css/channel-subsystem.ts';
import type { Subchannel } from '../css/subchannel.ts';
import { VirtioCcw, type VirtioCcwState } from './virtio-ccw.ts';

/** A device that has a subchannel. */
interface Attached {
  /** What it is called on the shelf. */
  readonly name: string;
  readonly device: VirtioCcw;
  readonly subchannel: Subchannel;
}

/** An attached device as plain data. */
export interface AttachedState {
  readonly name: string;
  readonly number: number;
  readonly subchannel: number;
  readonly device: VirtioCcwState;
}

/**
 * The channel devices of a guest. What is behind a device (a file, a wire) is no state: it lies on a shelf under a name, by
 * which the device is plugged and found again when a snapshot is restored.
 */
export class GuestDevices implements Stateful<readonly AttachedState[]> {
  readonly #css: ChannelSubsystem;
  readonly #storage: AbsoluteBytes;
  readonly #shelf = new Map<string, GuestDevice>();
  /** By device number. */
  readonly #attached = new Map<number, Attached>();

  constructor(css: ChannelSubsystem, storage: AbsoluteBytes) {
    this.#css = css;
    this.#storage = storage;
  }

  /** Puts a device on the shelf, in place of another of its name. The guest does not see that. */
  offer(name: string, device: GuestDevice): void {
    this.#shelf.set(name, device);
  }

  /** Attaches a device before the guest runs; it is called by its number. Throws when that is taken. */
  attach(device: GuestDevice): void {
    const made = this.#make(device);
    const subchannel = this.#css.attach(made, device.number);
    if (subchannel === undefined) throw new Error(`device number ${device.number?.toString(16)} is taken`);
    const name = `device ${subchannel.deviceNumber.toString(16)}`;
    this.offer(name, device);
    this.#attached.set(subchannel.deviceNumber, { name, device: made, subchannel });
  }
  /** Plugs what is on the shelf: its number, or undefined when there is nothing of that name or its number is taken. */
  plug(name: string): number | undefined {
    const device = this.#shelf.get(name);
    if (device === undefined) return undefined;
    const made = this.#make(device);
    const subchannel = this.#css.plug(made, device.number);
    if (subchannel === undefined) return undefined;
    this.#attached.set(subchannel.deviceNumber, { name, device: made, subchannel });
    return subchannel.deviceNumber;
  }
  /** Takes a device away; false when there is none of that number. */
  unplug(number: number): boolean {
    const found = this.#attached.get(number);
    if (found === undefined) return false;
    this.#css.unplug(found.subchannel);
    return this.#attached.delete(number);
  }
  /** Something has come for a device from outside; false when there is none of that number. */
  received(number: number, data: Uint8Array): boolean {
    const found = this.#attached.get(number);
    found?.device.received(data);
    return found !== undefined;
  }

  /** @inheritdoc */
  save(): readonly AttachedState[] {
    return [...this.#attached].map(([number, { name, device, subchannel }]) => ({
      name,
      number,
      subchannel: subchannel.number,
      device: device.save(),
    }));
  }
  /** @inheritdoc */
  check(devices: readonly AttachedState[]): void {
    const lacking = devices.find(({ name }) => !this.#shelf.has(name));
    if (lacking === undefined) return;
    throw new SnapshotError('device-missing', `the snapshot has a device "${lacking.name}" that is not at hand`);
  }
  /** Attaches what was attached, to the subchannels that it had; the state of these is restored after this. */
  restore(devices: readonly AttachedState[]): void {
    const before = new Map(this.#attached);
    this.#attached.clear();
    for (const { name, number, subchannel: at, device: state } of devices) {
      const old = before.get(number);
      const same = old?.name === name && old.subchannel.number === at;
      const attached = same ? old : this.#attachAt(name, number, at);
      attached.device.restore(state);
      this.#attached.set(number, attached);
    }
  }

  #attachAt(name: string, number: number, at: number): Attached {
    const device = this.#shelf.get(name);
    if (device === undefined) throw new Error(`there is no device ${name}`);
    const made = this.#make(device);
    return { name, device: made, subchannel: this.#css.attachAt(at, made, number) };
  }
  #make(device: GuestDevice): VirtioCcw {
    return new VirtioCcw(deviceFunction(device), this.#storage);
  }
}
