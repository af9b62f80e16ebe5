import type { Effects, Helper, Ty } from '../../../ir/node.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

type Value<T extends Ty> = T extends 'i64' ? bigint : number;
type Values<P extends readonly Ty[]> = { readonly [K in keyof P]: Value<P[K]> };
type Returned<R extends Ty | undefined> = R extends Ty ? Value<R> : void;

/** A helper with what it does. i32 arguments arrive signed, i64 ones as bigints, signed too. */
export interface BoundHelper<P extends readonly Ty[] = readonly Ty[], R extends Ty | undefined = Ty | undefined>
  extends Helper<P, R> {
  /** It may hand its instruction over to the hypervisor, which must have a handler then. */
  readonly intercepts?: boolean;
  /** Carries it out for a vCPU; a guest's fault is thrown by the vCPU's own methods. */
  run(vcpu: Vcpu, ...args: Values<P>): Returned<R>;
}

/** As many operands as the bridge from generated code hands over. */
const MOST_OPERANDS = 6;

/**
 * Defines a helper: what the IR says badly, in TypeScript. `effects` must be whole: the translator believes it.
 */
export function helper<const P extends readonly ('i32' | 'i64')[], R extends 'i32' | 'i64' | undefined>(
  name: string,
  signature: { readonly params: P; readonly result: R; readonly effects: Effects; readonly intercepts?: boolean },
  run: (vcpu: Vcpu, ...args: Values<P>) => Returned<R>,
): BoundHelper<P, R> {
  if (signature.params.length > MOST_OPERANDS)
    throw new Error(`helper ${name} has more than ${MOST_OPERANDS} operands`);
  return { name, ...signature, run };
}
