import { hex } from '../../../bits/hex.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import type { S390xCore } from '../cpu/core.ts';
import type { HostSpace, HostSpaceSetting } from '../cpu/host-space.ts';
import type { PerEvents } from '../cpu/per.ts';
import { slots } from '../cpu/state-layout.ts';
import { abortCode } from '../cpu/transaction.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { type Gpa, gpa, NO_HOST_ADDRESS } from '../dat/address.ts';
import { BlockWindow } from './block-window.ts';
import { loadInner, SharedRegisters, shareClock, shareCount, storeInner } from './inner-state.ts';
import {
  cpuflags,
  ecb2,
  icpt,
  ictl,
  SieBlock,
  STATE_DESCRIPTION_BYTES,
  sieFields,
  validityIpa,
  validityReason,
} from './state-description.ts';
import { loadControls } from './state-transfer.ts';
import { systemControlArea, validityAtEntry } from './validity.ts';

const PREFIX_MASK = 0x7fff_e000;
const SEGMENT = 0x10_0000;
const FACILITY_LIST_MASK = 0x7fff_fff8;
/** Bit 0 of a system control area: the host walks the guest's tables. */
const IPTE_LOCK = 0x8000_0000;

/** What of an interpretation is not in storage, nor in the vCPUs. */
export interface InterpretationState {
  readonly active: boolean;
  readonly block: number;
  readonly ilc: number;
  readonly events: PerEvents | undefined;
}

/**
 * START INTERPRETIVE EXECUTION as a vCPU executes it: while it is active, the vCPU's PSW is at the instruction, and what runs
 * is the guest that a state description in storage describes, on a vCPU of its own. That one has the registers which both
 * share whenever the guest runs, the host has them whenever anybody looks.
 */
