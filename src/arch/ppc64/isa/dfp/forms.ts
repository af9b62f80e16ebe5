/** The instruction formats of decimal instructions, with registers or with pairs of them, whose names end with a p. */

import { field, form, type PpcField } from '../fields.ts';
import { type Opcode, op } from '../row.ts';
import type { Shape } from './execute.ts';

type Fields = Readonly<Record<string, PpcField>>;
/** One form for long numbers and one for extended ones. */
type Both = Readonly<Record<Shape['suffix'], Fields>>;

const rmc = { rmc: field.bits(21, 2) } as const;

/** By what the manual calls the fields; a register that is no decimal number of the format stays one in both. */
export const decimalForms = {
  /** FRT := FRA, FRB. */
  three: {
    '': form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16) }),
    q: form({ frtp: field.frPair(6), frap: field.frPair(11), frbp: field.frPair(16) }),
  },
  /** FRT := FRB. */
  two: {
    '': form({ frt: field.fr(6), frb: field.fr(16) }),
    q: form({ frtp: field.frPair(6), frbp: field.frPair(16) }),
  },
  /** FRT := FRB, of which the result alone, or the operand alone, is a number of the format. */
  from: {
    '': form({ frt: field.fr(6), frb: field.fr(16) }),
    q: form({ frtp: field.frPair(6), frb: field.fr(16) }),
  },
  to: {
    '': form({ frt: field.fr(6), frb: field.fr(16) }),
    q: form({ frt: field.fr(6), frbp: field.frPair(16) }),
  },
  /** FRT := FRB by an integer in FRA. */
  byFra: {
    '': form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16) }),
    q: form({ frtp: field.frPair(6), fra: field.fr(11), frbp: field.frPair(16) }),
  },
  quantize: {
    '': form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16), ...rmc }),
    q: form({ frtp: field.frPair(6), frap: field.frPair(11), frbp: field.frPair(16), ...rmc }),
  },
  reround: {
    '': form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16), ...rmc }),
    q: form({ frtp: field.frPair(6), fra: field.fr(11), frbp: field.frPair(16), ...rmc }),
  },
  quantizeTo: {
    '': form({ frt: field.fr(6), te: field.bits(11, 5), frb: field.fr(16), ...rmc }),
    q: form({ frtp: field.frPair(6), te: field.bits(11, 5), frbp: field.frPair(16), ...rmc }),
  },
  integral: {
    '': form({ frt: field.fr(6), r: field.bits(15, 1), frb: field.fr(16), ...rmc }),
    q: form({ frtp: field.frPair(6), r: field.bits(15, 1), frbp: field.frPair(16), ...rmc }),
  },
  shift: {
    '': form({ frt: field.fr(6), fra: field.fr(11), sh: field.bits(16, 6) }),
    q: form({ frtp: field.frPair(6), frap: field.frPair(11), sh: field.bits(16, 6) }),
  },
  decode: {
    '': form({ frt: field.fr(6), sp: field.bits(11, 2), frb: field.fr(16) }),
    q: form({ frtp: field.frPair(6), sp: field.bits(11, 2), frbp: field.frPair(16) }),
  },
  encode: {
    '': form({ frt: field.fr(6), s: field.bits(11, 1), frb: field.fr(16) }),
    q: form({ frtp: field.frPair(6), s: field.bits(11, 1), frbp: field.frPair(16) }),
  },
  compare: {
    '': form({ bf: field.crf(6), fra: field.fr(11), frb: field.fr(16) }),
    q: form({ bf: field.crf(6), frap: field.frPair(11), frbp: field.frPair(16) }),
  },
  significance: {
    '': form({ bf: field.crf(6), fra: field.fr(11), frb: field.fr(16) }),
    q: form({ bf: field.crf(6), fra: field.fr(11), frbp: field.frPair(16) }),
  },
  group: {
    '': form({ bf: field.crf(6), fra: field.fr(11), dm: field.bits(16, 6) }),
    q: form({ bf: field.crf(6), frap: field.frPair(11), dm: field.bits(16, 6) }),
  },
} as const satisfies Record<string, Both>;

/** An extended opcode of bits 21-30, of bits 22-30 before a field of six bits, and of bits 23-30 behind RMC. */
export const decimalOp = {
  x: ({ primary }: Shape, extended: number): Opcode => op.x(primary, extended),
  z22: ({ primary }: Shape, extended: number): Opcode => op.exactly((primary << 26) | (extended << 1), 0xfc00_03fe),
  z23: ({ primary }: Shape, extended: number): Opcode => op.exactly((primary << 26) | (extended << 1), 0xfc00_01fe),
} as const;
