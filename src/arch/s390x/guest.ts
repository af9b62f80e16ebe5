import type { AbsoluteBytes } from '../../bits/absolute-bytes.ts';
import type { Result } from '../../bits/result.ts';
import type { SymbolSources } from '../../image/symbol-sources.ts';
import type { RegisterRow, TargetDescription } from '../../machine/description.ts';
import type { EventWatch } from '../../machine/events.ts';
import type { GuestEnd, GuestState, OpenGuest, RegisterPlaces, StopTest, VcpuView } from '../../machine/guest.ts';
import type { GuestInput } from '../../machine/inputs.ts';
import type { QuickTests } from '../../machine/quick-test.ts';
import type { FilePort, ServedFile } from '../../machine/served-file.ts';
import type { SymbolPort } from '../../machine/symbols.ts';
import type { StorageRange, StorageWatch } from '../../machine/watch.ts';
import type { BootRefusal } from '../../wing/wing.ts';
import { describePsw } from './cpu/psw.ts';
import { files } from './cpu/state-layout.ts';
import type { Vcpu } from './cpu/vcpu.ts';
import { DebugView } from './gdb/debug-view.ts';
import type { DumpFile } from './gdb/dump-file.ts';
import { restoreDump } from './gdb/dump-restore.ts';
import { fetchQuickly } from './gdb/fetch-quickly.ts';
import { processFile } from './gdb/process-files.ts';
import { targetOf } from './gdb/registers.ts';
import { S390xGuestVcpu } from './guest-vcpu.ts';
import { instructionLength } from './isa/decoder.ts';
import { disabledWait } from './kvm/crash.ts';
import { inDisabledWait, SHUTDOWN_WAIT } from './kvm/intercept/idle.ts';
import type { KvmVcpu } from './kvm/vcpu.ts';
import type { KvmVm } from './kvm/vm.ts';
import { OwnSymbols } from './linux/own-symbols.ts';
import { LinuxSymbols } from './linux/symbols.ts';
import { type StatefulParts, s390xStateParts } from './state-parts.ts';
import type { ChannelSubsystem } from './vmm/css/channel-subsystem.ts';
import type { Ipl, Loader } from './vmm/ipl/ipl.ts';
import type { BootPlan } from './vmm/ipl/load.ts';
import type { Sclp } from './vmm/sclp/sclp.ts';
import { type UserSpaceOptions, VmmUserSpace } from './vmm/user-space.ts';
import type { GuestDevices } from './vmm/virtio-ccw/guest-devices.ts';

/** What a guest is made with. */
export interface S390xGuestOptions extends UserSpaceOptions {
  /** The VM with its vCPUs, all of its storage in one slot. */
  readonly vm: KvmVm;
}

/** A whole s390x guest: a VM, its user space and a debugger's view of it, as the run loop and the debugger want it. */
export class S390xGuest implements OpenGuest {
  readonly vm: KvmVm;
  readonly #userSpace: VmmUserSpace;
  readonly #view: DebugView;
  readonly vcpus: readonly S390xGuestVcpu[];
  readonly description: TargetDescription;
  /** @inheritdoc */
  readonly state: GuestState;
  /** Of the kernel's files, where those are known. */
  #symbols: LinuxSymbols | undefined;
  readonly #ownSymbols: OwnSymbols;
  /** True when this is what a dump holds. */
  restored = false;
  /** Core files that were asked for, by the names under which a debugger fetches them. */
  readonly dumps = new Map<string, ServedFile>();
  /** @inheritdoc */
  readonly breakpointFilter: Uint8Array;
  /** @inheritdoc */
  stops: StopTest | undefined;

  constructor(options: S390xGuestOptions) {
    const { vm } = options;
    const { core } = vm;
    this.vm = vm;
    this.description = targetOf(core);
    this.#userSpace = new VmmUserSpace(this.vm, options);
    this.#view = new DebugView(this.vm);
    this.state = stateOf(this, this.vm);
    // Looked at when symbols are asked for.
    const booted = { linux: () => this.ipl.plan?.linux === true, address: (name: string) => this.ipl.addressOf(name) };
    this.#ownSymbols = new OwnSymbols(this.vm, booted);
    this.breakpointFilter = this.vm.complex.filter;
    const vcpus = this.vm.vcpus.map((v) => new S390xGuestVcpu(v));
    this.vcpus = vcpus;
    core.stopAt = (cpu, address) => {
      const vcpu = vcpus[cpu.id];
      return vcpu === undefined || !this.vm.isLookedAt(cpu) ? undefined : this.stops?.at(vcpu, address);
    };
  }

