import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import { ebcdicField, ebcdicToText } from '../ebcdic.ts';

/** IPL from a channel-attached device. */
export interface CcwIplParameters {
  /** Subchannel set, 0 to 3, and device number. */
  readonly subchannelSet: number;
  readonly device: number;
  /** Up to 8 characters. */
  readonly loadParameter?: string;
}

/**
 * Fields of an IPL parameter block of the CCW type: a header (length, version), then the parameters (their length, the type,
 * flags, load parameter, device). A kernel that was loaded directly has no block: it needs nothing in the lowcore either.
 */
const fields = {
  length: [0, 4],
  version: [7, 1],
  parametersLength: [8, 4],
  type: [12, 1],
  flags: [13, 1],
  loadParameter: [16, 8],
  subchannelSet: [109, 1],
  device: [110, 2],
} as const satisfies RecordLayout;

/** Bytes of the block. */
const BLOCK_BYTES = 200;

const HEADER_BYTES = 8;
const TYPE_CCW = 2;
/** The load parameter is valid. */
const FLAG_LOAD_PARAMETER = 0x80;

/** Largest block: DIAGNOSE 308 transfers a page. */
const LARGEST_BLOCK = 4096;

/** The block that DIAGNOSE 308 subcode 6 stores for a guest that was loaded from a channel-attached device. */
export function ccwIplParameterBlock({ subchannelSet, device, loadParameter }: CcwIplParameters): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const block = new BigEndianRecord(fields, bytes);
  block.set('length', BLOCK_BYTES);
  block.set('parametersLength', BLOCK_BYTES - HEADER_BYTES);
  block.set('type', TYPE_CCW);
  if (loadParameter !== undefined) {
    block.set('flags', FLAG_LOAD_PARAMETER);
    const [at, width] = fields.loadParameter;
    bytes.set(ebcdicField(loadParameter, width), at);
  }
  block.set('subchannelSet', subchannelSet & 3);
  block.set('device', device);
  return bytes;
}

/**
 * What a block says that a guest gives with DIAGNOSE 308 subcode 5; `page` is the page that holds it. Undefined when it is
 * not of the CCW type or not as long as it says, which is return code 0402.
 */
export function parseCcwIplParameterBlock(page: Uint8Array): CcwIplParameters | undefined {
  if (page.length < BLOCK_BYTES) return undefined;
  const block = new BigEndianRecord(fields, page);
  const [length, parameters] = [block.get('length'), block.get('parametersLength')];
  const fits = length >= BLOCK_BYTES && length <= Math.min(page.length, LARGEST_BLOCK);
  if (!fits || parameters < BLOCK_BYTES - HEADER_BYTES || parameters > length - HEADER_BYTES) return undefined;
  if (block.get('version') !== 0 || block.get('type') !== TYPE_CCW) return undefined;
  const [at, width] = fields.loadParameter;
  const text = page.subarray(at, at + width);
  return {
    subchannelSet: block.get('subchannelSet') & 7,
    device: block.get('device'),
    ...(block.has('flags', FLAG_LOAD_PARAMETER) ? { loadParameter: ebcdicToText(text).trimEnd() } : {}),
  };
}

/** Bytes that a block says it has. */
export function iplParameterLength(page: Uint8Array): number {
  return new BigEndianRecord(fields, page).get('length');
}
