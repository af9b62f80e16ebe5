import type { Result } from '../../bits/result.ts';
import type { Interpreter } from '../../machine/arch.ts';
import type { RegisterRow, TargetDescription } from '../../machine/description.ts';
import type { EventWatch } from '../../machine/events.ts';
import type { GuestEnd, GuestState, OpenGuest, StopTest, VcpuView } from '../../machine/guest.ts';
import type { GuestInput } from '../../machine/inputs.ts';
import type { FilePort, ServedFile } from '../../machine/served-file.ts';
import { StateParts } from '../../machine/snapshot.ts';
import { StorageContents } from '../../machine/storage-state.ts';
import type { StorageRange, StorageWatch } from '../../machine/watch.ts';
import type { Booted, BootRefusal, BootRequest, GuestIdentity } from '../../wing/wing.ts';
import type { Ppc64Core } from './cpu/core.ts';
import { describeMsr, MSR } from './cpu/msr.ts';
import type { Vcpu } from './cpu/vcpu.ts';
import { coreFile } from './gdb/core-file.ts';
import { type DumpFile, restoreDump } from './gdb/dump-file.ts';
import { debugRead, debugWrite, storageBehind } from './gdb/memory.ts';
import { describePpc64, readRegister, writeRegister } from './gdb/registers.ts';
import { Ppc64GuestVcpu } from './guest-vcpu.ts';
import type { HvVcpu } from './hv/vcpu.ts';
import { Ppc64Vm } from './hv/vm.ts';
import type { Partition } from './mmu/translate.ts';
import { load } from './vmm/loader.ts';
import { VmmUserSpace } from './vmm/user-space.ts';

/** What a guest is made with. */
export interface Ppc64GuestOptions {
  readonly core: Ppc64Core;
  readonly interpreter: Interpreter;
  readonly partition: Partition;
  readonly console: (bytes: Uint8Array) => void;
  readonly date: number;
  readonly identity?: GuestIdentity | undefined;
}

/** A whole ppc64 guest: a virtual machine, its user space and a debugger's view of it. */
export class Ppc64Guest implements OpenGuest {
  readonly vm: Ppc64Vm;
  readonly userSpace: VmmUserSpace;
  readonly vcpus: readonly Ppc64GuestVcpu[];
  readonly state: GuestState;
  readonly breakpointFilter: Uint8Array;
  /** @inheritdoc */
  stops: StopTest | undefined;
  #description: TargetDescription = describePpc64(false);
  /** Core files that were asked for, by the names under which a debugger fetches them. */
  readonly #dumps = new Map<string, ServedFile>();
  #request: (() => Result<BootRequest, BootRefusal>) | undefined;
  #again: () => void = () => undefined;
  readonly #identity: GuestIdentity | undefined;

