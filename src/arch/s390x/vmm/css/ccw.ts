/** Channel-command words (PoP, "Channel-Command Word"). */

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

/** Reads the word of 8 bytes. */
export function parseCcw(bytes: Uint8Array, format1: boolean): Ccw {
  const view = new DataView(bytes.buffer, bytes.byteOffset, CCW_BYTES);
  const command = view.getUint8(0);
  return format1 ? parseFormat1(view, command) : parseFormat0(view, command);
}

function parseFormat0(view: DataView, command: number): Ccw {
  return {
    command,
    flags: view.getUint8(4),
    count: view.getUint16(6),
    address: view.getUint32(0) & 0xff_ffff,
    transfer: (command & 0x0f) === basicCommand.transferInChannel,
    valid: true,
  };
}

function parseFormat1(view: DataView, command: number): Ccw {
  const flags = view.getUint8(1);
  const count = view.getUint16(2);
  const word = view.getUint32(4);
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
