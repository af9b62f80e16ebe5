/** The operation-request block of START SUBCHANNEL (PoP, "Operation-Request Block"). */

import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';

/** Bytes of it that are looked at: the extension of fibre-channel machines is not. */
export const ORB_BYTES = 12;

const orbFields = {
  interruptionParameter: [0, 4],
  control: [4, 2],
  logicalPathMask: [6, 1],
  last: [7, 1],
  channelProgram: [8, 4],
} as const satisfies RecordLayout;

/** Bits of the halfword `control`. */
const control = {
  key: 0xf000,
  suspend: 0x0800,
  format1: 0x0080,
  initialStatusInterruption: 0x0020,
  addressLimitChecking: 0x0010,
  suppressSuspended: 0x0008,
  transportMode: 0x0004,
  idawFormat2: 0x0002,
  idawBlocks2k: 0x0001,
} as const;

const ILS = 0x80;
const MIDAW = 0x40;
const RESERVED_LAST = 0x3e;
const HIGHEST_ADDRESS = 0x7fff_ffff;

/** An operation request. */
export interface Orb {
  readonly interruptionParameter: number;
  /** The control halfword as it is: part of it shows up in the status word. */
  readonly control: number;
  readonly key: number;
  readonly suspend: boolean;
  readonly format1: boolean;
  readonly initialStatusInterruption: boolean;
  readonly addressLimitChecking: boolean;
  readonly suppressSuspended: boolean;
  /** 64-bit indirect-data-address words. */
  readonly idawFormat2: boolean;
  /** Bytes of the blocks that indirect-data-address words name. */
  readonly idawBlock: 2048 | 4096;
  readonly logicalPathMask: number;
  /** Immediate commands of format 1 do not count as of incorrect length. */
  readonly suppressIncorrectLength: boolean;
  readonly channelProgram: number;
}

/** Reads a block, or undefined when it is an operand exception: reserved bits, or what this channel subsystem has not. */
export function parseOrb(bytes: Uint8Array): Orb | undefined {
  const orb = new BigEndianRecord(orbFields, bytes);
  const [flags, last, channelProgram] = [orb.get('control'), orb.get('last'), orb.get('channelProgram')];
  if ((flags & control.transportMode) !== 0 || (last & (RESERVED_LAST | MIDAW)) !== 0) return undefined;
  if (channelProgram > HIGHEST_ADDRESS) return undefined;
  const idawFormat2 = (flags & control.idawFormat2) !== 0;
  return {
    interruptionParameter: orb.get('interruptionParameter'),
    control: flags,
    key: flags >>> 12,
    suspend: (flags & control.suspend) !== 0,
    format1: (flags & control.format1) !== 0,
    initialStatusInterruption: (flags & control.initialStatusInterruption) !== 0,
    addressLimitChecking: (flags & control.addressLimitChecking) !== 0,
    suppressSuspended: (flags & control.suppressSuspended) !== 0,
    idawFormat2,
    idawBlock: idawFormat2 && (flags & control.idawBlocks2k) === 0 ? 4096 : 2048,
    logicalPathMask: orb.get('logicalPathMask'),
    suppressIncorrectLength: (last & ILS) !== 0,
    channelProgram,
  };
}
