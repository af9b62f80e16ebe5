import type { KvmVcpu } from '../vcpu.ts';

/** The operands of an intercepted instruction, from `ipa` and `ipb`. */
export interface InterceptedOperands {
  /** Bits 8-11 and 12-15. */
  readonly r1: number;
  readonly r3: number;
  /** R1 and R2 of an RRE instruction: bits 24-27 and 28-31. */
  readonly rre1: number;
  readonly rre2: number;
  /** B2 and D2 of S, RS and SI formats as an address in the current mode. */
  readonly address: bigint;
  /** Base register of that address. */
  readonly base: number;
  /** B2 plus D2 with a long displacement (RSY). */
  readonly longAddress: bigint;
}

/** Decodes what the state description holds of the intercepted instruction. */
export function interceptedOperands(v: KvmVcpu): InterceptedOperands {
  const ipa = v.block.get('ipa');
  const ipb = v.block.get('ipb');
  const base = ipb >>> 28;
  const from = base === 0 ? 0n : v.vcpu.gr(base);
  const low = (ipb >>> 16) & 0xfff;
  const high = (((ipb >>> 8) & 0xff) << 24) >> 12;
  return {
    r1: (ipa >>> 4) & 15,
    r3: ipa & 15,
    rre1: (ipb >>> 20) & 15,
    rre2: (ipb >>> 16) & 15,
    base,
    address: (from + BigInt(low)) & v.vcpu.amask,
    longAddress: BigInt.asUintN(64, from + BigInt(high | low)) & v.vcpu.amask,
  };
}
