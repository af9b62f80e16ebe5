import type { DecodedInstruction } from '../../machine/arch.ts';
import type { Branch, Course } from './branch.ts';
import { pageOf } from './pages.ts';

/** Where blocks of guest code come from: storage frames that follow each other in some space, decoded without a trace. */
export interface CodeFrames {
  /** True when the frame of a page is known. */
  knows(page: number): boolean;
  /** The instruction at an offset from the first page; undefined when it is none that can be translated. */
  decode(offset: number): DecodedInstruction | undefined;
  /** True when the instruction at an offset is known to have been executed. */
  executed(offset: number): boolean;
  /** How often execution is known to have come to an offset by a branch, or behind one. */
  count(offset: number): number;
  /** Offsets in some pages that computed branches may lead to: those that execution often came to. */
  targets(pages: ReadonlySet<number>): readonly number[];
  /** True for an offset at which a region is entered, or, if asked so, one that is as large as regions become. */
  isEntry(offset: number, full: boolean): boolean;
  /** True for a register in which calls leave where to return to. */
  isLink(register: number): boolean;
}

/** An instruction of a region. */
export interface Instruction {
  readonly offset: number;
  readonly decoded: DecodedInstruction;
}

/** A run of instructions that is entered at its first one only. */
export interface Block {
  readonly offset: number;
  readonly instructions: Instruction[];
  /** How it ends: by a branch of its last instruction, or by what follows. */
  branch: Branch | undefined;
  /** Offset of what follows the last instruction. */
  next: number;
}

/** The course of an instruction at an offset. */
export type CourseOf = (decoded: DecodedInstruction, offset: number) => Course;

/** What `findBlocks` found. */
export interface Found {
  readonly blocks: Map<number, Block>;
  /** Where execution goes on behind instructions that cannot be translated. */
  readonly resumed: ReadonlySet<number>;
  /** Offsets that are left in a register to be returned to, by register. */
  readonly returns: ReadonlyMap<number, ReadonlySet<number>>;
  /** Where other computed branches may lead. */
  readonly targets: ReadonlySet<number>;
  /** More belongs to it than a region may hold. */
  readonly full: boolean;
}

/** Bounds of a region. */
export interface Limits {
  readonly instructions: number;
  readonly blocks: number;
  /** Blocks at which other regions are entered are taken in, too, but for those of regions that are full. */
  readonly merge: boolean;
  /** A block that was entered less often is left out. */
  readonly count: number;
}

/** Instructions of a block, at most. */
const BLOCK_LENGTH = 120;
/** Pages of a region, at most. */
const MOST_PAGES = 4;

/** The blocks that can be reached from some entries, by offset. */
export function findBlocks(frame: CodeFrames, entries: readonly number[], courseOf: CourseOf, limits: Limits): Found {
  return new Finder(frame, courseOf, limits).find(entries);
}

interface Seen {
  readonly decoded: DecodedInstruction;
  readonly branch: Branch | undefined;
}

class Finder {
  readonly #frame: CodeFrames;
  readonly #courseOf: CourseOf;
  readonly #limits: Limits;
  readonly #seen = new Map<number, Seen>();
  readonly #leaders = new Set<number>();
  readonly #pages = new Set<number>();
  readonly #queue: number[] = [];
  /** A computed branch may lead to all that is known to be one's target. */
  #computed = false;
  #full = false;
  readonly #resumed = new Set<number>();
  readonly #returns = new Map<number, Set<number>>();
  readonly #targets = new Set<number>();

  constructor(frame: CodeFrames, courseOf: CourseOf, limits: Limits) {
    this.#frame = frame;
    this.#courseOf = courseOf;
    this.#limits = limits;
  }

