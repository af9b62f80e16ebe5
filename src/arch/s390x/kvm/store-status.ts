/** A CPU's registers in their save areas (PoP, "Store-Status Operation", "Machine-Check Interruption"). */

import { toBigEndian } from '../../../bits/hex.ts';
import { controlBlock } from '../cpu/guarded-storage.ts';
import { type LowcoreField, lowcore } from '../cpu/lowcore.ts';
import { files, slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { further, type Gpa, gpa } from '../dat/address.ts';
import type { KvmVcpu } from './vcpu.ts';
import type { KvmVm } from './vm.ts';

/** Where the save areas begin among the assigned locations. */
export const SAVE_AREAS = gpa(0x1200);
const SAVE_AREA_BYTES = 0x200;
/** Absolute location that says which architecture the save areas are of. */
const ARCHITECTURE_MODE = lowcore.architectureMode[0];

type SaveArea = Extract<LowcoreField, `${string}SaveArea`>;

function sixteen(bytes: 4 | 8, value: (n: number) => bigint): Uint8Array {
  const area = new Uint8Array(16 * bytes);
  for (let n = 0; n < 16; n++) area.set(toBigEndian(value(n), bytes), n * bytes);
  return area;
}

/** The 32 vector registers as their save areas have them. */
export function vectorRegisters({ view, base }: Vcpu): Uint8Array {
  const area = new Uint8Array(32 * 16);
  for (let n = 0; n < 32; n++) {
    // They lie in the state with their rightmost byte first.
    const image = new Uint8Array(view.buffer, base + files.vr.offset + n * 16, 16);
    area.set(image.slice().reverse(), n * 16);
  }
  return area;
}

/** Where an additional or extended save area has the guarded-storage control block, if it is long enough. */
const GUARDED_STORAGE_AT = 1024;
const WITH_GUARDED_STORAGE_BYTES = 2048;

/**
 * Bytes of the save area that a designation's length characteristic stands for: the binary logarithm, 0 for 1 KiB; undefined
 * for one that is not valid. Without the guarded-storage facility there is none, and the area has 1 KiB.
 */
export function additionalStatusBytes({ vm }: KvmVcpu, characteristic: number): number | undefined {
  if (characteristic === 0) return 1024;
  if (!vm.core.has('guarded-storage')) return undefined;
  return characteristic >= 10 && characteristic <= 12 ? 2 ** characteristic : undefined;
}

/** Stores vector registers and, where the area has room for them, those of guarded storage. False when it is not there. */
export function storeAdditionalStatus({ vcpu, vm }: KvmVcpu, at: Gpa, bytes: number): boolean {
  if (!vm.gmap.covers(at, bytes)) return false;
  if (vm.core.has('vector')) vm.writeAbsolute(at, vectorRegisters(vcpu));
  if (storesGuardedStorage(vm, bytes)) vm.writeAbsolute(further(at, GUARDED_STORAGE_AT), controlBlock(vcpu));
  return true;
}

/** True when the registers of guarded storage are stored into an area of so many bytes. */
export function storesGuardedStorage({ core }: KvmVm, bytes: number): boolean {
  return core.has('guarded-storage') && bytes >= WITH_GUARDED_STORAGE_BYTES;
}

/** The contents of the save areas that store-status and a machine check have in common. */
function registerAreas(v: KvmVcpu): Partial<Record<SaveArea, Uint8Array>> {
  const { vcpu, vm } = v;
  const { clock } = vm.core;
  return {
    fprSaveArea: sixteen(8, (n) => vcpu.fpr(n)),
    grSaveArea: sixteen(8, (n) => vcpu.gr(n)),
    fpcSaveArea: toBigEndian(BigInt(vcpu.fpc), 4),
    todProgrammableSaveArea: toBigEndian(BigInt(vcpu.num(slots.todProgrammable)), 4),
    cpuTimerSaveArea: toBigEndian(clock.cpuTimer(vcpu), 8),
    // Bits 0-55; the byte before them is stored as zero.
    clockComparatorSaveArea: toBigEndian(clock.clockComparator(vcpu) >> 8n, 8),
    arSaveArea: sixteen(4, (n) => BigInt(vcpu.ar(n))),
    crSaveArea: sixteen(8, (n) => vcpu.cr(n)),
  };
}

function storeAreas(v: KvmVcpu, at: Gpa, areas: Partial<Record<SaveArea, Uint8Array>>): boolean {
  if (!v.vm.gmap.covers(at, SAVE_AREA_BYTES)) return false;
  for (const [name, bytes] of Object.entries(areas)) {
    const offset = name === 'clockComparatorSaveArea' ? 0x1330 : lowcore[name as SaveArea][0];
    v.vm.writeAbsolute(further(at, offset - SAVE_AREAS), bytes);
  }
  return true;
}

/** Stores the status of a vCPU, its save areas beginning at the absolute address `at`. False when that is not there. */
export function storeStatus(v: KvmVcpu, at: Gpa): boolean {
  const { mask, address } = v.vcpu.psw;
  return storeAreas(v, at, {
    ...registerAreas(v),
    pswSaveArea: Uint8Array.of(...toBigEndian(mask, 8), ...toBigEndian(address, 8)),
    prefixSaveArea: toBigEndian(BigInt(v.vcpu.prefix), 4),
  });
}

/** Stores the status of a vCPU at its assigned absolute locations, with the architecture mode. */
export function storeStatusAtAssigned(v: KvmVcpu): boolean {
  return v.vm.writeAbsolute(gpa(ARCHITECTURE_MODE), Uint8Array.of(1)) && storeStatus(v, SAVE_AREAS);
}

/** Stores what a machine check saves in the vCPU's prefix area; `logout` is the fixed-logout area. */
export function saveForMachineCheck(v: KvmVcpu, logout: Uint8Array): boolean {
  return storeAreas(v, further(v.vcpu.prefix, SAVE_AREAS), { ...registerAreas(v), pswSaveArea: logout });
}
