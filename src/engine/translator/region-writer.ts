import type { Node } from '../../ir/node.ts';
import type { TranslatableArch } from '../../machine/arch.ts';
import { decodeEntry, entryShift, PAGE_BYTES } from '../../machine/layout.ts';
import type { FunctionBuilder, Label } from '../../wasm/function-builder.ts';
import { Accesses } from './accesses.ts';
import { offsetOf } from './branch.ts';
import { Chases } from './chases.ts';
import { Templates } from './condition.ts';
import { demandsOf } from './demands.ts';
import { Emitter } from './emitter.ts';
import type { Flow } from './flow.ts';
import { crosses, emitLeft, handlerOf, leftAt } from './left.ts';
import { type Entered, emitModeCheck } from './mode-check.ts';
import { pageOf } from './pages.ts';
import type { Mode, Prepared } from './region.ts';
import { RegisterUses } from './register-uses.ts';
import { Registers } from './registers.ts';
import { nodeBehind } from './second-entries.ts';
import { Slots } from './slots.ts';
import { StripWriter } from './strip-writer.ts';
import { aroundStrips, findStrips, type Strip } from './strips.ts';
import { Turns } from './turns.ts';
import { planWindows } from './windows.ts';

/** Parameters of a region's function, those of a handler: its decode-cache entry names the region as one of those for its entries. */
const VCPU = 0;
const ENTRY = 1;
const IA = 2;
const REMAINING = 3;

/** Writes the function of a region. */
export class RegionWriter {
  readonly #f: FunctionBuilder;
  readonly #arch: TranslatableArch;
  readonly #mode: Mode;
  readonly #blocks: readonly (Prepared | undefined)[];
  readonly #node: ReadonlyMap<number, number>;
  readonly #flow: Flow;
  readonly #entered: Entered;
  readonly #registers: Registers;
  readonly #slots: Slots;
  readonly #templates = new Templates();
  readonly #emitter: Emitter;
  readonly #accesses: Accesses;
  readonly #turns: Turns;
  readonly #base: number;
  readonly #pc: number;
  /** What to interpret and how much to take back: see `leftAt`. 0 when the address is in `pc`. */
  readonly #left: number;
  /** Number of the node that the dispatcher shall lead to. */
  readonly #to: number;
  readonly #condition: { readonly how: number; readonly value: number; readonly leaves: readonly number[] };
  readonly #labels = new Map<number, Label>();
  readonly #strips: ReadonlyMap<number, Strip>;
  readonly #demands: readonly number[];
  /** By block of a loop that is written twice: its iterations in a row that were looked at one by one. */
  readonly #rows = new Map<number, { readonly strip: Strip; readonly local: number }>();
  /** The strip that is being written. */
  #strip: { readonly head: number; readonly again: Label } | undefined;
  #exit: Label | undefined;
  #dispatcher: Label | undefined;

