import type { History } from '../../history/history.ts';
import { SAVED_HISTORY_VERSION, type SavedHistory, type SavedInterval } from '../../history/saved-history.ts';
import { PAGE_BYTES } from '../../machine/layout.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Snapshot } from '../../machine/snapshot.ts';
import type { StorageState } from '../../machine/storage-state.ts';
import type { BlockBackend } from '../../virtio/block.ts';
import type { BootFile } from '../boot-file.ts';
import type { NumberedDevice, Recipe } from './recipe.ts';
import { FileError, type FoundRecord, kinds, RecordReader, type RecordWriter } from './record-file.ts';
import { SPARSE_BLOCK, SparseDisk } from './sparse-disk.ts';

/** Raised whenever what stands in front of `whole` changes. */
const GUEST_VERSION = 1;
const CHUNK = 1 << 20;
const STORAGE = 'storage';

/** Everything that a guest is. */
export interface WholeGuest {
  readonly recipe: Recipe;
  /** How it ended, when it has. */
  readonly ended?: string | undefined;
  readonly image: Uint8Array;
  readonly initrd: Uint8Array | undefined;
  readonly machine: Machine;
  /** Those whose bytes are to be kept. */
  readonly disks: readonly NumberedDevice[];
  readonly history: History | undefined;
  /** Caches were forgotten just now, and whoever plays the run again knows. */
  readonly quietly?: boolean;
}

/** Writes a guest that stands between two turns. */
export function writeGuest(writer: RecordWriter, guest: WholeGuest): void {
  const { recipe, ended, image, initrd, machine, disks, history } = guest;
  // A mark of where the machine is, which makes caches be forgotten; then nothing more is an input.
  const past = history?.save();
  const logged = history === undefined && guest.quietly !== true;
  writer.add(kinds.about, { version: GUEST_VERSION, recipe, ended });
  for (const [part, bytes] of Object.entries({ image, initrd })) {
    if (bytes === undefined) continue;
    writer.add(kinds.image, { part, bytes: new Uint8Array(0) });
    for (let at = 0; at < bytes.length; at += CHUNK) {
      writer.add(kinds.image, { part, bytes: bytes.subarray(at, at + CHUNK) });
    }
  }
  for (const device of disks) writeDisk(writer, device);
  const { pages } = machine.guest.state;
  const snapshot = machine.save(pages === undefined ? [] : [STORAGE], logged);
  const { [STORAGE]: storage, ...parts } = snapshot.parts;
  for (const block of storage === undefined ? storageBlocks(machine) : blocksOf(storage.state)) {
    writer.add(kinds.storage, block);
  }
  writer.add(kinds.state, { ...snapshot, parts });
  if (past !== undefined) {
    writer.add(kinds.history, past.history);
    for (const interval of past.intervals) writer.add(kinds.interval, interval);
  }
  writer.add(kinds.whole, undefined);
}

type Block = { readonly at: number; readonly bytes: Uint8Array };

// Most of a storage was never touched: whether a frame is zeros does not depend on the order of its bytes.
function* storageBlocks({ guest }: Machine): Iterable<Block> {
  const storage = guest.state.pages?.storage;
  if (storage === undefined) return;
  const zeros = new Uint8Array(PAGE_BYTES);
  for (let at = 0; at < storage.size; at += SPARSE_BLOCK) {
    const end = Math.min(at + SPARSE_BLOCK, storage.size);
    for (let page = at; page < end; page += PAGE_BYTES) {
      if (Buffer.compare(storage.frame(page), zeros) === 0) continue;
      yield { at, bytes: storage.read(at, end - at) };
      break;
    }
  }
}
function blocksOf(state: unknown): Iterable<Block> {
  return (state as StorageState).blocks;
}
function writeDisk(writer: RecordWriter, device: NumberedDevice): void {
  if (device.kind !== 'block') return;
  const { number, backend } = device;
  for (const { block, bytes } of diskBlocks(backend)) {
    if (bytes === undefined) throw new FileError(`disk ${number} cannot be read at byte ${block * SPARSE_BLOCK}`);
    if (!isZero(bytes)) writer.add(kinds.disk, { number, block, bytes });
  }
}
/** All blocks of a disk; undefined are those that cannot be read. */
export function* diskBlocks(
  disk: BlockBackend,
): Iterable<{ readonly block: number; readonly bytes: Uint8Array | undefined }> {
  for (let block = 0; block * SPARSE_BLOCK < disk.size; block++) {
    const at = block * SPARSE_BLOCK;
    yield { block, bytes: disk.read(at, Math.min(SPARSE_BLOCK, disk.size - at)) };
  }
}
/** True for bytes of a block that are zeros. */
export function isZero(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, new Uint8Array(bytes.length)) === 0;
}

/** A block of a disk in a file. */
export interface SavedBlock {
  readonly number: number;
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** A stretch of the image or of the initial RAM disk, in their order. */
interface Piece {
  readonly part: string;
  readonly bytes: Uint8Array;
}

interface About {
  readonly version: number;
  readonly recipe: Recipe;
  readonly ended: string | undefined;
}

/** A guest in a file, which stays open. */
export class GuestFile {
  readonly recipe: Recipe;
  /** How the guest had ended when it was saved. */
  readonly ended: string | undefined;
  readonly image: BootFile;
  readonly initrd: BootFile | undefined;
  readonly reader: RecordReader;
  /** Where what came in later begins. */
  readonly eventsAt: number;
  readonly #records: ReadonlyMap<number, readonly FoundRecord[]>;
  /** Records of blocks by disk and block. */
  readonly #blocks = new Map<number, Map<number, FoundRecord>>();

