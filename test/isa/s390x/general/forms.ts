/**
 * Puts values where an instruction's format has its operands, with noise in all that is not the operand, executes, and
 * holds that nothing but the result and the condition code changed.
 */

import { expect } from 'vitest';
import { type Bench, CODE, encode, type Outcome, rowOf, type Setup } from '../../../support/s390x/isa.ts';

/** A part of a general register, or storage of so many bits, or an immediate. */
export type Part = 'full' | 'low' | 'high' | 'half' | 'byte' | 'm8' | 'm16' | 'm32' | 'm64' | 'imm';

/** An instruction with the kinds of its result and operands; what it has not is left out. */
export interface Form {
  readonly op: string;
  readonly to?: Part;
  readonly a?: Part;
  readonly b?: Part;
}

/** What an instruction did. */
export interface Done {
  /** Unsigned. */
  readonly result: bigint;
  readonly cc: number;
  readonly out: Outcome;
  readonly next: bigint;
}

const NOISE = 0xdead_beef_5eed_f00dn;
const DATA = 0x2_0000;
const BASE = 12;
const INDEX = 11;
const AROUND = 'c3'.repeat(8);

const registerParts: Readonly<Record<string, readonly [shift: bigint, bits: number]>> = {
  full: [0n, 64],
  low: [0n, 32],
  high: [32n, 32],
  half: [0n, 16],
  byte: [0n, 8],
};

const storageBytes: Readonly<Record<string, number>> = { m8: 1, m16: 2, m32: 4, m64: 8 };

function shape(part: Part): readonly [bigint, number] {
  const found = registerParts[part];
  if (found === undefined) throw new Error(`${part} is no part of a register`);
  return found;
}

/** Bits of an operand, as many as tell a value that fits from one that does not. */
function place(part: Part, register: bigint, value: bigint): bigint {
  const [shift, bits] = shape(part);
  const mask = BigInt.asUintN(bits, -1n) << shift;
  return (register & ~mask) | (BigInt.asUintN(bits, value) << shift);
}

function extract(part: Part, register: bigint): bigint {
  const [shift, bits] = shape(part);
  return BigInt.asUintN(bits, register >> shift);
}

/** Storage bytes of a number, as hex text. */
export function hex(value: bigint, bytes: number): string {
  return BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
}

/** Executes a form on its operands and checks that registers and storage besides the result stay. */
export function perform(bench: Bench, form: Form, a: bigint, b: bigint, more: Partial<Setup> = {}): Done {
  const { fields, length } = rowOf(form.op).format;
  const has = (name: string): boolean => fields[name] !== undefined;
  const operands: Record<string, number> = {};
  const gr: Record<number, bigint> = { [BASE]: BigInt(DATA - 0x23), [INDEX]: 3n };
  for (let i = 0; i < INDEX; i++) gr[i] = NOISE ^ BigInt(i);
  const use = (name: string, register: number): number => {
    operands[name] = register;
    return register;
  };
  // Which registers hold the operands: R1 is the result's, and the first operand's unless R3 makes it distinct.
  const r1 = has('r1') ? use('r1', 2) : 2;
  const r2 = has('r2') ? use('r2', 4) : undefined;
  const r3 = has('r3') ? use('r3', 6) : undefined;
  const [first, second] = r3 === undefined ? [r1, r2] : r2 === undefined ? [r3, undefined] : [r2, r3];
  let bytes = 0;
  let storage = '';
  const put = (part: Part, value: bigint, register: number | undefined): void => {
    const n = storageBytes[part];
    if (n !== undefined) {
      bytes = n;
      storage = hex(value, n);
    } else if (part === 'imm') operands.i2 = Number(value);
    else if (register === undefined) throw new Error(`${form.op} has no such register`);
    else gr[register] = place(part, gr[register] ?? 0n, value);
  };
  if (form.a !== undefined) put(form.a, a, first);
  if (form.b !== undefined) put(form.b, b, second ?? first);
  const target = form.to === undefined ? undefined : storageBytes[form.to];
  if (target !== undefined && bytes === 0) {
    bytes = target;
    storage = 'a5'.repeat(target);
  }
  const n = has('b2') ? '2' : '1';
  if (bytes > 0 && !has('ri2')) {
    operands[`b${n}`] = BASE;
    operands[`d${n}`] = 0x20;
    if (has('x2')) operands.x2 = INDEX;
    else gr[BASE] = BigInt(DATA - 0x20);
  } else if (bytes > 0) operands.ri2 = DATA - Number(CODE);
  const cc = more.cc ?? 1;
  const setup = { gr, cc, storage: { [DATA - 8]: AROUND + storage + AROUND }, ...more };
  const out = bench.run({ code: [encode(form.op, operands)], ...setup });
  const at = form.to === undefined || target !== undefined ? -1 : r1;
  for (let i = 0; i < 16; i++) {
    const before = BigInt.asUintN(64, setup.gr[i] ?? 0n);
    const expected =
      i === at && form.to !== undefined ? place(form.to, before, extract(form.to, out.gr[i] ?? 0n)) : before;
    expect(out.gr[i], `${form.op}: register ${i}`).toBe(expected);
  }
  const after = out.storage(DATA - 8, 16 + bytes);
  const inside = after.slice(16, 16 + bytes * 2);
  expect(after, `${form.op}: storage around`).toBe(AROUND + (target === undefined ? storage : inside) + AROUND);
  const result =
    target !== undefined
      ? BigInt(`0x${inside}`)
      : at < 0 || form.to === undefined
        ? 0n
        : extract(form.to, out.gr[at] ?? 0n);
  return { result, cc: out.cc, out, next: CODE + BigInt(length) };
}

/** A case of a binary operation: hazard, operands, result, condition code. */
export type BinaryCase = readonly [name: string, a: bigint, b: bigint, result: bigint, cc: number];

/** True when the second operand can be written in the form's place and mean the number. */
export function fits(part: Part | undefined, b: bigint, signed: boolean, immediateBits: number): boolean {
  const bits = { full: 64, low: 32, high: 32, half: 16, byte: 8, m8: 8, m16: 16, m32: 32, m64: 64, imm: immediateBits };
  const n = bits[part ?? 'full'];
  return signed ? BigInt.asIntN(n, b) === b : BigInt.asUintN(n, b) === b;
}