  constructor(
    f: FunctionBuilder,
    arch: TranslatableArch,
    mode: Mode,
    blocks: readonly (Prepared | undefined)[],
    node: ReadonlyMap<number, number>,
    flow: Flow,
    entered: Entered,
  ) {
    this.#f = f;
    this.#arch = arch;
    this.#mode = mode;
    this.#blocks = blocks;
    this.#node = node;
    this.#strips = findStrips(blocks, flow);
    this.#flow = aroundStrips(flow, this.#strips);
    this.#demands = demandsOf(blocks, this.#flow);
    for (const strip of this.#strips.values()) {
      const row = { strip, local: f.local('i32') };
      for (const n of strip.nodes) this.#rows.set(n, row);
    }
    this.#entered = entered;
    this.#base = f.local('i64');
    this.#pc = f.local('i64');
    this.#left = f.local('i64');
    this.#to = f.local('i32');
    this.#condition = { how: f.local('i32'), value: f.local('i32'), leaves: [f.local('i64'), f.local('i64')] };
    this.#turns = new Turns(f, VCPU, this.#base, entered.decodePage);
    const uses = new RegisterUses();
    this.#slots = new Slots(f, VCPU, this.#base);
    for (const at of flow.order) {
      for (const statements of blocks[at]?.code ?? []) {
        uses.add(statements);
        this.#slots.add(statements, arch.translatable.condition);
      }
      uses.endBlock();
    }
    this.#registers = new Registers(f, VCPU, uses);
    const chases = flow.isLoop.includes(true)
      ? new Chases(flow.order.flatMap((at) => blocks[at]?.code ?? []))
      : undefined;
    this.#accesses = new Accesses(f, VCPU, arch.byteOrder, chases, planWindows(blocks, flow));
    this.#emitter = new Emitter({
      f,
      vcpu: VCPU,
      byteOrder: arch.byteOrder,
      base: this.#base,
      registers: this.#registers,
      slots: this.#slots,
      condition: { slot: arch.translatable.condition, ...this.#condition },
      templates: this.#templates,
      accesses: this.#accesses,
    });
  }

  write(): void {
    const f = this.#f;
    const { entries, firstSlot } = this.#entered;
    if (entries.length > 1) {
      f.get(ENTRY);
      f.access('i32.load16_u', decodeEntry.handler);
      f.globalGet(firstSlot);
      f.op('i32.sub');
      f.set(this.#to);
    }
    emitModeCheck(f, VCPU, IA, REMAINING, {
      arch: this.#arch,
      mode: this.#mode,
      handlers: this.#handlers(),
      entry: this.#to,
    });
    f.get(REMAINING);
    f.i32const(1);
    f.op('i32.add');
    f.set(REMAINING);
    this.#turns.open(IA, this.#to, entries);
    this.#registers.load();
    this.#slots.load();
    this.#accesses.open();
    f.get(VCPU);
    f.access('i32.load', this.#arch.translatable.condition.offset);
    f.set(this.#condition.value);
    f.block(undefined, (exit) => {
      this.#exit = exit;
      this.#dispatch();
    });
    this.#leaveFunction();
  }

  // The handler of the instruction at each entry.
  #handlers(): readonly number[] {
    return this.#entered.entries.map((offset) => handlerOf(this.#blocks[this.#node.get(offset) ?? 0]?.instructions[0]));
  }

  #dispatch(): void {
    const f = this.#f;
    if (this.#flow.isLoop[0] === true || this.#flow.dispatched.length > 1) {
      f.loop(undefined, (label) => {
        this.#dispatcher = label;
        this.#within(0, this.#merged(0));
      });
    } else this.#within(0, this.#merged(0));
  }

  // The dispatcher leads to all of its nodes by a jump table, so each of them needs a label.
  #merged(node: number): number[] {
    const children = this.#flow.children[node] ?? [];
    if (node === 0 && this.#flow.dispatched.length > 1)
      return children.filter((c) => this.#flow.isMerge[c] === true || this.#flow.dispatched.includes(c));
    return children.filter((c) => this.#flow.isMerge[c] === true);
  }

  #tree(node: number): void {
    const f = this.#f;
    const merged = this.#merged(node);
    if (this.#flow.isLoop[node] !== true) return this.#within(node, merged);
    f.loop(undefined, (label) => {
      const before = this.#labels.get(node);
      this.#labels.set(node, label);
      this.#within(node, merged);
      if (before !== undefined) this.#labels.set(node, before);
    });
  }

  // Blocks around the node's own code end where the nodes begin that several ways lead to.
  #within(node: number, merged: readonly number[]): void {
    const f = this.#f;
    const last = merged.at(-1);
    if (last === undefined) return this.#code(node);
    const before = this.#labels.get(last);
    f.block(undefined, (label) => {
      this.#labels.set(last, label);
      this.#within(node, merged.slice(0, -1));
    });
    // A loop that is written twice has blocks of the same number inside of each other.
    if (before === undefined) this.#labels.delete(last);
    else this.#labels.set(last, before);
    this.#tree(last);
  }

  #code(node: number): void {
    const f = this.#f;
    const block = this.#blocks[node];
    if (block !== undefined) {
      const strip = this.#strip === undefined ? this.#strips.get(node) : undefined;
      if (strip !== undefined) this.#fewLooks(strip);
      return this.#block(node, block);
    }
    const { dispatched } = this.#flow;
    const [only] = dispatched;
    if (only === undefined) return f.unreachable();
    if (dispatched.length === 1) return this.#go(0, only);
    f.get(this.#to);
    const labels = dispatched.map((n) => this.#labelOf(n));
    f.brTable(labels.slice(0, -1), labels.at(-1) ?? this.#labelOf(only));
  }

  // Keeps the number of iterations in a row: in front of another one, and of what follows the loop.
  #count(from: number, to: number): void {
    const f = this.#f;
    const row = this.#rows.get(from);
    if (row === undefined) return;
    const { strip, local } = row;
    if (to === strip.head) {
      f.get(local);
      f.i32const(1);
      f.op('i32.add');
      f.set(local);
    } else if (!strip.nodes.includes(to)) {
      f.i32const(0);
      f.set(local);
    }
  }

  // As many iterations as one look answers for; those of which it does not are done as others are, behind.
  #fewLooks(strip: Strip): void {
    const f = this.#f;
    const { head, nodes } = strip;
    const writer = new StripWriter(
      f,
      strip,
      this.#accesses.locals,
      this.#registers,
      this.#base,
      REMAINING,
      this.#arch.byteOrder === 'big',
    );
    this.#registers.enter();
    f.block(undefined, (otherwise) => {
      writer.begin(this.#rows.get(head)?.local ?? 0, otherwise);
      f.loop(undefined, (again) => {
        this.#strip = { head, again };
        this.#accesses.strip = writer;
        writer.next(this.#labelOf(head));
        this.#within(
          head,
          this.#merged(head).filter((n) => nodes.includes(n)),
        );
        this.#strip = undefined;
        this.#accesses.strip = undefined;
      });
    });
  }

  #labelOf(node: number): Label {
    const label = this.#labels.get(node);
    if (label === undefined) throw new Error(`node ${node} has no label here`);
    return label;
  }

  // Goes on at a node, from another one.
  #go(from: number, to: number): void {
    const f = this.#f;
    const [before, next] = [this.#blocks[from], this.#blocks[to]];
    if (before !== undefined && next !== undefined && pageOf(before.offset) !== pageOf(next.offset))
      this.#turns.turn(pageOf(next.offset), () => this.#exitAt(next.offset));
    if (this.#strip?.head === to) return f.br(this.#strip.again);
    this.#count(from, to);
    if (this.#flow.viaDispatcher(from, to)) {
      f.i32const(this.#flow.dispatched.indexOf(to));
      f.set(this.#to);
      if (this.#dispatcher === undefined) throw new Error('the region has no dispatcher');
      return f.br(this.#dispatcher);
    }
    const label = this.#labels.get(to);
    if (label !== undefined) return f.br(label);
    this.#tree(to);
  }

  #block(node: number, b: Prepared): void {
    const f = this.#f;
    const count = b.code.length;
    if (count === 0) return this.#exitAt(b.offset);
    const { taken, next } = b.settlesCondition;
    const settled = taken || next ? b.condition : undefined;
    this.#registers.enter();
    this.#emitter.begin({ nodes: b.nodes, instructions: b.code, condition: settled });
    // Where a block is left, its ways out meet first, then those of all blocks: most locals are the same in the former.
    f.block(undefined, (left) => {
      const asked = this.#demands[node] ?? count;
      if (this.#strip === undefined && asked > 0) {
        f.get(REMAINING);
        f.i32const(asked);
        f.op('i32.lt_s');
        f.if(undefined, () => this.#leaveAt(b, 0, 0, left));
      }
      f.get(REMAINING);
      f.i32const(count);
      f.op('i32.sub');
      f.set(REMAINING);
      b.code.forEach((statements, i) => {
        this.#emitter.leave = () => this.#leaveAt(b, i, count - i, left);
        if (crosses(b.instructions[i])) this.#turns.cross(pageOf(b.offset), this.#emitter.leave);
        const last = i === count - 1 ? b.branch : undefined;
        if (last === undefined) this.#emitter.instruction(statements);
        else this.#emitter.instruction(last.before, statements);
      });
      if (settled !== undefined && b.branch === undefined) this.#emitter.settle(settled);
      this.#branch(node, b, settled);
    });
    this.#leave();
  }

  #branch(node: number, b: Prepared, settled: Node | undefined): void {
    const f = this.#f;
    const { branch } = b;
    if (branch === undefined) {
      this.#registers.settle();
      return this.#toOffset(node, b.next);
    }
    const { taken, next } = b.settlesCondition;
    const take = (): void => {
      if (taken && !next && settled !== undefined) this.#emitter.settle(settled);
      this.#emitter.instruction(branch.taken);
      this.#registers.settle();
      this.#toTarget(node, b, branch.target);
    };
    if (branch.cond === undefined) return take();
    this.#emitter.push(branch.cond);
    // Behind the branch that is taken other blocks are written, and what is known here is forgotten.
    if (next && settled !== undefined) this.#emitter.settle(settled);
    this.#registers.settle();
    f.if(
      undefined,
      () => take(),
      () => this.#toOffset(node, b.next),
    );
    f.unreachable();
  }

  #toTarget(node: number, b: Prepared, target: Node<'i64'>): void {
    const f = this.#f;
    const offset = offsetOf(target);
    const known = offset === undefined ? undefined : nodeBehind(b, offset, this.#node);
    if (known !== undefined) return this.#go(node, known);
    this.#emitter.push(target);
    f.set(this.#pc);
    for (const candidate of b.candidates) {
      f.get(this.#pc);
      f.get(this.#base);
      f.i64const(candidate);
      f.op('i64.add');
      f.op('i64.eq');
      f.if(undefined, () => this.#toOffset(node, candidate));
    }
    if (b.dispatches) this.#dispatchByEntry(pageOf(b.offset));
    this.#leave();
  }

  /**
   * Goes on at the region's own entry if the decode-cache entry of pc names one:
   *
   *     if ((pc & page and misaligned bits) == base) { to = handler of the entry - first slot; if (to < entries) dispatch }
   */
  #dispatchByEntry(page: number): void {
    const f = this.#f;
    const offsetMask = PAGE_BYTES - this.#arch.codeUnit;
    const { entries, firstSlot, decodePage } = this.#entered;
    for (const other of new Set([page, ...entries.map(pageOf)])) {
      f.get(this.#pc);
      f.i64const(~offsetMask);
      f.op('i64.and');
      this.#turns.push(other);
      f.op('i64.eq');
      f.if(undefined, () => {
        if (other !== page) this.#turns.turn(other, () => this.#leave());
        f.get(this.#pc);
        f.op('i32.wrap_i64');
        f.i32const(offsetMask);
        f.op('i32.and');
        f.i32const(entryShift(this.#arch.codeUnit));
        f.op('i32.shl');
        f.access('i32.load16_u', decodePage(other) + decodeEntry.handler);
        f.globalGet(firstSlot);
        f.op('i32.sub');
        f.tee(this.#to);
        f.i32const(entries.length);
        f.op('i32.lt_u');
        if (this.#dispatcher === undefined) throw new Error('the region has no dispatcher');
        f.brIf(this.#dispatcher);
        this.#leave();
      });
    }
  }

  #toOffset(node: number, offset: number): void {
    const from = this.#blocks[node];
    const known = from === undefined ? undefined : nodeBehind(from, offset, this.#node);
    if (known !== undefined) return this.#go(node, known);
    this.#exitAt(offset);
  }

  #exitAt(offset: number): void {
    const f = this.#f;
    f.get(this.#base);
    f.i64const(offset);
    f.op('i64.add');
    f.set(this.#pc);
    this.#leave();
  }

  #leave(): void {
    if (this.#exit === undefined) throw new Error('the region has no exit');
    this.#f.br(this.#exit);
  }

  // Leaves in front of an instruction, which the interpreter does.
  #leaveAt(b: Prepared, index: number, back: number, left: Label): void {
    const f = this.#f;
    const i = b.instructions[index];
    this.#registers.settleAside();
    f.i64const(leftAt(i?.offset ?? 0, back, handlerOf(i)));
    f.set(this.#left);
    f.br(left);
  }

  #leaveFunction(): void {
    const f = this.#f;
    this.#registers.store();
    this.#slots.store();
    f.get(VCPU);
    this.#emitter.pushCondition();
    f.access('i32.store', this.#arch.translatable.condition.offset);
    emitLeft(f, { vcpu: VCPU, base: this.#base, pc: this.#pc, remaining: REMAINING, left: this.#left });
    f.get(this.#pc);
    f.get(REMAINING);
  }
}
