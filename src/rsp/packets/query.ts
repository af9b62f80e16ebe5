import { args, optional, seq } from '../args.ts';
import type { PacketContext } from '../context.ts';
import { type PacketRow, packet } from '../packet.ts';
import { documentReply, errorCode, hexReply, OK, type Reply, refused, text } from '../reply.ts';
import { threadsXml } from '../target-xml.ts';
import { formatThread, PROCESS_ID, selector, selectVcpu, type ThreadId, threadId } from '../threads.ts';
import { slice } from './slice.ts';
import { symbolPackets } from './symbols.ts';

function vcpuOf(context: PacketContext, id: ThreadId): number | undefined {
  return selectVcpu(id, context.target.vcpus(), context.vcpu);
}

function noSuchThread(): Reply {
  return refused('no such thread');
}

function unknownAnnex(): Reply {
  return refused('no such annex', errorCode.annex);
}

const threadPackets: readonly PacketRow[] = [
  packet(
    'Hg',
    {
      args: args(threadId),
      doc: 'Hg thread-id: the vCPU that registers and storage are read and written on',
      agreed: 'multiprocess+',
    },
    (context, [id]) => {
      const vcpu = vcpuOf(context, id);
      if (vcpu === undefined) return noSuchThread();
      context.vcpu = vcpu;
      return OK;
    },
  ),
  packet('Hc', { args: args(threadId), doc: 'Hc thread-id: the vCPU that c and s resume' }, (context, [id]) => {
    if (vcpuOf(context, id) === undefined) return noSuchThread();
    context.resumeThread = id;
    return OK;
  }),
  packet('T', { args: args(threadId), doc: 'T thread-id: is there such a vCPU' }, (context, [id]) =>
    vcpuOf(context, id) === undefined ? noSuchThread() : OK,
  ),
  packet('qC', { args: args(), doc: 'qC: the current vCPU' }, (context) =>
    text(`QC${formatThread(context.vcpu, context.multiprocess)}`),
  ),
  packet('qfThreadInfo', { args: args(), doc: 'qfThreadInfo: the ids of all vCPUs' }, (context) => {
    const ids = context.target.vcpus().map((vcpu) => formatThread(vcpu.id, context.multiprocess));
    return text(`m${ids.join(',')}`);
  }),
  packet('qsThreadInfo', { args: args(), doc: 'qsThreadInfo: the rest of qfThreadInfo: none' }, () => text('l')),
  packet(
    'qThreadExtraInfo',
    { args: args(',', threadId), doc: 'qThreadExtraInfo,thread-id: the state of a vCPU in words' },
    (context, [id]) => {
      const vcpu = vcpuOf(context, id);
      const view = context.target.vcpus().find((candidate) => candidate.id === vcpu);
      return view === undefined ? noSuchThread() : hexReply(Buffer.from(`${view.name} [${view.state}]`));
    },
  ),
  packet(
    'qAttached',
    { args: args(optional(seq(':', selector))), doc: 'qAttached[:pid]: 1, so that a client which quits detaches' },
    () => text('1'),
  ),
];

const documentPackets: readonly PacketRow[] = [
  packet(
    'qXfer:features:read',
    {
      args: slice,
      doc: 'qXfer:features:read:target.xml:offset,length: the registers and their types',
      feature: 'qXfer:features:read+',
      anytime: true,
    },
    ({ documents }, [annex, offset, length]) =>
      annex === 'target.xml' ? documentReply(documents.targetXml, offset, length) : unknownAnnex(),
  ),
  packet(
    'qXfer:threads:read',
    {
      args: slice,
      doc: 'qXfer:threads:read::offset,length: the vCPUs with their names and states',
      feature: 'qXfer:threads:read+',
    },
    (context, [annex, offset, length]) => {
      if (annex !== '') return unknownAnnex();
      // The parts of one reading must come from one list.
      if (offset === 0) {
        context.threadList = Buffer.from(threadsXml(context.target.vcpus(), context.multiprocess));
      }
      return documentReply(context.threadList, offset, length);
    },
  ),
  packet(
    'qXfer:exec-file:read',
    {
      args: slice,
      doc: 'qXfer:exec-file:read:[pid]:offset,length: the name under which vFile serves the kernel, or an ELF header',
      feature: 'qXfer:exec-file:read+',
      anytime: true,
    },
    (context, [annex, offset, length]) => {
      if (annex !== '' && Number.parseInt(annex, 16) !== PROCESS_ID) return unknownAnnex();
      const main = context.target.symbols?.images().find((image) => image.main);
      if (offset === 0) context.toldMain = main !== undefined;
      const name = context.toldMain ? main?.name : undefined;
      return documentReply(Buffer.from(name ?? context.documents.execPath), offset, length);
    },
  ),
];

/** Questions about vCPUs, and documents. */
export const queryPackets: readonly PacketRow[] = [...threadPackets, ...documentPackets, ...symbolPackets];
