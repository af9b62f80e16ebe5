import type { Row } from '../row.ts';
import { accessRegisterRows } from './access-register.ts';
import { addLogicalRows, addRows } from './add.ts';
import { addStorageRows } from './add-storage.ts';
import { compareRows } from './compare.ts';
import { compareBranchRows } from './compare-branch.ts';
import { compareLogicalRows } from './compare-logical.ts';
import { conditionalRows } from './conditional.ts';
import { highWordRows } from './high-word.ts';
import { insertRows } from './insert.ts';
import { loadRows } from './load.ts';
import { loadAddressRows } from './load-address.ts';
import { immediateRows, loadLogicalRows } from './load-logical.ts';
import { loadSignRows, reversedRows } from './load-sign.ts';
import { multipleRows } from './multiple.ts';
import { storeRows } from './store.ts';
import { subtractRows } from './subtract.ts';
import { compareTrapRows, loadTrapRows } from './trap.ts';

/** PoP, "General Instructions": fixed-point loads, stores, additions, subtractions and comparisons. */
export const fixedPointRows: readonly Row[] = [
  ...loadRows,
  ...loadLogicalRows,
  ...immediateRows,
  ...loadAddressRows,
  ...loadSignRows,
  ...reversedRows,
  ...accessRegisterRows,
  ...insertRows,
  ...storeRows,
  ...multipleRows,
  ...addRows,
  ...addLogicalRows,
  ...addStorageRows,
  ...subtractRows,
  ...compareRows,
  ...compareLogicalRows,
  ...compareBranchRows,
  ...compareTrapRows,
  ...loadTrapRows,
  ...conditionalRows,
  ...highWordRows,
];
