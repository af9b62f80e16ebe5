/** PoP, "Binary-Floating-Point Instructions": DIVIDE and SQUARE ROOT. */

import { asF32, asF64, isBelowInfinity, isWellNormal, isZero, promoted } from '../../../../ir/floating.ts';
import { divide, squareRoot } from '../../../../soft-float/arithmetic.ts';
import { extended, long, short } from '../../../../soft-float/format.ts';
import type { Row } from '../row.ts';
import { fastOr, productFits } from './fast.ts';
import { binary, binaryPair, unary, unaryPair } from './helpers.ts';
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

const divideShort = binary({ name: 'divideShort', from: short }, (env, a, b) => divide(short, env, a, b));
const divideLong = binary({ name: 'divideLong', from: long }, (env, a, b) => divide(long, env, a, b));
const divideExtended = binaryPair({ name: 'divideExtended', from: extended }, (env, a, b) =>
  divide(extended, env, a, b),
);
const rootShort = unary({ name: 'squareRootShort', from: short }, (env, a) => squareRoot(short, env, a));
const rootLong = unary({ name: 'squareRootLong', from: long }, (env, a) => squareRoot(long, env, a));
const rootExtended = unaryPair({ name: 'squareRootExtended', from: extended }, (env, a) =>
  squareRoot(extended, env, a),
);

const shortByShort: ShortSemantics = ($, r1, second) => {
  const a = shortIn($, r1);
  const b = asF32($, second);
  const q = $.bin('div', a, b);
  fastOr($, {
    safe: $.or(isWellNormal($, q), $.and(isZero($, a), isZero($, q))),
    exact: () => $.eq($.mul(promoted($, q), promoted($, b)), promoted($, a)),
    place: () => setShort($, r1, q),
    slow: () => $.callVoid(divideShort, $.field(r1), $.zext(second)),
  });
};

const longByLong: LongSemantics = ($, r1, second) => {
  const a = longIn($, r1);
  const b = asF64($, second);
  const q = $.bin('div', a, b);
  fastOr($, {
    safe: $.or(isWellNormal($, q), $.and(isZero($, a), isZero($, q))),
    exact: () => $.or($.and(productFits($, q, b), $.eq($.mul(q, b), a)), isZero($, a)),
    place: () => setLong($, r1, q),
    slow: () => $.callVoid(divideLong, $.field(r1), second),
  });
};

// A root is never subnormal; those of negative numbers are NaNs and take the exact path.
const rootOfShort: ShortSemantics = ($, r1, second) => {
  const a = asF32($, second);
  const root = $.un('sqrt', a);
  fastOr($, {
    safe: isBelowInfinity($, root),
    exact: () => $.eq($.mul(promoted($, root), promoted($, root)), promoted($, a)),
    place: () => setShort($, r1, root),
    slow: () => $.callVoid(rootShort, $.field(r1), $.zext(second)),
  });
};

const rootOfLong: LongSemantics = ($, r1, second) => {
  const a = asF64($, second);
  const root = $.un('sqrt', a);
  fastOr($, {
    safe: isBelowInfinity($, root),
    exact: () => $.and(productFits($, root, root), $.eq($.mul(root, root), a)),
    place: () => setLong($, r1, root),
    slow: () => $.callVoid(rootLong, $.field(r1), second),
  });
};

/** DIVIDE and SQUARE ROOT of all formats. */
export const divideRows: readonly Row[] = [
  ...shortRows({ register: ['DEBR', 0xb30d], storage: ['DEB', 0xed0d], title: 'DIVIDE (short BFP)' }, shortByShort),
  ...longRows({ register: ['DDBR', 0xb31d], storage: ['DDB', 0xed1d], title: 'DIVIDE (long BFP)' }, longByLong),
  pairRow('DXBR', 0xb34d, 'DIVIDE (extended BFP)', ($, r1, r2) => $.callVoid(divideExtended, $.field(r1), $.field(r2))),
  ...shortRows(
    { register: ['SQEBR', 0xb314], storage: ['SQEB', 0xed14], title: 'SQUARE ROOT (short BFP)' },
    rootOfShort,
  ),
  ...longRows({ register: ['SQDBR', 0xb315], storage: ['SQDB', 0xed15], title: 'SQUARE ROOT (long BFP)' }, rootOfLong),
  pairRow('SQXBR', 0xb316, 'SQUARE ROOT (extended BFP)', ($, r1, r2) =>
    $.callVoid(rootExtended, $.field(r1), $.field(r2)),
  ),
];
