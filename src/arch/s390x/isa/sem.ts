import type { Field } from '../../../ir/field.ts';
import type { Address, F64, I32, I64, RegisterIndex, V128 } from '../../../ir/node.ts';
import { type Arg, Recorder } from '../../../ir/recorder.ts';
import { engineState } from '../../../machine/layout.ts';
import { PGM, type ProgramInterruptionCode } from '../cpu/interruption-codes.ts';
import { parts, slots } from '../cpu/state-layout.ts';

const at = (field: Field, delta = 0): RegisterIndex => ({ by: 'field', field, delta });
const nth = (index: I32): RegisterIndex => ({ by: 'value', index });

/** Program-mask bits, leftmost first. */
export const programMask = { fixedPointOverflow: 8, decimalOverflow: 4, hfpUnderflow: 2, hfpSignificance: 1 } as const;

/** The recorder of s390x semantics: registers, condition code, operand addresses and interruptions by the manual's names. */
export class Sem extends Recorder {
  // ---- general registers

  /** The 64 bits of the register that `field` names, or of the one `delta` after it (the odd one of a pair). */
  gr(field: Field, delta = 0): I64 {
    return this.readReg(parts.gr, at(field, delta));
  }
  setGr(field: Field, value: Arg<'i64'>, delta = 0): void {
    this.writeReg(parts.gr, at(field, delta), value);
  }
  /** Bits 32-63. */
  grLow(field: Field, delta = 0): I32 {
    return this.readReg(parts.grLow, at(field, delta));
  }
  /** Sets bits 32-63; bits 0-31 stay. */
  setGrLow(field: Field, value: Arg<'i32'>, delta = 0): void {
    this.writeReg(parts.grLow, at(field, delta), value);
  }
  /** Bits 0-31. */
  grHigh(field: Field, delta = 0): I32 {
    return this.readReg(parts.grHigh, at(field, delta));
  }
  /** Sets bits 0-31; bits 32-63 stay. */
  setGrHigh(field: Field, value: Arg<'i32'>, delta = 0): void {
    this.writeReg(parts.grHigh, at(field, delta), value);
  }
  /** Bits 56-63, zero extended. */
  grByte(field: Field, delta = 0): I32 {
    return this.readReg(parts.grLowByte, at(field, delta));
  }
  setGrByte(field: Field, value: Arg<'i32'>, delta = 0): void {
    this.writeReg(parts.grLowByte, at(field, delta), value);
  }
  /** Bits 48-63, zero extended. */
  grHalf(field: Field, delta = 0): I32 {
    return this.readReg(parts.grLowHalf, at(field, delta));
  }
  setGrHalf(field: Field, value: Arg<'i32'>, delta = 0): void {
    this.writeReg(parts.grLowHalf, at(field, delta), value);
  }
  /** A general register by computed number, 0 to 15. */
  grAt(index: I32): I64 {
    return this.readReg(parts.gr, nth(index));
  }
  setGrAt(index: I32, value: Arg<'i64'>): void {
    this.writeReg(parts.gr, nth(index), value);
  }
  grLowAt(index: I32): I32 {
    return this.readReg(parts.grLow, nth(index));
  }
  setGrLowAt(index: I32, value: Arg<'i32'>): void {
    this.writeReg(parts.grLow, nth(index), value);
  }
  grHighAt(index: I32): I32 {
    return this.readReg(parts.grHigh, nth(index));
  }
  setGrHighAt(index: I32, value: Arg<'i32'>): void {
    this.writeReg(parts.grHigh, nth(index), value);
  }

  /** An implied general register, such as 0 and 1 of MOVE STRING. */
  grN(number: number): I64 {
    return this.readReg(parts.gr, nth(this.i32(number)));
  }
  setGrN(number: number, value: Arg<'i64'>): void {
    this.writeReg(parts.gr, nth(this.i32(number)), value);
  }
  grLowN(number: number): I32 {
    return this.readReg(parts.grLow, nth(this.i32(number)));
  }
  setGrLowN(number: number, value: Arg<'i32'>): void {
    this.writeReg(parts.grLow, nth(this.i32(number)), value);
  }

