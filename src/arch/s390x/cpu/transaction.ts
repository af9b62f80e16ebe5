/** Transactional execution (PoP, "Transactional-Execution Facility"): a transaction, and the block that diagnoses its abort. */

import { engineState } from '../../../machine/layout.ts';
import { PGM, translationExceptions } from './interruption-codes.ts';
import type { ProgramInterruption } from './program-interruption.ts';
import type { Psw } from './psw.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Transaction abort codes. From 256 on they are a program's own. */
export const abortCode = {
  externalInterruption: 2,
  programInterruption: 4,
  machineCheck: 5,
  ioInterruption: 6,
  restrictedInstruction: 11,
  filteredProgramInterruption: 12,
  nestingDepth: 13,
  guardedStorage: 19,
  miscellaneous: 255,
} as const;
/** The first abort code that TABORT may give. */
export const FIRST_PROGRAM_ABORT_CODE = 256;

/** Nesting depths up to this one are possible. */
export const MAXIMUM_DEPTH = 15;
/** Bytes from TBEGINC on that a constrained transaction lies in, and instructions that it may have. */
export const CONSTRAINED_BYTES = 256n;
export const CONSTRAINED_INSTRUCTIONS = 32;

/** Condition codes behind the outermost TBEGIN: nothing is known, may succeed another time, will fail again. */
export const abortCondition = { indeterminate: 1, transient: 2, persistent: 3 } as const;

/** What a nesting level allows, levels around it considered. */
export interface TransactionLevel {
  readonly accessRegisters: boolean;
  readonly floatingPoint: boolean;
  /** Program-interruption-filtering control: 0 none, 1 limited, 2 moderate. */
  readonly filtering: number;
}

/** A transaction as plain data. */
export interface Transaction {
  readonly constrained: boolean;
  /** Address of the outermost TBEGIN or TBEGINC. */
  readonly begin: bigint;
  /** Where it goes on after an abort; the condition code is put in then. */
  readonly abortPsw: Psw;
  /** General registers, of which the pairs in `restored` (bit 7 for 0 and 1) come back. */
  readonly registers: readonly bigint[];
  readonly restored: number;
  /** Logical address of the TDB, and its access register. */
  readonly diagnostics: { readonly address: bigint; readonly ar: number } | undefined;
  /** Outermost first. */
  readonly levels: readonly TransactionLevel[];
  /** Instructions that it has executed. */
  readonly executed: number;
  /** It is aborted in front of the instruction that would be this one, a diagnostic control wants. */
  readonly abortAt: number | undefined;
  /** Somebody else came between; its stores are taken back already. */
  readonly doomed: boolean;
  /** Pages as they were when the transaction first stored into them, with their frames. */
  readonly pages: readonly (readonly [frame: number, page: Uint8Array])[];
}

/** Why a transaction is aborted. */
export interface Abort {
  readonly code: number | bigint;
  readonly condition: number;
  /** Address of the instruction that it has come to. */
  readonly at: bigint;
  readonly program?: ProgramInterruption | undefined;
}

/** Bytes of a transaction diagnostic block. */
export const TDB_BYTES = 256;
const FORMAT = 1;
const CONSTRAINED = 0x40;

/** The transaction diagnostic block of an abort, from the registers as they are in front of it. */
export function diagnosticBlock(
  vcpu: Vcpu,
  transaction: Pick<Transaction, 'constrained' | 'levels'>,
  abort: Abort,
): Uint8Array {
  const out = new Uint8Array(TDB_BYTES);
  const view = new DataView(out.buffer);
  view.setUint8(0, FORMAT);
  view.setUint8(1, transaction.constrained ? CONSTRAINED : 0);
  view.setUint16(6, transaction.levels.length);
  view.setBigUint64(0x08, BigInt(abort.code));
  view.setBigUint64(0x18, abort.at);
  const p = abort.program;
  if (p !== undefined) {
    view.setUint8(0x20, p.exceptionAccessId ?? 0);
    view.setUint8(0x21, p.dxc ?? 0);
    view.setUint16(0x24, p.ilc);
    view.setUint16(0x26, p.code);
    view.setBigUint64(0x28, p.teid ?? 0n);
  }
  view.setBigUint64(0x30, vcpu.big(slots.bea));
  for (let n = 0; n < 16; n++) view.setBigUint64(0x80 + 8 * n, vcpu.gr(n));
  return out;
}

/** Data exceptions that no control filters: an instruction that must not be used as things are. */
const registerExceptions: ReadonlySet<number> = new Set([1, 2, 3, 0xfe]);

const operandExceptions: ReadonlySet<number> = new Set([
  PGM.protection,
  PGM.addressing,
  ...translationExceptions,
  PGM.aletSpecification,
  PGM.alenTranslation,
  PGM.aleSequence,
  PGM.asteValidity,
  PGM.asteSequence,
  PGM.extendedAuthority,
]);

const computational: ReadonlySet<number> = new Set([
  PGM.specification,
  PGM.data,
  PGM.fixedPointOverflow,
  PGM.fixedPointDivide,
  PGM.decimalOverflow,
  PGM.decimalDivide,
  PGM.hfpExponentOverflow,
  PGM.hfpExponentUnderflow,
  PGM.hfpSignificance,
  PGM.hfpDivide,
  PGM.hfpSquareRoot,
  PGM.vectorProcessing,
]);

/**
 * The least filtering control under which a program interruption is filtered; undefined when none does. `fetched` is false
 * for an exception of instruction fetching.
 */
export function filteredFrom({ code, dxc }: ProgramInterruption, fetched: boolean): number | undefined {
  if (operandExceptions.has(code)) return fetched ? 2 : undefined;
  if (!computational.has(code) || !fetched) return undefined;
  return code === PGM.data && registerExceptions.has(dxc ?? 0) ? undefined : 1;
}

const persistent: ReadonlySet<number> = new Set([
  PGM.operation,
  PGM.privilegedOperation,
  PGM.execute,
  PGM.translationSpecification,
  PGM.specialOperation,
  PGM.transactionConstraint,
]);

/** Condition code of the abort by a program interruption that the program gets. */
export function conditionOf(code: number): number {
  return persistent.has(code & 0x7f) ? abortCondition.persistent : abortCondition.transient;
}

/** The instruction address of a vCPU that is between instructions. */
export function nextAddress(vcpu: Vcpu): bigint {
  return vcpu.big(engineState.pc) & vcpu.amask;
}
