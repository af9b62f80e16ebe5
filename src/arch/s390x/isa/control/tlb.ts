/** PoP, "Control Instructions": invalidation of DAT-table entries, purges. */

import type { Field } from '../../../../ir/field.ts';
import { frameFlags, frameOf } from '../../../../machine/storage.ts';
import { REAL_SPACE } from '../../../../machine/tlb.ts';
import type { AccessPath } from '../../cpu/access-path.ts';
import type { CpuComplex } from '../../cpu/complex.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { ZERO_REGISTER } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { ENTRY } from '../../dat/translate.ts';
import { ictl } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { interceptIf, words } from './interception.ts';

/** Table entries are found by absolute address, as translation finds them. */
const table: AccessPath = { space: 'absolute', ar: ZERO_REGISTER };
const LOCAL_CLEARING = 1;

const ends = { fetches: true, stores: true, faults: true, ends: true } as const;

/** The vCPUs whose TLBs an instruction clears: its own, or all of the configuration. */
function reached(vcpu: Vcpu, local: boolean): readonly Vcpu[] {
  if (local) return [vcpu];
  return vcpu.outer === undefined ? vcpu.core.complex.vcpus : vcpu.core.complex.inners;
}

/** Forgets what guests' guests have found by tables in one of these places; few tables are used so. */
function forgetCombined(vcpus: readonly Vcpu[], complex: CpuComplex, entries: readonly number[]): void {
  const marked = entries.some((at) => ((complex.frames.flags[frameOf(at)] ?? 0) & frameFlags.combined) !== 0);
  if (marked) for (const v of vcpus) v.forgetInner();
}

/** Pages of a segment. */
const SEGMENT_PAGES = 256;

// The instruction says which index in the page table, not which page table: the pages of that index in all segments may be meant.
function forgetPage(vcpu: Vcpu, page: number): void {
  vcpu.tlb.flushPagesOfIndex(page % SEGMENT_PAGES, SEGMENT_PAGES);
  vcpu.forgetDecodePage();
}

/** Storage offset of a table entry that is about to be stored into. */
function entryToStore(vcpu: Vcpu, address: bigint): number {
  const [high, low] = words(address);
  return vcpu.core.access.require(vcpu, high, low, 'store', table);
}

function orLow(vcpu: Vcpu, at: number, bits: number): void {
  const { storage } = vcpu.core.complex;
  vcpu.core.complex.frames.fetched(at, 8);
  storage.setWord(at + 4, storage.word(at + 4) | bits);
  vcpu.core.complex.stored(at, 8);
}

const invalidatePages = helper(
  'invalidatePages',
  { params: ['i64', 'i64', 'i32', 'i32'], result: undefined, effects: ends },
  (vcpu, origin, address, additional, m4) => {
    const first = Number(BigInt.asUintN(8, address >> 12n));
    const pages = Array.from({ length: additional + 1 }, (_, i) => first + i);
    const entries = pages.map((page) => entryToStore(vcpu, (origin & ~0x7ffn) + BigInt(page * 8)));
    for (const at of entries) orLow(vcpu, at, ENTRY.pageInvalid);
    const local = (m4 & LOCAL_CLEARING) !== 0 && vcpu.core.has('local-tlb-clearing');
    const vcpus = reached(vcpu, local);
    for (const v of vcpus) for (const page of pages) forgetPage(v, page);
    forgetCombined(vcpus, vcpu.core.complex, entries);
  },
);

const CLEAR_BY_ASCE = 0x800n;

/** Where the index of each designation type (segment first) ends in an address. */
const indexShift = [20n, 31n, 42n, 53n] as const;

const invalidateEntries = helper(
  'invalidateEntries',
  { params: ['i64', 'i64', 'i64', 'i32'], result: undefined, effects: ends },
  (vcpu, designation, address, asce, m4) => {
    const local = (m4 & LOCAL_CLEARING) !== 0 && vcpu.core.has('local-tlb-clearing');
    if ((address & CLEAR_BY_ASCE) !== 0n) {
      const [originHigh, asceLow] = words(asce);
      const originLow = asceLow >>> 12;
      for (const v of reached(vcpu, local)) {
        v.tlb.flushSpaces((high, low, rights) => {
          if ((rights & REAL_SPACE) !== 0) return false;
          return high === originHigh && low >>> 12 === originLow;
        });
        v.forgetDecodePage();
        if (v.innerSpace?.isMadeBy(originHigh, originLow) === true) v.forgetInner();
      }
      return;
    }
    const shift = indexShift[Number((designation >> 2n) & 3n)] ?? 20n;
    const first = (BigInt.asUintN(64, address) >> shift) & 0x7ffn;
    const entries: number[] = [];
    for (let i = 0n; i <= (address & 0x7ffn); i++) {
      entries.push(entryToStore(vcpu, (designation & ~0xfffn) + ((first + i) & 0x7ffn) * 8n));
    }
    for (const at of entries) orLow(vcpu, at, ENTRY.invalid);
    for (const v of reached(vcpu, local)) v.flushTlb();
  },
);

