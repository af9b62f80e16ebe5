import { PGM } from '../../cpu/interruption-codes.ts';
import { crashed, type Outcome, program } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { controlRegisterHandlers } from './control-registers.ts';
import { handleDiagnose } from './diagnose.ts';
import { handleIo, isIoOpcode } from './io.ts';
import { loadPswHandlers } from './load-psw.ts';
import { type InstructionHandler, privilegedHandlers } from './privileged.ts';
import { handleServiceCall } from './service-call.ts';
import { handleSigp } from './sigp.ts';
import { keyHandlers } from './storage-keys.ts';

/** Handlers by opcode: one byte, or two for the B2, B9, E5 and EB families. */
const handlers: ReadonlyMap<number, InstructionHandler> = new Map<number, InstructionHandler>([
  [0x83, handleDiagnose],
  [0xae, handleSigp],
  [0xb220, handleServiceCall],
  ...privilegedHandlers,
  ...controlRegisterHandlers,
  ...loadPswHandlers,
  ...keyHandlers,
]);

/** Interception code 04: an instruction that SIE handed over. */
export function handleInstruction(v: KvmVcpu): Outcome {
  const ipa = v.block.get('ipa');
  const handler = handlers.get(ipa >>> 8) ?? handlers.get(opcodeOf(v, ipa));
  if (handler === undefined && isIoOpcode(ipa)) return handleIo(v);
  if (handler === undefined) return crashed(`intercepted instruction 0x${ipa.toString(16)} has no handler`);
  if (v.vcpu.problemState) return program(PGM.privilegedOperation);
  return handler(v);
}

// E3 and EB instructions have the second part of their opcode in the last byte.
function opcodeOf(v: KvmVcpu, ipa: number): number {
  const first = ipa >>> 8;
  return first === 0xeb || first === 0xe3 ? (first << 8) | (v.block.get('ipb') & 0xff) : ipa;
}
