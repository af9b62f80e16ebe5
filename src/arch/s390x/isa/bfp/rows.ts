import type { Row } from '../row.ts';
import { addRows } from './add.ts';
import { compareRows } from './compare.ts';
import { floatingPointControlRows } from './control.ts';
import { convertRows } from './convert.ts';
import { divideRows } from './divide.ts';
import { fromIntegerRows } from './from-integer.ts';
import { floatingPointLoadRows } from './load-store.ts';
import { multiplyRows } from './multiply.ts';
import { multiplyAddRows } from './multiply-add.ts';
import { signRowsOfBfp } from './sign.ts';
import { toIntegerRows } from './to-integer.ts';

/** PoP, "Floating-Point Support Instructions" and "Binary-Floating-Point Instructions". */
export const bfpRows: readonly Row[] = [
  ...floatingPointLoadRows,
  ...floatingPointControlRows,
  ...signRowsOfBfp,
  ...addRows,
  ...multiplyRows,
  ...divideRows,
  ...multiplyAddRows,
  ...compareRows,
  ...convertRows,
  ...fromIntegerRows,
  ...toIntegerRows,
];
