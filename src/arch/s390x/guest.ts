import type { AbsoluteBytes } from '../../bits/absolute-bytes.ts';
import type { Result } from '../../bits/result.ts';
import type { SymbolSources } from '../../image/symbol-sources.ts';
import type { Interpreter } from '../../machine/arch.ts';
import type { RegisterRow, TargetDescription } from '../../machine/description.ts';
import type { GuestEnd, GuestState, OpenGuest, StopTest, VcpuView } from '../../machine/guest.ts';
import type { GuestInput } from '../../machine/inputs.ts';
import type { FilePort, ServedFile } from '../../machine/served-file.ts';
import type { SymbolPort } from '../../machine/symbols.ts';
import type { StorageRange, StorageWatch } from '../../machine/watch.ts';
import type { GuestDevice } from '../../virtio/devices.ts';
import type { GuestIdentity } from '../../wing/wing.ts';
import type { S390xCore } from './cpu/core.ts';
import { describePsw, PSW_HIGH } from './cpu/psw.ts';
import type { DumpFile } from './gdb/dump-file.ts';
import { restoreDump } from './gdb/dump-restore.ts';
import { debugRead, debugWrite } from './gdb/memory.ts';
import { processFile } from './gdb/process-files.ts';
import { readRegister, s390xTarget, writeRegister } from './gdb/registers.ts';
import { storageBehind } from './gdb/storage-behind.ts';
import { S390xGuestVcpu } from './guest-vcpu.ts';
import { VmChannelStorage } from './kvm/channel-storage.ts';
import { disabledWait } from './kvm/crash.ts';
import { inDisabledWait, SHUTDOWN_WAIT } from './kvm/intercept/idle.ts';
import type { KvmVcpu } from './kvm/vcpu.ts';
import { KvmVm } from './kvm/vm.ts';
import { OwnSymbols } from './linux/own-symbols.ts';
import { LinuxSymbols } from './linux/symbols.ts';
import { type StatefulParts, s390xStateParts } from './state-parts.ts';
import { ChannelSubsystem } from './vmm/css/channel-subsystem.ts';
import { executeIo } from './vmm/css/instructions.ts';
import type { BootError } from './vmm/ipl/boot-error.ts';
import { IPL_FUNCTIONS, Ipl, type Loader } from './vmm/ipl/ipl.ts';
import type { BootPlan } from './vmm/ipl/load.ts';
import type { ConsolePort } from './vmm/sclp/console-port.ts';
import { Sclp } from './vmm/sclp/sclp.ts';
import { stsi } from './vmm/stsi.ts';
import { GuestDevices } from './vmm/virtio-ccw/guest-devices.ts';
import { VIRTIO_HYPERCALL, virtioHypercall } from './vmm/virtio-ccw/hypercall.ts';
import { strike, type WatchdogAction } from './vmm/watchdog.ts';

/** The machine that a guest sees: a zEC12. STIDP says the same. */
const MACHINE_TYPE = '2827';

/** What a guest is made with. */
export interface S390xGuestOptions {
  readonly core: S390xCore;
  readonly interpreter: Interpreter;
  /** Where the guest's consoles write. Not kept by the caller. */
  readonly console: ConsolePort['output'];
  /** Channel devices. Their numbers must differ. */
  readonly devices?: readonly GuestDevice[];
  /** What STSI says of the virtual machine; its name is guestscope when not given, and a UUID of 16 bytes none. */
  readonly identity?: GuestIdentity;
  /** What happens when the guest's watchdog strikes; `reset` when not given. */
  readonly watchdog?: WatchdogAction;
}

