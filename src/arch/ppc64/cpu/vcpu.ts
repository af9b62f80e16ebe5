import type { Stateful } from '../../../bits/stateful.ts';
import type { Slot } from '../../../ir/node.ts';
import type { StopExit } from '../../../machine/exit.ts';
import { InstructionCount } from '../../../machine/instruction-count.ts';
import { ARCH_STATE_OFFSET, crossingCache, engineState, LEFT, NO_TAG } from '../../../machine/layout.ts';
import type { Tlb } from '../../../machine/tlb.ts';
import { Slb } from '../mmu/slb.ts';
import { noteDecrementer } from './clock.ts';
import type { CodeOrder } from './code-order.ts';
import { type EventSink, tellInterruption } from './events.ts';
import { RELOCATED, VECTOR, type Vector } from './interruptions.ts';
import { GUEST_HIGH, GUEST_LOW, MSR, MSR_GUEST, MSR_HIGH, MSR_IN_SRR1, SRR1_LOW } from './msr.ts';
import { settleCounters } from './performance-monitor.ts';
import { branchRegister, files, slots } from './state-layout.ts';

/** Why generated code was left for the hypervisor. */
export type LeaveCause =
  /** An interruption that the hypervisor takes; HSRR0 and HSRR1 say where, as far as it has them. */
  | { readonly kind: 'hypervisor'; readonly vector: Vector }
  /** SC with LEV 1; the address is past it. */
  | { readonly kind: 'hcall' }
  /** An instruction of the architecture that nobody wrote yet. The address is at it. */
  | { readonly kind: 'unimplemented'; readonly mnemonic: string }
  /** The run ends in front of an instruction. */
  | { readonly kind: 'stop'; readonly exit: StopExit };

/** A vCPU as it is saved: its state in the memory, and what is beside it. */
export interface Ppc64VcpuState {
  readonly bytes: Uint8Array;
  readonly pc: bigint;
  readonly executed: bigint;
}

/** What a vCPU is made of: its state lies at `base`. */
export interface VcpuParts {
  readonly id: number;
  readonly base: number;
  readonly memory: WebAssembly.Memory;
  readonly tlb: Tlb;
  readonly codeOrder: CodeOrder;
}

const hcall: LeaveCause = { kind: 'hcall' };

/** Thrown as far as generated code, by helpers in the middle of an instruction. */
class Unwind extends Error {}
const unwind = new Unwind('left generated code');

/** True for what `Vcpu.raise` throws. */
export function isUnwind(error: unknown): boolean {
  return error === unwind;
}

/** Address spaces of a partition: real, and virtual for supervisor and problem state. */
export const SPACE = { real: 0, supervisor: 1, problem: 2 } as const;

/** Bits of the MSR that choose address spaces and how instructions are decoded. */
const SPACE_BITS = MSR.ir | MSR.dr | MSR.pr | MSR.le;
const ALL = 0xffff_ffff_ffff_ffffn;
const TRANSLATED = MSR.ir | MSR.dr;

/** A guest's CPU as the emulated machine has it: its state in the machine's memory, and the ways out of generated code. */
export class Vcpu implements Stateful<Ppc64VcpuState> {
  readonly id: number;
  readonly base: number;
  readonly view: DataView;
  readonly tlb: Tlb;
  readonly slb: Slb;
  readonly instructions: InstructionCount;
  /** Who hears of events, while anybody wants to. */
  events: EventSink | undefined;
  cause: LeaveCause | undefined;
  /** In the run in hand an interruption is no reason to leave generated code. */
  goesOn = false;
  /** Has the hypervisor handle a call where it is made; false when the guest must be left for that. */
  callAtOnce: () => boolean = () => false;
  /** Interruptions that the guest took by itself, by vector; nobody but the monitor looks. */
  readonly taken = new Map<number, number>();
  /** Number of the partition whose translations are in use. */
  lpid = 0;
  /** Where interruptions of the guest find their byte order. */
  interruptLittle = false;
  /** It executes in the byte order in which the others do not. */
  aside = false;
  readonly #codeOrder: CodeOrder;

  constructor({ id, base, memory, tlb, codeOrder }: VcpuParts) {
    this.#codeOrder = codeOrder;
    this.id = id;
    this.base = base;
    this.view = new DataView(memory.buffer);
    this.tlb = tlb;
    this.slb = new Slb(memory, base);
    this.instructions = new InstructionCount(this.view, base);
    this.forgetDecodePage();
    this.setNum(engineState.tlbInsn, tlb.empty);
    this.setNum(engineState.tlbData, tlb.empty);
    this.#begin();
  }

