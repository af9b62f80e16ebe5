import type { VcpuExit } from '../../../machine/exit.ts';
import { endedByWatchdog } from '../kvm/user-space.ts';
import type { KvmVm } from '../kvm/vm.ts';
import type { Ipl } from './ipl/ipl.ts';

/** What the user has a guest's watchdog do. DIAGNOSE 288 knows one action, to begin again, and the machine knows two ways. */
export type WatchdogAction = 'restart' | 'reset' | 'stop';

/** Does what the watchdog's end is to do. `restart` is a restart interruption on the first CPU, `reset` a new IPL. */
export function strike(action: WatchdogAction, vm: KvmVm, ipl: Ipl): VcpuExit {
  const [first] = vm.vcpus;
  if (action === 'stop' || first === undefined) return endedByWatchdog;
  if (action === 'reset') ipl.loadAgain();
  else first.local.restart = true;
  return { kind: 'machine' };
}
