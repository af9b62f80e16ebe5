import type { Stateful } from '../../../bits/stateful.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { RandomSource } from '../../../machine/random.ts';
import { frameOf } from '../../../machine/storage.ts';
import { storeTagReason } from '../../../machine/tlb.ts';
import type { StorageAccess } from './access.ts';
import type { CpuComplex, StoreKeeper } from './complex.ts';
import { CR0_HIGH, CR2 } from './control-register-bits.ts';
import { PGM } from './interruption-codes.ts';
import type { ProgramInterruption } from './program-interruption.ts';
import { PSW, type Psw } from './psw.ts';
import {
  type Abort,
  abortCode,
  abortCondition,
  conditionOf,
  diagnosticBlock,
  filteredFrom,
  MAXIMUM_DEPTH,
  nextAddress,
  type Transaction,
  type TransactionLevel,
} from './transaction.ts';
import type { Vcpu } from './vcpu.ts';

/** What TBEGIN and TBEGINC ask for. */
export interface TransactionBegin {
  readonly constrained: boolean;
  /** The immediate operand: register pairs, then the controls. */
  readonly controls: number;
  /** Logical address of the TDB, and its access register. */
  readonly diagnostics: Transaction['diagnostics'];
}

/** Bits of the immediate operand. */
const ACCESS_REGISTERS = 0x08;
const FLOATING_POINT = 0x04;
export const FILTERING = 0x03;

/** A transaction in progress. */
interface Open extends Omit<Transaction, 'levels' | 'executed' | 'doomed' | 'pages'> {
  readonly levels: TransactionLevel[];
  readonly pages: Map<number, Uint8Array>;
  executed: number;
  doomed: boolean;
  /** The instruction in execution could be fetched. */
  fetched: boolean;
}

/** All transactions as plain data: by vCPU. */
export interface TransactionsState {
  readonly open: readonly (Transaction | undefined)[];
  readonly blocks: readonly (Uint8Array | undefined)[];
}

/**
 * The transactions of all vCPUs. A transaction stores where it stores; the first store into a page keeps the page as it was, by
 * way of the slow path that the page's first store takes, and an abort brings it back. vCPUs take turns: whoever runs next dooms
 * what others have begun, so that nobody sees a transaction's stores before its end.
 */
export class Transactions implements StoreKeeper, Stateful<TransactionsState> {
  readonly #complex: CpuComplex;
  readonly #access: StorageAccess;
  readonly #random: RandomSource;
  readonly #open = new Map<number, Open>();
  /** Diagnostic blocks of aborts whose program interruption was intercepted. */
  readonly #blocks = new Map<number, Uint8Array>();

  constructor(complex: CpuComplex, access: StorageAccess, random: RandomSource) {
    this.#complex = complex;
    this.#access = access;
    this.#random = random;
  }

  /** The vCPU's transaction; undefined outside of any. */
  of(vcpu: Vcpu): Readonly<Open> | undefined {
    // Asked at every entry and every interruption, and hardly ever is there one.
    return this.#open.size === 0 ? undefined : this.#open.get(vcpu.id);
  }

