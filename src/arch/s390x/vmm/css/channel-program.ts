/** Channel programs: commands go to the device one after the other, as command chaining says (PoP, "Execution of Channel Programs"). */

import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import { basicCommand, CCW_BYTES, type Ccw, ccwFlags } from './ccw.ts';
import { Chain } from './chain.ts';
import type { AddressLimit, ChannelStorage } from './channel-storage.ts';
import { DataArea } from './data-area.ts';
import { type ChannelDevice, type CommandEnd, commandDone } from './device.ts';
import type { Orb } from './orb.ts';
import { deviceStatus, subchannelStatus } from './schib.ts';

/** Bytes of sense data. */
export const SENSE_BYTES = 32;

/** What a channel program runs on. */
export interface ChannelProgram {
  readonly storage: ChannelStorage;
  readonly orb: Orb;
  /** Where to begin: the request's channel program, or the word at which the subchannel was suspended. */
  readonly first: number;
  readonly limit: AddressLimit | undefined;
  readonly device: ChannelDevice;
  /** Sense data of the device, `SENSE_BYTES`, kept by the caller between programs. */
  readonly sense: Uint8Array;
}

/** How a channel program ended. */
export interface ChannelProgramEnd {
  /** At a word with the suspend flag; `next` is that word. */
  readonly suspended: boolean;
  readonly next: number;
  /** Address that the status word shows: past the last word used. */
  readonly ccwAddress: number;
  readonly deviceStatus: number;
  readonly subchannelStatus: number;
  readonly count: number;
  /** Some command was accepted. */
  readonly accepted: boolean;
}

const NORMAL = deviceStatus.channelEnd | deviceStatus.deviceEnd;
const ID_PRESENT = 0xff;

/** Runs a channel program to its end. Nothing that a guest can put into one throws. */
export function runChannelProgram(program: ChannelProgram): ChannelProgramEnd {
  const chain = new Chain(program.storage, program.orb, program.first, program.limit);
  let accepted = false;
  let last = { device: 0, count: 0 };
  const ended = (suspended = false): ChannelProgramEnd => ({
    suspended,
    next: suspended ? chain.next - CCW_BYTES : chain.next,
    ccwAddress: chain.next,
    deviceStatus: last.device,
    subchannelStatus: chain.status,
    count: last.count,
    accepted,
  });
  for (let first = true; ; first = false) {
    const ccw = chain.command(first);
    if (ccw === undefined) {
      last = { device: 0, count: 0 };
      return ended();
    }
    if ((ccw.flags & ccwFlags.suspend) !== 0) {
      last = { device: 0, count: 0 };
      return ended(true);
    }
    const area = new DataArea(chain, ccw);
    const end = runCommand(program, ccw.command, area);
    const { ccw: current, residual } = area.end((end.status & deviceStatus.channelEnd) !== 0);
    accepted ||= (end.status & deviceStatus.unitCheck) === 0;
    last = { device: area.failed ? NORMAL : end.status, count: residual };
    if (end.sense !== undefined && !area.failed) setSense(program.sense, end.sense);
    if (!chainsOn(current, last.device, chain.status)) return ended();
    if ((last.device & deviceStatus.statusModifier) !== 0) chain.next += CCW_BYTES;
  }
}

function chainsOn(ccw: Ccw, device: number, status: number): boolean {
  const clean = (status & ~subchannelStatus.programControlled) === 0;
  const ready = (device & ~deviceStatus.statusModifier) === NORMAL;
  return clean && ready && (ccw.flags & (ccwFlags.chainCommand | ccwFlags.chainData)) === ccwFlags.chainCommand;
}

function setSense(sense: Uint8Array, first: number): void {
  sense.fill(0);
  sense[0] = first;
}

function runCommand(program: ChannelProgram, command: number, data: DataArea): CommandEnd {
  switch (command) {
    case basicCommand.noOperation:
      return commandDone;
    case basicCommand.sense:
      data.send(program.sense.subarray(0, data.room(SENSE_BYTES)));
      program.sense.fill(0);
      return commandDone;
    case basicCommand.senseId:
      data.send(senseId(program.device).subarray(0, data.room(256)));
      return commandDone;
    default:
      return program.device.execute(command, data);
  }
}

/** What SENSE ID tells; the rest of its 256 bytes is zero. */
const identificationFields = {
  present: [0, 1],
  controlUnitType: [1, 2],
  controlUnitModel: [3, 1],
  deviceType: [4, 2],
  deviceModel: [6, 1],
} as const satisfies RecordLayout;

function senseId({ identification }: ChannelDevice): Uint8Array {
  const bytes = new Uint8Array(256);
  const id = new BigEndianRecord(identificationFields, bytes);
  id.set('present', ID_PRESENT);
  for (const name of ['controlUnitType', 'controlUnitModel', 'deviceType', 'deviceModel'] as const) {
    id.set(name, identification[name]);
  }
  return bytes;
}
