/** The trace table (PoP, "Tracing"): control register 12 says what is traced, and where the next entry goes. */

import { toBigEndian } from '../../../bits/hex.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { HostAddress } from '../dat/address.ts';
import type { AccessPath } from './access-path.ts';
import type { AccessFault } from './access-places.ts';
import { CR12, CR12_HIGH } from './control-register-bits.ts';
import { PGM } from './interruption-codes.ts';
import { slots, ZERO_REGISTER } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Bits 2-61 of control register 12. */
const ADDRESS = 0x3fff_ffff_ffff_fffcn;
/** Stores by real address, past the storage keys. */
const path: AccessPath = { space: 'real', ar: ZERO_REGISTER, key: 0 };

/** An entry that has a place, and is made when its instruction completes. */
export interface TraceEntry {
  readonly at: HostAddress;
  readonly bytes: Uint8Array;
}

/** What control register 12 asks for. */
export const traces = {
  branches: (vcpu: Vcpu): boolean => (vcpu.crHigh(12) & CR12_HIGH.branchTrace) !== 0,
  modes: (vcpu: Vcpu): boolean => (vcpu.crHigh(12) & CR12_HIGH.modeTrace) !== 0,
  spaces: (vcpu: Vcpu): boolean => (vcpu.crLow(12) & CR12.asnTrace) !== 0,
} as const;

/** Finds the place of an entry of these bytes, or the exception that it has. */
export function placeTraceEntry(vcpu: Vcpu, bytes: Uint8Array, behind?: TraceEntry): TraceEntry | AccessFault {
  const address = (vcpu.cr(12) & ADDRESS) + BigInt(behind?.bytes.length ?? 0);
  const { access } = vcpu.core;
  const at = access.places.locate(vcpu, Number(address >> 32n), Number(address & 0xffff_ffffn), 'store', path);
  if (at < 0) return access.places.lastFault;
  return (at % PAGE_BYTES) + bytes.length >= PAGE_BYTES ? { code: PGM.traceTable, details: {} } : { at, bytes };
}

/** The same, raising the exception; `behind` is another entry that is not made yet. */
export function traceEntry(vcpu: Vcpu, bytes: Uint8Array, behind?: TraceEntry): TraceEntry {
  const found = placeTraceEntry(vcpu, bytes, behind);
  return 'at' in found ? found : vcpu.raise(found.code, found.details);
}

/** Makes an entry, and lets control register 12 pass it. */
export function makeTraceEntry(vcpu: Vcpu, entry: TraceEntry | undefined): void {
  if (entry === undefined) return;
  const { complex } = vcpu.core;
  complex.storage.write(entry.at, entry.bytes);
  complex.stored(entry.at, entry.bytes.length);
  const cr12 = vcpu.cr(12);
  vcpu.setCr(12, (cr12 & ~ADDRESS) | ((cr12 + BigInt(entry.bytes.length)) & ADDRESS));
}

/** Bytes of an entry: two of format, a halfword, then words (numbers) and doublewords (bigints). */
export function traceBytes(
  format: number,
  second: number,
  half: number,
  ...rest: readonly (number | bigint)[]
): Uint8Array {
  const parts = rest.map((value) =>
    typeof value === 'number' ? toBigEndian(BigInt(value >>> 0), 4) : toBigEndian(value, 8),
  );
  return Uint8Array.from([format, second, half >>> 8, half, ...parts.flatMap((bytes) => [...bytes])]);
}

const low = (address: bigint): number => Number(address & 0xffff_ffffn);
/** True for an address that does without bits 0-31, or without bits 0-32. */
export const isWord = (address: bigint): boolean => address >> 32n === 0n;
const is31Bit = (address: bigint): boolean => address >> 31n === 0n;

function branchBytes(mode: number, target: bigint): Uint8Array {
  if (mode === 3 && !is31Bit(target)) return traceBytes(0x52, 0xc0, 0, target);
  const word = mode === 0 ? target & 0xff_ffffn : 0x8000_0000n | target;
  return toBigEndian(word & 0xffff_ffffn, 4);
}

