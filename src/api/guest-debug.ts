import { gpa } from '../arch/s390x/dat/address.ts';
import type { KvmVm } from '../arch/s390x/kvm/vm.ts';
import type { StopExit } from '../machine/exit.ts';
import { filterSlot, PAGE_BYTES } from '../machine/layout.ts';
import type { StorageWatch } from '../machine/watch.ts';

/** What ends a vCPU's run besides its own doing. */
export interface GuestDebugOptions {
  /** Behind each instruction. */
  readonly singleStep?: boolean;
  /** In front of the instructions at these addresses. */
  readonly breakpoints?: readonly bigint[];
  /** When a byte of these ranges of absolute addresses changes, behind the instruction that did it. */
  readonly watchpoints?: readonly { readonly address: number; readonly length: number }[];
}

interface Watched {
  readonly address: number;
  readonly host: number;
  seen: Uint8Array;
}

/** Debugging of a VM's vCPUs from outside: nothing of it shows in the guest. */
export class GuestDebug implements StorageWatch {
  readonly #vm: KvmVm;
  readonly #breakpoints = new Map<number, ReadonlySet<bigint>>();
  #watched: Watched[] = [];
  #touched = false;

  constructor(vm: KvmVm) {
    this.#vm = vm;
    vm.core.stopAt = ({ id }, address) =>
      this.#breakpoints.get(id)?.has(address) === true
        ? { kind: 'debug', reason: { kind: 'breakpoint', hardware: true } }
        : undefined;
  }

  /** Sets what ends the runs of a vCPU; watchpoints are the VM's, those set last. */
  set(vcpu: number, { breakpoints = [], watchpoints = [] }: GuestDebugOptions): void {
    const { filter, storage } = this.#vm.complex;
    for (const all of this.#breakpoints.values()) for (const address of all) filter[filterSlot(address)] = 0;
    this.#breakpoints.set(vcpu, new Set(breakpoints));
    for (const all of this.#breakpoints.values()) for (const address of all) filter[filterSlot(address)] = 1;
    this.#watched = watchpoints.flatMap(({ address, length }) => this.#pieces(address, length));
    this.#touched = false;
    for (const one of this.#watched) one.seen = storage.read(one.host, one.seen.length);
    this.#vm.complex.frames.watch = this.#watched.length > 0 ? this : undefined;
    this.#vm.complex.flushTlbs();
  }
  /** True when runs of a vCPU must look at instruction addresses. */
  hasBreakpoints(vcpu: number): boolean {
    return (this.#breakpoints.get(vcpu)?.size ?? 0) > 0;
  }

  #pieces(address: number, length: number): Watched[] {
    const found: Watched[] = [];
    for (let from = 0; from < length; ) {
      const at = address + from;
      const n = Math.min(length - from, PAGE_BYTES - (at % PAGE_BYTES));
      const host = this.#vm.gmap.peek(gpa(at));
      if (host >= 0) found.push({ address: at, host, seen: new Uint8Array(n) });
      from += n;
    }
    return found;
  }

  /** @inheritdoc */
  watchesFrame(frame: number): boolean {
    return this.#watched.some(({ host }) => Math.floor(host / PAGE_BYTES) === frame);
  }
  /** @inheritdoc */
  watches(at: number, length: number, access: 'fetch' | 'store'): boolean {
    return access === 'store' && this.#watched.some(({ host, seen }) => at < host + seen.length && at + length > host);
  }
  /** @inheritdoc */
  stored(at: number, length: number): boolean {
    const met = this.watches(at, length, 'store');
    if (met) this.#touched = true;
    return met;
  }
  /** @inheritdoc */
  fetched(): boolean {
    return false;
  }
  /** Absolute addresses lie where they lie. */
  reached(): boolean {
    return false;
  }
  /** @inheritdoc */
  met(): StopExit | undefined {
    if (!this.#touched) return undefined;
    this.#touched = false;
    const { storage } = this.#vm.complex;
    let found: number | undefined;
    for (const one of this.#watched) {
      const now = storage.read(one.host, one.seen.length);
      const changed = now.findIndex((byte, i) => byte !== one.seen[i]);
      one.seen = now;
      if (changed >= 0) found ??= one.address + changed;
    }
    if (found === undefined) return undefined;
    return { kind: 'debug', reason: { kind: 'watchpoint', access: 'write', address: BigInt(found) } };
  }
}
