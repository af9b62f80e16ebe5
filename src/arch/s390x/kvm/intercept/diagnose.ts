import { PAGE_BYTES } from '../../../../machine/layout.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { HandlerOutcome, KvmVcpu } from '../vcpu.ts';
import { interceptedOperands } from './operands.ts';

/** DIAGNOSE: codes that the hypervisor answers itself, the others through user space. */
export function handleDiagnose(v: KvmVcpu): HandlerOutcome {
  const { r1, r3, address } = interceptedOperands(v);
  const code = Number(address & 0xffffn);
  switch (code) {
    case 0x10:
      return releasePages(v, r1, r3);
    case 0x44:
    case 0x9c:
      // The rest of the turn is given away: whoever was waited for comes sooner.
      return { kind: 'yield' };
    default:
      break;
  }
  const outcome = v.vm.userSpace.diagnose(v, code, r1, r3);
  switch (outcome?.kind) {
    case 'resume':
      return 'resume';
    case 'pgm':
      return { kind: 'pgm', code: outcome.code };
    case 'stop-running':
      return { kind: 'machine' };
    default:
      return { kind: 'pgm', code: PGM.specification };
  }
}

function releasePages(v: KvmVcpu, r1: number, r3: number): HandlerOutcome {
  const { vcpu, vm } = v;
  const start = vcpu.gr(r1) & vcpu.amask;
  const last = vcpu.gr(r3) & vcpu.amask;
  const end = last + BigInt(PAGE_BYTES);
  if ((start & 0xfffn) !== 0n || (last & 0xfffn) !== 0n || start < 0x2000n || start >= end) {
    return { kind: 'pgm', code: PGM.specification };
  }
  const prefix = BigInt(vcpu.prefix);
  const zero = new Uint8Array(PAGE_BYTES);
  for (let a = start; a < end && a < 0x1_0000_0000n; a += BigInt(PAGE_BYTES)) {
    if (a >= prefix && a < prefix + 0x2000n) continue;
    if (!vm.writeAbsolute(Number(a), zero)) break;
  }
  return 'resume';
}