/** The entry of a branch into an addressing mode (as the state has it). */
export function branchTrace(vcpu: Vcpu, mode: number, target: bigint): TraceEntry {
  return traceEntry(vcpu, branchBytes(mode, target));
}

function modeBytes(mode: number, next: bigint): Uint8Array {
  if (mode !== 3) return traceBytes(0x51, 0x30, 0, low(next) | (mode === 1 ? 0x8000_0000 : 0));
  return is31Bit(next) ? traceBytes(0x51, 0x20, 0, low(next)) : traceBytes(0x52, 0x60, 0, next);
}

/** The entry of a change between 64-bit and another mode; `next` is the address behind the instruction. */
export function modeTrace(vcpu: Vcpu, next: bigint, behind?: TraceEntry): TraceEntry {
  return traceEntry(vcpu, modeBytes(vcpu.num(slots.addressingMode), next), behind);
}

// Into the mode `there`, which is another one than 64-bit when it is left: its address has the bit of the 31-bit mode, then.
function modeBranchBytes(mode: number, there: number, target: bigint): Uint8Array {
  if (mode === 3) return traceBytes(0x51, 0xa0, 0, low(target) | (there === 1 ? 0x8000_0000 : 0));
  return is31Bit(target) ? traceBytes(0x51, 0xb0, 0, low(target)) : traceBytes(0x52, 0xf0, 0, target);
}

/** The same of an instruction that branches into a mode, with branches traced, too: where it goes. */
export function modeBranchTrace(vcpu: Vcpu, there: number, target: bigint): TraceEntry {
  return traceEntry(vcpu, modeBranchBytes(vcpu.num(slots.addressingMode), there, target));
}

/** Opcodes of branches and mode changes that need nothing but this entry. */
const opcode = { bsm: 0x0b, bassm: 0x0c, basr: 0x0d, balr: 0x05, sam24: 0x010c, sam64: 0x010e } as const;

/** True when instructions have to be looked at one by one, since branches or mode changes are traced. */
export function tracesInstructions(vcpu: Vcpu): boolean {
  return (vcpu.crHigh(12) & (CR12_HIGH.branchTrace | CR12_HIGH.modeTrace)) !== 0;
}

/**
 * Bytes of the entry of the next instruction if it is a branch or a mode change of the general instructions, whose rows do not know
 * of tracing. `half` is its first halfword; `length` that of what stands in line, which may be an EXECUTE of it.
 */
export function instructionTrace(vcpu: Vcpu, half: number, length: number): Uint8Array | undefined {
  const op = half >>> 8;
  const r2 = half & 15;
  const next = (vcpu.psw.address + BigInt(length)) & vcpu.amask;
  const mode = vcpu.num(slots.addressingMode);
  if (op === 0x01) {
    if (half < opcode.sam24 || half > opcode.sam64 || !traces.modes(vcpu)) return undefined;
    return (mode === 3) === (half === opcode.sam64) ? undefined : modeBytes(mode, next);
  }
  if (r2 === 0) return undefined;
  const target = vcpu.gr(r2);
  if (op === opcode.basr || op === opcode.balr)
    return traces.branches(vcpu) ? branchBytes(mode, target & vcpu.amask) : undefined;
  if (op !== opcode.bassm && op !== opcode.bsm) return undefined;
  const wide = (target & 1n) !== 0n;
  const changes = traces.modes(vcpu) && wide !== (mode === 3);
  if (op === opcode.bsm) return changes ? modeBytes(mode, next) : undefined;
  const there = wide ? target & ~1n : target & 0x7fff_ffffn;
  const to = wide ? 3 : (target & 0x8000_0000n) !== 0n ? 1 : 0;
  if (changes) return traces.branches(vcpu) ? modeBranchBytes(mode, to, there) : modeBytes(mode, next);
  return traces.branches(vcpu) ? branchBytes(to, there) : undefined;
}
