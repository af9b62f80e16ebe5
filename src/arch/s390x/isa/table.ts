import { bfpRows } from './bfp/rows.ts';
import { controlRows } from './control/rows.ts';
import { cryptoRows } from './crypto/rows.ts';
import { decimalRows } from './decimal/rows.ts';
import { dfpRows } from './dfp/rows.ts';
import { generalRows } from './general/rows.ts';
import { hfpRows } from './hfp/rows.ts';
import type { Row } from './row.ts';
import { storageRows } from './storage/rows.ts';
import { vectorRows } from './vector/rows.ts';

/** Every instruction, in the manual's chapters. */
export const instructionTable: readonly Row[] = [
  ...generalRows,
  ...storageRows,
  ...cryptoRows,
  ...decimalRows,
  ...controlRows,
  ...bfpRows,
  ...hfpRows,
  ...dfpRows,
  ...vectorRows,
];
