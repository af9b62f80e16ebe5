import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { StoragePiece, StorageRange } from '../../../machine/watch.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { WalkStep } from '../dat/translate.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { type DebugWalk, debugAsce, debugWalk, endedAsce, spaceOf } from './memory.ts';

/**
 * Walks of so many extents are made for one range, at each resume, in which Ctrl-C is not heard: what else there is of a
 * huge one is found when it is used.
 */
const MOST_WALKS = 1 << 10;
const PAGE = BigInt(PAGE_BYTES);
const SEGMENT = 1n << 20n;
/** Bytes that an entry of each level stands for. */
const extents: Readonly<Record<WalkStep['level'], bigint>> = {
  page: PAGE,
  segment: SEGMENT,
  'region-third': 1n << 31n,
  'region-second': 1n << 42n,
  'region-first': 1n << 53n,
};

/**
 * The storage behind a range of addresses: in the space of the vCPU's operands; while nothing of it is there, in the first of
 * the vCPU's other spaces that has its first byte, too.
 */
export function storageBehind(vm: KvmVm, vcpu: Vcpu, address: bigint, length: number): StorageRange {
  const own = debugAsce(vcpu);
  const others = own === undefined ? [endedAsce(vcpu)] : [vcpu.instructionAsce(), vcpu.cr(1), vcpu.cr(7), vcpu.cr(13)];
  const found = others.filter((asce) => asce !== undefined);
  const asces = [own, ...found.filter((asce) => debugWalk(vm, vcpu, address, asce).host >= 0)];
  for (const asce of asces) {
    const pieces = piecesIn(vm, vcpu, asce, address, length);
    if (pieces.length === 0) continue;
    const spaces = [own, asce].flatMap((one) => (one === undefined ? [] : spaceOf(one)));
    return { pieces, spaces: [...new Set(spaces)] };
  }
  return { pieces: [], spaces: 'any' };
}

function piecesIn(vm: KvmVm, vcpu: Vcpu, asce: bigint | undefined, address: bigint, length: number): StoragePiece[] {
  const found: StoragePiece[] = [];
  const end = address + BigInt(length);
  let walks = 0;
  for (let a = address; a < end && walks < MOST_WALKS; walks++) {
    const walk = debugWalk(vm, vcpu, a & vcpu.amask, asce);
    const extent = walk.host < 0 ? missingExtent(asce, walk.steps) : presentExtent(vcpu, walk, asce);
    const next = (a / extent + 1n) * extent;
    const n = Number((next < end ? next : end) - a);
    if (walk.host >= 0) add(found, { address: a, at: walk.host, length: n });
    a = next;
  }
  return found;
}

/** How much lies together where a walk has found something: the rest of a large frame's, or of a real, segment. */
function presentExtent(vcpu: Vcpu, { absolute, steps }: DebugWalk, asce: bigint | undefined): bigint {
  // A guest's guest has its storage by pages of its host.
  if (vcpu.outer !== undefined) return PAGE;
  const large = asce !== undefined && steps.length > 0 && steps.at(-1)?.level !== 'page';
  const segment = absolute - (absolute % Number(SEGMENT));
  const moved = [0, vcpu.prefix].some((at) => at >= segment && at < segment + Number(SEGMENT));
  return large || (asce === undefined && !moved) ? SEGMENT : PAGE;
}

/** How much is missing where a walk came to nothing. */
function missingExtent(asce: bigint | undefined, steps: readonly WalkStep[]): bigint {
  const last = steps.at(-1);
  // No entry at all: the address is behind what the tables can have.
  if (last === undefined) return asce === undefined ? SEGMENT : extents['region-first'];
  return extents[last.level];
}

function add(pieces: StoragePiece[], piece: StoragePiece): void {
  const before = pieces.at(-1);
  const goesOn =
    before !== undefined &&
    before.at + before.length === piece.at &&
    before.address + BigInt(before.length) === piece.address;
  if (goesOn) pieces[pieces.length - 1] = { ...before, length: before.length + piece.length };
  else pieces.push(piece);
}
