import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that want a kernel which is built while the others run. */
const late = [/\/ppc64-linux\.test\.ts$/, /\/ppc64-kernel\.test\.ts$/];

/** The usual order, but for files that wait for something: they come last. */
export class LateSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification): boolean => late.some((pattern) => pattern.test(moduleId));
    return [...sorted.filter((file) => !waits(file)), ...sorted.filter(waits)];
  }
}
