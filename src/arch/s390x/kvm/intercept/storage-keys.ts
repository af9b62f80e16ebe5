/** Instructions on storage keys and attributes. Those on keys are intercepted until the first of them turns key keeping on. */

import { PAGE_BYTES } from '../../../../machine/layout.ts';
import { manageFrame, PFMF } from '../../cpu/frame-management.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { protectedBlock, readOnlyTeid } from '../../cpu/protection.ts';
import { gpa, gra } from '../../dat/address.ts';
import { prefixed } from '../../dat/prefix.ts';
import { SEGMENT_BYTES } from '../../dat/translate.ts';
import { type Outcome, program, resume } from '../outcome.ts';
import { essa } from '../usage-state.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { goOn, retry } from './retry.ts';
import { type InterceptRow, type Operands, onIntercept } from './row.ts';

/** From here on the machine does them. */
function enableAndRetry(v: KvmVcpu): Outcome {
  v.vm.enableKeys();
  return retry(v);
}

/**
 * PERFORM FRAME MANAGEMENT FUNCTION, its operands checked by the machine: one that sets keys turns key keeping on, and is done
 * by the machine then if that may; one that only clears frames leaves keys off. A megabyte is done at a time.
 */
function frameManagement(v: KvmVcpu, { r1, r2 }: Operands<'RRE'>): Outcome {
  const { vcpu, vm } = v;
  const control = vcpu.grLow(r1);
  if ((control & PFMF.setKey) !== 0) {
    vm.enableKeys();
    if (vm.usesPfmfi) return retry(v);
  }
  const start = vcpu.gr(r2) & vcpu.amask & ~0xfffn;
  const teid = (control & PFMF.clear) !== 0 ? protectedBlock(vcpu, start) : undefined;
  if (teid !== undefined) return program(PGM.protection, { nullified: false, teid });
  const size = (control & PFMF.sizeCode) >> 12;
  const first = size === 0 ? prefixed(gra(Number(start)), vcpu.prefix) : gpa(Number(start));
  const end = size === 0 ? first + PAGE_BYTES : first - (first % SEGMENT_BYTES) + SEGMENT_BYTES;
  if (!vm.gmap.covers(first, end - first)) return program(PGM.addressing);
  if ((control & PFMF.clear) !== 0 && vm.gmap.isReadOnly(first))
    return program(PGM.protection, { nullified: false, teid: readOnlyTeid(first) });
  for (let at: number = first; at < end; at += PAGE_BYTES) {
    manageFrame(vm.core, vm.gmap.hostAddress(gpa(at)) / PAGE_BYTES, control);
  }
  if ((control & PFMF.setKey) !== 0) vm.core.per.keySet(Number(start), end - first);
  if (size === 0) return resume;
  const next = (BigInt(end) & vcpu.amask) | (vcpu.gr(r2) & 0xfffn);
  if (vcpu.amask > 0x7fff_ffffn) vcpu.setGr(r2, next);
  else vcpu.setGrLow(r2, Number(next));
  return size === 2 && end % 2 ** 31 !== 0 ? goOn(v) : resume;
}

/** Orders of EXTRACT AND SET STORAGE ATTRIBUTES above this are none. */
const LAST_ORDER = essa.setStableIfResident;

/** EXTRACT AND SET STORAGE ATTRIBUTES, which is no instruction unless collaborative memory management is enabled. */
function storageAttributes(v: KvmVcpu, { r1, r2, m3 }: Operands<'RRF_c'>): Outcome {
  const { vcpu, vm } = v;
  if (!vm.cmma.enabled) return program(PGM.operation);
  if (vcpu.problemState) return program(PGM.privilegedOperation);
  if (m3 > LAST_ORDER) return program(PGM.specification);
  const block = gpa(Number(vcpu.gr(r2) & vcpu.amask & ~0xfffn));
  const result = vm.cmma.intercepted(v.id, block, m3);
  if (result === 'retry') return retry(v);
  if (result === 'absent') return program(PGM.addressing);
  vcpu.setGr(r1, BigInt(result));
  return resume;
}

/** Handlers of this file. */
export const keyRows: readonly InterceptRow[] = [
  onIntercept('ISKE', 'RRE', enableAndRetry),
  onIntercept('RRBE', 'RRE', enableAndRetry),
  onIntercept('SSKE', 'RRF_c', enableAndRetry),
  onIntercept('IRBM', 'RRE', enableAndRetry),
  onIntercept('IVSK', 'RRE', enableAndRetry),
  onIntercept('RRBM', 'RRE', enableAndRetry),
  onIntercept('PFMF', 'RRE', frameManagement),
  onIntercept('ESSA', 'RRF_c', storageAttributes, { unprivileged: true }),
];
