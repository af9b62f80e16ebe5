/** PoP, "General Instructions": FIND LEFTMOST ONE, POPULATION COUNT, COUNT LEADING ZEROS and COUNT TRAILING ZEROS. */

import type { I64 } from '../../../../ir/node.ts';
import { hasFacility } from '../form.ts';
import { insn, type Row } from '../row.ts';

/** Instructions that count bits. */
export const bitCountRows: readonly Row[] = [
  insn('FLOGR', { op: 0xb983, fmt: 'RRE', title: 'FIND LEFTMOST ONE', facility: 'extended-immediate' }, ($, f) => {
    $.requireEven(f.r1);
    const source = $.gr(f.r2);
    const zeros = $.clz(source);
    const leftmost = $.shrU($.i64(1n << 63n), zeros);
    $.setGr(f.r1, zeros);
    $.setGr(f.r1, $.and(source, $.not(leftmost)), 1);
    $.setCc($.shl($.ne(source, 0), 1));
  }),
  // Bit 0 of M3 asks for one count of all bits instead of a count in every byte; machines before the z15 do not look at it.
  insn(
    'POPCNT',
    { op: 0xb9e1, fmt: 'RRF_c', title: 'POPULATION COUNT', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => {
      const source = $.gr(f.r2);
      const ofBytes = $.un('i8x16.popcnt', $.conv('v128', 'i64x2.splat', source));
      const inBytes = $.lane('i64', 'i64x2.extract_lane', 0, ofBytes);
      const set = (counts: I64): void => {
        $.setGr(f.r1, counts);
        $.setCc($.ne(counts, 0));
      };
      $.when(
        $.and($.field(f.m3), 8),
        () => set($.select(hasFacility($, 'miscellaneous-extensions-3'), $.popcnt(source), inBytes)),
        () => set(inBytes),
      );
    },
  ),
  insn(
    'CLZG',
    { op: 0xb968, fmt: 'RRE', title: 'COUNT LEADING ZEROS', facility: 'miscellaneous-extensions-4' },
    ($, f) => $.setGr(f.r1, $.clz($.gr(f.r2))),
  ),
  insn(
    'CTZG',
    { op: 0xb969, fmt: 'RRE', title: 'COUNT TRAILING ZEROS', facility: 'miscellaneous-extensions-4' },
    ($, f) => {
      const source = $.gr(f.r2);
      $.setGr(f.r1, $.popcnt($.and($.sub(source, 1), $.not(source))));
    },
  ),
];
