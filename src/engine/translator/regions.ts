import type { TranslatableArch } from '../../machine/arch.ts';
import { decodeEntry, PAGE_BYTES } from '../../machine/layout.ts';
import type { RegionReport, TranslatorCounts } from '../../machine/translated.ts';
import { type OpenInterpreter, REGION_SLOTS } from '../interpreter/interpreter.ts';
import { placeKind } from './facts.ts';
import { framesOf, holds, type Installed, type Piece } from './installed.ts';
import type { Mode } from './region.ts';

/** What a table holds. */
type HostFunction = Extract<Parameters<WebAssembly.Table['set']>[1], (...args: never[]) => unknown>;

/** Why a region is given up. */
export type Reason = 'evicted' | 'invalidated' | 'flushed' | 'replaced';

/** The regions in use: in the interpreter's table, and named by decode-cache entries. */
export class Regions {
  readonly #arch: TranslatableArch;
  readonly #view: DataView;
  readonly #bySlot = new Map<number, Installed>();
  readonly #byFrame = new Map<number, Set<Installed>>();
  /** The regions of each module, oldest module first. */
  readonly #modules: Installed[][] = [];
  /** Modules that are kept. */
  readonly #most: number;
  /** Told of an entry at which a region is no longer entered, because its code is gone, perhaps. */
  readonly #left: (entry: number) => void;
  #table: WebAssembly.Table | undefined;
  #firstRegion = 0;
  #nextSlot = 0;
  readonly counts: TranslatorCounts = {
    regions: 0,
    modules: 0,
    instructions: 0,
    bytes: 0,
    evicted: 0,
    invalidated: 0,
    flushed: 0,
    replaced: 0,
    refused: 0,
    translated: 0,
  };

  constructor(arch: TranslatableArch, view: DataView, most: number, left: (entry: number) => void) {
    this.#arch = arch;
    this.#view = view;
    this.#most = most;
    this.#left = left;
  }

  /** The interpreter whose table they go into. */
  attach(interpreter: OpenInterpreter): void {
    this.#table = interpreter.table;
    this.#firstRegion = interpreter.firstRegion;
    this.#nextSlot = interpreter.firstRegion;
  }

