/** Protection of storage by address and by key, and what an access exception tells (PoP, "Protection"). */

import { engineState } from '../../../machine/layout.ts';
import { ASCE } from '../dat/translate.ts';
import type { AccessKind, AccessPath } from './access-path.ts';
import { CR0 } from './control-register-bits.ts';
import { PGM } from './interruption-codes.ts';
import type { InterruptionDetails } from './program-interruption.ts';
import { addressSpaceControl } from './psw.ts';
import type { Vcpu } from './vcpu.ts';

/** Fetch-protection override covers the effective addresses below this. */
export const OVERRIDE_END = 2048;

/** An address-space-control element by words: accesses do without bigints. */
export interface Asce {
  readonly high: number;
  readonly low: number;
}

/** An ASCE given as one number. */
export function asceOf(asce: bigint): Asce {
  return { high: Number(asce >> 32n), low: Number(asce & 0xffff_ffffn) };
}

/** An access as protection looks at it: address by words, ASCE undefined for real and absolute addresses. */
export interface ProtectedAccess {
  readonly high: number;
  readonly low: number;
  readonly kind: AccessKind;
  readonly asce: Asce | undefined;
}

/** Low words of control registers. */
export interface ControlRegisters {
  crLow(n: number): number;
}

/** Bits of the translation-exception identification that say which protection it was. */
export const protectionType = {
  none: 0n,
  dat: 0x04n,
  key: 0x08n,
  accessList: 0x0cn,
  lowAddress: 0x80n,
  instructionExecution: 0x84n,
} as const;

/** Bits that say what kind of access it was. */
export const accessType = { fetch: 0x800n, store: 0x400n } as const;

/** What a store identifies that storage which is only to be read refuses: it is protected as if by DAT. */
export function readOnlyTeid(absolute: number): bigint {
  return BigInt(absolute) | accessType.store | protectionType.dat;
}

export type ProtectionType = (typeof protectionType)[keyof typeof protectionType];

function isPrivate(asce: Asce | undefined): boolean {
  return asce !== undefined && (asce.low & ASCE.private) !== 0;
}

/** True when low-address protection forbids a store: effective addresses 0-511 and 4096-4607. */
export function lowAddressProtected(vcpu: ControlRegisters, a: ProtectedAccess): boolean {
  if (a.high !== 0 || (a.low & ~0x11ff) !== 0) return false;
  return (vcpu.crLow(0) & CR0.lowAddressProtection) !== 0 && !isPrivate(a.asce);
}

/**
 * Translation-exception identification of a store into a 4K-byte block at a real address that low-address protection forbids,
 * for instructions that take a block as a whole; undefined when they may.
 */
export function protectedBlock(vcpu: ControlRegisters, block: bigint): bigint | undefined {
  if (block > 4096n || (vcpu.crLow(0) & CR0.lowAddressProtection) === 0) return undefined;
  return block | accessType.store | protectionType.lowAddress;
}

/** Whether a storage key lets an access with another key than 0 through; by fetch-protection override in part of a page only. */
export function keyAllows(
  vcpu: ControlRegisters,
  key: number,
  held: number,
  a: ProtectedAccess,
): boolean | 'overridden' {
  const owner = held >> 4;
  if (owner === key) return true;
  const cr0 = vcpu.crLow(0);
  if ((cr0 & CR0.storageProtectionOverride) !== 0 && owner === 9) return true;
  if (a.kind === 'store') return false;
  if ((held & 8) === 0) return true;
  const covered = a.high === 0 && a.low < OVERRIDE_END && !isPrivate(a.asce);
  return covered && (cr0 & CR0.fetchProtectionOverride) !== 0 ? 'overridden' : false;
}

/** What is stored for an access exception besides its code. */
export function accessExceptionDetails(
  vcpu: Vcpu,
  code: number,
  a: { readonly high: number; readonly low: number; readonly kind: AccessKind },
  path: AccessPath,
  type: ProtectionType,
): InterruptionDetails {
  const space = spaceOf(vcpu, a.kind, path);
  const byRegister = space === addressSpaceControl.accessRegister && path.ar < 16;
  const exceptionAccessId = byRegister ? path.ar : 0;
  // The length of an instruction that could not be fetched is not known; that of EXECUTE with its target is.
  const distance = (a.low - vcpu.num(engineState.ia)) >>> 0;
  const itself = a.kind === 'ifetch' && (distance === 0 || distance < vcpu.ilc);
  if (code === PGM.addressing || code === PGM.translationSpecification) {
    return itself ? { exceptionAccessId, ilc: 2 } : { exceptionAccessId };
  }
  const access = a.kind === 'store' ? accessType.store : accessType.fetch;
  const teid = (BigInt(a.high) << 32n) | BigInt((a.low & 0xfffff000) >>> 0) | access | type | BigInt(space);
  return itself ? { teid, exceptionAccessId, ilc: 2 } : { teid, exceptionAccessId };
}

/** Which space an operand of a path is in, as TEID bits 62-63 have it. */
export function spaceOf(vcpu: Vcpu, kind: AccessKind, path: AccessPath): number {
  switch (path.space) {
    case 'secondary':
      return addressSpaceControl.secondary;
    case 'home':
      return addressSpaceControl.home;
    case 'access-register':
      return addressSpaceControl.accessRegister;
    case 'current':
    case 'instruction':
      break;
    default:
      return addressSpaceControl.primary;
  }
  const space = vcpu.addressSpace;
  if ((kind !== 'ifetch' && path.space !== 'instruction') || space === addressSpaceControl.home) return space;
  return addressSpaceControl.primary;
}
