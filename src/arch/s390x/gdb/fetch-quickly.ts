import { engineState, PAGE_BYTES, tlbEntry } from '../../../machine/layout.ts';
import { entryOffset } from '../../../machine/tlb.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

/**
 * The number of 1, 4 or 8 bytes at a virtual address of the operands' space, if the TLB knows the page: what is there,
 * past every protection and without a trace. Undefined for all else, which takes the long way.
 */
export function fetchQuickly(vcpu: Vcpu, address: bigint, bytes: number): bigint | undefined {
  const low = Number(address & 0xffff_ffffn);
  if ((low & (PAGE_BYTES - 1)) + bytes > PAGE_BYTES) return undefined;
  const { storage } = vcpu.core.complex;
  const { words, top } = storage;
  const entry = vcpu.num(engineState.tlbData) + entryOffset(low);
  const tag = (entry + tlbEntry.fetchTag) >>> 2;
  const known = words[tag] ?? 0;
  // The fetch tag of an entry that is not empty names its page, whatever the page may be used for.
  const isPage = known !== 0 && (known & -PAGE_BYTES) >>> 0 === (low & -PAGE_BYTES) >>> 0;
  if (!isPage || words[tag + 1] !== Number(address >> 32n)) return undefined;
  const at = top - (((words[(entry + tlbEntry.addend) >>> 2] ?? 0) - low + 16) >>> 0);
  if (bytes === 8) return storage.doubleword(at);
  if (bytes === 1) return BigInt(storage.byte(at));
  return bytes === 4 && (at & 3) === 0 ? BigInt(storage.word(at) >>> 0) : undefined;
}
