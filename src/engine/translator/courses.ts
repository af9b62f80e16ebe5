import { Trace } from '../../ir/specialize.ts';
import { summarize } from '../../ir/summary.ts';
import type { DecodedInstruction, TranslatableArch } from '../../machine/arch.ts';
import { type Course, courseOf } from './branch.ts';
import { knowledgeOf, type Mode } from './region.ts';

/**
 * The courses of instructions. A row without branches of which one instruction went on behind itself is taken to do so always: who makes a
 * block of it looks whether that is true.
 */
export class Courses {
  /** Registers in which calls were seen to leave where to return to. */
  readonly links = new Set<number>();
  readonly #plain = new Map<Mode, Set<number>>();
  readonly #known = new WeakMap<
    DecodedInstruction,
    { readonly mode: Mode; readonly offset: number; readonly course: Course }
  >();

  of(arch: TranslatableArch, mode: Mode, decoded: DecodedInstruction, offset: number): Course {
    let plain = this.#plain.get(mode);
    if (plain === undefined) {
      plain = new Set();
      this.#plain.set(mode, plain);
    }
    if (decoded.executes !== undefined) return 'next';
    const target = decoded.also !== undefined;
    if (plain.has(decoded.row) && !target) return 'next';
    const known = this.#known.get(decoded);
    if (known?.mode === mode && known.offset === offset) return known.course;
    const knowledge = knowledgeOf(arch, mode, decoded, offset);
    const statements = new Trace().add(decoded.body, knowledge);
    const course = courseOf(statements, offset + decoded.length, knowledge.slot);
    this.#known.set(decoded, { mode, offset, course });
    if (typeof course !== 'string' && course.links !== undefined) this.links.add(course.links);
    if (course === 'next' && !target && !summarize(decoded.body).branches) plain.add(decoded.row);
    return course;
  }
}