  // ---- access, control and floating-point registers

  ar(field: Field): I32 {
    return this.readReg(parts.ar, at(field));
  }
  setAr(field: Field, value: Arg<'i32'>): void {
    this.writeReg(parts.ar, at(field), value);
  }
  arAt(index: I32): I32 {
    return this.readReg(parts.ar, nth(index));
  }
  setArAt(index: I32, value: Arg<'i32'>): void {
    this.writeReg(parts.ar, nth(index), value);
  }
  /** Control register by number. Setting one takes a helper: it changes what the run loop must look at. */
  crN(number: number): I64 {
    return this.readReg(parts.cr, nth(this.i32(number)));
  }
  /** Bits 32-63 of a control register by number. */
  crLowN(number: number): I32 {
    return this.readReg(parts.crLow, nth(this.i32(number)));
  }
  cr(field: Field): I64 {
    return this.readReg(parts.cr, at(field));
  }
  /** The 64 bits of a floating-point register as an integer. */
  fpr(field: Field, delta = 0): I64 {
    return this.readReg(parts.fpr, at(field, delta));
  }
  setFpr(field: Field, value: Arg<'i64'>, delta = 0): void {
    this.writeReg(parts.fpr, at(field, delta), value);
  }
  /** The leftmost 32 bits of a floating-point register. */
  fprShort(field: Field): I32 {
    return this.readReg(parts.fprShort, at(field));
  }
  /** Sets the leftmost 32 bits; the others stay. */
  setFprShort(field: Field, value: Arg<'i32'>): void {
    this.writeReg(parts.fprShort, at(field), value);
  }
  /** A long BFP operand. */
  fprLong(field: Field): F64 {
    return this.conv('f64', 'reinterpret_i64', this.fpr(field));
  }
  vr(field: Field): V128 {
    return this.readReg(parts.vr, at(field));
  }
  setVr(field: Field, value: V128): void {
    this.writeReg(parts.vr, at(field), value);
  }
  /** A vector register by computed number, 0 to 31. */
  vrAt(index: I32): V128 {
    return this.readReg(parts.vr, nth(index));
  }
  setVrAt(index: I32, value: V128): void {
    this.writeReg(parts.vr, nth(index), value);
  }

  // ---- PSW

  /** Condition code, 0 to 3. */
  cc(): I32 {
    return this.state(slots.cc);
  }
  setCc(value: Arg<'i32'>): void {
    this.setState(slots.cc, value);
  }
  /** 1 when the condition code is among those that the mask (8 for cc 0 down to 1 for cc 3) selects. */
  ccIn(mask: I32): I32 {
    return this.and(this.shrU(mask, this.sub(this.i32(3), this.cc())), 1);
  }
  /** 1 in 64-bit addressing mode. */
  is64(): I32 {
    return this.eq(this.state(slots.addressingMode), 3);
  }
  /** 1 in 24-bit addressing mode. */
  is24(): I32 {
    return this.isZero(this.state(slots.addressingMode));
  }
  /** The mask of an address in the current mode. */
  addressMask(): I64 {
    return this.state(engineState.amask);
  }

  // ---- operand addresses

