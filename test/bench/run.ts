/** Runs a machine as a process until its console says a line, and takes the time. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What to start, and with which environment in addition. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Seconds from the start of the process to the line. */
export interface Taken {
  readonly wall: number;
  /** Processor time of the process, all of its threads; undefined where /proc does not tell. */
  readonly cpu: number | undefined;
  /** Resident bytes of the process then. */
  readonly resident: number | undefined;
  /** The line's first group. */
  readonly said: string;
}

/** Ticks of /proc/PID/stat in a second: Linux tells user space so on every architecture. */
const TICKS = 100;
/** Kept of what was said last, to look for the line in. */
const KEPT = 4096;

/** Runs a command until what it writes matches; the process is ended then. Undefined when there is no such program. */
export function runUntil(command: Command, line: RegExp): Promise<Taken | undefined> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const child = spawn(command.program, command.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...command.env },
    });
    let taken: Taken | undefined;
    let output = '';
    const heard = (chunk: Buffer): void => {
      output = (output + chunk.toString('latin1')).slice(-KEPT);
      const found = line.exec(output);
      if (found === null || taken !== undefined) return;
      const wall = (performance.now() - from) / 1000;
      taken = { wall, ...usage(child.pid ?? 0), said: found[1] ?? '' };
      child.kill('SIGKILL');
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.on('close', (status) => {
      if (taken !== undefined) resolve(taken);
      else
        reject(
          new Error(`${command.program} ended with ${status} and did not say ${line}; the last it said:\n${output}`),
        );
    });
  });
}

function usage(pid: number): { readonly cpu: number | undefined; readonly resident: number | undefined } {
  try {
    // The name in parentheses may hold anything; fields are counted behind it, from the third on.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return {
      cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
      resident: resident === undefined ? undefined : Number(resident) * 1024,
    };
  } catch {
    return { cpu: undefined, resident: undefined };
  }
}
