/** Instructions on storage keys, which are intercepted until the first of them turns key keeping on. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { protectedBlock } from '../../cpu/protection.ts';
import { gpa, gra } from '../../dat/address.ts';
import { prefixed } from '../../dat/prefix.ts';
import { SEGMENT_BYTES } from '../../dat/translate.ts';
import { type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { retry } from './retry.ts';
import { type InterceptRow, type Operands, onIntercept } from './row.ts';

/** From here on the machine does them. */
function enableAndRetry(v: KvmVcpu): Outcome {
  v.vm.enableKeys();
  return retry(v);
}

const FRAME_BYTES = 4096;
/** Bits of PFMF's first operand. */
const SET_KEY = 0x2_0000;
const CLEAR_FRAME = 0x1_0000;
const SIZE_CODE = 0x7000;

/**
 * PERFORM FRAME MANAGEMENT FUNCTION, its operands checked by the machine: one that sets keys turns key keeping on; one that
 * only clears frames does so, a megabyte of them at most, and leaves it off.
 */
function frameManagement(v: KvmVcpu, { r1, r2 }: Operands<'RRE'>): Outcome {
  const { vcpu, vm } = v;
  const control = vcpu.grLow(r1);
  if ((control & SET_KEY) !== 0) return enableAndRetry(v);
  const start = vcpu.gr(r2) & vcpu.amask & ~0xfffn;
  const clear = (control & CLEAR_FRAME) !== 0;
  const teid = clear ? protectedBlock(vcpu, start) : undefined;
  if (teid !== undefined) return program(PGM.protection, { nullified: false, teid });
  const size = (control & SIZE_CODE) >> 12;
  const first = size === 0 ? prefixed(gra(Number(start)), vcpu.prefix) : gpa(Number(start));
  const end = size === 0 ? first + FRAME_BYTES : first - (first % SEGMENT_BYTES) + SEGMENT_BYTES;
  if (!vm.gmap.covers(first, end - first)) return program(PGM.addressing);
  if (clear) vm.writeAbsolute(first, new Uint8Array(end - first));
  if (size === 0) return resume;
  const next = (BigInt(end) & vcpu.amask) | (vcpu.gr(r2) & 0xfffn);
  if (vcpu.amask > 0x7fff_ffffn) vcpu.setGr(r2, next);
  else vcpu.setGrLow(r2, Number(next));
  return size === 2 && end % 2 ** 31 !== 0 ? retry(v) : resume;
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
];
