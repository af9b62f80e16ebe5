import type { Options } from 'yargs';
import { coreOptions } from './core.ts';
import { demoOwnOptions } from './demo.ts';
import { linuxOptions, linuxSharedOptions } from './linux/command.ts';
import { commonOptions } from './options.ts';
import { recordOptions, replayOptions } from './record.ts';
import { runOptions } from './run.ts';

/** A command, as completion and the manual page tell of it. */
export interface CommandRow {
  readonly name: string;
  /** What stands behind it, if it takes a word. */
  readonly word?: string;
  /** The only words that it takes. */
  readonly words?: readonly string[];
  readonly summary: string;
  readonly options: Readonly<Record<string, Options>>;
}

/** Every command of the program. */
export const commandRows = [
  {
    name: 'demo',
    summary: 'boot the embedded demo guest and serve gdb on port 1234',
    options: { ...demoOwnOptions, ...commonOptions },
  },
  {
    name: 'run',
    word: 'image',
    summary: 'boot an ELF file or a raw kernel image and serve gdb on port 1234',
    options: { ...runOptions, ...commonOptions },
  },
  {
    name: 'linux',
    summary: "boot Debian's Linux to a shell, s390x or little-endian ppc64, fetching kernel and busybox the first time",
    options: { ...linuxSharedOptions, ...linuxOptions, ...commonOptions },
  },
  {
    name: 'core',
    word: 'file',
    summary: 'open a dump of a guest, which stays at rest, and serve gdb on port 1234',
    options: coreOptions,
  },
  {
    name: 'record',
    word: 'file',
    summary: 'record all that comes into a guest, for replay: record FILE -- run IMAGE, or any other command behind --',
    options: recordOptions,
  },
  {
    name: 'replay',
    word: 'file',
    summary:
      'do once more what was recorded, for gdb to go through in both directions, and say what differs if anything does',
    options: replayOptions,
  },
  {
    name: 'completion',
    word: 'shell',
    words: ['bash', 'zsh'],
    summary: 'print what makes a shell complete commands and options: source <(guestscope completion bash)',
    options: {},
  },
] as const satisfies readonly CommandRow[];
