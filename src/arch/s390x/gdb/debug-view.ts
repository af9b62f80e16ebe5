import type { RegisterRow } from '../../../machine/description.ts';
import type { EventWatch } from '../../../machine/events.ts';
import type { StorageRange, StorageWatch } from '../../../machine/watch.ts';
import { PSW_HIGH } from '../cpu/psw.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
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

  readRegister(cpu: Vcpu, row: RegisterRow): Uint8Array | undefined {
    return readRegister(cpu, row.name);
  }
  /** Of what executes on a vCPU at one of its levels. */
  writeRegister(v: KvmVcpu, cpu: Vcpu, name: string, bytes: Uint8Array): boolean {
    const { address } = cpu.psw;
    if (!writeRegister(cpu, name, bytes)) return false;
    if (cpu.psw.address !== address && !this.#hasSetMask(v)) {
      cpu.setPswHigh(cpu.pswHigh & ~PSW_HIGH.wait);
    }
    // Registers that a guest shares with the vCPU that interprets it.
    if (cpu !== v.vcpu) v.interpretation.suspend();
    if (name === 'pswm') this.#maskSet = { v, executed: v.vcpu.icount };
    // The wait ends with the wait bit.
    if ((v.vcpu.pswHigh & PSW_HIGH.wait) === 0) v.leaveWait();
    v.sync();
    return true;
  }
  readMemory(cpu: Vcpu, address: bigint, length: number): Uint8Array {
    return debugRead(this.#vm, cpu, address, length);
  }
  writeMemory(cpu: Vcpu, address: bigint, bytes: Uint8Array): boolean {
    return debugWrite(this.#vm, cpu, address, bytes);
  }

  storageBehind(cpu: Vcpu, address: bigint, length: number): StorageRange {
    return storageBehind(this.#vm, cpu, address, length);
  }
  readStorage(at: number, length: number): Uint8Array {
    return this.#vm.complex.storage.read(at, length);
  }
  watchStorage(watch: StorageWatch | undefined): void {
    this.#vm.complex.frames.watch = watch;
    this.#vm.complex.flushTlbs();
  }
  watchEvents(watch: EventWatch | undefined): void {
    const { complex } = this.#vm;
    complex.events = watch && {
      happened: (vcpu, kind, number, text) => {
        if (vcpu !== undefined && !this.#vm.isLookedAt(vcpu)) return;
        if (watch.happened({ kind, number: BigInt(number), text })) complex.frames.endSlices();
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
