/** Interruptions as events, in words. Each is asked for behind the exchange of PSWs, and only while somebody hears of events. */

import { hex } from '../../../bits/hex.ts';
import type { CpuComplex } from './complex.ts';
import { externalInterruptionName, programInterruptionName } from './interruption-codes.ts';
import { type LowcorePlace, lowcore } from './lowcore.ts';
import type { ProgramInterruption } from './program-interruption.ts';
import type { Vcpu } from './vcpu.ts';

const ADDRESS_AT = 8;

/** Where the program goes on that was interrupted. */
function from(complex: CpuComplex, vcpu: Vcpu, [oldPsw]: LowcorePlace<16>): string {
  const at = vcpu.place.hostAddress(vcpu.prefix);
  return at < 0 ? '' : `, old PSW address ${hex(complex.storage.doubleword(at + oldPsw + ADDRESS_AT))}`;
}

export function tellProgram(complex: CpuComplex, vcpu: Vcpu, { code, teid }: ProgramInterruption): void {
  complex.events?.happened(vcpu, 'pgm', code, () => {
    const access = teid === undefined ? '' : `, TEID ${hex(teid, 16)}`;
    const name = programInterruptionName(code);
    return `program interruption ${hex(code, 2)} (${name})${access}${from(complex, vcpu, lowcore.programOldPsw)}`;
  });
}

export function tellSvc(complex: CpuComplex, vcpu: Vcpu, number: number): void {
  complex.events?.happened(vcpu, 'svc', number, () => `SVC ${number}${from(complex, vcpu, lowcore.svcOldPsw)}`);
}

export function tellExternal(complex: CpuComplex, vcpu: Vcpu, code: number): void {
  complex.events?.happened(vcpu, 'ext', code, () => {
    const name = externalInterruptionName(code);
    return `external interruption ${hex(code, 4)} (${name})${from(complex, vcpu, lowcore.externalOldPsw)}`;
  });
}

export function tellIo(complex: CpuComplex, vcpu: Vcpu, subchannel: number, word: number): void {
  complex.events?.happened(vcpu, 'io', subchannel, () => {
    const told = `subchannel ${hex(subchannel, 4)}, interruption word ${hex(word, 8)}`;
    return `I/O interruption of ${told}${from(complex, vcpu, lowcore.ioOldPsw)}`;
  });
}

export function tellRestart(complex: CpuComplex, vcpu: Vcpu): void {
  complex.events?.happened(
    vcpu,
    'restart',
    0,
    () => `restart interruption${from(complex, vcpu, lowcore.restartOldPsw)}`,
  );
}

export function tellMachineCheck(complex: CpuComplex, vcpu: Vcpu, code: bigint): void {
  const old = (): string => from(complex, vcpu, lowcore.machineCheckOldPsw);
  complex.events?.happened(vcpu, 'mcck', code, () => `machine check ${hex(code, 16)}${old()}`);
}
