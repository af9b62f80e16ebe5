import { Catalogue, type PacketRow } from '../packet.ts';
import { breakpointPackets } from './breakpoints.ts';
import { btracePackets } from './btrace.ts';
import { filePackets } from './files.ts';
import { hostPackets } from './host.ts';
import { memoryPackets } from './memory.ts';
import { monitorPackets } from './monitor.ts';
import { queryPackets } from './query.ts';
import { registerPackets } from './registers.ts';
import { resumePackets } from './resume.ts';
import { sessionPackets } from './session.ts';
import { tracePackets } from './traces.ts';

/** Every packet that the server knows, in the order of its table. */
export const packets: readonly PacketRow[] = [
  ...sessionPackets,
  ...queryPackets,
  ...hostPackets,
  ...registerPackets,
  ...memoryPackets,
  ...breakpointPackets,
  ...resumePackets,
  ...tracePackets,
  ...btracePackets,
  ...monitorPackets,
  ...filePackets,
];

/** The same, ready to be searched. */
export const catalogue = new Catalogue(packets);
