import type { Node, Stmt } from '../../ir/node.ts';
import { type Knowledge, Trace } from '../../ir/specialize.ts';
import type { DecodedInstruction, TranslatableArch } from '../../machine/arch.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { type BranchStatements, branchStatements, courseOf, offsetOf } from './branch.ts';
import type { Block, Found, Instruction } from './code.ts';
import { type Flow, orderFlow } from './flow.ts';
import { listStatements } from './listing.ts';
import { pageOf, within } from './pages.ts';
import { RegionWriter } from './region-writer.ts';
import { copyTails, nodeBehind } from './second-entries.ts';
import { touches } from './touches.ts';

/** The values of `Translatable.mode` that a region is made for, in its order. */
export type Mode = readonly bigint[];

/** Addresses that a computed branch's target is compared with. */
const MOST_COMPARED = 6;

/** A block, ready to be written. */
export interface Prepared {
  readonly offset: number;
  readonly nodes: number;
  readonly instructions: readonly Instruction[];
  /** Statements of each instruction. */
  readonly code: readonly (readonly Stmt[])[];
  readonly branch: BranchStatements | undefined;
  /** Offset of what follows. */
  readonly next: number;
  readonly successors: number[];
  /** Nodes that stand for offsets behind it in place of the usual ones. */
  readonly instead: ReadonlyMap<number, number>;
  /** Offsets of the blocks that a computed branch is compared with. */
  readonly candidates: number[];
  /** A computed branch that leads to entries of the region by the dispatcher. */
  dispatches: boolean;
  /** The condition that the block leaves; undefined when it leaves the one that it found. */
  readonly condition: Node | undefined;
  readonly asksCondition: boolean;
  wantsCondition: boolean;
  /** A block that may come next wants it: behind the branch when it is taken, and when it is not. */
  settlesCondition: { readonly taken: boolean; readonly next: boolean };
}

/** What is known of an instruction in a mode. */
export function knowledgeOf(
  arch: TranslatableArch,
  mode: Mode,
  decoded: DecodedInstruction,
  offset: number,
): Knowledge {
  const { translatable } = arch;
  return {
    operand: (field) => decoded.operand(field),
    slot: (slot) => {
      const at = translatable.mode.indexOf(slot);
      return at < 0 ? undefined : mode[at];
    },
    register: (file, number) => translatable.constantRegister(file, number),
    offset,
    length: decoded.length,
    modified: decoded.modified,
  };
}

// An instruction that does another one, as that one, when its place is known.
function resolved(trace: Trace, { decoded, offset }: Instruction): DecodedInstruction {
  const { executes } = decoded;
  const base = executes === undefined ? undefined : trace.register(executes.part.file, executes.number);
  const from = base === undefined ? undefined : offsetOf(base);
  if (executes === undefined || from === undefined) return decoded;
  const to = from + Number(executes.displacement);
  return pageOf(to) === pageOf(offset) ? (executes.at(within(to)) ?? decoded) : decoded;
}

/** A region as it will be written. */
export class Region {
  readonly #arch: TranslatableArch;
  readonly #mode: Mode;
  readonly #fuses: boolean;
  /** Blocks by node of the flow graph; node 0 is the dispatcher. */
  #blocks: readonly (Prepared | undefined)[];
  readonly #node = new Map<number, number>();
  readonly flow: Flow;
  /** Offsets of the entries in the order of their numbers, page by page. */
  readonly entries: readonly number[];

