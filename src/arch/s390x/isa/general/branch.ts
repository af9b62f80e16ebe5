/** PoP, "General Instructions": branches, and EXECUTE. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { executeTarget } from '../execute.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** The link information that BAL and BAS leave: the next address in the form of the addressing mode. */
function setLink($: Sem, r1: Field): void {
  const next = $.wrapAddress($.next());
  $.when(
    $.is64(),
    () => $.setGr(r1, next),
    () => $.setGrLow(r1, $.or($.wrap(next), $.select($.is24(), $.i32(0), 0x8000_0000 | 0))),
  );
}

/** Branches when the mask selects the condition code. */
function branchOnCondition($: Sem, mask: I32, target: () => I64): void {
  $.when($.ccIn(mask), () => $.branchTo(target()));
}

/** Takes one off a counter and branches unless it reached zero. */
function branchOnCount32($: Sem, r1: Field, target: I64, taken: I32 = $.i32(1)): void {
  const count = $.sub($.grLow(r1), 1);
  $.setGrLow(r1, count);
  $.when($.and($.ne(count, 0), taken), () => $.branchTo(target));
}

function branchOnCount64($: Sem, r1: Field, target: I64, taken: I32 = $.i32(1)): void {
  const count = $.sub($.gr(r1), 1);
  $.setGr(r1, count);
  $.when($.and($.ne(count, 0), taken), () => $.branchTo(target));
}

/** The register with the comparand of BXH and its kin: R3 when odd, the one after it when even. */
function comparandIndex($: Sem, r3: Field): I32 {
  return $.or($.field(r3), 1);
}

function branchOnIndex32($: Sem, f: { r1: Field; r3: Field }, high: boolean, target: I64): void {
  const comparand = $.grLowAt(comparandIndex($, f.r3));
  const sum = $.add($.grLow(f.r1), $.grLow(f.r3));
  $.setGrLow(f.r1, sum);
  const above = $.gtS(sum, comparand);
  $.when(high ? above : $.isZero(above), () => $.branchTo(target));
}

function branchOnIndex64($: Sem, f: { r1: Field; r3: Field }, high: boolean, target: I64): void {
  const comparand = $.grAt(comparandIndex($, f.r3));
  const sum = $.add($.gr(f.r1), $.gr(f.r3));
  $.setGr(f.r1, sum);
  const above = $.gtS(sum, comparand);
  $.when(high ? above : $.isZero(above), () => $.branchTo(target));
}

// The bits of R1's last byte modify the target, unless R1 is register 0.
function execute($: Sem, r1: Field, target: I64): void {
  const modifier = $.select($.ne($.field(r1), 0), $.grByte(r1), 0);
  $.dispatch($.call(executeTarget, ...$.words(target), modifier));
}