  /** An address in the current addressing mode. */
  wrapAddress(value: I64): I64 {
    return this.and(value, this.addressMask());
  }
  #sum(b: Field, d: Field, x?: Field): I64 {
    const base = this.add(this.gr(b), this.sext(this.field(d)));
    return x === undefined ? base : this.add(base, this.gr(x));
  }
  /** First-operand address from B1 and D1. */
  address1(f: { readonly b1: Field; readonly d1: Field }): Address {
    return { at: this.wrapAddress(this.#sum(f.b1, f.d1)), space: f.b1 };
  }
  /** Second-operand address from B2, D2 and, where the format has it, X2. */
  address2(f: { readonly b2: Field; readonly d2: Field; readonly x2?: Field }): Address {
    return { at: this.wrapAddress(this.#sum(f.b2, f.d2, f.x2)), space: f.b2 };
  }
  /** Fourth-operand address from B4 and D4. */
  address4(f: { readonly b4: Field; readonly d4: Field }): Address {
    return { at: this.wrapAddress(this.#sum(f.b4, f.d4)), space: f.b4 };
  }
  /** The logical address that a general register holds; its access register is the one of the same number. */
  addressIn(field: Field, delta = 0): Address {
    return { at: this.wrapAddress(this.gr(field, delta)), space: field };
  }
  /** `address` plus a number of bytes, wrapped to the addressing mode. */
  offset(address: Address, bytes: Arg<'i64'>): Address {
    return { at: this.wrapAddress(this.add(address.at, bytes)), space: address.space };
  }
  /** The address that a relative operand designates. */
  relative(field: Field): I64 {
    return this.wrapAddress(this.add(this.ia(), this.rel(field)));
  }
  /** A storage operand by relative address: no access register takes part. */
  relativeOperand(field: Field): Address {
    return { at: this.relative(field), space: 'instruction' };
  }

  /** Upper and lower word of an address, as helpers that are called often are given it. */
  words(address: I64): readonly [high: I32, low: I32] {
    return [this.wrap(this.shrU(address, 32)), this.wrap(address)];
  }

  // ---- storage

  fetch8(a: Address): I32 {
    return this.fetchAs('i32', 8, a);
  }
  fetch8s(a: Address): I32 {
    return this.fetchAs('i32', 8, a, true);
  }
  fetch16(a: Address): I32 {
    return this.fetchAs('i32', 16, a);
  }
  fetch16s(a: Address): I32 {
    return this.fetchAs('i32', 16, a, true);
  }
  fetch32(a: Address): I32 {
    return this.fetchAs('i32', 32, a);
  }
  fetch64(a: Address): I64 {
    return this.fetchAs('i64', 64, a);
  }
  fetch128(a: Address): V128 {
    return this.fetchAs('v128', 128, a);
  }
  store8(a: Address, value: I32): void {
    this.storeAs(8, a, value);
  }
  store16(a: Address, value: I32): void {
    this.storeAs(16, a, value);
  }
  store32(a: Address, value: I32): void {
    this.storeAs(32, a, value);
  }
  store64(a: Address, value: I64): void {
    this.storeAs(64, a, value);
  }
  store128(a: Address, value: V128): void {
    this.storeAs(128, a, value);
  }

  // ---- control

  /** Takes a branch: the breaking-event address becomes this instruction's. */
  branchTo(target: I64): void {
    this.setState(slots.bea, this.ia());
    this.branch(target);
  }
  /** Program interruption when the condition is not zero. */
  pgmIf(condition: I32, code: ProgramInterruptionCode): void {
    this.trapIf(condition, code);
  }
  /** Specification exception when the field names an odd register. */
  requireEven(...fields: readonly Field[]): void {
    for (const f of fields) this.pgmIf(this.and(this.field(f), 1), PGM.specification);
  }
  /** Specification exception unless the address is a multiple of `bytes`. */
  requireAligned(address: Address, bytes: number): void {
    this.pgmIf(this.and(this.wrap(address.at), bytes - 1), PGM.specification);
  }
  /** Privileged-operation exception in the problem state. */
  privileged(): void {
    this.pgmIf(this.and(this.state(slots.pswHigh), 0x0001_0000), PGM.privilegedOperation);
  }
  /** Fixed-point-overflow exception when `overflow` is not zero and the program mask asks for it; results stay. */
  fixedPointOverflow(overflow: I32): void {
    const asked = this.and(this.state(slots.programMask), programMask.fixedPointOverflow);
    this.pgmIf(this.and(overflow, this.ne(asked, 0)), PGM.fixedPointOverflow);
  }
}
