/** Interceptions that come from outside the guest's program: waits, stops, timers. */

import { EXT } from '../../cpu/interruption-codes.ts';
import { PSW } from '../../cpu/psw.ts';
import { externalNewPswIsOpen } from '../../sie/loops.ts';
import { disabledWait } from '../crash.ts';
import { hasDeliverable } from '../deliver.ts';
import { crashed, externalLoop, leave, type Outcome, resume } from '../outcome.ts';
import { storeStatusAtAssigned } from '../store-status.ts';
import type { KvmVcpu } from '../vcpu.ts';

/** Address in the PSW of a disabled wait by which a guest says that it has shut down in order. */
export const SHUTDOWN_WAIT = 0xfffn;

/** True when the PSW waits for an interruption of a class that it does not let in. */
export function inDisabledWait(v: KvmVcpu): boolean {
  const { mask } = v.psw;
  return (mask & PSW.wait) !== 0n && (mask & (PSW.io | PSW.external | PSW.machineCheck)) === 0n;
}

/** Interception code 1C. A disabled wait is a crash once no other vCPU could go on. */
export function wait(v: KvmVcpu): Outcome {
  if (!v.holding && v.hasDeliverable()) return resume;
  v.enterWait();
  if (!inDisabledWait(v)) return leave({ kind: 'wait' });
  const others = v.vm.vcpus.some((o) => !o.stopped && !(o.waiting && inDisabledWait(o)));
  if (others) return leave({ kind: 'wait' });
  if (v.psw.address === SHUTDOWN_WAIT) return leave({ kind: 'machine' });
  return crashed(disabledWait(v));
}

/** Interception code 28: the vCPU stops, once it has taken what it could take. */
export function stop(v: KvmVcpu): Outcome {
  const request = v.local.stop;
  if (request === undefined || (!v.holding && hasDeliverable(v))) return resume;
  v.local.stop = undefined;
  if (request.storeStatus) storeStatusAtAssigned(v);
  v.stop();
  return leave({ kind: 'stopped' });
}

/** Interception code 14: a timer's interruption that the machine could not, or must not, deliver itself. */
export function externalInterruption(v: KvmVcpu): Outcome {
  const code = v.block.get('eic');
  const ofTimer = code === EXT.clockComparator || code === EXT.cpuTimer;
  if (ofTimer && externalNewPswIsOpen(v.vm.complex, v.vcpu)) return leave(externalLoop);
  if (code === EXT.externalCall) v.local.externalCall ??= v.block.get('extcpuaddr');
  // A timer stays pending by itself.
  return resume;
}
