/**
 * How generated code reaches guest storage through the software TLB; both engines write it so. An access compares the tag of
 * its first byte's entry with the page of its last byte: one comparison answers "mapped, allowed, not watched, not code,
 * and inside one page". Everything else is somebody's slow path.
 */

import type { ByteOrder } from '../bits/byte-order.ts';
import type { Access, RegisterPart, Slot, Space, Width } from '../ir/node.ts';
import { engineState, room, TLB_ENTRIES, tagBits, tlbEntry } from '../machine/layout.ts';
import type { FunctionBuilder } from '../wasm/function-builder.ts';

/** Locals of an access: the vCPU's state, the address, and the TLB entry that it may be found in. */
export interface AccessLocals {
  readonly vcpu: number;
  readonly va: number;
  readonly tlb: number;
}

/** Pops the low word of an address; pushes the offset of its page's entry in a TLB bank. */
export function emitTlbOffset(f: FunctionBuilder): void {
  f.i32const(12 - tlbEntry.shift);
  f.op('i32.shr_u');
  f.i32const((TLB_ENTRIES - 1) << tlbEntry.shift);
  f.op('i32.and');
}

/** tlb := the entry of the page of va in the bank of the space. */
export function emitLookup(f: FunctionBuilder, { vcpu, va, tlb }: AccessLocals, space: Space): void {
  f.get(vcpu);
  f.access('i32.load', (space === 'instruction' ? engineState.tlbInsn : engineState.tlbData).offset);
  f.get(va);
  f.op('i32.wrap_i64');
  emitTlbOffset(f);
  f.op('i32.add');
  f.set(tlb);
}

/** Pushes 1 when the entry allows the access of the bytes from va on, all in one page; a number, or what pushes it. */
export function emitAllowed(
  f: FunctionBuilder,
  { va, tlb }: AccessLocals,
  access: Access,
  bytes: number | (() => void),
): void {
  f.get(tlb);
  f.access('i64.load', access === 'fetch' ? tlbEntry.fetchTag : tlbEntry.storeTag);
  f.get(va);
  if (typeof bytes !== 'number') {
    bytes();
    f.op('i64.extend_i32_u');
    f.op('i64.add');
    f.i64const(1);
    f.op('i64.sub');
  } else if (bytes > 1) {
    f.i64const(bytes - 1);
    f.op('i64.add');
  }
  f.i64const(tagBits.access);
  f.op('i64.or');
  f.op('i64.eq');
}

/**
 * Looks for the page of va among those that instructions are fetched from, and pushes 1 when the TLB has it; `page` pushes its
 * address, with the bits of va that make it misaligned.
 */
export function emitIfetchable(f: FunctionBuilder, at: AccessLocals, page: () => void): void {
  emitLookup(f, at, 'instruction');
  f.get(at.tlb);
  f.access('i64.load', tlbEntry.ifetchTag);
  page();
  f.i64const(tagBits.ifetch);
  f.op('i64.or');
  f.op('i64.eq');
}

/** Pushes the host address of va by the entry: see `hostAccessOffset` for where the bytes lie from there. */
export function emitHostAddress(f: FunctionBuilder, { va, tlb }: AccessLocals, order: ByteOrder): void {
  f.get(tlb);
  f.access('i32.load', tlbEntry.addend);
  f.get(va);
  f.op('i32.wrap_i64');
  f.op(order === 'big' ? 'i32.sub' : 'i32.add');
}

/** Pushes what every slow path is told first: the vCPU, the upper and the lower word of va. */
export function emitSlowArguments(f: FunctionBuilder, { vcpu, va }: AccessLocals): void {
  f.get(vcpu);
  f.get(va);
  f.i64const(32);
  f.op('i64.shr_u');
  f.op('i32.wrap_i64');
  f.get(va);
  f.op('i32.wrap_i64');
}

/** Pushes the pointer of `room`: as of storage, behind its end where that is mirrored. */
export function emitRoom(f: FunctionBuilder, vcpu: number, order: ByteOrder): void {
  f.get(vcpu);
  f.i32const(room.offset + (order === 'big' ? room.bytes : 0));
  f.op('i32.add');
}

/** Bits of a register's part. */
export function partWidth(part: RegisterPart): Width {
  return widths[part.bytes];
}

const widths = { 1: 8, 2: 16, 4: 32, 8: 64, 16: 128 } as const;

/** Bits of a scalar of the state. */
export function slotWidth(slot: Slot): Width {
  return slot.ty === 'i32' || slot.ty === 'f32' ? 32 : slot.ty === 'v128' ? 128 : 64;
}
