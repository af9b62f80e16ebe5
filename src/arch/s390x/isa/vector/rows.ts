import type { Row } from '../row.ts';
import { vectorDecimalRows } from './decimal.ts';
import { vectorDecimalConvertRows } from './decimal-convert.ts';
import { vectorDecimalHfpRows } from './decimal-hfp.ts';
import { divideRows } from './divide.ts';
import { evaluateRows } from './evaluate.ts';
import { floatRows } from './float.ts';
import { floatCompareRows } from './float-compare.ts';
import { floatConvertRows } from './float-convert.ts';
import { generateRows } from './generate.ts';
import { integerRows } from './integer.ts';
import { loadStoreRows } from './load-store.ts';
import { multiplyRows } from './multiply.ts';
import { permuteRows } from './permute.ts';
import { reversedRows } from './reversed.ts';
import { shiftRows } from './shift.ts';
import { stringRows } from './string.ts';

/** PoP, the vector chapters: support, integer, string, floating-point and decimal instructions. */
export const vectorRows: readonly Row[] = [
  ...loadStoreRows,
  ...reversedRows,
  ...generateRows,
  ...permuteRows,
  ...integerRows,
  ...shiftRows,
  ...multiplyRows,
  ...divideRows,
  ...evaluateRows,
  ...stringRows,
  ...floatRows,
  ...floatCompareRows,
  ...floatConvertRows,
  ...vectorDecimalRows,
  ...vectorDecimalConvertRows,
  ...vectorDecimalHfpRows,
];
