import { hex } from '../../../bits/hex.ts';
import { ok } from '../../../bits/result.ts';
import {
  type Answer,
  type CommandRow,
  command,
  type Item,
  item,
  mistake,
  oneOf,
  optional,
  type Parser,
  address as parseAddress,
  value64,
  words,
} from '../../../monitor/command.ts';
import { interruptionName } from '../cpu/interruptions.ts';
import { MSR } from '../cpu/msr.ts';
import type { Ppc64Guest } from '../guest.ts';
import { HOST_PAGE_BYTES, type Ppc64Vm, vrmaSegment } from '../hv/vm.ts';
import { ENTRIES_IN_GROUP, HPTE, type Hpt, sizeOfEntry } from '../mmu/hpt.ts';
import { baseShift, SLB } from '../mmu/slb.ts';

const kib = (shift: number): string => (shift >= 20 ? `${2 ** (shift - 20)} MiB` : `${2 ** (shift - 10)} KiB`);

/** An entry of the page table in words. */
function describeEntry(hpt: Hpt, index: number): string {
  const size = sizeOfEntry(hpt.low0(index), hpt.low1(index));
  const low0 = hpt.low0(index);
  const low1 = hpt.low1(index);
  const flags = [
    (low0 & HPTE.secondary) !== 0 ? 'secondary' : '',
    (low0 & HPTE.bolted) !== 0 ? 'bolted' : '',
    (low1 & HPTE.reference) !== 0 ? 'R' : '',
    (low1 & HPTE.change) !== 0 ? 'C' : '',
    (low1 & HPTE.noExecute) !== 0 ? 'N' : '',
  ].filter((text) => text !== '');
  const pp = (hpt.high1(index) >>> 31) * 4 + (low1 & HPTE.pp);
  const pages = size === undefined ? 'odd size' : `${kib(size.base)} base, ${kib(size.actual)} page`;
  return `${hex(hpt.dword0(index))} ${hex(hpt.dword1(index))}: ${pages}, pp ${pp}${flags.map((f) => `, ${f}`).join('')}`;
}

/** `slb`: the segments of a vCPU. */
export const slb: CommandRow<Ppc64Guest> = command(
  'slb',
  { words: words(), usage: '', summary: 'show the valid entries of the segment lookaside buffer' },
  function* ({ guest, vcpu }): Answer {
    const { slb: buffer } = guest.hv(vcpu).vcpu;
    const rows = Array.from({ length: buffer.size }, (_, n) => n)
      .filter((n) => buffer.isValid(n))
      .map((n) => ({
        entry: n,
        rb: buffer.rb(n),
        rs: buffer.rs(n),
        segment: (buffer.rsHigh(n) & SLB.sizeHigh) !== 0 ? '1 TiB' : '256 MiB',
        page: kib(baseShift(buffer.rsLow(n)) ?? 0),
      }));
    const text = rows.map((r) => `entry ${r.entry}: ${hex(r.rb)} ${hex(r.rs)}, ${r.segment}, pages of ${r.page}`);
    yield item('slb', rows, text);
    return undefined;
  },
);

