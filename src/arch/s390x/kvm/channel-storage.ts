import { PAGE_BYTES } from '../../../machine/layout.ts';
import { frameOf } from '../../../machine/storage.ts';
import { gpa } from '../dat/address.ts';
import type { ChannelFault, ChannelStorage } from '../vmm/css/channel-storage.ts';
import type { KvmVm } from './vm.ts';

/** No guest address reaches this. */
const END = 2 ** 44;
const REFERENCED = 4;
const FETCH_PROTECTED = 8;

/** A VM's storage for the channel subsystem: storage keys protect it and record what is done. */
export class VmChannelStorage implements ChannelStorage {
  readonly #vm: KvmVm;

  constructor(vm: KvmVm) {
    this.#vm = vm;
  }

  /** @inheritdoc */
  fetch(address: number, length: number, key: number): Uint8Array | ChannelFault {
    return this.#check(address, length, key, false) ?? this.#vm.readAbsolute(gpa(address), length) ?? 'addressing';
  }
  /** @inheritdoc */
  store(address: number, data: Uint8Array, key: number): ChannelFault | undefined {
    const fault = this.#check(address, data.length, key, true);
    return fault ?? (this.#vm.writeAbsolute(gpa(address), data) ? undefined : 'addressing');
  }

  #check(address: number, length: number, key: number, store: boolean): ChannelFault | undefined {
    if (address + length > END) return 'addressing';
    const { keys } = this.#vm.complex;
    for (let page = address - (address % PAGE_BYTES); page < address + length; page += PAGE_BYTES) {
      const at = this.#vm.gmap.hostAddress(gpa(page), store);
      if (at < 0) return 'addressing';
      const frame = frameOf(at);
      const held = keys[frame] ?? 0;
      if (key !== 0 && held >> 4 !== key && (store || (held & FETCH_PROTECTED) !== 0)) return 'protection';
      keys[frame] = held | REFERENCED;
    }
    return undefined;
  }
}
