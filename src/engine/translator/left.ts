import { engineState, handlers } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { INTERPRET } from '../interpreter/next.ts';
import type { Instruction } from './code.ts';
import { pageOf } from './pages.ts';

/** Locals of a region that say how it is left. */
export interface LeavingLocals {
  readonly vcpu: number;
  /** Address of the first page's first byte. */
  readonly base: number;
  /** Where execution goes on. */
  readonly pc: number;
  readonly remaining: number;
  /** `leftAt` of an instruction in front of which it is left; 0 when `pc` says where execution goes on. */
  readonly left: number;
}

/** In front of which instruction a region is left, as one number: its offset, what was counted too much, its handler. */
export function leftAt(offset: number, back: number, handler: number): bigint {
  return (BigInt(handler) << 40n) | (BigInt(back) << 32n) | BigInt.asUintN(32, BigInt(offset));
}

/** Has the interpreter do the instruction in front of which the region was left, if it was. */
export function emitLeft(f: FunctionBuilder, { vcpu, base, pc, remaining, left }: LeavingLocals): void {
  f.get(left);
  f.op('i64.eqz');
  f.op('i32.eqz');
  f.if(undefined, () => {
    f.get(vcpu);
    f.get(left);
    f.i64const(40);
    f.op('i64.shr_u');
    f.op('i32.wrap_i64');
    f.access('i32.store', engineState.declined.offset);
    f.get(base);
    f.get(left);
    f.op('i32.wrap_i64');
    f.op('i64.extend_i32_s');
    f.op('i64.add');
    f.set(pc);
    f.get(remaining);
    f.get(left);
    f.i64const(32);
    f.op('i64.shr_u');
    f.op('i32.wrap_i64');
    f.i32const(0xff);
    f.op('i32.and');
    f.op('i32.add');
    f.i32const(INTERPRET);
    f.op('i32.or');
    f.set(remaining);
  });
}

/** True for the last instruction of a page that has its last bytes in the next one. */
export function crosses(i: Instruction | undefined): boolean {
  return i !== undefined && pageOf(i.offset + i.decoded.length - 1) !== pageOf(i.offset);
}

/** The handler of an instruction. */
export function handlerOf(i: Instruction | undefined): number {
  return crosses(i) ? handlers.crossing : handlers.firstRow + (i?.decoded.row ?? 0);
}