  #begin(): void {
    this.setBig(slots.reservation, 1n);
    this.setBig(slots.decExpiry, this.elapsed + 0x7fff_ffffn);
    // The counters stand still, the run latch is on.
    this.setBig(slots.mmcr0, 0x8000_0000n);
    this.setNum(slots.ctrl, 1);
    this.setNum(slots.pir, this.id);
    this.setMsr(0n);
  }
  /** Is as in the beginning, but for the time base. */
  reset(): void {
    const skew = this.big(slots.skew);
    new Uint8Array(this.view.buffer).fill(0, this.base + ARCH_STATE_OFFSET, this.base + crossingCache.offset);
    this.setBig(slots.skew, skew);
    this.interruptLittle = false;
    this.#begin();
    this.flushTlb();
  }

  /** @inheritdoc */
  save(): Ppc64VcpuState {
    // When the decrementer and the counters were looked at last does not matter.
    noteDecrementer(this);
    settleCounters(this);
    const from = this.base + ARCH_STATE_OFFSET;
    const bytes = new Uint8Array(this.view.buffer.slice(from, this.base + crossingCache.offset));
    return { bytes, pc: this.pc, executed: this.executed };
  }
  /** @inheritdoc */
  restore({ bytes, pc, executed }: Ppc64VcpuState): void {
    new Uint8Array(this.view.buffer).set(bytes, this.base + ARCH_STATE_OFFSET);
    this.setBig(engineState.pc, pc);
    this.instructions.value = executed;
    this.setMsr(this.msr);
  }

  // ---- state by slot

  num(slot: Slot): number {
    return this.view.getUint32(this.base + slot.offset, true);
  }
  setNum(slot: Slot, value: number): void {
    this.view.setUint32(this.base + slot.offset, value, true);
  }
  big(slot: Slot): bigint {
    return this.view.getBigUint64(this.base + slot.offset, true);
  }
  setBig(slot: Slot, value: bigint): void {
    this.view.setBigUint64(this.base + slot.offset, BigInt.asUintN(64, value), true);
  }
  /** The words of a scalar of 64 bits. */
  setWords(slot: Slot, high: number, low: number): void {
    this.view.setUint32(this.base + slot.offset, low, true);
    this.view.setUint32(this.base + slot.offset + 4, high, true);
  }
  highOf(slot: Slot): number {
    return this.view.getUint32(this.base + slot.offset + 4, true);
  }
  gpr(n: number): bigint {
    return this.view.getBigUint64(this.base + files.gpr.offset + n * 8, true);
  }
  /** Bits 32-63. */
  gprLow(n: number): number {
    return this.view.getUint32(this.base + files.gpr.offset + n * 8, true);
  }
  setGprWords(n: number, high: number, low: number): void {
    this.view.setUint32(this.base + files.gpr.offset + n * 8, low, true);
    this.view.setUint32(this.base + files.gpr.offset + n * 8 + 4, high, true);
  }
  setGpr(n: number, value: bigint): void {
    this.view.setBigUint64(this.base + files.gpr.offset + n * 8, BigInt.asUintN(64, value), true);
  }
  /** The left (0) or right (1) doubleword of a vector-scalar register. */
  vsr(n: number, half: 0 | 1): bigint {
    return this.view.getBigUint64(this.base + files.vsr.offset + n * 16 + (half === 0 ? 8 : 0), true);
  }
  setVsr(n: number, half: 0 | 1, value: bigint): void {
    const at = this.base + files.vsr.offset + n * 16 + (half === 0 ? 8 : 0);
    this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }
  get lr(): bigint {
    return this.view.getBigUint64(this.base + files.branch.offset + branchRegister.lr * 8, true);
  }
  set lr(value: bigint) {
    this.view.setBigUint64(this.base + files.branch.offset + branchRegister.lr * 8, value, true);
  }
  get ctr(): bigint {
    return this.view.getBigUint64(this.base + files.branch.offset + branchRegister.ctr * 8, true);
  }
  set ctr(value: bigint) {
    this.view.setBigUint64(this.base + files.branch.offset + branchRegister.ctr * 8, value, true);
  }
  /** The condition register, 32 bits. */
  get cr(): number {
    let all = 0;
    for (let n = 0; n < 8; n++) all = (all << 4) | this.view.getUint32(this.base + files.cr.offset + n * 4, true);
    return all >>> 0;
  }
  set cr(value: number) {
    for (let n = 0; n < 8; n++) this.setCrField(n, (value >>> (28 - 4 * n)) & 15);
  }
  setCrField(field: number, value: number): void {
    this.view.setUint32(this.base + files.cr.offset + field * 4, value, true);
  }
  /** The fixed-point exception register, its lower word. */
  get xer(): number {
    const bits = (this.num(slots.so) << 31) | (this.num(slots.ov) << 30) | (this.num(slots.ca) << 29);
    return (bits | this.num(slots.byteCount)) >>> 0;
  }
  set xer(value: number) {
    this.setNum(slots.so, value >>> 31);
    this.setNum(slots.ov, (value >>> 30) & 1);
    this.setNum(slots.ca, (value >>> 29) & 1);
    this.setNum(slots.byteCount, value & 0x7f);
  }

  // ---- MSR

  get msr(): bigint {
    return this.big(slots.msr);
  }
  /** Bits 32-63. */
  get msrLow(): number {
    return this.num(slots.msr);
  }
  /** Sets the MSR; HV stays what it is: zero, since a hypervisor is not emulated code here. */
  setMsr(value: bigint): void {
    const msr = value & MSR_GUEST;
    const before = this.msrLow;
    this.#count(before ^ Number(msr & 0xffff_ffffn));
    this.setBig(slots.msr, msr);
    const sf = Number(msr >> 63n);
    this.setNum(slots.sf, sf);
    this.setBig(engineState.amask, sf === 1 ? ALL : 0xffff_ffffn);
    if (((before ^ Number(msr & 0xffff_ffffn)) & MSR.le) !== 0) this.#codeOrder.choose(this);
    this.selectSpaces();
  }
  /** As an instruction sets it, by words: the run loop goes on unless an interruption may be let in. */
  loadMsr(high: number, low: number): void {
    const before = this.msrLow;
    const now = (low & GUEST_LOW) >>> 0;
    this.#count(before ^ now);
    this.setWords(slots.msr, high & GUEST_HIGH, now);
    const sf = (high & MSR_HIGH.sf) === 0 ? 0 : 1;
    if (sf !== this.num(slots.sf)) {
      this.setNum(slots.sf, sf);
      this.setWords(engineState.amask, sf === 1 ? 0xffff_ffff : 0, 0xffff_ffff);
    }
    if (((before ^ now) & MSR.le) !== 0) this.#codeOrder.choose(this);
    if (((before ^ now) & SPACE_BITS) !== 0) this.selectSpaces();
    if (
      ((now & ~before & (MSR.ee | MSR.pr)) !== 0 && this.num(slots.pending) !== 0) ||
      (now & (MSR.se | MSR.be)) !== 0
    ) {
      this.endSlice();
    }
  }

  /** What counters count is about to change, if these bits of the MSR do. */
  #count(changing: number): void {
    if ((changing & this.num(slots.countsBy)) === 0) return;
    settleCounters(this);
    this.endSlice();
  }

  /** Puts where the guest goes on into HSRR0 and HSRR1. */
  noteWhere(): void {
    const mask = this.highOf(engineState.amask);
    this.setWords(slots.hsrr0, this.highOf(engineState.pc) & mask, this.num(engineState.pc));
    this.setWords(slots.hsrr1, this.highOf(slots.msr), this.msrLow);
  }
  get pc(): bigint {
    return this.big(engineState.pc) & this.big(engineState.amask);
  }
  set pc(value: bigint) {
    this.setBig(engineState.pc, value);
  }

  // ---- address spaces

  /** Chooses the TLB banks by the MSR and the partition. */
  selectSpaces(): void {
    const msr = this.msrLow;
    const insn = this.#bank((msr & MSR.ir) !== 0, msr, 0);
    this.setNum(engineState.tlbInsn, this.aside ? this.tlb.empty : insn);
    this.setNum(engineState.tlbData, this.#bank((msr & MSR.dr) !== 0, msr, insn));
    this.forgetDecodePage();
  }
  #bank(translated: boolean, msr: number, kept: number): number {
    const virtual = (msr & MSR.pr) !== 0 ? SPACE.problem : SPACE.supervisor;
    return this.tlb.bank(this.lpid, 0, translated ? virtual : SPACE.real, kept);
  }
  /** Makes the next instruction's page be looked up anew. */
  forgetDecodePage(): void {
    this.view.setUint32(this.base + engineState.ifetchTag.offset, Number(NO_TAG), true);
  }
  flushTlb(): void {
    this.tlb.flush();
    this.forgetDecodePage();
  }
  /** Forgets what was translated by segments. */
  flushVirtual(): void {
    this.tlb.flushSpaces((_high, _low, space) => space !== SPACE.real);
    this.forgetDecodePage();
  }

  // ---- time and runs

  /** Instructions begun since the machine started. */
  get executed(): bigint {
    return this.instructions.value;
  }
  /** The same, with those that passed while it waited. */
  get elapsed(): bigint {
    return this.instructions.value + this.big(slots.skew);
  }
  runFor(count: number): void {
    this.instructions.allow(count);
    this.forgetDecodePage();
  }
  /** Ends the run loop behind the instruction in execution. */
  endSlice(): void {
    this.instructions.end(1);
  }
  /** Address of the instruction in execution. */
  get ia(): bigint {
    return this.big(engineState.ia);
  }

  // ---- interruptions

  /** The guest takes an interruption by itself: SRR0, SRR1, MSR and the address are set, and the run loop goes on there. */
  interrupt(vector: number, srr0: bigint, bits = 0): void {
    this.setBig(slots.srr0, srr0);
    this.#enter(vector, bits);
  }
  // Everything but SRR0.
  #enter(vector: number, bits: number): void {
    this.taken.set(vector, (this.taken.get(vector) ?? 0) + 1);
    const low = this.msrLow;
    this.setWords(slots.srr1, this.highOf(slots.msr), (low & SRR1_LOW) | bits);
    const kept = this.#relocates(vector, low) ? TRANSLATED : 0;
    const [above, offset] = RELOCATED[kept === 0 ? 0 : this.num(slots.ail)] ?? [0, 0];
    this.loadMsr(MSR_HIGH.sf, (low & MSR.me) | (this.interruptLittle ? MSR.le : 0) | kept);
    this.setWords(engineState.pc, above, offset + vector);
    if (this.events !== undefined) tellInterruption(this, vector, bits);
  }
  /** Interruptions of translated code are translated themselves, if LPCR[AIL] says so, and go to another address. */
  #relocates(vector: number, low: number): boolean {
    return (low & TRANSLATED) === TRANSLATED && vector > VECTOR.machineCheck && this.num(slots.ail) !== 0;
  }
  /** SC in execution: the hypervisor's, or the guest's own interruption; then the run loop goes on by itself. */
  systemCall(level: number): void {
    const next = this.num(engineState.ia) + 4;
    const high = this.highOf(engineState.ia) + (next > 0xffff_ffff ? 1 : 0);
    if ((level & 1) === 1 && (this.msrLow & MSR.pr) === 0) {
      this.setWords(engineState.pc, high, next);
      if (this.callAtOnce()) return;
      this.cause = hcall;
      this.instructions.end(LEFT);
    } else {
      this.setWords(slots.srr0, high, next);
      this.#enter(VECTOR.systemCall, 0);
    }
  }
  /** An interruption by the instruction in execution, as the last thing that a slow path does. */
  fault(vector: number, bits = 0): void {
    this.setWords(slots.srr0, this.highOf(engineState.ia), this.num(engineState.ia));
    this.#enter(vector, bits);
    if (this.goesOn) this.instructions.goElsewhere();
    else this.instructions.end(LEFT);
  }
  /** The same from the middle of a helper. */
  raise(vector: number, bits = 0): never {
    this.fault(vector, bits);
    return this.unwind();
  }
  /** Leaves a helper whose instruction has ended. */
  unwind(): never {
    throw unwind;
  }
  /** The hypervisor takes an interruption of the instruction in execution: HSRR0, HSRR1, and the run ends. */
  hypervisorFault(vector: Vector, bits = 0): void {
    this.setBig(slots.hsrr0, this.ia);
    this.setBig(slots.hsrr1, (this.msr & MSR_IN_SRR1) | BigInt(bits >>> 0));
    this.leave({ kind: 'hypervisor', vector }, this.ia);
  }
  /** An instruction that does not exist: the hypervisor looks at it first. */
  illegal(text: number): void {
    this.setNum(slots.heir, text);
    this.hypervisorFault(VECTOR.hypervisorEmulation);
  }
  /** Leaves generated code, to go on at `pc`. */
  leave(cause: LeaveCause, pc: bigint): void {
    this.cause = cause;
    this.setBig(engineState.pc, pc);
    this.instructions.end(LEFT);
  }
  /** Why generated code was left; asked once. */
  takeCause(): LeaveCause | undefined {
    const { cause } = this;
    this.cause = undefined;
    return cause;
  }
}
