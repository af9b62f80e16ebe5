/** PoP, "General Instructions": instructions that only tell the machine what will come; this one does not listen. */

import { insn, type Row } from '../row.ts';

const nothing = (): void => undefined;
const ec12 = 'zenterprise-ec12';
const gie = 'general-instructions-extension';

/** Prefetches and branch predictions: no operation, and no exception from the operands they name. */
export const hintRows: readonly Row[] = [
  insn(
    'BPP',
    { op: 0xc7, fmt: 'SMI', title: 'BRANCH PREDICTION PRELOAD', facility: ec12, ignores: ['m1', 'b3', 'd3', 'i2'] },
    nothing,
  ),
  insn(
    'BPRP',
    {
      op: 0xc5,
      fmt: 'MII',
      title: 'BRANCH PREDICTION RELATIVE PRELOAD',
      facility: ec12,
      ignores: ['m1', 'i2', 'i3'],
    },
    nothing,
  ),
  insn(
    'NIAI',
    { op: 0xb2fa, fmt: 'IE', title: 'NEXT INSTRUCTION ACCESS INTENT', facility: ec12, ignores: ['i1', 'i2'] },
    nothing,
  ),
  insn(
    'PPA',
    {
      op: 0xb2e8,
      fmt: 'RRF_c',
      title: 'PERFORM PROCESSOR ASSIST',
      facility: ec12,
      // What it helps with is the next attempt of a transaction.
      ignores: ['r1', 'r2', 'm3', 'm4'],
    },
    nothing,
  ),
  insn(
    'PFD',
    { op: 0xe336, fmt: 'RXY_b', title: 'PREFETCH DATA', facility: gie, ignores: ['m1', 'x2', 'b2', 'd2'] },
    nothing,
  ),
  insn(
    'PFDRL',
    { op: 0xc62, fmt: 'RIL_c', title: 'PREFETCH DATA RELATIVE LONG', facility: gie, ignores: ['m1', 'ri2'] },
    nothing,
  ),
];
