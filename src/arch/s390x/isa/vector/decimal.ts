/** PoP, "Vector Decimal Instructions": arithmetic, shifts, comparison, test and sign. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { isMinus, powerOfTen, raiseDecimalOperand } from '../decimal/packed.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { vectorInstruction } from './lanes.ts';
import {
  areDigits,
  areZeros,
  codesIn,
  decimalOverflow,
  fromCodes,
  isSign,
  numberIn,
  placeResult,
  resultControls,
  SIGN,
  VECTOR_DIGITS,
} from './packed-register.ts';

const facility = 'vector-packed-decimal';
const title = (what: string): string => `VECTOR ${what}`;
const effects = { faults: true } as const;

/** Bits of the modifier. The first two force the signs of the operands, the third that of the result. */
const M = { plus2: 8, plus3: 4, plus1: 2, setsCc: 1 } as const;

type Arithmetic = (vcpu: Vcpu, a: bigint, b: bigint, places: number) => bigint;

/** V1 := operation(V2, V3). The immediate counts digits of the result, or is for the operation. */
function binaryRow(mnemonic: string, op: number, what: string, of: 'digits' | 'places', run: Arithmetic): Row {
  const operate = helper(
    `vector-${mnemonic}`,
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, v1, v2, v3, i4, m5) => {
      const { count, masked } = resultControls(vcpu, i4, of);
      const a = numberIn(vcpu, vcpu.vr(v2), (m5 & M.plus2) !== 0);
      const b = numberIn(vcpu, vcpu.vr(v3), (m5 & M.plus3) !== 0);
      placeResult(vcpu, v1, run(vcpu, a, b, count), {
        digits: of === 'digits' ? count : VECTOR_DIGITS,
        forcedPlus: (m5 & M.plus1) !== 0,
        setsCc: (m5 & M.setsCc) !== 0,
        masked,
      });
    },
  );
  return insn(mnemonic, { op, fmt: 'VRI_f', title: title(what), facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(operate, $.field(f.v1), $.field(f.v2), $.field(f.v3), $.field(f.i4), $.field(f.m5));
  });
}

function nonzero(vcpu: Vcpu, divisor: bigint): bigint {
  if (divisor === 0n) vcpu.raise(PGM.decimalDivide);
  return divisor;
}

const arithmeticRows: readonly Row[] = [
  binaryRow('VAP', 0xe671, 'ADD DECIMAL', 'digits', (_, a, b) => a + b),
  binaryRow('VSP', 0xe673, 'SUBTRACT DECIMAL', 'digits', (_, a, b) => a - b),
  binaryRow('VMP', 0xe678, 'MULTIPLY DECIMAL', 'digits', (_, a, b) => a * b),
  binaryRow('VMSP', 0xe679, 'MULTIPLY AND SHIFT DECIMAL', 'places', (_, a, b, places) => (a * b) / powerOfTen(places)),
  binaryRow('VDP', 0xe67a, 'DIVIDE DECIMAL', 'digits', (vcpu, a, b) => a / nonzero(vcpu, b)),
  binaryRow('VRP', 0xe67b, 'REMAINDER DECIMAL', 'digits', (vcpu, a, b) => a % nonzero(vcpu, b)),
  binaryRow('VSDP', 0xe67e, 'SHIFT AND DIVIDE DECIMAL', 'places', (vcpu, a, b, places) => {
    const divisor = nonzero(vcpu, b);
    return (a * powerOfTen(places)) / divisor;
  }),
];

// ---- shift and round

/** A number shifted to the left, or by a negative number of places to the right, where it may be rounded by the last digit out. */
function shifted(value: bigint, places: number, rounds: boolean): bigint {
  if (places >= 0) return value * powerOfTen(places);
  if (!rounds) return value / powerOfTen(-places);
  const magnitude = value < 0n ? -value : value;
  const result = (magnitude / powerOfTen(-places - 1) + 5n) / 10n;
  return value < 0n ? -result : result;
}

const shiftAndRound = helper(
  'vectorShiftAndRound',
  { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, i3, i4, m5) => {
    const { count, masked } = resultControls(vcpu, i3, 'digits');
    const value = numberIn(vcpu, vcpu.vr(v2), (m5 & M.plus2) !== 0);
    placeResult(vcpu, v1, shifted(value, (i4 << 25) >> 25, (i4 & 0x80) !== 0), {
      digits: count,
      forcedPlus: (m5 & M.plus1) !== 0,
      setsCc: (m5 & M.setsCc) !== 0,
      masked,
    });
  },
);

const ROUNDS = 0x40;
const shiftByRegister = helper(
  'vectorShiftAndRoundByRegister',
  { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, v3, i4, m5) => {
    const { count, masked } = resultControls(vcpu, i4, 'digits', 0x20);
    // Byte 7 of V3.
    const asked = Number(BigInt.asIntN(8, vcpu.vr(v3) >> 64n));
    const places = Math.max(-32, Math.min(VECTOR_DIGITS, asked));
    const value = numberIn(vcpu, vcpu.vr(v2), (m5 & M.plus2) !== 0);
    placeResult(vcpu, v1, shifted(value, places, (i4 & ROUNDS) !== 0), {
      digits: count,
      forcedPlus: (m5 & M.plus1) !== 0,
      setsCc: (m5 & M.setsCc) !== 0,
      masked,
    });
  },
);

// ---- comparison and test

const compare = helper(
  'vectorCompareDecimal',
  { params: ['i32', 'i32', 'i32'], result: 'i32', effects },
  (vcpu, v1, v2, m3) => {
    const a = numberIn(vcpu, vcpu.vr(v1), (m3 & 8) !== 0);
    const b = numberIn(vcpu, vcpu.vr(v2), (m3 & 4) !== 0);
    return a === b ? 0 : a < b ? 1 : 2;
  },
);

