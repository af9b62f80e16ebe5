/** Dumps of a guest: core files (ours, QEMU's dump-guest-memory, kdump's) and stand-alone dumps of zipl and zgetdump. */

import { err, ok, type Result } from '../../../bits/result.ts';
import type { CoreNote } from '../../../image/elf-core.ts';
import { type CorePiece, type PiecewiseFile, readAll, readCore } from '../../../image/elf-core-reader.ts';
import { FPREGSET, NOTE, PRSTATUS } from './core-notes.ts';

/** A register's value in guest byte order, by the name that a debugger gives it. */
export type SavedRegisters = ReadonlyMap<string, Uint8Array>;

/** A guest as a dump has it. */
export interface DumpFile {
  readonly memory: number;
  readonly vcpus: number;
  readonly description: string;
  readonly file: PiecewiseFile;
  /** What of the file belongs where in absolute storage. */
  readonly pieces: readonly CorePiece[];
  readonly registers: readonly SavedRegisters[];
}

/** True of a dump that `openDump` has made. */
export function isDumpFile(dump: object): dump is DumpFile {
  return 'pieces' in dump && 'registers' in dump;
}

/** Why a file is no dump that can be opened: a stable code, and what to do. */
export interface DumpRefusal {
  readonly code: 'dump-unreadable';
  readonly message: string;
}

const EM_S390 = 22;
const MIB = 1n << 20n;
const MOST_STORAGE = 3840n * MIB;
const STANDALONE_MAGIC = 0xa819_0173_618f_23fdn;
/** Offsets in the header of a stand-alone dump, and in a CPU's save area. */
const STANDALONE = {
  headerBytes: 12,
  memoryEnd: 40,
  cpuCount: 0x5f,
  prefixes: 0x800,
  mostCpus: 512,
  bytes: 0x1000,
} as const;
const SAVE_AREA = {
  f: [0x1200, 8],
  r: [0x1280, 8],
  acr: [0x1340, 4],
  cr: [0x1380, 8],
} as const;
const SAVED = { pswm: [0x1300, 8], pswa: [0x1308, 8], fpc: [0x131c, 4], cputm: [0x1328, 8], ckc: [0x1330, 8] } as const;
const CLOCK_COMPARATOR = 'ckc';

/** Opens a dump; undefined when the file is of no kind that is known here. */
export function openDump(file: PiecewiseFile): Result<DumpFile, DumpRefusal> | undefined {
  return openCore(file) ?? openStandalone(file);
}

function refusal(message: string): Result<DumpFile, DumpRefusal> {
  return err({ code: 'dump-unreadable', message });
}

function openCore(file: PiecewiseFile): Result<DumpFile, DumpRefusal> | undefined {
  const core = readCore(file);
  if (core === undefined) return undefined;
  if (core.machine !== EM_S390 || core.littleEndian) return undefined;
  const { pieces } = core;
  if (pieces.every(({ physical }) => physical === 0n) && pieces.some(({ virtual }) => virtual !== 0n)) {
    return refusal(
      'the core file has virtual addresses alone, as gdb writes them: open it in gdb, or make one with `monitor dump`',
    );
  }
  const registers = registersOf(core.notes);
  return finish(file, pieces, registers, 'core file');
}

function finish(
  file: PiecewiseFile,
  pieces: readonly CorePiece[],
  registers: readonly SavedRegisters[],
  kind: string,
): Result<DumpFile, DumpRefusal> {
  if (registers.length === 0) return refusal(`the ${kind} has no registers of any CPU`);
  const end = pieces.reduce((last, p) => (p.physical + p.bytes > last ? p.physical + p.bytes : last), 0n);
  if (end === 0n) return refusal(`the ${kind} has no storage`);
  const memory = ((end + MIB - 1n) / MIB) * MIB;
  if (memory > MOST_STORAGE)
    return refusal(`the ${kind} has ${memory / MIB} MiB of storage; up to ${MOST_STORAGE / MIB} can be had`);
  const cut = pieces.some((p) => p.at + p.bytes > BigInt(file.size));
  const description = `${kind}, ${memory / MIB} MiB${cut ? ', cut off: what is missing is zero' : ''}`;
  return ok({ memory: Number(memory), vcpus: registers.length, description, file, pieces, registers });
}

