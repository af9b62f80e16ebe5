import createDebug from 'debug';
import { Debugger } from '../debug/debugger.ts';
import { buildEngine, type EngineOptions, usualEngine } from '../engine/engine.ts';
import type { OpenGuest } from '../machine/guest.ts';
import { Machine } from '../machine/machine.ts';
import { Monitor } from '../monitor/monitor.ts';
import { pastCommands } from '../monitor/past/commands.ts';
import type { BuiltGuest, GuestOptions, Wing } from '../wing/wing.ts';
import { keptInterpreter } from './kept-interpreter.ts';
import { UserError } from './user-error.ts';

/** What a machine is made with. */
export interface AssemblyOptions extends Omit<GuestOptions, 'engine'> {
  readonly clock: 'real' | 'virtual';
  /** The host's monotonic clock in milliseconds. */
  readonly now: () => number;
  /** How guest code is executed. */
  readonly engine?: EngineOptions | undefined;
}

/** A machine with all that holds it. */
export interface Assembly<G extends OpenGuest = OpenGuest> {
  readonly built: BuiltGuest<G>;
  readonly guest: G;
  readonly machine: Machine;
  readonly target: Debugger;
  readonly monitor: Monitor<G>;
}

/** Puts a machine of an architecture together; it has no image yet and does not run. */
export function assemble<G extends OpenGuest>(wing: Wing<G>, options: AssemblyOptions): Assembly<G> {
  const built = build(wing, options);
  const { guest, commands } = built;
  const machine = new Machine(guest, {
    clock: options.clock,
    now: options.now,
    instructionsPerMicrosecond: wing.instructionsPerMicrosecond,
  });
  const target = new Debugger(machine, options.now);
  return { built, guest, machine, target, monitor: new Monitor(guest, target, [...commands, ...pastCommands]) };
}

function build<G extends OpenGuest>(wing: Wing<G>, options: AssemblyOptions): BuiltGuest<G> {
  try {
    return wing.build({
      ...options,
      engine: (arch, memory, filter) =>
        buildEngine(arch, memory, filter, {
          ...(options.engine ?? usualEngine),
          translator: { ...(options.engine ?? usualEngine).translator, log: regionLog() },
          kept: keptInterpreter(wing.name),
        }),
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
