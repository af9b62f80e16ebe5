import { args, hexBytes } from '../args.ts';
import { type PacketRow, packet } from '../packet.ts';
import { OK } from '../reply.ts';

/** The `monitor` command. */
export const monitorPackets: readonly PacketRow[] = [
  packet(
    'qRcmd',
    { args: args(',', hexBytes), doc: 'qRcmd,XX...: carry out a monitor command; its lines come as O packets' },
    (context, [line]) => {
      try {
        for (const answer of context.monitor.execute(Buffer.from(line).toString('utf8'), context.vcpu)) {
          context.say(`${answer}\n`);
        }
      } catch (fault) {
        // gdb turns an error reply to this packet into "Protocol error with Rcmd".
        context.fault(fault);
        context.say('internal error in this command\n');
      }
      return OK;
    },
  ),
];
