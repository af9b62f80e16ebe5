/** Core files of a guest: ours, and QEMU's dump-guest-memory, which has no page table and no segments. */

import { decodePlain } from '../../../bits/plain-data.ts';
import { err, ok, type Result } from '../../../bits/result.ts';
import type { CoreNote } from '../../../image/elf-core.ts';
import { type CorePiece, type PiecewiseFile, readAll, readCore } from '../../../image/elf-core-reader.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { Ppc64Vm } from '../hv/vm.ts';
import { EM_PPC64, GREGSET, NOTE, OWN, type OwnNote, PRSTATUS } from './core-notes.ts';
import { writeRegister } from './registers.ts';

/** Contents of notes by type. */
type CpuNotes = ReadonlyMap<number, Uint8Array>;

/** A guest as a core file has it. */
export interface DumpFile {
  readonly memory: number;
  readonly vcpus: number;
  readonly description: string;
  readonly file: PiecewiseFile;
  readonly littleEndian: boolean;
  readonly pieces: readonly CorePiece[];
  /** The notes of each CPU: a status, and those behind it, by their types. */
  readonly cpus: readonly CpuNotes[];
  readonly own: OwnNote | undefined;
}

/** True of a dump that `openDump` has made. */
export function isDumpFile(dump: object): dump is DumpFile {
  return 'pieces' in dump && 'cpus' in dump;
}

/** Why a file cannot be opened: a stable code, and what to do. */
export interface DumpRefusal {
  readonly code: 'dump-unreadable';
  readonly message: string;
}

const PIECE = 1 << 20;
const MOST_STORAGE = 3840 * 2 ** 20;

function refusal(message: string): Result<DumpFile, DumpRefusal> {
  return err({ code: 'dump-unreadable', message });
}

/** Opens a core file; undefined when the file is none for this architecture. A guest is made of pages of `pageBytes`. */
export function openDump(file: PiecewiseFile, pageBytes: number): Result<DumpFile, DumpRefusal> | undefined {
  const core = readCore(file);
  if (core?.machine !== EM_PPC64) return undefined;
  const { notes, littleEndian } = core;
  // The same storage may stand at several addresses.
  const pieces = core.pieces.filter(
    (p, i) => core.pieces.findIndex((q) => q.physical === p.physical && q.at === p.at) === i,
  );
  const cpus = cpuNotes(notes);
  if (cpus.length === 0) return refusal('the core file has no registers of any CPU');
  const end = pieces.reduce((last, p) => Math.max(last, Number(p.physical + p.bytes)), 0);
  if (end === 0) return refusal('the core file has no storage');
  const memory = Math.ceil(end / pageBytes) * pageBytes;
  const mebibytes = memory / (1 << 20);
  if (memory > MOST_STORAGE) return refusal(`the core file has ${mebibytes} MiB of storage; up to 3840 can be had`);
  const own = ownOf(notes);
  if (own !== undefined && own.vcpus.length !== cpus.length) return refusal('the core file is of two minds');
  const cut = pieces.some((p) => p.at + p.bytes > BigInt(file.size)) ? ', cut off: what is missing is zero' : '';
  const lacks = own === undefined ? ', without a page table: addresses of Linux are those of storage' : '';
  const description = `core file, ${mebibytes} MiB${lacks}${cut}`;
  return ok({ memory, vcpus: cpus.length, description, file, littleEndian, pieces, cpus, own });
}

// A status begins what is of its CPU. Linux has other owners than QEMU for what stands behind it.
function cpuNotes(notes: readonly CoreNote[]): readonly CpuNotes[] {
  const all: Map<number, Uint8Array>[] = [];
  for (const { owner, type, bytes } of notes) {
    if (owner === OWN.owner) continue;
    if (type === NOTE.prstatus) all.push(new Map());
    all.at(-1)?.set(type, bytes);
  }
  return all;
}

function ownOf(notes: readonly CoreNote[]): OwnNote | undefined {
  const found = notes.find(({ owner, type }) => owner === OWN.owner && type === OWN.type);
  return found === undefined ? undefined : (decodePlain(found.bytes) as OwnNote);
}

/** Puts a dump into a machine that is as it was made. What the dump does not have stays as it is there. */
export function restoreDump(vm: Ppc64Vm, dump: DumpFile): void {
  const { storage } = vm.complex;
  for (const { physical, bytes, at } of dump.pieces) {
    for (let done = 0; done < Number(bytes); done += PIECE) {
      const piece = readAll(dump.file, Number(at) + done, Math.min(PIECE, Number(bytes) - done));
      if (piece.length === 0) break;
      storage.write(Number(physical) + done, piece);
    }
  }
  const { own } = dump;
  if (own === undefined) for (const [i, notes] of dump.cpus.entries()) restoreCpu(vm, i, notes, dump.littleEndian);
  else {
    vm.hpt.restore(own.pageTable);
    for (const [i, { registers, hypervisor }] of own.vcpus.entries()) {
      vm.vcpus[i]?.vcpu.restore(registers);
      vm.vcpus[i]?.restore(hypervisor);
    }
  }
  vm.complex.storageReplaced();
}

// A status says itself of which CPU it is, but for QEMU's, which stand in order.
function restoreCpu(vm: Ppc64Vm, nth: number, notes: CpuNotes, little: boolean): void {
  const status = notes.get(NOTE.prstatus) ?? new Uint8Array(0);
  if (status.length < PRSTATUS.bytes) return;
  const view = new DataView(status.buffer, status.byteOffset, status.length);
  const pid = view.getUint32(PRSTATUS.pid, little);
  const vcpu = vm.vcpus[pid === 0 ? nth : pid - 1];
  if (vcpu === undefined) return;
  const put = (name: string, at: number, bytes = 8): void => {
    const from = PRSTATUS.registers + 8 * at + (little ? 0 : 8 - bytes);
    writeRegister(vcpu.vcpu, name, status.subarray(from, from + bytes), little);
  };
  for (let n = 0; n < 32; n++) put(`r${n}`, n);
  for (const [name, at] of Object.entries(GREGSET)) put(name, at, name === 'xer' || name === 'cr' ? 4 : 8);
  restoreVectors(vcpu.vcpu, notes, little);
  vcpu.stopped = false;
}

const COUNT = 32;

/** Floating-point and vector registers, as far as there are notes of them. */
function restoreVectors(vcpu: Vcpu, notes: CpuNotes, little: boolean): void {
  const put = (type: number, name: string, at: number, bytes: number): void => {
    const note = notes.get(type);
    if (note !== undefined && note.length >= at + bytes)
      writeRegister(vcpu, name, note.subarray(at, at + bytes), little);
  };
  for (let n = 0; n < COUNT; n++) {
    put(NOTE.fpregset, `f${n}`, 8 * n, 8);
    put(NOTE.vmx, `vr${n}`, 16 * n, 16);
    put(NOTE.vsx, `vs${n}h`, 8 * n, 8);
  }
  put(NOTE.fpregset, 'fpscr', 8 * COUNT, 8);
  put(NOTE.vmx, 'vrsave', 16 * COUNT + 16, 4);
  // A quadword has it as its rightmost word; QEMU's is the last one in storage in both orders.
  const vscr = (notes.get(NOTE.vmx) ?? new Uint8Array(0)).subarray(16 * COUNT, 16 * COUNT + 16);
  if (vscr.length < 16) return;
  const isFirst = little && vscr.subarray(0, 4).some((byte) => byte !== 0);
  put(NOTE.vmx, 'vscr', 16 * COUNT + (isFirst ? 0 : 12), 4);
}
