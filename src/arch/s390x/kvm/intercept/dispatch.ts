import { cpuflags, icpt } from '../../sie/state-description.ts';
import { interceptName } from '../intercept-log.ts';
import { crashed, type Outcome, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { externalInterruption, stop, wait } from './idle.ts';
import { handleInstruction } from './instruction.ts';
import { instructionAndProgram, operationException, programInterruption } from './program.ts';
import { retry } from './retry.ts';

/** Handles the interception that the vCPU's state description tells of. */
export function handleInterception(v: KvmVcpu): Outcome {
  const code = v.block.icptcode;
  switch (code) {
    case icpt.instruction:
      return handleInstruction(v);
    case icpt.program:
      return programInterruption(v);
    case icpt.instructionAndProgram:
      return instructionAndProgram(v);
    case icpt.operation:
      return operationException(v);
    case icpt.externalRequest:
    case icpt.ioRequest:
      // What waits is delivered before the next entry.
      return resume;
    case icpt.externalInterruption:
      return externalInterruption(v);
    case icpt.wait:
      return wait(v);
    case icpt.stop:
      return stop(v);
    case icpt.kss:
      v.vm.enableKeys();
      v.block.change('cpuflags', 0, cpuflags.kss);
      return retry(v);
    case icpt.validity:
      return crashed(`validity interception, reason 0x${(v.block.get('ipb') >>> 16).toString(16)}`);
    default:
      return crashed(`interception 0x${code.toString(16)} (${interceptName(code)}) has no handler`);
  }
}