/** A whole s390x guest: a VM with a service-call logical processor, as the run loop and the debugger want it. */
export class S390xGuest implements OpenGuest {
  readonly vm: KvmVm;
  readonly sclp: Sclp;
  readonly css: ChannelSubsystem;
  readonly ipl: Ipl;
  readonly devices: GuestDevices;
  readonly vcpus: readonly S390xGuestVcpu[];
  readonly description: TargetDescription = s390xTarget;
  /** @inheritdoc */
  readonly state: GuestState;
  /** The vCPU whose PSW mask a debugger has set since it set an address. */
  #maskSet: { readonly v: KvmVcpu; readonly executed: bigint } | undefined;
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
    const { core } = options;
    this.vm = new KvmVm(core, options.interpreter);
    const bytes = core.complex.storage.size;
    this.vm.addSlot({ slot: 0, guest: 0, bytes, host: 0 });
    const storage: AbsoluteBytes = {
      size: bytes,
      read: (a, n) => this.vm.readAbsolute(a, n),
      write: (a, d) => this.vm.writeAbsolute(a, d),
    };
    this.sclp = new Sclp({
      storage,
      config: {
        vcpus: this.vm.vcpus.length,
        storageBytes: bytes,
        suppressionOnProtection: core.has('side-effect-access'),
      },
      console: { output: options.console },
      raiseServiceSignal: (parameter) => this.vm.floating.raiseService(parameter),
    });
    this.css = new ChannelSubsystem({
      storage: new VmChannelStorage(this.vm),
      raiseIo: (io) => this.vm.floating.raiseIo(io),
      withdrawIo: (id, number) => this.vm.floating.withdrawIo(id, number),
      channelReportPending: () => this.vm.floating.raiseChannelReport(),
    });
    // Looked at when symbols are asked for.
    const booted = { linux: () => this.ipl.plan?.linux === true, address: (name: string) => this.ipl.addressOf(name) };
    this.#ownSymbols = new OwnSymbols(this.vm, booted);
    this.ipl = new Ipl(this.vm, () => {
      this.sclp.reset();
      this.css.reset();
    });
    this.devices = new GuestDevices(this.css, storage);
    for (const device of options.devices ?? []) this.devices.attach(device);
    this.state = stateOf(this, this.vm);
    this.vm.userSpace = {
      serviceCall: (v, command, sccb) => this.sclp.execute(command, sccb, v.vcpu.prefix),
      diagnose: (v, code, r1, r3) => {
        if (code === IPL_FUNCTIONS) return this.ipl.diagnose(v, r1, r3);
        if (code !== VIRTIO_HYPERCALL) return undefined;
        virtioHypercall(this.css, v.vcpu);
        return { kind: 'resume' };
      },
      systemInformation: (v, functionCode, selector1, selector2) => {
        const answer = stsi(functionCode, selector1, selector2, {
          vcpus: this.vm.vcpus.length,
          cpuAddress: v.cpuAddress,
          machineType: MACHINE_TYPE,
          name: options.identity?.name ?? 'guestscope',
          ...(options.identity?.uuid === undefined ? {} : { uuid: options.identity.uuid }),
        });
        return answer.cc === 0 ? answer.sysib : undefined;
      },
      io: (instruction) => executeIo(this.css, instruction),
      watchdogStruck: () => strike(options.watchdog ?? 'reset', this.vm, this.ipl),
    };
    this.breakpointFilter = this.vm.complex.filter;
    const vcpus = this.vm.vcpus.map((v) => new S390xGuestVcpu(v));
    this.vcpus = vcpus;
    core.stopAt = ({ id }, address) => {
      const vcpu = vcpus[id];
      return vcpu === undefined ? undefined : this.stops?.at(vcpu, address);
    };
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
    this.#symbols = new LinuxSymbols(this.vm, sources);
  }

  /** Storage by absolute address, for loaders. */
  get storage(): AbsoluteBytes {
    return {
      size: this.vm.complex.storage.size,
      read: (a, n) => this.vm.readAbsolute(a, n),
      write: (a, d) => this.vm.writeAbsolute(a, d),
    };
  }

  /** Is what a dump says, and has what dumps have: no storage keys. */
  restore(dump: DumpFile): void {
    restoreDump(this.vm, dump);
    this.restored = true;
  }

  /** Boots what `load` puts into storage, and boots it again whenever the guest asks for a re-IPL. */
  boot(load: Loader): Result<BootPlan, BootError> {
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
    const v = this.#kvm(id);
    const symbols = this.#symbols;
    return {
      id,
      name: `CPU ${id}`,
      // Few who ask for the vCPUs want to know.
      get state() {
        const state = v.stopped ? 'stopped' : v.waiting ? 'wait' : 'running';
        const mode = v.vcpu.problemState ? 'user' : 'kernel';
        const task = v.stopped ? undefined : symbols?.kernel.currentTask(id);
        const words = [state, mode, ...describePsw(v.psw).split(', ').slice(0, 2)];
        return [...words, ...(task === undefined ? [] : [`${task.comm} pid ${task.pid}`])].join(', ');
      },
    };
  }

  /** @inheritdoc */
  readRegister(id: number, row: RegisterRow): Uint8Array | undefined {
    return readRegister(this.#kvm(id).vcpu, row.name);
  }
  /** @inheritdoc */
  readMemory(id: number, address: bigint, length: number): Uint8Array {
    return debugRead(this.vm, this.#kvm(id).vcpu, address, length);
  }
  /** @inheritdoc */
  storageBehind(id: number, address: bigint, length: number): StorageRange {
    return storageBehind(this.vm, this.#kvm(id).vcpu, address, length);
  }
  /** @inheritdoc */
  readStorage(at: number, length: number): Uint8Array {
    return this.vm.complex.storage.read(at, length);
  }
  /** @inheritdoc */
  watchStorage(watch: StorageWatch | undefined): void {
    this.vm.complex.watch = watch;
    this.vm.complex.flushTlbs();
  }

  /** @inheritdoc */
  takeInput(input: GuestInput): boolean {
    switch (input.kind) {
      case 'console-input':
        this.sclp.typed(input.data);
        return true;
      case 'device-input':
        return this.devices.received(input.device, input.data);
      case 'write-register':
        return this.#writeRegister(this.#kvm(input.vcpu), input.register, input.data);
      case 'write-memory':
        return debugWrite(this.vm, this.#kvm(input.vcpu).vcpu, input.address, input.data);
      case 'plug':
        return this.devices.plug(input.device) !== undefined;
      case 'unplug':
        return this.devices.unplug(input.device);
      case 'quiesce':
        this.sclp.quiesce();
        return true;
    }
  }

  #writeRegister(v: KvmVcpu, name: string, bytes: Uint8Array): boolean {
    const { address } = v.psw;
    if (!writeRegister(v.vcpu, name, bytes)) return false;
    if (v.psw.address !== address && !this.#hasSetMask(v)) v.vcpu.setPswHigh(v.vcpu.pswHigh & ~PSW_HIGH.wait);
    if (name === 'pswm') this.#maskSet = { v, executed: v.vcpu.icount };
    // The wait ends with the wait bit.
    if ((v.vcpu.pswHigh & PSW_HIGH.wait) === 0) v.leaveWait();
    v.sync();
    return true;
  }
  // Who sends a CPU that waits to another place wants it to go on there; but who has just set the mask means the wait bit in
  // it, such as a debugger that puts back the registers from before an inferior call.
  #hasSetMask(v: KvmVcpu): boolean {
    const before = this.#maskSet;
    this.#maskSet = undefined;
    return before?.v === v && before.executed === v.vcpu.icount;
  }

  #kvm(id: number): KvmVcpu {
    const found = this.vm.vcpus[id];
    if (found === undefined) throw new Error(`there is no CPU ${id}`);
    return found;
  }
}

function stateOf(parts: StatefulParts, { core, complex, vcpus }: KvmVm): GuestState {
  return {
    shape: {
      architecture: core.name,
      CPUs: vcpus.length,
      'bytes of storage': complex.storage.size,
      facilities: [...core.facilities].sort((a, b) => a - b).join(' '),
    },
    parts: s390xStateParts(parts),
    forget: (storageReplaced) => (storageReplaced ? complex.storageReplaced() : complex.forget()),
  };
}
