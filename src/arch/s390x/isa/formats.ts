/**
 * Instruction formats (PoP, "Instruction Formats"): where the opcode stands, and the operand fields with their bits
 * numbered from the left. Rows name a format; the decoder, the semantic functions and the disassembler read it.
 */

import type { Field, FieldKind } from '../../../ir/field.ts';
import { decodeEntry } from '../../../machine/layout.ts';

interface FieldSpec {
  readonly kind: FieldKind;
  readonly start: number;
  readonly length: number;
  readonly signed: boolean;
}

/** Where an opcode's second part stands: nowhere, bits 8-15, bits 12-15, bits 40-47. */
export type OpcodeStyle = 'op8' | 'op16' | 'op12' | 'op8x';

/** A format: its length in bytes and its operand fields by name. */
export interface Format<F extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  readonly length: 2 | 4 | 6;
  readonly opcode: OpcodeStyle;
  readonly fields: F;
  /** The same, as they are written into decode-cache entries. */
  readonly list: readonly Field[];
}

const spec = (kind: FieldKind, start: number, length: number, signed = false): FieldSpec => ({
  kind,
  start,
  length,
  signed,
});
const reg = (start: number): FieldSpec => spec('gr', start, 4);
const base = (start: number): FieldSpec => spec('zr', start, 4);
const mask = (start: number): FieldSpec => spec('mask', start, 4);
const len = (start: number, length: 4 | 8): FieldSpec => spec('length', start, length);
const d12 = (start: number): FieldSpec => spec('disp', start, 12);
/** Long displacement: DL in the 12 bits at `start`, DH in the 8 behind it. */
const d20 = (start: number): FieldSpec => spec('disp', start, 20, true);
const imm = (start: number, length: number): FieldSpec => spec('imm', start, length, false);
const simm = (start: number, length: number): FieldSpec => spec('imm', start, length, true);
const rel = (start: number, length: number): FieldSpec => spec('rel', start, length, true);
const vreg = (start: number): FieldSpec => spec('vr', start, 4);

// Narrow fields take the bytes 4-7 of a decode-cache entry and then what the wide ones leave of 8-15.
function format<S extends Readonly<Record<string, FieldSpec>>>(
  length: 2 | 4 | 6,
  opcode: OpcodeStyle,
  specs: S,
): Format<{ readonly [K in keyof S]: Field }> {
  const free = [4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11];
  const take = (slots: readonly number[]): number => {
    const first = slots[0];
    if (first === undefined || slots.some((s) => !free.includes(s))) throw new Error('a format has too many fields');
    for (const s of slots) free.splice(free.indexOf(s), 1);
    return first;
  };
  const width = (s: FieldSpec): 1 | 4 | 8 => (s.kind === 'rel' ? 8 : s.kind === 'disp' || s.length > 8 ? 4 : 1);
  const entries = Object.entries(specs);
  const slots = new Map<string, number>();
  for (const [name, s] of entries) if (width(s) === 8) slots.set(name, take([8, 9, 10, 11, 12, 13, 14, 15]));
  for (const [name, s] of entries)
    if (width(s) === 4) slots.set(name, take(free.includes(8) ? [8, 9, 10, 11] : [12, 13, 14, 15]));
  for (const [name, s] of entries) if (width(s) === 1) slots.set(name, take(free.slice(0, 1)));
  const fields = Object.fromEntries(
    entries.map(([name, s]): [string, Field] => [
      name,
      { ...s, name, slot: slots.get(name) ?? decodeEntry.operands, bytes: width(s) },
    ]),
  );
  return { length, opcode, fields: fields as { [K in keyof S]: Field }, list: Object.values(fields) };
}