function* statistics({ hpt }: Ppc64Vm): Iterable<Item> {
  const counts = new Map<string, number>();
  let valid = 0;
  let secondary = 0;
  for (let i = 0; i < hpt.entries; i++) {
    if (!hpt.isValid(i)) continue;
    valid++;
    if ((hpt.low0(i) & HPTE.secondary) !== 0) secondary++;
    const size = sizeOfEntry(hpt.low0(i), hpt.low1(i));
    const name = size === undefined ? 'odd' : kib(size.actual);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  yield item('order', hpt.order);
  yield item('entries', hpt.entries);
  yield item('valid', valid);
  yield item('secondary', secondary);
  for (const [size, count] of counts) yield item(`pages of ${size}`, count);
}

/** The entries of a segment, by its virtual segment number. */
function* segmentEntries({ hpt }: Ppc64Vm, vsid: bigint): Iterable<Item> {
  const rows: number[] = [];
  for (let i = 0; i < hpt.entries; i++) {
    if (!hpt.isValid(i)) continue;
    const terabyte = (hpt.high0(i) & HPTE.sizeHigh) !== 0;
    const avpn = hpt.dword0(i) & 0x3fff_ffff_ffff_ff80n;
    if (avpn >> (terabyte ? 24n : 12n) === vsid) rows.push(i);
  }
  yield item('entries', rows.length);
  yield item(
    'segment',
    rows.map((i) => ({ entry: i, dword0: hpt.dword0(i), dword1: hpt.dword1(i) })),
    rows.map((i) => `entry ${i}: ${describeEntry(hpt, i)}`),
  );
}

/** The virtual page of an address by the words of its segment: segment number, page in the segment, base page size. */
function* virtualPage(address: bigint, rs: { readonly high: number; readonly low: number }): Iterable<Item> {
  const isTerabyte = (rs.high & SLB.sizeHigh) !== 0;
  const whole = (BigInt(rs.high >>> 0) << 32n) | BigInt(rs.low >>> 0);
  const vsid = (whole & 0x3fff_ffff_ffff_ffffn) >> (isTerabyte ? 24n : 12n);
  const shift = baseShift(rs.low) ?? 12;
  yield item('segment size', isTerabyte ? '1 TiB' : '256 MiB');
  yield item('vsid', vsid);
  yield item('page', BigInt.asUintN(isTerabyte ? 40 : 28, address) >> BigInt(shift));
  yield item('page size', kib(shift));
}

/** Both groups that an address's entry may be in, with what is valid there. */
function* groups(hpt: Hpt, hash: number): Iterable<Item> {
  for (const secondary of [false, true]) {
    const group = hpt.groupOf(hash, secondary);
    const first = group * ENTRIES_IN_GROUP;
    const rows = Array.from({ length: ENTRIES_IN_GROUP }, (_, i) => first + i).filter((i) => hpt.isValid(i));
    const name = secondary ? 'secondary group' : 'primary group';
    yield item(name, group);
    yield item(
      `${name} entries`,
      rows.map((i) => ({ entry: i, dword0: hpt.dword0(i), dword1: hpt.dword1(i) })),
      rows.map((i) => `entry ${i}: ${describeEntry(hpt, i)}`),
    );
  }
}

/** A word of the command's own, or an address. */
const place: Parser<bigint | 'stats' | 'vsid'> = {
  form: 'stats|vsid|ADDR',
  parse: (word, scope) => (word === 'stats' || word === 'vsid' ? ok(word) : parseAddress.parse(word, scope)),
};

/** `hpt`: the page table, or the way to one address in it. */
export const hpt: CommandRow<Ppc64Guest> = command(
  'hpt',
  {
    words: words(optional(place), optional(value64)),
    usage: '[stats|ADDR|vsid VSID]',
    summary: 'count the page table, show both groups of an address, or the entries of a segment',
  },
  function* ({ guest, vcpu }, [address, vsid]): Answer {
    if ((address === 'vsid') !== (vsid !== undefined)) return mistake('a number stands behind vsid');
    if (vsid !== undefined) {
      yield* segmentEntries(guest.vm, vsid);
      return undefined;
    }
    if (address === undefined || address === 'stats' || address === 'vsid') {
      yield* statistics(guest.vm);
      return undefined;
    }
    const found = guest.vm.core.translator.explain(guest.hv(vcpu).vcpu, address, 'fetch');
    if (found.hash === undefined) return mistake('no segment has this address');
    yield* groups(guest.vm.hpt, found.hash);
    return undefined;
  },
);

/** `vrma`: what real addresses are translated by. */
export const vrma: CommandRow<Ppc64Guest> = command(
  'vrma',
  {
    words: words(),
    usage: '',
    summary: 'show the virtual real-mode area: its segment, and its entries in the page table',
  },
  function* ({ guest }): Answer {
    const { vm } = guest;
    yield item('segment', (BigInt(vrmaSegment.high) << 32n) | BigInt(vrmaSegment.low));
    yield item('bytes', BigInt(vm.bytes));
    yield item('pages', vm.bytes / HOST_PAGE_BYTES);
    const entries: number[] = [];
    for (let at = 0; at < vm.bytes; at += HOST_PAGE_BYTES) {
      const index = vm.core.translator.vrmaEntry(at);
      if (index >= 0) entries.push(index);
    }
    yield item(
      'entries',
      entries.map((entry) => ({ entry, dword0: vm.hpt.dword0(entry), dword1: vm.hpt.dword1(entry) })),
      entries.map((i) => `entry ${i}: ${describeEntry(vm.hpt, i)}`),
    );
    return undefined;
  },
);

/** `walk`: from an effective address to the page of the hypervisor's storage. */
export const walk: CommandRow<Ppc64Guest> = command(
  'walk',
  {
    words: words(parseAddress, optional(oneOf('fetch', 'store', 'ifetch'))),
    usage: 'ADDR [fetch|store|ifetch]',
    summary: 'translate an address as the vCPU would: segment, virtual page, both groups, entry, host page',
  },
  function* ({ guest, vcpu }, [address, kind = 'fetch']): Answer {
    const v = guest.hv(vcpu).vcpu;
    const { vm } = guest;
    const bit = kind === 'ifetch' ? MSR.ir : MSR.dr;
    yield item('mode', (v.msrLow & bit) !== 0 ? 'virtual' : 'real, by the VRMA');
    const found = vm.core.translator.explain(v, address, kind);
    if (found.segment !== undefined) yield item('slb entry', found.segment);
    if (found.rs !== undefined) yield* virtualPage(address, found.rs);
    if (found.hash !== undefined) {
      yield item('hash', BigInt(found.hash));
      yield* groups(vm.hpt, found.hash);
    }
    if (found.entry !== undefined) {
      yield item('entry', found.entry, `${found.entry}: ${describeEntry(vm.hpt, found.entry)}`);
    }
    if (found.at >= 0) {
      yield item('real', BigInt(found.at));
      yield item('host', BigInt(found.at + vm.hostBase));
    } else {
      const vector = BigInt(found.vector);
      yield item('interruption', vector, `${hex(vector)} ${interruptionName(found.vector)}`);
      yield item('bits', BigInt(found.bits >>> 0));
    }
    return undefined;
  },
);
