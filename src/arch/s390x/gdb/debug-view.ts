import type { RegisterRow } from '../../../machine/description.ts';
import type { EventWatch } from '../../../machine/events.ts';
import type { StorageRange, StorageWatch } from '../../../machine/watch.ts';
import { PSW_HIGH } from '../cpu/psw.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { debugRead, debugWrite } from './memory.ts';
import { readRegister, writeRegister } from './registers.ts';
import { storageBehind } from './storage-behind.ts';

/** Registers and storage of a VM as a debugger has them; what each method does is said at `Guest`. */
export class DebugView {
  readonly #vm: KvmVm;
  /** The vCPU whose PSW mask a debugger has set since it set an address. */
  #maskSet: { readonly v: KvmVcpu; readonly executed: bigint } | undefined;

  constructor(vm: KvmVm) {
    this.#vm = vm;
  }

  readRegister(v: KvmVcpu, row: RegisterRow): Uint8Array | undefined {
    return readRegister(v.debugged, row.name);
  }
  writeRegister(v: KvmVcpu, name: string, bytes: Uint8Array): boolean {
    const { debugged } = v;
    const { address } = debugged.psw;
    if (!writeRegister(debugged, name, bytes)) return false;
    if (debugged.psw.address !== address && !this.#hasSetMask(v)) {
      debugged.setPswHigh(debugged.pswHigh & ~PSW_HIGH.wait);
    }
    // Registers that a guest shares with the vCPU that interprets it.
    if (debugged !== v.vcpu) v.interpretation.suspend();
    if (name === 'pswm') this.#maskSet = { v, executed: v.vcpu.icount };
    // The wait ends with the wait bit.
    if ((v.vcpu.pswHigh & PSW_HIGH.wait) === 0) v.leaveWait();
    v.sync();
    return true;
  }
  readMemory(v: KvmVcpu, address: bigint, length: number): Uint8Array {
    return debugRead(this.#vm, v.debugged, address, length);
  }
  writeMemory(v: KvmVcpu, address: bigint, bytes: Uint8Array): boolean {
    return debugWrite(this.#vm, v.debugged, address, bytes);
  }

  storageBehind(v: KvmVcpu, address: bigint, length: number): StorageRange {
    return storageBehind(this.#vm, v.debugged, address, length);
  }
  readStorage(at: number, length: number): Uint8Array {
    return this.#vm.complex.storage.read(at, length);
  }
  watchStorage(watch: StorageWatch | undefined): void {
    this.#vm.complex.watch = watch;
    this.#vm.complex.flushTlbs();
  }
  watchEvents(watch: EventWatch | undefined): void {
    const { complex } = this.#vm;
    complex.events = watch && {
      happened: (vcpu, kind, number, text) => {
        if (vcpu !== undefined && !this.#vm.isLookedAt(vcpu)) return;
        if (watch.happened({ kind, number: BigInt(number), text })) complex.endSlices();
      },
      met: () => watch.met(),
    };
  }

  // Who sends a CPU that waits to another place wants it to go on there; but who has just set the mask means the wait bit in
  // it, such as a debugger that puts back the registers from before an inferior call.
  #hasSetMask(v: KvmVcpu): boolean {
    const before = this.#maskSet;
    this.#maskSet = undefined;
    return before?.v === v && before.executed === v.vcpu.icount;
  }
}
