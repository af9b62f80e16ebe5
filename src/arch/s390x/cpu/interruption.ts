/** Interruptions as the machine does them: store what the class stores, exchange PSWs (PoP, "Interruptions"). */

import type { HostAddress } from '../dat/address.ts';
import type { CpuComplex } from './complex.ts';
import { PGM } from './interruption-codes.ts';
import { tellExternal, tellIo, tellMachineCheck, tellProgram, tellRestart, tellSvc } from './interruption-events.ts';
import { type LowcorePlace, lowcore } from './lowcore.ts';
import type { PerEvents } from './per.ts';
import type { ProgramInterruption } from './program-interruption.ts';
import { isValidPswWords, PSW_HIGH, type Psw } from './psw.ts';
import { slots } from './state-layout.ts';
import { abortCode } from './transaction.ts';
import type { Vcpu } from './vcpu.ts';

/** How a delivery ended. */
export type Delivery =
  | 'delivered'
  /** The prefix area is not in the configuration. */
  | 'no-prefix-area'
  /** The new PSW, and then the program new PSW for that, were not valid: the CPU can do nothing but repeat this. */
  | 'invalid-new-psw';

/** The prefix area of a vCPU: fields are stored with change recording, as the machine stores them. */
export class PrefixArea {
  readonly #complex: CpuComplex;
  /** Storage offset. */
  readonly #at: HostAddress;
  /** Whoever keeps the first page as it was has been told. */
  #isTold = false;

  private constructor(complex: CpuComplex, at: HostAddress) {
    this.#complex = complex;
    this.#at = at;
  }

  /**
   * The area, or undefined when the prefix register names storage that is not there. The second page has no fields of these,
   * and that of a guest's guest need not be there.
   */
  static of(complex: CpuComplex, vcpu: Vcpu): PrefixArea | undefined {
    const at = vcpu.prefixArea;
    return at < 0 ? undefined : new PrefixArea(complex, at);
  }

  set(place: LowcorePlace<1 | 2 | 4>, value: number): void {
    const at = this.#at + place[0];
    const bytes = place[1];
    const { storage } = this.#complex;
    this.#storing();
    if (bytes === 1) storage.setByte(at, value);
    else if (bytes === 2) storage.setHalf(at, value);
    else storage.setWord(at, value);
    this.#complex.storedField(at, bytes);
  }
  setBig(place: LowcorePlace<8>, value: bigint): void {
    const at = this.#at + place[0];
    this.#storing();
    this.#complex.storage.setDoubleword(at, value);
    this.#complex.storedField(at, 8);
  }
  setBytes(place: LowcorePlace<256>, bytes: Uint8Array): void {
    const at = this.#at + place[0];
    this.#complex.frames.storing(at);
    this.#complex.storage.write(at, bytes);
    this.#complex.stored(at, bytes.length);
  }
  psw(place: LowcorePlace<16>): Psw {
    const at = this.#at + place[0];
    return { mask: this.#complex.storage.doubleword(at), address: this.#complex.storage.doubleword(at + 8) };
  }
  #storing(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#complex.frames.storing(this.#at);
  }
  /** Stores the vCPU's PSW as the old one: the last of what is stored in the first page. */
  storePsw(offset: number, vcpu: Vcpu): void {
    const at = this.#at + offset;
    const { storage } = this.#complex;
    this.#storing();
    if (vcpu.hasInvalidPsw) {
      const { mask, address } = vcpu.psw;
      storage.setDoubleword(at, mask);
      storage.setDoubleword(at + 8, address);
    } else {
      const [high, low, addressHigh, addressLow] = vcpu.pswWords();
      storage.setWord(at, high);
      storage.setWord(at + 4, low);
      storage.setWord(at + 8, addressHigh);
      storage.setWord(at + 12, addressLow);
    }
    this.#complex.stored(at, 16);
  }
  /** True when a PSW is there that is valid for the vCPU. */
  holdsValidPsw(offset: number, vcpu: Vcpu): boolean {
    const at = this.#at + offset;
    const { storage } = this.#complex;
    return accepts(vcpu, storage.word(at), storage.word(at + 4), storage.word(at + 8), storage.word(at + 12));
  }
  /** Loads the new PSW; false when it is not a valid one, which is loaded all the same. */
  loadPsw(offset: number, vcpu: Vcpu): boolean {
    const at = this.#at + offset;
    const { storage } = this.#complex;
    const high = storage.word(at);
    const low = storage.word(at + 4);
    const addressHigh = storage.word(at + 8);
    const addressLow = storage.word(at + 12);
    const valid = accepts(vcpu, high, low, addressHigh, addressLow);
    if (valid) vcpu.loadPsw(high, low, addressHigh, addressLow);
    else vcpu.setPsw({ mask: storage.doubleword(at), address: storage.doubleword(at + 8) });
    return valid;
  }
}

