import { type Answer, type CommandRow, command, item, words } from '../../../monitor/command.ts';
import { CR0, iscMask } from '../cpu/control-register-bits.ts';
import { PSW } from '../cpu/psw.ts';
import type { S390xGuest } from '../guest.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';
import { pendingInterruptions } from './pending.ts';
import { flagNames } from './show.ts';

/** `irq`: what interruptions wait, and what each vCPU lets in. */
export const irq: CommandRow<S390xGuest> = command(
  'irq',
  {
    words: words(),
    usage: '',
    summary: 'show interruptions that wait, and which each vCPU is enabled for by PSW and control registers',
  },
  function* ({ guest }): Answer {
    for (const v of guest.vm.vcpus) {
      const enabled = enabledFor(v);
      const pending = pendingInterruptions(v);
      const deliverable = !v.stopped && v.hasDeliverable();
      yield item(
        `cpu${v.id}`,
        { pending, enabled, deliverable },
        `${pending.length === 0 ? 'nothing waits' : pending.join('; ')}; enabled for ${enabled.join(', ') || 'nothing'}`,
      );
    }
    return undefined;
  },
);

const subclasses = {
  malfunctionAlert: CR0.malfunctionAlert,
  emergencySignal: CR0.emergencySignal,
  externalCall: CR0.externalCall,
  clockComparator: CR0.clockComparator,
  cpuTimer: CR0.cpuTimer,
  serviceSignal: CR0.serviceSignal,
  interruptKey: CR0.interruptKey,
} as const;

function enabledFor({ vcpu }: KvmVcpu): string[] {
  const { mask } = vcpu.psw;
  const external = (mask & PSW.external) === 0n ? [] : flagNames(vcpu.crLow(0), subclasses);
  const io =
    (mask & PSW.io) === 0n
      ? []
      : [0, 1, 2, 3, 4, 5, 6, 7]
          .filter((isc) => (vcpu.crLow(6) & iscMask(isc)) !== 0)
          .map((isc) => `I/O subclass ${isc}`);
  return [...external, ...io, ...((mask & PSW.machineCheck) === 0n ? [] : ['machine checks'])];
}
