import { err, ok, type Result } from '../bits/result.ts';
import { RestingTarget } from '../debug/resting.ts';
import type { EngineOptions } from '../engine/engine.ts';
import type { History } from '../history/history.ts';
import type { SymbolSources } from '../image/symbol-sources.ts';
import { SnapshotError } from '../machine/snapshot.ts';
import { migrateCommand } from '../monitor/migrate.ts';
import { snapshotCommand } from '../monitor/snapshot.ts';
import { type ListenAddress, RspServer } from '../rsp/server.ts';
import type { GuestDevice } from '../virtio/devices.ts';
import type { BootRefusal, BootRequest, Dump, GuestIdentity, Wing } from '../wing/wing.ts';
import { type Assembly, type AssemblyOptions, assemble, byteOrderOf } from './assemble.ts';
import type { BootFile } from './boot-file.ts';
import { escapeHelp, readConsole } from './console-input.ts';
import { type ConsoleChoice, ConsoleOutput, flushed } from './console-output.ts';
import { type Ending, endingOf, keepCrash, type ProgramEnd, report, type Say, sayFault } from './ending.ts';
import { exitStatus } from './exit-status.ts';
import type { Host } from './host.ts';
import { KeptPast } from './kept-past.ts';
import { ReportedStatus } from './reported-status.ts';
import type { GuestFile } from './saved/guest-file.ts';
import { recipeOf } from './saved/recipe.ts';
import { Recorder } from './saved/recorder.ts';
import type { Recording } from './saved/recording.ts';
import { Replay } from './saved/replay.ts';
import { type SnapshotParts, Snapshots } from './saved/snapshots.ts';
import { UserError } from './user-error.ts';
import { attachTarget, isLoopback, type SocketAddress, shellWord, showAddress } from './values.ts';
import { IncomingMigration, incomingWarning, OutgoingMigration } from './wire/migration.ts';
import type { Wire } from './wire/wire.ts';

/** What is to be run, and how. */
export interface ProgramOptions {
  /** The architecture of the image. */
  readonly wing: Wing;
  /** The image, as the banner names it. */
  readonly name: string;
  readonly image: BootFile;
  /** A dump in place of an image: the guest is at rest and stays so. */
  readonly dump?: Dump | undefined;
  readonly initrd?: BootFile | undefined;
  readonly commandLine?: string | undefined;
  readonly memory: number;
  /** What the user wrote for `memory`, where he did. */
  readonly memoryAsGiven?: string;
  readonly vcpus: number;
  /** CPU model; the best that there is when not given. */
  readonly cpu?: string;
  /** Channel devices by number from 1 on; none when not given. */
  readonly devices?: readonly GuestDevice[];
  /** Those whose other end is outside, with numbers behind those of `devices`. */
  readonly wires?: readonly Wire[];
  readonly identity?: GuestIdentity;
  readonly watchdog?: 'restart' | 'reset' | 'stop';
  /** What the guest's clock shows at first, in milliseconds since 1970. */
  readonly date?: number;
  readonly clock: 'real' | 'virtual';
  /** How guest code is executed. */
  readonly engine?: EngineOptions | undefined;
  readonly console: ConsoleChoice;
  /** Send standard input to the guest. */
  readonly input: boolean;
  /** End with the status that the guest reports on its console, see `ReportedStatus`. */
  readonly passOnStatus?: boolean;
  readonly gdb: SocketAddress | undefined;
  /** Where a guest comes in that moves here, in place of the image's. */
  readonly incoming?: SocketAddress | undefined;
  /** Wait for a debugger before the first instruction. */
  readonly wait: boolean;
  /** Bytes for what a debugger can go back to; nothing is kept when it is not given. */
  readonly history?: number | undefined;
  /** A guest in a file, which goes on in place of one that is booted. */
  readonly saved?: GuestFile | undefined;
  /** A file that all that comes in is recorded into, and how large it may become. */
  readonly record?: { readonly path: string; readonly room: number } | undefined;
  /** What is done once more; `saved` is the same. */
  readonly replay?: Recording | undefined;
  /** Where the guest is kept when it crashes. */
  readonly saveOnCrash?: string | undefined;
  /** A file with symbols, for the line that says how to attach. */
  readonly symbols?: string | undefined;
  /** A folder where gdb finds the sources, when they are not where the symbols say. */
  readonly sources?: string | undefined;
  /** The Linux kernel that runs, or that the image unpacks: gdb is served its symbols where they belong. */
  readonly kernelSymbols?: SymbolSources | undefined;
}

