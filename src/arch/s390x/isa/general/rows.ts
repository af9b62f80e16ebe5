import type { Row } from '../row.ts';
import { addressingModeRows } from './addressing-mode.ts';
import { bitCountRows } from './bit-count.ts';
import { bitDepositRows } from './bit-deposit.ts';
import { branchRows } from './branch.ts';
import { clockRows } from './clock.ts';
import { compareAndSwapRows } from './compare-and-swap.ts';
import { convertRows } from './convert.ts';
import { divideRows } from './divide.ts';
import { fixedPointRows } from './fixed-point.ts';
import { guardedStorageRows } from './guarded-storage.ts';
import { hintRows } from './hint.ts';
import { lockedOperationRows } from './locked-operation.ts';
import { logicalRows } from './logical.ts';
import { logicalComplementRows } from './logical-complement.ts';
import { machineFactRows } from './machine-facts.ts';
import { multiplyRows, multiplySingleRows } from './multiply.ts';
import { rotateSelectedRows } from './rotate-selected.ts';
import { shiftRows } from './shift.ts';
import { supervisorCallRows } from './supervisor-call.ts';
import { testUnderMaskRows } from './test-under-mask.ts';
import { transactionRows } from './transaction.ts';

/** PoP, "General Instructions": all but those on strings of bytes in storage. */
export const generalRows: readonly Row[] = [
  ...addressingModeRows,
  ...bitCountRows,
  ...bitDepositRows,
  ...branchRows,
  ...clockRows,
  ...compareAndSwapRows,
  ...convertRows,
  ...divideRows,
  ...fixedPointRows,
  ...hintRows,
  ...guardedStorageRows,
  ...transactionRows,
  ...lockedOperationRows,
  ...logicalRows,
  ...logicalComplementRows,
  ...machineFactRows,
  ...multiplyRows,
  ...multiplySingleRows,
  ...rotateSelectedRows,
  ...shiftRows,
  ...supervisorCallRows,
  ...testUnderMaskRows,
];
