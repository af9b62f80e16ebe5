/** Channel-command words (PoP, "Channel-Command Word"). */

import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';

/** Bytes of a word of either format. */
export const CCW_BYTES = 8;

/** Flags. */
export const ccwFlags = {
  chainData: 0x80,
  chainCommand: 0x40,
  suppressLength: 0x20,
  skip: 0x10,
  programControlled: 0x08,
  indirect: 0x04,
  suspend: 0x02,
  modifiedIndirect: 0x01,
} as const;

/** Commands that every control unit knows, and the channel's own. */
export const basicCommand = { noOperation: 0x03, sense: 0x04, transferInChannel: 0x08, senseId: 0xe4 } as const;

/** A channel-command word of either format. */
export interface Ccw {
  readonly command: number;
  readonly flags: number;
  readonly count: number;
  readonly address: number;
  /** TRANSFER IN CHANNEL. */
  readonly transfer: boolean;
  /** The fields could be those of a word of its format: what is left are rules of the place where it stands. */
  readonly valid: boolean;
}

const format0Fields = { word: [0, 4], command: [0, 1], flags: [4, 1], count: [6, 2] } as const satisfies RecordLayout;
const format1Fields = { command: [0, 1], flags: [1, 1], count: [2, 2], word: [4, 4] } as const satisfies RecordLayout;

/** Reads the word of 8 bytes. */
export function parseCcw(bytes: Uint8Array, format1: boolean): Ccw {
  return format1 ? parseFormat1(bytes) : parseFormat0(bytes);
}

function parseFormat0(bytes: Uint8Array): Ccw {
  const ccw = new BigEndianRecord(format0Fields, bytes);
  const command = ccw.get('command');
  return {
    command,
    flags: ccw.get('flags'),
    count: ccw.get('count'),
    address: ccw.get('word') & 0xff_ffff,
    transfer: (command & 0x0f) === basicCommand.transferInChannel,
    valid: true,
  };
}

function parseFormat1(bytes: Uint8Array): Ccw {
  const ccw = new BigEndianRecord(format1Fields, bytes);
  const [command, flags, count, word] = [ccw.get('command'), ccw.get('flags'), ccw.get('count'), ccw.get('word')];
  const transfer = command === basicCommand.transferInChannel;
  return {
    command,
    flags,
    count,
    address: word & 0x7fff_ffff,
    transfer,
    valid: word <= 0x7fff_ffff && (!transfer || (flags === 0 && count === 0)),
  };
}
