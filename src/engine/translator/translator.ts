import type { TranslatableArch } from '../../machine/arch.ts';
import type { CodeObserver } from '../../machine/decode-pages.ts';
import { engineState, PAGE_BYTES } from '../../machine/layout.ts';
import type { RegionReport, TranslatedCode, TranslatorCounts } from '../../machine/translated.ts';
import type { EnginePort, OpenInterpreter } from '../interpreter/interpreter.ts';
import { Arrivals } from './arrivals.ts';
import { LiveFacts } from './facts.ts';
import { type Installed, type Piece, placesOf } from './installed.ts';
import { type Made, type MadeRegion, type MakeAgain, type MakePlace, Maker, slotName } from './maker.ts';
import { Modes } from './modes.ts';
import { type TranslatorOptions, usualOptions } from './options.ts';
import { type CodePages, NearPages, onePage, type Whereabouts, whereaboutsOf } from './pages.ts';
import type { Mode } from './region.ts';
import { Regions } from './regions.ts';

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
  readonly entry: number;
  readonly mode: Mode;
  readonly from: Whereabouts;
  /** It is translated already, but execution often comes there from outside: more is known now of what belongs to it. */
  readonly again: boolean;
}

/** One for which a region is to be made. */
interface Wanted extends MakePlace {
  readonly entry: number;
}

/**
 * An arrival at a long run of instructions costs the interpreter more: at one of so many it counts as four, and while places wait, as many
 * times as it is longer than usual. What is not a quarter as long counts as one.
 */
const LONG = 160;
const MOST_WEIGHT = 4;
const USUAL_RUN = 8;

/**
 * What a program spends its time in is some hundred instructions. Where so many have been translated, such as in a kernel that starts, what
 * becomes hot later is come to less: it is translated after twice as many arrivals.
 */
const OF_A_PROGRAM = 2000;
const LATER = 2;

/** Turns hot code into WebAssembly, and forgets it when the code changes. */
export class Translator implements CodeObserver, TranslatedCode {
  readonly #arch: TranslatableArch;
  readonly #memory: WebAssembly.Memory;
  readonly #view: DataView;
  readonly #options: TranslatorOptions;
  readonly port: Pick<EnginePort, 'every' | 'hot'>;
  readonly #regions: Regions;
  readonly #arrivals = new Arrivals();
  /** How often the translator must hear of an entry before it is translated, and of its region before that is made again. */
  readonly #threshold: number;
  readonly #again: number;
  readonly #facts: LiveFacts;
  readonly #maker: Maker;
  readonly #modes = new Modes();
  readonly #refused = new Map<number, string>();
  /** Places that wait to be translated, by entry, and how often the translator has heard of them since. */
  readonly #queue = new Map<number, Hot>();
  #waited = 0;