/** Runs a guest until something ends it. Throws a `UserError` before anything ran. */
export async function runProgram(options: ProgramOptions, host: Host): Promise<ProgramEnd> {
  try {
    return await runGuest(options, host);
  } finally {
    options.image.close();
    options.initrd?.close();
  }
}

async function runGuest(options: ProgramOptions, host: Host): Promise<ProgramEnd> {
  const output = new ConsoleOutput(options.console, host);
  const { devices = [], wires = [] } = options;
  const past = pastOf(options);
  const say = (line: string): void => {
    host.stderr.write(`guestscope: ${line}\n`);
  };
  const recorder = recorderOf(options, say);
  const numbered = [...devices, ...wires.map((w) => w.device)].map((given, i) => {
    const number = given.number ?? i + 1;
    const device = recorder?.device(given, number) ?? given;
    return { ...(past?.device(device) ?? device), number };
  });
  const reported = options.passOnStatus === true ? new ReportedStatus() : undefined;
  const show: AssemblyOptions['console'] = (bytes, from) => {
    output.write(bytes);
    reported?.add(bytes, from);
  };
  const outgoing = new OutgoingMigration();
  const snapshots = new Snapshots();
  const assembly = assemble(options.wing, {
    ...options,
    byteOrder: byteOrderOf(options.wing, options.image),
    commands: options.dump === undefined ? [migrateCommand(outgoing), snapshotCommand(snapshots)] : [],
    devices: numbered,
    now: host.now,
    console: past?.console(show) ?? show,
  });
  const description = fill(options, assembly, say);
  past?.begin(assembly, host.now);
  const history = past?.history;
  if (options.saved?.past !== undefined) history?.adopt(options.saved.past.history, options.saved.past.intervals);
  if (options.dump === undefined) snapshots.attach({ options, assembly, devices: numbered, history });
  if (recorder !== undefined) beginRecording(recorder, { options, assembly, devices: numbered, history });
  if (options.kernelSymbols !== undefined) assembly.built.useSymbols(options.kernelSymbols);
  const server = makeServer(options, assembly, output, say);
  const incoming = makeIncoming(options, assembly, say);
  const hangUp = async (): Promise<void> => {
    incoming?.close();
    await server?.close();
    for (const wire of wires) wire.close();
  };
  try {
    const at = server === undefined || options.gdb === undefined ? undefined : await listen(server, options.gdb);
    say(`${options.name}: ${description}; ${describeMachine(options)}`);
    if (at !== undefined) sayWhere(at, options, say);
    if (incoming !== undefined && options.incoming !== undefined) await openIncoming(incoming, options.incoming, say);
    for (const [i, wire] of wires.entries()) {
      const device = devices.length + i + 1;
      await wire.open({ say, received: (data) => assembly.machine.post({ kind: 'device-input', device, data }) });
    }
  } catch (error) {
    await hangUp();
    throw error;
  }
  const ending = await new Promise<Ending>((resolve) => {
    run(options, { host, assembly, output, say, outgoing, history }, resolve);
  });
  // What was answered last is still on its way to gdb.
  await new Promise((resolve) => setImmediate(resolve));
  await hangUp();
  await output.flush();
  const open = output.lineOpen && options.console === 'stdio' && host.stdout.isTTY === true;
  if (open && ending.kind !== 'output-closed') host.stderr.write('\n');
  const end = report(ending, { assembly, reported, say });
  recorder?.finish(end.status, ending.kind === 'fault');
  const kept = keepCrash(options.saveOnCrash, ending, snapshots, say);
  await flushed(host.stderr);
  return kept ? { status: exitStatus.kept } : end;
}

/** Only who debugs a guest goes back, or who keeps it for that; a dump has no past. */
function pastOf({ history, gdb, dump, saveOnCrash, replay }: ProgramOptions): KeptPast | undefined {
  const wanted = gdb !== undefined || saveOnCrash !== undefined || replay !== undefined;
  return history === undefined || !wanted || dump !== undefined ? undefined : new KeptPast(history);
}

function recorderOf({ record }: ProgramOptions, say: Say): Recorder | undefined {
  if (record === undefined) return undefined;
  return new Recorder({ ...record, failed: (why) => say(`the recording ends here: ${why}`) });
}

