import { controlRows } from './control/rows.ts';
import { generalRows } from './general/rows.ts';
import type { Row } from './row.ts';
import { storageRows } from './storage/rows.ts';

/** Every instruction, in the manual's chapters. */
export const instructionTable: readonly Row[] = [...generalRows, ...storageRows, ...controlRows];
