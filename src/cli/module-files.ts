import { elfMachine } from '../image/elf.ts';
import type { Wing } from '../wing/wing.ts';
import { readInput } from './input.ts';
import { UserError } from './user-error.ts';

/** The option by which users name modules of their own. */
export const moduleOption = {
  type: 'string',
  array: true,
  requiresArg: true,
  description:
    'a kernel module of yours, for whose code gdb gets its symbols; linux has it in /root; may be given more than once',
} as const;

/** Where the user's modules lie, each of which is one for this architecture. */
export function checkedModules(paths: readonly string[] | undefined, wing: Wing): readonly string[] {
  for (const path of paths ?? []) {
    const machine = elfMachine(readInput(path, { code: 'symbols-unreadable', what: 'module' }));
    if (machine !== undefined && wing.elfMachines.includes(machine)) continue;
    throw new UserError(
      'symbols-unreadable',
      `${path} is no module for ${wing.name}: give the .ko file that is loaded`,
    );
  }
  return paths ?? [];
}
