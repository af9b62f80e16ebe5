import type { ResumeAction } from '../../debug/target.ts';
import { args, hexAddress, hexCount, list, map, oneOf, optional, type Parser, seq } from '../args.ts';
import type { PacketContext } from '../context.ts';
import { type PacketRow, packet } from '../packet.ts';
import { type Reply, refused, text } from '../reply.ts';
import { covers, type ThreadId, threadId } from '../threads.ts';

const CONTINUE: ResumeAction = { kind: 'continue' };
const STEP: ResumeAction = { kind: 'step' };

const action: Parser<ResumeAction> = oneOf<ResumeAction>(
  map(seq('C', hexCount), () => CONTINUE),
  map(seq('S', hexCount), () => STEP),
  map(seq('r', hexAddress, ',', hexAddress), ([start, end]) => (start < end ? { kind: 'range', start, end } : STEP)),
  map(seq('c'), () => CONTINUE),
  map(seq('s'), () => STEP),
);

const threadAction = seq(action, optional(seq(':', threadId)));

/** Every vCPU gets the leftmost action that covers it; one that none covers stays stopped. */
function resumeBy(
  context: PacketContext,
  actions: readonly { readonly action: ResumeAction; readonly thread: ThreadId | undefined }[],
): Reply {
  const chosen = new Map<number, ResumeAction>();
  for (const { id } of context.target.vcpus()) {
    const first = actions.find(({ thread }) => thread === undefined || covers(thread, id, context.vcpu));
    if (first !== undefined) chosen.set(id, first.action);
  }
  return chosen.size === 0 ? refused('no such thread') : context.resume(chosen);
}

/** The old packets: `Hc` names the thread; a step of any or all threads is one of the current vCPU. */
function resumeOld(context: PacketContext, kind: ResumeAction, address: bigint | undefined): Reply {
  const stepping = kind.kind === 'step' && typeof context.resumeThread.thread !== 'number';
  const thread: ThreadId = stepping ? { process: 'any', thread: 'any' } : context.resumeThread;
  if (address !== undefined) {
    const vcpu = typeof thread.thread === 'number' ? thread.thread - 1 : context.vcpu;
    if (!context.registers.writePc(context.target, vcpu, address)) return refused('the address cannot be set');
  }
  const wide: ThreadId = thread.thread === 'any' && !stepping ? { process: 'all', thread: 'all' } : thread;
  return resumeBy(context, [{ action: kind, thread: wide }]);
}

const oldPlain = args(optional(hexAddress));
const oldSignal = args(hexCount, optional(seq(';', hexAddress)));

/** Letting the guest run. Signals mean nothing to a machine and are dropped. */
export const resumePackets: readonly PacketRow[] = [
  packet('vCont?', { args: args(), doc: 'vCont?: the actions that vCont takes', feature: 'vContSupported+' }, () =>
    text('vCont;c;C;s;S;r'),
  ),
  packet(
    'vCont',
    {
      args: args(';', list(threadAction, ';')),
      doc: 'vCont;action[:thread-id]...: c and C continue, s and S step, r start,end steps through a range',
    },
    (context, [actions]) =>
      resumeBy(
        context,
        actions.map(([act, id]) => ({ action: act, thread: id?.[0] })),
      ),
  ),
  packet('bc', { args: args(), doc: 'bc: continue backwards', feature: 'ReverseContinue+' }, (context) =>
    context.reverse('continue'),
  ),
  packet(
    'bs',
    { args: args(), doc: 'bs: back by one instruction of the thread that Hc names', feature: 'ReverseStep+' },
    (context) => context.reverse('step'),
  ),
  packet('c', { args: oldPlain, doc: 'c [addr]: continue' }, (context, [address]) =>
    resumeOld(context, CONTINUE, address),
  ),
  packet('C', { args: oldSignal, doc: 'C sig[;addr]: continue, the signal is dropped' }, (context, [, address]) =>
    resumeOld(context, CONTINUE, address?.[0]),
  ),
  packet('s', { args: oldPlain, doc: 's [addr]: step one instruction' }, (context, [address]) =>
    resumeOld(context, STEP, address),
  ),
  packet('S', { args: oldSignal, doc: 'S sig[;addr]: step, the signal is dropped' }, (context, [, address]) =>
    resumeOld(context, STEP, address?.[0]),
  ),
];
