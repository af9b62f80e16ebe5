/** Why the channel subsystem could not access storage. */
export type ChannelFault = 'addressing' | 'protection';

/**
 * Guest storage as channel programs access it: absolute addresses (the channel subsystem applies no prefixing), with the
 * access key of the operation request.
 */
export interface ChannelStorage {
  /** A copy of the bytes in guest order, or why there is none. */
  fetch(address: number, length: number, key: number): Uint8Array | ChannelFault;
  /** Stores bytes, not kept; when it says why not, nothing was stored. */
  store(address: number, data: Uint8Array, key: number): ChannelFault | undefined;
}

/** Addresses that an operation may use: below `below`, and not below `from`. */
export interface AddressLimit {
  readonly from: number;
  readonly below: number;
}
