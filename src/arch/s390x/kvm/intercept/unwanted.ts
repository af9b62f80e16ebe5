/** Instructions that a control of the state description hands over, and that this hypervisor leaves to the machine. */

import type { FormatName } from '../../isa/formats.ts';
import { ictl } from '../../sie/state-description.ts';
import { type Outcome, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { retry } from './retry.ts';
import { type InterceptRow, onIntercept } from './row.ts';

// The control is taken back: the machine does it from here on.
function without(control: number): (v: KvmVcpu) => Outcome {
  return (v) => {
    v.block.change('ictl', 0, control);
    return retry(v);
  };
}

/** Instructions, with the control that hands them over. */
const rows: readonly (readonly [
  mnemonic: string,
  format: FormatName,
  control: number,
  mode?: { unprivileged: true },
])[] = [
  ['STCK', 'S', ictl.stck, { unprivileged: true }],
  ['STCKF', 'S', ictl.stck, { unprivileged: true }],
  ['STCKE', 'S', ictl.stck, { unprivileged: true }],
  ['ECTG', 'SSF', ictl.spt, { unprivileged: true }],
  ['STFLE', 'S', ictl.stfl, { unprivileged: true }],
  ['IPTE', 'RRF_a', ictl.ipte],
  ['IDTE', 'RRF_b', ictl.ipte],
  ['CRDTE', 'RRF_b', ictl.ipte],
  ['CSP', 'RRE', ictl.ipte],
  ['CSPG', 'RRE', ictl.ipte],
  ['PTLB', 'S', ictl.ptlb],
  ['PALB', 'RRE', ictl.ptlb],
  ['TPROT', 'SSE', ictl.tprot],
  ['SSM', 'S_8', ictl.ssm],
  ['STNSM', 'SI', ictl.stnsm],
  ['STOSM', 'SI', ictl.stosm],
  ['SCKC', 'S', ictl.sckc],
  ['STCKC', 'S', ictl.sckc],
  ['SPT', 'S', ictl.spt],
  ['STPT', 'S', ictl.spt],
  ['PC', 'S', ictl.pc, { unprivileged: true }],
  ['PT', 'RRE', ictl.pt, { unprivileged: true }],
  ['PTI', 'RRE', ictl.pt, { unprivileged: true }],
  ['BSA', 'RRE', ictl.bsa, { unprivileged: true }],
  ['BSG', 'RRE', ictl.bsa, { unprivileged: true }],
  ['PR', 'E', ictl.pr, { unprivileged: true }],
  ['BAKR', 'RRE', ictl.bakr, { unprivileged: true }],
  ['LASP', 'SSE', ictl.lasp],
];

/** Updates that are handed over when they have found another value: they are done. */
const updates: readonly (readonly [mnemonic: string, format: FormatName, control: number])[] = [
  ['TS', 'S_8', ictl.testAndSet],
  ['CS', 'RS_a', ictl.compareAndSwap],
  ['CSY', 'RSY_a', ictl.compareAndSwap],
  ['CSG', 'RSY_a', ictl.compareAndSwap],
  ['CDS', 'RS_a', ictl.compareDoubleAndSwap],
  ['CDSY', 'RSY_a', ictl.compareDoubleAndSwap],
  ['CDSG', 'RSY_a', ictl.compareDoubleAndSwap],
];

function done(control: number): (v: KvmVcpu) => Outcome {
  return (v) => {
    v.block.change('ictl', 0, control);
    return resume;
  };
}

// A supervisor call has controls of its own.
function supervisorCall(v: KvmVcpu): Outcome {
  v.block.set('svcc', 0);
  return retry(v);
}

/** Handlers of this file. */
export const unwantedRows: readonly InterceptRow[] = [
  ...rows.map(([mnemonic, format, control, mode]) => onIntercept(mnemonic, format, without(control), mode)),
  ...updates.map(([mnemonic, format, control]) => onIntercept(mnemonic, format, done(control), { unprivileged: true })),
  // Of a guest's guest alone.
  onIntercept('MVPG', 'RRE', retry, { unprivileged: true }),
  onIntercept('SVC', 'I', supervisorCall, { unprivileged: true }),
];
