import { expect, test } from 'vitest';
import { ENTRIES_IN_GROUP, HPTE, Hpt, type VirtualPage, virtualPage } from '../../../../../src/arch/ppc64/mmu/hpt.ts';
import { MirroredStorage } from '../../../../../src/machine/storage.ts';

const ORDER = 18;

/** A table with an entry for the page of an address in a segment, whose RS has these words. */
function tableWith(ea: { high: number; low: number }, rs: { high: number; low: number }) {
  const memory = new WebAssembly.Memory({ initial: 2 ** (ORDER - 16) });
  const hpt = new Hpt(new MirroredStorage(memory, 2 ** ORDER, 2 ** ORDER), ORDER);
  const page: VirtualPage = { high0: 0, low0: 0, avpnMask: 0, hash: 0, base: 12 };
  virtualPage(page, ea, rs, 12);
  const index = hpt.groupOf(page.hash, false) * ENTRIES_IN_GROUP;
  hpt.set(index, { high: page.high0, low: page.low0 | HPTE.valid }, { high: 1, low: 0x1000 });
  return { hpt, index, page };
}

test.each([
  ['256 MiB', { high: 0x0012_3456, low: 0x789a_b480 }, { high: 0x0012_3456, low: 0x789a_c480 }],
  ['1 TiB', { high: 0x4012_3456, low: 0x7800_0480 }, { high: 0x4012_3456, low: 0x7900_0480 }],
])('an entry is of its own segment of %s, and not of one with another VSID, nor of one of the other size', (_, rs, next) => {
  const { hpt, index, page } = tableWith({ high: 0xc008_0000, low: 0x0005_3000 }, rs);
  expect(hpt.search(page)).toBe(index);
  expect(hpt.isOfSegment(index, rs.high, rs.low)).toBe(true);
  expect(hpt.isOfSegment(index, next.high, next.low)).toBe(false);
  expect(hpt.isOfSegment(index, rs.high ^ 1, rs.low)).toBe(false);
  expect(hpt.isOfSegment(index, rs.high ^ 0x4000_0000, rs.low)).toBe(false);
});