  get sclp(): Sclp {
    return this.#userSpace.sclp;
  }
  get css(): ChannelSubsystem {
    return this.#userSpace.css;
  }
  get ipl(): Ipl {
    return this.#userSpace.ipl;
  }
  get devices(): GuestDevices {
    return this.#userSpace.devices;
  }
  /** Storage by absolute address, for loaders. */
  get storage(): AbsoluteBytes {
    return this.#userSpace.storage;
  }

  /** @inheritdoc */
  get symbols(): SymbolPort {
    return this.#symbols ?? this.#ownSymbols;
  }
  /** @inheritdoc */
  get files(): FilePort {
    return { get: (name) => this.dumps.get(name) ?? processFile(this.vm, name) };
  }
  /** Says that the guest is the Linux kernel of these files, or will be. */
  useSymbols(sources: SymbolSources): void {
    const { vmlinux } = sources;
    if (vmlinux === undefined) this.#ownSymbols.useModules(sources);
    else this.#symbols = new LinuxSymbols(this.vm, sources, vmlinux);
  }

  /** Is what a dump says, and has what dumps have: no storage keys. */
  restore(dump: DumpFile): void {
    restoreDump(this.vm, dump);
    this.restored = true;
  }

  /** Boots what `load` puts into storage, and boots it again whenever the guest asks for a re-IPL. */
  boot(load: Loader): Result<BootPlan, BootRefusal> {
    return this.ipl.boot(load);
  }
  /** Told of every re-IPL of the guest's. */
  set onReipl(listener: ((plan: BootPlan) => void) | undefined) {
    this.ipl.onReipl = listener;
  }

  /** Starts the first vCPU with a PSW, the others stay stopped. */
  start(psw: { readonly mask: bigint; readonly address: bigint }): void {
    const boot = this.vm.vcpus[0];
    boot?.setPsw(psw);
    boot?.start();
  }

  /** @inheritdoc */
  end(): GuestEnd | undefined {
    const { failure } = this.ipl;
    if (failure !== undefined) return { status: 1, message: `the guest cannot be loaded again: ${failure}` };
    const halted = this.vm.vcpus.filter((v) => !v.stopped);
    if (!halted.every((v) => v.waiting && inDisabledWait(v))) return undefined;
    const [crashed] = halted.filter((v) => v.psw.address !== SHUTDOWN_WAIT);
    if (crashed === undefined) return { status: 0, message: 'all CPUs are stopped' };
    return { status: 1, message: `CPU ${crashed.id}: ${disabledWait(crashed)}` };
  }

  /** @inheritdoc */
  view(id: number): VcpuView {
    const { v, cpu, further } = this.looked(id);
    const symbols = further ? undefined : this.#symbols;
    return {
      id,
      name: `CPU ${v.id}${further ? `, level ${cpu === v.vcpu ? 1 : 2}` : ''}`,
      // Few who ask for the vCPUs want to know.
      get state() {
        const state = v.stopped ? 'stopped' : v.waiting ? 'wait' : 'running';
        const mode = cpu.problemState ? 'user' : 'kernel';
        const task = v.stopped ? undefined : symbols?.kernel.currentTask(id);
        const level = v.interpretation.active ? [`level ${cpu === v.vcpu ? '1, interpreting' : '2'}`] : [];
        const words = [state, ...level, mode, ...describePsw(cpu.psw).split(', ').slice(0, 2)];
        return [...words, ...(task === undefined ? [] : [`${task.comm} pid ${task.pid}`])].join(', ');
      },
    };
  }

