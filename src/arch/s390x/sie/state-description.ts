/**
 * The SIE state description ("sie_block"): 512 bytes that tell the machine which guest to run and how, and that tell the
 * hypervisor why it stopped. Field by field as the hypervisors of the field know it; big endian.
 */

import type { FieldOf, RecordBytes, RecordLayout } from '../../../bits/record.ts';
import type { Stateful } from '../../../bits/stateful.ts';

/** Bytes of the block; it lies on a multiple of them. */
export const STATE_DESCRIPTION_BYTES = 512;

/** Offset and bytes of every field. `gcr` is the first of 16 doublewords, `gpsw` the first of two. */
export const sieFields = {
  cpuflags: [0x000, 4],
  prefix: [0x004, 4],
  prog0c: [0x00c, 4],
  prog20: [0x020, 4],
  cputm: [0x028, 8],
  ckc: [0x030, 8],
  epoch: [0x038, 8],
  svcc: [0x040, 4],
  lctl: [0x044, 2],
  icpua: [0x046, 2],
  ictl: [0x048, 4],
  eca: [0x04c, 4],
  icptcode: [0x050, 1],
  icptstatus: [0x051, 1],
  ihcpu: [0x052, 2],
  ipa: [0x056, 2],
  ipb: [0x058, 4],
  scaoh: [0x05c, 4],
  fpf: [0x060, 1],
  ecb: [0x061, 1],
  ecb2: [0x062, 1],
  ecb3: [0x063, 1],
  scaol: [0x064, 4],
  sdf: [0x068, 1],
  epdx: [0x069, 1],
  cpnc: [0x06a, 1],
  todpr: [0x06c, 4],
  gd: [0x070, 4],
  mso: [0x080, 8],
  msl: [0x088, 8],
  gpsw: [0x090, 8],
  gpswAddress: [0x098, 8],
  gg14: [0x0a0, 8],
  gg15: [0x0a8, 8],
  hpid: [0x0b8, 1],
  eiparams: [0x0c0, 4],
  extcpuaddr: [0x0c4, 2],
  eic: [0x0c6, 2],
  pgmilc: [0x0cc, 2],
  iprcc: [0x0ce, 2],
  dxc: [0x0d0, 4],
  mcn: [0x0d4, 2],
  perc: [0x0d6, 1],
  peratmid: [0x0d7, 1],
  peraddr: [0x0d8, 8],
  eai: [0x0e0, 1],
  peraid: [0x0e1, 1],
  oai: [0x0e2, 1],
  armid: [0x0e3, 1],
  tecmc: [0x0e8, 8],
  crycbd: [0x0fc, 4],
  gcr: [0x100, 8],
  gbea: [0x180, 8],
  sdnxo: [0x190, 8],
  fac: [0x1a0, 4],
  cbrlo: [0x1b8, 8],
  ecd: [0x1c8, 4],
  pp: [0x1de, 8],
  itdba: [0x1e8, 8],
  riccbd: [0x1f0, 8],
  gvrd: [0x1f8, 8],
} as const satisfies RecordLayout;

export type SieField = keyof typeof sieFields;
/** Fields of 8 bytes, whose values are bigints. */
export type SieBigField = FieldOf<typeof sieFields, 8>;
/** Fields of at most 4 bytes, whose values are unsigned numbers. */
export type SieSmallField = FieldOf<typeof sieFields, 1 | 2 | 4>;

const isField = (name: string): name is SieField => Object.hasOwn(sieFields, name);
/** The names in the order of the block. */
export const sieFieldNames: readonly SieField[] = Object.keys(sieFields).filter(isField);
/** True for a field of 8 bytes. */
export const isBigField = (name: SieField): name is SieBigField => sieFields[name][1] === 8;

