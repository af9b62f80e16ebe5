import createDebug from 'debug';
import { type Assembly, type AssemblyOptions, assembleMachine } from '../api/assemble.ts';
import { usualEngine } from '../engine/engine.ts';
import type { OpenGuest } from '../machine/guest.ts';
import type { Wing } from '../wing/wing.ts';
import { keptInterpreter } from './kept-interpreter.ts';
import { UserError } from './user-error.ts';

export type { Assembly, AssemblyOptions };

/** Puts the program's machine of an architecture together; it has no image yet and does not run. */
export function assemble<G extends OpenGuest>(wing: Wing<G>, options: AssemblyOptions): Assembly<G> {
  const refusal = wing.memoryRefusal?.(options.memory);
  if (refusal !== undefined) throw new UserError('memory-size', refusal);
  const engine = options.engine ?? usualEngine;
  try {
    return assembleMachine(wing, {
      ...options,
      engine: { ...engine, translator: { ...engine.translator, log: regionLog() }, kept: keptInterpreter(wing.name) },
    });
  } catch (error) {
    // The host refuses a WebAssembly memory of this size.
    if (error instanceof RangeError) {
      throw new UserError('memory-size', `this host has no room for that much guest storage: give less with --memory`);
    }
    throw error;
  }
}

/** Shows regions as pseudo-code, if somebody wants to see them. */
function regionLog(): ((region: () => readonly string[]) => void) | undefined {
  const log = createDebug('guestscope:engine');
  if (!log.enabled) return undefined;
  return (region) => {
    for (const line of region()) log(line);
  };
}
