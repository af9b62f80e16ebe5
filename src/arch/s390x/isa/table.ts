import { branchRows } from './general/branch.ts';
import { fixedPointRows } from './general/fixed-point.ts';
import type { Row } from './row.ts';
import { storageRows } from './storage/rows.ts';

/** Every instruction, in the manual's chapters. */
export const instructionTable: readonly Row[] = [...branchRows, ...fixedPointRows, ...storageRows];
