import type { Field } from '../../../ir/field.ts';
import type { Address, I32, I64, RegisterIndex, V128 } from '../../../ir/node.ts';
import { type Arg, Recorder } from '../../../ir/recorder.ts';
import { reversed16, reversed32, reversed64 } from '../../../ir/reversed.ts';
import { engineState } from '../../../machine/layout.ts';
import { trapCode } from '../cpu/interruptions.ts';
import { MSR } from '../cpu/msr.ts';
import { branchRegister, parts, slots } from '../cpu/state-layout.ts';

const at = (field: Field): RegisterIndex => ({ by: 'field', field, delta: 0 });

/** Which of an instruction's forms is recorded. */
export interface Variant {
  /** The form with a dot, which sets CR field 0. */
  readonly rc: boolean;
  /** The form that sets XER[OV] and XER[SO]. */
  readonly oe: boolean;
  /** The form that sets LR. */
  readonly lk: boolean;
  /** The form whose target is an address, not a distance. */
  readonly aa: boolean;
  /** MSR[LE]: numbers in storage begin with their last byte. */
  readonly little: boolean;
  /** Numbers of that order come out of storage with their bytes the other way round. */
  readonly turned: boolean;
}

/** A sum, and the carries that it made. */
export interface Sum {
  readonly value: I64;
  readonly carry: I32;
}

/** The recorder of ppc64 semantics: registers, CR fields, XER and storage by the manual's names. */
export class Sem extends Recorder {
  readonly variant: Variant;

  constructor(variant: Variant) {
    super();
    this.variant = variant;
  }

  // ---- registers

  gpr(field: Field): I64 {
    return this.readReg(parts.gpr, at(field));
  }
  /** Bits 32-63. */
  low(field: Field): I32 {
    return this.readReg(parts.gprLow, at(field));
  }
  setGpr(field: Field, value: Arg<'i64'>): void {
    this.writeReg(parts.gpr, at(field), value);
  }
  /** Sets the target register; and CR field 0 in the form with a dot. */
  result(field: Field, value: I64): void {
    this.setGpr(field, value);
    if (this.variant.rc) this.setCr0(value);
  }
  lr(): I64 {
    return this.readReg(parts.branch, { by: 'value', index: this.i32(branchRegister.lr) });
  }
  setLr(value: I64): void {
    this.writeReg(parts.branch, { by: 'value', index: this.i32(branchRegister.lr) }, value);
  }
  ctr(): I64 {
    return this.readReg(parts.branch, { by: 'value', index: this.i32(branchRegister.ctr) });
  }
  setCtr(value: I64): void {
    this.writeReg(parts.branch, { by: 'value', index: this.i32(branchRegister.ctr) }, value);
  }
  fpr(field: Field): I64 {
    return this.readReg(parts.fpr, at(field));
  }
  setFpr(field: Field, value: Arg<'i64'>): void {
    this.writeReg(parts.fpr, at(field), value);
  }
  vsr(field: Field): V128 {
    return this.readReg(parts.vsr, at(field));
  }
  setVsr(field: Field, value: V128): void {
    this.writeReg(parts.vsr, at(field), value);
  }

  // ---- CR and XER

  crf(field: Field): I32 {
    return this.readReg(parts.cr, at(field));
  }
  setCrf(field: Field, value: Arg<'i32'>): void {
    this.writeReg(parts.cr, at(field), value);
  }
  crN(number: number): I32 {
    return this.readReg(parts.cr, { by: 'value', index: this.i32(number) });
  }
  setCrN(number: number, value: Arg<'i32'>): void {
    this.writeReg(parts.cr, { by: 'value', index: this.i32(number) }, value);
  }
  /** A bit of a CR field, 0 for LT to 3 for SO, as 0 or 1. */
  crBit(field: Field, bit: Field): I32 {
    return this.and(this.shrU(this.crf(field), this.sub(this.i32(3), this.field(bit))), 1);
  }
  so(): I32 {
    return this.state(slots.so);
  }
  ca(): I32 {
    return this.state(slots.ca);
  }
  setCa(value: I32): void {
    this.setState(slots.ca, value);
  }
  setOverflow(value: I32): void {
    this.setState(slots.ov, value);
    this.setState(slots.so, this.or(this.so(), value));
  }
  /** A field that says how two numbers compare. */
  ordering(less: I32, equal: I32): I32 {
    const which = this.select(less, this.i32(8), this.select(equal, this.i32(2), this.i32(4)));
    return this.or(which, this.so());
  }
  /** CR field 0 from a result, of which 32-bit mode sees the low word. */
  setCr0(value: I64): void {
    const seen = this.select(this.is64(), value, this.sext(this.wrap(value)));
    this.setCrN(0, this.ordering(this.ltS(seen, 0), this.isZero(seen)));
  }
  /** CR field 1 in the forms with a dot: FX, FEX, VX and OX of FPSCR. */
  recordFpscr(): void {
    if (this.variant.rc) this.setCrN(1, this.shrU(this.state(slots.fpscrLow), 28));
  }

