/** CHANNEL SUBSYSTEM CALL: what a guest can ask of the channel subsystem as a whole. */

import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import { CHANNEL_PATH, type ChannelSubsystem, DEFAULT_CSSID } from './channel-subsystem.ts';
import { PATH } from './subchannel.ts';

/** Bytes of a request that are looked at. */
export const CHSC_HEADER_BYTES = 16;
/** A request and its response share a page. */
export const CHSC_BLOCK_BYTES = 4096;

/** Response codes. */
const response = {
  done: 0x0001,
  invalidRequest: 0x0003,
  notProvided: 0x0004,
  noEvent: 0x0005,
  invalidFormat: 0x0007,
  invalidCssid: 0x0008,
} as const;

interface Request {
  readonly length: number;
  readonly words: readonly [number, number, number];
  /** Most bytes of a response. */
  readonly room: number;
}

/** A response: its code, its parameter word, and what follows. */
interface Response {
  readonly code: number;
  readonly parameter?: number;
  readonly data?: Uint8Array;
}

const commands: ReadonlyMap<number, (css: ChannelSubsystem, request: Request) => Response> = new Map([
  [0x0002, storeChannelPathDescription],
  [0x0004, storeSubchannelDescription],
  [0x000e, storeEventInformation],
  [0x0010, storeCharacteristics],
  [0x0031, setDomainAttribute],
]);

const requestFields = {
  length: [0, 2],
  command: [2, 2],
  word1: [4, 4],
  word2: [8, 4],
  word3: [12, 4],
} as const satisfies RecordLayout;

/** The length in a request, which tells where the response begins. */
export function chscLength(request: Uint8Array): number {
  return new BigEndianRecord(requestFields, request).get('length');
}

const responseFields = { length: [0, 2], code: [2, 2], parameter: [4, 4] } as const satisfies RecordLayout;
const RESPONSE_HEADER_BYTES = 8;

/** The response block to a request, at most `room` bytes. */
export function channelSubsystemCall(css: ChannelSubsystem, request: Uint8Array, room: number): Uint8Array {
  const asked = new BigEndianRecord(requestFields, request);
  const words = [asked.get('word1'), asked.get('word2'), asked.get('word3')] as const;
  const answer = commands.get(asked.get('command'))?.(css, { length: asked.get('length'), words, room }) ?? {
    code: response.notProvided,
  };
  const data = answer.data ?? new Uint8Array(0);
  const out = new Uint8Array(RESPONSE_HEADER_BYTES + data.length);
  const header = new BigEndianRecord(responseFields, out);
  header.set('length', out.length);
  header.set('code', answer.code);
  header.set('parameter', answer.parameter ?? 0);
  out.set(data, RESPONSE_HEADER_BYTES);
  return out;
}

function imageExists(css: ChannelSubsystem, cssid: number, multiple: boolean): boolean {
  return cssid === 0 || (multiple && css.multipleImages && cssid === DEFAULT_CSSID);
}

/** Of each path in a range of identifications, what kind of path it is. */
function storeChannelPathDescription(css: ChannelSubsystem, { length, words }: Request): Response {
  const [first, second, third] = words;
  const asked = (first & 0xf00) >>> 8;
  const format = asked > 1 ? asked : (first & 0x1000_0000) !== 0 ? 1 : 0;
  const refuse = (code: number): Response => ({ code, parameter: format });
  if (length !== 16 || (first & 0xc000_f000) !== 0 || (second & 0xffff_ff00) !== 0 || third !== 0) {
    return refuse(response.invalidRequest);
  }
  if ((first & 0x0f00_0000) !== 0 || format > 1) return refuse(response.invalidFormat);
  if (!imageExists(css, (first >>> 16) & 0xff, (first & 0x2000_0000) !== 0)) return refuse(response.invalidCssid);
  const [from, to] = [first & 0xff, second & 0xff];
  if (to < from) return refuse(response.invalidRequest);
  const { id, type } = CHANNEL_PATH;
  if (id < from || id > to) return { code: response.done, parameter: format };
  const data = new Uint8Array(format === 0 ? 8 : 32);
  data.set([0x80, 0, type, id]);
  return { code: response.done, parameter: format, data };
}

