import { emitLoad, emitStore } from '../../ir/emit.ts';
import type { RegisterFile, RegisterPart, Stmt, Width } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { partWidth } from '../access.ts';
import { isHigh, keyOfRegister, type RegisterUses, registerKey, type Wide } from './register-uses.ts';

const LOW = 0xffff_ffffn;

/** Operations for a split register that are worth one for a whole one: what keeps its halves together stands in the way of much else. */
const SPLIT_WORTH = 2;

/** A register that a region keeps in locals. */
interface Cached {
  readonly file: RegisterFile;
  readonly number: number;
  /** Offset in the vCPU's state of the 64 bits that are kept; 32 where nobody looks at more, all of a vector where somebody does. */
  readonly offset: number;
  readonly ty: 'i32' | 'i64' | 'v128';
  readonly full: number;
  /** Where the low word is, too, from where a block writes it by itself to where it writes all of it, or ends. */
  readonly low: number | undefined;
  /** See `Registers`. */
  readonly split: boolean;
  readonly written: boolean;
}

/**
 * The registers of a region in locals of its function.
 *
 * Code that counts by 32 bits leaves the upper halves of its registers as they are, and putting the halves together behind each instruction
 * costs as much as many an instruction does. So a register that is mostly written by halves is *split*: its low word is in a local, and
 * the upper one where it is in the vCPU's state. All of it comes together in a second local where it is asked for, and is
 * in that alone where it is written, until the low word is written by itself or the block ends: then it goes to the state.
 */
export class Registers {
  readonly #f: FunctionBuilder;
  readonly #vcpu: number;
  readonly #cached = new Map<number, Cached>();
  /** By key: there while `low` holds the low word. */
  #known = new Set<number>();
  /** Split registers of which all is in `full`. */
  #wide = new Map<number, Wide>();
  readonly #outer: { readonly known: Set<number>; readonly wide: Map<number, Wide>; readonly sets: Set<number> }[] = [];

