import { setFlagsFromString } from 'node:v8';
import { engineMode } from '../engine/modes.ts';
import { KEEP_CODE } from './chunks.ts';
import { main } from './cli.ts';
import { flushed } from './console-output.ts';
import { endSignals, exitStatus } from './exit-status.ts';
import type { Host } from './host.ts';
import { v8Flags } from './v8-flags.ts';

/** Who is told of errors that nothing caught; nobody while no guest runs. */
const faultListeners = new Set<(error: unknown) => void>();

const host: Host = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  engine: engineMode(process.env.GUESTSCOPE_ENGINE ?? ''),
  guestBegins() {
    if (process.env[KEEP_CODE] !== undefined) return;
    for (const flag of v8Flags(process.versions.v8)) setFlagsFromString(flag);
  },
  now: () => performance.now(),
  date: () => Date.now(),
  onSignal(listener) {
    for (const signal of endSignals) process.on(signal, listener);
    return () => {
      for (const signal of endSignals) process.off(signal, listener);
    };
  },
  onFault(listener) {
    faultListeners.add(listener);
    return () => faultListeners.delete(listener);
  },
};

function onFault(error: unknown): void {
  if (faultListeners.size > 0) {
    for (const listener of faultListeners) listener(error);
    return;
  }
  process.stderr.write(`guestscope: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(exitStatus.fault);
}

process.on('uncaughtException', onFault);
process.on('unhandledRejection', onFault);
// Nobody reads our words: that is no reason to end.
process.stderr.on('error', () => undefined);

void run();

async function run(): Promise<void> {
  const end = await main(process.argv.slice(2), host);
  await flushed(process.stdout);
  await flushed(process.stderr);
  // A shell, or npm, shall see that a signal ended the program, not that it failed.
  if (end.signal !== undefined) process.kill(process.pid, end.signal);
  process.exit(end.status);
}