  /** `placeKind` of an entry with a handler. */
  kindOf(handler: number): number {
    if (handler < this.#firstRegion) return placeKind.executed;
    return this.#bySlot.get(handler)?.full === true ? placeKind.full : placeKind.region;
  }
  handlerAt(entry: number): number {
    return this.#view.getUint16(entry + decodeEntry.handler, true);
  }
  isRegionAt(entry: number): boolean {
    return this.handlerAt(entry) >= this.#firstRegion;
  }
  /** The region that is entered at an entry. */
  at(entry: number): Installed | undefined {
    return this.#bySlot.get(this.handlerAt(entry));
  }
  inFrame(frame: number): Iterable<Installed> {
    return this.#byFrame.get(frame) ?? [];
  }
  /** Where regions of a mode are entered in a frame, but for those that stay as they are. */
  entriesIn(frame: number, mode: Mode): number[] {
    const regions = [...this.inFrame(frame)].filter((r) => r.mode === mode && !r.full);
    return regions.flatMap((r) => r.places.filter((p) => p.frame === frame).map((p) => p.offset));
  }

  /** Indices are used in turn, so that those which are overwritten are the oldest. */
  takeSlots(count: number): number {
    const end = this.#firstRegion + REGION_SLOTS;
    if (this.#nextSlot + count > end) this.#nextSlot = this.#firstRegion;
    const first = this.#nextSlot;
    this.#nextSlot += count;
    for (let slot = first; slot < first + count; slot++) {
      const region = this.#bySlot.get(slot);
      if (region !== undefined) this.#drop(region, 'evicted');
    }
    return first;
  }

  /** Puts the regions of a module into use; `functions` are in their order. `entered` is told of each entry. */
  install(
    made: readonly { readonly region: Installed; readonly func: WebAssembly.Exports[string] | undefined }[],
    entered: (entry: number) => void,
  ): void {
    this.#modules.push(made.map((m) => m.region));
    this.counts.modules++;
    for (const { region, func } of made) {
      if (typeof func !== 'function') throw new Error('a region lacks its function');
      region.places.forEach((_, i) => {
        this.#bySlot.set(region.firstSlot + i, region);
      });
      this.#enter(region, func, entered);
      this.#dropReplaced(region);
    }
    while (this.#modules.length > this.#most)
      for (const region of this.#modules.shift() ?? []) this.#drop(region, 'evicted');
  }

  #enter(region: Installed, func: HostFunction, entered: (entry: number) => void): void {
    const { pages } = this.#arch.translatable;
    region.places.forEach(({ frame, offset }, i) => {
      const slot = region.firstSlot + i;
      this.#table?.set(slot, func);
      const entry = pages.entryAt(frame, offset);
      if (entry === undefined) return;
      entered(entry);
      if (this.handlerAt(entry) === 0) this.#arch.translatable.fillEntry(entry, frame * PAGE_BYTES + offset);
      this.#view.setUint16(entry + decodeEntry.handler, slot, true);
    });
    for (const frame of framesOf(region)) this.#byFrame.set(frame, (this.#byFrame.get(frame) ?? new Set()).add(region));
    this.counts.regions++;
    this.counts.translated += region.instructions;
    this.counts.instructions += region.instructions;
    this.counts.bytes += region.bytes;
  }

  // A region that is entered nowhere any more has been taken in; one that is keeps what it holds.
  #dropReplaced(made: Installed): void {
    if (!made.merged) return;
    for (const frame of framesOf(made))
      for (const region of this.inFrame(frame)) if (!this.#isEntered(region)) this.#drop(region, 'replaced');
  }

  #isEntered({ places, firstSlot }: Installed): boolean {
    const { pages } = this.#arch.translatable;
    return places.some(({ frame, offset }, i) => {
      const entry = pages.entryAt(frame, offset);
      return entry !== undefined && this.handlerAt(entry) === firstSlot + i;
    });
  }

  #drop(region: Installed, why: Reason): void {
    if (this.#bySlot.get(region.firstSlot) !== region) return;
    const { pages } = this.#arch.translatable;
    region.places.forEach(({ frame, offset }, i) => {
      const slot = region.firstSlot + i;
      this.#bySlot.delete(slot);
      this.#table?.set(slot, null);
      const entry = pages.entryAt(frame, offset);
      if (entry === undefined) return;
      if (this.handlerAt(entry) === slot) this.#view.setUint16(entry + decodeEntry.handler, 0, true);
      // What was found out about code that is still there stays known.
      if (why !== 'replaced') this.#left(entry);
    });
    for (const frame of framesOf(region)) this.#byFrame.get(frame)?.delete(region);
    this.counts[why]++;
    this.counts.regions--;
    this.counts.instructions -= region.instructions;
    this.counts.bytes -= region.bytes;
  }

  /** Gives up those made of one of some bytes. */
  changed(frame: number, from: number, to: number): void {
    for (const region of this.inFrame(frame)) if (holds(region, frame, from, to)) this.#drop(region, 'invalidated');
  }

  /** Gives up those of which a piece is one of these. */
  dropThose(ofPiece: (piece: Piece) => boolean): void {
    for (const regions of this.#byFrame.values())
      for (const region of regions) if (region.pieces.some(ofPiece)) this.#drop(region, 'invalidated');
  }

  dropAll(): void {
    for (const regions of this.#byFrame.values()) for (const region of regions) this.#drop(region, 'flushed');
    this.#byFrame.clear();
    this.#modules.length = 0;
  }

  /** All of them, those first that are most often entered; `arrivals` is how often an entry was come to. */
  report(arrivals: (entry: number) => number): RegionReport[] {
    const { pages } = this.#arch.translatable;
    const entered = (r: Installed): number =>
      r.places.reduce((n, p) => n + arrivals(pages.entryAt(p.frame, p.offset) ?? 0), 0);
    return [...new Set(this.#bySlot.values())]
      .map((r) => ({
        address: (r.places[0]?.frame ?? 0) * PAGE_BYTES + (r.places[0]?.offset ?? 0),
        entries: r.entries.length,
        instructions: r.instructions,
        bytes: r.bytes,
        entered: entered(r),
      }))
      .sort((a, b) => b.entered - a.entered);
  }
}
