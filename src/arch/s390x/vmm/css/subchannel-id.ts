/** Names a subchannel: general register 1, bits 32-63, of the I/O instructions. */
export interface SubchannelId {
  /** The channel subsystem is named, not the default one. */
  readonly multiple: boolean;
  readonly cssid: number;
  readonly ssid: number;
  readonly number: number;
}

const ONE = 0x0001_0000;
const MULTIPLE = 0x0008_0000;
const RESERVED = 0x00f0_0000;

/** The identification in a word, or undefined when the word is none: an operand exception. */
export function parseSubchannelId(word: number): SubchannelId | undefined {
  const multiple = (word & MULTIPLE) !== 0;
  const cssid = word >>> 24;
  if ((word & ONE) === 0 || (word & RESERVED) !== 0 || (!multiple && cssid !== 0)) return undefined;
  return { multiple, cssid, ssid: (word >>> 17) & 3, number: word & 0xffff };
}

/** The halfword that an interruption stores for a subchannel set of the default channel subsystem. */
export function subchannelIdHalf(ssid: number): number {
  return (ssid << 1) | 1;
}
