import type { RegisterFile, RegisterIndex, RegisterPart, Stmt } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';

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

/** Where the part lies among the 8 bytes that are kept of a register. */
function within(part: RegisterPart): number {
  return part.file.width === 16 ? part.offset - 8 : part.offset;
}

/** True for the upper word of a register of 64 bits. */
export function isHigh(part: RegisterPart): boolean {
  return part.bytes === 4 && part.file.width !== 4 && within(part) === 4;
}

/** What a region does with one register. */
export interface Use {
  readonly file: RegisterFile;
  readonly number: number;
  readonly parts: Set<RegisterPart>;
  writesLow: boolean;
  writes: boolean;
  /** Operations that it takes more than it has to if it is kept whole, and if it is split. */
  whole: number;
  split: number;
  /** As a split register in the block in hand: where all of it is known to be. */
  wide: Wide | undefined;
}

/** All 64 bits of a split register are in their local: only there, or where they are otherwise, too. */
export type Wide = 'only' | 'too';

/** Collects what a region does with registers, before its first instruction is written. */
export class RegisterUses {
  readonly uses = new Map<number, Use>();

  add(statements: readonly Stmt[]): void {
    visit(statements, {
      statement: (s) => {
        if (s.s === 'setReg') this.#write(this.#use(s.part, s.index), s.part);
        else if (s.s === 'let' && s.node.k === 'reg') {
          const use = this.#use(s.node.part, s.node.index);
          if (s.node.part.bytes !== 8 || use.wide !== undefined) return;
          use.split += 3;
          use.wide = 'too';
        }
      },
    });
  }

  /** A block ends. */
  endBlock(): void {
    for (const use of this.uses.values()) {
      if (use.wide === 'only') use.split += 2;
      use.wide = undefined;
    }
  }

  #write(use: Use, part: RegisterPart): void {
    use.writes = true;
    if (part.bytes === 8) {
      use.wide = 'only';
      return;
    }
    if (isHigh(part)) return;
    use.writesLow = true;
    use.whole += 2;
    if (part.bytes < 4) use.split += 2;
    else if (use.wide === 'only') use.split++;
    use.wide = undefined;
  }

  #use(part: RegisterPart, index: RegisterIndex): Use {
    const number = registerNumber(index);
    if (number === undefined) throw new Error(`a register of ${part.file.name} by a number that is not known`);
    const at = registerKey(part.file, number);
    let use = this.uses.get(at);
    if (use === undefined) {
      use = {
        file: part.file,
        number,
        parts: new Set(),
        writesLow: false,
        writes: false,
        whole: 0,
        split: 0,
        wide: undefined,
      };
      this.uses.set(at, use);
    }
    use.parts.add(part);
    return use;
  }
}
