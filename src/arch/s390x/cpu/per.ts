/** Program-event recording (PoP, "Program-Event Recording"): one instruction at a time, while PSW bit 1 is one. */

import { engineState } from '../../../machine/layout.ts';
import { ASCE } from '../dat/translate.ts';
import { instructionLength } from '../isa/decoder.ts';
import { isExecute, isLoadPsw } from '../isa/opcodes.ts';
import type { AccessRecorder, StorageAccess } from './access.ts';
import { type AccessKind, type AccessPath, operand } from './access-path.ts';
import { CR9 } from './control-register-bits.ts';
import { GUEST_PER_ENHANCEMENT } from './interception-controls.ts';
import { PGM } from './interruption-codes.ts';
import { textBytes } from './loose-decoder.ts';
import type { ProgramInterruption } from './program-interruption.ts';
import { spaceOf } from './protection.ts';
import { addressSpaceControl, BY_ACCESS_REGISTER, PSW_HIGH } from './psw.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';
import { type ZeroOperand, zeroOperands } from './zero-addresses.ts';

const ANY =
  CR9.branching |
  CR9.instructionFetching |
  CR9.storageAlteration |
  CR9.storageKeyAlteration |
  CR9.zeroAddressDetection |
  CR9.transactionEnd;
/** Events for which every access is looked at. */
const OF_ACCESSES = CR9.storageAlteration | CR9.zeroAddressDetection;

/** Bits of the PER code. */
export const perCode = {
  branch: 0x80,
  ifetch: 0x40,
  storage: 0x20,
  storageKey: 0x10,
  realStorage: 0x08,
  zeroAddress: 0x04,
  transactionEnd: 0x02,
  nullification: 0x01,
} as const;

const TEND = 0xb2f8;

/** No breaking-event address is odd. */
const NO_BRANCH = 3n;

/** What a program interruption stores about program events. */
export interface PerEvents {
  readonly code: number;
  /** Addressing-and-translation-mode identification. */
  readonly atmid: number;
  /** Of the instruction; of the EXECUTE for a target of one. */
  readonly address: bigint;
  /** In access-register mode, the access register of the store, or of the operand at a zero address. */
  readonly accessId?: number;
}

/** Which of the events an instruction that came to a program exception has had. */
export type Extent = 'completed' | 'fetched';

/** Records the events of one instruction. vCPUs take turns, so there is one for all of them. */
export class PerRecorder implements AccessRecorder {
  readonly #access: StorageAccess;
  #vcpu: Vcpu | undefined;
  #controls = 0;
  #from = 0n;
  #to = 0n;
  #address = 0n;
  #atmid = 0;
  #breakingEvent = 0n;
  #stored = 0;
  /** Operands made of zero, once an access has asked for them. */
  #zeros: readonly ZeroOperand[] | undefined;
  /** Access register of the last event of an access; the space of the last store. */
  #accessRegister = 0;
  #space = 0;
  #transacting = false;
  /** First halfword of the instruction; 0 when it cannot be fetched. */
  #opcode = 0;
  #fetchable = false;
  /** Bytes of the instruction that was recorded last. */
  length: 2 | 4 | 6 = 2;

  constructor(access: StorageAccess) {
    this.#access = access;
  }

  /** True when the next instruction of the vCPU is to be recorded. */
  wanted(vcpu: Vcpu): boolean {
    const enforced = (vcpu.controls.cpuflags & GUEST_PER_ENHANCEMENT) !== 0;
    return (enforced || (vcpu.pswHigh & PSW_HIGH.per) !== 0) && (vcpu.crLow(9) & ANY) !== 0;
  }

  /** The same for an instruction of a transaction, in which events can be suppressed. */
  wantedInTransaction(vcpu: Vcpu): boolean {
    return this.wanted(vcpu) && (vcpu.crLow(9) & CR9.suppression) === 0;
  }

