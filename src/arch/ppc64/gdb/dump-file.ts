/** Core files of a guest: ours, and QEMU's dump-guest-memory, which has no page table and no segments. */

import { decodePlain } from '../../../bits/plain-data.ts';
import { err, ok, type Result } from '../../../bits/result.ts';
import type { CoreNote } from '../../../image/elf-core.ts';
import { type CorePiece, type PiecewiseFile, readAll, readCore } from '../../../image/elf-core-reader.ts';
import type { Ppc64Vm } from '../hv/vm.ts';
import { EM_PPC64, GREGSET, NOTE, OWN, type OwnNote, PRSTATUS } from './core-notes.ts';
import { writeRegister } from './registers.ts';

/** A guest as a core file has it. */
export interface DumpFile {
  readonly memory: number;
  readonly vcpus: number;
  readonly description: string;
  readonly file: PiecewiseFile;
  readonly littleEndian: boolean;
  readonly pieces: readonly CorePiece[];
  readonly statuses: readonly Uint8Array[];
  readonly own: OwnNote | undefined;
}

/** True of a dump that `openDump` has made. */
export function isDumpFile(dump: object): dump is DumpFile {
  return 'pieces' in dump && 'statuses' in dump;
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
  const statuses = notes.filter(({ owner, type }) => owner === 'CORE' && type === NOTE.prstatus).map((n) => n.bytes);
  if (statuses.length === 0) return refusal('the core file has no registers of any CPU');
  const end = pieces.reduce((last, p) => Math.max(last, Number(p.physical + p.bytes)), 0);
  if (end === 0) return refusal('the core file has no storage');
  const memory = Math.ceil(end / pageBytes) * pageBytes;
  const mebibytes = memory / (1 << 20);
  if (memory > MOST_STORAGE) return refusal(`the core file has ${mebibytes} MiB of storage; up to 3840 can be had`);
  const own = ownOf(notes);
  if (own !== undefined && own.vcpus.length !== statuses.length) return refusal('the core file is of two minds');
  const cut = pieces.some((p) => p.at + p.bytes > BigInt(file.size)) ? ', cut off: what is missing is zero' : '';
  const lacks = own === undefined ? ', without a page table: addresses of Linux are those of storage' : '';
  const description = `core file, ${mebibytes} MiB${lacks}${cut}`;
  return ok({ memory, vcpus: statuses.length, description, file, littleEndian, pieces, statuses, own });
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
  if (own === undefined)
    for (const [i, status] of dump.statuses.entries()) restoreStatus(vm, i, status, dump.littleEndian);
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
function restoreStatus(vm: Ppc64Vm, nth: number, status: Uint8Array, little: boolean): void {
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
  vcpu.stopped = false;
}
