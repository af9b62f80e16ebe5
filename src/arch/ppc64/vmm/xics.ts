import type { Stateful } from '../../../bits/stateful.ts';

/** Source number of interruptions between processors. */
const IPI_SOURCE = 2;
const LEAST_FAVOURED = 0xff;

/** An interruption source: whom it goes to, how favoured it is, and whether it waits. */
interface Source {
  server: number;
  priority: number;
  /** The priority that it has when it is switched on again. */
  saved: number;
  pending: boolean;
}

/** The presentation of interruptions to one processor. */
interface Presenter {
  cppr: number;
  mfrr: number;
  /** The source that is in service; 0 for none. */
  xisr: number;
}

/** What is saved of it. */
export interface XicsState {
  readonly sources: readonly (readonly [number: number, source: Readonly<Source>])[];
  readonly presenters: readonly Readonly<Presenter>[];
}

/** The interruption controller of PAPR: sources with servers and priorities, and one presenter for each processor. */
export class Xics implements Stateful<XicsState> {
  readonly #sources = new Map<number, Source>();
  readonly #presenters: Presenter[];
  readonly #line: (server: number, up: boolean) => void;

  /** `line` is told of the external line of a processor whenever it may have changed. */
  constructor(servers: number, sources: readonly number[], line: (server: number, up: boolean) => void) {
    this.#line = line;
    this.#presenters = Array.from({ length: servers }, () => ({ cppr: 0, mfrr: LEAST_FAVOURED, xisr: 0 }));
    for (const n of sources) {
      this.#sources.set(n, { server: 0, priority: LEAST_FAVOURED, saved: LEAST_FAVOURED, pending: false });
    }
  }

  get servers(): number {
    return this.#presenters.length;
  }

  /** @inheritdoc */
  save(): XicsState {
    return {
      sources: [...this.#sources].map(([n, s]) => [n, { ...s }] as const),
      presenters: this.#presenters.map((p) => ({ ...p })),
    };
  }
  /** @inheritdoc */
  restore({ sources, presenters }: XicsState): void {
    for (const [n, s] of sources) this.#sources.set(n, { ...s });
    presenters.forEach((p, i) => {
      this.#presenters[i] = { ...p };
    });
    for (let i = 0; i < this.servers; i++) this.#update(i);
  }

  /** A source interrupts, once. */
  raise(number: number): void {
    const source = this.#sources.get(number);
    if (source === undefined) return;
    source.pending = true;
    this.#update(source.server);
  }

  /** The most favoured interruption that waits for a processor: its source and priority. */
  #best(server: number): { readonly source: number; readonly priority: number } {
    let best = { source: 0, priority: LEAST_FAVOURED };
    const mfrr = this.#presenters[server]?.mfrr ?? LEAST_FAVOURED;
    if (mfrr < best.priority) best = { source: IPI_SOURCE, priority: mfrr };
    for (const [number, s] of this.#sources) {
      if (s.pending && s.server === server && s.priority < best.priority)
        best = { source: number, priority: s.priority };
    }
    return best;
  }
  #update(server: number): void {
    const cppr = this.#presenters[server]?.cppr ?? 0;
    this.#line(server, this.#best(server).priority < cppr);
  }

  /** H_XIRR: takes the interruption that waits; the old priority and the source. */
  accept(server: number): number {
    const p = this.#presenters[server];
    if (p === undefined) return 0;
    const { source, priority } = this.#best(server);
    const old = p.cppr;
    if (priority >= old) return (old << 24) >>> 0;
    p.cppr = priority;
    p.xisr = source;
    const found = this.#sources.get(source);
    if (found !== undefined) found.pending = false;
    this.#update(server);
    return ((old << 24) | source) >>> 0;
  }
  /** H_EOI: the priority is what it was. */
  end(server: number, xirr: number): void {
    this.setPriority(server, xirr >>> 24);
  }
  /** H_CPPR. */
  setPriority(server: number, cppr: number): void {
    const p = this.#presenters[server];
    if (p === undefined) return;
    p.cppr = cppr & 255;
    this.#update(server);
  }
  /** H_IPI; false when there is no such processor. */
  setMfrr(server: number, mfrr: number): boolean {
    const p = this.#presenters[server];
    if (p === undefined) return false;
    p.mfrr = mfrr & 255;
    this.#update(server);
    return true;
  }
  /** H_IPOLL: what H_XIRR would say, and MFRR. */
  poll(server: number): readonly [xirr: number, mfrr: number] {
    const p = this.#presenters[server];
    if (p === undefined) return [0, LEAST_FAVOURED];
    const { source, priority } = this.#best(server);
    return [((p.cppr << 24) | (priority < p.cppr ? source : 0)) >>> 0, p.mfrr];
  }

  /** ibm,set-xive; false when there is no such source or processor. */
  route(number: number, server: number, priority: number): boolean {
    const s = this.#sources.get(number);
    if (s === undefined || this.#presenters[server] === undefined) return false;
    const before = s.server;
    s.server = server;
    s.priority = priority & 255;
    s.saved = s.priority;
    this.#update(before);
    this.#update(server);
    return true;
  }
  /** ibm,get-xive. */
  routeOf(number: number): readonly [server: number, priority: number] | undefined {
    const s = this.#sources.get(number);
    return s === undefined ? undefined : [s.server, s.priority];
  }
  /** ibm,int-on and -off. */
  enable(number: number, on: boolean): boolean {
    const s = this.#sources.get(number);
    if (s === undefined) return false;
    if (on) s.priority = s.saved;
    else {
      s.saved = s.priority;
      s.priority = LEAST_FAVOURED;
    }
    this.#update(s.server);
    return true;
  }
}
