/** PoP, "Binary-Floating-Point Instructions": ADD and SUBTRACT. */

import { asF32, asF64, isBelowInfinity } from '../../../../ir/floating.ts';
import { add, subtract } from '../../../../soft-float/arithmetic.ts';
import { extended, long, short } from '../../../../soft-float/format.ts';
import type { BoundHelper } from '../helper.ts';
import type { Row } from '../row.ts';
import { extendedIn, extendedSum, setExtendedPair } from './extended.ts';
import { fastOr, sumIsExact } from './fast.ts';
import { binary, binaryPair } from './helpers.ts';
import { signCc } from './operand.ts';
import {
  type LongSemantics,
  longIn,
  longRows,
  type PairSemantics,
  pairRow,
  type ShortSemantics,
  setLong,
  setShort,
  shortIn,
  shortRows,
} from './source.ts';

type Exact = BoundHelper<readonly ['i32', 'i64'], undefined>;

function onShort(minus: boolean, exactly: Exact): ShortSemantics {
  return ($, r1, second) => {
    const a = shortIn($, r1);
    const operand = asF32($, second);
    const b = minus ? $.un('neg', operand) : operand;
    const sum = $.add(a, b);
    fastOr($, {
      safe: isBelowInfinity($, sum),
      exact: () => sumIsExact($, a, b, sum),
      place: () => {
        setShort($, r1, sum);
        $.setCc(signCc($, sum));
      },
      slow: () => $.callVoid(exactly, $.field(r1), $.zext(second)),
    });
  };
}

function onLong(minus: boolean, exactly: Exact): LongSemantics {
  return ($, r1, second) => {
    const a = longIn($, r1);
    const operand = asF64($, second);
    const b = minus ? $.un('neg', operand) : operand;
    const sum = $.add(a, b);
    fastOr($, {
      safe: isBelowInfinity($, sum),
      exact: () => sumIsExact($, a, b, sum),
      place: () => {
        setLong($, r1, sum);
        $.setCc(signCc($, sum));
      },
      slow: () => $.callVoid(exactly, $.field(r1), second),
    });
  };
}

function onExtended(minus: boolean, exactly: BoundHelper<readonly ['i32', 'i32'], undefined>): PairSemantics {
  return ($, r1, r2) => {
    const second = extendedIn($, r2);
    const b = minus ? { high: $.xor(second.high, -(1n << 63n)), low: second.low } : second;
    const sum = extendedSum($, extendedIn($, r1), b);
    fastOr($, {
      safe: sum.safe,
      exact: () => $.isZero(sum.inexact),
      place: () => {
        setExtendedPair($, r1, sum.value);
        $.setCc(sum.cc);
      },
      slow: () => $.callVoid(exactly, $.field(r1), $.field(r2)),
    });
  };
}

const addShort = binary({ name: 'addShort', from: short, setsCc: true }, (env, a, b) => add(short, env, a, b));
const addLong = binary({ name: 'addLong', from: long, setsCc: true }, (env, a, b) => add(long, env, a, b));
const addExtended = binaryPair({ name: 'addExtended', from: extended, setsCc: true }, (env, a, b) =>
  add(extended, env, a, b),
);
const subtractShort = binary({ name: 'subtractShort', from: short, setsCc: true }, (env, a, b) =>
  subtract(short, env, a, b),
);
const subtractLong = binary({ name: 'subtractLong', from: long, setsCc: true }, (env, a, b) =>
  subtract(long, env, a, b),
);
const subtractExtended = binaryPair({ name: 'subtractExtended', from: extended, setsCc: true }, (env, a, b) =>
  subtract(extended, env, a, b),
);

/** ADD and SUBTRACT of all formats. */
export const addRows: readonly Row[] = [
  ...shortRows(
    { register: ['AEBR', 0xb30a], storage: ['AEB', 0xed0a], title: 'ADD (short BFP)' },
    onShort(false, addShort),
  ),
  ...longRows(
    { register: ['ADBR', 0xb31a], storage: ['ADB', 0xed1a], title: 'ADD (long BFP)' },
    onLong(false, addLong),
  ),
  pairRow('AXBR', 0xb34a, 'ADD (extended BFP)', onExtended(false, addExtended)),
  ...shortRows(
    { register: ['SEBR', 0xb30b], storage: ['SEB', 0xed0b], title: 'SUBTRACT (short BFP)' },
    onShort(true, subtractShort),
  ),
  ...longRows(
    { register: ['SDBR', 0xb31b], storage: ['SDB', 0xed1b], title: 'SUBTRACT (long BFP)' },
    onLong(true, subtractLong),
  ),
  pairRow('SXBR', 0xb34b, 'SUBTRACT (extended BFP)', onExtended(true, subtractExtended)),
];
