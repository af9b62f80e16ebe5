import type { Row } from '../row.ts';
import { bitCountRows } from './bit-count.ts';
import { branchRows } from './branch.ts';
import { clockRows } from './clock.ts';
import { compareAndSwapRows } from './compare-and-swap.ts';
import { divideRows } from './divide.ts';
import { fixedPointRows } from './fixed-point.ts';
import { logicalRows } from './logical.ts';
import { multiplyRows, multiplySingleRows } from './multiply.ts';
import { rotateSelectedRows } from './rotate-selected.ts';
import { shiftRows } from './shift.ts';
import { supervisorCallRows } from './supervisor-call.ts';
import { testUnderMaskRows } from './test-under-mask.ts';

/** PoP, "General Instructions": all but those on strings of bytes in storage. */
export const generalRows: readonly Row[] = [
  ...bitCountRows,
  ...branchRows,
  ...clockRows,
  ...compareAndSwapRows,
  ...divideRows,
  ...fixedPointRows,
  ...logicalRows,
  ...multiplyRows,
  ...multiplySingleRows,
  ...rotateSelectedRows,
  ...shiftRows,
  ...supervisorCallRows,
  ...testUnderMaskRows,
];
