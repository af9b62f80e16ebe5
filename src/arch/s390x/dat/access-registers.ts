/** Access-register translation (PoP, "Access-Register Translation"). */

import { err, ok, type Result } from '../../../bits/result.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import type { Gpa } from './address.ts';
import { RealTables } from './real-tables.ts';
import type { TableStorage } from './translate.ts';

/** What a walk needs of a vCPU. */
export interface ArtRegisters {
  cr(n: number): bigint;
  readonly prefix: Gpa;
}

/** A space found through an access register. */
export interface ArtSpace {
  readonly asce: bigint;
  /** The access-list entry allows fetches only. */
  readonly fetchOnly: boolean;
}

/** The address space that access register `ar` with the ALET `alet` names, or a program-interruption code. */
export function accessRegisterTranslation(
  vcpu: ArtRegisters,
  storage: TableStorage,
  ar: number,
  alet: number,
): Result<ArtSpace, number> {
  if (ar === 0 || alet === 0) return ok({ asce: vcpu.cr(1), fetchOnly: false });
  if (alet === 1) return ok({ asce: vcpu.cr(7), fetchOnly: false });
  const eax = Number((vcpu.cr(8) >> 16n) & 0xffffn);
  return accessListTranslation(vcpu, storage, alet, eax);
}

/** What an access-list entry says. */
export interface AccessListEntry {
  readonly ale: number;
  /** Real address of the ASN-second-table entry, and its sequence number. */
  readonly aste: number;
  readonly asteSequence: number;
}

/** The access-list entry of an ALET other than 0 and 1. */
export function accessListEntry(
  vcpu: ArtRegisters,
  storage: TableStorage,
  alet: number,
): Result<AccessListEntry, number> {
  const tables = new RealTables(storage, vcpu.prefix);
  if ((alet & 0xfe00_0000) !== 0) return err(PGM.aletSpecification);
  const primaryList = (alet & 0x0100_0000) !== 0;
  const sequence = (alet >>> 16) & 0xff;
  const number = alet & 0xffff;
  const holder = Number(vcpu.cr(primaryList ? 5 : 2) & 0x7fff_ffc0n);
  const ald = tables.word(holder + 16);
  if (ald === undefined) return err(PGM.addressing);
  if (number >> 3 > (ald & 0x7f)) return err(PGM.alenTranslation);
  const entry = ((ald & 0x7fff_ff80) >>> 0) + number * 16;
  if (!tables.fetchEntry(entry)) return err(PGM.addressing);
  const ale = tables.high;
  const aste = tables.fetchEntry(entry + 8) ? tables.high & 0x7fff_ffc0 : undefined;
  const asteSequence = tables.low >>> 0;
  if (aste === undefined) return err(PGM.addressing);
  if ((ale & 0x8000_0000) !== 0) return err(PGM.alenTranslation);
  if (((ale >>> 16) & 0xff) !== sequence) return err(PGM.aleSequence);
  return ok({ ale, aste, asteSequence });
}

/** As above, for an ALET other than 0 and 1, with the extended authorization index given. */
export function accessListTranslation(
  vcpu: ArtRegisters,
  storage: TableStorage,
  alet: number,
  eax: number,
): Result<ArtSpace, number> {
  const entry = accessListEntry(vcpu, storage, alet);
  return entry.ok ? space(new RealTables(storage, vcpu.prefix), eax, entry.value) : entry;
}

function space(tables: RealTables, eax: number, entry: AccessListEntry): Result<ArtSpace, number> {
  if (!tables.fetchEntry(entry.aste)) return err(PGM.addressing);
  const flags = tables.high;
  const lengths = tables.low;
  if ((flags & 0x8000_0000) !== 0) return err(PGM.asteValidity);
  const authorityTable = (flags & 0x7fff_fffc) >>> 0;
  if (!tables.fetchEntry(entry.aste + 8)) return err(PGM.addressing);
  const asce = (BigInt(tables.high >>> 0) << 32n) | BigInt(tables.low >>> 0);
  const number = tables.word(entry.aste + 20);
  if (number === undefined) return err(PGM.addressing);
  if (number !== entry.asteSequence) return err(PGM.asteSequence);
  const isPrivate = (entry.ale & 0x0100_0000) !== 0;
  if (isPrivate && (entry.ale & 0xffff) !== eax) {
    if (eax >> 4 > ((lengths >>> 4) & 0xfff)) return err(PGM.extendedAuthority);
    const at = authorityTable + (eax >> 2);
    const bits = tables.word(at - (at % 4));
    if (bits === undefined) return err(PGM.addressing);
    const byte = (bits >>> ((3 - (at % 4)) * 8)) & 0xff;
    if ((byte & (0x40 >> ((eax & 3) * 2))) === 0) return err(PGM.extendedAuthority);
  }
  return ok({ asce, fetchOnly: (entry.ale & 0x0200_0000) !== 0 });
}
