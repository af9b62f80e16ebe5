import type { Row } from '../row.ts';
import { addressSpaceRows } from './address-space.ts';
import { addressSpaceParameterRows } from './address-space-parameters.ts';
import { asnRows } from './asn.ts';
import { controlRegisterRows } from './control-registers.ts';
import { interceptedRows, ioRows } from './intercepted.ts';
import { interpretiveExecutionRows } from './interpretive-execution.ts';
import { linkageStackRows } from './linkage-stack.ts';
import { loadPswRows } from './load-psw.ts';
import { pciRows } from './pci.ts';
import { programCallRows } from './program-call.ts';
import { programReturnRows } from './program-return.ts';
import { programTransferRows } from './program-transfer.ts';
import { realStorageRows } from './real-storage.ts';
import { resumeProgramRows } from './resume-program.ts';
import { storageKeyRows } from './storage-keys.ts';
import { subspaceRows } from './subspace.ts';
import { systemMaskRows } from './system-mask.ts';
import { timerRows } from './timers.ts';
import { timingFacilityRows } from './timing-facility.ts';
import { tlbRows } from './tlb.ts';
import { trapRows } from './trap-program.ts';

/** PoP, "Control Instructions" and "I/O Instructions". */
export const controlRows: readonly Row[] = [
  ...loadPswRows,
  ...systemMaskRows,
  ...controlRegisterRows,
  ...addressSpaceRows,
  ...asnRows,
  ...timerRows,
  ...timingFacilityRows,
  ...realStorageRows,
  ...tlbRows,
  ...storageKeyRows,
  ...interceptedRows,
  ...interpretiveExecutionRows,
  ...ioRows,
  ...pciRows,
  ...linkageStackRows,
  ...programReturnRows,
  ...programCallRows,
  ...programTransferRows,
  ...addressSpaceParameterRows,
  ...subspaceRows,
  ...resumeProgramRows,
  ...trapRows,
];
