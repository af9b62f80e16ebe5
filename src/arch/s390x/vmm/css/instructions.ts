/** I/O instructions by their opcodes (PoP, "I/O Instructions"). TEST PENDING INTERRUPTION is the hypervisor's own. */

import { toBigEndian } from '../../../../bits/hex.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { conditionCode, type Outcome, program } from '../../kvm/outcome.ts';
import type { IoInstruction } from '../../kvm/user-space.ts';
import type { ChannelSubsystem } from './channel-subsystem.ts';
import { CHSC_BLOCK_BYTES, CHSC_HEADER_BYTES, channelSubsystemCall, chscLength } from './chsc.ts';
import { ORB_BYTES, parseOrb } from './orb.ts';
import { pmcwCharacteristics, pmcwFlags, SCHIB_BYTES, Schib } from './schib.ts';
import { IRB_BYTES, type Subchannel } from './subchannel.ts';
import { parseSubchannelId, type SubchannelId } from './subchannel-id.ts';

type Handler = (css: ChannelSubsystem, i: IoInstruction) => Outcome;

const operand: Outcome = program(PGM.operand);
const specification: Outcome = program(PGM.specification);

/** Executes an I/O instruction of a supervisor-state program; an operand that cannot be accessed unwinds. */
export function executeIo(css: ChannelSubsystem, instruction: IoInstruction): Outcome {
  return handlers.get(instruction.opcode)?.(css, instruction) ?? program(PGM.operation);
}

const handlers: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [0xb230, withSubchannel((s) => s.clear())],
  [0xb231, withSubchannel((s) => s.halt())],
  [0xb232, modify],
  [0xb233, start],
  [0xb234, store],
  [0xb235, test],
  [0xb237, setAddressLimit],
  [0xb238, withSubchannel(resume)],
  [0xb239, storeChannelReport],
  [0xb23a, storeChannelPathStatus],
  [0xb23b, resetChannelPath],
  [0xb23c, setChannelMonitor],
  [0xb25f, call],
  // There are no queues to signal.
  [0xb274, () => conditionCode(3)],
  [0xb276, withSubchannel((s) => s.cancel())],
]);

function idOf(i: IoInstruction): SubchannelId | undefined {
  return parseSubchannelId(low(i.gr1));
}

function low(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

function withSubchannel(act: (subchannel: Subchannel, css: ChannelSubsystem) => 0 | 1 | 2 | 3): Handler {
  return (css, i) => {
    const id = idOf(i);
    if (id === undefined) return operand;
    const subchannel = css.find(id);
    return conditionCode(subchannel === undefined ? 3 : act(subchannel, css));
  };
}

function aligned(i: IoInstruction): boolean {
  return (i.address & 3n) === 0n;
}

function modify(css: ChannelSubsystem, i: IoInstruction): Outcome {
  if (!aligned(i)) return specification;
  const schib = new Schib(i.fetch(SCHIB_BYTES));
  const id = idOf(i);
  if (id === undefined || !canModify(schib)) return operand;
  return conditionCode(css.find(id)?.modify(schib) ?? 3);
}

function canModify(schib: Schib): boolean {
  const { reserved, extendedMeasurementWord, measurementBlockFormat } = pmcwCharacteristics;
  if (schib.has('flags', pmcwFlags.reserved) || schib.has('characteristics', reserved | extendedMeasurementWord))
    return false;
  if ((schib.get('flags') & pmcwFlags.limitMode) === pmcwFlags.limitMode) return false;
  return !schib.has('characteristics', measurementBlockFormat) || (schib.big('measurementBlock') & 0x3fn) === 0n;
}

function start(css: ChannelSubsystem, i: IoInstruction): Outcome {
  if (!aligned(i)) return specification;
  const orb = parseOrb(i.fetch(ORB_BYTES));
  const id = idOf(i);
  if (id === undefined || orb === undefined) return operand;
  const subchannel = css.find(id);
  if (subchannel === undefined) return conditionCode(3);
  const cc = subchannel.start(orb);
  if (cc === 0) css.measurement.started(subchannel.schib);
  return conditionCode(cc);
}

function resume(subchannel: Subchannel, css: ChannelSubsystem): 0 | 1 | 2 | 3 {
  const cc = subchannel.resume();
  if (cc === 0) css.measurement.started(subchannel.schib);
  return cc;
}

// Access exceptions come before operand exceptions and condition code 3.
function store(css: ChannelSubsystem, i: IoInstruction): Outcome {
  if (!aligned(i)) return specification;
  i.checkStore(SCHIB_BYTES);
  const id = idOf(i);
  if (id === undefined) return operand;
  const subchannel = css.find(id);
  if (subchannel === undefined && css.isPastLast(id)) return conditionCode(3);
  i.store(subchannel?.schib.bytes ?? new Uint8Array(SCHIB_BYTES));
  return conditionCode(0);
}

function test(css: ChannelSubsystem, i: IoInstruction): Outcome {
  if (!aligned(i)) return specification;
  i.checkStore(IRB_BYTES);
  const id = idOf(i);
  if (id === undefined) return operand;
  const subchannel = css.find(id);
  const response = subchannel?.response();
  if (subchannel === undefined || response === undefined) return conditionCode(3);
  i.store(response);
  return conditionCode(subchannel.test() ? 0 : 1);
}

function setAddressLimit(css: ChannelSubsystem, i: IoInstruction): Outcome {
  const limit = low(i.gr1);
  if (limit > 0x7fff_ffff || (limit & 0xffff) !== 0) return operand;
  css.addressLimit = limit;
  return conditionCode(i.cc);
}

function storeChannelReport(css: ChannelSubsystem, i: IoInstruction): Outcome {
  if (!aligned(i)) return specification;
  const word = css.reports.first;
  i.store(toBigEndian(BigInt(word ?? 0), 4));
  css.reports.take();
  return conditionCode(word === undefined ? 1 : 0);
}

function storeChannelPathStatus(_css: ChannelSubsystem, i: IoInstruction): Outcome {
  if ((i.address & 31n) !== 0n) return specification;
  // No path is ever active between instructions.
  i.store(new Uint8Array(32));
  return conditionCode(i.cc);
}

function resetChannelPath(css: ChannelSubsystem, i: IoInstruction): Outcome {
  const word = low(i.gr1);
  if ((word & 0xff00_ff00) !== 0) return operand;
  const image = (word >>> 16) & 0xff;
  if (!css.hasImage(image)) return operand;
  return conditionCode(css.resetChannelPath(word & 0xff) ? 0 : 3);
}

function setChannelMonitor(css: ChannelSubsystem, i: IoInstruction): Outcome {
  const word = low(i.gr1);
  const update = (word & 2) !== 0;
  if ((word & 0x0fff_fffc) !== 0 || (update && (i.gr2 & 0x1fn) !== 0n)) return operand;
  css.measurement.set(update ? { origin: Number(i.gr2 & 0x7fff_ffff_ffff_ffffn), key: word >>> 28 } : undefined);
  return conditionCode(i.cc);
}

function call(css: ChannelSubsystem, i: IoInstruction): Outcome {
  if ((i.address & 0xfffn) !== 0n) return specification;
  const request = i.fetch(CHSC_HEADER_BYTES);
  const length = chscLength(request);
  if (length < CHSC_HEADER_BYTES || length > CHSC_BLOCK_BYTES - 8 || length % 8 !== 0) return operand;
  i.store(channelSubsystemCall(css, request, CHSC_BLOCK_BYTES - length), length);
  return conditionCode(0);
}
