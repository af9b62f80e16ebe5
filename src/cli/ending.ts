import type { GuestEnd } from '../machine/guest.ts';
import { NoSuchInstant } from '../machine/leading.ts';
import type { BuiltGuest } from '../wing/wing.ts';
import type { Assembly } from './assemble.ts';
import { type EndSignal, exitStatus, signalStatus } from './exit-status.ts';
import type { Report, ReportedStatus } from './reported-status.ts';
import type { Snapshots } from './saved/snapshots.ts';
import { type SocketAddress, shellWord, showAddress } from './values.ts';

/** Says a line of the program's own. */
export type Say = (line: string) => void;

/** How the program ended: an exit status, and the signal that asked for it. */
export interface ProgramEnd {
  readonly status: number;
  readonly signal?: EndSignal;
}

/** What ended a run. */
export type Ending =
  /** `alone`: nobody else ended it. */
  | { readonly kind: 'guest'; readonly end: GuestEnd; readonly alone: boolean }
  | { readonly kind: 'fault'; readonly error: unknown }
  /** What was recorded has come to its end, which it had with this exit status. */
  | { readonly kind: 'replayed'; readonly status: number; readonly intervals: number; readonly inputs: number }
  /** A replay is not what was recorded. */
  | { readonly kind: 'differs'; readonly words: string }
  | { readonly kind: 'signal'; readonly signal: EndSignal }
  | { readonly kind: 'moved'; readonly to: SocketAddress; readonly downtime: number }
  | { readonly kind: 'quit' }
  | { readonly kind: 'output-closed' };

/** Keeps a guest that has crashed where the user wants it; false when it has not, or cannot be kept. */
export function keepCrash(path: string | undefined, ending: Ending, snapshots: Snapshots, say: Say): boolean {
  if (path === undefined) return false;
  const isFault = ending.kind === 'fault';
  if (!isFault && (ending.kind !== 'guest' || ending.end.status === exitStatus.done)) return false;
  const how = isFault ? 'a fault of guestscope' : ending.end.message;
  const answer = snapshots.keep(path, how, isFault);
  if ('refused' in answer) say(`the guest could not be kept: ${answer.refused}`);
  else say(`the guest is kept, with its past: guestscope run --snapshot ${shellWord(path)}`);
  return !('refused' in answer);
}

/** What is reported with. */
export interface Witness {
  readonly assembly: Assembly;
  readonly reported: ReportedStatus | undefined;
  readonly say: Say;
}

/** What an error in the run of a guest ends it with: a replay may have lost its way. */
export function endingOf(error: unknown, replay: unknown): Ending {
  if (replay === undefined || !(error instanceof NoSuchInstant)) return { kind: 'fault', error };
  return { kind: 'differs', words: error.message };
}

/** Says how it ended, and what the program ends with. */
export function report(ending: Ending, { assembly: { built }, reported, say }: Witness): ProgramEnd {
  switch (ending.kind) {
    case 'guest': {
      const status = reportGuest(ending.end, built, say);
      return { status: status === exitStatus.done && ending.alone ? statusOf(reported?.last, say) : status };
    }
    case 'fault':
      sayFault(ending.error, built, say);
      return { status: exitStatus.fault };
    case 'replayed': {
      const { status, intervals, inputs } = ending;
      say(
        `replayed to the end: ${inputs} inputs, ${intervals} intervals, all as they were; exit status ${status}, as recorded`,
      );
      return { status };
    }
    case 'differs':
      say(`the replay differs: ${ending.words}`);
      return { status: exitStatus.fault };
    case 'signal':
      say(`ended by ${ending.signal}`);
      return { status: signalStatus[ending.signal], signal: ending.signal };
    case 'moved':
      say(`the guest has moved to ${showAddress(ending.to)}; it stood still for ${ending.downtime.toFixed(1)} ms`);
      return { status: exitStatus.done };
    case 'quit':
      say('ended by Ctrl-A x');
      return { status: exitStatus.done };
    case 'output-closed':
      return { status: exitStatus.outputClosed };
  }
}

function reportGuest(end: GuestEnd, built: BuiltGuest, say: Say): number {
  const how = { 0: 'the guest ended', 1: 'the guest crashed', 3: 'the guest cannot go on' }[end.status];
  say(`${how}: ${end.message}`);
  if (end.status !== exitStatus.done) for (const line of built.positions()) say(line);
  return end.status;
}

function statusOf(report: Report | undefined, say: Say): number {
  if (report === undefined) return exitStatus.done;
  if (report.status !== exitStatus.done) say(`the guest reported ${report.line}: exit status ${report.status}`);
  return report.status;
}

/** Says all that is known of a fault of ours. */
export function sayFault(error: unknown, built: BuiltGuest, say: Say): void {
  say(
    `internal error, a fault of guestscope: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  for (const line of built.dump()) say(line);
}
