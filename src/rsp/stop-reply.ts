import { bytesToHex } from '../bits/hex.ts';
import type { DebugTarget } from '../debug/target.ts';
import type { StopEvent, StopReason } from '../machine/exit.ts';
import type { ClientFeatures } from './context.ts';
import type { RegisterFile } from './registers.ts';
import { formatThread } from './threads.ts';

const SIGINT = 'T02';
const SIGTRAP = 'T05';

const watchKey = { write: 'watch', read: 'rwatch', access: 'awatch' } as const;

/** What a stop reply draws on. */
export interface StopSource {
  readonly target: DebugTarget;
  readonly registers: RegisterFile;
  readonly client: ClientFeatures;
  readonly multiprocess: boolean;
}

/**
 * The `T` packet of a stop (gdb doc, "Stop Reply Packets"): thread and core, at most one reason that the client can take, the
 * expedited registers. `event` undefined stands for the stop that the client's coming caused, reported on `vcpu`.
 */
export function stopReply(source: StopSource, event: StopEvent | undefined, vcpu: number): string {
  const id = event?.vcpu ?? vcpu;
  const head = event?.reason.kind === 'interrupt' ? SIGINT : SIGTRAP;
  const where = `thread:${formatThread(id, source.multiprocess)};core:${id.toString(16)};`;
  const why = event === undefined ? '' : reasonText(event.reason, source.client);
  return head + expeditedText(source, id) + where + why;
}

function reasonText(reason: StopReason, client: ClientFeatures): string {
  switch (reason.kind) {
    case 'breakpoint': {
      const key = reason.hardware ? 'hwbreak' : 'swbreak';
      return client.has(key) ? `${key}:;` : '';
    }
    case 'watchpoint':
      return `${watchKey[reason.access]}:${reason.address.toString(16)};`;
    case 'images':
      return 'library:;';
    case 'history-begin':
      return 'replaylog:begin;';
    case 'history-end':
      return 'replaylog:end;';
    // Words say what it was: the protocol has no reason for it, and gdb would want to pass on a signal.
    case 'event':
    case 'step':
    case 'interrupt':
    case 'guest-ended':
      return '';
  }
}

function expeditedText({ target, registers }: StopSource, vcpu: number): string {
  let text = '';
  for (const { index } of registers.expedited) {
    const value = target.readRegister(vcpu, index);
    if (value !== undefined) text += `${index.toString(16).padStart(2, '0')}:${bytesToHex(value)};`;
  }
  return text;
}
