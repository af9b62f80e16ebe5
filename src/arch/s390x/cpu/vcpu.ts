import type { Stateful } from '../../../bits/stateful.ts';
import type { StopExit } from '../../../machine/exit.ts';
import { InstructionCount } from '../../../machine/instruction-count.ts';
import { decodeEntry, engineState, handlers, LEFT, NO_TAG } from '../../../machine/layout.ts';
import { REAL_SPACE, type Tlb } from '../../../machine/tlb.ts';
import { type Gpa, gpa, type HostAddress } from '../dat/address.ts';
import { isExecute } from '../isa/opcodes.ts';
import type { S390xCore } from './core.ts';
import type { AccessPlace } from './explain.ts';
import type { HostSpace } from './host-space.ts';
import { InterceptionControls } from './interception-controls.ts';
import { isNullifying, PGM } from './interruption-codes.ts';
import type { InterruptionDetails, ProgramDelivered } from './program-interruption.ts';
import { addressSpaceControl, BY_ACCESS_REGISTER, isValidPsw, NO_SPACE, PSW, PSW_HIGH, type Psw } from './psw.ts';
import { Registers } from './registers.ts';
import { slots } from './state-layout.ts';
import type { UnwindCause } from './unwind-cause.ts';
import { registersOf, setRegisters, type VcpuState } from './vcpu-state.ts';

/** Thrown as far as generated code; the vCPU's `unwindCause` says why. One object for all: there is no stack to keep. */
export class Unwind extends Error {}

/** PSW bits that choose the TLB banks. */
const SPACE_BITS = PSW_HIGH.dat | PSW_HIGH.key | PSW_HIGH.addressSpace;

/** What no page's tag has in its low word. */
const NO_TAG_LOW = Number(NO_TAG);

const unwind = new Unwind('left generated code');

/** A guest's CPU as the emulated machine has it: its state in the machine's memory, and the way out of generated code. */
export class Vcpu extends Registers implements Stateful<VcpuState> {
  readonly id: number;
  readonly tlb: Tlb;
  readonly instructions: InstructionCount;
  readonly controls: InterceptionControls;
  unwindCause: UnwindCause | undefined;
  /** The last program interruption that was delivered; nothing that a guest can see depends on it. */
  lastProgram: ProgramDelivered | undefined;
  /** The PSW as it was loaded when it is not a valid one: the state cannot hold all of its bits. */
  #invalidPsw: Psw | undefined;
  #core: S390xCore | undefined;
  /** Set when the instruction in execution changed what interruptions are allowed or pending: look before the next one. */
  recheck = false;
  /** Text of the last target of EXECUTE: bytes 0-3, bytes 4-5. */
  readonly executeText = new Uint32Array(2);
  /** CPU address. */
  cpuAddress: number;
  /** The state description whose guest's state this is. */
  stateOf: { settle(): void } | undefined;
  /** The state description whose controls are in force as they were loaded last. */
  controlsOf: object | undefined;
  #prefixArea: HostAddress | undefined;
  /** The next run looks the page of its first instruction up. */
  #looksAgain = false;
  /** Where its accesses end. */
  place: AccessPlace;
  /** Joins the rights of a TLB's bank: which of the storages that `place` may stand for it is of. */
  context = 0;
  /** Executes what this vCPU interprets: the CPU of its guest, and that guest's storage. */
  inner: Vcpu | undefined;
  innerSpace: HostSpace | undefined;
  /** The vCPU that interprets this one. */
  outer: Vcpu | undefined;

  constructor(id: number, base: number, memory: WebAssembly.Memory, tlb: Tlb, place: AccessPlace) {
    super(new DataView(memory.buffer), base);
    this.place = place;
    this.id = id;
    this.cpuAddress = id;
    this.tlb = tlb;
    this.controls = new InterceptionControls(this.view, base);
    this.instructions = new InstructionCount(this.view, base);
    this.forgetDecodePage();
    this.setNum(engineState.tlbInsn, tlb.empty);
    this.setNum(engineState.tlbData, tlb.empty);
    this.setNum(slots.addressingMode, 3);
    this.setBig(engineState.amask, 0xffff_ffff_ffff_ffffn);
  }

