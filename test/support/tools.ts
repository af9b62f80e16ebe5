import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';
import tools from '../../scripts/tools.json' with { type: 'json' };

/** A program that tests run against; `scripts/tools.json` names its Debian package. */
export type ToolName = keyof typeof tools;

/** The path of an installed tool. Throws when it is missing: call it inside `describeWithTools`. */
export function tool(name: ToolName): string {
  const path = find(name);
  if (path === undefined) throw new Error(missing(name));
  return path;
}

/**
 * A suite that needs tools. Where one is missing the suite fails in CI, so that nothing goes untested unseen, and is
 * skipped elsewhere, with the reason in its title.
 */
export function describeWithTools(names: readonly ToolName[], title: string, body: () => void): void {
  describeUnless(names.filter((name) => find(name) === undefined).map(missing), title, body);
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

function missing(name: ToolName): string {
  return `needs ${name}, which is not installed (package ${tools[name].package})`;
}

/** The path of a program that tests use where it is installed, and do without elsewhere. */
export function installed(name: string): string | undefined {
  return find(name);
}

function find(name: string): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}
