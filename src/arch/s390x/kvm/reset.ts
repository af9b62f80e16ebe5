/** Resets (PoP, "Resets"): of one CPU, of the I/O system, of storage. */

import { guardedStorageRegisters } from '../cpu/guarded-storage.ts';
import { files, slots } from '../cpu/state-layout.ts';
import { gpa } from '../dat/address.ts';
import type { KvmVcpu } from './vcpu.ts';
import type { KvmVm } from './vm.ts';

/** The resets of a CPU, each doing what the one before it does and more. */
export type CpuReset = 'normal' | 'initial' | 'clear';

/** Control registers 0 and 14 after an initial reset; the others are zero. */
const INITIAL_CR0 = 0xe0n;
const INITIAL_CR14 = 0xc200_0000n;

/** Resets a CPU, which is in the stopped state afterwards. `by` is the vCPU that executes the cause, if one does. */
export function resetCpu(v: KvmVcpu, kind: CpuReset, by?: KvmVcpu): void {
  if (by !== undefined) waitUntil(v, by);
  v.vcpu.core.transactions.drop(v.vcpu);
  v.local.clear();
  v.pfault.reset();
  v.stop();
  if (kind === 'normal') return;
  initialReset(v);
  if (kind === 'clear') clearRegisters(v);
  v.vcpu.controlsChanged();
  v.sync();
}

// A vCPU whose turn it is not may lag behind: its CPU timer runs on up to what ends its wait.
function waitUntil({ vcpu, waiting }: KvmVcpu, by: KvmVcpu): void {
  const { clock } = vcpu.core;
  const missing = clock.count(by.vcpu) - clock.count(vcpu);
  if (waiting && missing > 0n) clock.idle(vcpu, missing);
}

function initialReset({ vcpu, block }: KvmVcpu): void {
  vcpu.setPsw({ mask: 0n, address: 0n });
  for (let i = 0; i < 16; i++) vcpu.setCr(i, 0n);
  vcpu.setCr(0, INITIAL_CR0);
  vcpu.setCr(14, INITIAL_CR14);
  vcpu.setPrefix(gpa(0));
  vcpu.fpc = 0;
  const { clock } = vcpu.core;
  clock.setCpuTimer(vcpu, 0n);
  clock.setClockComparator(vcpu, 0n);
  vcpu.setNum(slots.todProgrammable, 0);
  vcpu.setBig(slots.programParameter, 0n);
  vcpu.setBig(slots.bea, 1n);
  for (const slot of guardedStorageRegisters) vcpu.setBig(slot, 0n);
  block.set('cpnc', 0);
}

function clearRegisters({ vcpu }: KvmVcpu): void {
  for (let i = 0; i < 16; i++) {
    vcpu.setGr(i, 0n);
    vcpu.setAr(i, 0);
  }
  const vectors = vcpu.base + files.vr.offset;
  new Uint8Array(vcpu.view.buffer).fill(0, vectors, vectors + 32 * 16);
}

/** Forgets what waits for any vCPU. The devices are reset by whoever has them. */
export function resetSubsystem(vm: KvmVm): void {
  vm.floating.clear();
  vm.watchdog.reset();
  vm.topologyChanged = false;
  vm.vertical = false;
}

/** Sets all storage and all storage keys to zero. */
export function clearStorage(vm: KvmVm): void {
  const { complex } = vm;
  for (let at = 0; at < complex.storage.size; at += 4096) complex.frames.storing(at);
  complex.storage.fill(0, complex.storage.size, 0);
  for (let at = 0; at < complex.storage.size; at += 4096) complex.storedFromOutside(at, 4096);
  complex.keys.fill(0);
  complex.flushTlbs();
}