  /** Begins one, or a level of one. False when the transaction is aborted because it has too many. */
  begin(vcpu: Vcpu, { constrained, controls, diagnostics }: TransactionBegin): boolean {
    const open = this.#open.get(vcpu.id);
    if (open !== undefined) return this.#nest(vcpu, open, constrained ? (controls & ~7) | filteringOf(open) : controls);
    const { ia } = vcpu;
    const behind = (ia + BigInt(vcpu.ilc)) & vcpu.amask;
    this.#open.set(vcpu.id, {
      constrained,
      begin: ia,
      abortPsw: { mask: vcpu.pswMask, address: constrained ? ia : behind },
      registers: Array.from({ length: 16 }, (_, n) => vcpu.gr(n)),
      restored: controls >> 8,
      diagnostics,
      levels: [levelOf(constrained ? controls & ACCESS_REGISTERS : controls)],
      pages: new Map(),
      executed: 0,
      abortAt: this.#chooseAbort(vcpu, constrained),
      doomed: false,
      fetched: true,
    });
    this.#complex.keeper = this;
    vcpu.tlb.distrustStores(storeTagReason.clean);
    vcpu.cc = 0;
    vcpu.recheck = true;
    vcpu.endSlice();
    return true;
  }

  #nest(vcpu: Vcpu, open: Open, controls: number): boolean {
    if (open.levels.length >= MAXIMUM_DEPTH) return false;
    const [outer, wanted] = [open.levels.at(-1) ?? levelOf(0), levelOf(controls)];
    open.levels.push({
      accessRegisters: outer.accessRegisters && wanted.accessRegisters,
      floatingPoint: outer.floatingPoint && wanted.floatingPoint,
      filtering: Math.max(outer.filtering, wanted.filtering),
    });
    vcpu.cc = 0;
    return true;
  }

  // Transaction diagnostic control: 1 aborts every transaction at some instruction, 2 some of them; a constrained one must
  // come to its end some time.
  #chooseAbort(vcpu: Vcpu, constrained: boolean): number | undefined {
    const control = vcpu.crLow(2);
    const wanted = (control & CR2.diagnosticScope) !== 0 && !vcpu.problemState ? 0 : control & CR2.diagnosticControl;
    if (wanted !== 1 && wanted !== 2) return undefined;
    const [choice = 0, at = 0] = this.#random.draw(2);
    return (wanted === 2 || constrained) && (choice & 1) === 0 ? undefined : at & 31;
  }

  /** Ends the innermost level; false when there is none. */
  end(vcpu: Vcpu): boolean {
    const open = this.#open.get(vcpu.id);
    if (open === undefined) return false;
    open.levels.pop();
    if (open.levels.length === 0) this.#close(vcpu);
    return true;
  }

  /** Aborts the vCPU's transaction, if it is in one, for a reason between instructions. */
  abort(vcpu: Vcpu, code: Abort['code'], condition: number = abortCondition.transient, at?: bigint): void {
    // Asked for at every interruption.
    if (this.#open.size === 0) return;
    this.#abort(vcpu, { code, condition, at: at ?? nextAddress(vcpu) });
  }

  /** The transaction is gone, and what it has stored: its vCPU is reset. */
  drop(vcpu: Vcpu): void {
    const open = this.#open.get(vcpu.id);
    if (open === undefined) return;
    this.#close(vcpu);
    this.#rollBack(open);
  }

  /**
   * What a program interruption of the vCPU's becomes: outside of transactions itself; in one the transaction is aborted, and
   * the interruption says so, or is undefined when it is filtered.
   */
  interrupted(vcpu: Vcpu, p: ProgramInterruption): ProgramInterruption | undefined {
    const open = this.#open.get(vcpu.id);
    if (open === undefined) return p;
    const told = { ...p, code: p.code | PGM.transactional };
    const from = filteredFrom(p, open.fetched);
    const overridden = (vcpu.crHigh(0) & CR0_HIGH.filteringOverride) !== 0;
    const filtered = from !== undefined && !open.constrained && !overridden && filteringOf(open) >= from;
    const [code, condition] = filtered
      ? [abortCode.filteredProgramInterruption, abortCondition.persistent]
      : [abortCode.programInterruption, conditionOf(p.code)];
    const tdb = this.#abort(vcpu, { code, condition, at: vcpu.ia, program: told });
    return filtered ? undefined : { ...told, tdb };
  }

  /** An intercepted program interruption's diagnostic block, for who gives the interruption to the guest. */
  intercepted(vcpu: Vcpu, block: Uint8Array): void {
    this.#blocks.set(vcpu.id, block);
  }
  /** The same, taken by who does. */
  takeBlock(vcpu: Vcpu): Uint8Array | undefined {
    const block = this.#blocks.get(vcpu.id);
    this.#blocks.delete(vcpu.id);
    return block;
  }

  /** An instruction of the vCPU's transaction is about to be executed; `fetched` is false when it cannot be fetched. */
  begins(vcpu: Vcpu, fetched: boolean): void {
    const open = this.#open.get(vcpu.id);
    if (open === undefined) return;
    open.executed++;
    open.fetched = fetched;
  }

  /** `vcpu` runs from now on: what others have stored in transactions must not be seen. */
  turnOf(vcpu: Vcpu): void {
    if (this.#open.size === 0) return;
    for (const [id, open] of this.#open) {
      if (id === vcpu.id || open.doomed) continue;
      open.doomed = true;
      this.#rollBack(open);
    }
  }

  /** @inheritdoc */
  before(vcpu: Vcpu, frame: number): void {
    const open = this.#open.get(vcpu.id);
    if (open === undefined || open.pages.has(frame)) return;
    open.pages.set(frame, this.#complex.storage.read(frame * PAGE_BYTES, PAGE_BYTES));
  }

  /** @inheritdoc */
  keep(at: number, length: number): void {
    const frame = frameOf(at);
    for (const { pages } of this.#open.values())
      pages.get(frame)?.set(this.#complex.storage.read(at, length), at % PAGE_BYTES);
  }

  /** @inheritdoc */
  save(): TransactionsState {
    const { vcpus } = this.#complex;
    return {
      open: vcpus.map(({ id }) => plain(this.#open.get(id))),
      blocks: vcpus.map(({ id }) => this.#blocks.get(id)?.slice()),
    };
  }
  /** @inheritdoc */
  restore({ open, blocks }: TransactionsState): void {
    this.#open.clear();
    this.#blocks.clear();
    open.forEach((t, id) => {
      if (t !== undefined)
        this.#open.set(id, { ...t, levels: [...t.levels], pages: new Map(copied(t.pages)), fetched: true });
    });
    blocks.forEach((block, id) => {
      if (block !== undefined) this.#blocks.set(id, block.slice());
    });
    this.#complex.keeper = this.#open.size === 0 ? undefined : this;
  }

  #close(vcpu: Vcpu): void {
    this.#open.delete(vcpu.id);
    if (this.#open.size === 0) this.#complex.keeper = undefined;
  }

  #rollBack({ pages }: Open): void {
    for (const [frame, page] of pages) {
      this.#complex.frames.storing(frame * PAGE_BYTES);
      this.#complex.storage.write(frame * PAGE_BYTES, page);
      this.#complex.stored(frame * PAGE_BYTES, PAGE_BYTES);
    }
    pages.clear();
  }

  // The diagnostic block for a program interruption.
  #abort(vcpu: Vcpu, abort: Abort): Uint8Array | undefined {
    const open = this.#open.get(vcpu.id);
    if (open === undefined) return undefined;
    this.#close(vcpu);
    this.#rollBack(open);
    const block = diagnosticBlock(vcpu, open, abort);
    const stored = this.#diagnose(vcpu, open, block);
    for (let n = 0; n < 16; n++) if ((open.restored & (0x80 >> (n >> 1))) !== 0) vcpu.setGr(n, open.registers[n] ?? 0n);
    vcpu.setPsw(withCondition(open.abortPsw, stored ? abort.condition : abortCondition.indeterminate));
    return block;
  }

  // False when there is a TDB that cannot be stored into any more.
  #diagnose(vcpu: Vcpu, { diagnostics, constrained }: Open, block: Uint8Array): boolean {
    if (diagnostics === undefined || constrained) return true;
    for (let from = 0; from < block.length; ) {
      const address = (diagnostics.address + BigInt(from)) & vcpu.amask;
      const length = Math.min(block.length - from, PAGE_BYTES - Number(address & 0xfffn));
      const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
      const at = this.#access.places.locate(vcpu, high, low, 'store', { space: 'current', ar: diagnostics.ar });
      if (at < 0) return false;
      this.#complex.storage.write(at, block.subarray(from, from + length));
      this.#complex.stored(at, length);
      from += length;
    }
    return true;
  }
}

function levelOf(controls: number): TransactionLevel {
  return {
    accessRegisters: (controls & ACCESS_REGISTERS) !== 0,
    floatingPoint: (controls & FLOATING_POINT) !== 0,
    filtering: controls & FILTERING,
  };
}

function filteringOf({ levels }: Open): number {
  return levels.at(-1)?.filtering ?? 0;
}

function withCondition({ mask, address }: Psw, condition: number): Psw {
  return { mask: (mask & ~PSW.cc) | (BigInt(condition) << 44n), address };
}

function copied(pages: Iterable<readonly [number, Uint8Array]>): [number, Uint8Array][] {
  return [...pages].map(([frame, page]) => [frame, page.slice()]);
}

function plain(open: Open | undefined): Transaction | undefined {
  if (open === undefined) return undefined;
  const { fetched: _, ...rest } = open;
  return { ...rest, levels: [...open.levels], pages: copied(open.pages) };
}