// A status begins a CPU; what follows up to the next one is of the same CPU.
function registersOf(notes: readonly CoreNote[]): readonly SavedRegisters[] {
  const cpus: Map<string, Uint8Array>[] = [];
  for (const { owner, type, bytes } of notes) {
    if (owner !== 'CORE' && owner !== 'LINUX') continue;
    if (owner === 'CORE' && type === NOTE.prstatus) cpus.push(new Map());
    const cpu = cpus.at(-1);
    if (cpu !== undefined) for (const [name, at, length] of fields(type)) put(cpu, name, bytes, at, length);
  }
  return cpus;
}

type Field = readonly [name: string, at: number, bytes: number];
const sixteen = (prefix: string, at: number, bytes: number): readonly Field[] =>
  Array.from({ length: 16 }, (_, i): Field => [`${prefix}${i}`, at + i * bytes, bytes]);

function fields(type: number): readonly Field[] {
  switch (type) {
    case NOTE.prstatus:
      return [
        ['pswm', PRSTATUS.psw, 8],
        ['pswa', PRSTATUS.psw + 8, 8],
        ...sixteen('r', PRSTATUS.general, 8),
        ...sixteen('acr', PRSTATUS.access, 4),
      ];
    case NOTE.fpregset:
      return [['fpc', FPREGSET.fpc, 4], ...sixteen('f', FPREGSET.registers, 8)];
    case NOTE.controls:
      return sixteen('cr', 0, 8);
    case NOTE.prefix:
      return [['prefix', 0, 4]];
    case NOTE.timer:
      return [['cputm', 0, 8]];
    case NOTE.todComparator:
      return [[CLOCK_COMPARATOR, 0, 8]];
    case NOTE.vxrsLow:
      return sixteen('v', 0, 8).map(([name, at, bytes]): Field => [`${name}l`, at, bytes]);
    case NOTE.vxrsHigh:
      return sixteen('v', 0, 16).map((field, i): Field => [`v${i + 16}`, field[1], field[2]]);
    default:
      return [];
  }
}

function put(cpu: Map<string, Uint8Array>, name: string, bytes: Uint8Array, at: number, length: number): void {
  if (at + length > bytes.length) return;
  const value = bytes.subarray(at, at + length);
  cpu.set(name, name === 'prefix' ? Buffer.concat([Buffer.alloc(4), value]) : value);
}

// Each CPU has stored its status in its own prefix area; the header says where those are.
function openStandalone(file: PiecewiseFile): Result<DumpFile, DumpRefusal> | undefined {
  const head = Buffer.from(readAll(file, 0, STANDALONE.bytes));
  if (head.length < STANDALONE.bytes || head.readBigUInt64BE(0) !== STANDALONE_MAGIC) return undefined;
  const headerBytes = head.readUInt32BE(STANDALONE.headerBytes);
  const bytes = head.readBigUInt64BE(STANDALONE.memoryEnd);
  const count = Math.min(head.readUInt16BE(STANDALONE.cpuCount), STANDALONE.mostCpus);
  const registers = Array.from({ length: count }, (_, i) => {
    const prefix = head.readUInt32BE(STANDALONE.prefixes + 4 * i);
    const area = readAll(file, headerBytes + prefix, 0x2000);
    const cpu = new Map<string, Uint8Array>();
    for (const [name, [at, length]] of Object.entries(SAVED)) put(cpu, name, area, at, length);
    for (const [name, [at, length]] of Object.entries(SAVE_AREA)) {
      for (const field of sixteen(name, at, length)) put(cpu, field[0], area, field[1], field[2]);
    }
    // It is stored without its first byte, which is zero.
    const comparator = cpu.get(CLOCK_COMPARATOR);
    if (comparator !== undefined) cpu.set(CLOCK_COMPARATOR, Buffer.concat([comparator.subarray(1), Buffer.alloc(1)]));
    const own = Buffer.alloc(8);
    own.writeUInt32BE(prefix, 4);
    return cpu.set('prefix', own);
  });
  return finish(file, [{ physical: 0n, virtual: 0n, bytes, at: BigInt(headerBytes) }], registers, 'stand-alone dump');
}
