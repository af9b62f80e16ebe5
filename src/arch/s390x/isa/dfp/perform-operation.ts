/** PoP, "Floating-Point Support Instructions": PERFORM FLOATING-POINT OPERATION, which changes the radix of a number. */

import * as decimal from '../../../../soft-float/decimal/format.ts';
import type { Environment, Rounding } from '../../../../soft-float/environment.ts';
import { ieee, isSuppressed } from '../../../../soft-float/environment.ts';
import * as binary from '../../../../soft-float/format.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import * as bfp from '../bfp/helpers.ts';
import { dfpInstruction } from '../bfp/operand.ts';
import { raiseData } from '../data-exception.ts';
import { helper } from '../helper.ts';
import * as hfp from '../hfp/number.ts';
import { insn, type Row } from '../row.ts';
import { operand, setOperand } from './helpers.ts';
import {
  type AnyNumber,
  fromBinary,
  fromDecimal,
  fromHexadecimal,
  toBinary,
  toDecimal,
  toHexadecimal,
} from './radix.ts';

/** A format by the code that general register 0 has for it. */
type Format =
  | { readonly radix: 'hexadecimal'; readonly f: hfp.HfpFormat }
  | { readonly radix: 'binary'; readonly f: binary.BfpFormat }
  | { readonly radix: 'decimal'; readonly f: decimal.DfpFormat };

const formats: ReadonlyMap<number, Format> = new Map<number, Format>([
  [0x0, { radix: 'hexadecimal', f: hfp.short }],
  [0x1, { radix: 'hexadecimal', f: hfp.long }],
  [0x2, { radix: 'hexadecimal', f: hfp.extended }],
  [0x5, { radix: 'binary', f: binary.short }],
  [0x6, { radix: 'binary', f: binary.long }],
  [0x7, { radix: 'binary', f: binary.extended }],
  [0x8, { radix: 'decimal', f: decimal.short }],
  [0x9, { radix: 'decimal', f: decimal.long }],
  [0xa, { radix: 'decimal', f: decimal.extended }],
]);

const CONVERT_RADIX = 1;
/** Bits of general register 0. */
const G = { test: 0x8000_0000, inexactSuppressed: 0x80, alternate: 0x40, reserved: 0x20, prefersOne: 0x10 } as const;

interface Conversion {
  readonly to: Format;
  readonly from: Format;
}

/** What the register asks for; undefined when there is no such operation. */
function conversion(word: number): Conversion | undefined {
  const to = formats.get((word >>> 16) & 0xff);
  const from = formats.get((word >>> 8) & 0xff);
  const method = word & 15;
  if (((word >>> 24) & 0x7f) !== CONVERT_RADIX || (method > 1 && method < 8)) return undefined;
  if (to === undefined || from === undefined || to.radix === from.radix) return undefined;
  // Two bits depend on the radix of the target: binary ones have none, decimal ones the second.
  const unused = to.radix === 'binary' ? G.reserved | G.prefersOne : to.radix === 'decimal' ? G.reserved : 0;
  return (word & unused) !== 0 ? undefined : { to, from };
}

const brm: readonly Rounding[] = [0, 1, 2, 3, 0, 0, 0, 7];

/** Method 0 is that of the DFP rounding mode, 1 that of the BFP one, the others are named. */
function environment(vcpu: Vcpu, word: number): Environment {
  const method = word & 15;
  const { fpc } = vcpu;
  const rounding = method === 0 ? (fpc >> 4) & 7 : method === 1 ? (brm[fpc & 7] ?? 0) : method & 7;
  // With the alternate exception action no exception traps.
  const masks = (word & G.alternate) !== 0 ? 0 : fpc >>> 24;
  return { masks, rounding: rounding as Rounding, inexactSuppressed: (word & G.inexactSuppressed) !== 0 };
}

function source(vcpu: Vcpu, { radix, f }: Format): AnyNumber {
  if (radix === 'binary') return fromBinary(f, bfp.operand(vcpu, f, 4));
  if (radix === 'decimal') return fromDecimal(f, operand(vcpu, f, 4));
  return fromHexadecimal(f, hfp.operand(vcpu, f, 4));
}

interface Result {
  readonly flags: number;
  readonly dxc: number;
  readonly place: () => void;
}

function result(vcpu: Vcpu, { radix, f }: Format, env: Environment, x: AnyNumber, word: number): Result {
  if (radix === 'binary') {
    const outcome = toBinary(f, env, x);
    return { ...outcome, place: () => bfp.setOperand(vcpu, f, 0, outcome.value) };
  }
  if (radix === 'decimal') {
    const outcome = toDecimal(f, env, x, (word & G.prefersOne) !== 0);
    return { ...outcome, place: () => setOperand(vcpu, f, 0, outcome.value) };
  }
  const outcome = toHexadecimal(f, env, x);
  return { ...outcome, place: () => hfp.setOperand(vcpu, f, 0, outcome.number) };
}

const perform = helper(
  'performFloatingPointOperation',
  { params: ['i32'], result: undefined, effects: { faults: true } },
  (vcpu, word) => {
    const asked = conversion(word);
    if ((word & G.test) !== 0) {
      vcpu.cc = asked === undefined ? 3 : 0;
      vcpu.setGrLow(1, 0);
      return;
    }
    if (asked === undefined) return vcpu.raise(PGM.specification);
    const { flags, dxc, place } = result(vcpu, asked.to, environment(vcpu, word), source(vcpu, asked.from), word);
    if (isSuppressed({ dxc })) raiseData(vcpu, dxc);
    place();
    vcpu.setGrLow(1, 0);
    vcpu.fpc |= flags << 16;
    const unusual = (flags & ~ieee.inexact) !== 0 && (word & G.alternate) !== 0;
    vcpu.cc = unusual ? 2 : (flags & ieee.inexact) !== 0 || (dxc & ieee.inexact) !== 0 ? 1 : 0;
    if (dxc !== 0) raiseData(vcpu, dxc);
  },
);

/** The one row. */
export const performOperationRow: Row = insn(
  'PFPO',
  { op: 0x010a, fmt: 'E', title: 'PERFORM FLOATING-POINT OPERATION', facility: 'pfpo' },
  ($) => {
    dfpInstruction($);
    $.callVoid(perform, $.grLowN(0));
  },
);
