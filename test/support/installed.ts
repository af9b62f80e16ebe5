import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import tools from '../../scripts/tools.json' with { type: 'json' };

/** A program that tests run against; `scripts/tools.json` names its Debian package. */
export type ToolName = keyof typeof tools;

/** The path of an installed tool. Throws when it is missing. */
export function tool(name: ToolName): string {
  const path = find(name);
  if (path === undefined) throw new Error(missing(name));
  return path;
}

/** That a tool is missing, in words; undefined when it is there. */
export function lack(name: ToolName): string | undefined {
  return find(name) === undefined ? missing(name) : undefined;
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
