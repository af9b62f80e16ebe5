import { emitLoad, emitStore } from '../../ir/emit.ts';
import type { RegisterFile, RegisterIndex, RegisterPart, Stmt } from '../../ir/node.ts';
import { blocksOf, visit } from '../../ir/visit.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { partWidth } from '../access.ts';

const LOW = 0xffff_ffffn;

/** A register that a region keeps in locals: `full` holds it, but for the low word where that is in `low`. */
interface Cached {
  readonly file: RegisterFile;
  readonly number: number;
  /** Offset in the vCPU's state of the 64 (or, of a narrow file, 32) bits that are kept. */
  readonly offset: number;
  readonly ty: 'i32' | 'i64';
  readonly full: number;
  /** Undefined when nothing writes the low word alone. */
  readonly low: number | undefined;
  readonly writesFull: boolean;
}

/** What a region does with one register. */
interface Use {
  readonly file: RegisterFile;
  readonly number: number;
  readonly parts: Set<RegisterPart>;
  writesLow: boolean;
  writesFull: boolean;
}

/** The number of a register whose index is known. */
export function registerNumber(index: RegisterIndex): number | undefined {
  return index.by === 'value' && index.index.k === 'const' ? Number(index.index.value) : undefined;
}

/** What a register is known by in the state of its vCPU. */
export function registerKey(file: RegisterFile, number: number): number {
  return file.offset + number * file.width;
}

/** Collects what a region does with registers, before its first instruction is written. */
export class RegisterUses {
  readonly uses = new Map<number, Use>();

