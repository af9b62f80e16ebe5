import type { Outcome } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { interceptedOperands } from './operands.ts';

/** SERVC: user space has the service-call logical processor. */
export function handleServiceCall(v: KvmVcpu): Outcome {
  const { rre1, rre2 } = interceptedOperands(v);
  const { vcpu } = v;
  // All of the register counts in the 64-bit mode: an SCCB at 4 GiB and more is an error, not one far below.
  const sccb = vcpu.amask >> 32n === 0n ? vcpu.grLow(rre2) : Number(vcpu.gr(rre2));
  return v.vm.userSpace.serviceCall(v, vcpu.grLow(rre1), sccb);
}
