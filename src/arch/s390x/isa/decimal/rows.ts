import type { Row } from '../row.ts';
import { decimalArithmeticRows } from './arithmetic.ts';
import { editRows } from './edit.ts';

/** Decimal instructions. */
export const decimalRows: readonly Row[] = [...decimalArithmeticRows, ...editRows];
