import { bigEndian } from '../../../bits/hex.ts';
import { lowcore } from '../cpu/lowcore.ts';
import { gpa } from '../dat/address.ts';
import type { KvmVm } from '../kvm/vm.ts';
import type { KernelFile } from './kernel-file.ts';
import { KernelStorage } from './kernel-storage.ts';

/** A task of the guest's kernel. */
export interface Task {
  /** Address of its `task_struct`. */
  readonly address: bigint;
  readonly pid: number;
  readonly comm: string;
}

/** A module of the guest's kernel. */
export interface KernelModule {
  /** Address of its `struct module`. */
  readonly address: bigint;
  readonly name: string;
  /** Addresses of its sections in storage, by name. */
  readonly sections: ReadonlyMap<string, bigint>;
}

/** `MODULE_STATE_UNFORMED`: its place in the list is taken, and nothing else is there. */
const UNFORMED = 3;
const MOST_MODULES = 4096;
const MOST_SECTIONS = 256;
/** Bytes at the entry point that tell a kernel from others. They hold no address that relocation changes. */
const ENTRY_BYTES = 64;
/** KASLR moves a kernel by multiples of a stack's size. */
const RELOCATION_UNIT = 0x4000n;

/** New PSWs of the prefix area, and where in the kernel they lead. */
const handlers = [
  [lowcore.svcNewPsw, 'system_call'],
  [lowcore.externalNewPsw, 'ext_int_handler'],
  [lowcore.ioNewPsw, 'io_int_handler'],
] as const;

/**
 * What is known of the Linux kernel in a guest by its ELF file: where it was put, its tasks, its modules. Everything is
 * looked up in the guest's storage when it is asked for, so there is nothing that could be old.
 */
export class GuestKernel {
  readonly file: KernelFile;
  readonly #vm: KvmVm;
  readonly #storage: KernelStorage;
  /** Where it was entered, for as long as its first bytes are there. */
  #entered: bigint | undefined;
  /** A module that is about to vanish. */
  #leaving: bigint | undefined;

  constructor(vm: KvmVm, file: KernelFile) {
    this.#vm = vm;
    this.file = file;
    this.#storage = new KernelStorage(vm);
  }

  /** How far the kernel lies from its linked addresses; undefined while it is not there. */
  displacement(): bigint | undefined {
    return this.#byHandlers() ?? this.#byEntry();
  }

  /** Notes that a vCPU is about to execute the kernel's first instruction; false when that is not what lies there. */
  enteredAt(address: bigint): boolean {
    const displacement = address - this.file.entry;
    if (displacement < 0n || displacement % RELOCATION_UNIT !== 0n || !this.#isEntry(address)) return false;
    this.#entered = displacement;
    return true;
  }

  /** The places where the first instruction may be, within `bytes` of addresses: that often they repeat. */
  entries(bytes: bigint): readonly bigint[] {
    const count = Number(bytes / RELOCATION_UNIT);
    return Array.from({ length: count }, (_, i) => this.file.entry + BigInt(i) * RELOCATION_UNIT);
  }

  /** A symbol's address in the guest; undefined while the kernel is not there. */
  address(symbol: string): bigint | undefined {
    const [linked, displacement] = [this.file.symbol(symbol), this.displacement()];
    return linked === undefined || displacement === undefined ? undefined : linked + displacement;
  }

  /** The task that a vCPU executes; undefined while there is none. */
  currentTask(vcpu: number): Task | undefined {
    const at = this.file.struct('lowcore')?.members.get('current_task');
    if (at === undefined || this.#byHandlers(vcpu) === undefined) return undefined;
    const prefix = this.#vm.vcpus[vcpu]?.vcpu.prefix ?? 0;
    return this.#task(bigEndian(this.#absolute(prefix + at, 8)));
  }

  /** The modules, the one loaded last first. */
  modules(): readonly KernelModule[] {
    const [head, module] = [this.address('modules'), this.file.struct('module')];
    const [list, name, state] = ['list', 'name', 'state'].map((m) => module?.members.get(m));
    if (head === undefined || list === undefined || name === undefined || state === undefined) return [];
    const found: KernelModule[] = [];
    let leaving = false;
    let at = this.#storage.doubleword(head);
    for (let i = 0; at !== 0n && at !== head && i < MOST_MODULES; i++) {
      const address = at - BigInt(list);
      if (address === this.#leaving) leaving = true;
      else if (this.#storage.word(address + BigInt(state)) !== UNFORMED) {
        const text = this.#storage.text(address + BigInt(name), 56);
        found.push({ address, name: text, sections: this.#sections(address) });
      }
      at = this.#storage.doubleword(at);
    }
    if (!leaving) this.#leaving = undefined;
    return found;
  }

  /** A module is about to be freed: it does not count any more. */
  moduleLeaves(address: bigint): void {
    this.#leaving = address;
  }

  #task(address: bigint): Task | undefined {
    const task = this.file.struct('task_struct');
    const [pid, comm] = [task?.members.get('pid'), task?.members.get('comm')];
    if (address === 0n || pid === undefined || comm === undefined) return undefined;
    const text = this.#storage.text(address + BigInt(comm), 16);
    return text === '' ? undefined : { address, pid: this.#storage.word(address + BigInt(pid)), comm: text };
  }

  #sections(module: bigint): ReadonlyMap<string, bigint> {
    const sections = new Map<string, bigint>();
    const pointer = this.file.struct('module')?.members.get('sect_attrs');
    const [attributes, one] = [this.file.struct('module_sect_attrs'), this.file.struct('module_sect_attr')];
    const [count, first] = [attributes?.members.get('nsections'), attributes?.members.get('attrs')];
    const value = one?.members.get('address');
    if (pointer === undefined || count === undefined || first === undefined) return sections;
    if (one === undefined || value === undefined) return sections;
    const base = this.#storage.doubleword(module + BigInt(pointer));
    if (base === 0n) return sections;
    const n = Math.min(this.#storage.word(base + BigInt(count)), MOST_SECTIONS);
    for (let i = 0; i < n; i++) {
      const at = base + BigInt(first + i * one.bytes);
      // The attribute's name is the first thing in it.
      const name = this.#storage.text(this.#storage.doubleword(at), 64);
      if (name !== '') sections.set(name, this.#storage.doubleword(at + BigInt(value)));
    }
    return sections;
  }

  // A kernel that has come so far as to handle interruptions is where its handlers are.
  #byHandlers(vcpu = 0): bigint | undefined {
    const prefix = this.#vm.vcpus[vcpu]?.vcpu.prefix ?? 0;
    let found: bigint | undefined;
    for (const [[at], symbol] of handlers) {
      const linked = this.file.symbol(symbol);
      if (linked === undefined) return undefined;
      const displacement = bigEndian(this.#absolute(prefix + at + 8, 8)) - linked;
      if (found !== undefined && displacement !== found) return undefined;
      found = displacement;
    }
    return found;
  }

  #byEntry(): bigint | undefined {
    if (this.#entered !== undefined && !this.#isEntry(this.file.entry + this.#entered)) this.#entered = undefined;
    return this.#entered;
  }

  #isEntry(address: bigint): boolean {
    const wanted = this.file.at(this.file.entry, ENTRY_BYTES);
    const found = this.#storage.read(address, wanted.length);
    return wanted.length > 0 && found !== undefined && Buffer.compare(wanted, found) === 0;
  }

  #absolute(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    const host = this.#vm.gmap.peek(gpa(address));
    if (host >= 0) this.#vm.complex.storage.readInto(host, out);
    return out;
  }
}
