/** Carries floating-point operations out on a vCPU: elements from registers, answers to registers and FPSCR, then the interruption. */

import type { I64 } from '../../../../ir/node.ts';
import { compare } from '../../../../soft-float/compare.ts';
import { type BfpFormat, decode, long, short } from '../../../../soft-float/format.ts';
import { files } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { type BoundHelper, helper } from '../helper.ts';
import type { Sem } from '../sem.ts';
import {
  enabledOf,
  FPSCR,
  fpscrOf,
  interruptIfEnabled,
  recordExceptions,
  recordInCr1,
  resultFlags,
  roundingOf,
} from './fpscr.ts';
import { nativeOr } from './native.ts';
import { type Answer, invalidComparison, type Operation } from './number.ts';

/** Which elements an instruction works on, and what it tells. */
export interface Kind {
  readonly elements: 1 | 2 | 4;
  /** Bits of an operand's element, and of the result's. A word beside a doubleword is the left one of its place. */
  readonly from: 32 | 64;
  readonly to: 32 | 64;
  /** Formats of the numbers among them. */
  readonly operand: BfpFormat;
  readonly result: BfpFormat;
  /** A short result stands in the register as a long number. */
  readonly widened: boolean;
  /** Of FPSCR besides exceptions: rounding is FR and FI, all is FPRF, too. */
  readonly tells: 'nothing' | 'rounding' | 'all';
  /** The whole register is set; the right half is left alone otherwise. */
  readonly whole: boolean;
}

const scalar = { elements: 1, from: 64, to: 64, operand: long, result: long, widened: false, tells: 'all' } as const;

/** Kinds that several headings use. */
export const kinds = {
  double: { ...scalar, whole: false },
  /** Long operands, a short result. */
  single: { ...scalar, result: short, widened: true, whole: false },
  /** Of VSX: one number, two long ones, four short ones. */
  vsxDouble: { ...scalar, whole: true },
  vsxSingle: { ...scalar, result: short, widened: true, whole: true },
  doubles: { ...scalar, elements: 2, tells: 'nothing', whole: true },
  singles: {
    ...{ elements: 4, from: 32, to: 32, operand: short, result: short },
    ...{ widened: false, tells: 'nothing', whole: true },
  },
} as const satisfies Record<string, Kind>;

/** A short number, bit for bit, as the long one of the same value. */
export function widened(bits: bigint): bigint {
  const sign = (bits >> 31n) << 63n;
  const biased = (bits >> 23n) & 0xffn;
  const fraction = bits & 0x7f_ffffn;
  if (biased === 0xffn) return sign | (0x7ffn << 52n) | (fraction << 29n);
  if (biased !== 0n) return sign | ((biased + 896n) << 52n) | (fraction << 29n);
  if (fraction === 0n) return sign;
  const length = BigInt(fraction.toString(2).length);
  return sign | ((896n - 23n + length) << 52n) | BigInt.asUintN(52, fraction << (53n - length));
}

/** An element of a vector-scalar register: of `bits` bits, where `wide` is how far elements lie apart. */
function element(vcpu: Vcpu, register: number, n: number, bits: 32 | 64, wide: number): bigint {
  const place = n * wide;
  const half = vcpu.vsr(register, place < 64 ? 0 : 1);
  if (bits === 64) return half;
  return (half >> (place % 64 === 0 ? 32n : 0n)) & 0xffff_ffffn;
}

/** Makes a register of elements; a word that has a doubleword's room fills it twice. */
function place(vcpu: Vcpu, register: number, values: readonly bigint[], bits: 32 | 64, wide: number): void {
  const halves = [0n, 0n];
  values.forEach((value, n) => {
    const at = n * wide < 64 ? 0 : 1;
    const shift = (n * wide) % 64 === 0 && bits === 32 ? 32n : 0n;
    halves[at] = (halves[at] ?? 0n) | (value << shift);
    if (bits === 32 && wide === 64) halves[at] |= value;
  });
  vcpu.setVsr(register, 0, halves[0] ?? 0n);
  vcpu.setVsr(register, 1, halves[1] ?? 0n);
}

function answersOf(vcpu: Vcpu, kind: Kind, run: Operation, operands: readonly number[]): Answer[] {
  const fpscr = fpscrOf(vcpu);
  const wide = Math.max(kind.from, kind.to);
  const context = { from: kind.operand, to: kind.result, rounding: roundingOf(fpscr), enabled: fpscr & 0xf8 };
  return Array.from({ length: kind.elements }, (_, n) =>
    run(context, ...operands.map((register) => element(vcpu, register, n, kind.from, wide))),
  );
}

function classOf(kind: Kind, scaled: bigint | undefined, value: bigint): number {
  return scaled === undefined ? resultFlags(kind.result, value) : resultFlags(long, scaled);
}

