import type { StraightRun } from '../../debug/target.ts';
import { args, oneOf, seq } from '../args.ts';
import { type PacketRow, packet } from '../packet.ts';
import { documentReply, errorCode, OK, refused } from '../reply.ts';
import { slice } from './slice.ts';

/** As many runs are told at most: gdb decodes each instruction of them. */
const MOST_RUNS = 2000;
const hex = (n: bigint): string => `0x${n.toString(16)}`;

/** The runs as gdb wants them, newest first; the newest one ends at what is not executed yet. */
function btraceXml(runs: readonly StraightRun[]): string {
  const blocks = runs.map(({ first, last }) => `<block begin="${hex(first)}" end="${hex(last)}"/>`);
  return `<!DOCTYPE btrace SYSTEM "btrace.dtd"><btrace version="1.0">${blocks.join('')}</btrace>`;
}

const CONFIGURATION = Buffer.from(
  '<!DOCTYPE btrace-conf SYSTEM "btrace-conf.dtd"><btrace-conf version="1.0"><bts size="0x10000"/></btrace-conf>',
);

/** Branch trace (gdb doc, "Branch Trace Format"), which is what the history knows: it need not have been on before. */
export const btracePackets: readonly PacketRow[] = [
  packet(
    'Qbtrace',
    {
      args: args(':', oneOf(seq('bts'), seq('off'))),
      doc: 'Qbtrace:bts, Qbtrace:off: whether branches shall be told',
      feature: 'Qbtrace:bts+;Qbtrace:off+',
    },
    (context) => {
      if (context.target.straightRuns(context.vcpu, 1) === undefined) return refused('no history is kept of the guest');
      context.btrace = true;
      return OK;
    },
  ),
  packet(
    'qXfer:btrace:read',
    {
      args: slice,
      doc: 'qXfer:btrace:read:all|new:offset,length: straight runs of instructions of the current vCPU, newest first',
      feature: 'qXfer:btrace:read+',
    },
    (context, [annex, offset, length]) => {
      // gdb ends with an internal error when what is told as `delta` does not go on with what it has.
      if (annex !== 'all' && annex !== 'new') return refused('no such annex', errorCode.refused);
      if (offset === 0) {
        const { target, vcpu, registers } = context;
        const runs = target.straightRuns(vcpu, MOST_RUNS) ?? [];
        context.runs = Buffer.from(btraceXml(withNext(runs, registers.pc(target, vcpu))));
      }
      return documentReply(context.runs, offset, length);
    },
  ),
  packet(
    'qXfer:btrace-conf:read',
    {
      args: slice,
      doc: 'qXfer:btrace-conf:read::offset,length: how branches are told, once they are',
      feature: 'qXfer:btrace-conf:read+',
    },
    // A client that is told at its coming takes this for a recording in progress.
    ({ btrace }, [, offset, length]) =>
      btrace ? documentReply(CONFIGURATION, offset, length) : refused('branches are not told'),
  ),
];

// The next instruction belongs to the newest run unless that has led elsewhere.
function withNext(runs: readonly StraightRun[], pc: bigint | undefined): readonly StraightRun[] {
  const [newest, ...others] = runs;
  if (pc === undefined || newest === undefined) return runs;
  const goesOn = pc > newest.last && pc <= newest.last + MOST_BYTES;
  if (goesOn) return [{ ...newest, last: pc }, ...others];
  return [{ first: pc, last: pc, at: newest.at + 1n }, ...runs];
}

/** No instruction is longer. */
const MOST_BYTES = 6n;
