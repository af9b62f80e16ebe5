/** PoP, "General Instructions": loads, and the movement of registers. */

import { insn, type Row } from '../row.ts';

/** Loads. */
export const loadRows: readonly Row[] = [
  insn('LGR', { op: 0xb904, fmt: 'RRE', title: 'LOAD (64)', facility: 'zarch' }, ($, f) => $.setGr(f.r1, $.gr(f.r2))),
  insn('LG', { op: 0xe304, fmt: 'RXY_a', title: 'LOAD (64)', facility: 'zarch' }, ($, f) => $.setGr(f.r1, $.fetch64($.address2(f)))),
  insn('LGHI', { op: 0xa79, fmt: 'RI_a', title: 'LOAD HALFWORD IMMEDIATE (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.sext($.field(f.i2))),
  ),
  insn('AGHI', { op: 0xa7b, fmt: 'RI_a', title: 'ADD HALFWORD IMMEDIATE (64)', facility: 'zarch' }, ($, f) => {
    const a = $.gr(f.r1);
    const b = $.sext($.field(f.i2));
    const sum = $.add(a, b);
    $.setGr(f.r1, sum);
    const overflow = $.wrap($.shrU($.and($.xor(a, sum), $.xor(b, sum)), 63));
    $.setCc($.select(overflow, $.i32(3), $.or($.shl($.gtS(sum, 0), 1), $.ltS(sum, 0))));
    $.fixedPointOverflow(overflow);
  }),
  insn('STG', { op: 0xe324, fmt: 'RXY_a', title: 'STORE (64)', facility: 'zarch' }, ($, f) => $.store64($.address2(f), $.gr(f.r1))),
];
