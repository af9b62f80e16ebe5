/**
 * Where things lie in the one WebAssembly memory that holds a machine. The engine knows the first scalars of a vCPU's
 * state, the software TLB and the decode cache; the rest of a vCPU's state belongs to its architecture.
 */

import type { Slot } from '../ir/node.ts';

/** Bytes of one vCPU's state. */
export const VCPU_BYTES = 4096;
export const PAGE_SHIFT = 12;
export const PAGE_BYTES = 1 << PAGE_SHIFT;

/** The part of the vCPU state that the engine itself reads and writes; every architecture's layout starts with it. */
export const engineState = {
  /** Address of the next instruction; valid while the vCPU is outside the run loop. */
  pc: { name: 'pc', offset: 0x00, ty: 'i64' },
  /** Address of the instruction in execution; stored when generated code calls out. */
  ia: { name: 'ia', offset: 0x08, ty: 'i64' },
  /** Instruction count at which the run in progress ends: instructions begun so far plus `remaining`. */
  end: { name: 'end', offset: 0x10, ty: 'i64' },
  /** Instructions still to begin. Generated code keeps it in a parameter, and stores it here before it calls out. */
  remaining: { name: 'remaining', offset: 0x18, ty: 'i32' },
  /** Not zero when somebody ended the run in progress early; the bits `LEFT` and `ELSEWHERE` when the instruction in execution is over. */
  sliceEnded: { name: 'sliceEnded', offset: 0x1c, ty: 'i32' },
  /** Virtual page of the decode page in use; an odd value matches nothing. */
  ifetchTag: { name: 'ifetchTag', offset: 0x20, ty: 'i64' },
  /** Decode page in use. */
  ifetchBase: { name: 'ifetchBase', offset: 0x28, ty: 'i32' },
  /** TLB bank of instruction fetches. */
  tlbInsn: { name: 'tlbInsn', offset: 0x2c, ty: 'i32' },
  /** TLB bank of operand accesses. */
  tlbData: { name: 'tlbData', offset: 0x30, ty: 'i32' },
  /** Handler of the instruction in front of which translated code was left. */
  declined: { name: 'declined', offset: 0x34, ty: 'i32' },
  /** Mask of an effective address. */
  amask: { name: 'amask', offset: 0x38, ty: 'i64' },
  /** Where a store that leaves the fast path puts its value, and a fetch finds its bytes: 32 bytes, in the order of storage. */
  scratch: { name: 'scratch', offset: 0x40, ty: 'v128' },
  /** Decode-cache entry of an instruction that has no place in a decode page: page-crossing ones, those that another one executes. */
  crossingEntry: { name: 'crossingEntry', offset: 0x60, ty: 'i32' },
  executeEntry: { name: 'executeEntry', offset: 0x70, ty: 'i32' },
} as const satisfies Record<string, Slot>;

/**
 * Bit of `sliceEnded`: what was called out of generated code has ended the instruction, with a fault or otherwise. Generated
 * code returns to the caller of the run loop; `pc` is where the vCPU goes on, and nothing remains.
 */
export const LEFT = 2;
/** The same, but generated code goes on at `pc` with what remains, and takes the bit back. */
export const ELSEWHERE = 4;

/** What was decoded of instructions that cross their pages, at the end of a vCPU's state, by bits of the page's number. */
export const crossingCache = {
  offset: 0xc00,
  count: 16,
  bytes: 64,
  ia: 0,
  /** The eight bytes in front of the page's end, and those behind it. */
  first: 8,
  second: 16,
  entry: 24,
} as const;

/** What `room` of the IR points to, at the end of a vCPU's state, too: nothing there is the vCPU's. */
export const room = { offset: 0xb00, bytes: 256 } as const;

/** First byte of the vCPU state that is the architecture's. */
export const ARCH_STATE_OFFSET = 0x80;

/**
 * A TLB entry. A tag is the virtual page address with `tagBits` in its low bits, or with others when the access must take the
 * slow path; an entry of zeros allows nothing. `addend` minus the low word of an address, plus 16 minus the width, is where a
 * plain access of that width lies in mirrored storage; in storage that is not mirrored, `addend` plus the low word.
 * `GuestStorage.addend` computes it.
 */
export const tlbEntry = {
  bytes: 32,
  shift: 5,
  fetchTag: 0,
  storeTag: 8,
  ifetchTag: 16,
  addend: 24,
  decodePage: 28,
} as const;

/**
 * Low bits of a tag that matches: an access compares it with its last byte's address and these bits set. An odd instruction
 * address matches none.
 */
export const tagBits = { access: 0xfff, ifetch: 0xffe, never: 1 } as const;

/** Entries of a TLB bank. Those that nobody has used cost no memory. */
export const TLB_ENTRIES = 16384;
export const TLB_BANK_BYTES = TLB_ENTRIES * tlbEntry.bytes;
/** What `ifetchTag` of the vCPU's state holds when no page is in use; no address matches. */
export const NO_TAG = 3n;

/** A decode-cache entry: what the run loop needs of an instruction. One for each place of a page where one may begin. */
export const decodeEntry = {
  bytes: 16,
  shift: 4,
  /** Table index of the handler, 16 bits; 0 means not decoded yet. */
  handler: 0,
  /** Bytes by which the instruction address advances: of what another instruction executes, that one's length. */
  ilc: 2,
  /** How often execution came here by a branch, modulo 256; only the engine looks. */
  count: 3,
  /** Operand fields: see `field.ts`. */
  operands: 4,
} as const;

/** Bytes at multiples of which an architecture's instructions lie; where that is 4, none is longer. */
export type CodeUnit = 2 | 4;

/** Bytes of the decode cache for one page. */
export function decodePageBytes(unit: CodeUnit): number {
  return (PAGE_BYTES / unit) * decodeEntry.bytes;
}

/** By how many bits an instruction's place in its page is shifted to give its entry's. */
export function entryShift(unit: CodeUnit): number {
  return unit === 2 ? decodeEntry.shift - 1 : decodeEntry.shift - 2;
}

/** Table indices with a fixed meaning; rows follow. */
export const handlers = { decode: 0, crossing: 1, breakpoint: 2, firstRow: 3 } as const;

/** Bytes of the breakpoint filter: one for each value of bits 1 to 15 of an instruction address. */
export const BREAKPOINT_FILTER_BYTES = 1 << 15;

/** What a byte of the filter says of its addresses: nobody is asked, the guest's `stops` are, or only once a quick test holds. */
export const filterByte = { pass: 0, ask: 1, quick: 2 } as const;

/** Place of an instruction address in the breakpoint filter. */
export function filterSlot(address: bigint): number {
  return Number((address >> 1n) & BigInt(BREAKPOINT_FILTER_BYTES - 1));
}