export class Interpretation implements Stateful<InterpretationState> {
  readonly host: Vcpu;
  readonly guest: Vcpu;
  readonly block: SieBlock;
  readonly space: HostSpace;
  readonly #core: S390xCore;
  readonly #window: BlockWindow;
  readonly #forget: () => void;
  readonly #ofHost: SharedRegisters;
  readonly #ofGuest: SharedRegisters;
  readonly #wanted = {
    asce: { high: 0, low: 0 },
    origin: 0,
    extent: 0,
    dat: { edat1: false, edat2: false, iep: false },
  };
  /** A guest is being interpreted. */
  active = false;
  /** Absolute address of the block. */
  #address: Gpa = gpa(0);
  /** Bytes by which the host's PSW passes the instruction. */
  #ilc = 4;
  /** Program events of the instruction itself, for when it is completed. */
  events: PerEvents | undefined;

  constructor(core: S390xCore, host: Vcpu) {
    const { inner, innerSpace } = host;
    if (inner === undefined || innerSpace === undefined) throw new Error(`vCPU ${host.id} interprets nothing`);
    this.#core = core;
    this.host = host;
    this.guest = inner;
    this.space = innerSpace;
    this.#window = new BlockWindow(core.complex.storage);
    this.block = new SieBlock(this.#window);
    this.#forget = () => host.forgetInner();
    this.#ofHost = new SharedRegisters(host);
    this.#ofGuest = new SharedRegisters(inner);
  }

  /** Absolute address of the state description in use. */
  get address(): Gpa {
    return this.#address;
  }

  /** Begins to interpret. False when the block's fields forbid it: its validity interception is stored then. */
  begin(address: Gpa, ilc: number): boolean {
    const { block, guest, host } = this;
    const { complex } = this.#core;
    this.#address = address;
    this.#ilc = ilc;
    if (complex.events !== undefined) this.#tell('begins');
    this.#window.at = complex.hostAddress(address);
    complex.storing(this.#window.at);
    block.icptcode = icpt.none;
    block.icptstatus = 0;
    block.ipa = 0;
    block.ipb = 0;
    const window = this.#window;
    const prefix = gpa(window.getUint32(sieFields.prefix[0]) & PREFIX_MASK);
    const setting = this.#setting();
    const reason = validityAtEntry(complex, host, block, setting, prefix);
    if (reason !== undefined) return this.#invalid(reason);
    if (window.getUint16(sieFields.ihcpu[0]) !== host.cpuAddress) {
      this.#forget();
      window.setUint16(sieFields.ihcpu[0], host.cpuAddress);
    }
    const newSpace = this.#resume(setting, prefix);
    if (this.space.hostAddress(prefix, true) < 0) return this.#invalid(validityReason.prefixAccess);
    loadInner(this.#core, guest, this.#window.at, newSpace);
    this.active = true;
    return true;
  }

  #invalid(reason: number): false {
    const { block } = this;
    block.icptcode = icpt.validity;
    block.ipa = validityIpa.entry;
    block.ipb = reason << 16;
    this.#told();
    this.#passInstruction();
    this.#tellEnd();
    return false;
  }

  #tellEnd(): void {
    if (this.#core.complex.events !== undefined) this.#tell(`ends with interception ${hex(this.block.icptcode, 2)}`);
  }
  #tell(what: string): void {
    const { address, host } = this;
    this.#core.complex.events?.happened(host, 'sie', address, () => `SIE of the block at ${hex(address)} ${what}`);
  }

  /** The guest goes on: what it has from its host, and what others may have changed in the block, is brought up to date. */
  resume(): void {
    this.#window.at = this.#core.complex.hostAddress(this.#address);
    this.#core.complex.storing(this.#window.at);
    if (this.#resume(this.#setting(), this.guest.prefix)) this.guest.selectSpaces();
  }

  // True when the guest's storage is another one than the one before.
  #resume(setting: HostSpaceSetting, prefix: Gpa): boolean {
    const { block, guest, host } = this;
    this.#ofGuest.take(this.#ofHost);
    shareCount(host, guest);
    shareClock(host, guest, this.#window.at);
    loadControls(guest, block);
    guest.controls.facilityList = this.#window.getUint32(sieFields.fac[0]) & FACILITY_LIST_MASK;
    // Frames of the guest's are its host's to manage: that the machine does it is not announced.
    guest.controls.ecb2 &= ~(ecb2.pfmfi | ecb2.cmma);
    if (this.#tablesLocked()) guest.controls.ictl |= ictl.ipte;
    const context = this.space.select(setting, prefix, this.#forget);
    guest.setNum(slots.prefix, prefix);
    if (context === guest.context) return false;
    guest.context = context;
    return true;
  }

  // The object is the same each time: whoever keeps it copies it.
  #setting(): HostSpaceSetting {
    const { host } = this;
    const window = this.#window;
    const setting = this.#wanted;
    const { dat } = this.#core.complex;
    const flags = window.getUint32(sieFields.cpuflags[0]);
    setting.asce.high = host.crHigh(1);
    setting.asce.low = host.crLow(1);
    if ((flags & cpuflags.sm) !== 0) {
      setting.origin = 0;
      setting.extent = Number.POSITIVE_INFINITY;
    } else {
      setting.origin = Math.floor(Number(this.block.big('mso')) / SEGMENT) * SEGMENT;
      setting.extent = (Math.floor(Number(this.block.big('msl')) / SEGMENT) + 1) * SEGMENT - setting.origin;
    }
    setting.dat.edat1 = dat.edat1 && (flags & (cpuflags.ged | cpuflags.ged2)) !== 0;
    setting.dat.edat2 = dat.edat2 && (flags & cpuflags.ged2) !== 0;
    setting.dat.iep = dat.iep && (window.getUint8(sieFields.ecb2[0]) & ecb2.iep) !== 0;
    return setting;
  }

  #tablesLocked(): boolean {
    const { complex } = this.#core;
    const sca = systemControlArea(this.block);
    const at = sca === 0 ? NO_HOST_ADDRESS : complex.hostAddress(gpa(sca));
    return at >= 0 && (complex.storage.word(at) & IPTE_LOCK) !== 0;
  }

  /** The guest does not go on for now: the host has the registers that both share. */
  suspend(): void {
    this.#ofHost.take(this.#ofGuest);
  }

  /** The host has got what the guest has executed. */
  count(): void {
    shareCount(this.guest, this.host);
  }

  /** Ends the interpretation: the guest's state goes to the block. The host's PSW passes the instruction when it is completed. */
  leave(completed: boolean): void {
    // Whatever ends it, no transaction of the guest's survives.
    const { transactions } = this.#core;
    if (transactions.of(this.guest) !== undefined) transactions.abort(this.guest, abortCode.miscellaneous);
    this.suspend();
    this.count();
    storeInner(this.#core, this.guest, this.#window.at);
    this.#told();
    this.active = false;
    if (completed) {
      this.#passInstruction();
      this.#tellEnd();
    } else this.events = undefined;
  }

  #passInstruction(): void {
    this.host.pass(this.#ilc);
  }

  /** The host's PSW passes the instruction, which a program interruption suppresses. */
  suppress(): void {
    this.#passInstruction();
  }

  // The block is stored into.
  #told(): void {
    this.#core.complex.stored(this.#window.at, STATE_DESCRIPTION_BYTES);
  }

  /** @inheritdoc */
  save(): InterpretationState {
    return { active: this.active, block: this.#address, ilc: this.#ilc, events: this.events };
  }
  /** @inheritdoc */
  restore({ active, block, ilc, events }: InterpretationState): void {
    this.active = active;
    this.#address = gpa(block);
    this.#ilc = ilc;
    this.events = events;
  }
}
