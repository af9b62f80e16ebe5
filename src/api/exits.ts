import { inDisabledWait } from '../arch/s390x/kvm/intercept/idle.ts';
import { leave, type Outcome } from '../arch/s390x/kvm/outcome.ts';
import type { IoInstruction, UserSpace } from '../arch/s390x/kvm/user-space.ts';
import type { KvmVcpu } from '../arch/s390x/kvm/vcpu.ts';
import type { VcpuExit } from '../machine/exit.ts';
import type { VmExit } from './exit.ts';

/** User space that ends the vCPU's run and says what for: whoever runs the vCPU carries it out. */
export class ExitingUserSpace implements UserSpace {
  /** What the run in progress ends with. */
  #wanted: VmExit | undefined;

  /** What was wanted, once. */
  take(): VmExit | undefined {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted;
  }

  #leave(wanted: VmExit): Outcome {
    this.#wanted = wanted;
    return leave({ kind: 'machine' });
  }

  /** @inheritdoc */
  serviceCall(_vcpu: KvmVcpu, command: number, sccb: number): Outcome {
    return this.#leave({ kind: 'service-call', command: command >>> 0, sccb });
  }
  /** @inheritdoc */
  diagnose(_vcpu: KvmVcpu, code: number, r1: number, r3: number): Outcome {
    return this.#leave({ kind: 'diagnose', code, r1, r3 });
  }
  /** There is none of the program's: the guest is told of no more than the level. */
  systemInformation(): undefined {
    return undefined;
  }
  /** @inheritdoc */
  io({ opcode, gr1, gr2, address }: IoInstruction): Outcome {
    return this.#leave({ kind: 'io', opcode, gr1, gr2, address });
  }
  /** @inheritdoc */
  watchdogStruck(): VcpuExit {
    this.#wanted = { kind: 'watchdog' };
    return { kind: 'machine' };
  }
}

/** An exit of the hypervisor's vCPU as the library tells it. */
export function exitOf(v: KvmVcpu, exit: VcpuExit, userSpace: ExitingUserSpace): VmExit {
  switch (exit.kind) {
    case 'quantum':
      return { kind: 'instructions' };
    case 'wait':
      return { kind: 'wait', disabled: inDisabledWait(v) };
    case 'machine':
      return userSpace.take() ?? (v.stopped ? { kind: 'stopped' } : { kind: 'wait', disabled: inDisabledWait(v) });
    case 'debug':
      return debugExit(v, exit);
    default:
      return exit;
  }
}

function debugExit(v: KvmVcpu, { reason }: Extract<VcpuExit, { kind: 'debug' }>): VmExit {
  const { address } = v.psw;
  if (reason.kind === 'watchpoint') return { kind: 'debug', reason: 'watchpoint', address: reason.address };
  return { kind: 'debug', reason: reason.kind === 'breakpoint' ? 'breakpoint' : 'step', address };
}
