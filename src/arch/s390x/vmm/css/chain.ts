import { CCW_BYTES, type Ccw, ccwFlags, parseCcw } from './ccw.ts';
import type { AddressLimit, ChannelFault, ChannelStorage } from './channel-storage.ts';
import type { Orb } from './orb.ts';
import { subchannelStatus } from './schib.ts';

/** Words that one start may make the channel subsystem fetch: guests chain some tens, and a loop must have an end. */
const MOST_CCWS = 4096;

const HIGHEST_FORMAT_0 = 0xff_ffff;
const HIGHEST_FORMAT_1 = 0x7fff_ffff;

/**
 * The chain of channel-command words of an operation: fetches them one after the other, transfers in channel followed, and
 * gathers the channel's side of the subchannel status.
 */
export class Chain {
  readonly storage: ChannelStorage;
  readonly orb: Orb;
  readonly limit: AddressLimit | undefined;
  /** Where the next word lies. */
  next: number;
  /** Subchannel-status bits so far. */
  status = 0;
  #fetched = 0;

  constructor(storage: ChannelStorage, orb: Orb, first: number, limit: AddressLimit | undefined) {
    this.storage = storage;
    this.orb = orb;
    this.next = first;
    this.limit = limit;
  }

  /** True when a check has ended the operation. */
  get checked(): boolean {
    return (this.status & ~(subchannelStatus.programControlled | subchannelStatus.incorrectLength)) !== 0;
  }

  /** The next word that has a command, or undefined after a check. */
  command(first: boolean): Ccw | undefined {
    const ccw = this.#fetch(first);
    if (ccw === undefined) return undefined;
    const badCommand = (ccw.command & 0x0f) === 0 || (ccw.command & 0x0f) === 0x08;
    const badFlags = (ccw.flags & ccwFlags.suspend) !== 0 && !this.orb.suspend;
    if (badCommand || badFlags || !this.#countFits(ccw, false)) return this.#programCheck();
    return this.#current(ccw);
  }

  /** The next word by data chaining, whose command does not matter. */
  data(): Ccw | undefined {
    const ccw = this.#fetch(false);
    if (ccw === undefined) return undefined;
    if ((ccw.flags & ccwFlags.suspend) !== 0 || !this.#countFits(ccw, true)) return this.#programCheck();
    return this.#current(ccw);
  }

  #fetch(first: boolean): Ccw | undefined {
    const ccw = this.#fetchOne();
    if (ccw?.transfer !== true) return ccw;
    if (first || ccw.address % CCW_BYTES !== 0) return this.#programCheck();
    this.next = ccw.address;
    const target = this.#fetchOne();
    return target?.transfer === true ? this.#programCheck() : target;
  }

  #fetchOne(): Ccw | undefined {
    const at = this.next;
    this.next = at + CCW_BYTES;
    this.#fetched++;
    const highest = this.orb.format1 ? HIGHEST_FORMAT_1 : HIGHEST_FORMAT_0;
    if (at % CCW_BYTES !== 0 || at > highest || this.#fetched > MOST_CCWS) return this.#programCheck();
    const bytes = this.fetch(at, CCW_BYTES);
    if (bytes === undefined) return undefined;
    const ccw = parseCcw(bytes, this.orb.format1);
    return ccw.valid ? ccw : this.#programCheck();
  }

  // Of zero bytes are transfers in channel, and commands of format 1 that have no data.
  #countFits(ccw: Ccw, chained: boolean): boolean {
    if ((ccw.flags & ccwFlags.modifiedIndirect) !== 0) return false;
    if (ccw.count !== 0) return true;
    return this.orb.format1 && !chained && (ccw.flags & ccwFlags.chainData) === 0;
  }

  #current(ccw: Ccw): Ccw {
    if ((ccw.flags & ccwFlags.programControlled) !== 0) this.status |= subchannelStatus.programControlled;
    return ccw;
  }

  #programCheck(): undefined {
    this.status |= subchannelStatus.programCheck;
    return undefined;
  }

  /** Notes a program check. */
  programCheck(): void {
    this.#programCheck();
  }
  #fault(fault: ChannelFault): undefined {
    this.status |= fault === 'addressing' ? subchannelStatus.programCheck : subchannelStatus.protectionCheck;
    return undefined;
  }

  /** Fetches with the operation's key; undefined after a check. */
  fetch(address: number, length: number): Uint8Array | undefined {
    const bytes = this.storage.fetch(address, length, this.orb.key);
    return typeof bytes === 'string' ? this.#fault(bytes) : bytes;
  }
  /** Stores with the operation's key; false after a check. */
  store(address: number, data: Uint8Array): boolean {
    const fault = this.storage.store(address, data, this.orb.key);
    if (fault !== undefined) this.#fault(fault);
    return fault === undefined;
  }
}
