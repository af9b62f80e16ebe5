/** Where things lie in a test image, and what a case and a result record hold. The runner's assembler source gets the same names. */

const align = (n: number, to: number): number => Math.ceil(n / to) * to;

type Offsets<F> = { readonly [K in keyof F]: number } & { readonly size: number };

/** Fields of a record by name: offset and length in bytes, in the order given. */
function record<const F extends Readonly<Record<string, number>>>(lengths: F): Offsets<F> {
  let at = 0;
  const offsets: Record<string, number> = {};
  for (const [name, length] of Object.entries(lengths)) {
    offsets[name] = at;
    at += length;
  }
  return { ...(offsets as { [K in keyof F]: number }), size: align(at, 64) };
}

/** Bytes of code that a case brings: its instruction, what follows it, and a target of EXECUTE. */
export const CODE_BYTES = 24;
/** Data frames: see `frames`. */
export const FRAME_COUNT = 6;
/** Frames whose digests a result holds: the data frames and the two code frames. */
export const DIGEST_COUNT = FRAME_COUNT + 2;
/** Room for a case's patches. */
export const PATCH_BYTES = 704;

/** A case. `pool` holds, for each data frame, where its contents begin in the pool, in doublewords. */
export const caseRecord = record({
  psw: 16,
  code: CODE_BYTES,
  codeOffset: 2,
  pool: 2 * FRAME_COUNT,
  reserved: 2,
  cr: 128,
  fpc: 8,
  ar: 64,
  gr: 128,
  /** Vector registers; the left halves of the first 16 are the floating-point registers. */
  vr: 512,
  patches: PATCH_BYTES,
});

/** What a case left. `lowcore` is the prefix area from 0x80 to 0xb8. `kind` is 1 after an SVC, 2 after a program interruption. */
export const resultRecord = record({
  gr: 128,
  vr: 512,
  cr: 128,
  ar: 64,
  lowcore: 56,
  bea: 8,
  psw: 16,
  fpc: 4,
  kind: 4,
  digests: 8 * DIGEST_COUNT,
});

/** Real addresses of an image. */
export const real = {
  runner: 0x10000,
  control: 0x1f000,
  /** Two frames of code and, behind them, the data frames. */
  code: 0x20000,
  frames: 0x22000,
  /** Region-first to page tables of the primary space, and of the one that is secondary and home space. */
  tables: 0x30000,
  secondaryTables: 0x50000,
  pool: 0x70000,
  cases: 0x100000,
} as const;

/** Control registers of a case that says nothing else: region-first tables of full length, half of the keys and of the monitor classes. */
export const usualControls: readonly bigint[] = Array.from({ length: 16 }, (_, n) => {
  const values: Readonly<Record<number, number>> = {
    1: real.tables + 0x0f,
    3: 0xaaaa_0000,
    7: real.secondaryTables + 0x0f,
    8: 0x5555,
    13: real.secondaryTables + 0x0f,
  };
  return BigInt(values[n] ?? 0);
});

/** Bytes of the pool. */
export const POOL_BYTES = 0x20000;
/** What QEMU's firmware takes of the end of storage. */
const FIRMWARE_BYTES = 4 << 20;

/** Bytes of storage that a machine needs for a number of cases, a multiple of 1 MiB. */
export function storageFor(cases: number): number {
  return align(real.cases + cases * (caseRecord.size + resultRecord.size), 1 << 20) + FIRMWARE_BYTES;
}

/** The control block: how many cases there are and where. */
export const control = record({ count: 8, cases: 8, results: 8 });

/** Data frames by name, in storage order. `guarded` is mapped read only. */
export const frames = { zero: 0, first: 1, second: 2, guarded: 3, third: 4, top: 5 } as const;
export type FrameName = keyof typeof frames;

/** Virtual addresses of the small address space in which cases run; everything else is not mapped. */
export const virtual = {
  zero: 0x0,
  first: 0x10000,
  second: 0x11000,
  guarded: 0x12000,
  /** Between `guarded` and `third`, and behind `third`: invalid pages. */
  third: 0x14000,
  code: 0x20000,
  /** Last pages of the 24-bit, 31-bit and 64-bit address spaces: all the frame `top`. */
  top24: 0xff_f000n,
  top31: 0x7fff_f000n,
  top64: 0xffff_ffff_ffff_f000n,
  /** A page whose entry has a bit that must be zero, and a segment that is protected as a whole. */
  badEntry: 0x30000,
  guardedSegment: 0x30_0000,
} as const;

/** Offset in the code frames at which most cases have their instruction. */
export const CODE_OFFSET = 0x800;
/** What the code frames are filled with: SUPERVISOR CALL. */
export const FILL = 0x0a0a;

/** The same numbers for the assembler, as `-D` options. */
export function assemblerDefines(): string[] {
  const defines: Record<string, number> = { CODE_BYTES, FRAME_COUNT, FILL };
  const add = (prefix: string, fields: Readonly<Record<string, number>>): void => {
    for (const [name, value] of Object.entries(fields)) defines[`${prefix}_${name.toUpperCase()}`] = value;
  };
  add('CASE', caseRecord);
  add('RESULT', resultRecord);
  add('REAL', real);
  add('CONTROL', control);
  return Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
}
