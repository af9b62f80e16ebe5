import { emitLoad, emitStore } from '../../ir/emit.ts';
import type { RegisterFile, RegisterIndex, RegisterPart, Stmt, Width } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { partWidth } from '../access.ts';

const LOW = 0xffff_ffffn;

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
  readonly written: boolean;
}

/** What a region does with one register. */
interface Use {
  readonly file: RegisterFile;
  readonly number: number;
  readonly parts: Set<RegisterPart>;
  writesLow: boolean;
  writes: boolean;
}

/** The number of a register whose index is known. */
export function registerNumber(index: RegisterIndex): number | undefined {
  if (index.by !== 'value') return undefined;
  return index.number ?? (index.index.k === 'const' ? Number(index.index.value) : undefined);
}

/** What a register is known by in the state of its vCPU. */
export function registerKey(file: RegisterFile, number: number): number {
  return file.offset + number * file.width;
}
/** The key of a register that is read or set: the first of its file when its number is not known. */
export function keyOfRegister({ part, index }: { readonly part: RegisterPart; readonly index: RegisterIndex }): number {
  return registerKey(part.file, registerNumber(index) ?? 0);
}

/** Collects what a region does with registers, before its first instruction is written. */
export class RegisterUses {
  readonly uses = new Map<number, Use>();

  add(statements: readonly Stmt[]): void {
    visit(statements, {
      statement: (s) => {
        if (s.s === 'setReg') {
          const use = this.#use(s.part, s.index);
          use.writes = true;
          if (s.part.bytes !== 8 && !isHigh(s.part)) use.writesLow = true;
        } else if (s.s === 'let' && s.node.k === 'reg') {
          this.#use(s.node.part, s.node.index);
        }
      },
    });
  }

  #use(part: RegisterPart, index: RegisterIndex): Use {
    const number = registerNumber(index);
    if (number === undefined) throw new Error(`a register of ${part.file.name} by a number that is not known`);
    const at = registerKey(part.file, number);
    let use = this.uses.get(at);
    if (use === undefined) {
      use = { file: part.file, number, parts: new Set(), writesLow: false, writes: false };
      this.uses.set(at, use);
    }
    use.parts.add(part);
    return use;
  }
}

/** Where the part lies among the 8 bytes that are kept of a register. */
function within(part: RegisterPart): number {
  return part.file.width === 16 ? part.offset - 8 : part.offset;
}

function isHigh(part: RegisterPart): boolean {
  return part.bytes === 4 && part.file.width !== 4 && within(part) === 4;
}

/** The registers of a region in locals of its function. */
export class Registers {
  readonly #f: FunctionBuilder;
  readonly #vcpu: number;
  readonly #cached = new Map<number, Cached>();
  /** By key: there while `low` holds the low word. */
  #known = new Set<number>();
  readonly #outer: Set<number>[] = [];

  constructor(f: FunctionBuilder, vcpu: number, uses: RegisterUses) {
    this.#f = f;
    this.#vcpu = vcpu;
    for (const [at, use] of uses.uses) {
      const { file, number } = use;
      const vector = file.width === 16 && [...use.parts].some((p) => p.offset < 8 || p.bytes > 8);
      const narrow = file.width === 4 || [...use.parts].every((p) => p.bytes <= 4 && !isHigh(p));
      const ty = vector ? 'v128' : narrow ? 'i32' : 'i64';
      this.#cached.set(at, {
        file,
        number,
        offset: at + (file.width === 16 && !vector ? 8 : 0),
        ty,
        full: f.local(ty),
        low: use.writesLow && ty === 'i64' ? f.local('i32') : undefined,
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
      f.get(c.full);
      emitStore(f, c.ty, widthOf(c), c.offset);
    }
  }

  /** A block begins. */
  enter(): void {
    this.#known.clear();
  }

  /** The local that the part of the register simply is, if it is one. */
  alias(part: RegisterPart, number: number): number | undefined {
    const at = registerKey(part.file, number);
    const c = this.#cached.get(at);
    if (c === undefined) return undefined;
    if (c.ty === 'v128') return part.bytes === 16 ? c.full : undefined;
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
    else if (part.bytes === 8 || (part.bytes === 4 && c.ty === 'i32')) {
      push();
      f.set(c.full);
      this.#known.delete(at);
    } else if (c.ty === 'i32') {
      f.get(c.full);
      f.i32const(~maskOf(part));
      f.op('i32.and');
      push();
      f.i32const(maskOf(part));
      f.op('i32.and');
      f.op('i32.or');
      f.set(c.full);
    } else this.#writePart(at, part, c, push);
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
    } else if (shift === 0n && c.low !== undefined) {
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

  /** Statements follow that may be done again, or not at all. */
  enterNested(statements: readonly Stmt[]): void {
    visit(statements, {
      statement: (s) => {
        if (s.s === 'setReg') this.#known.delete(keyOfRegister(s));
      },
    });
    this.#outer.push(new Set(this.#known));
  }
  leaveNested(): void {
    const before = this.#outer.pop();
    this.#known = new Set([...this.#known].filter((at) => before?.has(at) === true));
  }
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

function maskOf(part: RegisterPart): number {
  return part.bytes === 2 ? 0xffff : 0xff;
}
