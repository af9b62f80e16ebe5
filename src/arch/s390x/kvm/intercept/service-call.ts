import type { Outcome } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept } from './row.ts';

/** SERVC: user space has the service-call logical processor. */
function serviceCall(v: KvmVcpu, { r1, r2 }: Operands<'RRE'>): Outcome {
  const { vcpu } = v;
  // All of the register counts in the 64-bit mode: an SCCB at 4 GiB and more is an error, not one far below.
  const high = vcpu.in64BitMode ? vcpu.grHigh(r2) : 0;
  const sccb = high === 0 ? vcpu.grLow(r2) : high * 0x1_0000_0000 + vcpu.grLow(r2);
  return v.vm.userSpace.serviceCall(v, vcpu.grLow(r1), sccb);
}

/** SERVICE CALL. */
export const serviceCallRows: readonly InterceptRow[] = [onIntercept('SERVC', 'RRE', serviceCall, { atOnce: true })];
