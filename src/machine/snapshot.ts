/**
 * State as plain data. Everything that changes while a guest runs is a part of it: it can be taken out and put back, into
 * the same machine or into another one that is made alike, and what runs from there is the same to the instruction.
 */

import type { Stateful } from '../bits/stateful.ts';

/** The state of a part as it is kept. */
export interface SavedPart {
  /** Of the part's format. */
  readonly version: number;
  readonly state: unknown;
}

/** Parts by name. */
export type SavedParts = Readonly<Record<string, SavedPart>>;

/** A machine that stands still, as data. */
export interface Snapshot {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly version: typeof SNAPSHOT_VERSION;
  /** What the machine is made of, which a snapshot does not change: only a machine that says the same takes it. */
  readonly shape: MachineShape;
  /** Instructions since the machine started. */
  readonly at: bigint;
  readonly parts: SavedParts;
}

/** What a machine is made of, in words and numbers by name. */
export type MachineShape = Readonly<Record<string, string | number>>;

export const SNAPSHOT_FORMAT = 'guestscope snapshot';
export const SNAPSHOT_VERSION = 1;

/** Why a snapshot cannot be restored. Nothing has been changed then. */
export type SnapshotErrorCode =
  | 'no-snapshot'
  | 'unknown-version'
  | 'other-machine'
  | 'missing-part'
  | 'unknown-part'
  | 'device-missing';

/** A snapshot that does not fit. */
export class SnapshotError extends Error {
  readonly code: SnapshotErrorCode;

  constructor(code: SnapshotErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The parts of something, each under a name of its own, with the version of its format. */
export class StateParts {
  readonly #parts = new Map<string, { readonly version: number; readonly part: Stateful<unknown> }>();

  /** Adds a part. Parts are saved and restored in the order in which they were added. */
  add<S>(name: string, version: number, part: Stateful<S>): this {
    if (this.#parts.has(name)) throw new Error(`there are two parts named ${name}`);
    this.#parts.set(name, { version, part });
    return this;
  }

  get names(): readonly string[] {
    return [...this.#parts.keys()];
  }

  /** All parts but those that are left out. */
  save(without: readonly string[] = []): SavedParts {
    const kept = [...this.#parts].filter(([name]) => !without.includes(name));
    return Object.fromEntries(kept.map(([name, { version, part }]) => [name, { version, state: part.save() }]));
  }

  /** Throws a `SnapshotError` unless all of these parts but those left out are there, in these versions. */
  check(saved: SavedParts, without: readonly string[] = []): void {
    for (const [name, { version, part }] of this.#parts) {
      if (without.includes(name)) continue;
      const found = saved[name];
      if (found === undefined) throw new SnapshotError('missing-part', `the snapshot has no part "${name}"`);
      if (found.version !== version) {
        const versions = `is of version ${String(found.version)}, and this program knows version ${version}`;
        throw new SnapshotError('unknown-version', `the snapshot's part "${name}" ${versions}`);
      }
      part.check?.(found.state);
    }
  }

  /** Puts parts back that `check` has seen. */
  restore(saved: SavedParts): void {
    for (const [name, { part }] of this.#parts) {
      const found = saved[name];
      if (found !== undefined) part.restore(found.state);
    }
  }
}

/** Throws a `SnapshotError` unless the data begin as a snapshot of a machine of this shape does. */
function checkHeader(snapshot: Snapshot, shape: MachineShape): void {
  const { format, version }: { readonly format: unknown; readonly version: unknown } = snapshot;
  if (format !== SNAPSHOT_FORMAT) throw new SnapshotError('no-snapshot', 'this is not a snapshot of a guest');
  if (version !== SNAPSHOT_VERSION) {
    const known = `and this program knows version ${SNAPSHOT_VERSION}`;
    throw new SnapshotError('unknown-version', `the snapshot is of version ${String(version)}, ${known}`);
  }
  for (const name of new Set([...Object.keys(shape), ...Object.keys(snapshot.shape)])) {
    const [there, here] = [snapshot.shape[name] ?? 'none', shape[name] ?? 'none'];
    if (there === here) continue;
    throw new SnapshotError(
      'other-machine',
      `the snapshot is of a machine with ${name} ${there}, this one has ${here}`,
    );
  }
}

/** A snapshot of these parts. */
export function makeSnapshot(shape: MachineShape, at: bigint, parts: SavedParts): Snapshot {
  return { format: SNAPSHOT_FORMAT, version: SNAPSHOT_VERSION, shape: { ...shape }, at, parts };
}

/** Throws a `SnapshotError` unless the data are a snapshot of a machine of this shape with just these parts. */
export function checkSnapshot(
  snapshot: Snapshot,
  shape: MachineShape,
  groups: readonly StateParts[],
  without: readonly string[],
): void {
  checkHeader(snapshot, shape);
  const known = groups.flatMap((group) => group.names);
  const strange = Object.keys(snapshot.parts).find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw new SnapshotError('unknown-part', `the snapshot has a part "${strange}" that this machine has not`);
  }
  for (const group of groups) group.check(snapshot.parts, without);
}
