import type { Options } from 'yargs';
import { type EngineOptions, usualEngine } from '../engine/engine.ts';
import { engineOptions } from '../engine/modes.ts';
import type { ConsoleChoice } from './console-output.ts';
import type { Host } from './host.ts';
import { defaultGdbAddress } from './values.ts';

/** Options that both commands take. */
export const commonOptions = {
  gdb: {
    type: 'string',
    requiresArg: true,
    default: defaultGdbAddress,
    description: 'where to listen for gdb: [HOST:]PORT, or none; the host is 127.0.0.1 unless named',
  },
  wait: { type: 'boolean', default: false, description: 'stop before the first instruction and wait for gdb' },
  engine: {
    choices: ['translator', 'interpreter'],
    requiresArg: true,
    description:
      'translate hot guest code to WebAssembly, or interpret all of it; the guest runs alike (default translator)',
  },
  history: {
    type: 'string',
    requiresArg: true,
    default: '64M',
    description: 'how much of the past a debugger can go back to, as room for it, such as 256M; off keeps none',
  },
  'save-on-crash': {
    type: 'string',
    requiresArg: true,
    description:
      'a file for the guest and its past, should it crash: run --snapshot FILE opens it later, and the exit status is 4',
  },
  clock: {
    choices: ['real', 'virtual'],
    requiresArg: true,
    description: 'let an idle guest wait in real time, or jump to its next event',
  },
  console: {
    type: 'string',
    requiresArg: true,
    default: 'stdio',
    description: "where the guest's console goes: stdio, none (an attached gdb shows it), or a file",
  },
} as const satisfies Record<string, Options>;

/** Where `--console` says that the console goes. */
export function consoleChoice(text: string): ConsoleChoice {
  return text === 'stdio' || text === 'none' ? text : { file: text };
}

/** How guest code is executed: as `--engine` says, else as the process around the program wants it. */
export function engineChoice(asked: 'translator' | 'interpreter' | undefined, host: Host): EngineOptions {
  return engineOptions(asked ?? host.engine ?? usualEngine.kind);
}
