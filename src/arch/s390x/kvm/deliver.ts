/** Which of the interruptions that wait a vCPU takes, and in which order (PoP, "Priority of Interruptions"). */

import { bigEndian } from '../../../bits/hex.ts';
import { CR0 } from '../cpu/control-register-bits.ts';
import {
  type Delivery,
  deliverExternal,
  deliverIo,
  deliverMachineCheck,
  deliverRestart,
  type ExternalInterruption,
} from '../cpu/interruption.ts';
import { PSW_HIGH } from '../cpu/psw.ts';
import { further, gpa } from '../dat/address.ts';
import { externalNewPswIsOpen } from '../sie/loops.ts';
import { MCIC, withValidity } from './machine-check.ts';
import {
  additionalStatusBytes,
  saveForMachineCheck,
  storeAdditionalStatus,
  storesGuardedStorage,
} from './store-status.ts';
import type { KvmVcpu } from './vcpu.ts';

/** A timer's interruption would lead to itself again. */
export type DeliveryEnd = Delivery | 'external-loop';

/** True when something waits that the vCPU would take now; a request to stop is no interruption. */
export function hasDeliverable(v: KvmVcpu): boolean {
  const { vcpu, vm, local } = v;
  if (local.restart) return true;
  const high = vcpu.pswHigh;
  if ((high & PSW_HIGH.machineCheck) !== 0 && takesMachineCheck(v)) return true;
  if ((high & PSW_HIGH.external) !== 0 && (nextExternal(v, false) ?? timer(v)) !== undefined) return true;
  return (high & PSW_HIGH.io) !== 0 && vm.floating.nextIo(vcpu.crLow(6), false) !== undefined;
}

/**
 * Delivers the most urgent interruption that the PSW and the subclass masks allow; undefined when there is none. Timers are
 * left to the machine unless they come before something that it does not know of.
 */
export function deliverNext(v: KvmVcpu): DeliveryEnd | undefined {
  const { vcpu, vm, local } = v;
  const { complex } = vm;
  const high = vcpu.pswHigh;
  if ((high & PSW_HIGH.machineCheck) !== 0 && takesMachineCheck(v)) return machineCheck(v);
  if ((high & PSW_HIGH.external) !== 0) {
    const e = nextExternal(v, true);
    if (e === 'timer') return deliverTimer(v);
    if (e !== undefined) return deliverExternal(complex, vcpu, e);
  }
  if ((high & PSW_HIGH.io) !== 0) {
    const io = vm.floating.nextIo(vcpu.crLow(6), true);
    if (io !== undefined) return deliverIo(complex, vcpu, io);
  }
  if (!local.restart) return undefined;
  local.restart = false;
  return deliverRestart(complex, vcpu);
}

// Interruption key, malfunction alert, emergency signal, external call; the timers; service signal.
function nextExternal(v: KvmVcpu, take: boolean): ExternalInterruption | 'timer' | undefined {
  const { local, vm } = v;
  const { floating } = vm;
  if (!local.anyExternal && !floating.anyExternal) return undefined;
  const cr0 = v.vcpu.crLow(0);
  const first =
    floating.nextExternal(cr0 & CR0.interruptKey, take) ??
    (local.anyExternal ? local.nextExternal(cr0, take) : undefined);
  if (first !== undefined) return first;
  if (!floating.serviceSignal || (cr0 & CR0.serviceSignal) === 0) return undefined;
  return timer(v) === undefined ? floating.nextExternal(cr0 & CR0.serviceSignal, take) : 'timer';
}

function timer({ vcpu, vm }: KvmVcpu): ExternalInterruption | undefined {
  const code = vm.core.clock.pendingTimer(vcpu);
  return code === 0 ? undefined : { code };
}

/** Instructions until a timer of the vCPU's own ends its wait; undefined when none will. */
export function untilTimer({ vcpu, vm }: KvmVcpu): bigint | undefined {
  if ((vcpu.pswHigh & PSW_HIGH.external) === 0) return undefined;
  return vm.core.clock.untilTimer(vcpu);
}

