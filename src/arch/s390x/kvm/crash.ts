/** Why a guest can go no further, in words that lead to what it did first. */

import { hex } from '../../../bits/hex.ts';
import { PrefixArea } from '../cpu/interruption.ts';
import { programInterruptionName } from '../cpu/interruption-codes.ts';
import { lowcore } from '../cpu/lowcore.ts';
import type { ProgramDelivered } from '../cpu/program-interruption.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { causeOf } from '../sie/loops.ts';
import type { KvmVcpu } from './vcpu.ts';

/** A program interruption that leads to itself for ever. */
export function programLoop(v: KvmVcpu, code: number, cause: ProgramDelivered | undefined): string {
  return [`program-interruption loop, code ${codeText(code)}`, ...newPswText(v), ...causeText(cause)].join('; ');
}

/** An operation exception whose handler begins with another one. */
export function operationLoop(v: KvmVcpu): string {
  return ['operation-exception loop', ...newPswText(v), ...causeText(causeOf(v.vcpu))].join('; ');
}

/** A program interruption whose new PSW is not valid. */
export function invalidNewPsw(v: KvmVcpu): string {
  return [`the program new PSW at ${hex(lowcore.programNewPsw[0])} is invalid`, ...causeText(causeOf(v.vcpu))].join(
    '; ',
  );
}

/** A wait that nothing ends. */
export function disabledWait(v: KvmVcpu): string {
  return [`disabled wait at ${hex(v.psw.address)}`, ...causeText(waitCause(v.vcpu))].join('; ');
}

// A wait is no instruction.
function waitCause(vcpu: Vcpu): ProgramDelivered | undefined {
  const cause = causeOf(vcpu);
  return cause?.executed === vcpu.icount ? cause : undefined;
}

function newPswText(v: KvmVcpu): string[] {
  const fresh = PrefixArea.of(v.vm.complex, v.vcpu)?.psw(lowcore.programNewPsw);
  const isZero = fresh?.mask === 0n && fresh.address === 0n;
  return isZero ? [`the program new PSW at ${hex(lowcore.programNewPsw[0])} is zero`] : [];
}

function causeText(cause: ProgramDelivered | undefined): string[] {
  if (cause === undefined) return [];
  const { code, address, lastBreak } = cause;
  return [`first was program interruption ${codeText(code)} at ${hex(address)}, last break ${hex(lastBreak)}`];
}

function codeText(code: number): string {
  return `${hex(code)} (${programInterruptionName(code)})`;
}
