import type { Stateful } from '../bits/stateful.ts';
import type { Course, CourseMaker } from './course.ts';
import type { GuestVcpu } from './guest.ts';
import type { Plan } from './inputs.ts';

/** How vCPUs are to go on, by their numbers. A vCPU that is not named stays as it is. */
export type Plans = ReadonlyMap<number, Plan>;

/** Who goes on how, as plain data; everybody, for ever, when it is undefined. */
export type CoursesState = readonly CourseState[] | undefined;

interface CourseState {
  readonly vcpu: number;
  readonly plan: Plan;
  /** How far a course has come. */
  readonly progress: unknown;
}

/** Who may run, and how. */
export class Courses implements Stateful<CoursesState> {
  readonly #vcpus: readonly GuestVcpu[];
  #courses: ReadonlyMap<number, Course | 'continue'> | undefined;
  /** Makes the courses of plans; whoever has plans gives it. */
  maker: CourseMaker | undefined;

  constructor(vcpus: readonly GuestVcpu[]) {
    this.#vcpus = vcpus;
  }

  /** The vCPUs begin what they are to do: all of them go on for ever when there are no plans. */
  begin(plans: Iterable<readonly [vcpu: number, plan: Plan]> | undefined): void {
    this.#courses = plans && new Map([...plans].map(([id, plan]) => [id, this.#make(id, plan)]));
  }
  /** True when everybody goes on for ever. */
  get unlimited(): boolean {
    return this.#courses === undefined;
  }
  /** What a vCPU does; undefined when it is to stay as it is. */
  of(vcpu: GuestVcpu): Course | 'continue' | undefined {
    return this.#courses === undefined ? 'continue' : this.#courses.get(vcpu.id);
  }

  /** True when a vCPU is on a course with an end of its own. */
  steps(vcpu: GuestVcpu): boolean {
    const course = this.of(vcpu);
    return course !== undefined && course !== 'continue';
  }

  /** @inheritdoc */
  save(): CoursesState {
    const courses = this.#courses && [...this.#courses];
    return courses?.map(([vcpu, c]) =>
      c === 'continue' ? { vcpu, plan: c, progress: undefined } : { vcpu, plan: { ...c.plan }, progress: c.save() },
    );
  }
  /** @inheritdoc */
  restore(state: CoursesState): void {
    this.begin(state?.map(({ vcpu, plan }) => [vcpu, plan]));
    for (const { vcpu, progress } of state ?? []) {
      const course = this.#courses?.get(vcpu);
      if (course !== undefined && course !== 'continue') course.restore(progress);
    }
  }

  #make(id: number, plan: Plan): Course | 'continue' {
    const vcpu = this.#vcpus.find((v) => v.id === id);
    if (vcpu === undefined || plan === 'continue') return 'continue';
    if (this.maker === undefined) throw new Error('nobody makes courses for this machine');
    return this.maker(vcpu, { ...plan });
  }
}