/** Bits of `cpuflags`. */
export const cpuflags = {
  stopped: 0x8000_0000,
  wait: 0x1000_0000,
  externalCallPending: 0x0800_0000,
  stopInt: 0x0400_0000,
  ioInt: 0x0200_0000,
  extInt: 0x0100_0000,
  running: 0x0080_0000,
  retained: 0x0040_0000,
  zarch: 0x0800,
  rrf: 0x8000,
  slsv: 0x4000,
  slsr: 0x2000,
  kss: 0x0200,
  mcds: 0x0100,
  sm: 0x0080,
  ibs: 0x0040,
  ged2: 0x0010,
  ged: 0x0004,
  p: 0x0001,
} as const;

/** Bits of `ictl`. */
export const ictl = {
  operationException: 0x8000_0000,
  privilegedOperation: 0x4000_0000,
  programInterruption: 0x2000_0000,
  stfl: 0x1000_0000,
  testAndSet: 0x0800_0000,
  compareAndSwap: 0x0400_0000,
  compareDoubleAndSwap: 0x0200_0000,
  ipte: 0x0100_0000,
  lpsw: 0x0040_0000,
  ptlb: 0x0020_0000,
  ssm: 0x0010_0000,
  bsa: 0x0008_0000,
  stctl: 0x0004_0000,
  stnsm: 0x0002_0000,
  stosm: 0x0001_0000,
  stck: 0x0000_8000,
  iske: 0x0000_4000,
  sske: 0x0000_2000,
  rrbe: 0x0000_1000,
  pc: 0x0000_0800,
  pt: 0x0000_0400,
  tprot: 0x0000_0200,
  lasp: 0x0000_0100,
  spt: 0x0000_0040,
  sckc: 0x0000_0020,
  pr: 0x0000_0008,
  bakr: 0x0000_0004,
} as const;

/** Bits of `eca`. */
export const eca = {
  cei: 0x8000_0000,
  ib: 0x4000_0000,
  sigpi: 0x1000_0000,
  mvpgi: 0x0100_0000,
  vx: 0x0002_0000,
  protectionInterpretation: 0x0000_2000,
  sii: 0x0000_0001,
} as const;

/** Bits of `ecb` and `ecb2`. */
export const ecb = { gs: 0x40, te: 0x10, speci: 0x08, srsi: 0x04, hostProtection: 0x02, ptf: 0x01 } as const;
export const ecb2 = { cmma: 0x80, iep: 0x20, pfmfi: 0x08, esca: 0x04 } as const;
/** Bits of `ecd`. */
export const ecd = { hostRegisterManagement: 0x2000_0000, mef: 0x0800_0000 } as const;

/** Bits of `ecb3`. */
export const ecb3 = { dea: 0x08, aes: 0x04, ri: 0x01 } as const;

/** Interception codes. */
export const icpt = {
  none: 0x00,
  instruction: 0x04,
  program: 0x08,
  instructionAndProgram: 0x0c,
  externalRequest: 0x10,
  externalInterruption: 0x14,
  ioRequest: 0x18,
  wait: 0x1c,
  validity: 0x20,
  stop: 0x28,
  operation: 0x2c,
  partialExecution: 0x38,
  kss: 0x5c,
} as const;

/** Bits of `icptstatus`: text of an instruction is stored, it is the target of EXECUTE, its fetch was a program event. */
export const icptStatus = { text: 0x80, perIfetch: 0x02, executeTarget: 0x01 } as const;

/** `ipa` of a validity interception: found by the CPU at the first SIE level (11), and when. */
export const validityIpa = { entry: 0x1110, instruction: 0x1120, interruption: 0x1130 } as const;

/** Validity interception reasons. */
export const validityReason = {
  mode: 0x0001,
  storageLimitMode: 0x0007,
  prefixOutside: 0x0010,
  scaInPrefix: 0x0011,
  cryptoFormat: 0x0022,
  scaAddress: 0x0034,
  cryptoAddress: 0x0035,
  prefixAccess: 0x0037,
  scaTooLow: 0x0038,
  noCrypto: 0x0039,
  scaCrossesPage: 0x003b,
  cryptoCrossesPage: 0x003c,
  limitBelowOrigin: 0x0041,
  runtimeInstrumentation: 0x0043,
  interceptionTdb: 0x0080,
  facilityList: 0x1090,
  extensionAddress: 0x10b0,
  extensionLength: 0x10b1,
  extensionBoundary: 0x10b2,
  vectorSaveArea: 0x1310,
} as const;