  add(statements: readonly Stmt[]): void {
    visit(statements, {
      statement: (s) => {
        if (s.s === 'setReg') {
          const use = this.#use(s.part, s.index);
          if (s.part.bytes === 8 || isHigh(s.part)) use.writesFull = true;
          else use.writesLow = true;
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
      use = { file: part.file, number, parts: new Set(), writesLow: false, writesFull: false };
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

/** The registers of a region in locals of its function. Vector registers stay in memory where they are used as such. */
export class Registers {
  readonly #f: FunctionBuilder;
  readonly #vcpu: number;
  readonly #cached = new Map<number, Cached>();
  /** By key: there while `full` holds the low word, too. */
  readonly #whole = new Set<number>();
  #nesting = 0;

  constructor(f: FunctionBuilder, vcpu: number, uses: RegisterUses) {
    this.#f = f;
    this.#vcpu = vcpu;
    for (const [at, use] of uses.uses) {
      const { file, number } = use;
      const inMemory = file.width === 16 && [...use.parts].some((p) => p.offset < 8 || p.bytes > 8);
      if (inMemory) continue;
      const ty = file.width === 4 ? 'i32' : 'i64';
      this.#cached.set(at, {
        file,
        number,
        offset: at + (file.width === 16 ? 8 : 0),
        ty,
        full: f.local(ty),
        low: use.writesLow && ty === 'i64' ? f.local('i32') : undefined,
        writesFull: ty === 'i32' ? use.writesLow : use.writesFull,
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
      emitLoad(f, c.ty, c.ty === 'i64' ? 64 : 32, false, c.offset);
      if (c.low === undefined) {
        f.set(c.full);
        continue;
      }
      f.tee(c.full);
      f.op('i32.wrap_i64');
      f.set(c.low);
    }
  }

  /** Stores those that the region writes anywhere. */
  store(): void {
    const f = this.#f;
    for (const c of this.#cached.values()) {
      if (c.writesFull) {
        f.get(this.#vcpu);
        f.get(c.full);
        emitStore(f, c.ty, c.ty === 'i64' ? 64 : 32, c.offset);
      }
      if (c.low === undefined) continue;
      f.get(this.#vcpu);
      f.get(c.low);
      emitStore(f, 'i32', 32, c.offset);
    }
  }

  /** A block begins: `whole` are the registers, by key, whose full local is known to hold the low word. */
  enter(whole: ReadonlySet<number>): void {
    this.#whole.clear();
    for (const at of whole) this.#whole.add(at);
  }

  /** True when the part of the register is simply a local. */
  alias(part: RegisterPart, number: number): number | undefined {
    const c = this.#cached.get(registerKey(part.file, number));
    if (c === undefined) return undefined;
    if (part.bytes === 4 && c.ty === 'i64' && within(part) === 0) return c.low;
    if (part.bytes !== (c.ty === 'i64' ? 8 : 4)) return undefined;
    return c.low === undefined ? c.full : undefined;
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
    if (c.ty === 'i32') return f.get(c.full);
    if (part.bytes === 8) return this.#readFull(at, c);
    if (isHigh(part)) {
      f.get(c.full);
      f.i64const(32);
      f.op('i64.shr_u');
      f.op('i32.wrap_i64');
      return;
    }
    this.#readLow(c);
    if (part.bytes < 4) {
      f.i32const(part.bytes === 2 ? 0xffff : 0xff);
      f.op('i32.and');
    }
  }

  #readFull(at: number, c: Cached): void {
    const f = this.#f;
    if (c.low === undefined || this.#whole.has(at)) return f.get(c.full);
    f.get(c.full);
    f.i64const(~LOW);
    f.op('i64.and');
    f.get(c.low);
    f.op('i64.extend_i32_u');
    f.op('i64.or');
    f.tee(c.full);
  }

  #readLow(c: Cached): void {
    const f = this.#f;
    if (c.low !== undefined) return f.get(c.low);
    f.get(c.full);
    f.op('i32.wrap_i64');
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
    if (c.ty === 'i32') {
      push();
      f.set(c.full);
    } else if (part.bytes === 8) {
      push();
      if (c.low === undefined) return f.set(c.full);
      if (this.#nesting === 0) this.#whole.add(at);
      f.tee(c.full);
      f.op('i32.wrap_i64');
      f.set(c.low);
    } else if (isHigh(part)) {
      f.get(c.full);
      f.i64const(LOW);
      f.op('i64.and');
      push();
      f.op('i64.extend_i32_u');
      f.i64const(32);
      f.op('i64.shl');
      f.op('i64.or');
      f.set(c.full);
    } else {
      this.#writeLow(part, c, push);
      this.#whole.delete(at);
    }
  }

  #writeLow(part: RegisterPart, c: Cached, push: () => void): void {
    const f = this.#f;
    if (c.low === undefined) throw new Error(`${part.name} has no local of its own`);
    if (part.bytes === 4) {
      push();
    } else {
      const mask = part.bytes === 2 ? 0xffff : 0xff;
      f.get(c.low);
      f.i32const(~mask);
      f.op('i32.and');
      push();
      f.i32const(mask);
      f.op('i32.and');
      f.op('i32.or');
    }
    f.set(c.low);
  }

  /** Statements follow that may be done again, or not at all. */
  enterNested(statements: readonly Stmt[]): void {
    this.#nesting++;
    for (const [at, whole] of wholeness(statements)) if (!whole) this.#whole.delete(at);
  }
  leaveNested(): void {
    this.#nesting--;
  }
}

/** Of the registers that the statements touch, by key: whether `full` holds the low word behind them. */
export function wholeness(statements: readonly Stmt[]): Map<number, boolean> {
  const known = new Map<number, boolean>();
  const walk = (list: readonly Stmt[], top: boolean): void => {
    for (const s of list) {
      if (s.s === 'setReg' && s.part.file.width !== 4) {
        const at = registerKey(s.part.file, registerNumber(s.index) ?? 0);
        if (s.part.bytes !== 8) {
          if (!isHigh(s.part)) known.set(at, false);
        } else if (top) known.set(at, true);
      }
      for (const block of blocksOf(s)) walk(block, false);
    }
  };
  walk(statements, true);
  return known;
}
