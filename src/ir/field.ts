/** Operand fields of instruction formats, as the decoder leaves them in a decode-cache entry. */

/** What a field designates. `zr` is a base or index register, for which number 0 means the value zero. */
export type FieldKind = 'gr' | 'zr' | 'ar' | 'cr' | 'fr' | 'vr' | 'mask' | 'length' | 'imm' | 'disp' | 'rel';

/**
 * A field of a format. Bits are numbered from the left of the instruction. `slot` is the byte offset in the decode-cache
 * entry where the decoder leaves the value: one byte (registers, masks, lengths, 8-bit immediates), four (wider
 * immediates, displacements), or eight (`rel`: a byte distance from the instruction's own address).
 */
export interface Field<K extends FieldKind = FieldKind> {
  readonly name: string;
  readonly kind: K;
  readonly start: number;
  readonly length: number;
  readonly signed: boolean;
  readonly slot: number;
  readonly bytes: 1 | 4 | 8;
}
