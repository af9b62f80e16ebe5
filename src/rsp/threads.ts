import type { VcpuView } from '../machine/guest.ts';
import { hexCount, map, oneOf, optional, type Parser, seq } from './args.ts';

/** The one process that the server shows: the machine. */
export const PROCESS_ID = 1;

/** A number, or `all` (-1) or `any` (0). */
export type Selector = number | 'all' | 'any';

/** A thread id of the protocol as the client wrote it (gdb doc, "Packets", thread-id). */
export interface ThreadId {
  readonly process: Selector;
  readonly thread: Selector;
}

/** A process or thread number. */
export const selector: Parser<Selector> = oneOf<Selector>(
  map(seq('-1'), () => 'all'),
  map(hexCount, (id) => (id === 0 ? 'any' : id)),
);

/** `TID`, `pPID.TID` or `pPID`, each number -1, 0 or hex. */
export const threadId: Parser<ThreadId> = oneOf<ThreadId>(
  map(seq('p', selector, optional(seq('.', selector))), ([process, thread]) => ({
    process,
    thread: thread === undefined ? 'all' : thread[0],
  })),
  map(selector, (thread) => ({ process: PROCESS_ID, thread })),
);

/** A vCPU's thread id; with the process only when the client speaks multiprocess. */
export function formatThread(vcpu: number, multiprocess: boolean): string {
  const thread = (vcpu + 1).toString(16);
  return multiprocess ? `p${PROCESS_ID}.${thread}` : thread;
}

/** The vCPU that an id names: `current` for any and all, undefined for one that is not there. */
export function selectVcpu(id: ThreadId, vcpus: readonly VcpuView[], current: number): number | undefined {
  if (!isOurs(id)) return undefined;
  const { thread } = id;
  if (typeof thread !== 'number') return current;
  return vcpus.some((vcpu) => vcpu.id === thread - 1) ? thread - 1 : undefined;
}

/** True when an action for `id` is meant for `vcpu`; `any` means the current one. */
export function covers(id: ThreadId, vcpu: number, current: number): boolean {
  if (!isOurs(id)) return false;
  if (id.thread === 'all') return true;
  return id.thread === 'any' ? vcpu === current : id.thread === vcpu + 1;
}

function isOurs(id: ThreadId): boolean {
  return typeof id.process !== 'number' || id.process === PROCESS_ID;
}
