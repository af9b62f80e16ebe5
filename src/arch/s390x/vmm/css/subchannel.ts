import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import type { Stateful } from '../../../../bits/stateful.ts';
import { runChannelProgram, SENSE_BYTES } from './channel-program.ts';
import type { AddressLimit, ChannelStorage } from './channel-storage.ts';
import type { ChannelDevice } from './device.ts';
import type { Orb } from './orb.ts';
import {
  deviceStatus,
  pmcwCharacteristics,
  pmcwFlags,
  SCSW_BYTES,
  Schib,
  scswControl,
  scswFlags,
  subchannelStatus,
} from './schib.ts';

/** Bytes of an interruption-response block without its extended-measurement word. */
export const IRB_BYTES = 64;

/** The one channel path of every subchannel. */
export const PATH = 0x80;

/** Fields of the interruption-response block, the subchannel-status word in front aside. */
const irbFields = {
  scswFlags: [0, 2],
  lastPathUsedMask: [SCSW_BYTES + 1, 1],
  extendedReport: [SCSW_BYTES + 4, 4],
  extendedControl: [32, SENSE_BYTES],
} as const satisfies RecordLayout;
/** Concurrent sense, and how many bytes, in the extended-report word. */
const CONCURRENT_SENSE = 0x0100_0000 | (SENSE_BYTES << 16);

/** What a subchannel needs of the channel subsystem. */
export interface SubchannelOwner {
  readonly storage: ChannelStorage;
  /** The limit of SET ADDRESS LIMIT. */
  readonly addressLimit: number;
  /** Makes the subchannel's I/O interruption pending, with what its control block says. */
  raise(subchannel: Subchannel): void;
  /** Takes it back. */
  withdraw(subchannel: Subchannel): void;
}

const notOperational = 3;
type Cc = 0 | 1 | 2 | 3;

/** Fields that MODIFY SUBCHANNEL takes over from the operand. */
const modifiable = {
  flags: pmcwFlags.isc | pmcwFlags.enabled | pmcwFlags.limitMode | pmcwFlags.measurementMode | pmcwFlags.multipath,
  characteristics: pmcwCharacteristics.measurementBlockFormat | pmcwCharacteristics.concurrentSense,
} as const;

/** Subchannel status that makes an alert. */
const checks =
  subchannelStatus.programCheck |
  subchannelStatus.protectionCheck |
  subchannelStatus.dataCheck |
  subchannelStatus.controlCheck |
  subchannelStatus.interfaceControlCheck |
  subchannelStatus.chainingCheck;

/** A subchannel as plain data, its device aside. */
export interface SubchannelState {
  /** Subchannel-information block. */
  readonly schib: Uint8Array;
  readonly sense: Uint8Array;
  /** The operation request of the channel program in flight, and where that goes on when it is suspended. */
  readonly orb: Orb | undefined;
  readonly resumeAt: number;
}

/** A subchannel with its device: the functions of the I/O instructions, each to its end before it returns. */
export class Subchannel implements Stateful<SubchannelState> {
  readonly ssid: number;
  readonly number: number;
  readonly device: ChannelDevice;
  readonly schib = new Schib();
  readonly #owner: SubchannelOwner;
  readonly #deviceNumber: number;
  readonly #sense = new Uint8Array(SENSE_BYTES);
  #orb: Orb | undefined;
  /** Where a suspended channel program goes on. */
  #resumeAt = 0;

  constructor(owner: SubchannelOwner, ssid: number, number: number, deviceNumber: number, device: ChannelDevice) {
    this.#owner = owner;
    this.ssid = ssid;
    this.number = number;
    this.#deviceNumber = deviceNumber;
    this.device = device;
    this.#initialize();
  }

