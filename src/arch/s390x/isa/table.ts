import { branchRows } from './general/branch.ts';
import { loadRows } from './general/load.ts';
import type { Row } from './row.ts';

/** Every instruction, in the manual's chapters. */
export const instructionTable: readonly Row[] = [...branchRows, ...loadRows];
