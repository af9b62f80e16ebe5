import { insn, type Row } from '../row.ts';

/** Instructions on storage that are known by name only: sorting, compression and the message-security assist. */
export const namedStorageRows: readonly Row[] = [
  insn('UPT', { op: 0x0102, fmt: 'E', title: 'UPDATE TREE', facility: 'zarch' }),
  insn('CFC', { op: 0xb21a, fmt: 'S', title: 'COMPARE AND FORM CODEWORD', facility: 'zarch' }),
  insn('CMPSC', { op: 0xb263, fmt: 'RRE', title: 'COMPRESSION CALL', facility: 'zarch' }),
  insn('KMAC', {
    op: 0xb91e,
    fmt: 'RRE',
    title: 'COMPUTE MESSAGE AUTHENTICATION CODE',
    facility: 'message-security-assist',
  }),
  insn('KM', { op: 0xb92e, fmt: 'RRE', title: 'CIPHER MESSAGE', facility: 'message-security-assist' }),
  insn('KMC', { op: 0xb92f, fmt: 'RRE', title: 'CIPHER MESSAGE WITH CHAINING', facility: 'message-security-assist' }),
  insn('KIMD', {
    op: 0xb93e,
    fmt: 'RRE',
    title: 'COMPUTE INTERMEDIATE MESSAGE DIGEST',
    facility: 'message-security-assist',
  }),
  insn('KLMD', { op: 0xb93f, fmt: 'RRE', title: 'COMPUTE LAST MESSAGE DIGEST', facility: 'message-security-assist' }),
  insn('PCKMO', {
    op: 0xb928,
    fmt: 'RRE',
    title: 'PERFORM CRYPTOGRAPHIC KEY MANAGEMENT OPERATION',
    facility: 'message-security-assist-3',
  }),
  insn('KMF', {
    op: 0xb92a,
    fmt: 'RRE',
    title: 'CIPHER MESSAGE WITH CIPHER FEEDBACK',
    facility: 'message-security-assist-4',
  }),
  insn('KMO', {
    op: 0xb92b,
    fmt: 'RRE',
    title: 'CIPHER MESSAGE WITH OUTPUT FEEDBACK',
    facility: 'message-security-assist-4',
  }),
  insn('PCC', {
    op: 0xb92c,
    fmt: 'RRE',
    title: 'PERFORM CRYPTOGRAPHIC COMPUTATION',
    facility: 'message-security-assist-4',
  }),
  insn('KMCTR', {
    op: 0xb92d,
    fmt: 'RRF_b',
    title: 'CIPHER MESSAGE WITH COUNTER',
    facility: 'message-security-assist-4',
  }),
  insn('PRNO', {
    op: 0xb93c,
    fmt: 'RRE',
    title: 'PERFORM RANDOM NUMBER OPERATION',
    facility: 'message-security-assist-5',
  }),
  insn('KMA', {
    op: 0xb929,
    fmt: 'RRF_b',
    title: 'CIPHER MESSAGE WITH AUTHENTICATION',
    facility: 'message-security-assist-8',
  }),
  insn('KDSA', {
    op: 0xb93a,
    fmt: 'RRE',
    title: 'COMPUTE DIGITAL SIGNATURE AUTHENTICATION',
    facility: 'message-security-assist-9',
  }),
];