  /** Before an instruction. The interruption of one that is nullified because of its event; it must not be carried out then. */
  begin(vcpu: Vcpu): ProgramInterruption | undefined {
    this.#controls = vcpu.crLow(9);
    this.#from = vcpu.cr(10);
    this.#to = vcpu.cr(11);
    this.#address = vcpu.psw.address;
    this.#atmid = atmidOf(vcpu);
    this.#stored = 0;
    this.#zeros = undefined;
    this.#accessRegister = 0;
    this.#space = 0;
    this.#transacting = this.#has(CR9.transactionEnd) && vcpu.core.transactions.of(vcpu) !== undefined;
    vcpu.setBig(engineState.ia, this.#address);
    this.#look(vcpu);
    if (this.#fetched() !== 0 && this.#has(CR9.instructionFetchingNullification)) {
      const per = this.#events(perCode.ifetch | perCode.nullification);
      return { code: PGM.perEvent, ilc: this.length, nullified: true, per };
    }
    this.#vcpu = vcpu;
    if (this.#has(CR9.branching)) {
      this.#breakingEvent = vcpu.big(slots.bea);
      vcpu.setBig(slots.bea, NO_BRANCH);
    }
    if (this.#has(OF_ACCESSES)) {
      this.#access.recorder = this;
      vcpu.flushTlb();
    }
    return undefined;
  }

  /**
   * Behind the instruction, or in the middle of it: the events that it has had, undefined when there were none or when none
   * were being recorded.
   */
  end(extent: Extent): PerEvents | undefined {
    const vcpu = this.#vcpu;
    if (vcpu === undefined) return undefined;
    const branched = this.#branched(vcpu) | this.#endedTransaction(vcpu);
    this.drop();
    const code = this.#fetched() | (extent === 'completed' ? branched | this.#stored : 0);
    return code === 0 ? undefined : this.#events(code);
  }

  /** Records no more of this instruction. */
  drop(): void {
    const vcpu = this.#vcpu;
    if (vcpu === undefined) return;
    this.#vcpu = undefined;
    if (this.#has(CR9.branching) && vcpu.big(slots.bea) === NO_BRANCH) vcpu.setBig(slots.bea, this.#breakingEvent);
    if (!this.#has(OF_ACCESSES)) return;
    this.#access.recorder = undefined;
    vcpu.flushTlb();
  }

  /** A store by real address: an event wherever it goes. */
  storedReal(): void {
    if (this.#vcpu !== undefined && this.#has(CR9.storeUsingRealAddress) && this.#has(CR9.storageAlteration))
      this.#stored |= perCode.storage | perCode.realStorage;
  }

  /** @inheritdoc */
  accessed(vcpu: Vcpu, high: number, low: number, length: number, kind: AccessKind, path: AccessPath): void {
    if (this.#has(CR9.zeroAddressDetection)) this.#detectZero(vcpu, high, low);
    if (kind !== 'store' || !this.#has(CR9.storageAlteration)) return;
    if (this.#has(CR9.storageAlterationSpace) && !this.#isMeant(vcpu, path)) return;
    const first = (BigInt(high) << 32n) | BigInt(low);
    const last = first + BigInt(length) - 1n;
    if (!this.#touches(first, last)) return;
    this.#stored |= perCode.storage;
    if ((vcpu.pswHigh & PSW_HIGH.dat) === 0) return;
    this.#space = spaceOf(vcpu, kind, path);
    this.#accessRegister = this.#space === addressSpaceControl.accessRegister && path.ar < 16 ? path.ar : 0;
  }

  // Without DAT there are no spaces.
  #isMeant(vcpu: Vcpu, path: AccessPath): boolean {
    const asce = this.#access.places.asce(vcpu, 'store', path) ?? undefined;
    return asce === undefined || (asce.low & ASCE.storageAlterationEvent) !== 0;
  }

  /** The keys of so many bytes from a real or absolute address on were set. */
  keySet(address: number, bytes: number): void {
    if (this.#vcpu === undefined || !this.#has(CR9.storageKeyAlteration)) return;
    if (this.#touches(BigInt(address), BigInt(address + bytes - 1))) this.#stored |= perCode.storageKey;
  }

  // Registers are still what the addresses were made of.
  #detectZero(vcpu: Vcpu, high: number, low: number): void {
    if (this.#zeros === undefined) {
      const [first, last] = vcpu.interceptedText();
      this.#zeros = zeroOperands(vcpu.core, vcpu, textBytes(first, last, 6));
    }
    const address = (BigInt(high) << 32n) | BigInt(low);
    const found = this.#zeros.find((operand) => operand.address === address);
    if (found === undefined) return;
    this.#stored |= perCode.zeroAddress;
    if (vcpu.operandSpace() === BY_ACCESS_REGISTER) this.#accessRegister = found.register;
  }
  #endedTransaction(vcpu: Vcpu): number {
    if (!this.#transacting || this.#opcode !== TEND || vcpu.cc !== 0) return 0;
    return vcpu.core.transactions.of(vcpu) === undefined ? perCode.transactionEnd : 0;
  }
  #touches(first: bigint, last: bigint): boolean {
    const [from, to] = [this.#from, this.#to];
    return from <= to ? first <= to && last >= from : last >= from || first <= to;
  }

  #has(control: number): boolean {
    return (this.#controls & control) !== 0;
  }
  #inRange(address: bigint): boolean {
    const [from, to] = [this.#from, this.#to];
    return from <= to ? address >= from && address <= to : address >= from || address <= to;
  }
  #events(code: number): PerEvents {
    const stored = (code & perCode.storage) !== 0;
    const atmid = stored ? this.#atmid | this.#space : this.#atmid;
    const hasAccess = stored || (code & perCode.zeroAddress) !== 0;
    return { code, atmid, address: this.#address, accessId: hasAccess ? this.#accessRegister : 0 };
  }
  // An instruction that cannot be fetched makes an exception of its own, and no event.
  #look(vcpu: Vcpu): void {
    const [high, low] = [Number(this.#address >> 32n), Number(this.#address & 0xffff_ffffn)];
    const at = (low & 1) !== 0 ? -1 : this.#access.places.examine(vcpu, high, low, 'ifetch', operand);
    this.#opcode = at < 0 ? 0 : vcpu.core.complex.storage.half(at);
    this.length = instructionLength(this.#opcode >> 8);
    this.#fetchable = at >= 0;
  }
  #fetched(): number {
    return this.#fetchable && this.#has(CR9.instructionFetching) && this.#inRange(this.#address) ? perCode.ifetch : 0;
  }

  // LOAD PSW sets the breaking-event address, too, but is no branch.
  #branched(vcpu: Vcpu): number {
    if (!this.#has(CR9.branching) || vcpu.big(slots.bea) === NO_BRANCH) return 0;
    if (this.#has(CR9.branchAddressControl) && !this.#inRange(vcpu.psw.address)) return 0;
    const opcode = isExecute(this.#opcode) ? (vcpu.executeText[0] ?? 0) >>> 16 : this.#opcode;
    return isLoadPsw(opcode) ? 0 : perCode.branch;
  }
}

function atmidOf(vcpu: Vcpu): number {
  const mode = vcpu.num(slots.addressingMode);
  const dat = (vcpu.pswHigh & PSW_HIGH.dat) !== 0 ? 0x10 | (vcpu.addressSpace << 2) : 0;
  return ((mode & 2) !== 0 ? 0x80 : 0) | 0x40 | ((mode & 1) !== 0 ? 0x20 : 0) | dat;
}