/** Bytes of a state description, wherever it lies: a `DataView` of its own, or a window on guest storage. Big endian. */
export type StateBytes = RecordBytes;

/** Fields that hold the guest's state while it does not run; a vCPU that has it need not look at them again. */
const guestState: Readonly<Partial<Record<SieField, true>>> = {
  prefix: true,
  cputm: true,
  ckc: true,
  epoch: true,
  epdx: true,
  icpua: true,
  ihcpu: true,
  todpr: true,
  gpsw: true,
  gpswAddress: true,
  gg14: true,
  gg15: true,
  gcr: true,
  gbea: true,
  pp: true,
};

/** A state description as plain data. */
export interface SieBlockState {
  readonly bytes: Uint8Array;
  readonly isAsStored: boolean;
  /** The guest's state was still the vCPU's. */
  readonly owed: boolean;
}

/**
 * The record of a state description, which takes notice of the guest's state in it. It reads its fields itself: every
 * interception looks at a dozen, and a reader that knows this one layout is quicker than the one of all records.
 */
export class SieBlock implements Stateful<SieBlockState> {
  readonly #bytes: StateBytes;
  readonly #isPrivate: boolean;
  /** Brings the guest's state here that the vCPU still has; undefined when it is here. */
  #owed: (() => void) | undefined;
  /** False once a field of the guest's state was written by somebody. */
  isAsStored = false;
  /** A control may be another one than when they were put in force last. */
  #controlsChanged = true;

  /** `isPrivate`: nobody else sees the bytes, so the guest's state is brought there when it is asked for. */
  constructor(bytes: StateBytes = new DataView(new ArrayBuffer(STATE_DESCRIPTION_BYTES)), isPrivate = false) {
    this.#bytes = bytes;
    this.#isPrivate = isPrivate;
  }

  /** Writing here goes past the notice that `set` and its like take. */
  get bytes(): StateBytes {
    this.settle();
    return this.#bytes;
  }

  /** For fields that are not the guest's state. */
  get controlBytes(): StateBytes {
    return this.#bytes;
  }

