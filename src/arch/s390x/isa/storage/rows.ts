import type { Row } from '../row.ts';
import { compareLongRows } from './compare-long.ts';
import { compressionRows } from './compression.ts';
import { convertUtfRows } from './convert-utf.ts';
import { logicalCharacterRows } from './logical.ts';
import { moveRows } from './move.ts';
import { moveLongRows } from './move-long.ts';
import { moveSpaceRows } from './move-space.ts';
import { packRows } from './pack.ts';
import { sortRows } from './sort.ts';
import { stringRows } from './string.ts';
import { translateRows } from './translate.ts';
import { translateExtendedRows } from './translate-extended.ts';

/** Storage-to-storage instructions, strings and translations. */
export const storageRows: readonly Row[] = [
  ...moveRows,
  ...logicalCharacterRows,
  ...moveLongRows,
  ...compareLongRows,
  ...stringRows,
  ...translateRows,
  ...packRows,
  ...translateExtendedRows,
  ...convertUtfRows,
  ...moveSpaceRows,
  ...compressionRows,
  ...sortRows,
];
