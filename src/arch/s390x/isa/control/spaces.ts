/** What instructions that switch address spaces have in common. */

import { CR0, CR14 } from '../../cpu/control-register-bits.ts';
import { spaceLoaded } from '../../cpu/events.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, PSW_HIGH } from '../../cpu/psw.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { type AddressSpace, addressSpaceAt, asnTranslation, isAuthorized, replacedBySubspace } from '../../dat/asn.ts';
import { ASCE } from '../../dat/translate.ts';

/** True when address-space numbers can be had again, and have instances (control register 0). */
export function reuses(vcpu: Vcpu): boolean {
  return vcpu.core.has('asn-and-lx-reuse') && (vcpu.crLow(0) & CR0.asnAndLxReuse) !== 0;
}

/** Bits of the exception access identification of an instance that is another one. */
export const instanceOf = { primary: 0x20, secondary: 0x10 } as const;

/** Special-operation exception with DAT off, and in the modes that are not for it. */
export function requireSpace(vcpu: Vcpu, ...refused: readonly number[]): void {
  const allowed = (vcpu.pswHigh & PSW_HIGH.dat) !== 0 && !refused.includes(vcpu.addressSpace);
  if (!allowed) vcpu.raise(PGM.specialOperation);
}

/** The modes that PROGRAM CALL, BRANCH AND STACK and PROGRAM RETURN are not for. */
export const ofOtherSpaces: readonly number[] = [addressSpaceControl.secondary, addressSpaceControl.home];

/** Special-operation exception when numbers must not be translated. */
export function requireAsnTranslation(vcpu: Vcpu): void {
  if ((vcpu.crLow(14) & CR14.asnTranslation) === 0) vcpu.raise(PGM.specialOperation);
}

/** The address space of a number. */
export function translateAsn(vcpu: Vcpu, asn: number): AddressSpace {
  const found = asnTranslation(vcpu, vcpu.place, asn);
  if (found.ok) return found.value;
  return vcpu.raise(found.error, found.error === PGM.addressing ? {} : { teid: BigInt(asn) });
}

/** The entry at a real address. */
export function spaceAt(vcpu: Vcpu, origin: number): AddressSpace {
  const found = addressSpaceAt(vcpu, vcpu.place, origin);
  return found.ok ? found.value : vcpu.raise(found.error);
}

/** Authority exception unless the authorization index has the space's leave. */
export function requireAuthority(
  vcpu: Vcpu,
  space: AddressSpace,
  { asn, index, secondary }: { readonly asn: number; readonly index: number; readonly secondary: boolean },
): void {
  const authorized = isAuthorized(vcpu, vcpu.place, space, { index, secondary });
  if (!authorized.ok) vcpu.raise(authorized.error);
  else if (!authorized.value)
    vcpu.raise(secondary ? PGM.secondaryAuthority : PGM.primaryAuthority, { teid: BigInt(asn) });
}

/** Exception of an instance of the number that is another one. */
export function requireInstance(vcpu: Vcpu, space: AddressSpace, instance: bigint, which: number): void {
  if (BigInt(space.instance) !== instance) vcpu.raise(PGM.asteInstance, { exceptionAccessId: which });
}

/**
 * The space of a number that is another one than the primary, if this program may have it as the space that `as` says. Its
 * instance must be the one that is given; without one it must be a space that is not had again.
 */
export function admittedSpace(
  vcpu: Vcpu,
  asn: number,
  instance: bigint | undefined,
  as: 'primary' | 'secondary',
): AddressSpace {
  const space = translateAsn(vcpu, asn);
  if (instance === undefined) {
    if (reuses(vcpu) && space.isReusable) vcpu.raise(PGM.specialOperation);
  } else {
    if (space.isControlled && vcpu.problemState) vcpu.raise(PGM.specialOperation);
    requireInstance(vcpu, space, instance, instanceOf[as]);
  }
  requireAuthority(vcpu, space, { asn, index: vcpu.crLow(4) >>> 16, secondary: as === 'secondary' });
  return space;
}

/** The ASCE of a space, or of the subspace in use in its place. */
export function asceOfSpace(vcpu: Vcpu, space: AddressSpace): bigint {
  const found = replacedBySubspace(vcpu, vcpu.place, space);
  if (found.ok) return found.value;
  return vcpu.raise(found.error, found.error === PGM.addressing ? {} : { exceptionAccessId: 0 });
}

/** True when one of the spaces wants to know of a switch. */
export function wantsEvent(...asces: readonly bigint[]): boolean {
  return asces.some((asce) => (asce & BigInt(ASCE.spaceSwitchEvent)) !== 0n);
}

/** The interruption of a space switch, behind the instruction: where it came from. */
export function raiseSpaceSwitch(
  vcpu: Vcpu,
  from: { readonly asce: bigint; readonly asn: bigint },
  ilc: number,
): never {
  const teid = (wantsEvent(from.asce) ? 0x8000_0000n : 0n) | from.asn;
  return vcpu.raiseForNewPsw(PGM.spaceSwitchEvent, ilc, { teid });
}

/** Parts of control registers 3 and 4: the number on the right, the instance in bits 0-31. */
export const NUMBER = 0xffffn;
export const INSTANCE = 0xffff_ffff_0000_0000n;
/** Their bits 32-47: the PSW-key mask, the authorization index. */
export const MIDDLE = 0xffff_0000n;

/** Loads the ASCE of the primary or of the secondary space. */
export function loadAsce(vcpu: Vcpu, n: 1 | 7, asce: bigint): void {
  const before = vcpu.cr(n);
  vcpu.setCr(n, asce);
  spaceLoaded(vcpu, n, before);
}

/** Makes the primary space the secondary one, too: number, instance where there are any, and ASCE. */
export function secondaryBecomesPrimary(vcpu: Vcpu): void {
  const [cr3, cr4] = [vcpu.cr(3), vcpu.cr(4)];
  const instance = (reuses(vcpu) ? cr4 : cr3) & INSTANCE;
  vcpu.setCr(3, instance | (cr3 & MIDDLE) | (cr4 & NUMBER));
  loadAsce(vcpu, 7, vcpu.cr(1));
}

/** Makes a space the primary one; `takesInstance` says that control register 4 gets its instance, too. */
export function enterPrimary(
  vcpu: Vcpu,
  space: AddressSpace,
  asn: number,
  asce: bigint,
  takesInstance = reuses(vcpu),
): void {
  const instance = takesInstance ? BigInt(space.instance) << 32n : vcpu.cr(4) & INSTANCE;
  vcpu.setCr(4, instance | (BigInt(space.authorizationIndex) << 16n) | BigInt(asn));
  vcpu.setCr(5, (vcpu.cr(5) & INSTANCE) | BigInt(space.origin));
  loadAsce(vcpu, 1, asce);
}

/**
 * The same of instructions that choose the space of the PSW, behind them: when the instruction space has moved to or from home. The
 * identification tells of the space that was left, and of the primary ASN where that was the primary one.
 */
export function homeSwitchEvent(vcpu: Vcpu, before: number, after: number, ilc: number): void {
  const wasHome = before === addressSpaceControl.home;
  if (wasHome === (after === addressSpaceControl.home)) return;
  const [primary, home] = [vcpu.cr(1), vcpu.cr(13)];
  if (!wantsEvent(primary, home)) return;
  raiseSpaceSwitch(vcpu, wasHome ? { asce: home, asn: 0n } : { asce: primary, asn: vcpu.cr(4) & NUMBER }, ilc);
}