/** Compares and replaces; the result is the old value. R2's low bits say what else is purged. */
const compareAndReplace = helper(
  'compareAndReplace',
  { params: ['i32', 'i64', 'i32', 'i32'], result: undefined, effects: ends },
  (vcpu, r1, operand, ar, bytes) => {
    const { access, complex } = vcpu.core;
    const address = operand & ~BigInt(bytes - 1) & vcpu.amask;
    const at = access.require(vcpu, ...words(address), 'store', { space: 'current', ar });
    complex.frames.fetched(at, bytes);
    const old = bytes === 4 ? BigInt(complex.storage.word(at)) : complex.storage.doubleword(at);
    const comparand = bytes === 4 ? BigInt(vcpu.grLow(r1)) : vcpu.gr(r1);
    if (old !== comparand) {
      if (bytes === 4) vcpu.setGrLow(r1, Number(old));
      else vcpu.setGr(r1, old);
      vcpu.cc = 1;
      return;
    }
    if (bytes === 4) complex.storage.setWord(at, vcpu.grLow(r1 + 1));
    else complex.storage.setDoubleword(at, vcpu.gr(r1 + 1));
    complex.stored(at, bytes);
    vcpu.cc = 0;
    if ((operand & 1n) !== 0n) for (const v of reached(vcpu, false)) v.flushTlb();
  },
);

const CRDTE_REGION_OR_SEGMENT = 0x10n;

const compareAndReplaceEntry = helper(
  'compareAndReplaceEntry',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects: ends },
  (vcpu, r1, r2, m4) => {
    const { complex } = vcpu.core;
    const designation = vcpu.gr(r2);
    const address = vcpu.gr(r2 + 1);
    const type = designation & 0x1cn;
    if (type !== 0n && type < CRDTE_REGION_OR_SEGMENT) vcpu.raise(PGM.specification);
    const shift = type === 0n ? 12n : (indexShift[Number((type >> 2n) & 3n)] ?? 20n);
    const origin = designation & (type === 0n ? ~0x7ffn : ~0xfffn);
    const index = (address >> shift) & (type === 0n ? 0xffn : 0x7ffn);
    const at = entryToStore(vcpu, origin + index * 8n);
    complex.frames.fetched(at, 8);
    const old = complex.storage.doubleword(at);
    if (old !== vcpu.gr(r1)) {
      vcpu.setGr(r1, old);
      vcpu.cc = 1;
      return;
    }
    complex.storage.setDoubleword(at, vcpu.gr(r1 + 1));
    complex.stored(at, 8);
    vcpu.cc = 0;
    const local = (m4 & LOCAL_CLEARING) !== 0 && vcpu.core.has('local-tlb-clearing');
    for (const v of reached(vcpu, local)) v.flushTlb();
  },
);

const purgeTlb = helper('purgeTlb', { params: [], result: undefined, effects: { ends: true } }, (vcpu) =>
  vcpu.flushTlb(),
);

function recordCompareAndSwap($: Sem, f: { r1: Field; r2: Field }, bytes: 4 | 8): void {
  $.privileged();
  $.requireEven(f.r1);
  interceptIf($, ictl.ipte);
  $.callVoid(compareAndReplace, $.field(f.r1), $.gr(f.r2), $.field(f.r2), bytes);
}

/** Invalidations and purges. */
export const tlbRows: readonly Row[] = [
  insn('IPTE', { op: 0xb221, fmt: 'RRF_a', title: 'INVALIDATE PAGE TABLE ENTRY', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const additional = $.select($.ne($.field(f.r3), 0), $.grByte(f.r3), 0);
    const first = $.and($.shrU($.grLow(f.r2), 12), 255);
    $.pgmIf($.gtU($.add(first, additional), 255), PGM.specification);
    interceptIf($, ictl.ipte);
    $.callVoid(invalidatePages, $.gr(f.r1), $.gr(f.r2), additional, $.field(f.m4));
  }),
  insn('IDTE', { op: 0xb98e, fmt: 'RRF_b', title: 'INVALIDATE DAT TABLE ENTRY', facility: 'idte' }, ($, f) => {
    $.privileged();
    $.pgmIf($.and($.grLow(f.r2), 0xf_f000), PGM.specification);
    interceptIf($, ictl.ipte);
    $.callVoid(invalidateEntries, $.gr(f.r1), $.gr(f.r2), $.gr(f.r3), $.field(f.m4));
  }),
  insn(
    'CRDTE',
    { op: 0xb98f, fmt: 'RRF_b', title: 'COMPARE AND REPLACE DAT TABLE ENTRY', facility: 'edat-2', ignores: ['r3'] },
    ($, f) => {
      $.privileged();
      $.requireEven(f.r1, f.r2);
      interceptIf($, ictl.ipte);
      $.callVoid(compareAndReplaceEntry, $.field(f.r1), $.field(f.r2), $.field(f.m4));
    },
  ),
  insn('PTLB', { op: 0xb20d, fmt: 'S', title: 'PURGE TLB', facility: 'zarch', ignores: ['b2', 'd2'] }, ($) => {
    $.privileged();
    interceptIf($, ictl.ptlb);
    $.callVoid(purgeTlb);
  }),
  // There is no ALB: access-register translation is done afresh each time.
  insn('PALB', { op: 0xb248, fmt: 'RRE', title: 'PURGE ALB', facility: 'zarch', ignores: ['r1', 'r2'] }, ($) => {
    $.privileged();
    interceptIf($, ictl.ptlb);
  }),
  insn('CSP', { op: 0xb250, fmt: 'RRE', title: 'COMPARE AND SWAP AND PURGE (32)', facility: 'zarch' }, ($, f) =>
    recordCompareAndSwap($, f, 4),
  ),
  insn('CSPG', { op: 0xb98a, fmt: 'RRE', title: 'COMPARE AND SWAP AND PURGE (64)', facility: 'idte' }, ($, f) =>
    recordCompareAndSwap($, f, 8),
  ),
];
