/** PoP, "Binary-Floating-Point Instructions": MULTIPLY. */

import { asF32, asF64, isBelowInfinity, isWellNormal, isZero, promoted } from '../../../../ir/floating.ts';
import { multiply } from '../../../../soft-float/arithmetic.ts';
import { extended, long, short } from '../../../../soft-float/format.ts';
import type { Row } from '../row.ts';
import { fastOr, productFits } from './fast.ts';
import { binary, binaryPair } from './helpers.ts';
import {
  type LongSemantics,
  longIn,
  longRows,
  pairRow,
  type ShortSemantics,
  setLong,
  setShort,
  shortIn,
  shortRows,
} from './source.ts';

const multiplyShort = binary({ name: 'multiplyShort', from: short }, (env, a, b) => multiply(short, env, a, b));
const multiplyLong = binary({ name: 'multiplyLong', from: long }, (env, a, b) => multiply(long, env, a, b));
const multiplyExtended = binaryPair({ name: 'multiplyExtended', from: extended }, (env, a, b) =>
  multiply(extended, env, a, b),
);
const multiplyShortToLong = binary({ name: 'multiplyShortToLong', from: short, to: long }, (env, a, b) =>
  multiply(short, env, a, b, long),
);
const multiplyLongToExtended = binary({ name: 'multiplyLongToExtended', from: long, to: extended }, (env, a, b) =>
  multiply(long, env, a, b, extended),
);

const shortByShort: ShortSemantics = ($, r1, second) => {
  const a = shortIn($, r1);
  const b = asF32($, second);
  const product = $.mul(a, b);
  fastOr($, {
    safe: $.or(isWellNormal($, product), $.and(isZero($, product), $.or(isZero($, a), isZero($, b)))),
    exact: () => $.eq($.mul(promoted($, a), promoted($, b)), promoted($, product)),
    place: () => setShort($, r1, product),
    slow: () => $.callVoid(multiplyShort, $.field(r1), $.zext(second)),
  });
};

const longByLong: LongSemantics = ($, r1, second) => {
  const a = longIn($, r1);
  const b = asF64($, second);
  const product = $.mul(a, b);
  const zero = $.or(isZero($, a), isZero($, b));
  fastOr($, {
    safe: $.or(isWellNormal($, product), $.and(isZero($, product), zero)),
    exact: () => $.or(productFits($, a, b), isZero($, product)),
    place: () => setLong($, r1, product),
    slow: () => $.callVoid(multiplyLong, $.field(r1), second),
  });
};

// Two short significands fit in a long one, and the exponents do as well: exact whatever the FPC says.
const shortToLong: ShortSemantics = ($, r1, second) => {
  const product = $.mul(promoted($, shortIn($, r1)), promoted($, asF32($, second)));
  $.when(
    isBelowInfinity($, product),
    () => setLong($, r1, product),
    () => $.callVoid(multiplyShortToLong, $.field(r1), $.zext(second)),
  );
};

/** MULTIPLY of all formats. */
export const multiplyRows: readonly Row[] = [
  ...shortRows({ register: ['MEEBR', 0xb317], storage: ['MEEB', 0xed17], title: 'MULTIPLY (short BFP)' }, shortByShort),
  ...longRows({ register: ['MDBR', 0xb31c], storage: ['MDB', 0xed1c], title: 'MULTIPLY (long BFP)' }, longByLong),
  pairRow('MXBR', 0xb34c, 'MULTIPLY (extended BFP)', ($, r1, r2) =>
    $.callVoid(multiplyExtended, $.field(r1), $.field(r2)),
  ),
  ...shortRows(
    { register: ['MDEBR', 0xb30c], storage: ['MDEB', 0xed0c], title: 'MULTIPLY (short to long BFP)' },
    shortToLong,
  ),
  ...longRows(
    {
      register: ['MXDBR', 0xb307],
      storage: ['MXDB', 0xed07],
      title: 'MULTIPLY (long to extended BFP)',
      intoPair: true,
    },
    ($, r1, second) => $.callVoid(multiplyLongToExtended, $.field(r1), second),
  ),
];
