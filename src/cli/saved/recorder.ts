import type { History } from '../../history/history.ts';
import type { DirtyLog, DirtyReader } from '../../machine/dirty-log.ts';
import type { Input, LoggedInput } from '../../machine/inputs.ts';
import type { Machine } from '../../machine/machine.ts';
import type { GuestStorage } from '../../machine/storage.ts';
import type { GuestDevice } from '../../virtio/devices.ts';
import { digestOf, StorageDigest } from './digest.ts';
import { writeGuest } from './guest-file.ts';
import type { Recipe } from './recipe.ts';
import { kinds, RecordWriter } from './record-file.ts';
import { RecordedDisk } from './recorded-disk.ts';

/** Instructions of an interval when nothing is said. */
const USUAL_INTERVAL = 100_000_000n;
/** The name under which the dirty log has a recording. */
export const READER = 'recording';

/** Where a recording goes, and how much room it has. */
export interface RecorderOptions {
  readonly path: string;
  /** Bytes at most, as far as what is still needed has room in them. */
  readonly room: number;
  /** Instructions of an interval, at the end of which a digest stands. */
  readonly interval?: bigint;
  /** Told why the recording is over before the guest is. */
  readonly failed: (why: string) => void;
}

/** What is recorded. */
export interface RecordedGuest {
  readonly recipe: Recipe;
  readonly image: Uint8Array;
  readonly initrd: Uint8Array | undefined;
  readonly machine: Machine;
  readonly storage: GuestStorage;
  readonly dirtyLog: DirtyLog;
  readonly history: History | undefined;
}

/**
 * Records all that comes into a guest from outside, with the instants, into a file that begins with the whole guest. What is
 * recorded is the host's at once, so that a process that is killed leaves a file that can be replayed. When there is no
 * room, another file takes its place, which begins where this one's last part did.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  #guest: RecordedGuest | undefined;
  #writer: RecordWriter | undefined;
  #digest: StorageDigest | undefined;
  readonly #disks: RecordedDisk[] = [];
  /** Where the last guest of the file begins, and how many inputs there were in front of it. */
  #partAt = 0;
  #partFrom = 0;
  /** Inputs so far, and those that the history had by then in addition. */
  #inputs = 0;
  #offset = 0;
  #marked = 0n;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** A device what of which is read from outside goes into the recording. */
  device<D extends GuestDevice>(device: D, number: number): D {
    if (device.kind !== 'block') return device;
    const disk = new RecordedDisk(device.backend, (block, bytes) =>
      this.#attempt((writer) => writer.add(kinds.disk, { number, block, bytes })),
    );
    this.#disks.push(disk);
    return { ...device, backend: disk };
  }

  /** Begins the recording of a guest that is about to run. Throws what the host says when it cannot. */
  begin(guest: RecordedGuest): void {
    const { machine, history, dirtyLog } = guest;
    this.#guest = guest;
    readerOf(dirtyLog);
    this.#digest = new StorageDigest(guest.storage);
    this.#newFile(false);
    this.#marked = this.#executed();
    machine.inputs.subscribe((input) => this.#cameIn(input));
    const { betweenTurns } = machine;
    machine.betweenTurns = () => {
      betweenTurns?.();
      this.#tick();
    };
    const { onRestored } = machine;
    machine.onRestored = () => {
      onRestored?.();
      this.#turned(undefined, []);
    };
    if (history !== undefined) history.onTurned = (kept, inputs) => this.#turned(kept, inputs);
  }
  /** The guest has ended, or is ended, with this exit status; a machine that is broken says nothing more of itself. */
  finish(status: number, broken: boolean): void {
    const machine = this.#guest?.machine;
    if (machine === undefined || this.#writer === undefined) return;
    if (!broken && this.#guest?.history?.isPast !== true) this.#endInterval();
    this.#attempt((writer) => writer.add(kinds.end, { at: machine.instant, status }));
    this.#writer?.close();
    this.#writer = undefined;
  }

  #executed(): bigint {
    return this.#guest?.machine.guest.vcpus.reduce((sum, v) => sum + v.executed(), 0n) ?? 0n;
  }
  #cameIn(input: LoggedInput): void {
    if (this.#writer === undefined) return;
    this.#inputs++;
    this.#attempt((writer) => writer.add(kinds.input, input));
  }
  #tick(): void {
    const { interval = USUAL_INTERVAL } = this.#options;
    if (this.#writer !== undefined && this.#executed() - this.#marked >= interval) this.#endInterval();
  }
  #endInterval(): void {
    const [guest, digest] = [this.#guest, this.#digest];
    if (guest === undefined || digest === undefined) return;
    const { machine, storage, dirtyLog } = guest;
    this.#marked = this.#executed();
    const at = machine.instant;
    const forget: Input = { kind: 'forget' };
    machine.enter(forget);
    digest.lookAt(readerOf(dirtyLog).take(0, storage.size, true));
    this.#attempt((writer) => {
      writer.add(kinds.digest, digestOf(machine.guest, at, digest.total));
      if (writer.bytes - this.#partAt > this.#options.room / 2) this.#newFile(true);
    });
  }
  // The machine is where it has been before, and what came behind that is not its past any more.
  #turned(kept: number | undefined, inputs: readonly LoggedInput[]): void {
    const number = kept === undefined ? -1 : kept - this.#offset;
    if (this.#guest !== undefined) readerOf(this.#guest.dirtyLog);
    this.#digest?.lookAtAll();
    this.#marked = this.#executed();
    this.#attempt((writer) => {
      if (number < this.#partFrom) return this.#newFile(false);
      this.#inputs = number;
      writer.add(kinds.turned, { kept: number });
      for (const input of inputs) this.#cameIn(input);
    });
  }

  // Begins with the part in hand, or with nothing but the guest as it is now.
  #newFile(keepsPart: boolean): void {
    const guest = this.#guest;
    if (guest === undefined) return;
    const { path } = this.#options;
    const { history, ...whole } = guest;
    const next = new RecordWriter(`${path}.part`);
    try {
      if (keepsPart && this.#writer !== undefined) next.copy(path, this.#partAt, this.#writer.bytes);
      const partAt = next.bytes;
      next.add(kinds.part, { inputs: this.#inputs });
      writeGuest(next, {
        ...whole,
        disks: [],
        history: undefined,
        quietly: history !== undefined || this.#writer !== undefined,
      });
      next.moveTo(path);
      this.#partAt = partAt;
    } catch (error) {
      next.drop();
      throw error;
    }
    this.#writer?.close();
    this.#writer = next;
    for (const disk of this.#disks) disk.forget();
    if (history !== undefined) this.#offset = history.cursor - this.#inputs;
    this.#partFrom = this.#inputs;
  }

  // A recording that cannot go on is over; the guest is not.
  #attempt(act: (writer: RecordWriter) => void): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    try {
      act(writer);
    } catch (error) {
      this.#writer = undefined;
      writer.close();
      this.#options.failed(error instanceof Error ? error.message : String(error));
    }
  }
}

/** The reader of a recording, which a guest that was put back has anew, or not at all. */
function readerOf(dirtyLog: DirtyLog): DirtyReader {
  return dirtyLog.reader(READER) ?? dirtyLog.open(READER);
}
