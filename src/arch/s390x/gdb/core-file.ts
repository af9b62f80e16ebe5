import { type CoreNote, type CoreSegment, coreHead } from '../../../image/elf-core.ts';
import type { ServedFile } from '../../../machine/served-file.ts';
import { gpa } from '../dat/address.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { coreNotes } from './core-notes.ts';
import { mappedRanges } from './mapped.ts';

const EM_S390 = 22;
/** Where Linux keeps the absolute address of a note that says of its kernel what crash wants to know. */
const VMCOREINFO_AT = 0xe0c;
const MOST_VMCOREINFO = 0x4000;
/** A read stays within this, so that no answer needs a buffer of more. */
const MOST_READ = 1 << 20;

/**
 * The guest as a core file: storage at absolute addresses, or at the virtual ones of the space of `asce`, with registers of
 * every vCPU. Made of the guest as it is; contents are read when the file is.
 */
export function coreFile(vm: KvmVm, selected: number, asce: bigint | undefined): ServedFile {
  const size = vm.complex.storage.size;
  const head = coreHead(
    { machine: EM_S390 },
    [...coreNotes(vm, selected), ...kernelNote(vm)],
    segments(vm, selected, asce),
  );
  return {
    size: head.length + size,
    read(offset, count) {
      const end = Math.min(offset + Math.min(count, MOST_READ), head.length + size);
      if (offset >= end) return new Uint8Array(0);
      if (end <= head.length) return head.subarray(offset, end);
      const from = Math.max(0, offset - head.length);
      const stored = vm.readAbsolute(gpa(from), end - head.length - from) ?? new Uint8Array(end - head.length - from);
      return offset < head.length ? Buffer.concat([head.subarray(offset), stored]) : stored;
    },
  };
}

function segments(vm: KvmVm, selected: number, asce: bigint | undefined): readonly CoreSegment[] {
  const { storage } = vm.complex;
  if (asce === undefined) {
    return [{ virtual: 0n, physical: 0n, bytes: BigInt(storage.size), writable: true, executable: true }];
  }
  const vcpu = vm.vcpus[selected]?.vcpu;
  if (vcpu === undefined) return [];
  return [...mappedRanges(vm, vcpu, asce)].map(({ from, bytes, absolute, writable, executable }) => ({
    virtual: from,
    physical: BigInt(absolute),
    bytes,
    writable,
    executable,
  }));
}

/** How far Linux has moved itself from its linked addresses, as its own note says; undefined when it does not. */
export function kernelOffset(vm: KvmVm): bigint | undefined {
  const [note] = kernelNote(vm);
  const said = note && /^KERNELOFFSET=([0-9a-f]+)$/m.exec(Buffer.from(note.bytes).toString('latin1'));
  return said?.[1] === undefined ? undefined : BigInt(`0x${said[1]}`);
}

// The kernel has it ready as a note.
function kernelNote(vm: KvmVm): readonly CoreNote[] {
  const pointer = vm.readAbsolute(gpa(VMCOREINFO_AT), 8);
  const at = pointer === undefined ? 0n : Buffer.from(pointer).readBigUInt64BE();
  if (at === 0n || at >= BigInt(vm.complex.storage.size)) return [];
  const head = vm.readAbsolute(gpa(Number(at)), 12);
  if (head === undefined) return [];
  const [nameBytes, length, type] = [0, 4, 8].map((k) => Buffer.from(head).readUInt32BE(k));
  const owner = vm.readAbsolute(gpa(Number(at) + 12), nameBytes ?? 0);
  if (owner === undefined || length === undefined || type === undefined || length > MOST_VMCOREINFO) return [];
  if (Buffer.from(owner).toString('latin1') !== 'VMCOREINFO\0') return [];
  const bytes = vm.readAbsolute(gpa(Number(at) + 12 + ((owner.length + 3) & ~3)), length);
  return bytes === undefined ? [] : [{ owner: 'VMCOREINFO', type, bytes }];
}
