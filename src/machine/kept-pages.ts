import type { GuestStorage } from './storage.ts';

/** Who keeps frames of storage as they were before they were changed. */
export interface PageKeeper {
  /** True when the frame as it is now is still to be kept. */
  lacks(frame: number): boolean;
  /** Bytes of the frame are about to be changed. */
  keep(frame: number): void;
  /** Instructions are about to be fetched from a page of virtual or real addresses, by its number. */
  executes(page: number): void;
}

/** Storage beside a guest's own, such as that of its hypervisor: whoever changes it says so first. */
export interface ToldStorage {
  readonly storage: GuestStorage;
  /** Told of a page, by its number, in front of each change of it. */
  onChange: ((page: number) => void) | undefined;
}

/** What of a guest's state is kept page by page, by whoever goes back in its history. */
export interface KeptPages {
  readonly storage: GuestStorage;
  /** The parts of the state that are left out of what is saved then. */
  readonly parts: readonly string[];
  /** Bytes beside storage, such as storage keys, of which nobody hears when they change. */
  readonly compared: readonly Uint8Array[];
  /** More storage, whole pages. */
  readonly told?: readonly ToldStorage[];
  /**
   * Who keeps pages from now on. It hears of the first change of each frame behind each `GuestState.forget`, and of the first
   * fetch from each page.
   */
  keepPages(keeper: PageKeeper | undefined): void;
  /** Frames have other bytes than before: what was made of those is forgotten. */
  replaced(frames: Iterable<number>): void;
}
