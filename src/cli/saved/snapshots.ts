import { resolve } from 'node:path';
import type { History } from '../../history/history.ts';
import { SnapshotError } from '../../machine/snapshot.ts';
import type { SnapshotAnswer, SnapshotPort } from '../../monitor/snapshot.ts';
import type { Assembly } from '../assemble.ts';
import type { ProgramOptions } from '../program.ts';
import { diskBlocks, GuestFile, isZero, writeGuest } from './guest-file.ts';
import { type DeviceRecipe, type NumberedDevice, recipeOf } from './recipe.ts';
import { writeWhole } from './record-file.ts';
import { SPARSE_BLOCK } from './sparse-disk.ts';

/** What is saved and loaded. */
export interface SnapshotParts {
  readonly options: ProgramOptions;
  readonly assembly: Assembly;
  readonly devices: readonly NumberedDevice[];
  readonly history: History | undefined;
}

/** Keeps the guest of this program in files, for `monitor snapshot` and for crashes. */
export class Snapshots implements SnapshotPort {
  #parts: SnapshotParts | undefined;

  /** Says what is kept; until then nothing can be. */
  attach(parts: SnapshotParts): void {
    this.#parts = parts;
  }

  /** @inheritdoc */
  save(path: string): SnapshotAnswer {
    return this.#attempt(path, (parts) => this.#write(parts, path));
  }
  /** Keeps a guest that has ended; `broken` when it stands inside of what it did, so that only its last mark can be kept. */
  keep(path: string, ended: string, broken: boolean): SnapshotAnswer {
    return this.#attempt(path, (parts) => {
      if (broken) parts.history?.recover();
      return this.#write(parts, path, ended);
    });
  }
  #write({ options, assembly: { machine }, devices, history }: SnapshotParts, path: string, ended?: string): number {
    const { image, initrd } = options;
    let bytes = 0;
    writeWhole(path, (writer) => {
      writeGuest(writer, {
        recipe: recipeOf(options, devices),
        ended,
        image: image.read(),
        initrd: initrd?.read(),
        machine,
        disks: devices,
        history,
      });
      bytes = writer.bytes;
    });
    return bytes;
  }

  /** @inheritdoc */
  load(path: string): SnapshotAnswer {
    return this.#attempt(path, ({ assembly: { machine }, options, devices, history }) => {
      const file = new GuestFile(path);
      const differs = difference(file.recipe.devices, recipeOf(options, devices).devices);
      if (differs !== undefined) throw new SnapshotError('other-machine', differs);
      const { snapshot, past } = file;
      machine.check(snapshot);
      for (const device of devices) checkDisk(device, file);
      const { running } = machine;
      for (const device of devices) fillDisk(device, file);
      machine.restore(snapshot);
      if (past !== undefined) history?.adopt(past.history, past.intervals);
      if (running) machine.start();
      return file.eventsAt;
    });
  }

  #attempt(path: string, act: (parts: SnapshotParts) => number): SnapshotAnswer {
    if (this.#parts === undefined) return { refused: 'this guest cannot be kept' };
    try {
      const bytes = act(this.#parts);
      return { path: resolve(path), bytes, time: this.#parts.assembly.machine.time };
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** What differs between devices there and here, in words. */
function difference(there: readonly DeviceRecipe[], here: readonly DeviceRecipe[]): string | undefined {
  const shown = (devices: readonly DeviceRecipe[]): string =>
    devices.map((d) => `${d.number} ${d.kind}${d.kind === 'block' ? ` of ${d.size} bytes` : ''}`).join(', ') || 'none';
  if (shown(there) === shown(here)) return undefined;
  return `the snapshot is of a machine with the devices ${shown(there)}, this one has ${shown(here)}`;
}

function checkDisk(device: NumberedDevice, file: GuestFile): void {
  if (device.kind !== 'block' || device.readOnly !== true) return;
  const there = file.disk(device.number, device.backend.size);
  for (const { block, bytes } of diskBlocks(device.backend)) {
    if (bytes !== undefined && Buffer.compare(there.read(block * SPARSE_BLOCK, bytes.length), bytes) === 0) continue;
    throw new SnapshotError(
      'other-machine',
      `disk ${device.number}, to read only, has other bytes than in the snapshot`,
    );
  }
}
function fillDisk(device: NumberedDevice, file: GuestFile): void {
  if (device.kind !== 'block' || device.readOnly === true) return;
  const { backend, number } = device;
  const there = file.disk(number, backend.size);
  for (const { block, bytes } of diskBlocks(backend)) {
    const at = block * SPARSE_BLOCK;
    const wanted = there.read(at, Math.min(SPARSE_BLOCK, backend.size - at));
    if (bytes !== undefined && Buffer.compare(bytes, wanted) === 0) continue;
    const put =
      isZero(wanted) && backend.zero !== undefined ? backend.zero(at, wanted.length) : backend.write(at, wanted);
    if (!put) throw new Error(`disk ${number} cannot be written at byte ${at}`);
  }
}
