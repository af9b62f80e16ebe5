/** Guarded-storage controls, which are intercepted until the first use of them: a guest that has none saves none. */

import { ecb, ecd } from '../../sie/state-description.ts';
import type { Outcome } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { retry } from './retry.ts';
import { type InterceptRow, onIntercept } from './row.ts';

function enableAndRetry(v: KvmVcpu): Outcome {
  v.block.change('ecb', ecb.gs);
  v.block.change('ecd', ecd.hostRegisterManagement);
  return retry(v);
}

/** Handlers of this file. */
export const guardedStorageRows: readonly InterceptRow[] = [
  onIntercept('LGSC', 'RXY_a', enableAndRetry, { unprivileged: true }),
  onIntercept('STGSC', 'RXY_a', enableAndRetry, { unprivileged: true }),
];