// What `Vcpu.accepts` says of a PSW, of one in words.
function accepts(vcpu: Vcpu, high: number, low: number, addressHigh: number, addressLow: number): boolean {
  if (!isValidPswWords(high, low, addressHigh, addressLow)) return false;
  return (high & PSW_HIGH.key) === 0 || !vcpu.core.has('storage-key-removal');
}

/** Where the old PSW of a class is stored, and where its new PSW is. */
interface Class {
  readonly oldPsw: number;
  readonly newPsw: number;
  /** Code with which a transaction is aborted before; a program interruption has aborted it already, with more to say. */
  readonly abort: number;
}

const classes = {
  restart: { oldPsw: lowcore.restartOldPsw[0], newPsw: lowcore.restartNewPsw[0], abort: abortCode.miscellaneous },
  external: {
    oldPsw: lowcore.externalOldPsw[0],
    newPsw: lowcore.externalNewPsw[0],
    abort: abortCode.externalInterruption,
  },
  svc: { oldPsw: lowcore.svcOldPsw[0], newPsw: lowcore.svcNewPsw[0], abort: abortCode.restrictedInstruction },
  program: { oldPsw: lowcore.programOldPsw[0], newPsw: lowcore.programNewPsw[0], abort: abortCode.programInterruption },
  machineCheck: {
    oldPsw: lowcore.machineCheckOldPsw[0],
    newPsw: lowcore.machineCheckNewPsw[0],
    abort: abortCode.machineCheck,
  },
  io: { oldPsw: lowcore.ioOldPsw[0], newPsw: lowcore.ioNewPsw[0], abort: abortCode.ioInterruption },
} as const satisfies Record<string, Class>;

// An invalid new PSW is loaded all the same and then makes a specification exception of its own, with an ILC of zero.
function exchange(complex: CpuComplex, vcpu: Vcpu, which: Class, area: PrefixArea): Delivery {
  area.storePsw(which.oldPsw, vcpu);
  if (area.loadPsw(which.newPsw, vcpu)) return 'delivered';
  if (which === classes.program) return 'invalid-new-psw';
  return deliverProgram(complex, vcpu, { code: PGM.specification, ilc: 0, nullified: false });
}

// Where to store what a class stores before PSWs are exchanged.
function open(complex: CpuComplex, vcpu: Vcpu, which: Class): PrefixArea | undefined {
  const area = PrefixArea.of(complex, vcpu);
  if (area !== undefined && complex.keeper !== undefined) vcpu.core.transactions.abort(vcpu, which.abort);
  return area;
}

/** Program interruption; the PSW's address is already what the old PSW shall hold. */
export function deliverProgram(complex: CpuComplex, vcpu: Vcpu, p: ProgramInterruption): Delivery {
  const area = open(complex, vcpu, classes.program);
  if (area === undefined) return 'no-prefix-area';
  area.set(lowcore.programIlc, p.ilc);
  area.set(lowcore.programCode, p.code);
  if (p.teid !== undefined) area.setBig(lowcore.translationExceptionId, p.teid);
  if (p.exceptionAccessId !== undefined) area.set(lowcore.exceptionAccessId, p.exceptionAccessId);
  if (p.operandAccessId !== undefined) area.set(lowcore.operandAccessId, p.operandAccessId);
  if (p.dxc !== undefined) area.set(lowcore.dataExceptionCode, p.dxc);
  if (p.monitorClass !== undefined) area.set(lowcore.monitorClass, p.monitorClass);
  if (p.monitorCode !== undefined) area.setBig(lowcore.monitorCode, p.monitorCode);
  if (p.per !== undefined) {
    area.set(lowcore.perCode, p.per.code);
    area.set(lowcore.perAtmid, p.per.atmid);
    area.setBig(lowcore.perAddress, p.per.address);
    area.set(lowcore.perAccessId, p.per.accessId ?? 0);
  }
  if (p.tdb !== undefined) area.setBytes(lowcore.programTdb, p.tdb);
  const lastBreak = vcpu.big(slots.bea);
  area.setBig(lowcore.breakingEventAddress, lastBreak);
  vcpu.lastProgram = { code: p.code, address: vcpu.ia, lastBreak, executed: vcpu.icount };
  const delivery = exchange(complex, vcpu, classes.program, area);
  if (complex.events !== undefined) tellProgram(complex, vcpu, p);
  return delivery;
}

/** A program interruption with the events of its instruction. */
export function withEvents(p: ProgramInterruption, per: PerEvents | undefined): ProgramInterruption {
  return per === undefined ? p : { ...p, code: p.code | PGM.perEvent, per };
}

