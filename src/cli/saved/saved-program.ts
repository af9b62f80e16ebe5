import type { ProgramOptions } from '../program.ts';
import { UserError } from '../user-error.ts';
import { wings } from '../wings.ts';
import type { Wire } from '../wire/wire.ts';
import { GuestFile } from './guest-file.ts';
import { deviceOf, type NumberedDevice, type Recipe } from './recipe.ts';
import { FileError } from './record-file.ts';

/** What a guest in a file says of how it is run. */
export type SavedProgram = Pick<
  ProgramOptions,
  | 'wing'
  | 'name'
  | 'image'
  | 'initrd'
  | 'commandLine'
  | 'memory'
  | 'vcpus'
  | 'devices'
  | 'clock'
  | 'saved'
  | 'symbols'
  | 'passOnStatus'
> &
  Partial<ProgramOptions>;

/** Opens a guest in a file. A file that is none, that was cut or that is of another version is the user's mistake. */
export function openGuest<T extends GuestFile>(
  path: string,
  open: (path: string) => T,
  code: 'snapshot-unreadable' | 'recording-unreadable' = 'snapshot-unreadable',
): T {
  try {
    return open(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(code, error instanceof FileError ? why : `cannot read ${path}: ${why}`);
  }
}

/** What is run when a file's guest goes on; cards and consoles of it get the ends of wires, in their order. */
export function savedProgram(path: string, outside: readonly Wire[] = []): Promise<SavedProgram> {
  return programOf(
    openGuest(path, (p) => new GuestFile(p)),
    outside,
  );
}

/** What is run when the guest of an open file goes on. */
export async function programOf(saved: GuestFile, outside: readonly Wire[] = []): Promise<SavedProgram> {
  const { recipe } = saved;
  const { name, commandLine, memory, vcpus, cpu, identity, watchdog, date, clock, symbols, passOnStatus } = recipe;
  const entry = wings.find((w) => w.name === recipe.wing);
  if (entry === undefined) {
    throw new UserError(
      'snapshot-unreadable',
      `the guest is one for ${recipe.wing}, which this guestscope does not know`,
    );
  }
  const devices = recipe.devices.map((device) => deviceOf(device, (number, size) => saved.disk(number, size)));
  return {
    ...{
      wing: await entry.load(),
      name,
      image: saved.image,
      initrd: saved.initrd,
      commandLine,
      memory,
      vcpus,
      clock,
      symbols,
      passOnStatus,
    },
    ...(cpu === undefined ? {} : { cpu }),
    ...(identity === undefined ? {} : { identity }),
    ...(watchdog === undefined ? {} : { watchdog }),
    ...(date === undefined ? {} : { date }),
    ...wired(devices, recipe, outside),
    saved,
  };
}

// Cards and consoles come behind all other devices, as they did when the guest was made.
function wired(
  devices: readonly NumberedDevice[],
  recipe: Recipe,
  outside: readonly Wire[],
): Pick<ProgramOptions, 'devices' | 'wires'> {
  if (outside.length === 0) return { devices };
  const open = devices.filter(({ kind }) => kind === 'net' || kind === 'console');
  const kindsOf = (all: readonly { readonly kind: string }[]): string =>
    all.map(({ kind }) => kind).join(', ') || 'none';
  if (kindsOf(open) !== kindsOf(outside.map((wire) => wire.device))) {
    const has = kindsOf(open);
    throw new UserError(
      'wire-address',
      `the guest ${recipe.name} has these wires: ${has}; give as many of --net and --hvc`,
    );
  }
  const wires = outside.map((wire, i) => {
    const device = open[i];
    return device?.kind === 'net' ? wire.withAddress(device.mac) : wire;
  });
  return { devices: devices.filter((device) => !open.includes(device)), wires };
}