  constructor(f: FunctionBuilder, vcpu: number, uses: RegisterUses) {
    this.#f = f;
    this.#vcpu = vcpu;
    for (const [at, use] of uses.uses) {
      const { file, number } = use;
      const vector = file.width === 16 && [...use.parts].some((p) => p.offset < 8 || p.bytes > 8);
      const narrow = file.width === 4 || [...use.parts].every((p) => p.bytes <= 4 && !isHigh(p));
      const ty = vector ? 'v128' : narrow ? 'i32' : 'i64';
      const split = ty === 'i64' && file.width === 8 && use.split < use.whole * SPLIT_WORTH;
      this.#cached.set(at, {
        file,
        number,
        offset: at + (file.width === 16 && !vector ? 8 : 0),
        ty,
        full: f.local(ty),
        low: split || (use.writesLow && ty === 'i64') ? f.local('i32') : undefined,
        split,
        written: use.writes,
      });
    }
  }

  /** Registers in locals. */
  get count(): number {
    return this.#cached.size;
  }

  /** Loads all of them. */
  load(): void {
    const f = this.#f;
    for (const c of this.#cached.values()) {
      f.get(this.#vcpu);
      if (c.split) {
        f.access('i32.load', c.offset);
        f.set(lowOf(c));
        continue;
      }
      emitLoad(f, c.ty, widthOf(c), false, c.offset);
      f.set(c.full);
    }
  }

  /** Stores those that the region writes anywhere. */
  store(): void {
    const f = this.#f;
    for (const c of this.#cached.values()) {
      if (!c.written) continue;
      f.get(this.#vcpu);
      if (c.split) {
        f.get(lowOf(c));
        f.access('i32.store', c.offset);
        continue;
      }
      f.get(c.full);
      emitStore(f, c.ty, widthOf(c), c.offset);
    }
  }

  /** Has split registers where they are at a block's beginning: the block goes on elsewhere, or is left. */
  settle(): void {
    this.#settle([...this.#wide.keys()]);
  }
  /** The same where one way leads out of the block, which goes on. */
  settleAside(): void {
    for (const at of this.#wide.keys()) this.#part(at);
  }

  #settle(keys: Iterable<number>): void {
    for (const at of keys) {
      this.#part(at);
      this.#wide.delete(at);
    }
  }

  // All of a register that is nowhere else goes to where its halves are.
  #part(at: number): void {
    const f = this.#f;
    const c = this.#cached.get(at);
    if (c === undefined || this.#wide.get(at) !== 'only') return;
    this.#keep(c);
    f.get(c.full);
    f.op('i32.wrap_i64');
    f.set(lowOf(c));
  }

  #keep(c: Cached): void {
    this.#f.get(this.#vcpu);
    this.#f.get(c.full);
    this.#f.access('i64.store', c.offset);
  }

  /** A block begins. */
  enter(): void {
    this.#known.clear();
    this.#wide.clear();
  }

  /** The local that the part of the register simply is, if it is one. */
  alias(part: RegisterPart, number: number): number | undefined {
    const at = registerKey(part.file, number);
    const c = this.#cached.get(at);
    if (c === undefined) return undefined;
    if (c.ty === 'v128') return part.bytes === 16 ? c.full : undefined;
    if (c.split) {
      const wide = this.#wide.get(at);
      if (part.bytes === 8) return wide === undefined ? undefined : c.full;
      return part.bytes === 4 && !isHigh(part) && wide !== 'only' ? c.low : undefined;
    }
    if (part.bytes === 8 || (part.bytes === 4 && c.ty === 'i32')) return c.full;
    return part.bytes === 4 && !isHigh(part) && this.#known.has(at) ? c.low : undefined;
  }

  /** Pushes a part of a register. */
  read(part: RegisterPart, number: number): void {
    const f = this.#f;
    const at = registerKey(part.file, number);
    const c = this.#cached.get(at);
    if (c === undefined) {
      f.get(this.#vcpu);
      emitLoad(f, part.ty, partWidth(part), false, at + part.offset);
      return;
    }
    if (c.ty === 'v128') return this.#readOfVector(part, c);
    if (c.split && this.#wide.get(at) !== 'only') return this.#readOfSplit(at, part, c);
    if (part.bytes === 8) return f.get(c.full);
    if (isHigh(part)) {
      f.get(c.full);
      f.i64const(32);
      f.op('i64.shr_u');
      f.op('i32.wrap_i64');
      return;
    }
    if (c.ty === 'i32') f.get(c.full);
    else if (c.low !== undefined && this.#known.has(at)) f.get(c.low);
    else {
      f.get(c.full);
      f.op('i32.wrap_i64');
    }
    if (part.bytes < 4) {
      f.i32const(maskOf(part));
      f.op('i32.and');
    }
  }

  /** Pops the value of a part of a register. */
  write(part: RegisterPart, number: number, push: () => void): void {
    const f = this.#f;
    const at = registerKey(part.file, number);
    const c = this.#cached.get(at);
    if (c === undefined) {
      f.get(this.#vcpu);
      push();
      emitStore(f, part.ty, partWidth(part), at + part.offset);
      return;
    }
    if (c.ty === 'v128') this.#writeOfVector(part, c, push);
    else if (c.split) this.#writeOfSplit(at, part, c, push);
    else if (part.bytes === 8 || (part.bytes === 4 && c.ty === 'i32')) {
      push();
      f.set(c.full);
      this.#known.delete(at);
    } else if (c.ty === 'i32') this.#writeBits(c.full, part, push);
    else this.#writePart(at, part, c, push);
  }

  #readOfSplit(at: number, part: RegisterPart, c: Cached): void {
    const f = this.#f;
    if (part.bytes === 8) {
      if (this.#wide.get(at) === undefined) this.#join(c);
      else f.get(c.full);
      this.#wide.set(at, 'too');
    } else if (isHigh(part)) {
      f.get(this.#vcpu);
      f.access('i32.load', c.offset + 4);
    } else {
      f.get(lowOf(c));
      if (part.bytes === 4) return;
      f.i32const(maskOf(part));
      f.op('i32.and');
    }
  }

  // Pushes all of a register, and has it in its local.
  #join(c: Cached): void {
    const f = this.#f;
    f.get(this.#vcpu);
    emitLoad(f, 'i64', 32, false, c.offset + 4);
    f.i64const(32);
    f.op('i64.shl');
    f.get(lowOf(c));
    f.op('i64.extend_i32_u');
    f.op('i64.or');
    f.tee(c.full);
  }

  #writeOfSplit(at: number, part: RegisterPart, c: Cached, push: () => void): void {
    const f = this.#f;
    const only = this.#wide.get(at) === 'only';
    if (part.bytes === 8) {
      push();
      f.set(c.full);
      this.#wide.set(at, 'only');
      return;
    }
    if (only && (part.bytes < 4 || isHigh(part))) return this.#writePart(at, part, c, push);
    if (only) this.#keep(c);
    if (isHigh(part)) {
      f.get(this.#vcpu);
      push();
      f.access('i32.store', c.offset + 4);
    } else if (part.bytes === 4) {
      push();
      f.set(lowOf(c));
    } else this.#writeBits(lowOf(c), part, push);
    this.#wide.delete(at);
  }

  // Bits of the low word in a local.
  #writeBits(local: number, part: RegisterPart, push: () => void): void {
    const f = this.#f;
    f.get(local);
    f.i32const(~maskOf(part));
    f.op('i32.and');
    push();
    f.i32const(maskOf(part));
    f.op('i32.and');
    f.op('i32.or');
    f.set(local);
  }

  #readOfVector(part: RegisterPart, c: Cached): void {
    this.#f.get(c.full);
    if (part.bytes !== 16) this.#f.lane(lanesOf[part.bytes].extract, part.offset / part.bytes);
  }

  #writeOfVector(part: RegisterPart, c: Cached, push: () => void): void {
    const f = this.#f;
    if (part.bytes !== 16) f.get(c.full);
    push();
    if (part.bytes !== 16) f.lane(lanesOf[part.bytes].replace, part.offset / part.bytes);
    f.set(c.full);
  }

  #writePart(at: number, part: RegisterPart, c: Cached, push: () => void): void {
    const f = this.#f;
    const [shift, mask] = isHigh(part) ? [32n, LOW << 32n] : [0n, part.bytes === 4 ? LOW : BigInt(maskOf(part))];
    f.get(c.full);
    f.i64const(~mask);
    f.op('i64.and');
    push();
    if (part.bytes < 4) {
      f.i32const(maskOf(part));
      f.op('i32.and');
      this.#known.delete(at);
    } else if (shift === 0n && c.low !== undefined && !c.split) {
      f.tee(c.low);
      this.#known.add(at);
    }
    f.op('i64.extend_i32_u');
    if (shift !== 0n) {
      f.i64const(shift);
      f.op('i64.shl');
    }
    f.op('i64.or');
    f.set(c.full);
  }

  /** Statements follow that may be done again, or not at all: before what decides whether they are. */
  prepareNested(statements: readonly Stmt[]): void {
    this.#settle(setBy(statements));
  }
  /** They begin. */
  enterNested(statements: readonly Stmt[]): void {
    const sets = setBy(statements);
    for (const at of sets) this.#known.delete(at);
    this.#outer.push({ known: new Set(this.#known), wide: new Map(this.#wide), sets });
  }
  leaveNested(): void {
    const before = this.#outer.pop();
    if (before === undefined) return;
    this.#settle(before.sets);
    this.#known = new Set([...this.#known].filter((at) => before.known.has(at)));
    this.#wide = new Map([...before.wide].filter(([at]) => !before.sets.has(at)));
  }
}

/** The registers that statements set, by key. */
function setBy(statements: readonly Stmt[]): Set<number> {
  const sets = new Set<number>();
  visit(statements, {
    statement: (s) => {
      if (s.s === 'setReg') sets.add(keyOfRegister(s));
    },
  });
  return sets;
}

/** Operations on parts of vectors, by bytes. */
const lanesOf = {
  1: { extract: 'i8x16.extract_lane_u', replace: 'i8x16.replace_lane' },
  2: { extract: 'i16x8.extract_lane_u', replace: 'i16x8.replace_lane' },
  4: { extract: 'i32x4.extract_lane', replace: 'i32x4.replace_lane' },
  8: { extract: 'i64x2.extract_lane', replace: 'i64x2.replace_lane' },
} as const;

function widthOf({ ty }: Cached): Width {
  return ty === 'v128' ? 128 : ty === 'i64' ? 64 : 32;
}

function lowOf(c: Cached): number {
  if (c.low === undefined) throw new Error('a register without a low word');
  return c.low;
}

function maskOf(part: RegisterPart): number {
  return part.bytes === 2 ? 0xffff : 0xff;
}
