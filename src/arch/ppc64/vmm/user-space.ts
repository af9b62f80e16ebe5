import type { Stateful } from '../../../bits/stateful.ts';
import type { VcpuExit } from '../../../machine/exit.ts';
import { setWordIn, wordIn } from '../../../machine/storage.ts';
import { slots } from '../cpu/state-layout.ts';
import { ListedArguments } from '../hv/call-arguments.ts';
import { H, type KvmRun, SET_MODE, status } from '../hv/hcall.ts';
import { pageTableCall } from '../hv/page-table-calls.ts';
import type { UserSpace } from '../hv/user-space.ts';
import type { HvVcpu } from '../hv/vcpu.ts';
import type { Ppc64Vm } from '../hv/vm.ts';
import { Vty } from './console.ts';
import { VTY_ADDRESS, VTY_SOURCE } from './machine-tree.ts';
import { type RtasMachine, rtasCall } from './rtas.ts';
import { Xics } from './xics.ts';

/** How a guest ended. */
export interface Ending {
  readonly status: 0 | 1;
  readonly message: string;
}

/** What is saved of it. */
export interface UserSpaceState {
  readonly ending: Ending | undefined;
  readonly date: number;
  readonly random: bigint;
}

/** What user space is made with. */
export interface UserSpaceOptions {
  readonly console: (bytes: Uint8Array) => void;
  readonly date: number;
  /** Makes the guest begin anew. */
  readonly reboot: () => void;
}

const asNumber = (value: bigint | undefined): number => Number(BigInt.asUintN(32, value ?? 0n));

/** User space of a guest: console, interruption controller, RTAS, and every hypercall that the kernel's side leaves to it. */
export class VmmUserSpace implements UserSpace, Stateful<UserSpaceState> {
  readonly vty: Vty;
  readonly xics: Xics;
  /** How the guest ended, as far as it has. */
  ending: Ending | undefined;
  readonly #vm: Ppc64Vm;
  readonly #options: UserSpaceOptions;
  /** What the clock shows when the time base is zero. */
  #date: number;
  /** Of H_RANDOM: the same in every run, as everything here. */
  #random = 0n;
  /** The guest wants to begin anew, and does when the run in progress has ended. */
  #rebooting = false;
  readonly #fresh: ReturnType<Xics['save']>;
  readonly #rtas: RtasMachine;

  constructor(vm: Ppc64Vm, options: UserSpaceOptions) {
    this.#vm = vm;
    this.#options = options;
    this.#date = options.date;
    this.xics = new Xics(vm.complex.vcpus.length, [VTY_SOURCE], (server, up) => vm.vcpus[server]?.setExternal(up));
    this.#fresh = this.xics.save();
    this.vty = new Vty(options.console, () => this.xics.raise(VTY_SOURCE));
    this.#rtas = this.#machineForRtas();
  }

