/** A Linux that works for as long as somebody types: on a disk, with a peer on its wire, and on a second console. */

import type { Machine } from '../../src/machine/machine.ts';
import { type BlockBackend, MemoryDisk } from '../../src/virtio/block.ts';
import type { GuestDevice } from '../../src/virtio/devices.ts';
import { answer } from '../guest/peer.ts';
import { type LinuxImages, linuxImages } from './linux.ts';

/** The address of the peer. */
export const PEER: readonly number[] = [10, 0, 0, 2];
/** The device numbers of a busy guest. */
export const busyNumber = { disk: 1, net: 2, hvc: 3 } as const;
/** What its console says once it listens. */
export const BUSY = 'session: begins';

/**
 * Each line goes to the disk, with how many echoes have come by then; of the disk's bytes a sum is shown. What is typed on
 * the other console comes back there.
 */
const script = `exec </dev/console
ifconfig eth0 10.0.0.1 netmask 255.255.255.0 up
ping 10.0.0.2 >/tmp/echoes 2>&1 &
while read typed; do echo "heard $typed"; done </dev/hvc0 >/dev/hvc0 &
echo '${BUSY}'
while read line; do
  echo "$line $(grep -c from /tmp/echoes)" | dd of=/dev/vda seek=$((seek++ % 512)) conv=sync,notrunc 2>/dev/null
  sync; md5sum </dev/vda
done`;

/** What a busy guest boots. */
export function busyImages(kernel: Parameters<typeof linuxImages>[0]): LinuxImages {
  return linuxImages(kernel, script, ['virtio_blk', 'virtio_net', 'virtio_console']);
}

/** What a busy guest has heard and said outside of its console. */
export interface BusyOutside {
  readonly devices: readonly (GuestDevice & { readonly number: number })[];
  /** The machine whose guest it is: answers go there, while `listens` says so. */
  connect(machine: Machine, listens: () => boolean): void;
  /** An answer comes once more, at a moment of somebody's choice. */
  echo(machine: Machine): void;
  readonly said: { hvc: string; frames: number };
}

/** The devices of a busy guest, and who is behind them. */
export function busyOutside(disk: BlockBackend): BusyOutside {
  const said = { hvc: '', frames: 0 };
  let [machine, listens]: [Machine | undefined, () => boolean] = [undefined, () => false];
  let last: Uint8Array | undefined;
  const send = (frame: Uint8Array): void => {
    if (!listens()) return;
    const reply = answer(frame, PEER);
    if (reply === undefined) return;
    said.frames++;
    last = reply;
    machine?.post({ kind: 'device-input', device: busyNumber.net, data: reply });
  };
  const output = (bytes: Uint8Array): void => {
    if (listens()) said.hvc += Buffer.from(bytes).toString('latin1');
  };
  return {
    said,
    devices: [
      { kind: 'block', number: busyNumber.disk, backend: disk },
      { kind: 'net', number: busyNumber.net, mac: Uint8Array.of(2, 0, 0, 0, 0, 1), backend: { send } },
      { kind: 'console', number: busyNumber.hvc, output },
    ],
    connect: (to, whether) => {
      [machine, listens] = [to, whether];
    },
    echo: (to) => {
      if (last !== undefined) to.enter({ kind: 'device-input', device: busyNumber.net, data: last });
    },
  };
}

/** A disk whose bytes are no part of the state, and that cannot make some of them zero at once: as a file is. */
export function outsideDisk(bytes: Uint8Array): BlockBackend {
  const disk = new MemoryDisk(bytes);
  return {
    size: disk.size,
    read: (offset, length) => disk.read(offset, length),
    write: (offset, data) => disk.write(offset, data),
    flush: () => true,
  };
}
