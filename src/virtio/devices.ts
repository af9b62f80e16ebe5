/** Devices as a user asks for them. */

import { type BlockBackend, VirtioBlock } from './block.ts';
import { VirtioConsole } from './console.ts';
import { type NetBackend, VirtioNet } from './net.ts';
import { type ByteSource, VirtioRng } from './rng.ts';
import type { VirtioFunction } from './virtio-function.ts';

/** A device of a guest; without a number it gets the lowest that is free, from 1 on. */
export type GuestDevice = { readonly number?: number } & (
  | { readonly kind: 'block'; readonly backend: BlockBackend; readonly readOnly?: boolean; readonly serial?: string }
  | { readonly kind: 'net'; readonly backend: NetBackend; readonly mac: Uint8Array }
  | { readonly kind: 'rng'; readonly source: ByteSource }
  | { readonly kind: 'console'; readonly output: (bytes: Uint8Array) => void }
);

/** What the device does, without the transport that it is reached by. */
export function deviceFunction(device: GuestDevice): VirtioFunction {
  switch (device.kind) {
    case 'block':
      return new VirtioBlock(device);
    case 'net':
      return new VirtioNet(device.backend, device.mac);
    case 'rng':
      return new VirtioRng(device.source);
    case 'console':
      return new VirtioConsole(device.output);
  }
}
