import type { Row } from '../row.ts';
import { logicalCharacterRows } from './logical.ts';
import { moveRows } from './move.ts';

/** Storage-to-storage instructions, strings and translations. */
export const storageRows: readonly Row[] = [...moveRows, ...logicalCharacterRows];
