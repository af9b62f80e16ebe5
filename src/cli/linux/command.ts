import type { CommandModule } from 'yargs';
import type { Host } from '../host.ts';
import { commonOptions } from '../options.ts';
import type { ProgramOptions } from '../program.ts';
import { type RunArguments, runOptions, usualClock } from '../run.ts';
import { wings } from '../wings.ts';

/** What `run` takes, but for what `linux` knows by itself. */
type Shared = Omit<RunArguments, 'image' | 'initrd' | 'symbols' | 'snapshot' | 'incoming'>;

/** The arguments of `linux`, as they are typed. */
export interface LinuxArguments extends Shared {
  readonly arch: string;
  readonly script: string | undefined;
  readonly debuginfo: boolean;
  readonly cache: string | undefined;
}

/** Options that only `linux` takes. */
export const linuxOptions = {
  arch: {
    choices: wings.filter((w) => w.hasDebian).map((w) => w.name),
    requiresArg: true,
    default: 's390x',
    description:
      'the architecture whose Debian is booted: ppc64 is the little-endian one, for a POWER8 unless --cpu says otherwise',
  },
  script: {
    type: 'string',
    requiresArg: true,
    description: 'shell commands for the guest to run in place of an interactive shell; it powers off after them',
  },
  debuginfo: { type: 'boolean', default: false, description: 'fetch vmlinux with debug information, too (400 MB)' },
  cache: {
    type: 'string',
    requiresArg: true,
    defaultDescription: '~/.cache/guestscope/debian, for ppc64 debian-ppc64el there',
    description: 'where the packages are kept',
  },
} as const;

const { initrd: _initrd, symbols: _symbols, snapshot: _snapshot, ...shared } = runOptions;

/** Options of `run` that `linux` takes, too. */
export const linuxSharedOptions = shared;

/** `guestscope linux`; `choose` is told what is to be run. */
export function linuxCommand(
  host: Host,
  choose: (options: ProgramOptions) => void,
): CommandModule<object, LinuxArguments> {
  return {
    command: 'linux',
    builder: (yargs) =>
      yargs.options({
        ...linuxSharedOptions,
        ...linuxOptions,
        ...commonOptions,
        clock: { ...commonOptions.clock, defaultDescription: usualClock },
      }),
    handler: async (argv) => {
      // Fetching and unpacking is not loaded for anything else.
      const { linuxProgram } = await import('./linux-program.ts');
      choose(await linuxProgram(argv, host));
    },
  };
}
