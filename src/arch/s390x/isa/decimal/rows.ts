import type { Row } from '../row.ts';

/** Decimal instructions. */
export const decimalRows: readonly Row[] = [];
