import { INSTRUCTIONS_PER_MICROSECOND } from '../arch/s390x/cpu/clock.ts';
import { CpuComplex } from '../arch/s390x/cpu/complex.ts';
import { S390xCore } from '../arch/s390x/cpu/core.ts';
import { type GuestIdentity, S390xGuest } from '../arch/s390x/guest.ts';
import { instructionTable } from '../arch/s390x/isa/table.ts';
import { s390xCommands } from '../arch/s390x/monitor/commands.ts';
import type { ConsolePort } from '../arch/s390x/vmm/sclp/console-port.ts';
import { Debugger } from '../debug/debugger.ts';
import { buildInterpreter } from '../engine/interpreter/interpreter.ts';
import { Machine } from '../machine/machine.ts';
import { Monitor } from '../monitor/monitor.ts';
import type { GuestDevice } from '../virtio/devices.ts';
import { UserError } from './user-error.ts';

/** What a machine is made with. */
export interface AssemblyOptions {
  /** Bytes of guest storage, whole mebibytes. */
  readonly memory: number;
  readonly vcpus: number;
  readonly clock: 'real' | 'virtual';
  /** The host's monotonic clock in milliseconds. */
  readonly now: () => number;
  /** Takes what the guest's consoles write; the bytes are not kept by the caller. */
  readonly console: ConsolePort['output'];
  /** Channel devices; none when not given. */
  readonly devices?: readonly GuestDevice[];
  readonly identity?: GuestIdentity;
}

/** A machine with all that holds it. */
export interface Assembly {
  readonly guest: S390xGuest;
  readonly machine: Machine;
  readonly target: Debugger;
  readonly monitor: Monitor<S390xGuest>;
}

/** Puts an s390x machine together; it has no image yet and does not run. */
export function assemble(options: AssemblyOptions): Assembly {
  const complex = makeComplex(options);
  const core = new S390xCore(complex, instructionTable);
  const interpreter = buildInterpreter(core, complex.memory, complex.filterAddress);
  const guest = new S390xGuest({ ...options, core, interpreter });
  const machine = new Machine(guest, {
    clock: options.clock,
    now: options.now,
    instructionsPerMicrosecond: Number(INSTRUCTIONS_PER_MICROSECOND),
  });
  const target = new Debugger(machine);
  return { guest, machine, target, monitor: new Monitor(guest, target, s390xCommands) };
}

function makeComplex({ memory, vcpus }: AssemblyOptions): CpuComplex {
  try {
    return new CpuComplex({ vcpus, storage: memory });
  } catch (error) {
    // The host refuses a WebAssembly memory of this size.
    if (error instanceof RangeError) {
      throw new UserError('memory-size', `this host has no room for that much guest storage: give less with --memory`);
    }
    throw error;
  }
}
