import { PAGE_BYTES } from '../../../machine/layout.ts';
import { frameFlags, frameOf } from '../../../machine/storage.ts';
import { further, type Gpa, gpa, gra, type HostAddress, hostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import { prefixed } from '../dat/prefix.ts';
import { type DatControls, newTranslation, type TableStorage } from '../dat/translate.ts';
import type { CpuComplex } from './complex.ts';
import { type AccessPlace, type HostFault, translateIn } from './explain.ts';
import { PGM } from './interruption-codes.ts';
import { type Asce, accessType, protectionType } from './protection.ts';
import type { Vcpu } from './vcpu.ts';

/** Where a guest's absolute storage lies in its host's primary space, and what DAT of the guest's own may be. */
export interface HostSpaceSetting {
  /** The host's primary address-space-control element. */
  readonly asce: Asce;
  /** What is added to an absolute address, and the first address that is none: a multiple of 1 MiB each. */
  readonly origin: number;
  readonly extent: number;
  readonly dat: DatControls;
}

/** What tells the translations of one context from those of another. */
interface Context extends HostSpaceSetting {
  readonly prefix: Gpa;
  readonly hostPrefix: Gpa;
  readonly hostCr0: number;
}

/** Contexts that are told apart; one more, and all are forgotten. */
const CONTEXTS = 16;
/** Contexts stand in a TLB's rights above the access key and the bit for real addressing. */
const CONTEXT_SHIFT = 5;

/** Bits that an entry's address carries. */
const PROTECTED_ENTRY = 2;
const NO_PAGE_ENTRY = 4;

/** Pages of a guest whose place in the host is known: a power of two. */
const KNOWN = 512;

/** The host's tables. A frame that holds some is marked, so that who invalidates an entry knows whom it concerns. */
class HostTables implements TableStorage {
  readonly #complex: CpuComplex;
  high = 0;
  low = 0;

  constructor(complex: CpuComplex) {
    this.#complex = complex;
  }
  get dat(): DatControls {
    return this.#complex.dat;
  }
  /** @inheritdoc */
  fetchEntry(address: Gpa): boolean {
    const { storage, frames } = this.#complex;
    const at = this.#complex.hostAddress(address);
    if (at < 0) return false;
    const frame = frameOf(at);
    frames.flags[frame] = (frames.flags[frame] ?? 0) | frameFlags.combined;
    this.high = storage.word(at);
    this.low = storage.word(at + 4);
    return true;
  }
}

/**
 * The absolute storage of a guest that a vCPU interprets: part of that vCPU's primary space, by its own tables. An exception
 * that the host's translation meets is the host's to resolve: `fault` says which. What was found is kept by page until
 * something is invalidated; that a page is not there, or not to be stored into, is found out anew each time.
 */
export class HostSpace implements AccessPlace {
  readonly #complex: CpuComplex;
  readonly #host: Vcpu;
  readonly #tables: HostTables;
  readonly #translation = newTranslation();
  readonly #contexts: Context[] = [];
  #context: Context | undefined;
  /** By page: its number and context in one, where its frame is, and whether stores are allowed. */
  readonly #tags = new Float64Array(KNOWN).fill(-1);
  readonly #places = new Float64Array(KNOWN);
  readonly #writable = new Uint8Array(KNOWN);
  /** Of the context in force, from 1. */
  #number = 0;
  /** How often everything was forgotten. */
  forgotten = 0;
  high = 0;
  low = 0;
  /** @inheritdoc */
  fault: HostFault | undefined;

  /** Of the guest that `host` interprets. */
  constructor(complex: CpuComplex, host: Vcpu) {
    this.#complex = complex;
    this.#host = host;
    this.#tables = new HostTables(complex);
  }

  /** @inheritdoc */
  get dat(): DatControls {
    return this.setting.dat;
  }
  /** What is in force. */
  get setting(): HostSpaceSetting {
    if (this.#context === undefined) throw new Error('no guest was ever interpreted here');
    return this.#context;
  }

  /**
   * Is the storage that a setting describes, for a guest with a prefix. The answer joins the rights of the guest's TLB banks;
   * `forget` is called first when there are too many to tell apart.
   */
  select(setting: HostSpaceSetting, prefix: Gpa, forget: () => void): number {
    const hostCr0 = this.#host.crLow(0);
    const hostPrefix = this.#host.prefix;
    // Mostly what is in force.
    if (this.#context !== undefined && isContext(this.#context, setting, prefix, hostPrefix, hostCr0)) {
      return this.#number << CONTEXT_SHIFT;
    }
    let index = this.#find(setting, prefix, hostPrefix, hostCr0);
    if (index < 0) {
      if (this.#contexts.length === CONTEXTS) {
        this.#contexts.length = 0;
        forget();
      }
      const { origin, extent } = setting;
      const [asce, dat] = [{ ...setting.asce }, { ...setting.dat }];
      index = this.#contexts.push({ asce, dat, origin, extent, prefix, hostPrefix, hostCr0 }) - 1;
    }
    this.#number = index + 1;
    this.#context = this.#contexts[index];
    return this.#number << CONTEXT_SHIFT;
  }

  #find(setting: HostSpaceSetting, prefix: Gpa, hostPrefix: Gpa, hostCr0: number): number {
    return this.#contexts.findIndex((c) => isContext(c, setting, prefix, hostPrefix, hostCr0));
  }

  /** Forgets where pages are. */
  forget(): void {
    this.forgotten++;
    this.#tags.fill(-1);
  }

  /** True when translations were made by the tables of an ASCE with this origin. */
  isMadeBy(high: number, originLow: number): boolean {
    return this.#contexts.some(({ asce }) => asce.high === high && asce.low >>> 12 === originLow);
  }

  /** @inheritdoc */
  fetchEntry(address: Gpa): boolean {
    const at = this.hostAddress(address);
    if (at < 0) return false;
    this.high = this.#complex.storage.word(at);
    this.low = this.#complex.storage.word(at + 4);
    return true;
  }

  /** @inheritdoc */
  keyOf(host: HostAddress): number {
    return this.#complex.keyOf(host);
  }

  /** @inheritdoc */
  hostAddress(absolute: Gpa, store = false): HostAddress {
    this.fault = undefined;
    const page = Math.floor(absolute / PAGE_BYTES);
    const slot = page % KNOWN;
    const tag = page * (CONTEXTS + 1) + this.#number;
    const offset = absolute - page * PAGE_BYTES;
    if (this.#tags[slot] === tag && (!store || this.#writable[slot] === 1)) {
      return hostAddress((this.#places[slot] ?? 0) + offset);
    }
    const at = this.#walk(absolute - offset, store);
    if (at < 0) return at;
    this.#tags[slot] = tag;
    this.#places[slot] = at;
    this.#writable[slot] = this.#translation.protected ? 0 : 1;
    return further(at, offset);
  }

  /** As `hostAddress`, of a page, with nothing kept. */
  #walk(page: number, store: boolean): HostAddress {
    const { asce, origin, extent } = this.setting;
    if (page >= extent) return NO_HOST_ADDRESS;
    const address = page + origin;
    const t = this.#translation;
    const high = Math.floor(address / 0x1_0000_0000);
    const code = translateIn(this.#tables, this.#host, asce, high, address >>> 0, t);
    if (code !== 0) return this.#refuse(code, address, store);
    if (store && t.protected) return this.#refuse(PGM.protection, address, store);
    const real = t.absolute ? gpa(t.page) : prefixed(gra(t.page), this.#host.prefix);
    const at = this.#complex.hostAddress(real, store);
    if (at >= 0) {
      if (!store && !t.protected && this.#complex.hostAddress(real, true) < 0) t.protected = true;
      return at;
    }
    const readOnly = store && this.#complex.hostAddress(real) >= 0;
    return this.#refuse(readOnly ? PGM.protection : PGM.addressing, address, store);
  }

  /** True when a fault is the one of an access to this page of the guest's, and not of tables on the way to it. */
  isOf({ teid }: HostFault, page: Gpa): boolean {
    return teid >> 12n === BigInt(page + this.setting.origin) >> 12n;
  }

  /**
   * Real address of the host's page-table entry for a page of the guest's absolute storage; of the last entry that was found, with a
   * bit that says so, when that is another. A bit for protection joins it when there is any against `store`.
   */
  entryOf(page: Gpa, store: boolean): number {
    const { asce, origin } = this.setting;
    const address = page + origin;
    const t = this.#translation;
    const high = Math.floor(address / 0x1_0000_0000);
    const code = translateIn(this.#tables, this.#host, asce, high, address >>> 0, t);
    const isOfPage = code === PGM.pageTranslation || (code === 0 && !t.absolute);
    const refused = code === 0 && store && t.protected;
    return t.entry + (isOfPage ? 0 : NO_PAGE_ENTRY) + (refused ? PROTECTED_ENTRY : 0);
  }

  #refuse(code: number, address: number, store: boolean): HostAddress {
    const kind = store ? accessType.store : accessType.fetch;
    const type = code === PGM.protection ? protectionType.dat : protectionType.none;
    this.fault = { code, teid: BigInt(address) | kind | type };
    return NO_HOST_ADDRESS;
  }
}

function isContext(c: Context, setting: HostSpaceSetting, prefix: Gpa, hostPrefix: Gpa, hostCr0: number): boolean {
  return c.prefix === prefix && c.hostPrefix === hostPrefix && c.hostCr0 === hostCr0 && isSame(c, setting);
}

function isSame(a: HostSpaceSetting, b: HostSpaceSetting): boolean {
  return (
    a.asce.low === b.asce.low &&
    a.asce.high === b.asce.high &&
    a.origin === b.origin &&
    a.extent === b.extent &&
    a.dat.edat1 === b.dat.edat1 &&
    a.dat.edat2 === b.dat.edat2 &&
    a.dat.iep === b.dat.iep
  );
}
