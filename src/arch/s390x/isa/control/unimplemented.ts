/** PoP, "Control Instructions": what no guest of ours uses yet. Known by name: the machine stops there. */

import { insn, type Row } from '../row.ts';

/** Program call, other address spaces. */
export const linkageRows: readonly Row[] = [
  insn('PC', { op: 0xb218, fmt: 'S', title: 'PROGRAM CALL', facility: 'zarch' }),
  insn('PT', { op: 0xb228, fmt: 'RRE', title: 'PROGRAM TRANSFER', facility: 'zarch' }),
  insn('PTI', { op: 0xb99e, fmt: 'RRE', title: 'PROGRAM TRANSFER WITH INSTANCE', facility: 'asn-and-lx-reuse' }),
  insn('BSA', { op: 0xb25a, fmt: 'RRE', title: 'BRANCH AND SET AUTHORITY', facility: 'zarch' }),
  insn('BSG', { op: 0xb258, fmt: 'RRE', title: 'BRANCH IN SUBSPACE GROUP', facility: 'zarch' }),
  insn('LASP', { op: 0xe500, fmt: 'SSE', title: 'LOAD ADDRESS SPACE PARAMETERS', facility: 'zarch' }),
  insn('RP', { op: 0xb277, fmt: 'S', title: 'RESUME PROGRAM', facility: 'zarch' }),
];
