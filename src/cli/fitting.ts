/** What a guest of an architecture cannot be given is refused, and not left out without a word. */

import type { Wing } from '../wing/wing.ts';
import { UserError } from './user-error.ts';

/** Options that ask for what not every guest can have. */
interface Asked {
  readonly disk: readonly string[] | undefined;
  readonly net: readonly string[] | undefined;
  readonly hvc: string | undefined;
  /** `reset` is what there is when nothing was said. */
  readonly watchdog: 'restart' | 'reset' | 'stop';
}

/** Throws a `UserError` for an option that asks for what no guest of the architecture can have. */
export function checkFitting({ disk, net, hvc, watchdog }: Asked, { lacks }: Pick<Wing, 'lacks'>): void {
  if (lacks === undefined) return;
  for (const [name, given] of Object.entries({ disk, net, hvc })) {
    if (given !== undefined) throw new UserError('no-such-device', `--${name}: ${lacks.devices}: leave it out`);
  }
  if (watchdog !== 'reset') throw new UserError('no-such-device', `--watchdog: ${lacks.watchdog}: leave it out`);
}

/** The same for symbols of modules, where they are all that modules are named for. */
export function checkModules(modules: readonly string[] | undefined, { lacks }: Pick<Wing, 'lacks'>): void {
  if (modules === undefined || lacks === undefined) return;
  throw new UserError('no-such-device', `--module: ${lacks.modules}: leave it out, and use add-symbol-file`);
}
