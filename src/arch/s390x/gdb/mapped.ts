import { PGM } from '../cpu/interruption-codes.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { ASCE, type DatLevel, ENTRY } from '../dat/translate.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { type DebugWalk, debugWalk } from './memory.ts';

/** Addresses one after another behind which storage lies one after another. */
export interface MappedRange {
  readonly from: bigint;
  readonly bytes: bigint;
  /** Absolute address of the first byte. */
  readonly absolute: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

const PREFIX_BYTES = 0x2000;
const PAGE_SHIFT = 12n;
/** Bits of address below an entry of a table. */
const shifts: Readonly<Record<DatLevel, bigint>> = {
  page: PAGE_SHIFT,
  segment: 20n,
  'region-third': 31n,
  'region-second': 42n,
  'region-first': 53n,
};
/** The level whose entry is missing, by the exception. */
const missing: Readonly<Record<number, DatLevel>> = {
  [PGM.pageTranslation]: 'page',
  [PGM.segmentTranslation]: 'segment',
  [PGM.regionThirdTranslation]: 'region-third',
  [PGM.regionSecondTranslation]: 'region-second',
  [PGM.regionFirstTranslation]: 'region-first',
};
/** Bits of address that an ASCE translates, by its designation type. */
const reaches = [31n, 42n, 53n, 64n] as const;

/** What is mapped in the space of `asce`, or at real addresses, by ascending address. Table entries that are not there cost one look. */
export function* mappedRanges(vm: KvmVm, vcpu: Vcpu, asce: bigint | undefined): Iterable<MappedRange> {
  const low = Number((asce ?? 0n) & 0xffff_ffffn);
  if (asce === undefined || (low & ASCE.realSpace) !== 0) return yield* realRanges(vm, vcpu);
  const end = 1n << (reaches[(low & ASCE.type) >> 2] ?? 31n);
  let range: MappedRange | undefined;
  for (let at = 0n; at < end; ) {
    const walk = debugWalk(vm, vcpu, at, asce);
    const next = ((at >> extent(walk)) + 1n) << extent(walk);
    const piece = walk.code === 0 ? pieceOf(walk, at, next - at) : undefined;
    if (range !== undefined && piece !== undefined && continues(range, piece)) {
      range = { ...range, bytes: range.bytes + piece.bytes };
    } else {
      if (range !== undefined) yield range;
      range = piece;
    }
    at = next;
  }
  if (range !== undefined) yield range;
}

function extent({ code, steps }: DebugWalk): bigint {
  return shifts[missing[code] ?? steps.at(-1)?.level ?? 'page'];
}

function pieceOf({ absolute, steps }: DebugWalk, from: bigint, bytes: bigint): MappedRange {
  const writable = steps.every(({ low }) => (low & ENTRY.protection) === 0);
  const executable = ((steps.at(-1)?.low ?? 0) & ENTRY.iep) === 0;
  return { from, bytes, absolute, writable, executable };
}

function continues(range: MappedRange, piece: MappedRange): boolean {
  return (
    range.from + range.bytes === piece.from &&
    range.absolute + Number(range.bytes) === piece.absolute &&
    range.writable === piece.writable &&
    range.executable === piece.executable
  );
}

// Prefixing exchanges two blocks.
function* realRanges(vm: KvmVm, vcpu: Vcpu): Iterable<MappedRange> {
  const { prefix } = vcpu;
  const size = vm.complex.storage.size;
  const edges = [...new Set([0, PREFIX_BYTES, prefix, prefix + PREFIX_BYTES, size])].sort((a, b) => a - b);
  for (const [i, from] of edges.entries()) {
    const to = edges[i + 1];
    if (to === undefined || to > size) return;
    const { absolute } = debugWalk(vm, vcpu, BigInt(from), undefined);
    yield { from: BigInt(from), bytes: BigInt(to - from), absolute, writable: true, executable: true };
  }
}