function deliverTimer(v: KvmVcpu): DeliveryEnd | undefined {
  const e = timer(v);
  if (e === undefined) return undefined;
  if (externalNewPswIsOpen(v.vm.complex, v.vcpu)) return 'external-loop';
  return deliverExternal(v.vm.complex, v.vcpu, e);
}

// Exigent conditions come with the PSW's mask alone, repressible ones need a subclass mask of CR14.
function takesMachineCheck({ vcpu, vm, local }: KvmVcpu): boolean {
  const own = local.machineChecks;
  if (own.pending === undefined && vm.floating.machineChecks.pending === undefined) return false;
  if (own.exigent) return true;
  const masks = (own.pending?.cr14 ?? 0) | (vm.floating.machineChecks.pending?.cr14 ?? 0);
  return (vcpu.crLow(14) & masks) !== 0;
}

function machineCheck(v: KvmVcpu): Delivery {
  const { vcpu, vm, local } = v;
  const own = local.machineChecks.take();
  const floating = vm.floating.machineChecks.take();
  const conditions = (own?.mcic ?? 0n) | (floating?.mcic ?? 0n);
  if (!saveForMachineCheck(v, own?.fixedLogout ?? new Uint8Array(16))) return 'no-prefix-area';
  const optional = MCIC.vectorRegistersValid | MCIC.guardedStorageValid;
  return deliverMachineCheck(vm.complex, vcpu, {
    code: withValidity(conditions & ~optional) | storeExtendedArea(v),
    externalDamageCode: own?.externalDamageCode ?? 0,
    failingStorageAddress: own?.failingStorageAddress ?? 0n,
  });
}

/** Where the designation of the extended save area is in the prefix area; its low bits are a length characteristic. */
const EXTENDED_SAVE_AREA = 0x11b0;
const LENGTH_CHARACTERISTIC = 0xfn;

// What was stored, by the validity bits of the machine-check interruption code.
function storeExtendedArea(v: KvmVcpu): bigint {
  const { vcpu, vm } = v;
  if (!vm.core.has('vector') && !vm.core.has('guarded-storage')) return 0n;
  const found = vm.readAbsolute(further(vcpu.prefix, EXTENDED_SAVE_AREA), 8);
  const designation = found === undefined ? 0n : bigEndian(found);
  const bytes = additionalStatusBytes(v, Number(designation & LENGTH_CHARACTERISTIC)) ?? 1024;
  // Bits that the length leaves no room for are taken for zeros.
  const at = designation & ~BigInt(bytes - 1);
  if (at === 0n || !storeAdditionalStatus(v, gpa(Number(at)), bytes)) return 0n;
  const vectors = vm.core.has('vector') ? MCIC.vectorRegistersValid : 0n;
  return vectors | (storesGuardedStorage(vm, bytes) ? MCIC.guardedStorageValid : 0n);
}

/** Classes of which an interruption waits, by their masks in the PSW; subclass masks are not looked at. */
export function waitingClasses({ vm, local }: KvmVcpu): number {
  const { floating } = vm;
  let classes = local.anyExternal || floating.anyExternal ? PSW_HIGH.external : 0;
  if (floating.anyIo) classes |= PSW_HIGH.io;
  if (local.machineChecks.pending !== undefined || floating.machineChecks.pending !== undefined) {
    classes |= PSW_HIGH.machineCheck;
  }
  return classes;
}

/** Control registers whose loading may open a subclass of these classes, as `lctl` has them. */
export function openingRegisters(classes: number): number {
  const register = (mask: number, n: number): number => ((classes & mask) !== 0 ? 0x8000 >> n : 0);
  return register(PSW_HIGH.external, 0) | register(PSW_HIGH.io, 6) | register(PSW_HIGH.machineCheck, 14);
}