  /** The guest's state is to come here; `store` writes it. */
  owe(store: () => void): void {
    this.#owed = store;
    this.isAsStored = true;
    if (!this.#isPrivate) this.settle();
  }
  /** True when the guest's state was to come here anyhow: the vCPU that has it need not promise it anew. */
  owesStill(): boolean {
    if (this.#owed === undefined) return false;
    this.isAsStored = true;
    return true;
  }
  /** Has the guest's state brought here if it is not here yet; to be called before the vCPU gets another. */
  settle(): void {
    const store = this.#owed;
    if (store === undefined) return;
    this.#owed = undefined;
    store();
  }

  /** True when the controls must be put in force; asked by whoever does that. Others than this program may write where others see it. */
  takesControls(): boolean {
    const changed = this.#controlsChanged || !this.#isPrivate;
    this.#controlsChanged = false;
    return changed;
  }

  // The fields that every entry and every interception looks at, without looking their names up.

  get cpuflags(): number {
    return this.#bytes.getUint32(sieFields.cpuflags[0]);
  }
  set cpuflags(value: number) {
    this.#controlsChanged = true;
    this.#bytes.setUint32(sieFields.cpuflags[0], value >>> 0);
  }
  /** CPU address, which no instruction changes: the guest's state need not be brought here for it. */
  get cpuAddress(): number {
    return this.#bytes.getUint16(sieFields.icpua[0]);
  }
  get lctl(): number {
    return this.#bytes.getUint16(sieFields.lctl[0]);
  }
  set lctl(value: number) {
    this.#controlsChanged = true;
    this.#bytes.setUint16(sieFields.lctl[0], value);
  }
  get ictl(): number {
    return this.#bytes.getUint32(sieFields.ictl[0]);
  }
  set ictl(value: number) {
    this.#controlsChanged = true;
    this.#bytes.setUint32(sieFields.ictl[0], value >>> 0);
  }
  get icptcode(): number {
    return this.#bytes.getUint8(sieFields.icptcode[0]);
  }
  set icptcode(value: number) {
    this.#bytes.setUint8(sieFields.icptcode[0], value);
  }
  get icptstatus(): number {
    return this.#bytes.getUint8(sieFields.icptstatus[0]);
  }
  set icptstatus(value: number) {
    this.#bytes.setUint8(sieFields.icptstatus[0], value);
  }
  /** Tells of no interception. */
  clearInterception(): void {
    const bytes = this.#bytes;
    bytes.setUint16(sieFields.icptcode[0], 0);
    bytes.setUint16(sieFields.ipa[0], 0);
    bytes.setUint32(sieFields.ipb[0], 0);
  }
  /** The first halfword of an intercepted instruction. */
  get ipa(): number {
    return this.#bytes.getUint16(sieFields.ipa[0]);
  }
  set ipa(value: number) {
    this.#bytes.setUint16(sieFields.ipa[0], value);
  }
  /** Its second and third. */
  get ipb(): number {
    return this.#bytes.getUint32(sieFields.ipb[0]);
  }
  set ipb(value: number) {
    this.#bytes.setUint32(sieFields.ipb[0], value >>> 0);
  }

  // Any field by its name.

  get(name: SieSmallField): number {
    if (this.#owed !== undefined && guestState[name] === true) this.settle();
    const place = sieFields[name];
    if (place[1] === 1) return this.#bytes.getUint8(place[0]);
    return place[1] === 2 ? this.#bytes.getUint16(place[0]) : this.#bytes.getUint32(place[0]);
  }
  set(name: SieSmallField, value: number): void {
    if (guestState[name] === true) {
      this.settle();
      this.isAsStored = false;
    } else this.#controlsChanged = true;
    const place = sieFields[name];
    if (place[1] === 1) this.#bytes.setUint8(place[0], value);
    else if (place[1] === 2) this.#bytes.setUint16(place[0], value);
    else this.#bytes.setUint32(place[0], value >>> 0);
  }
  big(name: SieBigField): bigint {
    if (guestState[name] === true) this.settle();
    return this.#bytes.getBigUint64(sieFields[name][0]);
  }
  setBig(name: SieBigField, value: bigint): void {
    if (guestState[name] === true) {
      this.settle();
      this.isAsStored = false;
    }
    this.#bytes.setBigUint64(sieFields[name][0], BigInt.asUintN(64, value));
  }
  /** Guest control register. */
  gcr(n: number): bigint {
    return this.bytes.getBigUint64(sieFields.gcr[0] + n * 8);
  }
  setGcr(n: number, value: bigint): void {
    this.settle();
    this.isAsStored = false;
    this.#bytes.setBigUint64(sieFields.gcr[0] + n * 8, BigInt.asUintN(64, value));
  }
  /** Reads for somebody outside: what is owed is in the bytes, and stays owed. */
  peek<T>(read: (block: this) => T): T {
    const owed = this.#owed;
    try {
      return read(this);
    } finally {
      this.#owed = owed;
    }
  }
  /** @inheritdoc */
  save(): SieBlockState {
    const bytes = this.peek((block) => block.bytes);
    return {
      bytes: Uint8Array.from({ length: STATE_DESCRIPTION_BYTES }, (_, at) => bytes.getUint8(at)),
      isAsStored: this.isAsStored,
      owed: this.#owed !== undefined,
    };
  }
  /** Owes nothing; who has the guest's state must say so again. */
  restore({ bytes, isAsStored }: SieBlockState): void {
    this.#owed = undefined;
    this.#controlsChanged = true;
    for (const [at, byte] of bytes.entries()) this.#bytes.setUint8(at, byte);
    this.isAsStored = isAsStored;
  }

  /** Sets and clears bits of a field. */
  change(name: SieSmallField, set: number, clear = 0): void {
    this.set(name, ((this.get(name) & ~clear) | set) >>> 0);
  }
  has(name: SieSmallField, bits: number): boolean {
    return (this.get(name) & bits) !== 0;
  }
}
