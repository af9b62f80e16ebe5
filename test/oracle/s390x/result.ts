import { FRAME_COUNT, frames, resultRecord } from './layout.ts';

/** What a case left. */
export interface OracleResult {
  readonly gr: readonly bigint[];
  readonly fpr: readonly bigint[];
  /** What vector registers hold besides the floating-point registers: right halves of 0-15, all of 16-31. */
  readonly vr: readonly bigint[];
  readonly cr: readonly bigint[];
  readonly ar: readonly number[];
  readonly fpc: number;
  /** Program-interruption code; 0 when the instruction was completed and the SVC behind it, or at its target, was done. */
  readonly pgm: number;
  readonly ilc: number;
  readonly dxc: number;
  readonly teid: bigint;
  readonly monitor: string;
  /** Exception-access and operand-access identification. */
  readonly accessIds: number;
  readonly pswMask: bigint;
  readonly address: bigint;
  /** Of the data frames by name, and of the code frames. */
  readonly storage: Readonly<Record<string, bigint>>;
}

/** Reads the results of `count` cases. */
export function readResults(bytes: Uint8Array, count: number): OracleResult[] {
  return Array.from({ length: count }, (_, i) =>
    readResult(new DataView(bytes.buffer, bytes.byteOffset + i * resultRecord.size, resultRecord.size)),
  );
}

function readResult(view: DataView): OracleResult {
  const doublewords = (at: number, count: number): bigint[] =>
    Array.from({ length: count }, (_, i) => view.getBigUint64(at + i * 8));
  const halves = doublewords(resultRecord.vr, 64);
  const vectors = Array.from({ length: 32 }, (_, i) => ((halves[2 * i] ?? 0n) << 64n) | (halves[2 * i + 1] ?? 0n));
  const program = view.getUint32(resultRecord.kind) === 2;
  // The prefix area from 0x80 on.
  const low = resultRecord.lowcore;
  const digests = doublewords(resultRecord.digests, FRAME_COUNT + 2);
  return {
    gr: doublewords(resultRecord.gr, 16),
    fpr: vectors.slice(0, 16).map((v) => v >> 64n),
    vr: vectors.map((v, i) => (i < 16 ? BigInt.asUintN(64, v) : v)),
    cr: doublewords(resultRecord.cr, 16),
    ar: Array.from({ length: 16 }, (_, i) => view.getUint32(resultRecord.ar + i * 4)),
    fpc: view.getUint32(resultRecord.fpc),
    pgm: program ? view.getUint16(low + 0x0e) : 0,
    ilc: view.getUint16(low + (program ? 0x0c : 0x08)),
    dxc: view.getUint32(low + 0x10),
    monitor: `${view.getUint16(low + 0x14).toString(16)}:${view.getBigUint64(low + 0x30).toString(16)}`,
    accessIds: (view.getUint8(low + 0x20) << 8) | view.getUint8(low + 0x22),
    teid: view.getBigUint64(low + 0x28),
    pswMask: view.getBigUint64(resultRecord.psw),
    address: view.getBigUint64(resultRecord.psw + 8),
    storage: Object.fromEntries([...Object.keys(frames), 'code', 'code+1'].map((name, i) => [name, digests[i] ?? 0n])),
  };
}
