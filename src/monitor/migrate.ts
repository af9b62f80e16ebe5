import type { Guest } from '../machine/guest.ts';
import type { MigrationProgress } from '../machine/migration/source.ts';
import { type Answer, type CommandRow, command, item, mistake, optional, word, words } from './command.ts';

/** Who moves the guest away. */
export interface MigrationPort {
  /** Begins to move the guest to a place; why not, in words, when that cannot be. */
  begin(place: string): string | undefined;
  /** The last attempt, if there was one. */
  readonly progress: MigrationProgress | undefined;
  /** False when nothing moves, or when it is too late. */
  cancel(): boolean;
  /** Lets a guest go on here whose other side cannot be asked. False when there is none. */
  resume(): boolean;
}

/** `migrate`: moves the guest to another guestscope. */
export function migrateCommand(port: MigrationPort): CommandRow<Guest> {
  return command(
    'migrate',
    {
      words: words(optional(word('HOST:PORT|status|cancel|resume'))),
      usage: '[HOST:PORT|status|cancel|resume]',
      summary: 'move the guest to a guestscope that waits with --incoming, or show how far it has come',
      details: [
        'The guest runs on while its storage is copied, and stands still for the rest only. Whatever goes wrong before the',
        'hand-over, it goes on here. The other side must be the same machine: storage, CPUs, model, devices, disks shared.',
        'A guest that a debugger has stopped is handed over when it runs again.',
        'cancel ends an attempt. resume lets a guest go on here when nobody can tell whether the other side has started it.',
      ],
    },
    function* (_, [what = 'status']): Answer {
      if (what === 'cancel' && !port.cancel()) return mistake('nothing moves that could be held');
      if (what === 'resume' && !port.resume()) return mistake('the guest does not wait for that');
      if (!['status', 'cancel', 'resume'].includes(what)) {
        const refused = port.begin(what);
        if (refused !== undefined) return mistake(refused);
      }
      const { progress } = port;
      yield item('phase', progress?.phase ?? 'none');
      if (progress === undefined) return undefined;
      yield item('round', progress.round);
      yield item('pagesSent', progress.pagesSent);
      yield item('bytesSent', progress.bytesSent);
      yield item('pagesLeft', progress.pagesLeft);
      const { downtime, reason } = progress;
      yield item('downtime', downtime ?? null, downtime === undefined ? 'none yet' : `${downtime.toFixed(1)} ms`);
      if (reason !== undefined) yield item('reason', reason);
      return undefined;
    },
  );
}
