/** PoP, "General Instructions": AND, OR and EXCLUSIVE OR. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64, Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import type { FormatName } from '../formats.ts';
import { insn, type Row, type RowSpec } from '../row.ts';
import type { Sem } from '../sem.ts';
import { updateStorage } from './storage-update.ts';

type Connective = 'and' | 'or' | 'xor';

/** One of the three headings: the first letter of its mnemonics, and its opcodes. */
interface Family {
  readonly letter: 'N' | 'O' | 'X';
  readonly title: string;
  readonly connective: Connective;
  /** Opcodes by the rest of the mnemonic. */
  readonly op: Readonly<Record<'R' | '' | 'Y' | 'GR' | 'G' | 'RK' | 'GRK' | 'I' | 'IY' | 'IHF' | 'ILF', number>>;
}

const and: Family = {
  letter: 'N',
  title: 'AND',
  connective: 'and',
  op: {
    R: 0x14,
    '': 0x54,
    Y: 0xe354,
    GR: 0xb980,
    G: 0xe380,
    RK: 0xb9f4,
    GRK: 0xb9e4,
    I: 0x94,
    IY: 0xeb54,
    IHF: 0xc0a,
    ILF: 0xc0b,
  },
};
const or: Family = {
  letter: 'O',
  title: 'OR',
  connective: 'or',
  op: {
    R: 0x16,
    '': 0x56,
    Y: 0xe356,
    GR: 0xb981,
    G: 0xe381,
    RK: 0xb9f6,
    GRK: 0xb9e6,
    I: 0x96,
    IY: 0xeb56,
    IHF: 0xc0c,
    ILF: 0xc0d,
  },
};
const exclusiveOr: Family = {
  letter: 'X',
  title: 'EXCLUSIVE OR',
  connective: 'xor',
  op: {
    R: 0x17,
    '': 0x57,
    Y: 0xe357,
    GR: 0xb982,
    G: 0xe382,
    RK: 0xb9f7,
    GRK: 0xb9e7,
    I: 0x97,
    IY: 0xeb57,
    IHF: 0xc06,
    ILF: 0xc07,
  },
};

/** CC 0 when the result is zero, 1 when it is not. */
function setZeroCc<T extends Int>($: Sem, result: Node<T>): void {
  $.setCc($.ne(result, 0));
}

function rowsOf({ letter, title, connective, op }: Family): readonly Row[] {
  const spec = <N extends FormatName>(
    rest: keyof Family['op'],
    fmt: N,
    facility: RowSpec<N>['facility'],
  ): RowSpec<N> => ({ op: op[rest], fmt, title, facility });
  const into32 = ($: Sem, r1: Field, a: I32, b: I32): void => {
    const result = $.bin(connective, a, b);
    $.setGrLow(r1, result);
    setZeroCc($, result);
  };
  const into64 = ($: Sem, r1: Field, a: I64, b: I64): void => {
    const result = $.bin(connective, a, b);
    $.setGr(r1, result);
    setZeroCc($, result);
  };
  const inStorage = ($: Sem, f: { b1: Field; d1: Field; i2: Field }): void => {
    updateStorage($, { ...$.address1(f), space: f.b1 }, 1, (operand) => {
      const result = $.bin(connective, operand.fetch8(), $.field(f.i2));
      operand.store(8, result);
      setZeroCc($, result);
    });
  };
  return [
    insn(`${letter}R`, spec('R', 'RR', 'zarch'), ($, f) => into32($, f.r1, $.grLow(f.r1), $.grLow(f.r2))),
    insn(letter, spec('', 'RX_a', 'zarch'), ($, f) => into32($, f.r1, $.grLow(f.r1), $.fetch32($.address2(f)))),
    insn(`${letter}Y`, spec('Y', 'RXY_a', 'long-displacement'), ($, f) =>
      into32($, f.r1, $.grLow(f.r1), $.fetch32($.address2(f))),
    ),
    insn(`${letter}GR`, spec('GR', 'RRE', 'zarch'), ($, f) => into64($, f.r1, $.gr(f.r1), $.gr(f.r2))),
    insn(`${letter}G`, spec('G', 'RXY_a', 'zarch'), ($, f) => into64($, f.r1, $.gr(f.r1), $.fetch64($.address2(f)))),
    insn(`${letter}RK`, { ...spec('RK', 'RRF_a', 'zenterprise-196'), ignores: ['m4'] }, ($, f) =>
      into32($, f.r1, $.grLow(f.r2), $.grLow(f.r3)),
    ),
    insn(`${letter}GRK`, { ...spec('GRK', 'RRF_a', 'zenterprise-196'), ignores: ['m4'] }, ($, f) =>
      into64($, f.r1, $.gr(f.r2), $.gr(f.r3)),
    ),
    insn(`${letter}I`, spec('I', 'SI', 'zarch'), inStorage),
    insn(`${letter}IY`, spec('IY', 'SIY', 'long-displacement'), inStorage),
    insn(`${letter}IHF`, spec('IHF', 'RIL_a', 'extended-immediate'), ($, f) => {
      const result = $.bin(connective, $.grHigh(f.r1), $.field(f.i2));
      $.setGrHigh(f.r1, result);
      setZeroCc($, result);
    }),
    insn(`${letter}ILF`, spec('ILF', 'RIL_a', 'extended-immediate'), ($, f) =>
      into32($, f.r1, $.grLow(f.r1), $.field(f.i2)),
    ),
  ];
}

/** The halfwords of a register that the immediate forms name, leftmost first. */
const halfwords = [
  { name: 'HH', half: 'high', shift: 16 },
  { name: 'HL', half: 'high', shift: 0 },
  { name: 'LH', half: 'low', shift: 16 },
  { name: 'LL', half: 'low', shift: 0 },
] as const;

// AND and OR IMMEDIATE with a halfword: the rest of the register stays, the condition code tells of the halfword.
function halfwordRows(letter: string, title: string, connective: 'and' | 'or', firstOp: number): readonly Row[] {
  return halfwords.map(({ name, half, shift }, i) =>
    insn(`${letter}I${name}`, { op: firstOp + i, fmt: 'RI_a', title, facility: 'zarch' }, ($, f) => {
      const immediate = $.shl($.and($.field(f.i2), 0xffff), shift);
      const old = half === 'high' ? $.grHigh(f.r1) : $.grLow(f.r1);
      const others = ~(0xffff << shift);
      const result = $.bin(connective, old, connective === 'and' ? $.or(immediate, others) : immediate);
      if (half === 'high') $.setGrHigh(f.r1, result);
      else $.setGrLow(f.r1, result);
      setZeroCc($, $.and(result, 0xffff << shift));
    }),
  );
}

/** Logical connectives of registers, of a register and storage, and of either and an immediate. */
export const logicalRows: readonly Row[] = [
  ...rowsOf(and),
  ...rowsOf(or),
  ...rowsOf(exclusiveOr),
  ...halfwordRows('N', 'AND IMMEDIATE', 'and', 0xa54),
  ...halfwordRows('O', 'OR IMMEDIATE', 'or', 0xa58),
];
