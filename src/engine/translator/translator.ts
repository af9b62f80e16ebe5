import type { TranslatableArch } from '../../machine/arch.ts';
import type { CodeObserver } from '../../machine/decode-pages.ts';
import { DECODE_PAGE_BYTES, decodeEntry, engineState, PAGE_BYTES } from '../../machine/layout.ts';
import type { RegionReport, TranslatedCode, TranslatorCounts } from '../../machine/translated.ts';
import { ModuleBuilder } from '../../wasm/module-builder.ts';
import { type EnginePort, type OpenInterpreter, REGION_SLOTS } from '../interpreter/interpreter.ts';
import { handlerParams, handlerResults } from '../interpreter/run-loop.ts';
import { type Found, findBlocks, type Limits } from './code.ts';
import { Courses } from './courses.ts';
import { Frames } from './frames.ts';
import { framesOf, holds, type Installed, type Piece, piecesOf, placesOf } from './installed.ts';
import { type TranslatorOptions, usualOptions } from './options.ts';
import { type CodePages, NearPages, onePage, pageOf, type Whereabouts, whereaboutsOf } from './pages.ts';
import { type Mode, Region } from './region.ts';

/** Entries by a branch after which the translator is called, at most. */
const EVERY = 256;
/** What the translator must hear of places that wait, in parts of the threshold: a module costs as much as interpreting them did. */
const PATIENCE = 64;
/** Instructions of a region that is worth making of others as soon as it may be. */
const USUAL_SIZE = 64;
/** Regions that go into one module. */
const BATCH = 16;

/** A place that execution came to often. */
interface Hot {
  readonly vcpu: number;
  readonly entry: number;
  readonly from: Whereabouts;
  /** It is translated already, but execution often comes there from outside: more is known now of what belongs to it. */
  readonly again: boolean;
}

/** Turns hot code into WebAssembly, and forgets it when the code changes. */
export class Translator implements CodeObserver, TranslatedCode {
  readonly #arch: TranslatableArch;
  readonly #memory: WebAssembly.Memory;
  readonly #view: DataView;
  readonly #options: TranslatorOptions;
  readonly port: Pick<EnginePort, 'every' | 'hot'>;
  #table: WebAssembly.Table | undefined;
  #firstRegion = 0;
  #nextSlot = 0;
  readonly #bySlot = new Map<number, Installed>();
  readonly #byFrame = new Map<number, Set<Installed>>();
  /** The regions of each module, oldest module first. */
  readonly #modules: Installed[][] = [];
  /** How often the translator heard of an entry. */
  #heard = new Map<number, number>();
  /** What `heard` must come to before an entry is thought of again that was. */
  #due = new Map<number, number>();
  /** How often the translator must hear of an entry before it is translated, and of its region before that is made again. */
  readonly #threshold: number;
  readonly #again: number;
  readonly #frames: Frames;
  readonly #courses = new Courses();
  readonly #modes = new Map<string, Mode>();
  readonly #refused = new Map<number, string>();
  /** Places that wait to be translated, by entry, and how often the translator has heard of them since. */
  readonly #queue = new Map<number, Hot>();
  #waited = 0;
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