  constructor(arch: TranslatableArch, memory: WebAssembly.Memory, options: TranslatorOptions = usualOptions) {
    this.#arch = arch;
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#options = options;
    const every = Math.min(EVERY, options.threshold);
    this.#threshold = Math.ceil(options.threshold / every);
    this.#again = Math.ceil(options.again / every);
    this.#regions = new Regions(arch, this.#view, options.modules, (entry) => this.#arrivals.forget(entry));
    this.#facts = new LiveFacts(arch, this.#view, {
      every,
      heard: (entry) => this.#arrivals.heard(entry),
      kind: (handler) => this.#regions.kindOf(handler),
    });
    this.#maker = new Maker(arch, options, this.#facts);
    this.port = {
      every,
      hot: (vcpu, entry) => this.#hot(vcpu, entry),
    };
    arch.translatable.pages.observer = this;
  }

  /** @inheritdoc */
  get counts(): Readonly<TranslatorCounts> {
    return this.#regions.counts;
  }

  /** The interpreter whose table the regions go into. */
  attach(interpreter: OpenInterpreter): void {
    this.#regions.attach(interpreter);
  }

  /** Called when nothing runs: translates what has become hot. */
  pump(): void {
    if (this.#options.forget?.() === true) this.forgetAll();
    if (this.#queue.size === 0 || (this.#queue.size < BATCH && this.#waited * PATIENCE < this.#options.threshold))
      return;
    const queue = [...this.#queue.values()].sort((a, b) => a.entry - b.entry);
    this.#queue.clear();
    this.#waited = 0;
    const made: MadeRegion[] = [];
    for (let i = 0; i < queue.length; i += BATCH) made.push(...this.#translate(queue.slice(i, i + BATCH), made));
  }

  #hot(vcpu: number, entry: number): void {
    if (this.#refused.has(entry)) return;
    const again = this.#regions.isRegionAt(entry);
    const { heard, due } = this.#arrivals.hear(entry);
    const { threshold } = this.#options;
    // Most are not due by far.
    if (threshold !== 1 && heard < (due ?? Math.floor(this.#threshold / MOST_WEIGHT))) return;
    const run = this.#facts.run(entry, LONG);
    if (threshold === 1 ? again : heard < (due ?? this.#dueOf(run))) return;
    const hot = { entry, again, mode: this.#modeOf(vcpu), from: whereaboutsOf(this.#view, vcpu) };
    if (threshold === 1) {
      this.#translate([hot], []);
      return;
    }
    this.#queue.set(entry, hot);
    this.#waited += run * MOST_WEIGHT < LONG ? 1 : run / USUAL_RUN;
  }

  // The blocks behind are come to often enough to be taken in, too.
  #dueOf(run: number): number {
    const times = this.#regions.counts.translated < OF_A_PROGRAM ? 1 : LATER;
    return Math.ceil((this.#threshold * times) / Math.max(1, Math.floor((run * MOST_WEIGHT) / LONG)));
  }

  // Equal modes are one value.
  #modeOf(vcpu: number): Mode {
    return this.#modes.of(
      this.#arch.translatable.mode.map((slot) =>
        slot.ty === 'i64'
          ? this.#view.getBigInt64(vcpu + slot.offset, true)
          : BigInt(this.#view.getInt32(vcpu + slot.offset, true)),
      ),
    );
  }

  // `before` are the regions that were made at the same time; those that are made now come out.
  #translate(hot: readonly Hot[], before: readonly MadeRegion[]): readonly MadeRegion[] {
    const places = hot.flatMap((h) => this.#wanted(h) ?? []);
    return this.#deliver(places, this.#maker.make(places, before));
  }

  #wanted({ entry, again, mode, from }: Hot): Wanted | undefined {
    const heard = this.#arrivals.heard(entry);
    this.#arrivals.wait(entry, again ? heard * 16 : heard + this.#again);
    const at = this.#arch.translatable.pages.storageOffset(entry);
    if (at === undefined || this.#regions.isRegionAt(entry) !== again) return undefined;
    // One of a page aside is none.
    if (this.#arch.translatable.pages.entryAt(Math.floor(at / PAGE_BYTES), at % PAGE_BYTES) !== entry) return undefined;
    const before = this.#regions.at(entry);
    if (before?.full === true && before.mode === mode) return undefined;
    const pages = this.#pagesFor(mode, from, Math.floor(at / PAGE_BYTES));
    const made = again ? this.#madeAgain(heard, before, pages, mode) : undefined;
    return { entry, mode, start: at % PAGE_BYTES, pages, again: made };
  }

  // What is made of others costs by its size: it has to be come to as often as is worth that.
  #madeAgain(heard: number, before: Installed | undefined, pages: CodePages, mode: Mode): MakeAgain {
    const inPage = (page: number): number[] =>
      this.#regions.entriesIn(pages.frameOf(page) ?? -1, mode).map((offset) => page * PAGE_BYTES + offset);
    return {
      most: Math.floor((heard * USUAL_SIZE) / this.#again),
      shape: before?.shape,
      entries: (of) => [...of].flatMap(inPage),
    };
  }

  // A region goes from page to page where addresses do not wrap around in its mode.
  #pagesFor(mode: Mode, from: Whereabouts, frame: number): CodePages {
    const { mode: slots, pages } = this.#arch.translatable;
    if (mode[slots.indexOf(engineState.amask)] !== -1n) return onePage(frame);
    return new NearPages(this.#view, pages, from, frame);
  }

  // Puts into use what was made for some places; the regions among it come out.
  #deliver(places: readonly Wanted[], { module, outcomes }: Made): MadeRegion[] {
    const regions: { readonly number: number; readonly made: MadeRegion; readonly installed: Installed }[] = [];
    const slots: Record<string, number> = {};
    outcomes.forEach((outcome, number) => {
      const place = places[number];
      if (place === undefined) return;
      const { entry } = place;
      if (outcome.kind === 'refused') this.#refuse(entry, outcome.why);
      // It is no entry until that many more arrivals from outside show that it is.
      else if (outcome.kind === 'covered') this.#arrivals.wait(entry, this.#arrivals.heard(entry) + this.#threshold);
      else if (outcome.kind === 'early')
        this.#arrivals.wait(entry, Math.ceil((this.#again * outcome.instructions) / USUAL_SIZE));
      else if (outcome.kind === 'made') {
        const installed = this.#installed(place, outcome.region);
        slots[slotName(number)] = installed.firstSlot;
        regions.push({ number, made: outcome.region, installed });
      }
    });
    if (module === undefined || regions.length === 0) return [];
    const { exports } = new WebAssembly.Instance(module, { machine: { memory: this.#memory }, slots });
    this.#regions.install(
      regions.map(({ number, installed }) => ({ region: installed, func: exports[slotName(number)] })),
      (entry) => this.#arrivals.waitOn(entry, this.#again),
    );
    return regions.map((r) => r.made);
  }

  #installed({ pages, again }: Wanted, region: MadeRegion): Installed {
    return {
      ...region,
      pages,
      firstSlot: this.#regions.takeSlots(region.entries.length),
      places: placesOf(region.entries, pages),
      merged: again !== undefined,
    };
  }

  #refuse(entry: number, why: string): void {
    this.#refused.set(entry, why);
    this.#regions.counts.refused++;
  }

  /** @inheritdoc */
  changed(frame: number, offset: number, length: number): void {
    if (this.#maker.frames.forget(frame)) this.#refusedChanged(frame);
    this.#regions.changed(frame, offset, offset + length);
  }

  // Where code was refused there may be other code now.
  #refusedChanged(frame: number): void {
    const { pages } = this.#arch.translatable;
    const first = pages.entryAt(frame, 0);
    if (first === undefined) return;
    for (const entry of this.#refused.keys())
      if (entry >= first && entry < first + pages.bytes) this.#refused.delete(entry);
  }

  /** @inheritdoc */
  flushed(): void {
    this.#regions.dropAll();
    this.#arrivals.forgetAll();
    this.#refused.clear();
    this.#maker.frames.forgetAll();
    this.#queue.clear();
  }

  /** @inheritdoc */
  regions(): readonly RegionReport[] {
    return this.#regions.report((entry) => this.#arrivals.heard(entry) * this.port.every);
  }

  /** @inheritdoc */
  listing(address: number): readonly string[] | undefined {
    const frame = Math.floor(address / PAGE_BYTES);
    for (const { places, entries, pages, mode } of this.#regions.inFrame(frame)) {
      const i = places.findIndex((p) => p.frame === frame && p.offset === address % PAGE_BYTES);
      if (i < 0) continue;
      const again: MakeAgain = { most: 0, shape: undefined, entries: () => [] };
      return this.#maker.listing({ mode, start: entries[i] ?? 0, pages, again }, entries);
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
    this.#maker.frames.apart = places;
    this.#refused.clear();
    this.#regions.dropThose((piece) => anyOf(places, piece));
  }

  /** Throws all translated code away. */
  forgetAll(): void {
    this.#regions.dropAll();
  }
}

function anyOf(places: ReadonlySet<number>, { from, to }: Piece): boolean {
  for (let place = from >> 1; place < to >> 1; place++) if (places.has(place)) return true;
  return false;
}
