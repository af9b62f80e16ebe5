import { args, latin1, optional, type Parser, rest, seq } from '../args.ts';
import { PACKET_SIZE } from '../framing.ts';
import { type PacketRow, packet } from '../packet.ts';
import { NONE, OK, refused, text, UNSUPPORTED } from '../reply.ts';
import { stopReply } from '../stop-reply.ts';
import { PROCESS_ID, type Selector, selector } from '../threads.ts';

const ofProcess: Parser<[Selector]> = seq(';', selector);

function isMachine(process: Selector): boolean {
  return process === PROCESS_ID || typeof process !== 'number';
}

/** Session: abilities, acknowledgements, the reason of the last stop, leaving. */
export const sessionPackets: readonly PacketRow[] = [
  packet(
    'qSupported',
    {
      args: args(optional(seq(':', rest))),
      doc: 'qSupported[:feature;...]: what the client can do; the reply lists what the server can',
      feature: `PacketSize=${PACKET_SIZE.toString(16)}`,
      anytime: true,
    },
    (context, [features]) => {
      context.learnClient(features === undefined ? [] : latin1(features[0]).split(';'));
      const items = context.rows.flatMap((row) => [
        row.feature ?? [],
        row.agreed !== undefined && context.client.has(row.agreed.replace(/\+$/, '')) ? row.agreed : [],
      ]);
      return text(items.flat().join(';'));
    },
  ),
  packet(
    'vMustReplyEmpty',
    { args: args(), doc: 'vMustReplyEmpty: asks what an unknown v packet is answered with: nothing', anytime: true },
    () => UNSUPPORTED,
  ),
  packet(
    'QStartNoAckMode',
    {
      args: args(),
      doc: 'QStartNoAckMode: no acknowledgements from now on',
      feature: 'QStartNoAckMode+',
      anytime: true,
    },
    (context) => {
      context.stopAcks();
      return OK;
    },
  ),
  packet('!', { args: args(), doc: '!: extended mode; the server stays anyway', anytime: true }, () => OK),
  packet('?', { args: args(), doc: '?: why the machine stopped', anytime: true }, (context) =>
    text(context.gone ? 'W00' : stopReply(context, context.lastStop, context.vcpu)),
  ),
  packet(
    'D',
    {
      args: args(optional(ofProcess)),
      doc: 'D[;pid]: detach; breakpoints vanish and the guest runs on',
      anytime: true,
    },
    (context, [process]) => {
      if (process !== undefined && !isMachine(process[0])) return refused('no such process');
      context.detach();
      return OK;
    },
  ),
  packet('k', { args: args(), doc: 'k: end the guest for good and hang up; no reply', anytime: true }, (context) => {
    context.kill();
    context.hangUp();
    return NONE;
  }),
  packet(
    'vKill',
    { args: args(ofProcess), doc: 'vKill;pid: end the guest for good; the connection stays', anytime: true },
    (context, [[process]]) => {
      if (!isMachine(process)) return refused('no such process');
      context.kill();
      return OK;
    },
  ),
];