const SUBCHANNEL_VALID = 0x80;
const DEVICE_VALID = 0x40;
const DESCRIPTION_BYTES = 32;
const descriptionFields = {
  flags: [0, 1],
  unitAddress: [1, 1],
  deviceNumber: [2, 2],
  pathMask: [4, 1],
  number: [6, 2],
  channelPath0: [8, 1],
} as const satisfies RecordLayout;

/** Of each subchannel in a range: its type, its device number and its channel paths. */
function storeSubchannelDescription(css: ChannelSubsystem, { length, words, room }: Request): Response {
  const [first, second, third] = words;
  if (length !== 16 || third !== 0 || (second & 0xffff_0000) !== 0) return { code: response.invalidRequest };
  if ((first & 0x0f00_0000) !== 0) return { code: response.invalidFormat };
  const ssid = (first >>> 20) & 3;
  const [from, to] = [first & 0xffff, second & 0xffff];
  if (to < from || (ssid !== 0 && !css.multipleSets)) return { code: response.invalidRequest };
  const most = Math.floor((room - RESPONSE_HEADER_BYTES) / DESCRIPTION_BYTES);
  const data = new Uint8Array(Math.min(to - from + 1, most) * DESCRIPTION_BYTES);
  for (let i = 0; i * DESCRIPTION_BYTES < data.length; i++) {
    const number = from + i;
    const subchannel = css.find({ multiple: false, cssid: 0, ssid, number });
    const description = new BigEndianRecord(descriptionFields, data.subarray(i * DESCRIPTION_BYTES));
    description.set('number', number);
    if (subchannel === undefined) continue;
    description.set('flags', SUBCHANNEL_VALID | DEVICE_VALID);
    description.set('unitAddress', subchannel.deviceNumber & 0xff);
    description.set('deviceNumber', subchannel.deviceNumber);
    description.set('pathMask', PATH);
    description.set('channelPath0', CHANNEL_PATH.id);
  }
  return { code: response.done, data };
}

/** There are no events. */
function storeEventInformation(): Response {
  return { code: response.noEvent };
}

/** Bytes of general characteristics and of those of this instruction. */
const characteristicsBytes = { general: 2040, call: 2032 } as const;
/** The words of them that are not zero. */
const characteristicsFields = {
  general0: [0, 4],
  general1: [4, 4],
  general3: [12, 4],
  call0: [characteristicsBytes.general, 4],
  call3: [characteristicsBytes.general + 12, 4],
} as const satisfies RecordLayout;

function storeCharacteristics(css: ChannelSubsystem, { length, words }: Request): Response {
  const [first, second, third] = words;
  if (length !== 16) return { code: response.invalidRequest };
  if ((first & 0x000f_0000) !== 0) return { code: response.invalidFormat };
  if (!imageExists(css, (first >>> 8) & 0xff, (first & 0x2000_0000) !== 0)) return { code: response.invalidCssid };
  if ((first & 0xdff0_00ff) !== 0 || second !== 0 || third !== 0) return { code: response.invalidRequest };
  const data = new Uint8Array(characteristicsBytes.general + characteristicsBytes.call);
  const characteristics = new BigEndianRecord(characteristicsFields, data);
  // Subchannel sets and images, concurrent sense, extended measurement blocks; summary indicators of any value.
  characteristics.set('general0', 0x0300_0000);
  characteristics.set('general1', 0x0007_9000);
  characteristics.set('general3', 0x0008_0000);
  // Of the commands: descriptions of channel paths (0002) and of subchannels (0004), domain attributes (0031).
  characteristics.set('call0', 0x5000_0000);
  characteristics.set('call3', 0x0004_0000);
  return { code: response.done, data };
}

const facility = { multipleImages: 0, multipleSets: 2 } as const;

/** Turns on a facility that guests have to ask for. */
function setDomainAttribute(css: ChannelSubsystem, { length, words }: Request): Response {
  const [first] = words;
  if (length !== 0x400 || (first & 0xf0ff_0000) !== 0) return { code: response.invalidRequest };
  if ((first & 0x0f00_0000) !== 0) return { code: response.invalidFormat };
  switch (first & 0xffff) {
    case facility.multipleImages:
      css.multipleImages = true;
      return { code: response.done };
    case facility.multipleSets:
      css.multipleSets = true;
      return { code: response.done };
    default:
      return { code: response.invalidRequest };
  }
}
