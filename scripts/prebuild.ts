/** Writes what the built program would else make at every start: the interpreters of each architecture. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { description, epilogue } from '../src/cli/about.ts';
import { commandRows } from '../src/cli/commands.ts';
import { interpreterName, keptInterpreterPath } from '../src/cli/kept-interpreter.ts';
import { manualPage } from '../src/cli/man.ts';
import { wings } from '../src/cli/wings.ts';
import { buildInterpreter, generateInterpreter } from '../src/engine/interpreter/interpreter.ts';
import { packInterpreter } from '../src/engine/interpreter/kept.ts';
import type { Wing } from '../src/wing/wing.ts';

/** Generates the interpreters for the program at `program`, a file URL, which was built under `key`. */
export async function prebuild(key: string, program: string): Promise<void> {
  for (const entry of wings) {
    const wing: Wing = await entry.load();
    for (const byteOrder of wing.byteOrders) {
      const path = fileURLToPath(keptInterpreterPath(interpreterName(wing, byteOrder), program));
      mkdirSync(dirname(path), { recursive: true });
      wing.build({
        ...{ memory: 1 << 20, vcpus: 1, byteOrder },
        console: () => undefined,
        engine: (arch, memory, filter) => {
          const made = generateInterpreter(arch, filter);
          writeFileSync(path, packInterpreter(key, made));
          return buildInterpreter(arch, memory, filter, made);
        },
      });
    }
  }
}

/** The manual page, of the same rows as help. */
export function manual(version: string): string {
  return manualPage({ version, description, rows: commandRows, epilogue });
}
