import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { BlockBackend } from '../virtio/block.ts';
import type { GuestDevice } from '../virtio/devices.ts';
import { UserError } from './user-error.ts';

/** A raw image file as a disk. Host errors become I/O errors of the guest's requests. */
export class DiskFile implements BlockBackend {
  readonly size: number;
  readonly #file: number;

  private constructor(file: number, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Opens an image; one that cannot be opened, or holds no sector, is the user's mistake. */
  static open(path: string, readOnly: boolean): DiskFile {
    try {
      const file = openSync(path, readOnly ? 'r' : 'r+');
      const { size } = fstatSync(file);
      if (size >= 512) return new DiskFile(file, size);
      closeSync(file);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UserError(
        'disk-unusable',
        `cannot open the disk: ${why}${!readOnly && isForbidden(error) ? '; add ,ro to read only' : ''}`,
      );
    }
    throw new UserError('disk-unusable', `${path} is smaller than a sector: make it larger, as truncate -s 64M does`);
  }

  read(offset: number, length: number): Uint8Array | undefined {
    const into = new Uint8Array(length);
    return this.#attempt(() => readSync(this.#file, into, 0, length, offset) === length) ? into : undefined;
  }
  write(offset: number, data: Uint8Array): boolean {
    return this.#attempt(() => writeSync(this.#file, data, 0, data.length, offset) === data.length);
  }
  flush(): boolean {
    return this.#attempt(() => {
      fsyncSync(this.#file);
      return true;
    });
  }

  #attempt(action: () => boolean): boolean {
    try {
      return action();
    } catch {
      return false;
    }
  }
}

/** True when a file is there that must not be written. */
function isForbidden(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

/** The disks of `--disk FILE[,ro]` options, in their order; `,readonly` is the same. */
export function disks(texts: readonly string[] | undefined): GuestDevice[] {
  return (texts ?? []).map((text) => {
    const [, path = text, word] = /^(.*),(ro|readonly)$/.exec(text) ?? [];
    const readOnly = word !== undefined;
    return { kind: 'block', backend: DiskFile.open(path, readOnly), readOnly };
  });
}
