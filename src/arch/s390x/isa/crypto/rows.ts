import { insn, type Row } from '../row.ts';
import { computationRows } from './computation.ts';
import { digestRows } from './digest.ts';
import { messageRows } from './message.ts';
import { randomRows } from './random.ts';

/** Known by name only. */
const namedCryptoRows: readonly Row[] = [
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

/** The message-security assist. */
export const cryptoRows: readonly Row[] = [
  ...messageRows,
  ...digestRows,
  ...computationRows,
  ...randomRows,
  ...namedCryptoRows,
];
