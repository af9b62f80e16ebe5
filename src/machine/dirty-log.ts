import type { Stateful } from '../bits/stateful.ts';
import type { PageKeeper } from './kept-pages.ts';

/** Who wants to hear of first stores into a frame. */
export interface DirtyTracker {
  /** True while a store into the frame must still be reported. */
  isClean(frame: number): boolean;
  /** A store into the frame is about to happen. */
  mark(frame: number): void;
}

/** A reader's marks, one byte a frame. */
export interface DirtyReaderState {
  readonly name: string;
  readonly dirty: Uint8Array;
}

/** One reader's view of which frames were stored into since it last looked. */
export class DirtyReader {
  readonly name: string;
  /** One byte a frame of the storage. */
  readonly dirty: Uint8Array;
  readonly #log: DirtyLog;

  constructor(name: string, frames: number, log: DirtyLog) {
    this.name = name;
    this.dirty = new Uint8Array(frames);
    this.#log = log;
  }

  /** Frames marked in [`from`, `to`), in order. Clears them, so that their next stores mark them anew, when asked to. */
  take(from: number, to: number, clear: boolean): number[] {
    const frames: number[] = [];
    for (let f = this.dirty.indexOf(1, from); f >= 0 && f < to; f = this.dirty.indexOf(1, f + 1)) frames.push(f);
    if (clear && frames.length > 0) {
      for (const f of frames) this.dirty[f] = 0;
      this.#log.cleaned();
    }
    return frames;
  }

  /** How many frames are marked. */
  count(): number {
    return this.dirty.reduce((n, d) => n + d, 0);
  }
}

/**
 * Fault-based dirty tracking with any number of readers: a frame counts as write-protected while some reader has not heard
 * of a store into it. The first store then tells all readers, and later ones cost nothing.
 */
export class DirtyLog implements DirtyTracker, Stateful<readonly DirtyReaderState[]> {
  readonly #frames: number;
  readonly #readers = new Set<DirtyReader>();
  readonly #protect: () => void;
  /** Keeps frames as they were before stores; asks for first stores by itself. */
  keeper: PageKeeper | undefined;

  /** `protect` must make every later first store into a frame ask again. */
  constructor(frames: number, protect: () => void) {
    this.#frames = frames;
    this.#protect = protect;
  }

  /** Starts a reader, whose name must be free: all frames clean. */
  open(name: string): DirtyReader {
    if (this.reader(name) !== undefined) throw new Error(`there is a reader ${name} of the dirty log already`);
    const reader = new DirtyReader(name, this.#frames, this);
    this.#readers.add(reader);
    this.#protect();
    return reader;
  }
  close(reader: DirtyReader): void {
    this.#readers.delete(reader);
  }
  /** The reader of a name, while there is one. */
  reader(name: string): DirtyReader | undefined {
    return [...this.#readers].find((r) => r.name === name);
  }

  /** All readers, in the order in which they were opened. */
  readers(): readonly DirtyReader[] {
    return [...this.#readers];
  }

  /** @inheritdoc */
  save(): readonly DirtyReaderState[] {
    return [...this.#readers].map(({ name, dirty }) => ({ name, dirty: dirty.slice() }));
  }
  /** Readers that there were not are closed, those that are gone are opened again. */
  restore(readers: readonly DirtyReaderState[]): void {
    this.#readers.clear();
    for (const { name, dirty } of readers) {
      const reader = new DirtyReader(name, this.#frames, this);
      reader.dirty.set(dirty);
      this.#readers.add(reader);
    }
    this.#protect();
  }

  /** A reader has cleared marks. */
  cleaned(): void {
    this.#protect();
  }

  /** @inheritdoc */
  isClean(frame: number): boolean {
    if (this.keeper?.lacks(frame) === true) return true;
    // Asked at every store that somebody else than generated code makes.
    if (this.#readers.size === 0) return false;
    for (const r of this.#readers) if (r.dirty[frame] === 0) return true;
    return false;
  }
  /** @inheritdoc */
  mark(frame: number): void {
    if (this.keeper?.lacks(frame) === true) this.keeper.keep(frame);
    for (const r of this.#readers) r.dirty[frame] = 1;
  }
}