function beginRecording(recorder: Recorder, { options, assembly, devices, history }: SnapshotParts): void {
  const { machine, built } = assembly;
  if (built.moving === undefined || machine.guest.state.pages === undefined) {
    throw new UserError('recording-architecture', 'guests of this architecture cannot be recorded: leave record away');
  }
  const { image, initrd, record } = options;
  try {
    const parts = { image: image.read(), initrd: initrd?.read() };
    recorder.begin({ recipe: recipeOf(options, devices), ...parts, machine, ...built.moving, history });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError('recording-unwritable', `cannot record into ${record?.path}: ${why}`);
  }
}

function replayed(
  recording: Recording,
  { machine, built }: Assembly,
  history: History | undefined,
  differs: (words: string) => void,
): Replay {
  if (history === undefined || built.moving === undefined) {
    throw new UserError('recording-architecture', 'guests of this architecture cannot be replayed');
  }
  return new Replay(recording, { machine, history, differs, ...built.moving });
}

/** A number alone may have been meant otherwise. */
function explained(refusal: BootRefusal, { memory, memoryAsGiven }: ProgramOptions): BootRefusal {
  if (refusal.code !== 'storage-too-small' || memoryAsGiven === undefined || !/^\d+$/.test(memoryAsGiven))
    return refusal;
  return { ...refusal, message: `${refusal.message} (--memory ${memoryAsGiven} means ${memory / (1 << 20)}M)` };
}

/** Puts what there is into the machine; a line about it. */
function fill(options: ProgramOptions, { built, machine }: Assembly, say: Say): string {
  if (options.dump !== undefined) {
    built.restore(options.dump);
    return options.dump.description;
  }
  const booted = built.boot(
    () => bootRequest(options),
    () => say(`${options.name}: loaded again, as the guest asked`),
  );
  if (!booted.ok) throw new UserError(explained(booted.error, options));
  if (options.saved === undefined) return booted.value.description;
  try {
    machine.restore(options.saved.snapshot);
  } catch (error) {
    if (error instanceof SnapshotError) throw new UserError('snapshot-unreadable', error.message);
    throw error;
  }
  const { ended } = options.saved;
  return `as it was when ${machine.time} instructions had passed${ended === undefined ? '' : `; it had ended: ${ended}`}`;
}

/** What is booted, as often as it is: its files are read then. */
function bootRequest({ image, initrd, commandLine }: ProgramOptions): Result<BootRequest, BootRefusal> {
  try {
    return ok({ image: image.read(), initrd: initrd?.read(), commandLine });
  } catch (error) {
    if (error instanceof UserError) return err({ code: error.code, message: error.message });
    throw error;
  }
}

/** Everything that is there while a guest runs. */
interface Parts {
  readonly host: Host;
  readonly assembly: Assembly;
  readonly output: ConsoleOutput;
  readonly say: Say;
  readonly outgoing: OutgoingMigration;
  readonly history: History | undefined;
}

/** Waits for a guest, if one is to come. */
function makeIncoming(
  { incoming }: ProgramOptions,
  { built, machine }: Assembly,
  say: Say,
): IncomingMigration | undefined {
  if (incoming === undefined) return undefined;
  if (built.moving === undefined) {
    throw new UserError('incoming-architecture', 'guests of this architecture cannot move: leave --incoming away');
  }
  return new IncomingMigration({ machine, ...built.moving }, (running) => {
    say(`the guest is here${running ? '' : '; it stood still, and does so here: a debugger lets it run'}`);
    if (running) machine.start();
  });
}

async function openIncoming(incoming: IncomingMigration, place: SocketAddress, say: Say): Promise<void> {
  const at = await incoming.open(place);
  say(`waits for a guest on ${showAddress(at)}; there: monitor migrate ${attachTarget(at)}`);
  const warning = incomingWarning(at);
  if (warning !== undefined) say(warning);
}

function describeMachine({ vcpus, memory, clock, dump }: ProgramOptions): string {
  if (dump !== undefined) return `${vcpus} CPU${vcpus === 1 ? '' : 's'}, at rest`;
  return `${vcpus} CPU${vcpus === 1 ? '' : 's'}, ${memory / (1 << 20)} MiB, ${clock} clock`;
}

