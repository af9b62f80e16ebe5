/**
 * Instructions of the PCI functions, which this machine does not have: a hypervisor answers them. A guest's guest may have
 * such functions from its host, which need not have any itself.
 */

import { insn, type Row } from '../row.ts';
import { intercept } from './interception.ts';

const register = ['r1', 'r2'] as const;
const storage = ['r1', 'b2', 'd2'] as const;

/** By name, all of them intercepted. */
export const pciRows: readonly Row[] = [
  insn(
    'CLP',
    { op: 0xb9a0, fmt: 'RRE', title: 'CALL LOGICAL PROCESSOR', facility: 'zarch', ignores: register },
    intercept,
  ),
  insn('PCISTG', { op: 0xb9d0, fmt: 'RRE', title: 'PCI STORE', facility: 'zarch', ignores: register }, intercept),
  insn('PCILG', { op: 0xb9d2, fmt: 'RRE', title: 'PCI LOAD', facility: 'zarch', ignores: register }, intercept),
  insn(
    'RPCIT',
    { op: 0xb9d3, fmt: 'RRE', title: 'REFRESH PCI TRANSLATIONS', facility: 'zarch', ignores: register },
    intercept,
  ),
  insn(
    'MPCIFC',
    {
      op: 0xe3d0,
      fmt: 'RXY_a',
      title: 'MODIFY PCI FUNCTION CONTROLS',
      facility: 'zarch',
      ignores: [...storage, 'x2'],
    },
    intercept,
  ),
  insn(
    'STPCIFC',
    { op: 0xe3d4, fmt: 'RXY_a', title: 'STORE PCI FUNCTION CONTROLS', facility: 'zarch', ignores: [...storage, 'x2'] },
    intercept,
  ),
  insn(
    'PCISTB',
    { op: 0xebd0, fmt: 'RSY_a', title: 'PCI STORE BLOCK', facility: 'zarch', ignores: [...storage, 'r3'] },
    intercept,
  ),
  insn(
    'SIC',
    { op: 0xebd1, fmt: 'RSY_a', title: 'SET INTERRUPTION CONTROLS', facility: 'zarch', ignores: [...storage, 'r3'] },
    intercept,
  ),
];
