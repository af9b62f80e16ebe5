import type { Effects, Helper, Ty } from '../../../ir/node.ts';
import type { Ppc64Core } from '../cpu/core.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

type Value<T extends Ty> = T extends 'i64' ? bigint : number;
type Values<P extends readonly Ty[]> = { readonly [K in keyof P]: Value<P[K]> };
type Returned<R extends Ty | undefined> = R extends Ty ? Value<R> : void;

/** A helper with what it does. Integers arrive signed, 64-bit ones as bigints. */
export interface BoundHelper<P extends readonly Ty[] = readonly Ty[], R extends Ty | undefined = Ty | undefined>
  extends Helper<P, R> {
  /** Carries it out for a vCPU; a guest's fault is raised by the vCPU's own methods. */
  run(vcpu: Vcpu, core: Ppc64Core, ...args: Values<P>): Returned<R>;
}

/** Defines a helper: what the IR says badly, in TypeScript. `effects` must be whole: the translator believes it. */
export function helper<const P extends readonly ('i32' | 'i64')[], R extends 'i32' | 'i64' | undefined>(
  name: string,
  signature: { readonly params: P; readonly result: R; readonly effects: Effects },
  run: (vcpu: Vcpu, core: Ppc64Core, ...args: Values<P>) => Returned<R>,
): BoundHelper<P, R> {
  return { name, ...signature, run };
}
