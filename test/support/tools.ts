import { describe, test } from 'vitest';
import { lack, type ToolName } from './installed.ts';

export { type ToolName, tool } from './installed.ts';

/**
 * A suite that needs tools. Where one is missing the suite fails in CI, so that nothing goes untested unseen, and is
 * skipped elsewhere, with the reason in its title.
 */
export function describeWithTools(names: readonly ToolName[], title: string, body: () => void): void {
  describeUnless(
    names.map(lack).filter((words) => words !== undefined),
    title,
    body,
  );
}

/**
 * A suite that needs something from outside the project; `lacks` says what is not there, in words. Fails in CI when
 * something is lacking, and is skipped elsewhere, with the reason in its title. One that is not `required` is skipped in CI,
 * too: what it needs is too large to be fetched there.
 */
export function describeUnless(
  lacks: readonly string[],
  title: string,
  body: () => void,
  { required = true }: { readonly required?: boolean } = {},
): void {
  if (lacks.length === 0) {
    describe(title, body);
  } else if (required && process.env.CI === 'true') {
    test(title, () => {
      throw new Error(lacks.join('; '));
    });
  } else {
    // skipped: a tool is missing here, which CI does not let pass
    describe.skip(`${title} [${lacks.join('; ')}]`, body);
  }
}
