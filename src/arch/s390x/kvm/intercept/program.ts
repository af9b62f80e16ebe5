/** Interceptions that tell of a program interruption: the guest gets it all the same, unless it could never end. */

import { PrefixArea } from '../../cpu/interruption.ts';
import { PGM, translationExceptions } from '../../cpu/interruption-codes.ts';
import { lowcore } from '../../cpu/lowcore.ts';
import type { InterruptionDetails } from '../../cpu/program-interruption.ts';
import { PSW, type Psw } from '../../cpu/psw.ts';
import type { SieBlock } from '../../sie/state-description.ts';
import { invalidNewPsw, operationLoop } from '../crash.ts';
import { crashed, type Outcome, program } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { handleInstruction } from './instruction.ts';

/** Which parameters go with a code (PoP, "Program-Interruption Conditions"). */
const parameters: Readonly<
  Record<'teid' | 'exceptionAccess' | 'operandAccess' | 'dataException', ReadonlySet<number>>
> = {
  teid: new Set<number>([
    PGM.protection,
    ...translationExceptions,
    PGM.spaceSwitchEvent,
    PGM.afxTranslation,
    PGM.asxTranslation,
    PGM.lxTranslation,
    PGM.exTranslation,
    PGM.primaryAuthority,
    PGM.secondaryAuthority,
    PGM.lfxTranslation,
    PGM.lsxTranslation,
    PGM.lsteSequence,
  ]),
  exceptionAccess: new Set<number>([
    PGM.protection,
    ...translationExceptions,
    PGM.alenTranslation,
    PGM.aleSequence,
    PGM.asteValidity,
    PGM.asteSequence,
    PGM.extendedAuthority,
    PGM.asteInstance,
  ]),
  operandAccess: new Set<number>([...translationExceptions]),
  dataException: new Set<number>([PGM.data, PGM.vectorProcessing]),
};

function detailsOf(block: SieBlock, code: number): InterruptionDetails {
  const has = (name: keyof typeof parameters): boolean => parameters[name].has(code);
  return {
    ...(has('teid') ? { teid: block.big('tecmc') } : {}),
    ...(has('exceptionAccess') ? { exceptionAccessId: block.get('eai') } : {}),
    ...(has('operandAccess') ? { operandAccessId: block.get('oai') } : {}),
    ...(has('dataException') ? { dxc: block.get('dxc') } : {}),
    ...((block.get('iprcc') & PGM.perEvent) === 0
      ? {}
      : {
          per: {
            code: block.get('perc'),
            atmid: block.get('peratmid'),
            address: block.big('peraddr'),
            accessId: block.get('peraid'),
          },
        }),
    ...(code === PGM.monitorEvent ? { monitorClass: block.get('mcn'), monitorCode: block.big('tecmc') } : {}),
  };
}

function programNewPsw(v: KvmVcpu): Psw | undefined {
  return PrefixArea.of(v.vm.complex, v.vcpu)?.psw(lowcore.programNewPsw);
}

/** Interception code 08. The PSW is what the old PSW shall be: it is not set back. */
export function programInterruption(v: KvmVcpu): Outcome {
  const { block } = v;
  const codes = block.get('iprcc');
  const code = codes & ~(PGM.perEvent | PGM.transactional);
  if (code === PGM.specification) {
    const fresh = programNewPsw(v);
    if (fresh !== undefined && !v.vcpu.accepts(fresh)) {
      return crashed(invalidNewPsw(v));
    }
  }
  const ilc = block.get('pgmilc') & 6;
  const tdb = (codes & PGM.transactional) === 0 ? undefined : v.vm.core.transactions.takeBlock(v.vcpu);
  return program(codes, { ilc, nullified: true, ...detailsOf(block, code), tdb });
}

/** Bits of the PSW that a handler of program interruptions would differ in, if it were not the culprit itself. */
const SAME_PLACE = PSW.problem | PSW.dat | PSW.addressSpace;
/** The longest instruction. */
const INSTRUCTION_BYTES = 6n;

/** Interception code 2C: the instruction is in no list of ours either. */
export function operationException(v: KvmVcpu): Outcome {
  const fresh = programNewPsw(v);
  const { mask, address } = v.psw;
  if (fresh !== undefined) {
    const behind = BigInt.asUintN(64, address - fresh.address) <= INSTRUCTION_BYTES;
    const same = ((mask ^ fresh.mask) & SAME_PLACE) === 0n && (fresh.mask & (PSW.wait | PSW.problem)) === 0n;
    // The first instruction of the guest's own handler is the one that it has not got.
    if (behind && same) return crashed(operationLoop(v));
  }
  return program(PGM.operation);
}

/** Interception code 0C: the instruction first, then what came with it. */
export function instructionAndProgram(v: KvmVcpu): Outcome {
  const outcome = handleInstruction(v);
  if (outcome.kind !== 'resume' && outcome.kind !== 'cc') return outcome;
  if (outcome.kind === 'cc') v.vcpu.cc = outcome.cc;
  return programInterruption(v);
}
