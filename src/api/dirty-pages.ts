import type { KvmVm } from '../arch/s390x/kvm/vm.ts';
import type { DirtyReader } from '../machine/dirty-log.ts';
import { PAGE_BYTES } from '../machine/layout.ts';

/** One reader's view of which pages were stored into; all are clean when it is opened. */
export class DirtyPages {
  readonly #vm: KvmVm;
  readonly #reader: DirtyReader;

  /**
   * Made by `Vm.openDirtyReader`.
   * @internal
   */
  constructor(vm: KvmVm, name: string) {
    this.#vm = vm;
    this.#reader = vm.dirtyLog.open(name);
  }

  /** Absolute addresses of pages stored into since the last `take`, in order by slot. */
  take(): number[] {
    return this.#pages(true);
  }
  /** The same, and they stay dirty. */
  peek(): number[] {
    return this.#pages(false);
  }
  #pages(clear: boolean): number[] {
    return this.#vm.slots().flatMap(({ guest, bytes, host }) => {
      const first = host / PAGE_BYTES;
      const frames = this.#reader.take(first, first + bytes / PAGE_BYTES, clear);
      return frames.map((frame) => guest + (frame - first) * PAGE_BYTES);
    });
  }
  close(): void {
    this.#vm.dirtyLog.close(this.#reader);
  }
}