  find(entries: readonly number[]): Found {
    for (const e of entries) this.#lead(e, true);
    this.#walkAll();
    // What branches lead to by themselves comes first, as far as there is room.
    if (this.#computed)
      for (const t of this.#frame.targets(this.#nearPages())) {
        this.#targets.add(t);
        this.#lead(t);
        this.#walkAll();
      }
    const blocks = new Map<number, Block>();
    for (const offset of this.#leaders) if (this.#seen.has(offset)) blocks.set(offset, this.#block(offset));
    return { blocks, resumed: this.#resumed, returns: this.#returns, targets: this.#targets, full: this.#full };
  }

  #walkAll(): void {
    for (let at = this.#queue.shift(); at !== undefined; at = this.#queue.shift()) this.#walk(at);
  }

  // Another region begins there, of which nothing is taken in.
  #isOthers(offset: number): boolean {
    return this.#frame.isEntry(offset, this.#limits.merge);
  }

  #lead(offset: number, always = false): void {
    const page = pageOf(offset);
    if (this.#leaders.has(offset) || !this.#frame.knows(page)) return;
    if (!always && (this.#frame.count(offset) < this.#limits.count || this.#isOthers(offset))) return;
    if (!this.#pages.has(page) && this.#pages.size >= MOST_PAGES) return;
    if (this.#leaders.size >= this.#limits.blocks) {
      this.#full = true;
      return;
    }
    this.#pages.add(page);
    this.#leaders.add(offset);
    this.#queue.push(offset);
  }

  #walk(from: number): void {
    for (let offset = from; !this.#seen.has(offset); ) {
      if (offset !== from && this.#isOthers(offset)) return;
      if (this.#seen.size >= this.#limits.instructions) {
        this.#full = true;
        return;
      }
      const decoded = this.#frame.decode(offset);
      if (decoded === undefined) return;
      const course = this.#courseOf(decoded, offset);
      const next = offset + decoded.length;
      // Whether it can be translated shows when its register is known; else it is the last one of its block.
      if (decoded.executes !== undefined) this.#resume(next);
      if (course === 'odd' || course === 'leave') return this.#resume(next);
      const branch = course === 'next' ? undefined : course;
      this.#seen.set(offset, { decoded, branch });
      if (branch !== undefined) {
        this.#follow(branch, next);
        return;
      }
      // A block lies in one page, but for its last instruction.
      if (pageOf(next) !== pageOf(offset)) {
        if (this.#frame.executed(next) && !this.#isOthers(next)) this.#lead(next, true);
        return;
      }
      offset = next;
    }
  }

  // The pages that are known to belong to the region, and those beside them.
  #nearPages(): ReadonlySet<number> {
    return new Set([...this.#pages].flatMap((p) => [p - 1, p, p + 1]).filter((p) => this.#frame.knows(p)));
  }

  #follow(branch: Branch, next: number): void {
    if (branch.links !== undefined)
      this.#returns.set(branch.links, (this.#returns.get(branch.links) ?? new Set()).add(next));
    if (branch.conditional || branch.links !== undefined) this.#lead(next);
    if (branch.target !== undefined) return this.#lead(branch.target);
    if (branch.through !== undefined && this.#frame.isLink(branch.through)) return;
    this.#computed = true;
  }

  // Behind what is done elsewhere, this goes on, if execution ever went on there.
  #resume(next: number): void {
    if (!this.#frame.executed(next)) return;
    this.#resumed.add(next);
    this.#lead(next, true);
  }

  #block(offset: number): Block {
    const block: Block = { offset, instructions: [], branch: undefined, next: offset };
    for (;;) {
      const seen = this.#seen.get(block.next);
      if (seen === undefined || (block.next !== offset && this.#leaders.has(block.next))) return block;
      if (pageOf(block.next) !== pageOf(offset)) return block;
      if (block.instructions.length === BLOCK_LENGTH) {
        this.#leaders.add(block.next);
        return block;
      }
      block.instructions.push({ offset: block.next, decoded: seen.decoded });
      block.next += seen.decoded.length;
      if (seen.branch !== undefined) {
        block.branch = seen.branch;
        return block;
      }
    }
  }
}
