import { named } from '../bfp/named.ts';
import type { Row } from '../row.ts';
import { dfpArithmeticRows } from './arithmetic.ts';
import { dfpCompareRows } from './compare.ts';
import { dfpConvertRows } from './convert.ts';
import { dfpPackedRows } from './packed.ts';
import { dfpSignificandRows } from './significand.ts';
import { dfpStorageRows } from './storage.ts';

/** PoP, "Decimal-Floating-Point Instructions", and PERFORM FLOATING-POINT OPERATION, which is known by name only. */
export const dfpRows: readonly Row[] = [
  ...dfpArithmeticRows,
  ...dfpCompareRows,
  ...dfpConvertRows,
  ...dfpSignificandRows,
  ...dfpPackedRows,
  ...dfpStorageRows,
  ...named('E', 'pfpo', [['PFPO', 0x010a, 'PERFORM FLOATING-POINT OPERATION']]),
];