  /** Opens a file. Throws a `FileError` unless all of a guest is there. */
  constructor(path: string) {
    this.reader = new RecordReader(path);
    const records = new Map<number, FoundRecord[]>();
    let end = 0;
    for (const record of this.reader.records()) {
      const alike = records.get(record.kind) ?? [];
      alike.push(record);
      records.set(record.kind, alike);
      end = record.end;
      if (record.kind === kinds.whole) break;
    }
    this.#records = records;
    if (!records.has(kinds.whole)) this.reader.refuse(end);
    this.eventsAt = end;
    const about = this.#one(kinds.about) as About;
    if (about.version !== GUEST_VERSION) {
      throw new FileError(
        `${path} holds a guest of version ${about.version}, and this guestscope knows version ${GUEST_VERSION}`,
      );
    }
    this.recipe = about.recipe;
    this.ended = about.ended;
    const pieces = records.get(kinds.image) ?? [];
    const behind = this.#behindImage(pieces);
    if (behind === 0) throw new FileError(`${path} has no image`);
    this.image = this.#partFile(pieces.slice(0, behind));
    this.initrd = behind < pieces.length ? this.#partFile(pieces.slice(behind)) : undefined;
    for (const record of records.get(kinds.disk) ?? []) this.addBlock(record);
  }

  /** The time of the machine. */
  get snapshotAt(): bigint {
    return (this.#one(kinds.state) as Snapshot).at;
  }
  /** Inputs in front of what was recorded. */
  get inputsBefore(): number {
    if (!this.#records.has(kinds.part)) return 0;
    return (this.#one(kinds.part) as { readonly inputs: number }).inputs;
  }
  /** The state of the machine; its storage is read when it is put back. */
  get snapshot(): Snapshot {
    const snapshot = this.#one(kinds.state) as Snapshot;
    const blocks = { [Symbol.iterator]: () => this.#each(kinds.storage) as Iterator<Block> };
    return { ...snapshot, parts: { [STORAGE]: { version: 1, state: { blocks } }, ...snapshot.parts } };
  }
  /** The past of the machine, if it is there. */
  get past(): { readonly history: SavedHistory; readonly intervals: Iterable<SavedInterval> } | undefined {
    if (!this.#records.has(kinds.history)) return undefined;
    const history = this.#one(kinds.history) as SavedHistory;
    if (history.version !== SAVED_HISTORY_VERSION) return undefined;
    return { history, intervals: { [Symbol.iterator]: () => this.#each(kinds.interval) as Iterator<SavedInterval> } };
  }
  /** A disk with the bytes that one of this number has here. */
  disk(number: number, size: number): SparseDisk {
    const blocks = [...(this.#blocks.get(number) ?? [])].map(
      ([block, record]) => [block, () => (this.reader.data(record) as SavedBlock).bytes] as const,
    );
    return new SparseDisk(size, new Map(blocks));
  }
  /** A block stands in a record. The first of a block counts. */
  addBlock(record: FoundRecord): void {
    const { number, block } = this.reader.data(record) as SavedBlock;
    const blocks = this.#blocks.get(number) ?? new Map<number, FoundRecord>();
    if (!blocks.has(block)) blocks.set(block, record);
    this.#blocks.set(number, blocks);
  }
  /** All blocks of a disk. */
  *blocks(number: number): Iterable<SavedBlock> {
    for (const record of this.#blocks.get(number)?.values() ?? []) yield this.reader.data(record) as SavedBlock;
  }

  #one(kind: number): unknown {
    const [record] = this.#records.get(kind) ?? [];
    return record === undefined ? this.reader.refuse(this.eventsAt) : this.reader.data(record);
  }
  *#each(kind: number): Iterable<unknown> & Iterator<unknown> {
    for (const record of this.#records.get(kind) ?? []) yield this.reader.data(record);
  }
  // How many pieces are the image's; those of the initial RAM disk come behind them. Few are read: images are large.
  #behindImage(pieces: readonly FoundRecord[]): number {
    let [from, to] = [0, pieces.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const record = pieces[middle];
      if (record !== undefined && this.#piece(record).part === 'image') from = middle + 1;
      else to = middle;
    }
    return from;
  }
  #piece(record: FoundRecord): Piece {
    return this.reader.data(record) as Piece;
  }
  // This file stays open, and what it holds may be read at any time.
  #partFile(pieces: readonly FoundRecord[]): BootFile {
    const read = (most = Number.POSITIVE_INFINITY): Uint8Array => {
      const found: Uint8Array[] = [];
      let length = 0;
      for (const record of pieces) {
        const { bytes } = this.#piece(record);
        found.push(bytes);
        length += bytes.length;
        if (length >= most) break;
      }
      return new Uint8Array(Buffer.concat(found));
    };
    return { read: () => read(), head: (count) => read(count).subarray(0, count), close: () => undefined };
  }
}
