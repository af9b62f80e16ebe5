import type { TargetDescription } from '../../machine/description.ts';
import { args } from '../args.ts';
import { type PacketRow, packet } from '../packet.ts';
import { text } from '../reply.ts';
import { PROCESS_ID } from '../threads.ts';

/** What both answers say: architecture, byte order and width, from which lldb makes a target without a file. */
function architecture({ elf, triple }: TargetDescription): string {
  const endian = elf.data === 'msb' ? 'big' : 'little';
  return `triple:${Buffer.from(triple).toString('hex')};endian:${endian};ptrsize:${elf.class / 8};`;
}

/** What lldb asks for where gdb reads a target description, which says nothing of byte order (LLDB's "GDB remote extensions"). */
export const hostPackets: readonly PacketRow[] = [
  packet(
    'qHostInfo',
    { args: args(), doc: 'qHostInfo: architecture and byte order, as lldb asks for them', anytime: true },
    (context) => {
      context.askedHost = true;
      return text(architecture(context.target.description));
    },
  ),
  packet(
    'qProcessInfo',
    { args: args(), doc: 'qProcessInfo: the same of the one process, which is the machine', anytime: true },
    ({ target }) => text(`pid:${PROCESS_ID};${architecture(target.description)}`),
  ),
];
