/**
 * Something that saves and restores itself. What `save` gives is plain data (numbers, bigints, booleans, strings,
 * undefined, `Uint8Array`s, arrays and objects of these), shares nothing with its owner, and is not changed by `restore`.
 */
export interface Stateful<S> {
  save(): S;
  /** Throws when `restore` could not put that back here. Others that are restored with it may not have been yet. */
  check?(state: S): void;
  /** Puts back what `save` gave. Has no effect on anything else: nobody is told, no interruption is made pending. */
  restore(state: S): void;
}
