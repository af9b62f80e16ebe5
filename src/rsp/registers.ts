import { bigEndian } from '../bits/hex.ts';
import type { DebugTarget } from '../debug/target.ts';
import type { RegisterRow, TargetDescription } from '../machine/description.ts';

/** A register with its remote number and width. */
export interface NumberedRegister {
  readonly row: RegisterRow;
  /** The number in `p`, `P` and stop replies: the place among all registers of all features. */
  readonly index: number;
  /** Width in bytes. */
  readonly bytes: number;
}

/** The registers of a description as the protocol numbers them. */
export class RegisterFile {
  readonly all: readonly NumberedRegister[];
  /** Those that a stop reply carries. */
  readonly expedited: readonly NumberedRegister[];
  /** Length of a whole `g` in bytes. */
  readonly totalBytes: number;
  readonly #pc: NumberedRegister;
  readonly #bigEndian: boolean;

  /** Throws when the description names an expedited register or a pc that is not in its features. */
  constructor(description: TargetDescription) {
    const rows = description.features.flatMap((feature) => feature.registers);
    this.all = rows.map((row, index) => ({ row, index, bytes: row.bits / 8 }));
    this.expedited = description.expedited.map((name) => this.#named(name));
    this.totalBytes = this.all.reduce((sum, register) => sum + register.bytes, 0);
    this.#pc = this.#named(description.pcRegister);
    this.#bigEndian = description.elf.data === 'msb';
  }

  #named(name: string): NumberedRegister {
    const found = this.all.find((register) => register.row.name === name);
    if (found === undefined) throw new Error(`the target description has no register ${name}`);
    return found;
  }

  /** Every register of a vCPU, one after another; undefined where one has no value. */
  readAll(target: Pick<DebugTarget, 'readRegister'>, vcpu: number): readonly (Uint8Array | undefined)[] {
    return this.all.map((register) => target.readRegister(vcpu, register.index));
  }

  /**
   * Sets several registers or none. A register that has the value already is not written, so that a debugger can send back
   * what it got, read-only registers included. False when one refused; those before it have their old values again.
   */
  writeAll(target: DebugTarget, vcpu: number, values: readonly (Uint8Array | undefined)[]): boolean {
    const undo: { readonly index: number; readonly old: Uint8Array }[] = [];
    for (const { index } of this.all) {
      const value = values[index];
      if (value === undefined) continue;
      const old = target.readRegister(vcpu, index);
      if (old !== undefined && Buffer.compare(old, value) === 0) continue;
      // The target may hand out a view of live state.
      const kept = old?.slice();
      if (!target.writeRegister(vcpu, index, value)) {
        for (const step of undo.reverse()) target.writeRegister(vcpu, step.index, step.old);
        return false;
      }
      if (kept !== undefined) undo.push({ index, old: kept });
    }
    return true;
  }

  /** Where a vCPU goes on. */
  pc(target: Pick<DebugTarget, 'readRegister'>, vcpu: number): bigint | undefined {
    const bytes = target.readRegister(vcpu, this.#pc.index);
    return bytes && bigEndian(this.#bigEndian ? bytes : bytes.toReversed());
  }
  /** Sets the register that says where a vCPU goes on. */
  writePc(target: DebugTarget, vcpu: number, address: bigint): boolean {
    const bytes = new Uint8Array(this.#pc.bytes);
    let left = address;
    for (let i = 0; i < bytes.length; i++) {
      bytes[this.#bigEndian ? bytes.length - 1 - i : i] = Number(left & 0xffn);
      left >>= 8n;
    }
    return left === 0n && target.writeRegister(vcpu, this.#pc.index, bytes);
  }
}
