import type { HandlerOutcome, KvmVcpu } from '../vcpu.ts';
import { interceptedOperands } from './operands.ts';

/** SERVC: user space has the service-call logical processor. */
export function handleServiceCall(v: KvmVcpu): HandlerOutcome {
  const { rre1, rre2 } = interceptedOperands(v);
  const outcome = v.vm.userSpace.serviceCall(v, v.vcpu.grLow(rre1), v.vcpu.grLow(rre2));
  if ('pgm' in outcome) return { kind: 'pgm', code: outcome.pgm };
  v.vcpu.cc = outcome.cc;
  return 'resume';
}
