/**
 * Transactions by the manual's words ("Transactional-Execution Facility"), for programs that go straight on: what a program may do
 * is a step, and the machine is what the manual says that a step does. Nothing of it knows how the rows are written.
 */

/** Where an aborted transaction's condition code leads, and a program's end. */
export interface Place {
  readonly address: number;
  readonly length: number;
}

/** One instruction, as the model sees it. */
export type Step = Place &
  (
    | { readonly does: 'begin'; readonly controls: number; readonly tdb: number | undefined }
    | { readonly does: 'begin constrained'; readonly controls: number }
    | { readonly does: 'end' }
    | { readonly does: 'abort'; readonly code: number }
    | { readonly does: 'depth'; readonly r1: number }
    | { readonly does: 'store' | 'store nontransactionally'; readonly r1: number; readonly at: number }
    | { readonly does: 'set'; readonly r1: number; readonly value: bigint }
    | { readonly does: 'use'; readonly what: 'floating point' | 'access registers' | 'nothing' }
    /** An instruction that no transaction may have, and one that no constrained one may have. */
    | { readonly does: 'restricted' | 'not constrained' }
    | {
        readonly does: 'fault';
        readonly code: number;
        readonly group: 'access' | 'computation' | 'other';
        /** No constrained transaction may have it, whether it faults or not. */
        readonly divides?: true;
      }
    /** Goes to the end of the program when the condition code is not zero. */
    | { readonly does: 'leave when aborted' }
    | { readonly does: 'stop' }
  );

interface Level {
  readonly accessRegisters: boolean;
  readonly floatingPoint: boolean;
  readonly filtering: number;
}

interface Transaction {
  readonly constrained: boolean;
  /** Index of the step that began it. */
  readonly began: number;
  readonly registers: readonly bigint[];
  readonly saveMask: number;
  readonly tdb: number | undefined;
  readonly levels: Level[];
  /** Doublewords as they were in front of the transaction's stores. */
  readonly before: Map<number, bigint>;
}

/** What a transaction diagnostic block tells, as far as the manual leaves no choice. */
export interface Diagnosis {
  readonly constrained: boolean;
  readonly depth: number;
  readonly code: number;
  readonly at: number;
  readonly identification: string;
  readonly registers: readonly bigint[];
}

/** A program interruption. */
export interface Interruption {
  readonly code: number;
  readonly ilc: number;
  /** Address and condition code of the old PSW. */
  readonly address: number;
  readonly cc: number;
}

const DEEPEST = 15;
const ABORT = { program: 4, restricted: 11, filtered: 12, nesting: 13 } as const;
const CC = { transient: 2, persistent: 3 } as const;
const PGM = { operation: 1, specialOperation: 0x13, constraint: 0x18 } as const;
/** The interruption was in a transaction. */
const IN_TRANSACTION = 0x200;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

export class TransactionModel {
  readonly registers: bigint[];
  readonly storage = new Map<number, bigint>();
  readonly accessRegisters = new Map<number, bigint>();
  /** Diagnostic blocks by their address. */
  readonly blocks = new Map<number, Diagnosis>();
  cc: number;
  interruption: Interruption | undefined;
  /** Steps done, and how transactions came to their ends: so that a test knows what it has tried. */
  readonly seen: string[] = [];
  readonly #steps: readonly Step[];
  #at = 0;
  #transaction: Transaction | undefined;

  constructor(steps: readonly Step[], registers: readonly bigint[], cc: number) {
    this.#steps = steps;
    this.registers = [...registers];
    this.cc = cc;
  }

  get depth(): number {
    return this.#transaction?.levels.length ?? 0;
  }

  /** Does steps until the program stops, an interruption takes over, or `most` are done. */
  run(most: number): void {
    for (let done = 0; done < most && this.interruption === undefined; done++) {
      const step = this.#steps[this.#at];
      if (step === undefined || step.does === 'stop') return;
      this.#at++;
      if (this.#permits(step)) this.#do(step);
    }
  }

  #permits(step: Step): boolean {
    const t = this.#transaction;
    const level = t?.levels.at(-1);
    if (t === undefined || level === undefined) return true;
    const forbidden =
      step.does === 'restricted' ||
      (step.does === 'use' && step.what === 'floating point' && !level.floatingPoint) ||
      (step.does === 'use' && step.what === 'access registers' && !level.accessRegisters) ||
      (t.constrained && ['not constrained', 'abort', 'depth', 'store nontransactionally'].includes(step.does)) ||
      (t.constrained && step.does === 'fault' && step.divides === true);
    if (!forbidden) return true;
    if (t.constrained) this.#interrupt(step, PGM.constraint, 'other');
    else this.#abort(ABORT.restricted, CC.persistent, step, '00000000');
    return false;
  }

