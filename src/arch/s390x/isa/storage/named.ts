import { insn, type Row } from '../row.ts';

/** Instructions on storage that are known by name only: sorting and compression. */
export const namedStorageRows: readonly Row[] = [
  insn('UPT', { op: 0x0102, fmt: 'E', title: 'UPDATE TREE', facility: 'zarch' }),
  insn('CFC', { op: 0xb21a, fmt: 'S', title: 'COMPARE AND FORM CODEWORD', facility: 'zarch' }),
  insn('CMPSC', { op: 0xb263, fmt: 'RRE', title: 'COMPRESSION CALL', facility: 'zarch' }),
];
