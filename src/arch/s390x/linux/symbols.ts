import type { SymbolFile, SymbolSources } from '../../../image/symbol-sources.ts';
import type { LoadedImage, SymbolPort } from '../../../machine/symbols.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { GuestKernel } from './kernel.ts';
import { KernelFile } from './kernel-file.ts';
import { placeModule } from './module-file.ts';

/** Addresses in between are told apart by the engine's filter, which repeats after so many bytes. */
const FILTER_REACH = 0x10000n;
/** Called with a new module before its first instruction, and with an old one after its last. */
const MODULE_COMES = 'do_init_module';
const MODULE_GOES = 'free_module';
/** General register of a function's first argument. */
const FIRST_ARGUMENT = 2;

/**
 * The symbols of a Linux guest, as a debugger wants them: which files, and where in storage what they describe lies. Knows
 * the few places in the kernel where that changes.
 */
export class LinuxSymbols implements SymbolPort {
  readonly kernel: GuestKernel;
  readonly #vm: KvmVm;
  readonly #sources: SymbolSources;
  /** Module files as they were served, so that a debugger which reads piece by piece reads one thing. */
  readonly #served = new Map<string, Uint8Array>();

  constructor(vm: KvmVm, sources: SymbolSources, vmlinux: SymbolFile) {
    this.#vm = vm;
    this.#sources = sources;
    this.kernel = new GuestKernel(vm, new KernelFile(vmlinux));
  }

  /** @inheritdoc */
  displacement(): bigint | undefined {
    return this.kernel.displacement();
  }
  /** @inheritdoc */
  readonly probe = 'start_kernel';
  /** @inheritdoc */
  address(name: string): bigint | undefined {
    return this.kernel.address(name);
  }
  /** @inheritdoc */
  probeAddress(): bigint | undefined {
    return this.kernel.address(this.probe);
  }

  /** @inheritdoc */
  images(): readonly LoadedImage[] {
    const displacement = this.displacement();
    if (displacement === undefined) return [];
    const { file } = this.kernel;
    const dynamic = file.dynamic === 0n ? 0n : file.dynamic + displacement;
    return [{ name: file.path, displacement, dynamic, main: true }, ...this.#modules()];
  }

  /** @inheritdoc */
  content(name: string): Uint8Array | undefined {
    if (name === this.kernel.file.path) return this.kernel.file.bytes;
    return this.#served.get(name);
  }

  /** @inheritdoc */
  places(): readonly bigint[] {
    const displacement = this.displacement();
    if (displacement === undefined) return this.kernel.entries(FILTER_REACH);
    return [MODULE_COMES, MODULE_GOES].flatMap((name) => this.kernel.address(name) ?? []);
  }

  /** @inheritdoc */
  changes(vcpu: number, address: bigint): boolean {
    const displacement = this.displacement();
    if (displacement === undefined) return this.kernel.enteredAt(address);
    if (address === this.kernel.address(MODULE_GOES)) {
      this.kernel.moduleLeaves(this.#vm.vcpus[vcpu]?.vcpu.gr(FIRST_ARGUMENT) ?? 0n);
      return true;
    }
    return address === this.kernel.address(MODULE_COMES);
  }

  #modules(): readonly LoadedImage[] {
    const images: LoadedImage[] = [];
    for (const { name, address, sections } of this.kernel.modules()) {
      const file = this.#sources.module(name);
      if (file === undefined) continue;
      // A module that comes back lies elsewhere: another name makes a debugger read it again.
      const path = `/guestscope/modules/${address.toString(16)}/${name}.ko`;
      if (!this.#served.has(path)) this.#served.set(path, placeModule(file.read(), sections));
      images.push({ name: path, displacement: 0n, dynamic: 0n, main: false });
    }
    return images;
  }
}
