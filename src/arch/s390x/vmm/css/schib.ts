/** The subchannel-information block: path-management control word, subchannel-status word, and the rest (PoP, "Subchannel-Information Block"). */

import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';

/** Bytes that STORE SUBCHANNEL stores. */
export const SCHIB_BYTES = 52;
/** Bytes of a subchannel-status word. */
export const SCSW_BYTES = 12;

const SCSW_AT = 28;

/** Fields of the block: offset and bytes. */
const schibFields = {
  interruptionParameter: [0, 4],
  flags: [4, 2],
  deviceNumber: [6, 2],
  logicalPathMask: [8, 1],
  pathNotOperationalMask: [9, 1],
  lastPathUsedMask: [10, 1],
  pathInstalledMask: [11, 1],
  measurementBlockIndex: [12, 2],
  pathOperationalMask: [14, 1],
  pathAvailableMask: [15, 1],
  channelPath0: [16, 1],
  characteristics: [24, 4],
  scswFlags: [28, 2],
  scswControl: [30, 2],
  ccwAddress: [32, 4],
  deviceStatus: [36, 1],
  subchannelStatus: [37, 1],
  count: [38, 2],
  measurementBlock: [40, 8],
} as const satisfies RecordLayout;

/** Bits of the halfword `flags` of the path-management control word. */
export const pmcwFlags = {
  isc: 0x3800,
  /** Bits that must be zero in the operand of MODIFY SUBCHANNEL; bit 5 need not, and is stored as zero. */
  reserved: 0xc300,
  enabled: 0x0080,
  limitMode: 0x0060,
  measurementMode: 0x0018,
  measurementBlockUpdate: 0x0010,
  multipath: 0x0004,
  timing: 0x0002,
  deviceNumberValid: 0x0001,
} as const;

/** Bits of the word `characteristics`. */
export const pmcwCharacteristics = {
  reserved: 0xff1f_fff8,
  measurementBlockFormat: 0x0000_0004,
  extendedMeasurementWord: 0x0000_0002,
  concurrentSense: 0x0000_0001,
} as const;

/** Bits of the halfword `scswFlags`; those of `fromOrb` repeat the operation-request block. */
export const scswFlags = {
  fromOrb: 0xf8f8,
  deferredCc: 0x0300,
  initialStatusInterruption: 0x0020,
  suppressSuspended: 0x0008,
  zeroCc: 0x0004,
  extendedControl: 0x0002,
  pathNotOperational: 0x0001,
} as const;

/** Bits of the halfword `scswControl`: functions, activity, and what status there is. */
export const scswControl = {
  startFunction: 0x4000,
  haltFunction: 0x2000,
  clearFunction: 0x1000,
  functions: 0x7000,
  resumePending: 0x0800,
  startPending: 0x0400,
  haltPending: 0x0200,
  clearPending: 0x0100,
  subchannelActive: 0x0080,
  deviceActive: 0x0040,
  suspended: 0x0020,
  activity: 0x0fe0,
  alert: 0x0010,
  intermediate: 0x0008,
  primary: 0x0004,
  secondary: 0x0002,
  statusPending: 0x0001,
  status: 0x001f,
} as const;

/** Device-status byte. */
export const deviceStatus = {
  attention: 0x80,
  statusModifier: 0x40,
  controlUnitEnd: 0x20,
  busy: 0x10,
  channelEnd: 0x08,
  deviceEnd: 0x04,
  unitCheck: 0x02,
  unitException: 0x01,
} as const;

/** Subchannel-status byte. */
export const subchannelStatus = {
  programControlled: 0x80,
  incorrectLength: 0x40,
  programCheck: 0x20,
  protectionCheck: 0x10,
  dataCheck: 0x08,
  controlCheck: 0x04,
  interfaceControlCheck: 0x02,
  chainingCheck: 0x01,
} as const;

/** A subchannel-information block by its fields. */
export class Schib extends BigEndianRecord<typeof schibFields> {
  readonly bytes: Uint8Array;

  /** Takes over 52 bytes; zeros when none are given. */
  constructor(bytes: Uint8Array = new Uint8Array(SCHIB_BYTES)) {
    super(schibFields, bytes);
    this.bytes = bytes;
  }

  /** I/O-interruption subclass. */
  get isc(): number {
    return (this.get('flags') & pmcwFlags.isc) >>> 11;
  }
  /** A copy of the subchannel-status word. */
  get scsw(): Uint8Array {
    return this.bytes.slice(SCSW_AT, SCSW_AT + SCSW_BYTES);
  }
  clearScsw(): void {
    this.bytes.fill(0, SCSW_AT, SCSW_AT + SCSW_BYTES);
  }
}
