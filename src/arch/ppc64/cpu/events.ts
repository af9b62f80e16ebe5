/** What happens to CPUs that a debugger may stop for. Nobody is told, and nothing is made, while nobody wants to know. */

import { hex } from '../../../bits/hex.ts';
import { interruptionName, PROGRAM, VECTOR } from './interruptions.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Kinds of events, by the words that a user gives them. */
export const eventKinds = ['int', 'pgm', 'sc', 'hcall', 'rtas', 'exit', 'slb'] as const;

export type EventKind = (typeof eventKinds)[number];

/** Who hears of events of a vCPU. */
export interface EventSink {
  /** `number` tells events of a kind apart. */
  happened(vcpu: Vcpu, kind: EventKind, number: bigint | number, text: () => string): void;
}

const places = (vcpu: Vcpu): string => `SRR0 ${hex(vcpu.big(slots.srr0))}, SRR1 ${hex(vcpu.big(slots.srr1))}`;

/** What a storage interruption tells besides. */
function access(vcpu: Vcpu, vector: number): string {
  if (vector === VECTOR.dataStorage) {
    return `, DAR ${hex(vcpu.big(slots.dar))}, DSISR ${hex(BigInt(vcpu.num(slots.dsisr)))}`;
  }
  return vector === VECTOR.dataSegment || vector === VECTOR.alignment ? `, DAR ${hex(vcpu.big(slots.dar))}` : '';
}

/** The guest has taken an interruption by itself; of a program interruption these bits of SRR1 say why. */
export function tellInterruption(vcpu: Vcpu, vector: number, bits: number): void {
  const { events } = vcpu;
  if (events === undefined) return;
  const text = (): string =>
    `${hex(BigInt(vector))} ${interruptionName(vector)}, ${places(vcpu)}${access(vcpu, vector)}`;
  events.happened(vcpu, 'int', vector, text);
  if (vector === VECTOR.systemCall) {
    const number = vcpu.gpr(0);
    events.happened(vcpu, 'sc', number, () => `system call ${number}, ${places(vcpu)}`);
  }
  if (vector !== VECTOR.program) return;
  const [why = 'program'] = Object.entries(PROGRAM).find(([, bit]) => bit === bits) ?? [];
  events.happened(vcpu, 'pgm', bits, () => `program interruption (${why}), ${places(vcpu)}`);
}

/** The guest was left for the hypervisor, because of an interruption that this takes. */
export function tellExit(vcpu: Vcpu, vector: number): void {
  vcpu.events?.happened(vcpu, 'exit', vector, () => `exit ${hex(BigInt(vector))} ${interruptionName(vector)}`);
}

/** A segment came into the segment lookaside buffer, or was taken out of it, by what its first doubleword was. */
export function tellSegment(vcpu: Vcpu, what: 'set' | 'dropped', entry: number, rb: bigint): void {
  const at = rb & ~0xfff_ffffn;
  vcpu.events?.happened(vcpu, 'slb', at, () => `segment ${hex(at)} ${what}, entry ${entry}`);
}
