import type { SymbolSources } from '../../../image/symbol-sources.ts';
import type { LoadedImage, SymbolPort } from '../../../machine/symbols.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { frameElf, symbolElf } from './kernel-elf.ts';
import { placeModule } from './module-file.ts';
import { OwnKernel } from './own-kernel.ts';
import type { OwnModule } from './own-modules.ts';

/** Addresses in between are told apart by the breakpoint filter, which repeats after so many bytes. */
const FILTER_REACH = 0x10000n;
const FOLDER = '/guestscope/linux';
/** Called with a new module before its first instruction, and with an old one after its last. */
const MODULE_COMES = 'do_init_module';
const MODULE_GOES = 'free_module';
const FIRST_ARGUMENT = 2;
/** Files of modules that have gone are kept up to here, for a debugger that still reads one. */
const MOST_SERVED = 512;

/** What was booted, as far as its file says. */
export interface BootedImage {
  /** It is a Linux kernel, whose coming is then waited for. */
  linux(): boolean;
  /** The address of a symbol of the image, which runs where it was linked. */
  address(name: string): bigint | undefined;
}

/**
 * The symbols of a Linux guest of which there are no files: what kernel and modules keep of themselves in storage is made
 * into files, so that functions have names, and a debugger can go up from the kernel's assembly. There is no kernel
 * as long as none is found, whatever runs.
 */
export class OwnSymbols implements SymbolPort {
  readonly #kernel: OwnKernel;
  readonly #vm: KvmVm;
  readonly #booted: BootedImage;
  readonly #served = new Map<string, Uint8Array>();
  /** A module that is about to vanish. */
  #leaving: bigint | undefined;
  #sources: SymbolSources | undefined;
  readonly probe = 'start_kernel';

  constructor(vm: KvmVm, booted: BootedImage) {
    this.#vm = vm;
    this.#booted = booted;
    this.#kernel = new OwnKernel(vm);
  }

  /** Modules of which there are files are described by those. */
  useModules(sources: SymbolSources): void {
    this.#sources = sources;
  }

  /** Nothing: symbols that a debugger has by itself may be of another kernel, and those from here are in their places. */
  displacement(): bigint | undefined {
    return undefined;
  }

  /** @inheritdoc */
  images(): readonly LoadedImage[] {
    const kernel = this.#kernel.current();
    if (kernel === undefined) return [];
    const modules = this.#kernel.modules(this.#leaving);
    if (!modules.some(({ address }) => address === this.#leaving)) this.#leaving = undefined;
    const frames = this.#kernel.elsewhere(kernel, modules);
    const at = kernel.base.toString(16);
    // Tells sets of modules apart.
    const set = BigInt.asUintN(
      64,
      modules.reduce((sum, m) => sum * 31n + m.from, BigInt(modules.length)),
    ).toString(16);
    const image = (name: string, make: () => Uint8Array, main = false): LoadedImage => {
      this.#serve(name, make);
      return { name, displacement: 0n, dynamic: 0n, main };
    };
    return [
      image(`${FOLDER}/${at}/kernel`, () => symbolElf(kernel.symbols, kernel.areas, kernel.frames), true),
      ...modules.map((m) => image(`${FOLDER}/modules/${m.from.toString(16)}/${m.name}.ko`, () => this.#moduleFile(m))),
      image(`${FOLDER}/${at}/elsewhere-${set}`, () => frameElf(frames)),
    ];
  }

  /** @inheritdoc */
  content(name: string): Uint8Array | undefined {
    return this.#served.get(name);
  }

  /** @inheritdoc */
  places(): readonly bigint[] {
    const kernel = this.#kernel.current();
    if (kernel !== undefined) return [MODULE_COMES, MODULE_GOES].flatMap((name) => kernel.address(name) ?? []);
    return this.#booted.linux() ? this.#kernel.entries(FILTER_REACH) : [];
  }

  /** @inheritdoc */
  changes(vcpu: number, address: bigint): boolean {
    const kernel = this.#kernel.current();
    if (kernel === undefined) return this.#kernel.enteredAt(vcpu, address);
    if (address === kernel.address(MODULE_GOES)) {
      this.#leaving = this.#vm.vcpus[vcpu]?.vcpu.gr(FIRST_ARGUMENT);
      return true;
    }
    return address === kernel.address(MODULE_COMES);
  }

  /** @inheritdoc */
  address(name: string): bigint | undefined {
    return this.#kernel.current()?.address(name) ?? this.#booted.address(name);
  }

  /** @inheritdoc */
  probeAddress(): bigint | undefined {
    return this.#kernel.current()?.address(this.probe);
  }

  #moduleFile({ name, address, symbols, areas }: OwnModule): Uint8Array {
    const file = this.#sources?.module(name);
    const sections = file === undefined ? undefined : this.#kernel.sectionsOf(address);
    if (file === undefined || sections === undefined) return symbolElf(symbols, areas, this.#kernel.framesOf(symbols));
    return placeModule(file.read(), sections);
  }
  // One that is there is kept as it was served, so that a debugger which reads piece by piece reads one thing.
  #serve(name: string, make: () => Uint8Array): void {
    if (this.#served.has(name)) return;
    const [oldest] = this.#served.keys();
    if (this.#served.size >= MOST_SERVED && oldest !== undefined) this.#served.delete(oldest);
    this.#served.set(name, make());
  }
}
