import { History } from '../history/history.ts';
import { KeptDisk } from '../history/kept-disk.ts';
import type { GuestDevice } from '../virtio/devices.ts';
import type { Assembly, AssemblyOptions } from './assemble.ts';

/**
 * What a machine needs around it so that it can go back: disks that go back with it, and an outside that hears everything
 * once. `begin` is called when the guest is loaded.
 */
export class KeptPast {
  readonly #budget: number;
  readonly #disks: KeptDisk[] = [];
  #history: History | undefined;

  /** `budget` in bytes. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** What is kept, once something is. */
  get history(): History | undefined {
    return this.#history;
  }
  /** True while the guest does what it has done before. */
  get #repeats(): boolean {
    return this.#history?.isRepeating === true;
  }

  /** A console that shows everything once. */
  console(console: AssemblyOptions['console']): AssemblyOptions['console'] {
    return (bytes, from) => {
      if (!this.#repeats) console(bytes, from);
    };
  }
  /** A device that goes back with the guest. */
  device(device: GuestDevice): GuestDevice {
    switch (device.kind) {
      case 'block': {
        if (device.readOnly === true) return device;
        const disk = new KeptDisk(device.backend);
        this.#disks.push(disk);
        return { ...device, backend: disk };
      }
      case 'net':
        return {
          ...device,
          backend: {
            send: (frame) => {
              if (!this.#repeats) device.backend.send(frame);
            },
          },
        };
      case 'console':
        return {
          ...device,
          output: (bytes) => {
            if (!this.#repeats) device.output(bytes);
          },
        };
      case 'rng':
        return device;
    }
  }

  /** Keeps what happens from here on, where the architecture lets one go back. */
  begin({ machine, target, guest }: Assembly, now: () => number): void {
    const { pages } = guest.state;
    if (pages === undefined) return;
    this.#history = new History(machine, pages, this.#disks, { budget: this.#budget }, now);
    target.useHistory(this.#history);
  }
}
