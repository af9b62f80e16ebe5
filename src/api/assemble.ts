import { Debugger } from '../debug/debugger.ts';
import { buildEngine, type EngineOptions, usualEngine } from '../engine/engine.ts';
import type { OpenGuest } from '../machine/guest.ts';
import { Machine } from '../machine/machine.ts';
import { breakpointCommands } from '../monitor/breakpoints/commands.ts';
import type { CommandRow } from '../monitor/command.ts';
import { Monitor } from '../monitor/monitor.ts';
import { pastCommands } from '../monitor/past/commands.ts';
import type { BuiltGuest, GuestOptions, Wing } from '../wing/wing.ts';

/** What a machine is made with. */
export interface AssemblyOptions extends Omit<GuestOptions, 'engine'> {
  readonly clock: 'real' | 'virtual';
  /** The host's monotonic clock in milliseconds. */
  readonly now: () => number;
  /** How guest code is executed. */
  readonly engine?: EngineOptions | undefined;
  /** Monitor commands besides those of the architecture. */
  readonly commands?: readonly CommandRow<OpenGuest>[];
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
export function assembleMachine<G extends OpenGuest>(wing: Wing<G>, options: AssemblyOptions): Assembly<G> {
  const engine = options.engine ?? usualEngine;
  const built = wing.build({
    ...options,
    engine: (arch, memory, filter) => buildEngine(arch, memory, filter, engine),
  });
  const { guest, commands } = built;
  const machine = new Machine(guest, {
    clock: options.clock,
    now: options.now,
    instructionsPerMicrosecond: wing.instructionsPerMicrosecond,
  });
  const target = new Debugger(machine, options.now);
  return {
    built,
    guest,
    machine,
    target,
    monitor: new Monitor(guest, target, [
      ...commands,
      ...breakpointCommands,
      ...pastCommands,
      ...(options.commands ?? []),
    ]),
  };
}
