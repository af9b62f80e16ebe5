import { hex } from '../../../bits/hex.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import { CR0_TRANSLATION } from '../cpu/control-register-bits.ts';
import type { S390xCore } from '../cpu/core.ts';
import type { HostSpace, HostSpaceSetting } from '../cpu/host-space.ts';
import type { PerEvents } from '../cpu/per.ts';
import { isValidPswWords } from '../cpu/psw.ts';
import { slots } from '../cpu/state-layout.ts';
import { abortCode } from '../cpu/transaction.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { type Gpa, gpa, NO_HOST_ADDRESS } from '../dat/address.ts';
import { BlockWindow } from './block-window.ts';
import { type InnerState, OTHER_PSW } from './inner-state.ts';
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
import { loadControls, spaceRegisters } from './state-transfer.ts';
import { systemControlArea, validityAtEntry } from './validity.ts';

const PREFIX_MASK = 0x7fff_e000;
const SEGMENT = 0x10_0000;
const FACILITY_LIST_MASK = 0x7fff_fff8;
/** Bit 0 of a system control area: the host walks the guest's tables. */
const IPTE_LOCK = 0x8000_0000;
/** Those whose change changes an address space, by the bits of `InnerState.load`. */
const SPACE_REGISTERS = [...spaceRegisters].reduce((all, n) => all | (0x8000 >> n), 0);

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
  readonly #state: () => InnerState;
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
  /** The block whose controls were looked at last, and are in force; undefined when they must be looked at anew. */
  #known: Gpa | undefined;
  /** What had been invalidated by then, and whether the guest's tables were locked. */
  #knownForgotten = 0;
  #locked = false;

  /** `state` moves what a guest has; asked when there is one. */
  constructor(core: S390xCore, host: Vcpu, state: () => InnerState) {
    const { inner, innerSpace } = host;
    if (inner === undefined || innerSpace === undefined) throw new Error(`vCPU ${host.id} interprets nothing`);
    this.#core = core;
    this.host = host;
    this.guest = inner;
    this.space = innerSpace;
    this.#window = new BlockWindow(core.complex.storage);
    this.block = new SieBlock(this.#window);
    this.#forget = () => host.forgetInner();
    this.#state = state;
  }

  /** Absolute address of the state description in use. */
  get address(): Gpa {
    return this.#address;
  }

  /** Begins to interpret. False when the block's fields forbid it: its validity interception is stored then. */
  begin(address: Gpa, ilc: number): boolean {
    const { block, guest, host, space } = this;
    const { complex } = this.#core;
    this.#address = address;
    this.#ilc = ilc;
    if (complex.events !== undefined) this.#tell('begins');
    const window = this.#window;
    window.at = complex.hostAddress(address);
    complex.frames.storing(window.at);
    block.icptcode = icpt.none;
    block.icptstatus = 0;
    block.ipa = 0;
    block.ipb = 0;
    if (window.getUint16(sieFields.ihcpu[0]) !== host.cpuAddress) {
      this.#forget();
      window.setUint16(sieFields.ihcpu[0], host.cpuAddress);
    }
    const prefix = gpa(window.getUint32(sieFields.prefix[0]) & PREFIX_MASK);
    // Mostly nothing of this is another than the time before.
    const differs = this.#state().differs(host.base, guest.base, this.#place) !== 0;
    let newSpace = false;
    if (differs || this.#known !== address || this.#knownForgotten !== space.forgotten) {
      this.#known = undefined;
      const setting = this.#setting();
      const reason = validityAtEntry(complex, host, block, setting, prefix);
      if (reason !== undefined) return this.#invalid(reason);
      newSpace = this.#control(setting, prefix);
      this.#known = address;
      this.#knownForgotten = space.forgotten;
    } else if (this.#locked !== this.#tablesLocked()) newSpace = this.#control(this.#setting(), prefix);
    if (space.hostAddress(prefix, true) < 0) return this.#invalid(validityReason.prefixAccess);
    this.#share();
    this.#load(newSpace);
    this.active = true;
    return true;
  }

  // Where the block is in the machine's memory: its last byte, since storage is mirrored.
  get #place(): number {
    return this.#core.complex.storage.top - STATE_DESCRIPTION_BYTES - this.#window.at;
  }

  // The guest has what is its host's as well.
  #share(): void {
    const { guest, host } = this;
    const state = this.#state();
    state.share(host.base, guest.base);
    state.setClock(host.base, guest.base, this.#place);
  }

  #load(newSpace: boolean): void {
    const { guest } = this;
    const cr0 = guest.crLow(0);
    const changed = this.#state().load(guest.base, this.#place);
    if (changed !== 0) {
      if (((cr0 ^ guest.crLow(0)) & CR0_TRANSLATION) !== 0) guest.flushTlb();
      guest.setNum(slots.registerControls, guest.crLow(0) & guest.enabledRegisters);
    }
    if ((changed & OTHER_PSW) !== 0 || guest.hasInvalidPsw) this.#loadPsw();
    if (newSpace || (changed & SPACE_REGISTERS) !== 0) guest.selectSpaces();
  }

  #loadPsw(): void {
    const { guest } = this;
    const window = this.#window;
    const at = sieFields.gpsw[0];
    const [high, low] = [window.getUint32(at), window.getUint32(at + 4)];
    const [addressHigh, addressLow] = [window.getUint32(at + 8), window.getUint32(at + 12)];
    if (isValidPswWords(high, low, addressHigh, addressLow)) guest.loadPsw(high, low, addressHigh, addressLow);
    else guest.setPsw({ mask: window.getBigUint64(at), address: window.getBigUint64(at + 8) });
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
    this.#core.complex.frames.storing(this.#window.at);
    this.#known = undefined;
    this.#share();
    if (this.#control(this.#setting(), this.guest.prefix)) this.guest.selectSpaces();
  }

  // Puts the block's controls in force. True when the guest's storage is another one than the one before.
  #control(setting: HostSpaceSetting, prefix: Gpa): boolean {
    const { block, guest } = this;
    loadControls(guest, block);
    guest.controls.facilityList = this.#window.getUint32(sieFields.fac[0]) & FACILITY_LIST_MASK;
    // Frames of the guest's are its host's to manage: that the machine does it is not announced.
    guest.controls.ecb2 &= ~(ecb2.pfmfi | ecb2.cmma);
    // Keys are wrapped for it if its host may wrap some itself.
    guest.controls.ecb3 &= this.guest.outer?.controls.ecb3 ?? 0;
    this.#locked = this.#tablesLocked();
    if (this.#locked) guest.controls.ictl |= ictl.ipte;
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
    this.#state().share(this.guest.base, this.host.base);
  }

  /** The host has got what the guest has executed. */
  count(): void {
    this.#state().shareCount(this.guest.base, this.host.base);
  }

  /** Ends the interpretation: the guest's state goes to the block. The host's PSW passes the instruction when it is completed. */
  leave(completed: boolean): void {
    // Whatever ends it, no transaction of the guest's survives.
    const { transactions } = this.#core;
    if (transactions.of(this.guest) !== undefined) transactions.abort(this.guest, abortCode.miscellaneous);
    this.suspend();
    this.#store();
    this.#told();
    this.active = false;
    if (completed) {
      this.#passInstruction();
      this.#tellEnd();
    } else this.events = undefined;
  }

  #store(): void {
    const { guest } = this;
    this.#state().store(guest.base, this.#place);
    if (!guest.hasInvalidPsw) return;
    const { mask, address } = guest.psw;
    this.#window.setBigUint64(sieFields.gpsw[0], mask);
    this.#window.setBigUint64(sieFields.gpswAddress[0], address);
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
    this.#known = undefined;
  }
}