function makeServer(
  options: ProgramOptions,
  { target, monitor, built }: Assembly,
  output: ConsoleOutput,
  say: Say,
): RspServer | undefined {
  if (options.gdb === undefined) return undefined;
  return new RspServer({
    target:
      options.dump === undefined ? target : new RestingTarget(target, 'a dump does not run: it can only be looked at'),
    monitor,
    // With a console of its own, the guest's output would stand there twice.
    ...(options.console === 'none' ? { console: output } : {}),
    onFault: (error) => sayFault(error, built, say),
  });
}

function sayWhere(at: ListenAddress, { wait, saved, symbols, sources, dump }: ProgramOptions, say: Say): void {
  const where = showAddress(at);
  const waits = (wait || saved?.ended !== undefined) && dump === undefined ? '; the guest waits for a debugger' : '';
  say(`gdb server on ${where}${waits}; to attach:`);
  const found = sources === undefined ? [] : ['-d', sources];
  const words = [...found, ...(symbols === undefined ? [] : [symbols])].map((word) => `${shellWord(word)} `);
  say(`  gdb-multiarch ${words.join('')}-ex 'target remote ${attachTarget(at)}'`);
  if (!isLoopback(at.host)) {
    say(`warning: whoever reaches ${where} can read and change this guest: gdb's protocol knows no passwords`);
  }
}

async function listen(server: RspServer, { host, port }: SocketAddress): Promise<ListenAddress> {
  try {
    return await server.listen(host, port);
  } catch (error) {
    const { code, message } =
      error instanceof Error ? { code: codeOf(error), message: error.message } : { code: '', message: '' };
    const instead = 'choose another with --gdb [HOST:]PORT (0 takes a free one), or --gdb none';
    if (code === 'EADDRINUSE') {
      throw new UserError(
        'gdb-address-in-use',
        `port ${port} on ${host} is taken, perhaps by another guestscope: ${instead}`,
      );
    }
    throw new UserError('gdb-listen', `cannot listen on ${host} port ${port} (${message}): ${instead}`);
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Lets the guest run, and calls `done` when something has ended it; the guest does not run any more then. */
function run(options: ProgramOptions, parts: Parts, resolve: (ending: Ending) => void): void {
  const { host, assembly, output, say, outgoing, history } = parts;
  const { machine, target } = assembly;
  const undo: (() => void)[] = [];
  const done = (ending: Ending): void => {
    machine.halt();
    for (const one of undo.splice(0)) one();
    resolve(ending);
  };
  machine.onEnd = (end) => done({ kind: 'guest', end: machine.end ?? end, alone: machine.end !== undefined });
  machine.onFault = (error) => done(endingOf(error, options.replay));
  if (options.replay !== undefined) {
    const replay = replayed(options.replay, assembly, history, (words) => {
      if (machine.debugged) say(`the replay differs: ${words}`);
      else done({ kind: 'differs', words });
    });
    const { status = exitStatus.done, inputs } = options.replay;
    target.onOver = () => done({ kind: 'replayed', status, intervals: replay.intervals, inputs: inputs.length });
  }
  undo.push(host.onSignal((signal) => done({ kind: 'signal', signal })));
  undo.push(host.onFault((error) => done({ kind: 'fault', error })));
  output.listen({
    full: (waiting) => {
      machine.paused = waiting;
    },
    closed: (error) => {
      if (options.console === 'stdio') done({ kind: 'output-closed' });
      else
        say(`the console file cannot be written any more (${error.message}); what the guest says is lost from here on`);
    },
  });
  if (options.input) {
    const restore = readConsole(host, {
      typed: (data) => machine.post({ kind: 'console-input', data }),
      quit: () => done({ kind: 'quit' }),
      help: () => say(escapeHelp),
    });
    undo.push(restore);
    if (host.stdin.isTTY === true) say(`${escapeHelp}.`);
  }
  const { moving } = assembly.built;
  outgoing.attach(moving === undefined ? undefined : { machine, ...moving }, {
    now: host.now,
    say,
    moved: (to, { downtime = 0 }) => done({ kind: 'moved', to, downtime }),
  });
  host.guestBegins?.();
  // One that has ended would end at once: whoever comes to look at it goes back.
  const looks = options.saved?.ended !== undefined && options.gdb !== undefined;
  if (!options.wait && !looks && options.incoming === undefined) target.start();
}