  /** The core that the vCPU belongs to. */
  get core(): S390xCore {
    if (this.#core === undefined) throw new Error(`vCPU ${this.id} belongs to no core yet`);
    return this.#core;
  }
  /** Called once, by the complex: what the vCPU interprets guests on. */
  interprets(inner: Vcpu, space: HostSpace): void {
    this.inner = inner;
    this.innerSpace = space;
    inner.outer = this;
    inner.place = space;
  }
  /** Called once, by the core. */
  join(core: S390xCore): void {
    this.#core = core;
  }

  /** @inheritdoc */
  save(): VcpuState {
    return { ...registersOf(this), invalidPsw: this.#invalidPsw, cpuAddress: this.cpuAddress };
  }
  /** @inheritdoc */
  restore(state: VcpuState): void {
    setRegisters(this, state);
    this.#invalidPsw = state.invalidPsw;
    this.cpuAddress = state.cpuAddress;
    this.controlsOf = undefined;
    this.#prefixArea = undefined;
    this.#looksAgain = true;
  }

  // ---- prefix

  get prefix(): Gpa {
    return gpa(this.num(slots.prefix));
  }
  setPrefix(value: Gpa): void {
    this.setNum(slots.prefix, value);
    this.flushTlb();
  }
  /** Where the prefix area begins, negative when it is not there. Whatever moves it has the TLB flushed. */
  get prefixArea(): HostAddress {
    if (this.#prefixArea !== undefined) return this.#prefixArea;
    // Both pages lie in one block of what storage is mapped by, so that looking for the first will do.
    const at = this.place.hostAddress(this.prefix, true);
    if (at >= 0) this.#prefixArea = at;
    return at;
  }

  // ---- PSW

  /** The current PSW; its address is the next instruction's. Between instructions only, or after an unwinding. */
  get psw(): Psw {
    return this.#invalidPsw ?? { mask: this.pswMask, address: this.big(engineState.pc) & this.big(engineState.amask) };
  }
  /** True when the PSW that was loaded last is not a valid one. */
  get hasInvalidPsw(): boolean {
    return this.#invalidPsw !== undefined;
  }
  /** Bits 0-63 of the PSW. */
  get pswMask(): bigint {
    const mode = this.num(slots.addressingMode);
    const high =
      (this.num(slots.pswHigh) | (this.num(slots.cc) << 12) | (this.num(slots.programMask) << 8) | (mode >> 1)) >>> 0;
    return (BigInt(high) << 32n) | (BigInt(mode & 1) << 31n);
  }
  /** The current PSW, a valid one, as words: bits 0-31, bits 32-63, the address. */
  pswWords(): readonly [high: number, low: number, addressHigh: number, addressLow: number] {
    return [this.pswFirst, this.pswSecond, this.nextHigh, this.nextLow];
  }
  /** Bits 0-31 of a valid PSW. */
  get pswFirst(): number {
    const mode = this.num(slots.addressingMode) >> 1;
    return (this.num(slots.pswHigh) | (this.num(slots.cc) << 12) | (this.num(slots.programMask) << 8) | mode) >>> 0;
  }
  /** Bits 32-63 of it. */
  get pswSecond(): number {
    return (this.num(slots.addressingMode) << 31) >>> 0;
  }
  /** Bits 0-31 of a valid PSW's address. */
  get nextHigh(): number {
    return this.in64BitMode ? this.view.getUint32(this.base + engineState.pc.offset + 4, true) : 0;
  }
  /** Bits 32-63 of it. */
  get nextLow(): number {
    return (this.num(engineState.pc) & this.num(engineState.amask)) >>> 0;
  }
  /** True for a PSW that is valid here: without storage keys its access key is zero. */
  accepts(psw: Psw): boolean {
    return isValidPsw(psw) && ((psw.mask & PSW.key) === 0n || this.#core?.has('storage-key-removal') !== true);
  }
  /** Loads a PSW as it is; whether it is valid is the caller's question. */
  setPsw(psw: Psw): void {
    this.#invalidPsw = this.accepts(psw) ? undefined : psw;
    const high = Number(psw.mask >> 32n);
    const mode = ((high & 1) << 1) | Number((psw.mask >> 31n) & 1n);
    this.setNum(slots.pswHigh, (high & ~(PSW_HIGH.cc | PSW_HIGH.programMask | PSW_HIGH.ea)) >>> 0);
    this.setNum(slots.cc, (high & PSW_HIGH.cc) >>> 12);
    this.setNum(slots.programMask, (high & PSW_HIGH.programMask) >>> 8);
    this.setNum(slots.addressingMode, mode);
    this.setBig(engineState.amask, mode >= 2 ? 0xffff_ffff_ffff_ffffn : mode === 1 ? 0x7fff_ffffn : 0xff_ffffn);
    this.setBig(engineState.pc, psw.address);
    this.selectSpaces();
    this.recheck = true;
    this.endSlice();
  }
  /**
   * Loads a valid PSW given as words, as an instruction does. The run loop goes on behind it unless there is something to
   * look at: a wait, PER, or an interruption that the new masks may let in.
   */
  loadPsw(high: number, low: number, addressHigh: number, addressLow: number): void {
    const { view, base } = this;
    const before = this.num(slots.pswHigh);
    const mode = ((high & 1) << 1) | (low >>> 31);
    const kept = high & ~(PSW_HIGH.cc | PSW_HIGH.programMask | PSW_HIGH.ea);
    this.#invalidPsw = undefined;
    this.setNum(slots.pswHigh, kept);
    this.setNum(slots.cc, (high & PSW_HIGH.cc) >>> 12);
    this.setNum(slots.programMask, (high & PSW_HIGH.programMask) >>> 8);
    this.setNum(slots.addressingMode, mode);
    view.setUint32(
      base + engineState.amask.offset,
      mode === 0 ? 0xff_ffff : mode === 1 ? 0x7fff_ffff : 0xffff_ffff,
      true,
    );
    view.setUint32(base + engineState.amask.offset + 4, mode >= 2 ? 0xffff_ffff : 0, true);
    view.setUint32(base + engineState.pc.offset, addressLow, true);
    view.setUint32(base + engineState.pc.offset + 4, addressHigh, true);
    if (((before ^ kept) & SPACE_BITS) !== 0) this.selectSpaces();
    if (
      (kept & (PSW_HIGH.wait | PSW_HIGH.per)) !== 0 ||
      ((before ^ kept) & PSW_HIGH.per) !== 0 ||
      this.num(slots.interruptionPending) !== 0
    ) {
      this.recheck = true;
      this.endSlice();
    }
  }
  /** PSW bits 0-31, condition code, program mask and mode aside. */
  get pswHigh(): number {
    return this.num(slots.pswHigh);
  }
  /** Replaces PSW bits 0-31 (condition code, program mask and bit 31 aside). */
  setPswHigh(value: number): void {
    const kept = value & ~(PSW_HIGH.cc | PSW_HIGH.programMask | PSW_HIGH.ea);
    const changed = this.num(slots.pswHigh) ^ kept;
    this.setNum(slots.pswHigh, kept);
    if ((changed & SPACE_BITS) !== 0) this.selectSpaces();
    this.recheck = true;
    this.endSlice();
  }
  get accessKey(): number {
    return (this.pswHigh & PSW_HIGH.key) >>> 20;
  }
  get addressSpace(): number {
    return (this.pswHigh & PSW_HIGH.addressSpace) >>> 14;
  }
  get cc(): number {
    return this.num(slots.cc);
  }
  set cc(value: number) {
    this.setNum(slots.cc, value);
  }
  get problemState(): boolean {
    return (this.pswHigh & PSW_HIGH.problem) !== 0;
  }
  get in64BitMode(): boolean {
    return this.num(slots.addressingMode) >= 2;
  }
  get amask(): bigint {
    return this.big(engineState.amask);
  }

  // ---- address spaces

  /** Chooses the TLB banks for the PSW's mode and the control registers; call after any of them changed. */
  selectSpaces(): void {
    const instructions = this.instructionSpace();
    const operands = this.operandSpace();
    const insn = this.#bank(instructions);
    this.setNum(engineState.tlbInsn, insn);
    this.setNum(engineState.tlbData, operands === instructions ? insn : this.#bank(operands, insn));
    this.forgetDecodePage();
  }
  /** Number of the control register with the ASCE of instruction fetches, or `NO_SPACE`. */
  instructionSpace(): number {
    if ((this.pswHigh & PSW_HIGH.dat) === 0) return NO_SPACE;
    return this.addressSpace === addressSpaceControl.home ? 13 : 1;
  }
  /** Number of the control register with the ASCE of operand accesses, `NO_SPACE` or `BY_ACCESS_REGISTER`. */
  operandSpace(): number {
    if ((this.pswHigh & PSW_HIGH.dat) === 0) return NO_SPACE;
    const space = this.addressSpace;
    if (space === addressSpaceControl.accessRegister) return BY_ACCESS_REGISTER;
    return space === addressSpaceControl.home ? 13 : space === addressSpaceControl.secondary ? 7 : 1;
  }
  /** ASCE of instruction fetches, undefined when DAT is off. */
  instructionAsce(): bigint | undefined {
    const n = this.instructionSpace();
    return n === NO_SPACE ? undefined : this.cr(n);
  }
  /** ASCE of operand accesses, the primary one in access-register mode; undefined when DAT is off. */
  operandAsce(): bigint | undefined {
    const n = this.operandSpace();
    return n === NO_SPACE ? undefined : this.cr(n === BY_ACCESS_REGISTER ? 1 : n);
  }
  #bank(space: number, kept = 0): number {
    if (space === BY_ACCESS_REGISTER) return this.tlb.empty;
    if (space === NO_SPACE) return this.tlb.bank(0, 0, this.accessKey | REAL_SPACE | this.context, kept);
    return this.tlb.bank(this.crHigh(space), this.crLow(space), this.accessKey | this.context, kept);
  }
  /** Makes the next instruction's page be looked up anew. */
  forgetDecodePage(): void {
    this.view.setUint32(this.base + engineState.ifetchTag.offset, NO_TAG_LOW, true);
  }
  /** Forgets all translations, and those of its guest, which were made by the tables of this one. */
  flushTlb(): void {
    this.tlb.flush();
    this.#prefixArea = undefined;
    this.forgetDecodePage();
    this.forgetInner();
  }
  /** Forgets what its guest has found by its tables. */
  forgetInner(): void {
    this.innerSpace?.forget();
    this.inner?.flushTlb();
  }
  /** To be called after control registers were loaded. */
  controlsChanged(): void {
    this.selectSpaces();
    this.recheck = true;
    this.endSlice();
  }

  // ---- ways out of generated code

  /** Instructions begun since the machine started. */
  get icount(): bigint {
    return this.instructions.value;
  }
  set icount(value: bigint) {
    this.instructions.value = value;
  }
  /** Lets the next run begin instructions until the count is `limit`. */
  runUntil(limit: bigint): void {
    this.runFor(this.instructions.until(limit));
  }
  /** Lets the next run begin so many instructions. */
  runFor(count: number): void {
    this.instructions.allow(count);
    if (!this.#looksAgain) return;
    this.#looksAgain = false;
    this.forgetDecodePage();
  }
  /** Ends the run loop behind the next instruction that begins; the one behind it may not be fetched though its page is known. */
  endBehindNext(): void {
    this.instructions.endBehindNext();
    this.#looksAgain = true;
  }
  /** Ends the run loop behind the instruction in execution. */
  endSlice(): void {
    this.instructions.end(1);
  }
  /** Address of the instruction in execution. */
  get ia(): bigint {
    return this.big(engineState.ia);
  }
  /** Length in bytes by which the PSW passes the instruction in execution. */
  get ilc(): number {
    const entry = this.num(engineState.ifetchBase) + ((this.num(engineState.ia) & 0xffe) << (decodeEntry.shift - 1));
    const length = this.view.getUint8(entry + decodeEntry.ilc);
    // Nobody has decoded an instruction that crosses pages where translated code has come to it, whatever is entered there.
    const crosses = length === 0 || this.view.getUint16(entry, true) === handlers.crossing;
    return crosses ? this.view.getUint8(this.base + engineState.crossingEntry.offset + decodeEntry.ilc) : length;
  }
  /** Text of the instruction in execution, bytes 0-3 and 4-5; of its target, bits OR'ed in, when it is EXECUTE. */
  interceptedText(): readonly [first: number, last: number, executed: boolean] {
    if (this.isExecuting()) return [this.executeText[0] ?? 0, this.executeText[1] ?? 0, true];
    const { first, last } = this.core.loose;
    return [first, last, false];
  }
  /** True when the instruction in execution is EXECUTE, whose target's text is `executeText`. */
  isExecuting(): boolean {
    const { loose } = this.core;
    loose.fetchText(this);
    return isExecute(loose.first >>> 16);
  }
  /** Ends the instruction in execution with a program interruption. */
  raise(code: number, details: InterruptionDetails = {}): never {
    this.endWith(code, details);
    throw unwind;
  }
  /** The same for the last thing that a helper or slow path does. A spread with properties behind it costs microseconds. */
  endWith(code: number, details: InterruptionDetails = {}): void {
    const ilc = details.ilc ?? this.ilc;
    const { fault } = this.place;
    if (code === PGM.addressing && fault !== undefined) return this.end({ kind: 'host', fault, ilc }, 0);
    const nullified = details.nullified ?? isNullifying(code);
    const interruption = Object.assign({ code, ilc, nullified }, details);
    this.end({ kind: 'program', interruption }, nullified ? 0 : ilc);
  }
  /** Ends an instruction that has replaced the PSW, or part of it, with a program interruption whose old PSW that is. */
  raiseForNewPsw(code: number, ilc: number, details: InterruptionDetails = {}): never {
    this.unwindCause = { kind: 'program', interruption: { ...details, code, ilc, nullified: false } };
    this.instructions.end(LEFT);
    throw unwind;
  }
  /** Ends the instruction in execution with another PSW, from which the guest goes on. */
  redirect(psw: Psw): never {
    this.setPsw(psw);
    this.unwindCause = { kind: 'redirected' };
    this.instructions.end(LEFT);
    throw unwind;
  }
  /** Ends the instruction in execution with an interception; the PSW is past it. */
  intercept(code: number): never {
    return this.leave({ kind: 'intercept', code }, this.ilc);
  }
  /** Leaves generated code in front of an instruction. */
  stopAhead(exit: StopExit): void {
    this.unwindCause = { kind: 'stop', exit };
    this.instructions.end(LEFT);
  }
  /** Leaves generated code with the PSW `bytes` past the instruction in execution. */
  leave(cause: UnwindCause, bytes: number): never {
    this.end(cause, bytes);
    throw unwind;
  }
  /** The same for the last thing that a helper or slow path does: an exception costs more than all the rest of a fault. */
  end(cause: UnwindCause, bytes: number): void {
    this.unwindCause = cause;
    this.#goBehind(engineState.ia.offset, bytes);
    this.instructions.end(LEFT);
  }
  /** Lets the PSW pass the instruction in execution, which goes on. */
  passInstruction(): void {
    this.#goBehind(engineState.ia.offset, this.ilc);
  }
  /** Lets the PSW pass so many bytes. Between instructions only. */
  pass(bytes: number): void {
    this.#goBehind(engineState.pc.offset, bytes);
  }
  // Goes on so many bytes behind the address at an offset in the state.
  #goBehind(from: number, bytes: number): void {
    const { view, base } = this;
    const { pc, amask } = engineState;
    const low = view.getUint32(base + from, true) + bytes;
    const high = view.getUint32(base + from + 4, true) + (low > 0xffff_ffff ? 1 : 0);
    view.setUint32(base + pc.offset, low & view.getUint32(base + amask.offset, true), true);
    view.setUint32(base + pc.offset + 4, high & view.getUint32(base + amask.offset + 4, true), true);
  }
  /** Why generated code was left; asked once. */
  takeCause(): UnwindCause | undefined {
    const cause = this.unwindCause;
    this.unwindCause = undefined;
    return cause;
  }
}

/** True for the exception that `Vcpu.leave` throws. */
export function isUnwind(error: unknown): boolean {
  return error === unwind;
}
