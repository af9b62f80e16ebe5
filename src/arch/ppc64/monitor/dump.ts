import { type Answer, type CommandRow, command, item, mistake, word, words } from '../../../monitor/command.ts';
import type { Ppc64Guest } from '../guest.ts';

const FOLDER = '/guestscope/dumps';

/** `dump`: the guest as a core file for gdb to fetch. */
export const dump: CommandRow<Ppc64Guest> = command(
  'dump',
  {
    words: words(word('NAME')),
    usage: 'NAME',
    summary: 'make a core file of storage and registers, for `remote get` to fetch',
    details: [
      'Storage stands at its real addresses, and where Linux has it, from 0xc000000000000000 on.',
      "Nothing is written here: `remote get` brings the file to gdb's side, as the guest is at that time.",
      'gdb reads it; `guestscope core FILE` opens it again, page table and segments included.',
    ],
  },
  function* ({ guest, vcpu }, [name]): Answer {
    if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name))
      return mistake(`${name} is no file name: letters, digits, . _ and -`);
    const path = `${FOLDER}/${name}`;
    const file = guest.dump(path, vcpu);
    yield item('file', path);
    yield item('bytes', file.size);
    yield item('fetch', `remote get ${path} ${name}`);
    return undefined;
  },
);
