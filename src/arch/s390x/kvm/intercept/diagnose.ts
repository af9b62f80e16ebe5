import { hex } from '../../../../bits/hex.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { leave, type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { goOn } from './retry.ts';
import { type InterceptRow, type Operands, onIntercept, storageOperand } from './row.ts';

/** Bytes that one interception of DIAGNOSE 10 releases at most. */
const RELEASED_AT_ONCE = 8 << 20;

type DiagnoseHandler = (v: KvmVcpu, r1: number, r3: number) => Outcome;

/**
 * Codes that the hypervisor answers itself. The name of the control program (318), of which a guest with extended-length SCCBs
 * would be told, is not asked for.
 */
const handlers: ReadonlyMap<number, DiagnoseHandler> = new Map<number, DiagnoseHandler>([
  [0x10, releasePages],
  [0x44, () => leave({ kind: 'yield' })],
  [0x9c, yieldTo],
  [0x258, (v, r1, r3) => v.pfault.diagnose(v, r1, r3)],
  [0x288, (v, r1, r3) => v.vm.watchdog.diagnose(v, r1, r3)],
  // A breakpoint of another debugger's making: nobody here has put one there.
  [0x501, () => program(PGM.operation)],
]);

/** DIAGNOSE: codes that the hypervisor answers itself, the others through user space. */
function diagnose(v: KvmVcpu, { r1, r3, b2, d2 }: Operands<'RS_a'>): Outcome {
  const code = Number(storageOperand(v, b2, d2).address & 0xffffn);
  const handler = handlers.get(code);
  if (v.vm.complex.events !== undefined) tellDiagnose(v, code, [r1, r3]);
  if (handler !== undefined) return handler(v, r1, r3);
  // A virtio device may have a queue of megabytes to move, a loader more.
  v.vm.core.patience.look(v.vcpu);
  return v.vm.userSpace.diagnose(v, code, r1, r3) ?? program(PGM.specification);
}

function tellDiagnose({ vm, vcpu }: KvmVcpu, code: number, registers: readonly number[]): void {
  const values = registers.map((n) => `R${n} ${hex(vcpu.gr(n))}`).join(', ');
  vm.complex.events?.happened(vcpu, 'diag', code, () => `DIAG ${hex(code)}, ${values}`);
}

/**
 * The guest needs the contents of frames no more: they read as zeros from then on. Addresses are real; the frames that
 * prefixing swaps with the first two are those first two.
 */
function releasePages(v: KvmVcpu, r1: number, r3: number): Outcome {
  const { vcpu, vm } = v;
  const start = vcpu.gr(r1);
  const end = BigInt.asUintN(64, vcpu.gr(r3) + BigInt(PAGE_BYTES));
  const aligned = ((start | end) & BigInt(PAGE_BYTES - 1)) === 0n;
  if (!aligned || start < 2n * BigInt(PAGE_BYTES) || start >= end) return program(PGM.specification);
  vm.core.patience.look(vcpu);
  const { prefix } = vcpu;
  // All of storage may be meant, which takes the host long: so much at a time, and the instruction again for what is left.
  const { released } = v;
  const goesOn = released?.start === start && released.end === end && released.icount + 1n === vcpu.icount;
  const last = Math.min(Number(end), vm.slotsEnd());
  const from = goesOn ? released.to : Number(start);
  const to = Math.min(last, from + RELEASED_AT_ONCE);
  vm.discard(from, Math.min(to, prefix));
  vm.discard(Math.max(from, prefix) - prefix, Math.min(to, prefix + 2 * PAGE_BYTES) - prefix);
  vm.discard(Math.max(from, prefix + 2 * PAGE_BYTES), to);
  if (to >= last) return resume;
  v.released = { start, end, to, icount: vcpu.icount };
  return goOn(v);
}

/** The rest of the turn goes to the vCPU whose address is in R1, for which this one spins. */
function yieldTo(v: KvmVcpu, r1: number): Outcome {
  const to = v.vm.vcpuByAddress(v.vcpu.grLow(r1));
  return to === undefined || to === v ? resume : leave({ kind: 'yield', to: to.id });
}

/** DIAGNOSE. */
export const diagnoseRows: readonly InterceptRow[] = [onIntercept('DIAG', 'RS_a', diagnose, { atOnce: true })];
