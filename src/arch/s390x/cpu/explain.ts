/**
 * How an access fares: translation, protection in the order in which the manual has it (low-address, DAT, key), storage
 * (PoP, "Protection", "Dynamic Address Translation"). One answer for the accesses of a vCPU and for who only wants to know.
 */

import { PAGE_BYTES } from '../../../machine/layout.ts';
import { further, type Gpa, gpa, gra, type HostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import { prefixed } from '../dat/prefix.ts';
import {
  type DatControls,
  newTranslation,
  type TableStorage,
  type Translation,
  translate,
  type WalkStep,
} from '../dat/translate.ts';
import { CR0 } from './control-register-bits.ts';
import { PGM } from './interruption-codes.ts';
import {
  type Asce,
  keyAllows,
  lowAddressProtected,
  type ProtectedAccess,
  type ProtectionType,
  protectionType,
} from './protection.ts';

/** What a host meets on behalf of its guest: an exception that is the host's, by its code and identification. */
export interface HostFault {
  readonly code: number;
  readonly teid: bigint;
}

/** Where accesses end: absolute storage with its keys, and the tables in it. */
export interface AccessPlace extends TableStorage {
  /** Facilities that change how the machine translates. */
  readonly dat: DatControls;
  /** Why the last address had no byte behind it, when that is no business of who accessed it. */
  readonly fault?: HostFault | undefined;
  /** Offset into the storage of the byte at an absolute address, -1 when there is none, or none that `store` may change. */
  hostAddress(absolute: Gpa, store?: boolean): HostAddress;
  /** Storage key of the frame at a storage offset. */
  keyOf(host: HostAddress): number;
}

/** What protection and prefixing depend on. */
export interface AccessRegisters {
  crLow(n: number): number;
  readonly prefix: Gpa;
}

/** An access by its address, with all that it is judged by. */
export interface AttemptedAccess extends ProtectedAccess {
  /** Access key. */
  readonly key: number;
  /** Without an ASCE: an absolute address, and no real one. */
  readonly absolute: boolean;
  /** The access-list entry of the space allows fetches only. */
  readonly fetchOnly: boolean;
}

/** An access that is written over by the next one, for those who look at very many. */
export class Attempt implements AttemptedAccess {
  high = 0;
  low = 0;
  kind: AttemptedAccess['kind'] = 'fetch';
  asce: Asce | undefined = undefined;
  key = 0;
  absolute = false;
  fetchOnly = false;

  /** Is this access from now on. */
  as(
    high: number,
    low: number,
    kind: AttemptedAccess['kind'],
    asce: Asce | undefined,
    key: number,
    absolute: boolean,
    fetchOnly: boolean,
  ): this {
    this.high = high;
    this.low = low;
    this.kind = kind;
    this.asce = asce;
    this.key = key;
    this.absolute = absolute;
    this.fetchOnly = fetchOnly;
    return this;
  }
}

/** What became of an access. Reused by the next one. */
export interface Explanation {
  /** Program-interruption code, 0 when nothing is in the way. */
  code: number;
  /** Which protection it was, `none` for other codes. */
  type: ProtectionType;
  /** It was allowed by fetch-protection override, which ends in the middle of a page. */
  overridden: boolean;
  /** Absolute address of the page; 0 when the access did not come so far. */
  page: Gpa;
  readonly translation: Translation;
}

/** An explanation to be filled. */
export function newExplanation(): Explanation {
  return { code: 0, type: protectionType.none, overridden: false, page: gpa(0), translation: newTranslation() };
}

/**
 * Offset into the storage of the byte that the access is for, or -1 when it would end with a program interruption: `out` then
 * says how. Nothing is recorded. `trace` hears of every table entry that was fetched.
 */
export function explain(
  place: AccessPlace,
  registers: AccessRegisters,
  a: AttemptedAccess,
  out: Explanation,
  trace?: (step: WalkStep) => void,
): HostAddress {
  out.code = 0;
  out.type = protectionType.none;
  out.overridden = false;
  out.page = gpa(0);
  if (a.kind === 'store') {
    if (a.fetchOnly) return refused(out, protectionType.accessList);
    if (lowAddressProtected(registers, a)) return refused(out, protectionType.lowAddress);
  }
  const t = out.translation;
  if (a.asce === undefined) {
    untranslated(t, a);
  } else {
    out.code = translateIn(place, registers, a.asce, a.high, a.low, t, trace);
    if (out.code !== 0) return NO_HOST_ADDRESS;
  }
  out.page = t.absolute ? gpa(t.page) : prefixed(gra(t.page), registers.prefix);
  if (a.kind === 'ifetch' && t.noExecute) return refused(out, protectionType.instructionExecution);
  if (a.kind === 'store' && t.protected) return refused(out, protectionType.dat);
  const host = place.hostAddress(out.page, a.kind === 'store');
  if (host < 0) {
    if (a.kind === 'store' && isReadOnly(place, out.page)) return refused(out, protectionType.dat);
    out.code = PGM.addressing;
    return NO_HOST_ADDRESS;
  }
  if (a.key !== 0) {
    const allowed = keyAllows(registers, a.key, t.key < 0 ? place.keyOf(host) : t.key, a);
    if (allowed === false) return refused(out, protectionType.key);
    out.overridden = allowed === 'overridden';
  }
  return further(host, a.low & (PAGE_BYTES - 1));
}

/** True when nothing but stores is refused at an absolute address, and not by the host of a guest's guest. */
export function isReadOnly(place: AccessPlace, page: Gpa): boolean {
  return place.fault === undefined && place.hostAddress(page) >= 0;
}

function refused(out: Explanation, type: ProtectionType): HostAddress {
  out.code = PGM.protection;
  out.type = type;
  return NO_HOST_ADDRESS;
}

function untranslated(t: Translation, a: AttemptedAccess): void {
  t.page = a.high * 0x1_0000_0000 + ((a.low & 0xfffff000) >>> 0);
  t.absolute = a.absolute;
  t.protected = false;
  t.noExecute = false;
  t.key = -1;
}

/** Translates by the tables of an ASCE, with the enhancements that control register 0 turns on. */
export function translateIn(
  place: TableStorage & Pick<AccessPlace, 'dat'>,
  registers: AccessRegisters,
  asce: Asce,
  high: number,
  low: number,
  out: Translation,
  trace?: (step: WalkStep) => void,
): number {
  const cr0 = registers.crLow(0);
  const { dat } = place;
  const edat1 = dat.edat1 && (cr0 & CR0.edat) !== 0;
  const controls = {
    edat1,
    edat2: edat1 && dat.edat2,
    iep: dat.iep && (cr0 & CR0.instructionExecutionProtection) !== 0,
  };
  return translate(place, controls, asce.high, asce.low, high, low, out, trace);
}