/** Branches, and the instructions that do another one. */
export const branchRows: readonly Row[] = [
  insn('BCR', { op: 0x07, fmt: 'RR_m', title: 'BRANCH ON CONDITION', facility: 'zarch' }, ($, f) => {
    $.when($.and($.ccIn($.field(f.m1)), $.ne($.field(f.r2), 0)), () => $.branchTo($.wrapAddress($.gr(f.r2))));
  }),
  insn('BC', { op: 0x47, fmt: 'RX_b', title: 'BRANCH ON CONDITION', facility: 'zarch' }, ($, f) =>
    branchOnCondition($, $.field(f.m1), () => $.address2(f).at),
  ),
  insn('BRC', { op: 0xa74, fmt: 'RI_c', title: 'BRANCH RELATIVE ON CONDITION', facility: 'zarch' }, ($, f) =>
    branchOnCondition($, $.field(f.m1), () => $.relative(f.ri2)),
  ),
  insn('BRCL', { op: 0xc04, fmt: 'RIL_c', title: 'BRANCH RELATIVE ON CONDITION LONG', facility: 'zarch' }, ($, f) =>
    branchOnCondition($, $.field(f.m1), () => $.relative(f.ri2)),
  ),
  // The doubleword is looked at when the branch is taken only, which the manual permits.
  insn(
    'BIC',
    { op: 0xe347, fmt: 'RXY_b', title: 'BRANCH INDIRECT ON CONDITION', facility: 'miscellaneous-extensions-2' },
    ($, f) => branchOnCondition($, $.field(f.m1), () => $.wrapAddress($.fetch64($.address2(f)))),
  ),
  insn('BASR', { op: 0x0d, fmt: 'RR', title: 'BRANCH AND SAVE', facility: 'zarch' }, ($, f) => {
    const target = $.wrapAddress($.gr(f.r2));
    setLink($, f.r1);
    $.when($.ne($.field(f.r2), 0), () => $.branchTo(target));
  }),
  insn('BAS', { op: 0x4d, fmt: 'RX_a', title: 'BRANCH AND SAVE', facility: 'zarch' }, ($, f) => {
    const target = $.address2(f).at;
    setLink($, f.r1);
    $.branchTo(target);
  }),
  insn('BRAS', { op: 0xa75, fmt: 'RI_b', title: 'BRANCH RELATIVE AND SAVE', facility: 'zarch' }, ($, f) => {
    setLink($, f.r1);
    $.branchTo($.relative(f.ri2));
  }),
  insn('BRASL', { op: 0xc05, fmt: 'RIL_b', title: 'BRANCH RELATIVE AND SAVE LONG', facility: 'zarch' }, ($, f) => {
    setLink($, f.r1);
    $.branchTo($.relative(f.ri2));
  }),
  insn('BCTR', { op: 0x06, fmt: 'RR', title: 'BRANCH ON COUNT (32)', facility: 'zarch' }, ($, f) =>
    branchOnCount32($, f.r1, $.wrapAddress($.gr(f.r2)), $.ne($.field(f.r2), 0)),
  ),
  insn('BCTGR', { op: 0xb946, fmt: 'RRE', title: 'BRANCH ON COUNT (64)', facility: 'zarch' }, ($, f) =>
    branchOnCount64($, f.r1, $.wrapAddress($.gr(f.r2)), $.ne($.field(f.r2), 0)),
  ),
  insn('BCT', { op: 0x46, fmt: 'RX_a', title: 'BRANCH ON COUNT (32)', facility: 'zarch' }, ($, f) =>
    branchOnCount32($, f.r1, $.address2(f).at),
  ),
  insn('BCTG', { op: 0xe346, fmt: 'RXY_a', title: 'BRANCH ON COUNT (64)', facility: 'zarch' }, ($, f) =>
    branchOnCount64($, f.r1, $.address2(f).at),
  ),
  insn('BRCT', { op: 0xa76, fmt: 'RI_b', title: 'BRANCH RELATIVE ON COUNT (32)', facility: 'zarch' }, ($, f) =>
    branchOnCount32($, f.r1, $.relative(f.ri2)),
  ),
  insn('BRCTG', { op: 0xa77, fmt: 'RI_b', title: 'BRANCH RELATIVE ON COUNT (64)', facility: 'zarch' }, ($, f) =>
    branchOnCount64($, f.r1, $.relative(f.ri2)),
  ),
  insn(
    'BRCTH',
    { op: 0xcc6, fmt: 'RIL_b', title: 'BRANCH RELATIVE ON COUNT HIGH', facility: 'zenterprise-196' },
    ($, f) => {
      const count = $.sub($.grHigh(f.r1), 1);
      $.setGrHigh(f.r1, count);
      $.when($.ne(count, 0), () => $.branchTo($.relative(f.ri2)));
    },
  ),
  insn('BXH', { op: 0x86, fmt: 'RS_a', title: 'BRANCH ON INDEX HIGH (32)', facility: 'zarch' }, ($, f) =>
    branchOnIndex32($, f, true, $.address2(f).at),
  ),
  insn('BXLE', { op: 0x87, fmt: 'RS_a', title: 'BRANCH ON INDEX LOW OR EQUAL (32)', facility: 'zarch' }, ($, f) =>
    branchOnIndex32($, f, false, $.address2(f).at),
  ),
  insn('BXHG', { op: 0xeb44, fmt: 'RSY_a', title: 'BRANCH ON INDEX HIGH (64)', facility: 'zarch' }, ($, f) =>
    branchOnIndex64($, f, true, $.address2(f).at),
  ),
  insn('BXLEG', { op: 0xeb45, fmt: 'RSY_a', title: 'BRANCH ON INDEX LOW OR EQUAL (64)', facility: 'zarch' }, ($, f) =>
    branchOnIndex64($, f, false, $.address2(f).at),
  ),
  insn('BRXH', { op: 0x84, fmt: 'RSI', title: 'BRANCH RELATIVE ON INDEX HIGH (32)', facility: 'zarch' }, ($, f) =>
    branchOnIndex32($, f, true, $.relative(f.ri2)),
  ),
  insn(
    'BRXLE',
    { op: 0x85, fmt: 'RSI', title: 'BRANCH RELATIVE ON INDEX LOW OR EQUAL (32)', facility: 'zarch' },
    ($, f) => branchOnIndex32($, f, false, $.relative(f.ri2)),
  ),
  insn('BRXHG', { op: 0xec44, fmt: 'RIE_e', title: 'BRANCH RELATIVE ON INDEX HIGH (64)', facility: 'zarch' }, ($, f) =>
    branchOnIndex64($, f, true, $.relative(f.ri2)),
  ),
  insn(
    'BRXLG',
    { op: 0xec45, fmt: 'RIE_e', title: 'BRANCH RELATIVE ON INDEX LOW OR EQUAL (64)', facility: 'zarch' },
    ($, f) => branchOnIndex64($, f, false, $.relative(f.ri2)),
  ),
  insn('EX', { op: 0x44, fmt: 'RX_a', title: 'EXECUTE', facility: 'zarch' }, ($, f) => {
    execute($, f.r1, $.address2(f).at);
  }),
  insn('EXRL', { op: 0xc60, fmt: 'RIL_b', title: 'EXECUTE RELATIVE LONG', facility: 'execute-extensions' }, ($, f) => {
    execute($, f.r1, $.relative(f.ri2));
  }),
];
