import { bytesFile, type ServedFile } from '../../../machine/served-file.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { type MappedRange, mappedRanges } from './mapped.ts';
import { debugAsce } from './memory.ts';

/** The one process that a debugger sees: the machine. */
const MAPS = /^\/proc\/1\/(smaps|maps)$/;
const KIBIBYTE = 1024n;

/**
 * What a debugger of Linux programs reads of a process that it makes a core file of: the addresses that there are, as the
 * first vCPU has them. Without it gdb goes by the sections of files and takes in what is not there.
 */
export function processFile(vm: KvmVm, name: string): ServedFile | undefined {
  const vcpu = vm.vcpus[0]?.vcpu;
  const kind = MAPS.exec(name)?.[1];
  if (vcpu === undefined || kind === undefined) return undefined;
  const ranges = [...mappedRanges(vm, vcpu, debugAsce(vcpu))];
  return bytesFile(Buffer.from(ranges.map((range) => entry(range, kind === 'smaps')).join('')));
}

function entry({ from, bytes, writable, executable }: MappedRange, whole: boolean): string {
  const hex = (n: bigint): string => n.toString(16).padStart(8, '0');
  const rights = `r${writable ? 'w' : '-'}${executable ? 'x' : '-'}p`;
  const line = `${hex(from)}-${hex(from + bytes)} ${rights} 00000000 00:00 0 \n`;
  if (!whole) return line;
  const size = `${bytes / KIBIBYTE} kB\n`;
  return `${line}Size: ${size}Rss: ${size}Private_Dirty: ${size}Referenced: ${size}Anonymous: ${size}VmFlags: rd wr mr mw me ac \n`;
}