  constructor(arch: TranslatableArch, memory: WebAssembly.Memory, options: TranslatorOptions = usualOptions) {
    this.#arch = arch;
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#options = options;
    const every = Math.min(EVERY, options.threshold);
    this.#threshold = Math.ceil(options.threshold / every);
    this.#again = Math.ceil(options.again / every);
    this.#frames = new Frames(arch, memory, {
      all: options.threshold === 1,
      every,
      heard: (entry) => this.#heard.get(entry) ?? 0,
      isLink: (register) => this.#courses.links.has(register),
      isRegion: (handler, full) => handler >= this.#firstRegion && (!full || this.#bySlot.get(handler)?.full === true),
    });
    this.port = {
      every,
      hot: (vcpu, entry) => this.#hot(vcpu, entry),
    };
    arch.translatable.pages.observer = this;
  }

  /** The interpreter whose table the regions go into. */
  attach(interpreter: OpenInterpreter): void {
    this.#table = interpreter.table;
    this.#firstRegion = interpreter.firstRegion;
    this.#nextSlot = interpreter.firstRegion;
  }

  /** Called when nothing runs: translates what has become hot. */
  pump(): void {
    if (this.#options.forget?.() === true) this.forgetAll();
    if (this.#queue.size === 0 || (this.#queue.size < BATCH && this.#waited * PATIENCE < this.#options.threshold))
      return;
    const queue = [...this.#queue.values()].sort((a, b) => a.entry - b.entry);
    this.#queue.clear();
    this.#waited = 0;
    const made: Installed[] = [];
    for (let i = 0; i < queue.length; i += BATCH) made.push(...this.#translate(queue.slice(i, i + BATCH), made));
  }

  #hot(vcpu: number, entry: number): void {
    if (this.#refused.has(entry)) return;
    const again = this.#handlerAt(entry) >= this.#firstRegion;
    const heard = (this.#heard.get(entry) ?? 0) + 1;
    this.#heard.set(entry, heard);
    const { threshold } = this.#options;
    if (threshold === 1) {
      if (!again) this.#translate([{ vcpu, entry, again, from: whereaboutsOf(this.#view, vcpu) }], []);
      return;
    }
    if (heard < (this.#due.get(entry) ?? this.#threshold)) return;
    this.#queue.set(entry, { vcpu, entry, again, from: whereaboutsOf(this.#view, vcpu) });
    this.#waited++;
  }

  #handlerAt(entry: number): number {
    return this.#view.getUint16(entry + decodeEntry.handler, true);
  }

  // Equal modes are one value.
  #modeOf(vcpu: number): Mode {
    const mode = this.#arch.translatable.mode.map((slot) =>
      slot.ty === 'i64'
        ? this.#view.getBigInt64(vcpu + slot.offset, true)
        : BigInt(this.#view.getInt32(vcpu + slot.offset, true)),
    );
    const key = mode.join();
    const known = this.#modes.get(key);
    if (known !== undefined) return known;
    this.#modes.set(key, mode);
    return mode;
  }

  // `before` are the regions that were made at the same time; those that are made now come out.
  #translate(places: readonly Hot[], before: readonly Installed[]): readonly Installed[] {
    const m = new ModuleBuilder();
    m.importMemory('machine', 'memory', { min: this.#memory.buffer.byteLength / 65536 });
    const made: Installed[] = [];
    for (const place of places) {
      const heard = this.#heard.get(place.entry) ?? 0;
      this.#due.set(place.entry, place.again ? heard * 16 : heard + this.#again);
      if (this.#isCovered(place, before) || this.#isCovered(place, made)) continue;
      const region = this.#make(m, place);
      if (region !== undefined) made.push(region);
    }
    if (made.length === 0) return made;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), {
      machine: { memory: this.#memory },
    });
    this.#modules.push(made);
    this.counts.modules++;
    for (const region of made) {
      this.#install(region, instance.exports);
      this.#dropReplaced(region);
    }
    while (this.#modules.length > this.#options.modules) {
      const oldest = this.#modules.shift() ?? [];
      for (const region of oldest) this.#drop(region, 'evicted');
    }
    return made;
  }

  /**
   * True when a place became hot together with one whose region holds it: execution came to it from there, so it is no entry until
   * that many more arrivals from outside show that it is.
   */
  #isCovered({ vcpu, entry }: Hot, made: readonly Installed[]): boolean {
    const at = this.#arch.translatable.pages.storageOffset(entry);
    if (at === undefined || made.length === 0) return false;
    const mode = this.#modeOf(vcpu);
    const offset = at % PAGE_BYTES;
    const frame = Math.floor(at / PAGE_BYTES);
    if (!made.some((r) => r.mode === mode && holds(r, frame, offset, offset + 1))) return false;
    this.#due.set(entry, (this.#heard.get(entry) ?? 0) + this.#threshold);
    return true;
  }

  #make(m: ModuleBuilder, { vcpu, entry, again, from }: Hot): Installed | undefined {
    const { pages: decodePages } = this.#arch.translatable;
    const at = decodePages.storageOffset(entry);
    if (at === undefined || this.#handlerAt(entry) >= this.#firstRegion !== again) return undefined;
    const frame = Math.floor(at / PAGE_BYTES);
    const mode = this.#modeOf(vcpu);
    const before = this.#bySlot.get(this.#handlerAt(entry));
    if (before?.full === true && before.mode === mode) return undefined;
    const pages = this.#pagesFor(mode, from, frame);
    const start = at % PAGE_BYTES;
    const found = this.#find(pages, mode, start, again);
    if (again && this.#isEarly(entry, found)) return undefined;
    const others = again ? this.#entriesIn(found, pages, mode) : [];
    const region = new Region(this.#arch, mode, found, [start, ...found.resumed, ...found.targets, ...others]);
    if (!region.entries.includes(start)) return this.#refuse(entry, 'its first instruction is left to the interpreter');
    // Nothing new has become known.
    if (again && before?.shape === region.shape) return undefined;
    const firstSlot = this.#takeSlots(region.entries.length);
    const index = m.declare(`region ${at.toString(16)}`, handlerParams, handlerResults);
    let bytes = 0;
    m.define(index, (f) => {
      region.emit(f, firstSlot, (page) => decodePages.entryAt(pages.frameOf(page) ?? 0, 0) ?? 0);
      bytes = f.size;
    });
    m.exportFunction(`${firstSlot}`, index);
    this.#options.log?.(() => [`region 0x${at.toString(16)}`, ...region.listing()]);
    const installed: Installed = {
      mode,
      firstSlot,
      pages,
      entries: region.entries,
      places: placesOf(region.entries, pages),
      pieces: piecesOf(region, pages),
      instructions: region.instructions,
      bytes,
      shape: region.shape,
      full: found.full,
      merged: again,
    };
    for (let i = 0; i < region.entries.length; i++) this.#bySlot.set(firstSlot + i, installed);
    return installed;
  }

  // A region goes from page to page where addresses do not wrap around in its mode.
  #pagesFor(mode: Mode, from: Whereabouts, frame: number): CodePages {
    const { mode: slots, pages } = this.#arch.translatable;
    if (mode[slots.indexOf(engineState.amask)] !== -1n) return onePage(frame);
    return new NearPages(this.#view, pages, from, frame);
  }

  // What is made of others costs by its size: it has to be come to as often as is worth that.
  #isEarly(entry: number, { blocks }: Found): boolean {
    const size = [...blocks.values()].reduce((n, b) => n + b.instructions.length, 0);
    const due = Math.ceil((this.#again * size) / USUAL_SIZE);
    if ((this.#heard.get(entry) ?? 0) >= due) return false;
    this.#due.set(entry, due);
    return true;
  }

  // Where regions are entered that become part of another, by offsets of that one.
  #entriesIn(found: Found, pages: CodePages, mode: Mode): number[] {
    return [...new Set([...found.blocks.keys()].map(pageOf))].flatMap((page) => {
      const frame = pages.frameOf(page) ?? -1;
      const regions = [...(this.#byFrame.get(frame) ?? [])].filter((r) => r.mode === mode && !r.full);
      const places = regions.flatMap((r) => r.places).filter((p) => p.frame === frame);
      return places.map((p) => page * PAGE_BYTES + p.offset);
    });
  }

  #find(pages: CodePages, mode: Mode, offset: number, merge: boolean): Found {
    return findBlocks(
      this.#frames.code(pages),
      [offset],
      (decoded, at) => this.#courses.of(this.#arch, mode, decoded, at),
      this.#limits(merge),
    );
  }

  #limits(merge: boolean): Limits {
    const { threshold, instructions, blocks } = this.#options;
    return { instructions, blocks, merge, count: threshold === 1 ? 0 : Math.floor(threshold / 5) };
  }

  #refuse(entry: number, why: string): undefined {
    this.#refused.set(entry, why);
    this.counts.refused++;
    return undefined;
  }

  // Indices are used in turn, so that those which are overwritten are the oldest.
  #takeSlots(count: number): number {
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

  #install(region: Installed, functions: WebAssembly.Exports): void {
    const { pages } = this.#arch.translatable;
    const func = functions[`${region.firstSlot}`];
    if (typeof func !== 'function') throw new Error('a region lacks its function');
    region.places.forEach(({ frame, offset }, i) => {
      const slot = region.firstSlot + i;
      this.#table?.set(slot, func);
      const entry = pages.entryAt(frame, offset);
      if (entry === undefined) return;
      this.#due.set(entry, Math.max(this.#due.get(entry) ?? 0, (this.#heard.get(entry) ?? 0) + this.#again));
      if (this.#handlerAt(entry) === 0) this.#arch.translatable.fillEntry(entry, frame * PAGE_BYTES + offset);
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
      for (const region of this.#byFrame.get(frame) ?? []) if (!this.#isEntered(region)) this.#drop(region, 'replaced');
  }

  #isEntered({ places, firstSlot }: Installed): boolean {
    const { pages } = this.#arch.translatable;
    return places.some(({ frame, offset }, i) => {
      const entry = pages.entryAt(frame, offset);
      return entry !== undefined && this.#handlerAt(entry) === firstSlot + i;
    });
  }

  #drop(region: Installed, why: 'evicted' | 'invalidated' | 'flushed' | 'replaced'): void {
    if (this.#bySlot.get(region.firstSlot) !== region) return;
    const { pages } = this.#arch.translatable;
    region.places.forEach(({ frame, offset }, i) => {
      const slot = region.firstSlot + i;
      this.#bySlot.delete(slot);
      this.#table?.set(slot, null);
      const entry = pages.entryAt(frame, offset);
      if (entry !== undefined && this.#handlerAt(entry) === slot)
        this.#view.setUint16(entry + decodeEntry.handler, 0, true);
      // What was found out about code that is still there stays known.
      if (entry === undefined || why === 'replaced') return;
      this.#heard.delete(entry);
      this.#due.delete(entry);
    });
    for (const frame of framesOf(region)) this.#byFrame.get(frame)?.delete(region);
    this.counts[why]++;
    this.counts.regions--;
    this.counts.instructions -= region.instructions;
    this.counts.bytes -= region.bytes;
  }

  /** @inheritdoc */
  changed(frame: number, offset: number, length: number): void {
    if (this.#frames.forget(frame)) this.#refusedChanged(frame);
    const regions = this.#byFrame.get(frame);
    if (regions === undefined || regions.size === 0) return;
    for (const region of regions) if (holds(region, frame, offset, offset + length)) this.#drop(region, 'invalidated');
  }

  // Where code was refused there may be other code now.
  #refusedChanged(frame: number): void {
    const first = this.#arch.translatable.pages.entryAt(frame, 0);
    if (first === undefined) return;
    for (const entry of this.#refused.keys())
      if (entry >= first && entry < first + DECODE_PAGE_BYTES) this.#refused.delete(entry);
  }

  /** @inheritdoc */
  flushed(): void {
    for (const regions of this.#byFrame.values()) for (const region of regions) this.#drop(region, 'flushed');
    this.#byFrame.clear();
    this.#heard = new Map();
    this.#due = new Map();
    this.#refused.clear();
    this.#frames.forgetAll();
    this.#queue.clear();
    this.#modules.length = 0;
  }

  /** @inheritdoc */
  regions(): readonly RegionReport[] {
    const { pages } = this.#arch.translatable;
    const all = new Set(this.#bySlot.values());
    const entered = (r: Installed): number =>
      r.places.reduce((n, p) => n + (this.#heard.get(pages.entryAt(p.frame, p.offset) ?? 0) ?? 0), 0) * this.port.every;
    return [...all]
      .map((r) => ({
        address: (r.places[0]?.frame ?? 0) * PAGE_BYTES + (r.places[0]?.offset ?? 0),
        entries: r.entries.length,
        instructions: r.instructions,
        bytes: r.bytes,
        entered: entered(r),
      }))
      .sort((a, b) => b.entered - a.entered);
  }

  /** @inheritdoc */
  listing(address: number): readonly string[] | undefined {
    const frame = Math.floor(address / PAGE_BYTES);
    for (const region of this.#byFrame.get(frame) ?? []) {
      const i = region.places.findIndex((p) => p.frame === frame && p.offset === address % PAGE_BYTES);
      if (i < 0) continue;
      const found = this.#find(region.pages, region.mode, region.entries[i] ?? 0, true);
      return new Region(this.#arch, region.mode, found, region.entries).listing();
    }
    return undefined;
  }

  /** @inheritdoc */
  refusals(): ReadonlyMap<number, string> {
    const { pages } = this.#arch.translatable;
    return new Map([...this.#refused].map(([entry, why]) => [pages.storageOffset(entry) ?? 0, why]));
  }

  /** From now on no region holds instructions at these places of pages, counted in halfwords. */
  keepApart(places: ReadonlySet<number>): void {
    this.#frames.apart = places;
    this.#refused.clear();
    for (const regions of this.#byFrame.values())
      for (const region of regions)
        if (region.pieces.some((piece) => anyOf(places, piece))) this.#drop(region, 'invalidated');
  }

  /** Throws all translated code away. */
  forgetAll(): void {
    for (const regions of this.#byFrame.values()) for (const region of regions) this.#drop(region, 'flushed');
    this.#modules.length = 0;
  }
}

function anyOf(places: ReadonlySet<number>, { from, to }: Piece): boolean {
  for (let place = from >> 1; place < to >> 1; place++) if (places.has(place)) return true;
  return false;
}
