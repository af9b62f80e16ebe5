import type { BlockBackend } from '../../virtio/block.ts';
import type { GuestDevice } from '../../virtio/devices.ts';
import { SeededBytes } from '../../virtio/rng.ts';
import type { GuestIdentity } from '../../wing/wing.ts';
import { version } from '../about.ts';
import type { ProgramOptions } from '../program.ts';
import type { SparseDisk } from './sparse-disk.ts';

/** What a guest is made of, as its file says it: whoever has that and the image makes the same machine. */
export interface Recipe {
  /** Of the guestscope that wrote it. */
  readonly program: string;
  readonly wing: string;
  readonly name: string;
  readonly commandLine: string | undefined;
  readonly memory: number;
  readonly vcpus: number;
  readonly cpu: string | undefined;
  readonly identity: GuestIdentity | undefined;
  readonly watchdog: ProgramOptions['watchdog'];
  readonly date: number | undefined;
  readonly clock: ProgramOptions['clock'];
  readonly symbols: string | undefined;
  readonly passOnStatus: boolean;
  readonly devices: readonly DeviceRecipe[];
}

/** A device without what is behind it. */
export type DeviceRecipe = { readonly number: number } & (
  | {
      readonly kind: 'block';
      readonly size: number;
      readonly readOnly: boolean;
      readonly serial: string;
      /** The guest is offered to make bytes zero, as it is by a disk that can. */
      readonly zeroes?: boolean;
    }
  | { readonly kind: 'net'; readonly mac: Uint8Array }
  | { readonly kind: 'rng' }
  | { readonly kind: 'console' }
);

/** A device with its number. */
export type NumberedDevice = GuestDevice & { readonly number: number };

/** What the machine of these options is made of. */
export function recipeOf(options: ProgramOptions, devices: readonly NumberedDevice[]): Recipe {
  const { name, commandLine, memory, vcpus, cpu, identity, watchdog, date, clock, symbols } = options;
  return {
    ...{ program: version(), wing: options.wing.name },
    ...{ name, commandLine, memory, vcpus, cpu, identity, watchdog, date, clock, symbols },
    passOnStatus: options.passOnStatus === true,
    devices: devices.map(deviceRecipe),
  };
}

function deviceRecipe(device: NumberedDevice): DeviceRecipe {
  const { number } = device;
  switch (device.kind) {
    case 'block': {
      const { backend, readOnly = false, serial = '' } = device;
      return { kind: 'block', number, size: backend.size, readOnly, serial, zeroes: backend.zero !== undefined };
    }
    case 'net':
      return { kind: 'net', number, mac: device.mac };
    case 'rng':
    case 'console':
      return { kind: device.kind, number };
  }
}

/** A device of a recipe whose other end is nowhere, with a disk for the bytes of one that is a disk. */
export function deviceOf(recipe: DeviceRecipe, disk: (number: number, size: number) => SparseDisk): NumberedDevice {
  const { number } = recipe;
  switch (recipe.kind) {
    case 'block': {
      const { size, readOnly, serial, zeroes = false } = recipe;
      const whole = disk(number, size);
      return { kind: 'block', number, backend: zeroes ? whole : withoutZeroes(whole), readOnly, serial };
    }
    case 'net':
      return { kind: 'net', number, mac: recipe.mac, backend: { send: () => undefined } };
    case 'rng':
      // Its state is put back.
      return { kind: 'rng', number, source: new SeededBytes(0) };
    case 'console':
      return { kind: 'console', number, output: () => undefined };
  }
}

/** A disk that offers no more than a file on the host does: what a guest is offered decides what it does. */
function withoutZeroes(disk: SparseDisk): BlockBackend {
  return {
    size: disk.size,
    read: (offset, length) => disk.read(offset, length),
    write: (offset, data) => disk.write(offset, data),
    flush: () => disk.flush(),
  };
}
