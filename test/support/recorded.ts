import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ok } from '../../src/bits/result.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { KeptPast } from '../../src/cli/kept-past.ts';
import type { ProgramOptions } from '../../src/cli/program.ts';
import { type NumberedDevice, recipeOf } from '../../src/cli/saved/recipe.ts';
import { Recorder } from '../../src/cli/saved/recorder.ts';
import { Recording } from '../../src/cli/saved/recording.ts';
import { Replay } from '../../src/cli/saved/replay.ts';
import { programOf } from '../../src/cli/saved/saved-program.ts';
import type { History } from '../../src/history/history.ts';

const now = (): number => performance.now();

/** A place for a file, which vanishes with the test. */
export function placeOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-recorded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** A guest and its past, with what it has said. */
export interface Played {
  readonly assembly: Assembly;
  readonly history: History;
  readonly said: { text: string };
}

function partsOf({ image, initrd }: ProgramOptions): { image: Uint8Array; initrd: Uint8Array | undefined } {
  return { image: image.read(), initrd: initrd?.read() };
}

function made(options: ProgramOptions, devices: readonly NumberedDevice[], past: KeptPast): Played {
  const said = { text: '' };
  const show = (bytes: Uint8Array): void => {
    said.text += Buffer.from(bytes).toString('latin1');
  };
  const assembly = assemble(options.wing, { ...options, devices, now, console: past.console(show) });
  const parts = partsOf(options);
  const booted = assembly.built.boot(
    () => ok({ ...parts, commandLine: options.commandLine }),
    () => undefined,
  );
  if (!booted.ok) throw new Error(booted.error.message);
  if (options.saved !== undefined) assembly.machine.restore(options.saved.snapshot);
  past.begin(assembly, now);
  const { history } = past;
  if (history === undefined) throw new Error('nothing is kept of this guest');
  return { assembly, history, said };
}

/** A guest that is recorded into a file from its first instruction on. */
export function recorded(
  options: ProgramOptions,
  { path, room = 1 << 30, interval }: { readonly path: string; readonly room?: number; readonly interval?: bigint },
): Played & { readonly recorder: Recorder } {
  const past = new KeptPast(64 << 20);
  const recorder = new Recorder({
    path,
    room,
    ...(interval === undefined ? {} : { interval }),
    failed: (why) => expectNothing(why),
  });
  const devices = (options.devices ?? []).map((device, i) => ({
    ...past.device(recorder.device(device, i + 1)),
    number: i + 1,
  }));
  const played = made(options, devices, past);
  const { machine, built } = played.assembly;
  if (built.moving === undefined) throw new Error('this guest has no dirty log');
  const recipe = recipeOf(options, devices);
  recorder.begin({ recipe, ...partsOf(options), machine, ...built.moving, history: played.history });
  return { ...played, recorder };
}
function expectNothing(why: string): never {
  throw new Error(why);
}

/** What a recording does when it is replayed to its end, and the first thing in which it differs. */
export async function replayed(
  path: string,
): Promise<Played & { readonly replay: Replay; readonly differs: string | undefined }> {
  const recording = new Recording(path);
  const options = { ...(await programOf(recording)), clock: 'virtual' } as const;
  const past = new KeptPast(64 << 20);
  const devices = (options.devices ?? []).map((device, i) => ({
    ...past.device(device),
    number: device.number ?? i + 1,
  }));
  const played = made({ console: 'none', input: false, gdb: undefined, wait: false, ...options }, devices, past);
  const { machine, built } = played.assembly;
  if (built.moving === undefined) throw new Error('this guest has no dirty log');
  let differs: string | undefined;
  const replay = new Replay(recording, {
    ...{ machine, history: played.history, ...built.moving },
    differs: (words) => {
      differs = words;
    },
  });
  toEnd(played.history);
  return { ...played, replay, differs };
}

/** Leads a guest to the end of what is foreseen; the ends of guests are stops on the way. */
export function toEnd(history: History): void {
  for (let stops = 0; stops < 100 && history.isPast; stops++) {
    for (const way = history.forward('present', false); way.next().done !== true; );
  }
}
