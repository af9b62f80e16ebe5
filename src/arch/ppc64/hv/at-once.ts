/**
 * Hypercalls that are handled without leaving generated code: where nothing but the next instruction follows, going out and entering the
 * guest again would be most of the work. What is counted, logged and switched is the same.
 */

import { isTraced } from '../cpu/trace.ts';
import { H } from './hcall.ts';
import type { HvVcpu } from './vcpu.ts';

const simple: ReadonlySet<number> = new Set([
  ...[H.enter, H.remove, H.read, H.protect, H.bulkRemove, H.clearRef, H.clearMod, H.pageInit],
  ...[H.putTermChar, H.getTermChar, H.eoi, H.cppr, H.xirr, H.ipi, H.ipoll],
]);

/** True when the guest does nothing but go on behind a call, and nobody wants to look at it there. */
export function isSimple({ vcpu, vm }: HvVcpu, nr: number): boolean {
  if (!simple.has(nr) || !vm.hcalls.handledInside) return false;
  return vcpu.events === undefined && !vm.complex.asksMet && !isTraced(vcpu);
}
