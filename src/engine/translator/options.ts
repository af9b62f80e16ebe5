/** How eagerly code is translated; nothing that a guest can see depends on it. */
export interface TranslatorOptions {
  /** Entries by a branch after which a block is translated. */
  readonly threshold: number;
  /** After so many more entries from outside, a region is made again, with those that it leads to. */
  readonly again: number;
  /** Instructions and blocks of a region, at most. */
  readonly instructions: number;
  readonly blocks: number;
  /** Modules of translated code that are kept. */
  readonly modules: number;
  /** Told of each region that is made, as pseudo-code. */
  readonly log?: ((region: () => readonly string[]) => void) | undefined;
  /** Called when a run begins; true throws all translated code away (stress). */
  readonly forget?: (() => boolean) | undefined;
}

/** What is good for a guest. */
export const usualOptions: TranslatorOptions = {
  threshold: 12_288,
  again: 131_072,
  instructions: 600,
  blocks: 160,
  modules: 400,
};