const E = format(2, 'op16', {});
const I = format(2, 'op8', { i: imm(8, 8) });
const IE = format(4, 'op16', { i1: imm(24, 4), i2: imm(28, 4) });
/** The relative operands of MII and SMI are hints: halfword counts as they stand. */
const MII = format(6, 'op8', { m1: mask(8), i2: simm(12, 12), i3: simm(24, 24) });
const RI_a = format(4, 'op12', { r1: reg(8), i2: simm(16, 16) });
const RI_b = format(4, 'op12', { r1: reg(8), ri2: rel(16, 16) });
const RI_c = format(4, 'op12', { m1: mask(8), ri2: rel(16, 16) });
const RIE_a = format(6, 'op8x', { r1: reg(8), i2: simm(16, 16), m3: mask(32) });
const RIE_b = format(6, 'op8x', { r1: reg(8), r2: reg(12), ri4: rel(16, 16), m3: mask(32) });
const RIE_c = format(6, 'op8x', { r1: reg(8), m3: mask(12), ri4: rel(16, 16), i2: simm(32, 8) });
const RIE_d = format(6, 'op8x', { r1: reg(8), r3: reg(12), i2: simm(16, 16) });
const RIE_e = format(6, 'op8x', { r1: reg(8), r3: reg(12), ri2: rel(16, 16) });
const RIE_f = format(6, 'op8x', { r1: reg(8), r2: reg(12), i3: imm(16, 8), i4: imm(24, 8), i5: imm(32, 8) });
const RIE_g = format(6, 'op8x', { r1: reg(8), m3: mask(12), i2: simm(16, 16) });
const RIL_a = format(6, 'op12', { r1: reg(8), i2: simm(16, 32) });
const RIL_b = format(6, 'op12', { r1: reg(8), ri2: rel(16, 32) });
const RIL_c = format(6, 'op12', { m1: mask(8), ri2: rel(16, 32) });
const RIS = format(6, 'op8x', { r1: reg(8), m3: mask(12), b4: base(16), d4: d12(20), i2: simm(32, 8) });
const RR = format(2, 'op8', { r1: reg(8), r2: reg(12) });
const RR_m = format(2, 'op8', { m1: mask(8), r2: reg(12) });
const RRD = format(4, 'op16', { r1: reg(16), r3: reg(24), r2: reg(28) });
const RRE = format(4, 'op16', { r1: reg(24), r2: reg(28) });
const RRF_a = format(4, 'op16', { r3: reg(16), m4: mask(20), r1: reg(24), r2: reg(28) });
const RRF_b = RRF_a;
const RRF_c = format(4, 'op16', { m3: mask(16), m4: mask(20), r1: reg(24), r2: reg(28) });
const RRF_d = format(4, 'op16', { m4: mask(20), r1: reg(24), r2: reg(28) });
const RRF_e = RRF_c;
const RRS = format(6, 'op8x', { r1: reg(8), r2: reg(12), b4: base(16), d4: d12(20), m3: mask(32) });
const RS_a = format(4, 'op8', { r1: reg(8), r3: reg(12), b2: base(16), d2: d12(20) });
const RS_b = format(4, 'op8', { r1: reg(8), m3: mask(12), b2: base(16), d2: d12(20) });
const RSI = format(4, 'op8', { r1: reg(8), r3: reg(12), ri2: rel(16, 16) });
const RSL_a = format(6, 'op8x', { l1: len(8, 4), b1: base(16), d1: d12(20) });
const RSL_b = format(6, 'op8x', { l2: len(8, 8), b2: base(16), d2: d12(20), r1: reg(32), m3: mask(36) });
const RSY_a = format(6, 'op8x', { r1: reg(8), r3: reg(12), b2: base(16), d2: d20(20) });
const RSY_b = format(6, 'op8x', { r1: reg(8), m3: mask(12), b2: base(16), d2: d20(20) });
const RX_a = format(4, 'op8', { r1: reg(8), x2: base(12), b2: base(16), d2: d12(20) });
const RX_b = format(4, 'op8', { m1: mask(8), x2: base(12), b2: base(16), d2: d12(20) });
const RXE = format(6, 'op8x', { r1: reg(8), x2: base(12), b2: base(16), d2: d12(20), m3: mask(32) });
const RXF = format(6, 'op8x', { r3: reg(8), x2: base(12), b2: base(16), d2: d12(20), r1: reg(32) });
const RXY_a = format(6, 'op8x', { r1: reg(8), x2: base(12), b2: base(16), d2: d20(20) });
const RXY_b = format(6, 'op8x', { m1: mask(8), x2: base(12), b2: base(16), d2: d20(20) });
const S = format(4, 'op16', { b2: base(16), d2: d12(20) });
const S_8 = format(4, 'op8', { b2: base(16), d2: d12(20) });
const SI = format(4, 'op8', { i2: imm(8, 8), b1: base(16), d1: d12(20) });
const SIL = format(6, 'op16', { b1: base(16), d1: d12(20), i2: simm(32, 16) });
const SIY = format(6, 'op8x', { i2: imm(8, 8), b1: base(16), d1: d20(20) });
const SMI = format(6, 'op8', { m1: mask(8), b3: base(16), d3: d12(20), i2: simm(32, 16) });
const SS_a = format(6, 'op8', { l: len(8, 8), b1: base(16), d1: d12(20), b2: base(32), d2: d12(36) });
const SS_b = format(6, 'op8', { l1: len(8, 4), l2: len(12, 4), b1: base(16), d1: d12(20), b2: base(32), d2: d12(36) });
const SS_c = format(6, 'op8', { l1: len(8, 4), i3: imm(12, 4), b1: base(16), d1: d12(20), b2: base(32), d2: d12(36) });
const SS_d = format(6, 'op8', { r1: reg(8), r3: reg(12), b1: base(16), d1: d12(20), b2: base(32), d2: d12(36) });
const SS_e = format(6, 'op8', { r1: reg(8), r3: reg(12), b2: base(16), d2: d12(20), b4: base(32), d4: d12(36) });
const SS_f = format(6, 'op8', { l2: len(8, 8), b1: base(16), d1: d12(20), b2: base(32), d2: d12(36) });
const SSE = format(6, 'op16', { b1: base(16), d1: d12(20), b2: base(32), d2: d12(36) });
const SSF = format(6, 'op12', { r3: reg(8), b1: base(16), d1: d12(20), b2: base(32), d2: d12(36) });
// The vector formats carry a fifth bit of each register number in RXB, bits 36-39.
const VRI_a = format(6, 'op8x', { v1: vreg(8), i2: simm(16, 16), m3: mask(32) });
const VRI_b = format(6, 'op8x', { v1: vreg(8), i2: imm(16, 8), i3: imm(24, 8), m4: mask(32) });
const VRI_c = format(6, 'op8x', { v1: vreg(8), v3: vreg(12), i2: imm(16, 16), m4: mask(32) });
const VRI_d = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), i4: imm(24, 8), m5: mask(32) });
const VRI_e = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), i3: imm(16, 12), m5: mask(28), m4: mask(32) });
const VRI_f = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), m5: mask(24), i4: imm(28, 8) });
const VRI_g = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), i4: imm(16, 8), m5: mask(24), i3: imm(28, 8) });
const VRI_h = format(6, 'op8x', { v1: vreg(8), i2: imm(16, 16), i3: imm(32, 4) });
const VRI_i = format(6, 'op8x', { v1: vreg(8), r2: reg(12), m4: mask(24), i3: imm(28, 8) });
const VRI_k = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), i5: imm(24, 8), v4: vreg(32) });
const VRR_a = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), m5: mask(24), m4: mask(28), m3: mask(32) });
const VRR_b = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), m5: mask(24), m4: mask(32) });
const VRR_c = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), m6: mask(24), m5: mask(28), m4: mask(32) });
const VRR_d = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), m5: mask(20), m6: mask(24), v4: vreg(32) });
const VRR_e = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), m6: mask(20), m5: mask(28), v4: vreg(32) });
const VRR_f = format(6, 'op8x', { v1: vreg(8), r2: reg(12), r3: reg(16) });
const VRR_g = format(6, 'op8x', { v1: vreg(12) });
const VRR_h = format(6, 'op8x', { v1: vreg(12), v2: vreg(16), m3: mask(24) });
const VRR_i = format(6, 'op8x', { r1: reg(8), v2: vreg(12), m3: mask(24), m4: mask(28) });
const VRR_j = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), v3: vreg(16), m4: mask(24) });
const VRR_k = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), m3: mask(24) });
const VRS_a = format(6, 'op8x', { v1: vreg(8), v3: vreg(12), b2: base(16), d2: d12(20), m4: mask(32) });
const VRS_b = format(6, 'op8x', { v1: vreg(8), r3: reg(12), b2: base(16), d2: d12(20), m4: mask(32) });
const VRS_c = format(6, 'op8x', { r1: reg(8), v3: vreg(12), b2: base(16), d2: d12(20), m4: mask(32) });
const VRS_d = format(6, 'op8x', { r3: reg(12), b2: base(16), d2: d12(20), v1: vreg(32) });
/** The second operand's addresses come from elements of V2. */
const VRV = format(6, 'op8x', { v1: vreg(8), v2: vreg(12), b2: base(16), d2: d12(20), m3: mask(32) });
const VRX = format(6, 'op8x', { v1: vreg(8), x2: base(12), b2: base(16), d2: d12(20), m3: mask(32) });
const VSI = format(6, 'op8x', { i3: imm(8, 8), b2: base(16), d2: d12(20), v1: vreg(32) });

