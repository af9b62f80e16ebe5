/** Power ISA 2.07, Book I, "Vector Facility": sums of decimal numbers of 31 digits and a sign. */

import type { Vcpu } from '../../cpu/vcpu.ts';
import { field, form } from '../fields.ts';
import { floatEffects } from '../float/execute.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';

const PLUS = [0xcn, 0xfn] as const;
const MINUS = 0xdn;
const digits = 10n ** 31n;
/** CR field 6. */
const LT = 8;
const GT = 4;
const EQ = 2;
const SO = 1;

/** The number that a register holds, undefined for one with a digit or a sign that is none. */
function decimal(vcpu: Vcpu, register: number): bigint | undefined {
  const text = ((vcpu.vsr(register, 0) << 64n) | vcpu.vsr(register, 1)).toString(16).padStart(32, '0');
  const [, magnitude, sign] = /^([0-9]{31})([a-f])$/.exec(text) ?? [];
  if (magnitude === undefined || sign === undefined) return undefined;
  return sign === 'b' || sign === 'd' ? -BigInt(magnitude) : BigInt(magnitude);
}

type Sum = BoundHelper<readonly ['i32', 'i32', 'i32', 'i32'], undefined>;

/** T := A + B, or A - B, and what CR field 6 says of it; `ps` chooses the plus sign. Of an operand that is none: ones, as good as anything. */
const sum = (name: string, minus: boolean): Sum =>
  helper(
    name,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: { registers: floatEffects.registers } },
    (vcpu, _core, vrt, vra, vrb, ps) => {
      const place = (value: bigint): void => {
        vcpu.setVsr(vrt, 0, BigInt.asUintN(64, value >> 64n));
        vcpu.setVsr(vrt, 1, BigInt.asUintN(64, value));
      };
      const [a, b] = [decimal(vcpu, vra), decimal(vcpu, vrb)];
      if (a === undefined || b === undefined) {
        place(-1n);
        vcpu.setCrField(6, SO);
        return;
      }
      const value = minus ? a - b : a + b;
      const magnitude = value < 0n ? -value : value;
      const sign = value < 0n ? MINUS : PLUS[ps === 0 ? 0 : 1];
      place((BigInt(`0x${magnitude % digits}`) << 4n) | sign);
      const order = value === 0n ? EQ : value < 0n ? LT : GT;
      vcpu.setCrField(6, order | (magnitude >= digits ? SO : 0));
    },
  );

const operands = form({ vrt: field.vr(6), vra: field.vr(11), vrb: field.vr(16), ps: field.bits(22, 1) });

function decimalRow(mnemonic: string, extended: number, title: string, run: Sum): Row[] {
  const opcode = op.exactly((4 << 26) | extended, 0xfc00_05ff);
  return insn(mnemonic, { op: opcode, form: operands, title }, ($, f) => {
    $.needsVector();
    $.callVoid(run, $.field(f.vrt), $.field(f.vra), $.field(f.vrb), $.field(f.ps));
  });
}

/** The instructions. */
export const vectorDecimals: readonly Row[] = [
  ...decimalRow('bcdadd.', 1025, 'Decimal Add Modulo', sum('bcdAdd', false)),
  ...decimalRow('bcdsub.', 1089, 'Decimal Subtract Modulo', sum('bcdSubtract', true)),
];
