import type { Interpreter } from '../../../machine/arch.ts';
import { DirtyLog } from '../../../machine/dirty-log.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { CpuComplex } from '../cpu/complex.ts';
import type { Ppc64Core } from '../cpu/core.ts';
import { ENTRIES_IN_GROUP, HPTE, type Hpt } from '../mmu/hpt.ts';
import type { Partition } from '../mmu/translate.ts';
import { HcallLog } from './hcall-log.ts';
import type { UserSpace } from './user-space.ts';
import { HvVcpu } from './vcpu.ts';
import { HardwareThread } from './world-switch.ts';

/** Size of the pages that a guest is made of: KVM of 2011 takes no others. */
export const HOST_PAGE_BYTES = 16 << 20;
/** Real address of the first page of the guest in the hypervisor's storage, and of the page table. */
export const GUEST_AT = 0x1_0000_0000;
const HPT_AT = 0x8000_0000;
/** The virtual real-mode area is a segment of 1 TiB with this VSID and pages of 16 MiB. */
const VRMA_VSID = 0x1ff_ffff;
export const vrmaSegment = { high: 0x4000_0000 | (VRMA_VSID >>> 8), low: ((VRMA_VSID << 24) | 0x100) >>> 0 } as const;
const VRMA_SLOT = 7;

/** LPCR of a guest: translation of real addresses by the VRMA with large pages, DPFD 4, HDEC interruptions, LPES. */
const LPCR_GUEST = 0x8000_0000_0000_0000n | (4n << 52n) | (1n << 51n) | 0xdn;

/** What a virtual machine is made with. */
export interface VmOptions {
  readonly core: Ppc64Core;
  readonly interpreter: Interpreter;
  readonly partition: Partition;
  readonly userSpace: (vm: Ppc64Vm) => UserSpace;
}

/** A virtual machine as KVM keeps it: a partition with its page table, and its vCPUs. */
export class Ppc64Vm {
  readonly core: Ppc64Core;
  readonly complex: CpuComplex;
  readonly interpreter: Interpreter;
  readonly hpt: Hpt;
  readonly lpid = 1;
  readonly hostBase: number;
  readonly bytes: number;
  readonly thread = new HardwareThread();
  readonly hcalls = new HcallLog();
  readonly dirty: DirtyLog;
  readonly vcpus: readonly HvVcpu[];
  readonly userSpace: UserSpace;
  readonly lpcr = LPCR_GUEST;
  /** SDR1: where the page table lies, and how large it is. */
  readonly sdr1: bigint;
  /** Real addresses are what they are. */
  readonly #vrmaMissing: boolean;

  constructor({ core, interpreter, partition, userSpace }: VmOptions) {
    this.core = core;
    this.complex = core.complex;
    this.interpreter = interpreter;
    this.hpt = partition.hpt;
    this.hostBase = partition.hostBase;
    this.bytes = partition.bytes;
    this.sdr1 = BigInt(HPT_AT) | BigInt(this.hpt.order - 18);
    const { frames } = this.complex;
    this.dirty = new DirtyLog(frames.flags.length, () => frames.distrustStores());
    frames.dirty = this.dirty;
    this.vcpus = this.complex.vcpus.map((vcpu) => new HvVcpu(this, vcpu));
    this.userSpace = userSpace(this);
    for (const { vcpu } of this.vcpus) {
      vcpu.lpid = this.lpid;
      vcpu.selectSpaces();
    }
    this.#vrmaMissing = partition.vrma === undefined;
    this.#makeVrma();
  }

  /** Storage and page table are as in the beginning, and every vCPU is, and stopped. */
  reset(): void {
    const { storage } = this.complex;
    for (let frame = 0; frame < storage.size / PAGE_BYTES; frame++) this.dirty.mark(frame);
    storage.fill(0, storage.size, 0);
    this.hpt.clear();
    for (const v of this.vcpus) v.reset();
    this.#makeVrma();
    this.complex.storageReplaced();
  }

  /** Enters the pages of the virtual real-mode area, one in slot 7 of a group, as KVM does it. */
  #makeVrma(): void {
    if (this.#vrmaMissing) return;
    for (let i = 0; i < this.bytes / HOST_PAGE_BYTES && i < this.hpt.groups; i++) {
      const hash = ((i ^ VRMA_VSID ^ (VRMA_VSID << 25)) >>> 0) % this.hpt.groups;
      const flags = HPTE.bolted | HPTE.large | HPTE.valid;
      const real = this.hostBase + i * HOST_PAGE_BYTES;
      this.hpt.set(
        hash * ENTRIES_IN_GROUP + VRMA_SLOT,
        { high: 0x4000_0000 | (VRMA_VSID >>> 8), low: (VRMA_VSID << 24) | (i << 8) | flags },
        { high: Math.floor(real / 0x1_0000_0000), low: real | HPTE.reference | HPTE.change | HPTE.coherent },
      );
    }
  }
}