  /** @inheritdoc */
  readRegister(id: number, row: RegisterRow): Uint8Array | undefined {
    return this.#view.readRegister(this.looked(id).cpu, row);
  }
  /** @inheritdoc */
  further(): readonly number[] {
    const { vcpus } = this.vm;
    return vcpus.flatMap((v) => (v.interpretation.active ? [vcpus.length + v.id] : []));
  }
  /** What a debugger means by an id: a vCPU at the level that is looked at, or a further one, which is its other level. */
  looked(id: number): { readonly v: KvmVcpu; readonly cpu: Vcpu; readonly further: boolean } {
    const { vcpus } = this.vm;
    const further = id >= vcpus.length;
    const v = vcpus[further ? id - vcpus.length : id];
    if (v === undefined) throw new Error(`there is no CPU ${id}`);
    const { debugged } = v;
    return { v, cpu: further && debugged === v.vcpu ? v.executing : further ? v.vcpu : debugged, further };
  }
  /** @inheritdoc */
  fetchQuickly(id: number, address: bigint, bytes: number): bigint | undefined {
    return fetchQuickly(this.looked(id).cpu, address, bytes);
  }
  /** @inheritdoc */
  get quickTests(): QuickTests {
    return this.vm.core.quickTests;
  }
  /** @inheritdoc */
  get registerPlaces(): RegisterPlaces {
    return {
      memory: this.vm.complex.memory,
      storage: 'mirrored',
      base: (id) => this.looked(id).cpu.base,
      vcpuAt: (base) => this.vm.complex.vcpuAt(base).id,
      place: ({ name }) => {
        const n = /^r(\d+)$/.exec(name)?.[1];
        return n === undefined ? undefined : files.gr.offset + files.gr.width * Number(n);
      },
    };
  }
  /** @inheritdoc */
  readMemory(id: number, address: bigint, length: number): Uint8Array {
    return this.#view.readMemory(this.looked(id).cpu, address, length);
  }
  /** @inheritdoc */
  instructionLength(id: number, address: bigint): number {
    return instructionLength(this.readMemory(id, address, 1)[0] ?? 0);
  }
  /** @inheritdoc */
  storageBehind(id: number, address: bigint, length: number): StorageRange {
    return this.#view.storageBehind(this.looked(id).cpu, address, length);
  }
  /** @inheritdoc */
  readStorage(at: number, length: number): Uint8Array {
    return this.#view.readStorage(at, length);
  }
  /** @inheritdoc */
  watchStorage(watch: StorageWatch | undefined): void {
    this.#view.watchStorage(watch);
  }
  /** @inheritdoc */
  watchEvents(watch: EventWatch | undefined): void {
    this.#view.watchEvents(watch);
  }

  /** @inheritdoc */
  takeInput(input: GuestInput): boolean {
    const { sclp, devices } = this;
    switch (input.kind) {
      case 'console-input':
        sclp.typed(input.data);
        return true;
      case 'device-input':
        return devices.received(input.device, input.data);
      case 'write-register': {
        const { v, cpu } = this.looked(input.vcpu);
        return this.#view.writeRegister(v, cpu, input.register, input.data);
      }
      case 'write-memory':
        return this.#view.writeMemory(this.looked(input.vcpu).cpu, input.address, input.data);
      case 'plug':
        return devices.plug(input.device) !== undefined;
      case 'unplug':
        return devices.unplug(input.device);
      case 'quiesce':
        sclp.quiesce();
        return true;
    }
  }
}

function stateOf(parts: StatefulParts, { core, complex, vcpus, dirtyLog }: KvmVm): GuestState {
  return {
    shape: {
      architecture: core.name,
      'machine type': core.machine.type,
      CPUs: vcpus.length,
      'bytes of storage': complex.storage.size,
      facilities: [...core.facilities].sort((a, b) => a - b).join(' '),
    },
    parts: s390xStateParts(parts),
    forget: (storageReplaced) => (storageReplaced ? complex.storageReplaced() : complex.forget()),
    pages: {
      storage: complex.storage,
      parts: ['storage', 'storage keys'],
      compared: [complex.keys],
      keepPages: (keeper) => {
        complex.pageKeeper = keeper;
        dirtyLog.keeper = keeper;
      },
      replaced: (frames) => complex.framesReplaced(frames),
    },
  };
}
