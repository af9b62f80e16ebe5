import { args, hexAddress, hexBytes, hexCount, rest } from '../args.ts';
import type { PacketContext } from '../context.ts';
import { PACKET_SIZE } from '../framing.ts';
import { crcMemory, searchMemory } from '../memory.ts';
import { type PacketRow, packet } from '../packet.ts';
import { binaryReply, errorCode, hexReply, OK, type Reply, refused, text } from '../reply.ts';

/** Two characters a byte, in hex or escaped, and the letter of an `x` reply. */
const MAX_READ = PACKET_SIZE / 2 - 1;

function unreadable(): Reply {
  return refused('storage cannot be read');
}

function store(context: PacketContext, address: bigint, length: number, data: Uint8Array): Reply {
  if (length !== data.length) return refused('length and data differ', errorCode.malformed);
  if (context.target.traces?.view !== undefined) return refused('a trace frame is looked at, which cannot be changed');
  // Clients find out with a store of no bytes whether the packet is known.
  if (length === 0 || context.target.writeMemory(context.vcpu, address, data)) return OK;
  return refused('storage cannot be written');
}

/** Guest storage as the current vCPU sees it. */
export const memoryPackets: readonly PacketRow[] = [
  packet(
    'm',
    {
      args: args(hexAddress, ',', hexCount),
      doc: 'm addr,length: fetch bytes; fewer come back when the rest cannot be read',
      agreed: 'error-message+',
    },
    ({ target, vcpu }, [address, length]) => {
      const bytes = (target.traces?.view ?? target).readMemory(vcpu, address, Math.min(length, MAX_READ));
      return bytes.length === 0 ? unreadable() : hexReply(bytes);
    },
  ),
  packet(
    'x',
    {
      args: args(hexAddress, ',', hexCount),
      doc: 'x addr,length: fetch bytes, answered in binary',
      feature: 'binary-upload+',
    },
    ({ target, vcpu }, [address, length]) => {
      const bytes = (target.traces?.view ?? target).readMemory(vcpu, address, Math.min(length, MAX_READ));
      return bytes.length === 0 && length > 0 ? unreadable() : binaryReply('b', bytes);
    },
  ),
  packet(
    'M',
    { args: args(hexAddress, ',', hexCount, ':', hexBytes), doc: 'M addr,length:XX...: store bytes' },
    (context, [address, length, data]) => store(context, address, length, data),
  ),
  packet(
    'X',
    {
      args: args(hexAddress, ',', hexCount, ':', rest),
      doc: 'X addr,length:data: store bytes sent in binary',
      binary: true,
    },
    (context, [address, length, data]) => store(context, address, length, data),
  ),
  packet(
    'qSearch:memory',
    {
      args: args(':', hexAddress, ';', hexAddress, ';', rest),
      doc: 'qSearch:memory:addr;length;pattern: the first place of a byte pattern',
      binary: true,
    },
    ({ target, vcpu }, [address, length, pattern]) => {
      if (pattern.length === 0) return refused('empty pattern', errorCode.malformed);
      const found = searchMemory(target, vcpu, address, length, pattern);
      if (!found.readable) return unreadable();
      return text(found.value === undefined ? '0' : `1,${found.value.toString(16)}`);
    },
  ),
  packet(
    'qCRC',
    { args: args(':', hexAddress, ',', hexAddress), doc: 'qCRC:addr,length: the CRC-32 of storage' },
    ({ target, vcpu }, [address, length]) => {
      const crc = crcMemory(target, vcpu, address, length);
      return crc.readable ? text(`C${crc.value.toString(16)}`) : unreadable();
    },
  ),
];
