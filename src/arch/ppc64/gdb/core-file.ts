import { encodePlain } from '../../../bits/plain-data.ts';
import { type CoreNote, coreHead } from '../../../image/elf-core.ts';
import type { ServedFile } from '../../../machine/served-file.ts';
import type { Ppc64Vm } from '../hv/vm.ts';
import { EM_PPC64, GREGSET, NOTE, OWN, type OwnNote, PRSTATUS } from './core-notes.ts';
import { readRegister } from './registers.ts';

const SIGTRAP = 5;
/** Where Linux has all of storage. */
const LINEAR = 0xc000_0000_0000_0000n;
/** A read stays within this, so that no answer needs a buffer of more. */
const MOST_READ = 1 << 20;

/**
 * The guest as a core file: storage at its real addresses and where Linux has it, with registers of every vCPU as Linux
 * writes them, and in a note of our own what translates addresses. Registers and that note are as the guest is now; contents are read when the file is.
 */
export function coreFile(vm: Ppc64Vm, selected: number, littleEndian: boolean): ServedFile {
  const { storage } = vm.complex;
  const size = BigInt(storage.size);
  const whole = { physical: 0n, bytes: size, writable: true, executable: true };
  const segments = [0n, LINEAR].map((virtual) => ({ virtual, ...whole }));
  const notes = [...coreNotes(vm, selected, littleEndian), ownNote(vm)];
  const head = coreHead({ machine: EM_PPC64, littleEndian }, notes, segments);
  return {
    size: head.length + storage.size,
    read(offset, count) {
      const end = Math.min(offset + Math.min(count, MOST_READ), head.length + storage.size);
      if (offset >= end) return new Uint8Array(0);
      if (end <= head.length) return head.subarray(offset, end);
      const from = Math.max(0, offset - head.length);
      const stored = storage.read(from, end - head.length - from);
      return offset < head.length ? Buffer.concat([head.subarray(offset), stored]) : stored;
    },
  };
}

/** The notes of all vCPUs, the selected one first, for that is the one that a debugger shows. */
function coreNotes(vm: Ppc64Vm, selected: number, little: boolean): readonly CoreNote[] {
  const others = vm.vcpus.map(({ id }) => id).filter((id) => id !== selected);
  return [selected, ...others].flatMap((id) => vcpuNotes(vm, id, little));
}

function vcpuNotes(vm: Ppc64Vm, id: number, little: boolean): readonly CoreNote[] {
  const vcpu = vm.vcpus[id]?.vcpu;
  if (vcpu === undefined) return [];
  const value = (name: string): Uint8Array => readRegister(vcpu, name, little) ?? new Uint8Array(0);
  const all = (count: number, name: (n: number) => string): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, n) => value(name(n))));
  /** A register of fewer bytes as the number that it is in more. */
  const widened = (name: string, bytes: number): Uint8Array => {
    const own = value(name);
    const wide = new Uint8Array(bytes);
    wide.set(own, little ? 0 : bytes - own.length);
    return wide;
  };
  const status = new Uint8Array(PRSTATUS.bytes);
  const view = new DataView(status.buffer);
  view.setUint16(PRSTATUS.signal, SIGTRAP, little);
  view.setUint32(PRSTATUS.pid, id + 1, little);
  for (const [name, at] of Object.entries(GREGSET)) status.set(widened(name, 8), PRSTATUS.registers + 8 * at);
  status.set(
    all(32, (n) => `r${n}`),
    PRSTATUS.registers,
  );
  const vscr = widened('vscr', 16);
  const vrsave = Buffer.concat([value('vrsave'), new Uint8Array(12)]);
  return [
    { owner: 'CORE', type: NOTE.prstatus, bytes: status },
    { owner: 'CORE', type: NOTE.fpregset, bytes: Buffer.concat([all(32, (n) => `f${n}`), value('fpscr')]) },
    { owner: 'LINUX', type: NOTE.vmx, bytes: Buffer.concat([all(32, (n) => `vr${n}`), vscr, vrsave]) },
    { owner: 'LINUX', type: NOTE.vsx, bytes: all(32, (n) => `vs${n}h`) },
  ];
}

function ownNote({ hpt, vcpus }: Ppc64Vm): CoreNote {
  const own: OwnNote = {
    pageTable: hpt.save(),
    vcpus: vcpus.map((v) => ({ registers: v.vcpu.save(), hypervisor: v.save() })),
  };
  return { ...OWN, bytes: encodePlain(own) };
}
