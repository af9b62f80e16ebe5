import { PGM } from '../../cpu/interruption-codes.ts';
import { PSW } from '../../cpu/psw.ts';
import { cpuflags, icpt } from '../../sie/state-description.ts';
import { interceptName } from '../intercept-log.ts';
import { iscMask } from '../interrupts.ts';
import { storeStatus } from '../store-status.ts';
import type { HandlerOutcome, KvmVcpu } from '../vcpu.ts';
import { handleInstruction } from './instruction.ts';

/** Handles the interception that the vCPU's state description tells of. */
export function handleInterception(v: KvmVcpu): HandlerOutcome {
  const code = v.block.get('icptcode');
  switch (code) {
    case icpt.instruction:
      return handleInstruction(v);
    case icpt.program:
      return programInterruption(v);
    case icpt.externalRequest:
    case icpt.ioRequest:
      return 'resume';
    case icpt.externalInterruption:
      return 'resume';
    case icpt.wait:
      return wait(v);
    case icpt.stop:
      return stop(v);
    case icpt.kss:
      v.vm.enableKeys();
      v.block.change('cpuflags', 0, cpuflags.kss);
      return retry(v);
    case icpt.operation:
      return { kind: 'pgm', code: PGM.operation };
    case icpt.validity:
      return {
        kind: 'crashed',
        message: `validity interception, reason 0x${(v.block.get('ipb') >>> 16).toString(16)}`,
      };
    default:
      return {
        kind: 'crashed',
        message: `interception 0x${code.toString(16)} (${interceptName(code)}) has no handler`,
      };
  }
}

/** Sets the PSW back to the intercepted instruction. */
export function retry(v: KvmVcpu): HandlerOutcome {
  const { vcpu } = v;
  v.setPsw({ mask: vcpu.pswMask, address: vcpu.ia });
  return 'resume';
}

// A program interruption that SIE was told, or had, to hand over: the guest gets it all the same.
function programInterruption(v: KvmVcpu): HandlerOutcome {
  const { block } = v;
  const code = block.get('iprcc');
  const ilc = block.get('pgmilc') & 6;
  if (code === PGM.specification && ilc === 0) {
    return { kind: 'crashed', message: 'the program new PSW is invalid' };
  }
  const translation = block.big('tecmc');
  const outcome = v.inject({
    code,
    ilc,
    nullified: true,
    ...(hasTeid(code) ? { teid: translation } : {}),
    ...(code === PGM.monitorEvent ? { monitorCode: translation, monitorClass: block.get('mcn') } : {}),
    ...(code === PGM.data || code === PGM.vectorProcessing ? { dxc: block.get('dxc') } : {}),
    exceptionAccessId: block.get('eai'),
    operandAccessId: block.get('oai'),
  });
  return outcome ?? 'resume';
}

function hasTeid(code: number): boolean {
  return (
    code === PGM.protection ||
    (code >= 0x10 && code <= 0x12) ||
    (code >= 0x38 && code <= 0x3b) ||
    code === PGM.spaceSwitchEvent
  );
}

function wait(v: KvmVcpu): HandlerOutcome {
  const { mask, address } = v.psw;
  const enabled =
    ((mask & PSW.external) !== 0n && (v.vcpu.crLow(0) & 0xffff) !== 0) ||
    ((mask & PSW.io) !== 0n && (v.vcpu.crLow(6) & allSubclasses) !== 0) ||
    (mask & PSW.machineCheck) !== 0n;
  if (!enabled && (mask & (PSW.external | PSW.io | PSW.machineCheck)) === 0n) {
    return { kind: 'crashed', message: `disabled wait at 0x${address.toString(16)}` };
  }
  v.waiting = true;
  return { kind: 'wait' };
}

const allSubclasses = Array.from({ length: 8 }, (_, isc) => iscMask(isc)).reduce((a, b) => a | b, 0);

function stop(v: KvmVcpu): HandlerOutcome {
  const request = v.local.stop;
  v.local.stop = undefined;
  if (request?.storeStatus === true) storeStatus(v, 0x1200);
  v.stop();
  return { kind: 'stopped' };
}
