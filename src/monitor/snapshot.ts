import type { Guest } from '../machine/guest.ts';
import { type Answer, type CommandRow, command, item, mistake, word, words } from './command.ts';

/** A file with a guest, or why there is none, in words. */
export type SnapshotAnswer =
  | { readonly path: string; readonly bytes: number; readonly time: bigint }
  | { readonly refused: string };

/** Who keeps guests in files. Paths are of the computer that guestscope runs on. */
export interface SnapshotPort {
  save(path: string): SnapshotAnswer;
  load(path: string): SnapshotAnswer;
}

/** `snapshot`: keeps the guest in a file, and puts it back. */
export function snapshotCommand(port: SnapshotPort): CommandRow<Guest> {
  return command(
    'snapshot',
    {
      words: words(word('save|load'), word('FILE')),
      usage: 'save|load FILE',
      summary: 'keep all of the guest in a file, its past and its disks included, or put such a guest in its place',
      details: [
        'FILE lies where guestscope runs. `guestscope run --snapshot FILE` needs nothing else to go on from there.',
        'save writes what is there as a whole or not at all, and changes nothing for the guest.',
        'load wants a machine that is made alike. Disks get the bytes that they had, their files, too. gdb knows registers only as',
        'of its last stop: `maintenance flush register-cache` makes it ask again.',
      ],
    },
    function* (_, [what, path]): Answer {
      if (what !== 'save' && what !== 'load') return mistake(`${what}: give save or load`);
      const answer = what === 'save' ? port.save(path) : port.load(path);
      if ('refused' in answer) return mistake(answer.refused);
      yield item(what === 'save' ? 'saved' : 'loaded', answer.path);
      yield item('bytes', answer.bytes);
      yield item('time', String(answer.time));
      return undefined;
    },
  );
}
