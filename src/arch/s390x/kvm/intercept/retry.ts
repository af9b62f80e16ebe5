import { icptStatus } from '../../sie/state-description.ts';
import { type Outcome, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';

/**
 * Sets the PSW back to the intercepted instruction, or to the EXECUTE that it was the target of: it is executed again for what is
 * left to be done.
 */
export function goOn(v: KvmVcpu): Outcome {
  const { vcpu } = v;
  v.vm.core.per.drop();
  v.setPsw({ mask: vcpu.pswMask, address: vcpu.ia });
  v.block.change('icptstatus', 0, icptStatus.perIfetch);
  return resume;
}

/** The same of one that was not executed at all, and is by the machine now: to a debugger and to the clocks it has not begun. */
export function retry(v: KvmVcpu): Outcome {
  v.vcpu.icount -= 1n;
  return goOn(v);
}
