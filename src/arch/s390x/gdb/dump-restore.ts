import { readAll } from '../../../image/elf-core-reader.ts';
import { gpa } from '../dat/address.ts';
import type { KvmVm } from '../kvm/vm.ts';
import type { DumpFile } from './dump-file.ts';
import { writeRegister } from './registers.ts';

const PIECE = 1 << 20;
/** Loaded last: they say how the others are to be taken. */
const LAST = ['cputm', 'ckc', 'pswm', 'pswa'];

/** Puts storage and registers of a dump into a machine that is as it was made. What the dump does not have stays zero. */
export function restoreDump(vm: KvmVm, dump: DumpFile): void {
  for (const { physical, bytes, at } of dump.pieces) {
    for (let done = 0; done < Number(bytes); done += PIECE) {
      const piece = readAll(dump.file, Number(at) + done, Math.min(PIECE, Number(bytes) - done));
      if (piece.length === 0) break;
      vm.writeAbsolute(gpa(Number(physical) + done), piece);
    }
  }
  for (const [i, registers] of dump.registers.entries()) {
    const v = vm.vcpus[i];
    if (v === undefined) continue;
    const ordered = [...registers].sort(([a], [b]) => LAST.indexOf(a) - LAST.indexOf(b));
    for (const [name, value] of ordered) writeRegister(v.vcpu, name, value);
    // No dump says which CPUs were stopped; one that was never started has this PSW.
    if (v.psw.mask !== 0n || v.psw.address !== 0n) v.start();
    v.sync();
  }
}
