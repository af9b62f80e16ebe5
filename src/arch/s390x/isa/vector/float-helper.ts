/** The exact path of the vector floating-point instructions: elements one by one, flags, and the one interruption. */

import type { Environment, Outcome } from '../../../../soft-float/environment.ts';
import { type BfpFormat, extended, long, short } from '../../../../soft-float/format.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { environment } from '../bfp/helpers.ts';
import { type BoundHelper, helper } from '../helper.ts';

/** The floating-point-format control. */
export const formatCode = { short: 2, long: 3, extended: 4 } as const;
export type FormatCode = (typeof formatCode)[keyof typeof formatCode];
/** The bit of a modifier that asks for element 0 alone. */
export const SINGLE = 8;

/** The format that a control names. */
export function formatOf(code: number): BfpFormat {
  return code === formatCode.short ? short : code === formatCode.long ? long : extended;
}

/** Element `e` of `bits` bits. */
export function elementOf(v: bigint, bits: number, e: number): bigint {
  return BigInt.asUintN(bits, v >> BigInt(128 - bits * (e + 1)));
}
/** A vector of zeros but for element `e`. */
export function placed(value: bigint, bits: number, e: number): bigint {
  return BigInt.asUintN(bits, value) << BigInt(128 - bits * (e + 1));
}

/** Number of elements that an instruction works on: all, or the first. */
export function elementCount(bits: number, single: boolean): number {
  return single ? 1 : 128 / bits;
}

/** The exceptions in the order of the bits of a data-exception code, and their vector interruption codes. */
const interruptionCodes = [
  [0x80, 1],
  [0x40, 2],
  [0x20, 3],
  [0x10, 4],
  [0x08, 5],
] as const;

/** Collects the flags of elements; the first one whose exception is enabled ends the instruction, which changes nothing. */
export class ElementFlags {
  readonly #vcpu: Vcpu;
  #flags = 0;

  constructor(vcpu: Vcpu) {
    this.#vcpu = vcpu;
  }

  /** Vector-processing exception when the outcome traps (PoP, "Vector-Processing Exception"). */
  note(e: number, outcome: { readonly flags: number; readonly dxc: number }): void {
    this.#flags |= outcome.flags;
    if (outcome.dxc === 0) return;
    const code = interruptionCodes.find(([bit]) => (outcome.dxc & bit) !== 0)?.[1] ?? 0;
    const vxc = (e << 4) | code;
    const vcpu = this.#vcpu;
    vcpu.fpc = (vcpu.fpc & ~0xff00) | (vxc << 8);
    vcpu.raise(PGM.vectorProcessing, { dxc: vxc });
  }

  /** Every element is done. */
  settle(): void {
    if (this.#flags !== 0) this.#vcpu.fpc |= this.#flags << 16;
  }
}

/** Operands of one element, and the outcome. */
export type ElementOperation = (f: BfpFormat, env: Environment, operands: readonly bigint[]) => Outcome;

const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
/** Called with V1, V2, V3, V4, and format and modifiers as `controls` packs them. */
export type VectorHelper = BoundHelper<typeof params, undefined>;

/** V1 := operation on the elements of up to three registers, all of one format. */
export function floatHelper(name: string, operands: 1 | 2 | 3, run: ElementOperation): VectorHelper {
  return helper(
    `vector-${name}`,
    { params, result: undefined, effects: { faults: true } },
    (vcpu, v1, v2, v3, v4, controls) => {
      const f = formatOf(controls & 15);
      const sources = [vcpu.vr(v2), vcpu.vr(v3), vcpu.vr(v4)].slice(0, operands);
      const env = environment(vcpu);
      const flags = new ElementFlags(vcpu);
      let result = 0n;
      for (let e = 0; e < elementCount(f.width, isSingle(controls)); e++) {
        const outcome = run(
          f,
          env,
          sources.map((v) => elementOf(v, f.width, e)),
        );
        flags.note(e, outcome);
        result |= placed(outcome.value, f.width, e);
      }
      flags.settle();
      vcpu.setVr(v1, result);
    },
  );
}

/** Format in bits 28-31, the field with the single-element bit in 24-27, another one in 20-23. */
export function isSingle(controls: number): boolean {
  return ((controls >> 4) & SINGLE) !== 0;
}
