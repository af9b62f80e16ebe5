/** Function codes in general register 0, and the query functions that tell which of them there are. */

import type { Facility } from '../../cpu/facilities.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { addressIn } from '../storage/operands.ts';
import type { BlockCipher } from './cipher.ts';
import { Stretch } from './operand.ts';
import { wraps } from './wrapped.ts';

/** Functions that came later than their instruction, with the facility that brought them or came at the same time. */
type Later = ReadonlyMap<number, Facility>;
const noneLater: Later = new Map();
/** Functions with encrypted keys, which a guest may be kept from, by the ciphers that the keys are of. */
type Wrapped = ReadonlyMap<number, BlockCipher>;
const noneWrapped: Wrapped = new Map();

/** Bits 57-63 of general register 0. */
export function functionCode(vcpu: Vcpu): number {
  return vcpu.grLow(0) & 0x7f;
}

/** Bit 56 of general register 0: decipher, or seed. */
export function modifier(vcpu: Vcpu): boolean {
  return (vcpu.grLow(0) & 0x80) !== 0;
}

/** Specification exception when bit 56 of general register 0, which the instruction does not have, is one. */
export function requireNoModifier(vcpu: Vcpu): void {
  if (modifier(vcpu)) vcpu.raise(PGM.specification);
}

/** Specification exception unless each number is that of an even register other than 0. */
export function requirePairs(vcpu: Vcpu, ...registers: readonly number[]): void {
  if (registers.some((r) => r === 0 || (r & 1) !== 0)) vcpu.raise(PGM.specification);
}

/**
 * Carries out function 0, which stores a bit for each function that there is, or gives the function that general register
 * 0 names; a specification exception when there is no such function. A function of `later` is there with its facility alone,
 * one of `wrapped` for a guest that may wrap such keys.
 */
export function chosen<F>(
  vcpu: Vcpu,
  functions: ReadonlyMap<number, F>,
  later: Later = noneLater,
  wrapped: Wrapped = noneWrapped,
): F | undefined {
  const there = (code: number): boolean => {
    const facility = later.get(code);
    const cipher = wrapped.get(code);
    return (facility === undefined || vcpu.core.has(facility)) && (cipher === undefined || wraps(vcpu, cipher));
  };
  const code = functionCode(vcpu);
  if (code !== 0) return (there(code) ? functions.get(code) : undefined) ?? vcpu.raise(PGM.specification);
  const status = new Uint8Array(16);
  for (const known of [0, ...functions.keys()]) {
    if (there(known)) status[known >> 3] = (status[known >> 3] ?? 0) | (0x80 >> (known & 7));
  }
  const block = new Stretch(vcpu, addressIn(vcpu, 1), status.length, 'store', 1);
  block.require(status.length);
  block.write(status);
  return undefined;
}
