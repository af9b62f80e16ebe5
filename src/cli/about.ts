import { readFileSync } from 'node:fs';

/** What the program is, in a sentence. */
export const description =
  'Runs an s390x guest under an emulated SIE core, or a ppc64 guest under an emulated POWER7, and serves gdb over TCP.';

/** What stands under every help text. */
export const epilogue = [
  "The guest's console is standard output; guestscope's own words go to standard error.",
  'Exit status: 0 the guest stopped itself, 1 it crashed, 2 a mistake in the command line or its files,',
  '3 a fault of guestscope or an instruction that it lacks, 4 the guest crashed and --save-on-crash has kept it,',
  '128 + N when signal N ended it.',
  'A test image that prints EXIT: STATUS=n and stops its CPUs makes it (n - 1) / 2 under run.',
].join('\n');

/** The version of the package. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('package.json has no version');
}
