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
const layout = {
  length: 0,
  version: 7,
  parametersLength: 8,
  type: 12,
  flags: 13,
  loadParameter: 16,
  subchannelSet: 109,
  device: 110,
  bytes: 200,
} as const;

const HEADER_BYTES = 8;
const TYPE_CCW = 2;
/** The load parameter is valid. */
const FLAG_LOAD_PARAMETER = 0x80;
const LOAD_PARAMETER_BYTES = 8;

/** Largest block: DIAGNOSE 308 transfers a page. */
const LARGEST_BLOCK = 4096;

/** The block that DIAGNOSE 308 subcode 6 stores for a guest that was loaded from a channel-attached device. */
export function ccwIplParameterBlock({ subchannelSet, device, loadParameter }: CcwIplParameters): Uint8Array {
  const bytes = new Uint8Array(layout.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(layout.length, layout.bytes);
  view.setUint32(layout.parametersLength, layout.bytes - HEADER_BYTES);
  bytes[layout.type] = TYPE_CCW;
  if (loadParameter !== undefined) {
    bytes[layout.flags] = FLAG_LOAD_PARAMETER;
    bytes.set(ebcdicField(loadParameter, LOAD_PARAMETER_BYTES), layout.loadParameter);
  }
  bytes[layout.subchannelSet] = subchannelSet & 3;
  view.setUint16(layout.device, device);
  return bytes;
}

/**
 * What a block says that a guest gives with DIAGNOSE 308 subcode 5; `page` is the page that holds it. Undefined when it is
 * not of the CCW type or not as long as it says, which is return code 0402.
 */
export function parseCcwIplParameterBlock(page: Uint8Array): CcwIplParameters | undefined {
  if (page.length < layout.bytes) return undefined;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const length = view.getUint32(layout.length);
  const parameters = view.getUint32(layout.parametersLength);
  const fits = length >= layout.bytes && length <= Math.min(page.length, LARGEST_BLOCK);
  if (!fits || parameters < layout.bytes - HEADER_BYTES || parameters > length - HEADER_BYTES) return undefined;
  if (page[layout.version] !== 0 || page[layout.type] !== TYPE_CCW) return undefined;
  const hasLoadParameter = ((page[layout.flags] ?? 0) & FLAG_LOAD_PARAMETER) !== 0;
  const text = page.subarray(layout.loadParameter, layout.loadParameter + LOAD_PARAMETER_BYTES);
  return {
    subchannelSet: (page[layout.subchannelSet] ?? 0) & 7,
    device: view.getUint16(layout.device),
    ...(hasLoadParameter ? { loadParameter: ebcdicToText(text).trimEnd() } : {}),
  };
}