  /** @inheritdoc */
  save(): UserSpaceState {
    return { ending: this.ending, date: this.#date, random: this.#random };
  }
  /** @inheritdoc */
  restore({ ending, date, random }: UserSpaceState): void {
    this.ending = ending;
    this.#date = date;
    this.#random = random;
  }

  /** @inheritdoc */
  runEnded(): void {
    this.vty.flush();
    if (!this.#rebooting) return;
    this.#rebooting = false;
    this.xics.restore(this.#fresh);
    this.#options.reboot();
  }

  /** @inheritdoc */
  hypercall(v: HvVcpu, run: KvmRun): VcpuExit | undefined {
    const { args } = run;
    const inKernel = pageTableCall(this.#vm, run.nr, new ListedArguments(args)) ?? v.processorCall(run.nr, args);
    if (inKernel !== undefined) {
      run.ret = inKernel;
      return run.nr === H.confer ? { kind: 'yield' } : undefined;
    }
    if (run.nr === H.rtas) {
      const exit = rtasCall(v, Number(args[0] ?? 0n), this.#rtas);
      run.ret = exit === false ? status.parameter : status.success;
      return exit === false ? undefined : exit;
    }
    run.ret =
      this.#terminal(run) ?? this.#interrupts(v, run) ?? this.#mode(run) ?? this.#number(run) ?? status.function;
    return undefined;
  }

  #terminal({ nr, args }: KvmRun): number | undefined {
    if (nr !== H.putTermChar && nr !== H.getTermChar) return undefined;
    // Terminal 0 is the first one.
    if (![0, VTY_ADDRESS].includes(asNumber(args[0]))) return status.parameter;
    if (nr === H.putTermChar) {
      const [, count = 0n, left = 0n, right = 0n] = args;
      return this.vty.put(count, left, right) ? status.success : status.parameter;
    }
    const [count, left, right] = this.vty.get();
    args[0] = count;
    args[1] = left;
    args[2] = right;
    return status.success;
  }

  #interrupts(v: HvVcpu, { nr, args }: KvmRun): number | undefined {
    const { xics } = this;
    switch (nr) {
      case H.xirr:
        args[0] = BigInt(xics.accept(v.id));
        return status.success;
      case H.eoi:
        xics.end(v.id, asNumber(args[0]));
        return status.success;
      case H.cppr:
        xics.setPriority(v.id, asNumber(args[0]));
        return status.success;
      case H.ipi:
        return xics.setMfrr(asNumber(args[0]), asNumber(args[1])) ? status.success : status.parameter;
      case H.ipoll: {
        const [xirr, mfrr] = xics.poll(asNumber(args[0]));
        args[0] = BigInt(xirr);
        args[1] = BigInt(mfrr);
        return status.success;
      }
      default:
        return undefined;
    }
  }

  /** H_SET_MODE of what is the whole guest's: the byte order of interruptions, and whether they are translated. */
  #mode({ nr, args }: KvmRun): number | undefined {
    if (nr !== H.setMode) return undefined;
    const [flags = 0n, resource = 0n, value1 = 0n, value2 = 0n] = args;
    const { core, vcpus } = this.#vm;
    const order = resource === SET_MODE.byteOrder;
    if (!order && (resource !== SET_MODE.translation || core.model.name === 'power7')) return status.p2;
    if (value1 !== 0n) return status.p3;
    if (value2 !== 0n) return status.p4;
    if (order && flags > 1n) return status.parameter;
    if (!order && (flags === 1n || flags > 3n)) return status.unsupportedFlag;
    for (const { vcpu } of vcpus) {
      if (order) vcpu.interruptLittle = flags === 1n;
      else vcpu.setNum(slots.ail, Number(flags));
    }
    return status.success;
  }

  /** H_RANDOM: splitmix64. */
  #number({ nr, args }: KvmRun): number | undefined {
    if (nr !== H.random) return undefined;
    const mixed = (value: bigint, by: bigint, shift: bigint): bigint =>
      BigInt.asUintN(64, (value ^ (value >> shift)) * by);
    this.#random = BigInt.asUintN(64, this.#random + 0x9e37_79b9_7f4a_7c15n);
    const once = mixed(this.#random, 0xbf58_476d_1ce4_e5b9n, 30n);
    const twice = mixed(once, 0x94d0_49bb_1331_11ebn, 27n);
    args[0] = twice ^ (twice >> 31n);
    return status.success;
  }

  #machineForRtas(): RtasMachine {
    const { storage, frames } = this.#vm.complex;
    const isThere = (at: number): boolean => at % 4 === 0 && at + 4 <= storage.size;
    const clock = {
      read: () => this.#date,
      set: (ms: number) => {
        this.#date = ms;
      },
    };
    return {
      xics: this.xics,
      get date() {
        return clock.read();
      },
      set date(ms: number) {
        clock.set(ms);
      },
      word: (at) => (isThere(at) ? wordIn(storage, at, 'big') : undefined),
      setWord: (at, value) => {
        if (!isThere(at)) return;
        frames.storing(at);
        setWordIn(storage, at, value, 'big');
        frames.stored(at, 4);
      },
      text: (at) => {
        const most = at < storage.size ? Math.min(256, storage.size - at) : 0;
        const bytes = storage.read(at, most);
        const end = bytes.indexOf(0);
        return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end))
          .toString('latin1')
          .trim();
      },
      powerOff: () => this.end({ status: 0, message: 'the guest has switched itself off' }),
      crash: (message) => this.end({ status: 1, message }),
      reboot: () => {
        this.#rebooting = true;
        for (const v of this.#vm.vcpus) v.stopped = true;
      },
    };
  }

  /** The guest ends so. */
  end(ending: Ending): void {
    this.ending = ending;
    for (const v of this.#vm.vcpus) v.stopped = true;
  }
}
