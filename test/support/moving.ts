/** Guests that move inside a test, over links that may end at any byte. */

import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { decodePlain, encodePlain } from '../../src/bits/plain-data.ts';
import type { Assembly } from '../../src/cli/assemble.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type Attempt, MigrationDestination } from '../../src/machine/migration/destination.ts';
import { kinds, MessageReader, messageBytes } from '../../src/machine/migration/protocol.ts';
import {
  type MigrationEnd,
  type MigrationLink,
  MigrationSource,
  type MovingGuest,
} from '../../src/machine/migration/source.ts';

/** An s390x guest as one that moves. */
export const s390xMoving = ({ guest, machine }: Assembly<S390xGuest>): MovingGuest => ({
  machine,
  storage: guest.vm.complex.storage,
  dirtyLog: guest.vm.dirtyLog,
});

/**
 * Brings a machine that nobody moved to where one that was to move has come meanwhile. To the same time would not be enough: at one time there
 * are several places, since a round that begins takes no instruction. A state that was saved for the other side is in the log.
 */
export function goWith(undisturbed: Machine, machine: Machine): void {
  undisturbed.play(machine.inputs.kept);
  undisturbed.runToInstant(machine.instant);
}

/** What became of a move. */
export interface Move {
  readonly how: MigrationEnd;
  /** Whether the destination was told to run. */
  readonly arrived: boolean | undefined;
  readonly bytes: number;
  readonly source: MigrationSource;
}

/** Where a connection ends: behind so many bytes one way or the other, or inside a message of a kind. */
export interface Cut {
  readonly forth?: number;
  readonly back?: number;
  readonly inside?: { readonly kind: number; readonly at: number };
}

/** Moves a guest; the link ends when so many bytes have gone the one way, or the other. */
export function move(
  from: MovingGuest,
  to: MovingGuest,
  cut: Cut = {},
  act: (source: MigrationSource) => void = () => undefined,
): Promise<Move> {
  return new Promise((resolve, reject) => {
    let arrived: boolean | undefined;
    let bytes = 0;
    let open = true;
    const destination = new MigrationDestination({
      guest: to,
      arrived: (running) => {
        arrived = running;
      },
    });
    const hangUp = (): void => {
      if (!open) return;
      open = false;
      setImmediate(() => {
        attempt.closed();
        source.closed();
      });
    };
    /** A way of a link that loses what comes behind its end; what gets through is delivered later. */
    const way = (most: number | undefined, deliver: (chunk: Uint8Array) => void, sent: () => void): MigrationLink => {
      let left = most ?? Number.POSITIVE_INFINITY;
      let waiting = 0;
      return {
        send: (all) => {
          // Messages are sent whole.
          if (cut.inside !== undefined && all[0] === cut.inside.kind) left = cut.inside.at % all.length;
          const through = all.slice(0, left);
          left -= through.length;
          waiting += all.length;
          setImmediate(() => {
            waiting -= all.length;
            try {
              if (open && through.length > 0) deliver(through);
              if (left === 0) hangUp();
              else if (open) sent();
            } catch (error) {
              reject(error);
            }
          });
        },
        get hasRoom() {
          return open && waiting < 1 << 18;
        },
        close: hangUp,
      };
    };
    const forth = way(
      cut.forth,
      (chunk) => {
        bytes += chunk.length;
        attempt.received(chunk);
      },
      () => source.drained(),
    );
    const attempt: Attempt = destination.connected(
      way(
        cut.back,
        (chunk) => source.received(chunk),
        () => undefined,
      ),
    );
    const source = new MigrationSource({
      guest: from,
      link: forth,
      token: 'one',
      now: () => performance.now(),
      ask: () => ask(destination, (started) => source.answered(started)),
      ended: (how) => setImmediate(() => resolve({ how, arrived, bytes, source })),
    });
    source.connected();
    act(source);
  });
}

function ask(destination: MigrationDestination, answered: (started: boolean | undefined) => void): void {
  const reader = new MessageReader();
  const attempt = destination.connected({
    hasRoom: true,
    close: () => undefined,
    send: (bytes) => {
      for (const { contents } of reader.push(bytes)) answered(decodePlain(contents) === true);
    },
  });
  attempt.received(messageBytes(kinds.query, encodePlain('one')));
}
