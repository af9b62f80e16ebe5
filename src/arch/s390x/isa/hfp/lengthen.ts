/**
 * PoP, "Hexadecimal-Floating-Point Instructions": LOAD LENGTHENED of a short operand, which puts zeros behind it and looks at no
 * value. Compilers for z13 and later machines load short binary operands so, since it leaves nothing of the register as it was.
 */

import type { I32, I64 } from '../../../../ir/node.ts';
import { supportInstruction } from '../bfp/operand.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const title = 'LOAD LENGTHENED (short to long HFP)';

function lengthened($: Sem, short: I32): I64 {
  return $.shl($.zext(short), 32);
}

/** Short to long. */
export const lengthenRows: readonly Row[] = [
  insn('LDER', { op: 0xb324, fmt: 'RRE', title, facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1, f.r2);
    $.setFpr(f.r1, lengthened($, $.fprShort(f.r2)));
  }),
  insn('LDE', { op: 0xed24, fmt: 'RXE', title, facility: 'zarch', ignores: ['m3'] }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFpr(f.r1, lengthened($, $.fetch32($.address2(f))));
  }),
];
