import { icptStatus } from '../../sie/state-description.ts';
import { type Outcome, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';

/** Sets the PSW back to the intercepted instruction, or to the EXECUTE that it was the target of. */
export function retry(v: KvmVcpu): Outcome {
  const { vcpu } = v;
  v.vm.core.per.drop();
  v.setPsw({ mask: vcpu.pswMask, address: vcpu.ia });
  v.block.change('icptstatus', 0, icptStatus.perIfetch);
  return resume;
}
