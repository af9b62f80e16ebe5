import type { Row } from '../row.ts';
import { authenticatedRows } from './authenticated.ts';
import { computationRows } from './computation.ts';
import { digestRows } from './digest.ts';
import { messageRows } from './message.ts';
import { randomRows } from './random.ts';
import { signatureRows } from './signature.ts';

/** The message-security assist. */
export const cryptoRows: readonly Row[] = [
  ...messageRows,
  ...digestRows,
  ...computationRows,
  ...randomRows,
  ...authenticatedRows,
  ...signatureRows,
];