  constructor({ core, interpreter, partition, console, date, identity }: Ppc64GuestOptions) {
    this.#identity = identity;
    const made: VmmUserSpace[] = [];
    this.vm = new Ppc64Vm({
      ...{ core, interpreter, partition },
      userSpace: (vm) => {
        const userSpace = new VmmUserSpace(vm, { console, date, reboot: () => this.#reboot() });
        made.push(userSpace);
        return userSpace;
      },
    });
    const [userSpace] = made;
    if (userSpace === undefined) throw new Error('a virtual machine without user space');
    this.userSpace = userSpace;
    this.breakpointFilter = core.complex.filter;
    const vcpus = this.vm.vcpus.map((v) => new Ppc64GuestVcpu(v));
    this.vcpus = vcpus;
    this.state = stateOf(this.vm, userSpace);
    core.stopAt = ({ id }, address) => {
      const vcpu = vcpus[id];
      return vcpu === undefined ? undefined : this.stops?.at(vcpu, address);
    };
  }

  /** By the byte order of the image that was booted. */
  get description(): TargetDescription {
    return this.#description;
  }
  get #little(): boolean {
    return this.#description.elf.data === 'lsb';
  }

  /** Boots an image; `again` is told when the guest begins anew. */
  boot(request: () => Result<BootRequest, BootRefusal>, again: () => void): Result<Booted, BootRefusal> {
    const wanted = request();
    if (!wanted.ok) return wanted;
    const loaded = load(this.vm, wanted.value, this.#identity);
    if (!loaded.ok) return loaded;
    const { entry, tree, littleEndian, description } = loaded.value;
    this.#request = request;
    this.#again = again;
    if (littleEndian !== this.#little) this.#description = describePpc64(littleEndian);
    const [first] = this.vm.vcpus;
    if (first === undefined) throw new Error('a guest without vCPUs');
    // Entered as a flattened device tree's kernel is: the tree in r3, no Open Firmware in r5, 32-bit mode, big endian. A guest
    // has the machine check on at all times.
    first.vcpu.setMsr(BigInt(MSR.me));
    first.vcpu.setGpr(3, BigInt(tree));
    first.vcpu.pc = BigInt(entry);
    first.stopped = false;
    return { ok: true, value: { description } };
  }

  /** @inheritdoc */
  get files(): FilePort {
    return { get: (name) => this.#dumps.get(name) };
  }
  /** Has a core file of itself under a name, the vCPU that is `selected` first in it. */
  dump(name: string, selected: number): ServedFile {
    const file = coreFile(this.vm, selected, this.#little);
    this.#dumps.set(name, file);
    return file;
  }
  /** Is what a dump says. */
  restore(dump: DumpFile): void {
    if (dump.littleEndian !== this.#little) this.#description = describePpc64(dump.littleEndian);
    restoreDump(this.vm, dump);
  }

  #reboot(): void {
    const request = this.#request;
    if (request === undefined) return;
    this.vm.reset();
    const booted = this.boot(request, this.#again);
    if (booted.ok) return this.#again();
    this.userSpace.end({ status: 1, message: `the guest cannot be loaded again: ${booted.error.message}` });
  }

  /** @inheritdoc */
  end(): GuestEnd | undefined {
    const { ending } = this.userSpace;
    if (ending !== undefined) return ending;
    return this.vm.vcpus.every((v) => v.stopped) ? { status: 0, message: 'all CPUs are stopped' } : undefined;
  }
  /** @inheritdoc */
  view(id: number): VcpuView {
    const v = this.hv(id);
    const words = [v.stopped ? 'stopped' : v.ceded ? 'ceded' : 'running', describeMsr(v.vcpu.msr)];
    return { id, name: `CPU ${id}`, state: words.join(', ') };
  }
  /** @inheritdoc */
  readRegister(id: number, row: RegisterRow): Uint8Array | undefined {
    return readRegister(this.#cpu(id), row.name, this.#little);
  }
  /** @inheritdoc */
  readMemory(id: number, address: bigint, length: number): Uint8Array {
    return debugRead(this.vm, this.#cpu(id), address, length);
  }
  /** @inheritdoc */
  storageBehind(id: number, address: bigint, length: number): StorageRange {
    return storageBehind(this.vm, this.#cpu(id), address, length);
  }
  /** @inheritdoc */
  readStorage(at: number, length: number): Uint8Array {
    return this.vm.complex.storage.read(at, length);
  }
  /** @inheritdoc */
  watchStorage(watch: StorageWatch | undefined): void {
    this.vm.complex.frames.watch = watch;
    this.vm.complex.frames.flushTlbs();
  }
  /** @inheritdoc */
  watchEvents(watch: EventWatch | undefined): void {
    this.vm.complex.watchEvents(watch);
  }

  /** @inheritdoc */
  takeInput(input: GuestInput): boolean {
    switch (input.kind) {
      case 'console-input':
        this.userSpace.vty.type(input.data);
        return true;
      case 'write-register':
        return writeRegister(this.#cpu(input.vcpu), input.register, input.data, this.#little);
      case 'write-memory':
        return debugWrite(this.vm, this.#cpu(input.vcpu), input.address, input.data);
      // There are no devices besides the console, and no way to ask a guest to shut down.
      case 'device-input':
      case 'plug':
      case 'unplug':
      case 'quiesce':
        return false;
    }
  }

  /** A vCPU as the hypervisor has it. */
  hv(id: number): HvVcpu {
    const found = this.vm.vcpus[id];
    if (found === undefined) throw new Error(`there is no CPU ${id}`);
    return found;
  }
  #cpu(id: number): Vcpu {
    return this.hv(id).vcpu;
  }
}

function stateOf(vm: Ppc64Vm, userSpace: VmmUserSpace): GuestState {
  const { complex } = vm;
  const { xics, vty } = userSpace;
  const parts = new StateParts()
    .add('storage', 1, new StorageContents(complex.storage))
    .add('page table', 2, vm.hpt)
    .add('hypercalls', 2, vm.hcalls)
    .add('dirty log', 1, vm.dirty)
    .add('console', 1, vty)
    .add('user space', 2, userSpace);
  for (const { vcpu } of vm.vcpus) parts.add(`CPU ${vcpu.id}`, 1, vcpu);
  for (const v of vm.vcpus) parts.add(`vCPU ${v.id}`, 1, v);
  parts.add('interruption controller', 1, xics);
  return {
    shape: {
      architecture: vm.core.name,
      'processor version': vm.core.model.pvr,
      CPUs: vm.vcpus.length,
      'bytes of storage': complex.storage.size,
      'order of the page table': vm.hpt.order,
    },
    parts,
    forget: (replaced) => (replaced ? complex.storageReplaced() : complex.forget()),
    pages: {
      storage: complex.storage,
      parts: ['storage', 'page table'],
      compared: [],
      told: [vm.hpt],
      keepPages: (keeper) => {
        complex.pageKeeper = keeper;
        vm.dirty.keeper = keeper;
      },
      replaced: (frames) => complex.framesReplaced(frames),
    },
  };
}
