import { insn, type Row } from '../row.ts';

/** Instructions on storage that are known by name only: compression. */
export const namedStorageRows: readonly Row[] = [
  insn('CMPSC', { op: 0xb263, fmt: 'RRE', title: 'COMPRESSION CALL', facility: 'zarch' }),
];