  /** `fuses`: the host multiplies and adds with one rounding. */
  constructor(arch: TranslatableArch, mode: Mode, found: Found, entries: readonly number[], fuses: boolean) {
    this.#fuses = fuses;
    this.#arch = arch;
    this.#mode = mode;
    this.#blocks = [undefined, ...[...found.blocks.values()].map((b) => this.#prepare(b))];
    this.#blocks.forEach((b, i) => {
      if (b !== undefined) this.#node.set(b.offset, i);
    });
    for (const b of this.#blocks) if (b !== undefined) this.#connect(b, found);
    // Entered at an instruction that it leaves at once, it would be entered there again.
    this.entries = this.#withReturns(
      [...new Set(entries)].filter((e) => this.#isBegun(e)),
      found,
    ).sort((a, b) => pageOf(a) - pageOf(b));
    const heads = this.entries.map((e) => this.#node.get(e) ?? 0);
    const flow = this.#ordered(heads);
    const unfolded = copyTails(this.#blocks, heads, flow);
    if (unfolded !== undefined) this.#blocks = unfolded.blocks;
    this.flow = unfolded === undefined ? flow : this.#ordered(unfolded.entries);
    this.#wantConditions();
  }

  #ordered(heads: readonly number[]): Flow {
    const dispatches = this.#blocks.some((b) => b?.dispatches === true);
    return orderFlow(
      this.#blocks.map((b) => b?.successors ?? heads),
      dispatches,
    );
  }

  #isBegun(offset: number): boolean {
    return (this.#blocks[this.#node.get(offset) ?? 0]?.instructions.length ?? 0) > 0;
  }

  // What lies behind a call of which no return leads there inside is come to from outside.
  #withReturns(entries: readonly number[], found: Found): number[] {
    const all = [...entries];
    const reached = new Set<number>();
    const reach = (from: number): void => {
      const queue = [this.#node.get(from) ?? 0];
      for (let n = queue.pop(); n !== undefined; n = queue.pop()) {
        if (reached.has(n)) continue;
        reached.add(n);
        queue.push(...(this.#blocks[n]?.successors ?? []));
      }
    };
    for (const e of all) reach(e);
    for (const offset of [...found.returns.values()].flatMap((offsets) => [...offsets])) {
      if (!this.#isBegun(offset) || reached.has(this.#node.get(offset) ?? 0)) continue;
      all.push(offset);
      reach(offset);
    }
    return all;
  }

  /** Instructions in it. */
  get instructions(): number {
    return [...this.blocks()].reduce((n, { instructions }) => n + instructions.length, 0);
  }

  /** The blocks as pseudo-code, in the order of the flow. */
  listing(): string[] {
    const hex = (offset: number): string =>
      `${offset < 0 ? '-' : '+'}${Math.abs(offset).toString(16).padStart(3, '0')}`;
    return this.flow.order.flatMap((at) => {
      const b = this.#blocks[at];
      if (b === undefined) return [`entered at ${this.entries.map((e) => hex(e)).join(', ')}`];
      const loop = this.flow.isLoop[at] === true ? ' (a loop)' : '';
      return [
        `${hex(b.offset)}${loop}: ${b.instructions.length} instructions`,
        ...b.code.flatMap((statements, i) => [
          ` ${hex(b.instructions[i]?.offset ?? 0)} ${this.#arch.rows[b.instructions[i]?.decoded.row ?? 0]?.mnemonic ?? ''}`,
          ...listStatements(statements, '   '),
        ]),
        ...(b.branch === undefined
          ? [` goto ${hex(b.next)}`]
          : b.branch.cond === undefined
            ? []
            : [` else goto ${hex(b.next)}`]),
      ];
    });
  }

  /** Equal for regions of the same instructions that are entered in the same places. */
  get shape(): string {
    return `${this.entries.length} ${[...this.blocks()].map((b) => `${b.offset}+${b.instructions.length}`).join()}`;
  }

  /** The instructions of each block that can be reached, in the order of the flow. */
  *blocks(): IterableIterator<{ readonly offset: number; readonly instructions: readonly Instruction[] }> {
    for (const at of this.flow.order) {
      const block = this.#blocks[at];
      // A copy stands for nothing else than what it was made of.
      if (block !== undefined && this.#node.get(block.offset) === at) yield block;
    }
  }

  #prepare(block: Block): Prepared {
    const trace = new Trace(this.#fuses);
    const { condition } = this.#arch.translatable;
    const code: (readonly Stmt[])[] = [];
    const instructions: Instruction[] = [];
    let left: Node | undefined;
    for (const found of block.instructions) {
      const i = { ...found, decoded: resolved(trace, found) };
      const knowledge = knowledgeOf(this.#arch, this.#mode, i.decoded, i.offset);
      const statements = trace.add(i.decoded.body, knowledge);
      const course = courseOf(statements, i.offset + i.decoded.length, knowledge.slot);
      // What was taken for an instruction that goes on: the block ends in front of it.
      if (course === 'odd' || course === 'leave') break;
      // Nor one that leaves a condition of which it is not known here how it came about.
      if (trace.slot(condition) === undefined && touches([statements], condition).sets) break;
      left = trace.slot(condition);
      instructions.push(i);
      code.push(statements);
    }
    const whole = instructions.length === block.instructions.length;
    const last = whole ? code.at(-1) : undefined;
    const branch = block.branch === undefined || last === undefined ? undefined : branchStatements(last);
    const touched = touches(code, condition);
    return {
      offset: block.offset,
      nodes: trace.nodes,
      instructions,
      code,
      branch,
      next: whole ? block.next : (block.instructions[instructions.length]?.offset ?? block.next),
      successors: [],
      instead: new Map(),
      candidates: [],
      dispatches: false,
      condition: touched.sets ? left : undefined,
      asksCondition: touched.asks,
      wantsCondition: touched.asks,
      settlesCondition: { taken: false, next: false },
    };
  }

  #connect(b: Prepared, found: Found): void {
    const follow = (offset: number | undefined): void => {
      const node = offset === undefined ? undefined : this.#node.get(offset);
      if (node !== undefined) b.successors.push(node);
    };
    if (b.branch === undefined) return follow(b.next);
    if (b.branch.cond !== undefined) follow(b.next);
    const target = offsetOf(b.branch.target);
    if (target !== undefined) return follow(target);
    const { through } = found.blocks.get(b.offset)?.branch ?? {};
    const returns = through === undefined ? undefined : found.returns.get(through);
    if (returns !== undefined && returns.size <= MOST_COMPARED) {
      for (const offset of returns) {
        if (!this.#node.has(offset)) continue;
        follow(offset);
        b.candidates.push(offset);
      }
    } else b.dispatches = found.targets.size > 0;
  }

  // A condition is computed at the end of a block if some block behind asks for it before one sets it.
  #wantConditions(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const at of [...this.flow.order].reverse()) {
        const b = this.#blocks[at];
        if (b === undefined || b.wantsCondition || b.condition !== undefined) continue;
        if (!this.#isWantedBehind(b)) continue;
        b.wantsCondition = true;
        changed = true;
      }
    }
    for (const b of this.#blocks) {
      if (b === undefined) continue;
      const conditional = b.branch?.cond !== undefined;
      const next = conditional && this.#wants(nodeBehind(b, b.next, this.#node));
      b.settlesCondition = { taken: this.#isWantedBehind(b, conditional ? b.next : undefined), next };
    }
  }

  #wants(node: number | undefined): boolean {
    return node !== undefined && this.#blocks[node]?.wantsCondition === true;
  }

  // Whether a block that may come next asks for the condition, but for one of them.
  #isWantedBehind(b: Prepared, but?: number): boolean {
    const target = b.branch === undefined ? undefined : offsetOf(b.branch.target);
    const apart = but === undefined || but === target ? undefined : nodeBehind(b, but, this.#node);
    const wanted = b.successors.some((node) => node !== apart && this.#wants(node));
    return wanted || (b.dispatches && this.flow.dispatched.some((node) => this.#wants(node)));
  }

  /**
   * Writes the function. `firstSlot` is the global with the table index of entry 0; the other entries follow. `decodePage` says where
   * the decode page of a page lies.
   */
  emit(f: FunctionBuilder, firstSlot: number, decodePage: (page: number) => number): void {
    new RegionWriter(f, this.#arch, this.#mode, this.#blocks, this.#node, this.flow, {
      entries: this.entries,
      firstSlot,
      decodePage,
    }).write();
  }
}
