import type { History } from '../../history/history.ts';
import type { Machine } from '../../machine/machine.ts';
import { digestOf, firstDifference, StorageDigest } from './digest.ts';
import type { RecordedGuest } from './recorder.ts';
import { READER } from './recorder.ts';
import type { Recording } from './recording.ts';

/** What a replay is made with. */
export interface ReplayParts extends Pick<RecordedGuest, 'storage' | 'dirtyLog'> {
  readonly machine: Machine;
  readonly history: History;
  /** Told of the first thing that is not as it was. */
  readonly differs: (words: string) => void;
}

/** Leads a guest through what a recording says, and looks at the end of each interval whether it is what it was. */
export class Replay {
  readonly #recording: Recording;
  readonly #parts: ReplayParts;
  readonly #storage: StorageDigest;
  #from = 0;
  #intervals = 0;
  #differs = false;

  /** The guest is as the recording has it at first. */
  constructor(recording: Recording, parts: ReplayParts) {
    this.#recording = recording;
    this.#parts = parts;
    this.#storage = new StorageDigest(parts.storage);
    const { machine, history } = parts;
    // Of what its history has done to it there is no trace in the recording.
    const { progress } = recording.snapshot.parts;
    if (progress !== undefined) machine.putBack({ progress });
    this.#from = history.foresee(recording.inputs, recording.until, true);
    history.onRepeated = (input, again) => {
      if (!again) this.#look(input - this.#from);
    };
  }

  /** Intervals that were the same. */
  get intervals(): number {
    return this.#intervals;
  }

  #look(input: number): void {
    const digest = this.#recording.digests.get(input);
    if (digest === undefined || this.#differs) return;
    const { machine, storage, dirtyLog } = this.#parts;
    const reader = dirtyLog.reader(READER);
    if (reader === undefined) this.#storage.lookAtAll();
    else this.#storage.lookAt(reader.take(0, storage.size, true));
    const words = firstDifference(machine.guest, digest, digestOf(machine.guest, digest.at, this.#storage.total));
    this.#intervals++;
    if (words === undefined) return;
    this.#differs = true;
    this.#parts.differs(`interval ${this.#intervals}, which ends at time ${digest.at.at}: ${words}`);
  }
}
