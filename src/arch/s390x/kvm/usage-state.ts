/** Usage states of 4K-byte blocks, as EXTRACT AND SET STORAGE ATTRIBUTES tells and sets them. */

/** Bits of a block's state: its usage, that no DAT tables are in it, that it is logically zero. */
export const USAGE = { mask: 0x03, noDat: 0x40, zero: 0x80 } as const;
/** What a guest says that it does with a block. */
export const usage = { stable: 0, unused: 1, potentiallyVolatile: 2, volatile: 3 } as const;
/** The bits that are moved when a guest moves. */
export const MOVED = USAGE.mask | USAGE.noDat;

/** Orders of the instruction. */
export const essa = {
  getState: 0,
  setStable: 1,
  setUnused: 2,
  setVolatile: 3,
  setPotentiallyVolatile: 4,
  setStableAndMakeResident: 5,
  setStableIfResident: 6,
} as const;

/** A block as an order meets it. */
export interface Block {
  readonly state: number;
  /** Its contents are in the host's storage. */
  readonly resident: boolean;
  /** The guest has changed it since it last reset the change bit. */
  readonly changed: boolean;
}

/** What the program is given: the state in front of the change, and where the contents are. */
export function told({ state, resident }: Block): number {
  const where = resident ? 0 : (state & USAGE.zero) !== 0 ? 3 : 2;
  return ((state & USAGE.mask) << 2) | where | ((state & USAGE.noDat) !== 0 ? 0x20 : 0);
}

/** What an order makes of a block: its new state, and whether the host may forget the contents now. */
export function ordered(block: Block, order: number): { readonly state: number; readonly release: boolean } {
  const { state, resident } = block;
  const as = (use: number, release = false): { readonly state: number; readonly release: boolean } => ({
    state: (state & ~USAGE.mask) | use | (release ? USAGE.zero : 0),
    release,
  });
  switch (order) {
    case essa.setStable:
      return { state: state & ~MOVED, release: false };
    case essa.setUnused:
      return as(usage.unused, !resident);
    case essa.setVolatile:
      return as(usage.volatile, !resident);
    case essa.setPotentiallyVolatile:
      return potentiallyVolatile(block);
    case essa.setStableAndMakeResident:
      return as(usage.stable);
    case essa.setStableIfResident:
      return resident ? as(usage.stable) : { state, release: false };
    default:
      return { state, release: false };
  }
}

// Volatile as long as it has not been changed, and stable from its first change on: one that is away has its change bit.
function potentiallyVolatile({ state, resident, changed }: Block): {
  readonly state: number;
  readonly release: boolean;
} {
  const other = state & ~USAGE.mask;
  if (resident) return { state: other | usage.potentiallyVolatile, release: false };
  if ((state & USAGE.zero) !== 0) return { state: other | usage.volatile, release: false };
  if (!changed) return { state: other | usage.volatile | USAGE.zero, release: true };
  return { state: other, release: false };
}
