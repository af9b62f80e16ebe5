import type { Row } from '../row.ts';
import { hfpBinaryRows } from './binary.ts';
import { hfpConvertRows } from './convert.ts';
import { lengthenRows } from './lengthen.ts';
import { hfpMultiplyAddRows } from './multiply-add.ts';
import { hfpUnaryRows } from './unary.ts';

/** PoP, "Hexadecimal-Floating-Point Instructions". */
export const hfpRows: readonly Row[] = [
  ...hfpBinaryRows,
  ...hfpUnaryRows,
  ...hfpConvertRows,
  ...hfpMultiplyAddRows,
  ...lengthenRows,
];
