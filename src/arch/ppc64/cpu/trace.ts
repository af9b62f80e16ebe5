/** Power ISA, Book III-S, "Trace Interrupt": single steps, branch traces, and the instruction breakpoint of a POWER8. */

import type { Row } from '../isa/row.ts';
import type { Ppc64Core } from './core.ts';
import { VECTOR } from './interruptions.ts';
import { MSR } from './msr.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** What a POWER8 says of a step in SRR1. */
const SRR1 = { step: 0x4000_0000, load: 0x1000_0000, store: 0x0800_0000, breakpoint: 0x10_0000 } as const;

/** Which state an instruction breakpoint is for, as its last two bits say it; a guest has no hypervisor's. */
export const CIABR = { state: 3n, problem: 1n, supervisor: 2n, hypervisor: 3n } as const;

/** An instruction that is about to be executed by itself, because somebody wants to know that it was. */
export interface Traced {
  readonly at: bigint;
  /** Bits of the MSR that ask for it. */
  readonly asked: number;
  readonly row: Row | undefined;
  readonly word: number;
  /** An instruction breakpoint is here. */
  readonly breakpoint: boolean;
  /** Where it goes in storage, if it does. */
  readonly address: bigint;
  /** Interruptions that the guest had taken before. */
  readonly taken: number;
}

/** True when instructions have to be executed one by one. */
export function isTraced(vcpu: Vcpu): boolean {
  return (vcpu.msrLow & (MSR.se | MSR.be)) !== 0 || vcpu.num(slots.ciabr) !== 0 || vcpu.highOf(slots.ciabr) !== 0;
}

function isBreakpoint(vcpu: Vcpu, at: bigint): boolean {
  const ciabr = vcpu.big(slots.ciabr);
  const state = (vcpu.msrLow & MSR.pr) !== 0 ? CIABR.problem : CIABR.supervisor;
  return (ciabr & CIABR.state) === state && (ciabr & ~CIABR.state) === (at & ~3n);
}

const interruptionsOf = (vcpu: Vcpu): number => [...vcpu.taken.values()].reduce((sum, n) => sum + n, 0);

/** What is to be executed next, looked at before. */
export function aboutToTrace(vcpu: Vcpu, core: Ppc64Core): Traced {
  const at = vcpu.pc;
  const word = core.textAt(vcpu, at);
  const row = core.rowOf(word);
  const asked = vcpu.msrLow & (MSR.se | MSR.be);
  const breakpoint = isBreakpoint(vcpu, at);
  return {
    ...{ at, asked, row, word, breakpoint },
    address: row === undefined ? 0n : addressOf(vcpu, row, word),
    taken: interruptionsOf(vcpu),
  };
}

/** Where an instruction with RA and RB or a displacement goes. */
function addressOf(vcpu: Vcpu, { fields }: Row, word: number): bigint {
  const of = (name: string): number | undefined => {
    const found = fields[name]?.read(word);
    return found === undefined ? undefined : Number(found);
  };
  const base = of('ra');
  if (base === undefined) return 0n;
  const offset = of('d');
  const index = of('rb');
  const more = offset === undefined ? (index === undefined ? 0n : vcpu.gpr(index)) : BigInt(offset);
  return BigInt.asUintN(64, vcpu.gpr(base) + more);
}

function storageBits({ title, mnemonic }: Row): number {
  if (title.startsWith('Store') || /^dcb(z|tst)/.test(mnemonic)) return SRR1.store;
  return title.startsWith('Load') || /^(dcb|icb)/.test(mnemonic) ? SRR1.load : 0;
}

/** An instruction was completed: interrupts when it was to be traced. One that interrupted, or RFID, is not. */
export function traced(vcpu: Vcpu, core: Ppc64Core, what: Traced): void {
  const { row } = what;
  if (row === undefined || interruptionsOf(vcpu) !== what.taken || row.mnemonic === 'rfid') return;
  const still = vcpu.msrLow & what.asked;
  const step = (still & MSR.se) !== 0 || ((still & MSR.be) !== 0 && row.title.startsWith('Branch'));
  if (!step && !what.breakpoint) return;
  if (core.model.name === 'power7') {
    vcpu.interrupt(VECTOR.trace, vcpu.pc);
    return;
  }
  const kind = storageBits(row);
  vcpu.setBig(slots.siar, what.at);
  if (kind !== 0) vcpu.setBig(slots.sdar, what.address);
  vcpu.interrupt(VECTOR.trace, vcpu.pc, SRR1.step | kind | (what.breakpoint ? SRR1.breakpoint : 0));
}
