import type { Slot } from '../../../ir/node.ts';
import { CR0_REGISTERS } from './control-register-bits.ts';
import { files, slots } from './state-layout.ts';

/** A vCPU's registers where its state is in the machine's memory. */
export class Registers {
  readonly view: DataView;
  /** Address of the state. */
  readonly base: number;
  #enabled = CR0_REGISTERS;

  constructor(view: DataView, base: number) {
    this.view = view;
    this.base = base;
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
    this.view.setBigUint64(this.base + slot.offset, value, true);
  }

  // ---- registers

  gr(n: number): bigint {
    return this.view.getBigUint64(this.base + files.gr.offset + n * 8, true);
  }
  setGr(n: number, value: bigint): void {
    this.view.setBigUint64(this.base + files.gr.offset + n * 8, value, true);
  }
  /** Bits 32-63, unsigned. */
  grLow(n: number): number {
    return this.view.getUint32(this.base + files.gr.offset + n * 8, true);
  }
  /** Bits 0-31, unsigned. */
  grHigh(n: number): number {
    return this.view.getUint32(this.base + files.gr.offset + n * 8 + 4, true);
  }
  /** All of it, by words; what they have beyond 32 bits does not count. */
  setGrWords(n: number, high: number, low: number): void {
    const at = this.base + files.gr.offset + n * 8;
    this.view.setUint32(at, low, true);
    this.view.setUint32(at + 4, high, true);
  }
  setGrLow(n: number, value: number): void {
    this.view.setUint32(this.base + files.gr.offset + n * 8, value, true);
  }
  ar(n: number): number {
    return this.view.getUint32(this.base + files.ar.offset + n * 4, true);
  }
  setAr(n: number, value: number): void {
    this.view.setUint32(this.base + files.ar.offset + n * 4, value, true);
  }
  cr(n: number): bigint {
    return this.view.getBigUint64(this.base + files.cr.offset + n * 8, true);
  }
  /** Low word of a control register. */
  crLow(n: number): number {
    return this.view.getUint32(this.base + files.cr.offset + n * 8, true);
  }
  /** High word of a control register. */
  crHigh(n: number): number {
    return this.view.getUint32(this.base + files.cr.offset + n * 8 + 4, true);
  }
  /** Sets a control register; `controlsChanged` must follow when the vCPU shall run on. */
  setCr(n: number, value: bigint): void {
    this.view.setBigUint64(this.base + files.cr.offset + n * 8, value, true);
    if (n === 0) this.setNum(slots.registerControls, Number(value & BigInt(this.#enabled)));
  }
  /** Register controls of CR0 that whoever runs this CPU leaves to it; the others count as zero. */
  get enabledRegisters(): number {
    return this.#enabled;
  }
  set enabledRegisters(controls: number) {
    if (this.#enabled === controls) return;
    this.#enabled = controls;
    this.setNum(slots.registerControls, this.crLow(0) & controls);
  }
  fpr(n: number): bigint {
    return this.view.getBigUint64(this.base + files.vr.offset + n * 16 + 8, true);
  }
  setFpr(n: number, value: bigint): void {
    this.view.setBigUint64(this.base + files.vr.offset + n * 16 + 8, value, true);
  }
  /** The 128 bits of a vector register, 0 to 31. */
  vr(n: number): bigint {
    const at = this.base + files.vr.offset + n * 16;
    return (this.view.getBigUint64(at + 8, true) << 64n) | this.view.getBigUint64(at, true);
  }
  setVr(n: number, value: bigint): void {
    const at = this.base + files.vr.offset + n * 16;
    this.view.setBigUint64(at + 8, value >> 64n, true);
    this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }
  /** Floating-point-control register. */
  get fpc(): number {
    return this.num(slots.fpc);
  }
  set fpc(value: number) {
    this.setNum(slots.fpc, value);
  }
}