/** FPSCR with what a scalar result tells besides exceptions. */
function told(kind: Kind, fpscr: number, { value, raised, up, scaled }: Answer, stopped: boolean): number {
  if (kind.tells === 'nothing') return fpscr;
  const cleared = fpscr & ~(FPSCR.fr | FPSCR.fi);
  if (stopped) return cleared;
  const rounded = ((raised & FPSCR.xx) === 0 ? 0 : FPSCR.fi) | (up === true ? FPSCR.fr : 0);
  if (kind.tells === 'rounding') return cleared | rounded;
  return (cleared & ~FPSCR.fprf) | rounded | classOf(kind, scaled, value);
}

/** Does an operation: T := operation(operands). */
function execute(vcpu: Vcpu, kind: Kind, run: Operation, target: number, operands: readonly number[]): void {
  const answers = answersOf(vcpu, kind, run, operands);
  const [first] = answers;
  if (first === undefined) throw new Error('an operation has an element');
  const before = fpscrOf(vcpu);
  const raised = answers.reduce((all, { raised: r }) => all | r, 0);
  const enabled = enabledOf(raised, before);
  // Of scalar results those that overflow, underflow or are inexact are there in spite of the interruption.
  const stopped = kind.elements > 1 ? enabled !== 0 : (enabled & (FPSCR.ve | FPSCR.ze)) !== 0;
  recordExceptions(vcpu, told(kind, before, first, stopped), raised);
  if (stopped) return;
  const values = answers.map(({ value, scaled }) => (kind.widened ? (scaled ?? widened(value)) : value));
  if (kind.whole) place(vcpu, target, values, kind.to, Math.max(kind.from, kind.to));
  else vcpu.setVsr(target, 0, values[0] ?? 0n);
}

/** What a helper here touches: registers, CR field 1, FPSCR; and it may interrupt. */
export const floatEffects = {
  faults: true,
  registers: { reads: [files.vsr], writes: [files.vsr, files.cr] },
} as const;

const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;

/** The helper of an operation with so many operands: told the target, whether CR field 1 is set, and the operands' registers. */
export function floatHelper(
  name: string,
  kind: Kind,
  run: Operation,
  operands: 1 | 2 | 3,
): BoundHelper<typeof params, undefined> {
  return helper(name, { params, result: undefined, effects: floatEffects }, (vcpu, _core, target, record, a, b, c) => {
    execute(vcpu, kind, run, target, [a, b, c].slice(0, operands));
    if (record !== 0) recordInCr1(vcpu);
    interruptIfEnabled(vcpu);
  });
}

/** True for a kind that the host's long numbers are good for. */
function isLong({ from, to, operand, result, widened }: Kind): boolean {
  return from === 64 && to === 64 && operand === long && (result === long || widened);
}

/** Where an instruction has its operands, for an element each, and its results. */
export interface Elements {
  operands(element: 0 | 1): readonly I64[];
  place(values: readonly I64[]): void;
}

/** Records an operation: by the host's arithmetic where that gives the same, otherwise by `exactly`. */
export function carryOut($: Sem, kind: Kind, { native }: Operation, at: Elements, exactly: () => void): void {
  if (native === undefined || !isLong(kind)) return exactly();
  const elements = ([0, 1] as const).slice(0, kind.elements).map((n) => at.operands(n));
  nativeOr($, { kind, native, elements, place: (values) => at.place(values), slow: exactly });
}

const relations = {
  eq: (cc: number) => cc === 0,
  gt: (cc: number) => cc === 2,
  ge: (cc: number) => cc === 0 || cc === 2,
} as const;

/** The helper of a comparison of elements, which become ones or zeros; told the target, whether CR field 6 is set, the operands. */
export function vectorComparison(
  name: string,
  kind: Kind,
  relation: keyof typeof relations,
): BoundHelper<readonly ['i32', 'i32', 'i32', 'i32'], undefined> {
  const holds = relations[relation];
  const ones = (1n << BigInt(kind.to)) - 1n;
  const operation: Operation = ({ from, enabled }, a = 0n, b = 0n) => ({
    value: holds(compare(from, a, b, false).cc) ? ones : 0n,
    raised: invalidComparison([decode(from, a).kind, decode(from, b).kind], relation !== 'eq', enabled),
  });
  const signature = { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: floatEffects } as const;
  return helper(name, signature, (vcpu, _core, target, record, a, b) => {
    execute(vcpu, kind, operation, target, [a, b]);
    if (record !== 0) recordElements(vcpu, target);
    interruptIfEnabled(vcpu);
  });
}

/** CR field 6: whether all elements of a comparison are ones, or none are. */
function recordElements(vcpu: Vcpu, register: number): void {
  const halves = [vcpu.vsr(register, 0), vcpu.vsr(register, 1)];
  const all = halves.every((half) => half === 0xffff_ffff_ffff_ffffn);
  const none = halves.every((half) => half === 0n);
  vcpu.setCrField(6, (all ? 8 : 0) | (none ? 2 : 0));
}