/** Every format by its name; a hyphen of the manual's name is an underscore. `RR_m` is RR with a mask in R1's place. */
export const formats = {
  E,
  I,
  IE,
  MII,
  RI_a,
  RI_b,
  RI_c,
  RIE_a,
  RIE_b,
  RIE_c,
  RIE_d,
  RIE_e,
  RIE_f,
  RIE_g,
  RIL_a,
  RIL_b,
  RIL_c,
  RIS,
  RR,
  RR_m,
  RRD,
  RRE,
  RRF_a,
  RRF_b,
  RRF_c,
  RRF_d,
  RRF_e,
  RRS,
  RS_a,
  RS_b,
  RSI,
  RSL_a,
  RSL_b,
  RSY_a,
  RSY_b,
  RX_a,
  RX_b,
  RXE,
  RXF,
  RXY_a,
  RXY_b,
  S,
  S_8,
  SI,
  SIL,
  SIY,
  SMI,
  SS_a,
  SS_b,
  SS_c,
  SS_d,
  SS_e,
  SS_f,
  SSE,
  SSF,
  VRI_a,
  VRI_b,
  VRI_c,
  VRI_d,
  VRI_e,
  VRI_f,
  VRI_g,
  VRI_h,
  VRI_i,
  VRI_k,
  VRR_a,
  VRR_b,
  VRR_c,
  VRR_d,
  VRR_e,
  VRR_f,
  VRR_g,
  VRR_h,
  VRR_i,
  VRR_j,
  VRR_k,
  VRS_a,
  VRS_b,
  VRS_c,
  VRS_d,
  VRV,
  VRX,
  VSI,
} as const;

export type FormatName = keyof typeof formats;
/** The operand fields of a format, by name. */
export type Fields<N extends FormatName> = (typeof formats)[N]['fields'];
