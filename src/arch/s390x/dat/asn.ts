/** Address-space numbers (PoP, "ASN Translation", "ASN Authorization", "Subspace-Replacement Operations"). */

import { err, ok, type Result } from '../../../bits/result.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import type { ArtRegisters } from './access-registers.ts';
import { RealTables } from './real-tables.ts';
import { ASCE, type TableStorage } from './translate.ts';

const ORIGIN = 0x7fff_ffc0;
const INVALID = 0x8000_0000;
const ENTRY_BYTES = 64;
const WORDS = ENTRY_BYTES / 4;

/** An ASN-second-table entry. */
export class AddressSpace {
  /** Its real address. */
  readonly origin: number;
  readonly #words: readonly number[];

  constructor(origin: number, words: readonly number[]) {
    this.origin = origin;
    this.#words = words;
  }

  #word(n: number): number {
    return this.#words[n] ?? 0;
  }
  get invalid(): boolean {
    return (this.#word(0) & INVALID) !== 0;
  }
  /** It is the base space of a subspace group. */
  get isBase(): boolean {
    return (this.#word(0) & 1) !== 0;
  }
  get authorityTable(): number {
    return this.#word(0) & 0x7fff_fffc;
  }
  /** Entries of the authority table, less 1, in units of 16. */
  get authorityLength(): number {
    return (this.#word(1) >>> 4) & 0xfff;
  }
  get authorizationIndex(): number {
    return this.#word(1) >>> 16;
  }
  /** Not for programs in the problem state. */
  get isControlled(): boolean {
    return (this.#word(1) & 2) !== 0;
  }
  /** Its number may be another space's one day. */
  get isReusable(): boolean {
    return (this.#word(1) & 1) !== 0;
  }
  get asce(): bigint {
    return (BigInt(this.#word(2)) << 32n) | BigInt(this.#word(3));
  }
  get sequence(): number {
    return this.#word(5);
  }
  /** Designation of the linkage table, or of the linkage first table. */
  get linkage(): number {
    return this.#word(6);
  }
  get instance(): number {
    return this.#word(11);
  }
}

/** The entry at a real address. */
export function addressSpaceAt(
  vcpu: ArtRegisters,
  storage: TableStorage,
  origin: number,
): Result<AddressSpace, number> {
  const tables = new RealTables(storage, vcpu.prefix);
  const words: number[] = [];
  for (let i = 0; i < WORDS; i += 2) {
    if (!tables.fetchEntry(origin + 4 * i)) return err(PGM.addressing);
    words.push(tables.high >>> 0, tables.low >>> 0);
  }
  return ok(new AddressSpace(origin, words));
}

/** The address space of a number. Whether anybody may use it is another question. */
export function asnTranslation(vcpu: ArtRegisters, storage: TableStorage, asn: number): Result<AddressSpace, number> {
  const tables = new RealTables(storage, vcpu.prefix);
  const first = Number(vcpu.cr(14) & 0x7_ffffn) * 4096 + (asn >>> 6) * 4;
  const entry = tables.word(first);
  if (entry === undefined) return err(PGM.addressing);
  if ((entry & INVALID) !== 0) return err(PGM.afxTranslation);
  const found = addressSpaceAt(vcpu, storage, ((entry & ORIGIN) + (asn & 63) * ENTRY_BYTES) & 0x7fff_ffff);
  return found.ok && found.value.invalid ? err(PGM.asxTranslation) : found;
}

/** True when an authorization index has a space's leave, as primary or as secondary space. */
export function isAuthorized(
  vcpu: ArtRegisters,
  storage: TableStorage,
  space: AddressSpace,
  { index, secondary }: { readonly index: number; readonly secondary: boolean },
): Result<boolean, number> {
  if (index >>> 4 > space.authorityLength) return ok(false);
  const at = (space.authorityTable + (index >>> 2)) & 0x7fff_ffff;
  const word = new RealTables(storage, vcpu.prefix).word(at - (at % 4));
  if (word === undefined) return err(PGM.addressing);
  const pair = (word >>> (30 - 8 * (at % 4) - 2 * (index & 3))) & 3;
  return ok((pair & (secondary ? 1 : 2)) !== 0);
}

/** The dispatchable-unit control table. */
export const ducts = {
  /** Real address of the table, from control register 2. */
  origin: (vcpu: ArtRegisters): number => Number(vcpu.cr(2) & BigInt(ORIGIN)),
  /** Byte offsets: origin of the base space's entry; the active subspace; its sequence number. */
  base: 0,
  subspace: 4,
  sequence: 12,
} as const;

/** The dispatchable unit is in a subspace. */
export const SUBSPACE_ACTIVE = 0x8000_0000;
/** ASCE bits that stay those of the base space. */
export const KEPT_IN_SUBSPACE = BigInt(ASCE.spaceSwitchEvent | ASCE.storageAlterationEvent);
/** The address space is one of a subspace group. */
export const SUBSPACE_GROUP = 0x200n;

/**
 * The ASCE that stands for a space: that of the subspace if the dispatchable unit is in one of this base space. Exceptions
 * beside addressing have an access identification of zero.
 */
export function replacedBySubspace(
  vcpu: ArtRegisters,
  storage: TableStorage,
  { asce, origin }: { readonly asce: bigint; readonly origin: number },
): Result<bigint, number> {
  if ((asce & SUBSPACE_GROUP) === 0n) return ok(asce);
  const tables = new RealTables(storage, vcpu.prefix);
  const duct = ducts.origin(vcpu);
  const [base, subspace] = [tables.word(duct + ducts.base), tables.word(duct + ducts.subspace)];
  const sequence = tables.word(duct + ducts.sequence);
  if (base === undefined || subspace === undefined || sequence === undefined) return err(PGM.addressing);
  if ((subspace & SUBSPACE_ACTIVE) === 0 || (base & ORIGIN) !== origin) return ok(asce);
  const found = addressSpaceAt(vcpu, storage, subspace & ORIGIN);
  if (!found.ok) return found;
  if (found.value.invalid) return err(PGM.asteValidity);
  if (found.value.sequence !== sequence) return err(PGM.asteSequence);
  return ok((found.value.asce & ~KEPT_IN_SUBSPACE) | (asce & KEPT_IN_SUBSPACE));
}