/** The program interruption for events alone: the instruction is completed, and the PSW behind it. */
export function eventsAlone(per: PerEvents, ilc: number): ProgramInterruption {
  return { code: PGM.perEvent, ilc, nullified: false, per };
}

/**
 * Supervisor-call interruption of the instruction in execution, behind which the PSW is; generated code goes on at the new
 * PSW. False, and nothing has happened, when the new PSW is not valid or the prefix area not there.
 */
export function supervisorCall(complex: CpuComplex, vcpu: Vcpu, number: number, ilc: number): boolean {
  const area = PrefixArea.of(complex, vcpu);
  if (area === undefined || !area.holdsValidPsw(lowcore.svcNewPsw[0], vcpu)) return false;
  area.set(lowcore.svcIlc, ilc);
  area.set(lowcore.svcCode, number);
  exchange(complex, vcpu, classes.svc, area);
  if (complex.events !== undefined) tellSvc(complex, vcpu, number);
  return true;
}

/** Supervisor-call interruption. */
export function deliverSvc(complex: CpuComplex, vcpu: Vcpu, number: number, ilc: number): Delivery {
  const area = open(complex, vcpu, classes.svc);
  if (area === undefined) return 'no-prefix-area';
  area.set(lowcore.svcIlc, ilc);
  area.set(lowcore.svcCode, number);
  const delivery = exchange(complex, vcpu, classes.svc, area);
  if (complex.events !== undefined) tellSvc(complex, vcpu, number);
  return delivery;
}

/** What an external interruption stores. */
export interface ExternalInterruption {
  readonly code: number;
  readonly cpuAddress?: number;
  readonly parameter?: number;
  readonly parameter2?: bigint;
}

export function deliverExternal(complex: CpuComplex, vcpu: Vcpu, e: ExternalInterruption): Delivery {
  const area = open(complex, vcpu, classes.external);
  if (area === undefined) return 'no-prefix-area';
  area.set(lowcore.externalCode, e.code);
  area.set(lowcore.externalCpuAddress, e.cpuAddress ?? 0);
  if (e.parameter !== undefined) area.set(lowcore.externalParameter, e.parameter);
  if (e.parameter2 !== undefined) area.setBig(lowcore.externalParameter2, e.parameter2);
  const delivery = exchange(complex, vcpu, classes.external, area);
  if (complex.events !== undefined) tellExternal(complex, vcpu, e.code);
  return delivery;
}

/** What an I/O interruption stores. */
export interface IoInterruption {
  readonly subchannelId: number;
  readonly subchannelNumber: number;
  readonly parameter: number;
  readonly word: number;
}

export function deliverIo(complex: CpuComplex, vcpu: Vcpu, io: IoInterruption): Delivery {
  const area = open(complex, vcpu, classes.io);
  if (area === undefined) return 'no-prefix-area';
  area.set(lowcore.subchannelId, io.subchannelId);
  area.set(lowcore.subchannelNumber, io.subchannelNumber);
  area.set(lowcore.ioParameter, io.parameter);
  area.set(lowcore.ioWord, io.word);
  const delivery = exchange(complex, vcpu, classes.io, area);
  if (complex.events !== undefined) tellIo(complex, vcpu, io.subchannelNumber, io.word);
  return delivery;
}

export function deliverRestart(complex: CpuComplex, vcpu: Vcpu): Delivery {
  const area = open(complex, vcpu, classes.restart);
  if (area === undefined) return 'no-prefix-area';
  const delivery = exchange(complex, vcpu, classes.restart, area);
  if (complex.events !== undefined) tellRestart(complex, vcpu);
  return delivery;
}

/** What a machine-check interruption stores, its register save areas aside. */
export interface MachineCheckInterruption {
  readonly code: bigint;
  readonly externalDamageCode: number;
  readonly failingStorageAddress: bigint;
}

/** Machine-check interruption; the save areas have been stored by the caller. */
export function deliverMachineCheck(complex: CpuComplex, vcpu: Vcpu, m: MachineCheckInterruption): Delivery {
  const area = open(complex, vcpu, classes.machineCheck);
  if (area === undefined) return 'no-prefix-area';
  area.set(lowcore.architectureMode, 1);
  area.setBig(lowcore.machineCheckCode, m.code);
  area.set(lowcore.externalDamageCode, m.externalDamageCode);
  area.setBig(lowcore.failingStorageAddress, m.failingStorageAddress);
  const delivery = exchange(complex, vcpu, classes.machineCheck, area);
  if (complex.events !== undefined) tellMachineCheck(complex, vcpu, m.code);
  return delivery;
}
