/** What happens to CPUs that a debugger may stop for. Nobody is told, and nothing is made, while nobody wants to know. */

import { hex } from '../../../bits/hex.ts';
import type { StopExit } from '../../../machine/exit.ts';
import type { Vcpu } from './vcpu.ts';

/** Kinds of events, by the words that a user gives them. */
export const eventKinds = [
  'pgm',
  'svc',
  'ext',
  'io',
  'mcck',
  'restart',
  'sigp',
  'diag',
  'key',
  'space',
  'sie',
] as const;

export type EventKind = (typeof eventKinds)[number];

/** Who hears of events. */
export interface EventSink {
  /** `number` tells events of a kind apart. `vcpu` is undefined where it is the one in execution, whichever that is. */
  happened(vcpu: Vcpu | undefined, kind: EventKind, number: bigint | number, text: () => string): void;
  /** What the run ends with because of what happened. */
  met(): StopExit | undefined;
}

/** An address-space-control element was `before` in a control register that may now have another one. */
export function spaceLoaded(vcpu: Vcpu, n: 1 | 7 | 13, before: bigint): void {
  if (vcpu.core.complex.events !== undefined && vcpu.cr(n) !== before) tellLoaded(vcpu, n, before);
}
function tellLoaded(vcpu: Vcpu, n: 1 | 7 | 13, before: bigint): void {
  const asce = vcpu.cr(n);
  vcpu.core.complex.events?.happened(vcpu, 'space', asce, () => `CR${n} ${hex(before)} -> ${hex(asce)}`);
}

const spaceNames = ['primary', 'access-register', 'secondary', 'home'];

/** Operands are in another space from now on, which the PSW chooses. */
export function spaceChosen(vcpu: Vcpu): void {
  if (vcpu.core.complex.events === undefined) return;
  const asce = vcpu.operandAsce() ?? 0n;
  const text = (): string => `${spaceNames[vcpu.addressSpace]} space, ${hex(asce)}`;
  vcpu.core.complex.events.happened(vcpu, 'space', asce, text);
}
