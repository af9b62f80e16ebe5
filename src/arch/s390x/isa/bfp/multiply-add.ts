/** PoP, "Binary-Floating-Point Instructions": MULTIPLY AND ADD, MULTIPLY AND SUBTRACT, DIVIDE TO INTEGER. */

import type { Field } from '../../../../ir/field.ts';
import { asF32, asF64 } from '../../../../ir/floating.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { multiplyAdd } from '../../../../soft-float/arithmetic.ts';
import { divideToInteger } from '../../../../soft-float/divide-to-integer.ts';
import { type BfpFormat, long, short } from '../../../../soft-float/format.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { fastOr, usualOr } from './fast.ts';
import { fusedLong, fusedShort, hostFusedLong } from './fused.ts';
import { conclude, effects, environment, modifierRounding, operand, setOperand } from './helpers.ts';
import { bfpInstruction } from './operand.ts';
import { longIn, setLong, setShort, shortIn } from './source.ts';

type Fused = BoundHelper<readonly ['i32', 'i32', 'i64'], undefined>;

function fused(name: string, f: BfpFormat, minus: boolean): Fused {
  return helper(
    `bfp-${name}`,
    { params: ['i32', 'i32', 'i64'], result: undefined, effects },
    (vcpu, r1, r3, second) => {
      const third = operand(vcpu, f, r3);
      const b = BigInt.asUintN(f.width, second);
      const outcome = multiplyAdd(f, environment(vcpu), third, b, operand(vcpu, f, r1), minus);
      conclude(vcpu, outcome, () => setOperand(vcpu, f, r1, outcome.value));
    },
  );
}

const families = [
  { letters: 'MA', title: 'MULTIPLY AND ADD', minus: false, op: 0x0e },
  { letters: 'MS', title: 'MULTIPLY AND SUBTRACT', minus: true, op: 0x0f },
] as const;

function fusedRows({ letters, title, minus, op }: (typeof families)[number]): Row[] {
  const shortly = fused(`${letters}-short`, short, minus);
  const longly = fused(`${letters}-long`, long, minus);
  const facility = 'zarch';
  const onShort = ($: Sem, r1: Field, r3: Field, second: I32): void => {
    const first = shortIn($, r1);
    const result = fusedShort($, shortIn($, r3), asF32($, second), minus ? $.un('neg', first) : first);
    fastOr($, {
      ...result,
      place: () => setShort($, r1, result.value),
      slow: () => $.callVoid(shortly, $.field(r1), $.field(r3), $.zext(second)),
    });
  };
  const onLong = ($: Sem, r1: Field, r3: Field, second: I64): void => {
    const first = longIn($, r1);
    const [a, b, c] = [longIn($, r3), asF64($, second), minus ? $.un('neg', first) : first];
    const slow = (): void => $.callVoid(longly, $.field(r1), $.field(r3), second);
    $.when(
      $.fuses(),
      () => {
        const result = hostFusedLong($, a, b, c);
        usualOr($, { ...result, place: () => setLong($, r1, result.value), slow });
      },
      () => {
        const result = fusedLong($, a, b, c);
        fastOr($, { ...result, place: () => setLong($, r1, result.value), slow });
      },
    );
  };
  return [
    insn(`${letters}EBR`, { op: 0xb300 + op, fmt: 'RRD', title: `${title} (short BFP)`, facility }, ($, f) => {
      bfpInstruction($);
      onShort($, f.r1, f.r3, $.fprShort(f.r2));
    }),
    insn(`${letters}DBR`, { op: 0xb310 + op, fmt: 'RRD', title: `${title} (long BFP)`, facility }, ($, f) => {
      bfpInstruction($);
      onLong($, f.r1, f.r3, $.fpr(f.r2));
    }),
    insn(`${letters}EB`, { op: 0xed00 + op, fmt: 'RXF', title: `${title} (short BFP)`, facility }, ($, f) => {
      bfpInstruction($);
      onShort($, f.r1, f.r3, $.fetch32($.address2(f)));
    }),
    insn(`${letters}DB`, { op: 0xed10 + op, fmt: 'RXF', title: `${title} (long BFP)`, facility }, ($, f) => {
      bfpInstruction($);
      onLong($, f.r1, f.r3, $.fetch64($.address2(f)));
    }),
  ];
}

function divider(f: BfpFormat): BoundHelper<readonly ['i32', 'i32', 'i32', 'i32'], undefined> {
  return helper(
    `bfp-divideToInteger-${f.name}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, r3, m4) => {
      if (r1 === r2 || r1 === r3 || r2 === r3) vcpu.raise(PGM.specification);
      const method = modifierRounding(vcpu, m4);
      const division = divideToInteger(f, environment(vcpu), method, operand(vcpu, f, r1), operand(vcpu, f, r2));
      conclude(vcpu, division, () => {
        setOperand(vcpu, f, r1, division.value);
        setOperand(vcpu, f, r3, division.quotient);
        vcpu.cc = division.cc;
      });
    },
  );
}

function divideToIntegerRow(mnemonic: string, op: number, f: BfpFormat): Row {
  const divided = divider(f);
  const title = `DIVIDE TO INTEGER (${f.name} BFP)`;
  return insn(mnemonic, { op, fmt: 'RRF_b', title, facility: 'zarch' }, ($, fields) => {
    bfpInstruction($);
    const { r1, r2, r3, m4 } = fields;
    $.callVoid(divided, $.field(r1), $.field(r2), $.field(r3), $.field(m4));
  });
}

/** MULTIPLY AND ADD, MULTIPLY AND SUBTRACT, and DIVIDE TO INTEGER. */
export const multiplyAddRows: readonly Row[] = [
  ...families.flatMap(fusedRows),
  divideToIntegerRow('DIEBR', 0xb353, short),
  divideToIntegerRow('DIDBR', 0xb35b, long),
];
