import type { Row } from '../row.ts';
import { dfpArithmeticRows } from './arithmetic.ts';
import { dfpCompareRows } from './compare.ts';
import { dfpConvertRows } from './convert.ts';
import { dfpPackedRows } from './packed.ts';
import { performOperationRow } from './perform-operation.ts';
import { dfpSignificandRows } from './significand.ts';
import { dfpStorageRows } from './storage.ts';

/** PoP, "Decimal-Floating-Point Instructions" and PERFORM FLOATING-POINT OPERATION. */
export const dfpRows: readonly Row[] = [
  ...dfpArithmeticRows,
  ...dfpCompareRows,
  ...dfpConvertRows,
  ...dfpSignificandRows,
  ...dfpPackedRows,
  ...dfpStorageRows,
  performOperationRow,
];