const testDecimal = helper('vectorTestDecimal', { params: ['i32'], result: 'i32', effects: {} }, (vcpu, v1) => {
  const { digits, sign } = codesIn(vcpu.vr(v1));
  return (areDigits(digits) ? 0 : 2) + (isSign(sign) ? 0 : 1);
});

const COUNTING = { noValidation: 4, negativeZero: 2, setsCc: 1 } as const;

const countLeadingZeros = helper(
  'vectorCountLeadingZeroDigits',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, m3) => {
    const { digits, sign } = codesIn(vcpu.vr(v2));
    const valid = areDigits(digits) && isSign(sign);
    if (!valid && (m3 & COUNTING.noValidation) === 0) raiseDecimalOperand(vcpu);
    const count = digits.length - digits.replace(/^0+/, '').length;
    vcpu.setVr(v1, BigInt(count) << 64n);
    if ((m3 & COUNTING.setsCc) === 0) return;
    const minus = isMinus(sign);
    const isPlainZero = areZeros(digits) && !(minus && (m3 & COUNTING.negativeZero) !== 0);
    vcpu.cc = !valid ? 3 : isPlainZero ? 0 : minus ? 1 : 2;
  },
);

// ---- sign

const SIGNING = { noValidation: 0x80, negativeZero: 0x40, operation: 0x0c, unsigned: 0x02, validation: 0x01 } as const;
const operations = ['maintain', 'complement', 'positive', 'negative'] as const;

/** The sign of the result: the code, and whether it is less than zero. */
function signResult(sign: number, zero: boolean, i4: number): { readonly code: number; readonly minus: boolean } {
  const operation = operations[(i4 & SIGNING.operation) >> 2];
  if (operation === 'maintain' && !isSign(sign)) return { code: sign, minus: false };
  const wanted =
    operation === 'negative' ||
    (operation === 'maintain' && isMinus(sign)) ||
    (operation === 'complement' && !isMinus(sign));
  if (wanted && (!zero || (i4 & SIGNING.negativeZero) !== 0)) return { code: SIGN.minus, minus: true };
  return { code: (i4 & SIGNING.unsigned) !== 0 ? SIGN.unsigned : SIGN.plus, minus: false };
}

const performSign = helper(
  'vectorPerformSignOperation',
  { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, i3, asked, m5) => {
    const { count, masked } = resultControls(vcpu, i3, 'digits');
    const enhanced = vcpu.core.has('vector-packed-decimal-enhancement');
    const i4 = enhanced ? asked : asked & ~(SIGNING.noValidation | SIGNING.negativeZero);
    const { digits, sign } = codesIn(vcpu.vr(v2));
    const validates = (i4 & SIGNING.noValidation) === 0;
    const operation = operations[(i4 & SIGNING.operation) >> 2];
    const needsSign =
      operation === 'complement' || (operation === 'maintain' ? validates : (i4 & SIGNING.validation) !== 0);
    if ((validates && !areDigits(digits)) || (needsSign && !isSign(sign))) raiseDecimalOperand(vcpu);
    const kept = digits.slice(-count);
    const overflow = !areZeros(digits.slice(0, -count));
    const zero = areZeros(kept);
    const result = signResult(sign, zero, i4);
    vcpu.setVr(v1, fromCodes(kept, result.code));
    if ((m5 & M.setsCc) !== 0) vcpu.cc = overflow ? 3 : zero ? 0 : result.minus ? 1 : 2;
    if (overflow) decimalOverflow(vcpu, masked);
  },
);

const enhancement = 'vector-packed-decimal-enhancement-2';

/** Arithmetic on packed decimal numbers in vector registers. */
export const vectorDecimalRows: readonly Row[] = [
  ...arithmeticRows,
  insn('VSRP', { op: 0xe659, fmt: 'VRI_g', title: title('SHIFT AND ROUND DECIMAL'), facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(shiftAndRound, $.field(f.v1), $.field(f.v2), $.field(f.i3), $.field(f.i4), $.field(f.m5));
  }),
  insn(
    'VSRPR',
    { op: 0xe672, fmt: 'VRI_f', title: title('SHIFT AND ROUND DECIMAL REGISTER'), facility: enhancement },
    ($, f) => {
      vectorInstruction($);
      $.callVoid(shiftByRegister, $.field(f.v1), $.field(f.v2), $.field(f.v3), $.field(f.i4), $.field(f.m5));
    },
  ),
  insn('VCP', { op: 0xe677, fmt: 'VRR_h', title: title('COMPARE DECIMAL'), facility }, ($, f) => {
    vectorInstruction($);
    $.setCc($.call(compare, $.field(f.v1), $.field(f.v2), $.field(f.m3)));
  }),
  insn('VTP', { op: 0xe65f, fmt: 'VRR_g', title: title('TEST DECIMAL'), facility }, ($, f) => {
    vectorInstruction($);
    $.setCc($.call(testDecimal, $.field(f.v1)));
  }),
  insn(
    'VCLZDP',
    { op: 0xe651, fmt: 'VRR_k', title: title('COUNT LEADING ZERO DIGITS'), facility: enhancement },
    ($, f) => {
      vectorInstruction($);
      $.callVoid(countLeadingZeros, $.field(f.v1), $.field(f.v2), $.field(f.m3));
    },
  ),
  insn('VPSOP', { op: 0xe65b, fmt: 'VRI_g', title: title('PERFORM SIGN OPERATION DECIMAL'), facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(performSign, $.field(f.v1), $.field(f.v2), $.field(f.i3), $.field(f.i4), $.field(f.m5));
  }),
];
