/** Control and I/O instructions that the hypervisor always carries out. */

import type { Field } from '../../../../ir/field.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { intercept } from './interception.ts';

type StorageOperand = { readonly b2: Field; readonly d2: Field };

/** Privileged, with an operand on a multiple of some bytes. */
const aligned =
  (bytes: number) =>
  ($: Sem, f: StorageOperand): void => {
    $.privileged();
    $.requireAligned($.address2(f), bytes);
    intercept($);
  };

const privileged = ($: Sem): void => {
  $.privileged();
  intercept($);
};

/** What is known by name, but is not there: an operation exception, as on a machine without it. */
const absent = ($: Sem): void => {
  $.pgmIf($.i32(1), PGM.operation);
};

/** Control instructions with a hypervisor behind them. */
export const interceptedRows: readonly Row[] = [
  insn(
    'DIAG',
    { op: 0x83, fmt: 'RS_a', title: 'DIAGNOSE', facility: 'zarch', ignores: ['r1', 'r3', 'b2', 'd2'] },
    privileged,
  ),
  insn(
    'SIGP',
    { op: 0xae, fmt: 'RS_a', title: 'SIGNAL PROCESSOR', facility: 'zarch', ignores: ['r1', 'r3', 'b2', 'd2'] },
    privileged,
  ),
  insn(
    'SERVC',
    { op: 0xb220, fmt: 'RRE', title: 'SERVICE CALL', facility: 'zarch', ignores: ['r1', 'r2'] },
    privileged,
  ),
  insn('STIDP', { op: 0xb202, fmt: 'S', title: 'STORE CPU ID', facility: 'zarch' }, aligned(8)),
  insn('SCK', { op: 0xb204, fmt: 'S', title: 'SET CLOCK', facility: 'zarch' }, aligned(8)),
  insn('SPX', { op: 0xb210, fmt: 'S', title: 'SET PREFIX', facility: 'zarch' }, aligned(4)),
  insn('STPX', { op: 0xb211, fmt: 'S', title: 'STORE PREFIX', facility: 'zarch' }, aligned(4)),
  insn('STAP', { op: 0xb212, fmt: 'S', title: 'STORE CPU ADDRESS', facility: 'zarch' }, aligned(2)),
  insn(
    'STSI',
    { op: 0xb27d, fmt: 'S', title: 'STORE SYSTEM INFORMATION', facility: 'zarch', ignores: ['b2', 'd2'] },
    privileged,
  ),
  insn(
    'STFL',
    { op: 0xb2b1, fmt: 'S', title: 'STORE FACILITY LIST', facility: 'zarch', ignores: ['b2', 'd2'] },
    privileged,
  ),
  insn('TB', { op: 0xb22c, fmt: 'RRE', title: 'TEST BLOCK', facility: 'zarch', ignores: ['r1', 'r2'] }, privileged),
  insn(
    'PTF',
    { op: 0xb9a2, fmt: 'RRE', title: 'PERFORM TOPOLOGY FUNCTION', facility: 'topology', ignores: ['r1', 'r2'] },
    privileged,
  ),
  insn('SCKPF', { op: 0x0107, fmt: 'E', title: 'SET CLOCK PROGRAMMABLE FIELD', facility: 'zarch' }, ($) => {
    $.privileged();
    $.pgmIf($.shrU($.grLowN(0), 16), PGM.specification);
    intercept($);
  }),
  insn(
    'STHYI',
    {
      op: 0xb256,
      fmt: 'RRE',
      title: 'STORE HYPERVISOR INFORMATION',
      facility: 'hypervisor-information',
      ignores: ['r1', 'r2'],
    },
    intercept,
  ),
  insn(
    'PQAP',
    { op: 0xb2af, fmt: 'RRE', title: 'PROCESS ADJUNCT-PROCESSOR QUEUE', facility: 'zarch', ignores: ['r1', 'r2'] },
    absent,
  ),
  insn(
    'NQAP',
    { op: 0xb2ad, fmt: 'RRE', title: 'ENQUEUE TO ADJUNCT-PROCESSOR QUEUE', facility: 'zarch', ignores: ['r1', 'r2'] },
    absent,
  ),
  insn(
    'DQAP',
    { op: 0xb2ae, fmt: 'RRE', title: 'DEQUEUE FROM ADJUNCT-PROCESSOR QUEUE', facility: 'zarch', ignores: ['r1', 'r2'] },
    absent,
  ),
  // No machine of these generations has expanded storage.
  insn('PGIN', { op: 0xb22e, fmt: 'RRE', title: 'PAGE IN', facility: 'zarch', ignores: ['r1', 'r2'] }, absent),
  insn('PGOUT', { op: 0xb22f, fmt: 'RRE', title: 'PAGE OUT', facility: 'zarch', ignores: ['r1', 'r2'] }, absent),
];

/** I/O instructions. */
export const ioRows: readonly Row[] = [
  ...(
    [
      ['CSCH', 0xb230, 'CLEAR SUBCHANNEL'],
      ['HSCH', 0xb231, 'HALT SUBCHANNEL'],
      ['MSCH', 0xb232, 'MODIFY SUBCHANNEL'],
      ['SSCH', 0xb233, 'START SUBCHANNEL'],
      ['STSCH', 0xb234, 'STORE SUBCHANNEL'],
      ['TSCH', 0xb235, 'TEST SUBCHANNEL'],
      ['TPI', 0xb236, 'TEST PENDING INTERRUPTION'],
      ['SAL', 0xb237, 'SET ADDRESS LIMIT'],
      ['RSCH', 0xb238, 'RESUME SUBCHANNEL'],
      ['STCRW', 0xb239, 'STORE CHANNEL REPORT WORD'],
      ['STCPS', 0xb23a, 'STORE CHANNEL PATH STATUS'],
      ['RCHP', 0xb23b, 'RESET CHANNEL PATH'],
      ['SCHM', 0xb23c, 'SET CHANNEL MONITOR'],
      ['SIGA', 0xb274, 'SIGNAL ADAPTER'],
      ['XSCH', 0xb276, 'CANCEL SUBCHANNEL'],
    ] as const
  ).map(([mnemonic, op, title]) =>
    insn(mnemonic, { op, fmt: 'S', title, facility: 'zarch', ignores: ['b2', 'd2'] }, privileged),
  ),
  insn(
    'CHSC',
    { op: 0xb25f, fmt: 'RRE', title: 'CHANNEL SUBSYSTEM CALL', facility: 'zarch', ignores: ['r1', 'r2'] },
    privileged,
  ),
];
