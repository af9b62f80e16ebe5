import { PGM } from '../../cpu/interruption-codes.ts';
import type { HandlerOutcome, KvmVcpu } from '../vcpu.ts';

const opcodes: ReadonlySet<number> = new Set([
  0xb230, 0xb231, 0xb232, 0xb233, 0xb234, 0xb235, 0xb236, 0xb237, 0xb238, 0xb239, 0xb23a, 0xb23b, 0xb23c, 0xb25f,
  0xb274, 0xb276,
]);

/** True for the first halfword of an I/O instruction. */
export function isIoOpcode(ipa: number): boolean {
  return opcodes.has(ipa);
}

/** I/O instructions: user space has the channel subsystem. */
export function handleIo(v: KvmVcpu): HandlerOutcome {
  if (v.vcpu.problemState) return { kind: 'pgm', code: PGM.privilegedOperation };
  const outcome = v.vm.userSpace.io(v, v.block.get('ipa'), v.block.get('ipb'));
  if ('pgm' in outcome) return { kind: 'pgm', code: outcome.pgm };
  v.vcpu.cc = outcome.cc;
  return 'resume';
}
