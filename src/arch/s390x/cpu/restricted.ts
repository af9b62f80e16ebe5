/** In front of each instruction of a transaction: whether it may be executed (PoP, "Restricted Instructions"). */

import { engineState } from '../../../machine/layout.ts';
import { instructionLength } from '../isa/decoder.ts';
import { isExecute } from '../isa/opcodes.ts';
import { operand } from './access-path.ts';
import type { S390xCore } from './core.ts';
import { PGM } from './interruption-codes.ts';
import type { ProgramInterruption } from './program-interruption.ts';
import { abortCode, abortCondition, CONSTRAINED_BYTES, CONSTRAINED_INSTRUCTIONS, nextAddress } from './transaction.ts';
import type { Vcpu } from './vcpu.ts';

const TEND = 0xb2f8;

type Open = NonNullable<ReturnType<S390xCore['transactions']['of']>>;

/**
 * Aborts the vCPU's transaction when its next instruction must not be executed: `aborted`, or the program interruption that
 * the program gets for it.
 */
export function refuse(core: S390xCore, vcpu: Vcpu): ProgramInterruption | 'aborted' | undefined {
  const { transactions } = core;
  const open = transactions.of(vcpu);
  if (open === undefined) return undefined;
  const address = nextAddress(vcpu);
  const text = fetch(core, vcpu, address);
  if (open.doomed || isChosen(open, text)) {
    transactions.abort(vcpu, abortCode.miscellaneous);
    return 'aborted';
  }
  transactions.begins(vcpu, text !== undefined);
  if (text === undefined || isAllowed(core, vcpu, open, text)) return undefined;
  if (open.constrained) {
    // Not begun: what is told of it is its own address.
    vcpu.setBig(engineState.ia, address);
    return { code: PGM.transactionConstraint, ilc: text.length, nullified: false };
  }
  transactions.abort(vcpu, abortCode.restrictedInstruction, abortCondition.persistent);
  return 'aborted';
}

// By the diagnostic control: a transaction that it has chosen does not come to its end.
function isChosen({ abortAt, executed, levels }: Open, text: Uint8Array | undefined): boolean {
  if (abortAt === undefined) return false;
  return executed >= abortAt || (levels.length === 1 && text !== undefined && half(text, 0) === TEND);
}

// Undefined for what cannot be fetched, and comes to its own exception.
function fetch(core: S390xCore, vcpu: Vcpu, address: bigint): Uint8Array | undefined {
  if ((address & 1n) !== 0n) return undefined;
  const out: number[] = [];
  for (let length = 2; out.length < length; ) {
    const a = (address + BigInt(out.length)) & vcpu.amask;
    const [high, low] = [Number(a >> 32n), Number(a & 0xffff_ffffn)];
    const at = core.access.places.examine(vcpu, high, low, 'ifetch', operand);
    if (at < 0) return undefined;
    const half = core.complex.storage.half(at);
    if (out.length === 0) length = instructionLength(half >> 8);
    out.push(half >> 8, half & 0xff);
  }
  return Uint8Array.from(out);
}

function isAllowed(core: S390xCore, vcpu: Vcpu, open: Open, text: Uint8Array): boolean {
  const rule = ruleOf(core, vcpu, text);
  const level = open.levels.at(-1);
  if (rule === 'restricted') return false;
  if (rule === 'floating-point' && level?.floatingPoint !== true) return false;
  if (rule === 'access-register' && level?.accessRegisters !== true) return false;
  if (!open.constrained) return true;
  if (rule === 'unconstrained' || (rule === 'forward' && goesBack(core, text))) return false;
  const end = nextAddress(vcpu) + BigInt(text.length);
  // TEND is not one of the instructions that are counted.
  const isEnd = half(text, 0) === TEND;
  const inside = BigInt.asUintN(64, end - open.begin) <= CONSTRAINED_BYTES;
  return inside && (isEnd || open.executed <= CONSTRAINED_INSTRUCTIONS);
}

function ruleOf(core: S390xCore, vcpu: Vcpu, text: Uint8Array) {
  const rule = core.rowOf(text)?.transactional ?? 'allowed';
  if (rule !== 'unconstrained' || !isExecute(half(text, 0))) return rule;
  const target = executed(core, vcpu, text);
  const targets = target === undefined ? undefined : core.rowOf(target)?.transactional;
  return targets === undefined || targets === 'allowed' || targets === 'forward' ? rule : targets;
}

// The target of an EXECUTE; undefined when it comes to an exception.
function executed(core: S390xCore, vcpu: Vcpu, text: Uint8Array): Uint8Array | undefined {
  const relative = text.length === 6;
  const gr = (n: number): bigint => (n === 0 ? 0n : vcpu.gr(n));
  const [registers = 0, base = 0] = [text[1], text[2]];
  const distance = BigInt((half(text, 2) << 16) | half(text, 4) | 0) * 2n;
  const address = relative
    ? nextAddress(vcpu) + distance
    : gr(registers & 15) + gr(base >> 4) + BigInt(half(text, 2) & 0xfff);
  const target = fetch(core, vcpu, BigInt.asUintN(64, address) & vcpu.amask);
  const modifier = Number(gr(registers >> 4) & 0xffn);
  if (target !== undefined) target[1] = (target[1] ?? 0) | modifier;
  return target;
}

function goesBack(core: S390xCore, text: Uint8Array): boolean {
  const long = core.rowOf(text)?.format.length === 6 && text[0] === 0xc0;
  return long ? ((text[2] ?? 0) & 0x80) !== 0 : (half(text, 2) & 0x8000) !== 0;
}

function half(text: Uint8Array, at: number): number {
  return ((text[at] ?? 0) << 8) | (text[at + 1] ?? 0);
}
