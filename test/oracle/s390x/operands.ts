/** Chooses operand fields, and sets the base registers so that storage operands lie where it is interesting. */

import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import type { Field } from '../../../src/ir/field.ts';
import type { Chance } from '../chance.ts';
import { CODE_BYTES, virtual } from './layout.ts';
import type { Traits } from './traits.ts';
import { dataAddress } from './values.ts';

/** Where an instruction is put together: `gr` are the registers of the case, `ia` the instruction's virtual address. */
export interface Place {
  readonly chance: Chance;
  readonly gr: bigint[];
  readonly ia: number;
}

/** Rows that use pairs of registers, general or floating-point ones. */
const paired =
  /^[A-Z]{1,3}X[A-Z]*$|^(D|DR|DL|DLR|DLG|DLGR|DSG|DSGR|DSGF|DSGFR|M|MR|MFY|ML|MLR|MLG|MLGR|MG|MGRK|SLDL|SRDL|SLDA|SRDA|LPQ|STPQ|CDS|CDSY|CDSG|LPD|LPDG|PLO|MXR?|TRTR?|ESTA|MSTA)$/;
/** Rows whose second operand is no storage operand, though it looks like one. */
const plain = /^SHIFT|^ROTATE|^LOAD ADDRESS/;

/** The operand fields of one instruction, by name. */
export function chooseOperands(place: Place, row: Row, traits: Traits): Record<string, number> {
  const { chance } = place;
  const operands: Record<string, number> = {};
  for (const [name, field] of Object.entries(row.format.fields)) {
    operands[name] = fieldValue(place, traits, field, row.format.length);
  }
  if (traits.registers === 'pairs' ? chance.percent(90) : paired.test(row.mnemonic) && chance.percent(80)) {
    for (const name of ['r1', 'r2', 'r3']) {
      const value = operands[name];
      // Numbers that may begin a pair, of general as of floating-point registers.
      if (value !== undefined) operands[name] = value & (traits.floating ? ~2 : ~1);
    }
  }
  // Registers 0 and 1 are for what these instructions imply.
  if (traits.repeats)
    for (const name of ['r1', 'r2', 'r3']) if ((operands[name] ?? 2) < 2) operands[name] = 2 + chance.below(7) * 2;
  // Operands in the same registers give open results.
  for (const other of ['r2', 'r3']) {
    if (traits.registers === 'pairs' && operands[other] === operands.r1)
      operands[other] = ((operands.r1 ?? 0) % 14) + 2;
  }
  // When it is done again, the padding byte must be the same again.
  const pairsOf = [operands.r1, operands.r3].map((r) => (r ?? 0) >> 1);
  if (traits.repeats && operands.b2 !== undefined && pairsOf.includes(operands.b2 >> 1)) operands.b2 = 0;
  // QEMU 7.2 ends itself on the bit that asks for the condition code alone.
  if (/^R[NOX]SBG$/.test(row.mnemonic)) operands.i3 = (operands.i3 ?? 0) & 0x7f;
  if (traits.branches && !Object.values(row.format.fields).some((f) => f.kind === 'rel' || f.kind === 'disp')) {
    // Bits 0 and 32 choose addressing modes in some of these.
    const mode = chance.pick([0n, 0n, 1n << 63n, 1n << 31n]);
    place.gr[operands.r2 ?? 0] = anyTarget(chance, place.ia, row.format.length) | mode;
  }
  for (const n of ['1', '2', '4']) aim(place, traits, row, operands, n);
  return operands;
}

function fieldValue({ chance, ia }: Place, traits: Traits, field: Field, length: number): number {
  const top = 2 ** field.length;
  switch (field.kind) {
    case 'rel':
      return relative(chance, traits, field, ia, length);
    case 'disp':
      if (chance.percent(30)) return 0;
      return field.length === 20 ? chance.below(top) - top / 2 : chance.below(top);
    case 'length':
      return field.length === 8 && chance.percent(50) ? chance.below(24) : chance.below(top);
    case 'imm':
      return chance.pick([chance.below(top), chance.below(top), chance.below(Math.min(top, 16)), top - 1, top / 2, 0]);
    case 'zr':
      // No branch without a base: it would go to the data in page 0.
      return traits.branches && field.name.startsWith('b') ? 1 + chance.below(15) : chance.below(16);
    case 'vr':
      return chance.below(32);
    case 'mask':
      // Element sizes and floating-point formats, mostly.
      return traits.vector && chance.percent(80) ? chance.below(5) : chance.below(16);
    default:
      return chance.below(16);
  }
}

function relative(chance: Chance, traits: Traits, field: Field, ia: number, length: number): number {
  if (traits.branches) return Number(branchTarget(chance, ia, length)) - ia;
  if (field.length < 24) return 2 * (chance.below(2 ** field.length) - 2 ** (field.length - 1));
  const target = Number(dataAddress(chance, 8) & 0xf_ffffn);
  // Mostly aligned: most of these want it.
  return (chance.percent(85) ? target & ~7 : target & ~1) - ia;
}

/** An even address of the code pages that is not near the case's own code. */
function branchTarget(chance: Chance, ia: number, length: number): bigint {
  const from = ia - virtual.code;
  const anywhere = chance.below(0x800) * 2;
  const near = anywhere + CODE_BYTES > from && anywhere < from + length + CODE_BYTES;
  return BigInt(virtual.code + (near ? from + length + CODE_BYTES : anywhere));
}

/** Where a branch goes: mostly as above, else to an odd address, or to one that is not mapped in any addressing mode. */
function anyTarget(chance: Chance, ia: number, length: number): bigint {
  if (chance.percent(5)) return (chance.big(40) << 24n) | 0x50_0000n;
  return branchTarget(chance, ia, length) + BigInt(chance.percent(5) ? 1 : 0);
}

/** Sets the base register of the operand with number `n` so that it lies where an operand should. */
function aim(place: Place, traits: Traits, row: Row, operands: Record<string, number>, n: string): void {
  const { chance, gr, ia } = place;
  const base = operands[`b${n}`];
  const displacement = operands[`d${n}`];
  if (base === undefined || base === 0 || displacement === undefined || plain.test(row.title)) return;
  let address = dataAddress(chance, lengthOf(operands, n));
  if (traits.branches) {
    address = anyTarget(chance, ia, row.format.length);
  } else if (chance.percent(60)) address &= ~chance.pick([1n, 3n, 7n, 15n]);
  const index = operands[`x${n}`] ?? 0;
  if (index === base) operands[`x${n}`] = 0;
  else if (index !== 0) {
    if (chance.percent(70)) gr[index] = BigInt(chance.below(0x1000));
    address -= gr[index] ?? 0n;
  }
  gr[base] = BigInt.asUintN(64, address - BigInt(displacement));
  // In the small addressing modes what stands left of the address does not matter.
  if (chance.percent(10)) gr[base] = BigInt.asUintN(64, (gr[base] ?? 0n) + (chance.big(32) << 32n));
}

function lengthOf(operands: Readonly<Record<string, number>>, n: string): number {
  return (operands[`l${n}`] ?? operands.l ?? operands.l1 ?? 15) + 1;
}
