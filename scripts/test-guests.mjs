// Begins what tests boot and nobody ships, while other tests run: those that want it wait for it. See guests/ppc64-linux.
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../guests/ppc64-linux/', import.meta.url));

/** Starts the builds in the background, and gives back what ends those that are not done. What goes wrong the tests say, which try again. */
export function beginGuests() {
  const cache = process.env.GUESTSCOPE_CACHE_PPC64 ?? join(homedir(), '.cache', 'guestscope', 'ppc64');
  const both = 'nice -n 10 "$0/compile-busybox.sh" "$1"; nice -n 10 "$0/build-kernel.sh" "$1"';
  const child = spawn('bash', ['-c', both, folder, cache], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
  return () => {
    if (child.pid === undefined || child.exitCode !== null) return;
    try {
      process.kill(-child.pid);
    } catch {
      // It has ended.
    }
  };
}