  // ---- modes

  /** 1 in 64-bit mode. */
  is64(): I32 {
    return this.state(slots.sf);
  }
  /** The low word of the MSR. */
  msr(): I32 {
    return this.state(slots.msrLow);
  }
  /** Supervisor state, or a program interruption. */
  privileged(): void {
    this.trapIf(this.and(this.msr(), MSR.pr), trapCode.privileged);
  }
  needsFp(): void {
    this.trapIf(this.isZero(this.and(this.msr(), MSR.fp)), trapCode.fpUnavailable);
  }
  needsVector(): void {
    this.trapIf(this.isZero(this.and(this.msr(), MSR.vec)), trapCode.vectorUnavailable);
  }
  needsVsx(): void {
    this.trapIf(this.isZero(this.and(this.msr(), MSR.vsx)), trapCode.vsxUnavailable);
  }

  // ---- sums

  /** a + b + c, c 0 or 1; the carry is out of bit 0, in 32-bit mode out of bit 32. */
  sum(a: I64, b: I64, c?: I32): Sum {
    const first = this.add(a, b);
    const value = c === undefined ? first : this.add(first, this.zext(c));
    const low = (v: I64): I32 => this.wrap(v);
    let carry64 = this.ltU(first, a);
    let carry32 = this.ltU(low(first), low(a));
    if (c !== undefined) {
      carry64 = this.or(carry64, this.ltU(value, first));
      carry32 = this.or(carry32, this.ltU(low(value), low(first)));
    }
    return { value, carry: this.select(this.is64(), carry64, carry32) };
  }
  /** Overflow of a sum of a and b. */
  sumOverflow(a: I64, b: I64, value: I64): I32 {
    const signs = this.and(this.xor(a, value), this.xor(b, value));
    const seen = this.select(this.is64(), this.shrU(signs, 32), signs);
    return this.shrU(this.wrap(seen), 31);
  }

  // ---- storage

  /** An effective address, in 32-bit mode the low word of it. */
  ea(base: I64, offset: I64): I64 {
    return this.and(this.add(base, offset), this.state(engineState.amask));
  }
  #data(address: I64): Address {
    return { at: address, space: 'data' };
  }
  /** The number at an address, zero extended, in the order of MSR[LE], or in the other one. */
  fetch(width: 8 | 16 | 32 | 64, address: I64, reversed = false): I64 {
    const value = this.fetchAs('i64', width, this.#data(address));
    return reversed === this.variant.turned ? value : this.reverse(width, value);
  }
  store(width: 8 | 16 | 32 | 64, address: I64, value: I64, reversed = false): void {
    this.storeAs(width, this.#data(address), reversed === this.variant.turned ? value : this.reverse(width, value));
  }
  /** A quadword of storage, whose first byte is the leftmost one, or the rightmost one when MSR[LE] is 1. */
  fetchQuad(address: I64): V128 {
    const value = this.fetchAs('v128', 128, this.#data(address));
    return this.variant.turned ? this.reverseQuad(value) : value;
  }
  storeQuad(address: I64, value: V128): void {
    this.storeAs(128, this.#data(address), this.variant.turned ? this.reverseQuad(value) : value);
  }

  /** The low `width` bits with their bytes the other way round, zero extended. */
  reverse(width: 8 | 16 | 32 | 64, value: I64): I64 {
    if (width === 8) return value;
    if (width === 64) return reversed64(this, value);
    const low = this.wrap(value);
    return this.zext(width === 16 ? reversed16(this, low) : reversed32(this, low));
  }
  reverseQuad(value: V128): V128 {
    const left = this.lane('i64', 'i64x2.extract_lane', 1, value);
    const right = this.lane('i64', 'i64x2.extract_lane', 0, value);
    return this.quad(this.reverse(64, right), this.reverse(64, left));
  }
  /** A vector of its left and right doubleword. */
  quad(left: I64, right: I64): V128 {
    const both = this.conv('v128', 'i64x2.splat', right);
    return this.lane('v128', 'i64x2.replace_lane', 1, both, left);
  }
  leftOf(value: V128): I64 {
    return this.lane('i64', 'i64x2.extract_lane', 1, value);
  }
  rightOf(value: V128): I64 {
    return this.lane('i64', 'i64x2.extract_lane', 0, value);
  }
}
