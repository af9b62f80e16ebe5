import type { LoggedInput } from '../machine/inputs.ts';
import type { Future } from './future.ts';
import type { ImagePool } from './image-pool.ts';
import type { Interval } from './interval.ts';
import type { Mark } from './mark.ts';

/**
 * The way that a machine is on: its marks, what changed between them, and the inputs that came in. The machine stands behind the
 * mark `base`: intervals in front of that hold what was before, those behind it what comes.
 */
export class Track {
  readonly marks: Mark[] = [];
  /** What changed between each mark and the next one. */
  readonly intervals: Interval[] = [];
  readonly inputs: LoggedInput[] = [];
  /** How many inputs came in before the first that is kept. */
  forgotten = 0;
  base = 0;
  readonly #pool: ImagePool;

  constructor(pool: ImagePool) {
    this.#pool = pool;
  }

  /** True while it is known what comes. */
  get isPast(): boolean {
    return this.base < this.marks.length - 1;
  }
  /** Bytes of the states at the marks. */
  get stateBytes(): number {
    return this.marks.reduce((sum, mark) => sum + mark.bytes, 0);
  }

  /** Puts a mark behind the machine, and what has changed since the last one in front of it. */
  insert(mark: Mark, ended: Interval): void {
    if (this.marks.length > 0) this.intervals.splice(this.base, 0, ended);
    this.base = Math.min(this.base + 1, this.marks.length);
    this.marks.splice(this.base, 0, mark);
  }

  /** Takes a mark away that is neither the first nor the last, nor the machine's. */
  drop(mark: number): void {
    const [earlier, later] = [this.intervals[mark - 1], this.intervals[mark]];
    if (earlier === undefined || later === undefined) throw new Error(`mark ${mark} cannot be dropped`);
    earlier.join(later, mark <= this.base ? 'older' : 'newer', this.#pool);
    this.intervals.splice(mark, 1);
    this.marks.splice(mark, 1);
    if (mark <= this.base) this.base--;
  }
  /** Takes the first mark away, which is not the machine's, and what leads there. */
  dropFirst(): void {
    this.intervals.shift()?.clear(this.#pool);
    this.marks.shift();
    this.base--;
    const gone = (this.marks[0]?.inputs ?? 0) - this.forgotten;
    this.inputs.splice(0, gone);
    this.forgotten += gone;
  }

  /** Takes away what lies behind a mark; so many inputs in all have come in by then. */
  cut(mark: number, inputs: number): Pick<Future, 'marks' | 'intervals' | 'inputs'> {
    return {
      marks: this.marks.splice(mark + 1),
      intervals: this.intervals.splice(mark),
      inputs: this.inputs.splice(inputs - this.forgotten),
    };
  }
  /** Leads on with what was cut off here. */
  append({ marks, intervals, inputs }: Pick<Future, 'marks' | 'intervals' | 'inputs'>): void {
    this.marks.push(...marks);
    this.intervals.push(...intervals);
    this.inputs.push(...inputs);
  }

  /** Begins anew where so many inputs have come in. */
  clear(inputs: number): void {
    for (const interval of this.intervals.splice(0)) interval.clear(this.#pool);
    this.marks.length = 0;
    this.inputs.length = 0;
    this.forgotten = inputs;
    this.base = 0;
  }
}
