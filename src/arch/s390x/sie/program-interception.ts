/** Program interruptions that are intercepted: which, and what is stored of them. */

import { CR0, CR0_REGISTERS } from '../cpu/control-register-bits.ts';
import type { S390xCore } from '../cpu/core.ts';
import { DXC, PGM } from '../cpu/interruption-codes.ts';
import type { ProgramInterruption } from '../cpu/program-interruption.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { gpa } from '../dat/address.ts';
import { cpuflags, eca, ecb, ictl, type SieBlock, sieFields } from './state-description.ts';

/** Data-exception codes by which registers are not enabled, but for vector registers. */
const registerCodes: ReadonlySet<number> = new Set([DXC.afpRegister, DXC.bfpInstruction, DXC.dfpInstruction]);

/** Partial execution of MOVE PAGE has its parameters in place of those of interruptions. */
const ENTRIES_AT = 0x0c0;

/** True when the hypervisor gets a program interruption, by its nature or by a control, in place of the guest. */
export function isIntercepted(block: SieBlock, vcpu: Vcpu, p: ProgramInterruption): boolean {
  const controls = block.ictl;
  if ((controls & ictl.programInterruption) !== 0) return true;
  if ((p.code & PGM.perEvent) !== 0 && block.has('cpuflags', cpuflags.p)) return true;
  switch (p.code & ~(PGM.perEvent | PGM.transactional)) {
    case PGM.addressing:
    case PGM.specialOperation:
      return true;
    case PGM.specification:
      return !block.has('ecb', ecb.speci);
    case PGM.protection:
      return !block.has('eca', eca.protectionInterpretation);
    case PGM.privilegedOperation:
      return (controls & ictl.privilegedOperation) !== 0;
    case PGM.data:
      return isOfHost(vcpu, p.dxc ?? 0);
    default:
      return false;
  }
}

// Registers that the guest has enabled, and its host has not.
function isOfHost(vcpu: Vcpu, dxc: number): boolean {
  const needed = dxc === DXC.vectorInstruction ? CR0_REGISTERS : registerCodes.has(dxc) ? CR0.afpRegisters : 0;
  return needed !== 0 && (vcpu.crLow(0) & needed) === needed;
}

/** Stores a program interruption's parameters where an interception for it has them. */
export function storeProgramParameters(block: SieBlock, p: ProgramInterruption): void {
  const { controlBytes } = block;
  controlBytes.setUint16(sieFields.iprcc[0], p.code);
  controlBytes.setUint16(sieFields.pgmilc[0], p.ilc);
  controlBytes.setBigUint64(sieFields.tecmc[0], p.monitorCode ?? p.teid ?? 0n);
  controlBytes.setUint8(sieFields.eai[0], p.exceptionAccessId ?? 0);
  controlBytes.setUint8(sieFields.oai[0], p.operandAccessId ?? 0);
  controlBytes.setUint32(sieFields.dxc[0], p.dxc ?? 0);
  controlBytes.setUint16(sieFields.mcn[0], p.monitorClass ?? 0);
  controlBytes.setUint8(sieFields.perc[0], p.per?.code ?? 0);
  controlBytes.setUint8(sieFields.peratmid[0], p.per?.atmid ?? 0);
  controlBytes.setUint8(sieFields.peraid[0], p.per?.accessId ?? 0);
  controlBytes.setBigUint64(sieFields.peraddr[0], p.per?.address ?? 0n);
}

/** Stores where the host's table entries for the operands of a MOVE PAGE are. */
export function storeEntries({ controlBytes }: SieBlock, [first, second]: readonly [bigint, bigint]): void {
  controlBytes.setBigUint64(ENTRIES_AT, first);
  controlBytes.setBigUint64(ENTRIES_AT + 8, second);
}

/**
 * Stores the diagnostic block of a transaction whose program interruption is intercepted: where the block says for a
 * hypervisor of the guest's own; this program's own keeps it.
 */
export function storeDiagnosticBlock(core: S390xCore, vcpu: Vcpu, block: SieBlock, tdb: Uint8Array): void {
  if (vcpu.outer === undefined) return core.transactions.intercepted(vcpu, tdb);
  const { complex } = core;
  const at = complex.hostAddress(gpa(Number(block.big('itdba') & ~0xffn)), true);
  if (at < 0) return;
  complex.frames.storing(at);
  complex.storage.write(at, tdb);
  complex.stored(at, tdb.length);
}