  get deviceNumber(): number {
    return this.#deviceNumber;
  }
  get enabled(): boolean {
    return this.schib.has('flags', pmcwFlags.enabled);
  }
  get #operational(): boolean {
    return this.enabled && this.schib.has('flags', pmcwFlags.deviceNumberValid);
  }
  get statusPending(): boolean {
    return this.schib.has('scswControl', scswControl.statusPending);
  }

  /** @inheritdoc */
  save(): SubchannelState {
    const orb = this.#orb;
    return {
      schib: this.schib.bytes.slice(),
      sense: this.#sense.slice(),
      orb: orb && { ...orb },
      resumeAt: this.#resumeAt,
    };
  }
  /** @inheritdoc */
  restore({ schib, sense, orb, resumeAt }: SubchannelState): void {
    this.schib.bytes.set(schib);
    this.#sense.set(sense);
    this.#orb = orb && { ...orb };
    this.#resumeAt = resumeAt;
  }

  /** Subsystem reset. */
  reset(): void {
    this.#owner.withdraw(this);
    this.#initialize();
    this.device.reset();
  }

  #initialize(): void {
    const { schib } = this;
    schib.bytes.fill(0);
    schib.set('flags', pmcwFlags.deviceNumberValid);
    schib.set('deviceNumber', this.#deviceNumber);
    for (const field of ['pathInstalledMask', 'pathAvailableMask', 'logicalPathMask'] as const) schib.set(field, PATH);
    schib.set('pathOperationalMask', 0xff);
    this.#sense.fill(0);
    this.#orb = undefined;
  }

  /** MODIFY SUBCHANNEL with a valid operand. */
  modify(operand: Schib): Cc {
    const { schib } = this;
    if (!schib.has('flags', pmcwFlags.deviceNumberValid)) return 0;
    if (this.statusPending) return 1;
    if (schib.has('scswControl', scswControl.functions)) return 2;
    const before = this.enabled;
    schib.set('interruptionParameter', operand.get('interruptionParameter'));
    schib.replace('flags', modifiable.flags, operand.get('flags'));
    schib.replace('characteristics', modifiable.characteristics, operand.get('characteristics'));
    for (const field of ['logicalPathMask', 'measurementBlockIndex', 'pathOperationalMask'] as const) {
      schib.set(field, operand.get(field));
    }
    schib.setBig('measurementBlock', operand.big('measurementBlock'));
    if (before !== this.enabled) this.device.enabled(this.enabled);
    return 0;
  }

  /** START SUBCHANNEL. */
  start(orb: Orb): Cc {
    const { schib } = this;
    if (!this.#operational) return notOperational;
    if (this.statusPending) return 1;
    if (schib.has('scswControl', scswControl.functions)) return 2;
    if ((orb.logicalPathMask & schib.get('pathAvailableMask') & PATH) === 0) return notOperational;
    schib.set('logicalPathMask', orb.logicalPathMask);
    schib.set('interruptionParameter', orb.interruptionParameter);
    schib.clearScsw();
    schib.set('scswFlags', orb.control & scswFlags.fromOrb);
    schib.set('scswControl', scswControl.startFunction);
    schib.set('lastPathUsedMask', PATH);
    this.#orb = orb;
    this.#run(orb, orb.channelProgram);
    return 0;
  }

  #run(orb: Orb, first: number): void {
    const { schib } = this;
    const { storage } = this.#owner;
    const limit = orb.addressLimitChecking ? this.#limit() : undefined;
    const end = runChannelProgram({ storage, orb, first, limit, device: this.device, sense: this.#sense });
    schib.set('ccwAddress', end.ccwAddress);
    const accepted = end.accepted && orb.initialStatusInterruption;
    if (accepted) schib.replace('scswFlags', scswFlags.zeroCc, scswFlags.zeroCc);
    const early = (end.subchannelStatus & subchannelStatus.programControlled) !== 0 || accepted;
    schib.set('subchannelStatus', end.subchannelStatus);
    if (end.suspended) {
      this.#resumeAt = end.next;
      schib.replace('scswControl', scswControl.suspended, scswControl.suspended);
      if (early || !orb.suppressSuspended) this.#present(scswControl.intermediate);
      return;
    }
    schib.set('deviceStatus', end.deviceStatus);
    schib.set('count', end.count);
    const unusual =
      (end.deviceStatus & ~(deviceStatus.channelEnd | deviceStatus.deviceEnd | deviceStatus.statusModifier)) !== 0;
    const alert = unusual || (end.subchannelStatus & checks) !== 0;
    this.#present(
      scswControl.primary |
        scswControl.secondary |
        (alert ? scswControl.alert : 0) |
        (early ? scswControl.intermediate : 0),
    );
  }

  // Address-limit checking by the limit mode: data below the limit, or from it on.
  #limit(): AddressLimit | undefined {
    const from = this.#owner.addressLimit;
    switch ((this.schib.get('flags') & pmcwFlags.limitMode) >>> 5) {
      case 1:
        return { from, below: Number.MAX_SAFE_INTEGER };
      case 2:
        return { from: 0, below: from };
      default:
        return undefined;
    }
  }

  #present(status: number): void {
    this.schib.replace('scswControl', status | scswControl.statusPending, 0xffff);
    this.#owner.raise(this);
  }

  /** HALT SUBCHANNEL. */
  halt(): Cc {
    const { schib } = this;
    if (!this.#operational) return notOperational;
    const control = schib.get('scswControl');
    const status = control & scswControl.status;
    const ended = scswControl.primary | scswControl.secondary | scswControl.alert;
    if (status === scswControl.statusPending || (status & ended) !== 0) return 1;
    if ((control & (scswControl.haltFunction | scswControl.clearFunction)) !== 0) return 2;
    const suspended = (control & scswControl.suspended) !== 0;
    this.#owner.withdraw(this);
    schib.replace('scswControl', scswControl.functions | scswControl.activity, scswControl.haltFunction);
    schib.replace('scswControl', scswControl.status, 0);
    if (!suspended) schib.set('deviceStatus', deviceStatus.deviceEnd);
    this.#present(suspended ? scswControl.primary : 0);
    return 0;
  }

  /** CLEAR SUBCHANNEL. */
  clear(): Cc {
    const { schib } = this;
    if (!this.#operational) return notOperational;
    this.#owner.withdraw(this);
    schib.clearScsw();
    schib.set('scswControl', scswControl.clearFunction);
    schib.set('pathNotOperationalMask', 0);
    schib.set('pathOperationalMask', 0xff);
    this.#orb = undefined;
    this.#present(0);
    return 0;
  }

  /** RESUME SUBCHANNEL. */
  resume(): Cc {
    const { schib } = this;
    if (!this.#operational) return notOperational;
    if (this.statusPending) return 1;
    const control = schib.get('scswControl');
    const suspended = (control & scswControl.suspended) !== 0;
    const orb = this.#orb;
    if ((control & scswControl.functions) !== scswControl.startFunction || !suspended || orb === undefined) return 2;
    schib.replace('scswControl', scswControl.suspended, 0);
    this.#run(orb, this.#resumeAt);
    return 0;
  }

  /** CANCEL SUBCHANNEL: only a suspended start function is not under way. */
  cancel(): Cc {
    const { schib } = this;
    if (!this.#operational) return notOperational;
    if (this.statusPending) return 1;
    const control = schib.get('scswControl');
    if ((control & scswControl.functions) !== scswControl.startFunction || (control & scswControl.suspended) === 0)
      return 2;
    schib.clearScsw();
    this.#orb = undefined;
    return 0;
  }

  /** The interruption-response block that TEST SUBCHANNEL stores, or undefined when the subchannel is not operational. */
  response(): Uint8Array | undefined {
    if (!this.#operational) return undefined;
    const { schib } = this;
    const bytes = new Uint8Array(IRB_BYTES);
    const irb = new BigEndianRecord(irbFields, bytes);
    bytes.set(schib.scsw);
    irb.set('lastPathUsedMask', schib.get('lastPathUsedMask'));
    if (this.#hasConcurrentSense) {
      irb.set('scswFlags', irb.get('scswFlags') | scswFlags.extendedControl);
      irb.set('extendedReport', CONCURRENT_SENSE);
      bytes.set(this.#sense, irbFields.extendedControl[0]);
    }
    return bytes;
  }

  get #hasConcurrentSense(): boolean {
    const { schib } = this;
    const wanted = schib.has('characteristics', pmcwCharacteristics.concurrentSense);
    return wanted && this.statusPending && schib.has('deviceStatus', deviceStatus.unitCheck);
  }

  /** What TEST SUBCHANNEL does besides storing the block; says whether the status was pending. */
  test(): boolean {
    const { schib } = this;
    if (!this.statusPending) return false;
    if (this.#hasConcurrentSense) this.#sense.fill(0);
    this.#owner.withdraw(this);
    const control = schib.get('scswControl');
    const onlyIntermediate = (control & scswControl.status) === (scswControl.intermediate | scswControl.statusPending);
    if (!onlyIntermediate) {
      schib.set('scswControl', 0);
      schib.replace('scswFlags', scswFlags.pathNotOperational, 0);
      this.#orb = undefined;
      return true;
    }
    // A suspended start function goes on being one.
    schib.replace('scswControl', scswControl.status, 0);
    schib.replace('scswFlags', scswFlags.zeroCc, 0);
    return true;
  }

  /** The device has something to say of its own accord. */
  alert(): void {
    if (!this.statusPending && this.#operational) this.#present(scswControl.alert);
  }
}