  #do(step: Step): void {
    switch (step.does) {
      case 'begin':
        if (this.#transaction?.constrained === true) return this.#interrupt(step, PGM.constraint, 'other');
        return this.#begin(step, false, step.controls, step.tdb);
      case 'begin constrained':
        if (this.#transaction?.constrained === true) return this.#interrupt(step, PGM.constraint, 'other');
        return this.#begin(step, true, step.controls, undefined);
      case 'end':
        return this.#end();
      case 'abort':
        if (this.#transaction === undefined) return this.#interrupt(step, PGM.specialOperation, 'other');
        return this.#abort(step.code, step.code % 2 === 0 ? CC.transient : CC.persistent, step, '00000000');
      case 'depth':
        this.registers[step.r1] = ((this.registers[step.r1] ?? 0n) & ~0xffff_ffffn) | BigInt(this.depth);
        return;
      case 'store':
        return this.#store(step.at, this.registers[step.r1] ?? 0n);
      case 'store nontransactionally':
        this.storage.set(step.at, this.registers[step.r1] ?? 0n);
        return;
      case 'set':
        this.registers[step.r1] = BigInt.asUintN(64, step.value);
        return;
      case 'fault':
        return this.#interrupt(step, step.code, step.group);
      case 'leave when aborted':
        if (this.cc !== 0) this.#at = this.#steps.length - 1;
        return;
      default:
    }
  }

  #begin(step: Step, constrained: boolean, controls: number, tdb: number | undefined): void {
    const t = this.#transaction;
    const around = t?.levels.at(-1);
    // A constrained one allows no floating point, and changes no filtering.
    const level: Level = {
      accessRegisters: (controls & 8) !== 0 && around?.accessRegisters !== false,
      floatingPoint: !constrained && (controls & 4) !== 0 && around?.floatingPoint !== false,
      filtering: Math.max(around?.filtering ?? 0, constrained ? 0 : controls & 3),
    };
    if (t === undefined) {
      this.#transaction = {
        constrained,
        began: this.#at - 1,
        registers: [...this.registers],
        saveMask: controls >> 8,
        tdb,
        levels: [level],
        before: new Map(),
      };
    } else if (t.levels.length === DEEPEST) return this.#abort(ABORT.nesting, CC.persistent, step, '00000000');
    else t.levels.push(level);
    this.cc = 0;
  }

  #end(): void {
    const t = this.#transaction;
    this.cc = t === undefined ? 2 : 0;
    t?.levels.pop();
    if (t?.levels.length !== 0) return;
    this.#transaction = undefined;
    this.seen.push('ended');
  }

  #store(at: number, value: bigint): void {
    const t = this.#transaction;
    if (t !== undefined && !t.before.has(at)) t.before.set(at, this.storage.get(at) ?? 0n);
    this.storage.set(at, value);
  }

  /** A program exception of the step. */
  #interrupt(step: Step, code: number, group: 'access' | 'computation' | 'other'): void {
    const t = this.#transaction;
    const behind = step.address + step.length;
    if (t === undefined) {
      this.interruption = { code, ilc: step.length, address: behind, cc: this.cc };
      return;
    }
    const filtering = t.constrained ? 0 : (t.levels.at(-1)?.filtering ?? 0);
    const needed = group === 'computation' ? 1 : group === 'access' ? 2 : 3;
    const told = `${hex(step.length, 4)}${hex(code | IN_TRANSACTION, 4)}`;
    if (filtering >= needed) return this.#abort(ABORT.filtered, CC.persistent, step, told);
    const lasting = group === 'other';
    this.#abort(ABORT.program, lasting ? CC.persistent : CC.transient, step, told);
    const address = this.#steps[this.#at]?.address ?? 0;
    this.interruption = { code: code | IN_TRANSACTION, ilc: step.length, address, cc: this.cc };
  }

  #abort(code: number, cc: number, step: Step, identification: string): void {
    const t = this.#transaction;
    if (t === undefined) throw new Error('no transaction');
    this.#transaction = undefined;
    for (const [at, value] of t.before) this.storage.set(at, value);
    const { constrained, levels } = t;
    const diagnosis = {
      constrained,
      depth: levels.length,
      code,
      at: step.address,
      identification,
      registers: [...this.registers],
    };
    if (t.tdb !== undefined && !constrained) this.blocks.set(t.tdb, diagnosis);
    this.lastDiagnosis = diagnosis;
    for (let n = 0; n < 16; n++) {
      // Bit 0 of the mask is for registers 0 and 1, and so on.
      if ((t.saveMask & (0x80 >> Math.floor(n / 2))) !== 0) this.registers[n] = t.registers[n] ?? 0n;
    }
    this.cc = cc;
    this.#at = constrained ? t.began : t.began + 1;
    this.seen.push(code >= 256 ? 'aborted by program' : `aborted ${code}`);
  }

  /** Of the last abort, whether there is a block for it or not. */
  lastDiagnosis: Diagnosis | undefined;
}
