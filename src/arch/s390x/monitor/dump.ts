import { hex } from '../../../bits/hex.ts';
import {
  type Answer,
  type CommandRow,
  command,
  item,
  mistake,
  optional,
  word,
  words,
} from '../../../monitor/command.ts';
import { coreFile, kernelOffset } from '../gdb/core-file.ts';
import type { S390xGuest } from '../guest.ts';
import { asceOf, space } from './space.ts';
import { cpuOf } from './vcpu-of.ts';

const FOLDER = '/guestscope/dumps';

/** `dump`: the guest as a core file for gdb to fetch. */
export const dump: CommandRow<S390xGuest> = command(
  'dump',
  {
    words: words(word('NAME'), optional(space)),
    usage: 'NAME [primary|secondary|home|ASCE]',
    summary: 'make a core file of storage and registers, for `remote get` to fetch',
    details: [
      'Storage stands at its absolute addresses, or at the virtual ones of an address space.',
      "Nothing is written here: `remote get` brings the file to gdb's side, as the guest is at that time.",
      'gdb and crash read it; `guestscope core FILE` opens it again. Of a kernel that has moved, `symbols` is what makes its',
      'symbols fit a file at virtual addresses: for gdb when it has opened that and no program.',
    ],
  },
  function* ({ guest, vcpu }, [name, of]): Answer {
    if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name))
      return mistake(`${name} is no file name: letters, digits, . _ and -`);
    const asce = of === undefined ? undefined : asceOf(cpuOf(guest, vcpu), of);
    const file = coreFile(guest.vm, vcpu, asce);
    const path = `${FOLDER}/${name}`;
    guest.dumps.set(path, file);
    yield item('file', path);
    yield item('bytes', file.size);
    yield item(
      'space',
      asce ?? 'absolute',
      asce === undefined ? 'absolute addresses' : `virtual addresses of ASCE ${hex(asce)}`,
    );
    yield item('fetch', `remote get ${path} ${name}`);
    const moved = asce === undefined ? undefined : kernelOffset(guest.vm);
    if (moved !== undefined && moved !== 0n) yield item('symbols', `symbol-file -o ${hex(moved)} vmlinux`);
    return undefined;
  },
);
