/** Signed packed decimal numbers in storage (PoP, "Decimal-Number Formats"). */

import type { Vcpu } from '../../cpu/vcpu.ts';
import { raiseData } from '../data-exception.ts';
import type { Span } from '../storage/operands.ts';

/** Data-exception code of an invalid digit or sign. */
const DECIMAL_OPERAND = 0;

/** A number with its sign: minus zero is a value of its own. */
export interface Packed {
  readonly magnitude: bigint;
  readonly negative: boolean;
}

const CHUNK = 15;
const CHUNK_RANGE = 10n ** BigInt(CHUNK);

/** Powers of ten up to 10^31. */
const powers: readonly bigint[] = Array.from({ length: 32 }, (_, i) => 10n ** BigInt(i));

/** 10 to the power of `exponent`, which is at most 31. */
export function powerOfTen(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent);
}

/** Digits that a packed number of so many bytes has. */
export function digitsOf(bytes: number): number {
  return bytes * 2 - 1;
}

/** True for a sign code (A to F) that means minus. */
export function isMinus(code: number): boolean {
  return code === 0x0b || code === 0x0d;
}

/** Ends the instruction with a decimal-operand data exception. */
export function raiseDecimalOperand(vcpu: Vcpu): never {
  return raiseData(vcpu, DECIMAL_OPERAND);
}

/** Reads the number that a span holds; a data exception when a digit or the sign is invalid. */
export function readPacked(vcpu: Vcpu, span: Span): Packed {
  const { storage } = vcpu.core.complex;
  const last = span.length - 1;
  let magnitude = 0n;
  let chunk = 0;
  let inChunk = 0;
  const digit = (value: number): void => {
    if (value > 9) raiseDecimalOperand(vcpu);
    if (inChunk === CHUNK) {
      magnitude = magnitude * CHUNK_RANGE + BigInt(chunk);
      chunk = 0;
      inChunk = 0;
    }
    chunk = chunk * 10 + value;
    inChunk++;
  };
  for (let i = 0; i <= last; i++) {
    const byte = storage.byte(span.at(i));
    digit(byte >> 4);
    if (i < last) digit(byte & 0x0f);
  }
  const sign = storage.byte(span.at(last)) & 0x0f;
  if (sign < 10) raiseDecimalOperand(vcpu);
  return { magnitude: magnitude * powerOfTen(inChunk) + BigInt(chunk), negative: isMinus(sign) };
}

/** Writes the rightmost digits of a number that a span has room for, with the preferred sign code. */
export function writePacked(vcpu: Vcpu, span: Span, number: Packed): void {
  const { storage } = vcpu.core.complex;
  let rest = number.magnitude;
  let chunk = Number(rest % CHUNK_RANGE);
  let inChunk = CHUNK;
  const digit = (): number => {
    if (inChunk === 0) {
      rest /= CHUNK_RANGE;
      chunk = Number(rest % CHUNK_RANGE);
      inChunk = CHUNK;
    }
    const value = chunk % 10;
    chunk = (chunk - value) / 10;
    inChunk--;
    return value;
  };
  const last = span.length - 1;
  for (let i = last; i >= 0; i--) {
    const right = i === last ? (number.negative ? 0x0d : 0x0c) : digit();
    storage.setByte(span.at(i), right | (digit() << 4));
  }
}
