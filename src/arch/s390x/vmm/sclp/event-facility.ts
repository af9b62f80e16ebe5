import type { RecordLayout } from '../../../../bits/record.ts';
import {
  EVENT_HEADER_BYTES,
  type EventMask,
  type EventSink,
  type EventSource,
  eventMaskBytes,
  parseEventMask,
} from './event.ts';
import { type Response, response } from './response.ts';
import { SCCB_HEADER_BYTES, type Sccb } from './sccb.ts';

/** Fields of an event buffer's header. */
const eventHeader = { length: [0, 2], type: [2, 1], flags: [3, 1] } as const satisfies RecordLayout;
/** Set in the flags of an event buffer that was accepted. */
const ACCEPTED = 0x80;

/** Fields of "write event mask": the four masks follow one another, as long as the guest says. */
const eventMask = { maskLength: [10, 2] } as const satisfies RecordLayout;
const MASKS_AT = 12;
const MASKS = 4;
/** Four of these and the header fill an SCCB of a page. */
const LONGEST_MASK = 1021;

/** Function codes of "read event data". */
const UNCONDITIONAL_READ = 0;
const SELECTIVE_READ = 1;
const NORMAL_WRITE = 0;

/** The event facility: masks, and the events that pass between the guest and its consoles. */
export class EventFacility {
  readonly #sources: readonly EventSource[];
  readonly #sinks: ReadonlyMap<number, EventSink>;
  #receiveMask: EventMask = new Set();
  /** Of the masks that the guest wrote last, hence of a selection mask. */
  #maskLength = 4;

  /** The facility's commands by their code. */
  readonly commands: ReadonlyMap<number, (sccb: Sccb) => Response> = new Map([
    [0x0076_0005, (sccb: Sccb) => this.#writeEventData(sccb)],
    [0x0077_0005, (sccb: Sccb) => this.#readEventData(sccb)],
    [0x0078_0005, (sccb: Sccb) => this.#writeEventMask(sccb)],
  ]);

  constructor(sources: readonly EventSource[], sinks: readonly EventSink[]) {
    this.#sources = sources;
    this.#sinks = new Map(sinks.map((sink) => [sink.type, sink]));
  }

  /** True when the guest has said that it reads events of this type. */
  isReceiving(type: number): boolean {
    return this.#receiveMask.has(type);
  }

  /** True when there is an event that the guest would read. */
  pending(): boolean {
    // Asked at the end of every service call.
    if (this.#receiveMask.size === 0) return false;
    for (const source of this.#sources) if (this.isReceiving(source.type) && source.pending()) return true;
    return false;
  }

  /** As after a subsystem reset: the guest reads nothing. */
  reset(): void {
    this.#receiveMask = new Set();
    this.#maskLength = 4;
  }

  save(): { readonly receiveMask: readonly number[]; readonly maskLength: number } {
    return { receiveMask: [...this.#receiveMask], maskLength: this.#maskLength };
  }
  restore(state: ReturnType<EventFacility['save']>): void {
    this.#receiveMask = new Set(state.receiveMask);
    this.#maskLength = state.maskLength;
  }

  #writeEventMask(sccb: Sccb): Response {
    if (sccb.length < MASKS_AT) return response.insufficientSccbLength;
    const length = sccb.fields(eventMask).get('maskLength');
    if (length === 0 || length > LONGEST_MASK) return response.invalidMaskLength;
    if (sccb.length < MASKS_AT + MASKS * length) return response.insufficientSccbLength;
    const maskAt = (index: number): number => MASKS_AT + index * length;
    // Of the guest's masks only the first matters: what it means to send needs no leave.
    this.#receiveMask = parseEventMask(sccb.bytes.subarray(maskAt(0), maskAt(1)));
    this.#maskLength = length;
    sccb.setBytes(maskAt(2), eventMaskBytes(this.#sinks.keys(), length));
    const sends = this.#sources.map(({ type }) => type);
    sccb.setBytes(maskAt(3), eventMaskBytes(sends, length));
    return response.normalCompletion;
  }

  /** Event buffers one after the other; the first that is refused ends it, and those before it stay accepted. */
  #writeEventData(sccb: Sccb): Response {
    if (sccb.functionCode !== NORMAL_WRITE) return response.invalidFunction;
    const buffers = eventBuffers(sccb);
    if (buffers === undefined) return response.eventBufferSyntaxError;
    let answer: Response = response.normalCompletion;
    for (const { at, length } of buffers) {
      const header = sccb.fields(eventHeader, at);
      if (answer === response.normalCompletion) {
        const data = sccb.bytes.subarray(at + EVENT_HEADER_BYTES, at + length);
        answer = this.#sinks.get(header.get('type'))?.accept(data) ?? response.invalidFunction;
      }
      const accepted = answer === response.normalCompletion;
      header.replace('flags', ACCEPTED, accepted ? ACCEPTED : 0);
    }
    return answer;
  }

  #readEventData(sccb: Sccb): Response {
    if (sccb.length < SCCB_HEADER_BYTES + EVENT_HEADER_BYTES) return response.insufficientSccbLength;
    const selection = this.#selection(sccb);
    if (selection === undefined) return response.invalidFunction;
    if (!this.#maySelect(sccb, selection)) return response.invalidSelectionMask;
    const pending = this.#sources.filter((source) => source.pending());
    if (pending.length === 0) return response.noEventBuffersStored;
    const selected = pending.filter((source) => selection.has(source.type));
    if (selected.length === 0) return response.eventsSuppressed;
    let at = SCCB_HEADER_BYTES;
    for (const source of selected) at += storeEvent(sccb, at, source);
    if (at === SCCB_HEADER_BYTES) return response.exceedsSccb;
    // Without a length the guest looks for the next event buffer here.
    if (sccb.variableLengthResponse) sccb.setResponseLength(at);
    else sccb.clearFrom(at);
    return response.normalCompletion;
  }

  #maySelect(sccb: Sccb, selection: EventMask): boolean {
    if (sccb.functionCode === UNCONDITIONAL_READ) return true;
    return this.#receiveMask.size > 0 && [...selection].every((type) => this.isReceiving(type));
  }

  /** Types that the guest wants to read now, its mask being where the events will be; undefined for other functions. */
  #selection(sccb: Sccb): EventMask | undefined {
    if (sccb.functionCode === UNCONDITIONAL_READ) return this.#receiveMask;
    if (sccb.functionCode !== SELECTIVE_READ) return undefined;
    return parseEventMask(sccb.bytes.subarray(SCCB_HEADER_BYTES, SCCB_HEADER_BYTES + this.#maskLength));
  }
}

/** Bytes stored at `at`: an event buffer, or none when there is not the room. */
function storeEvent(sccb: Sccb, at: number, source: EventSource): number {
  const room = sccb.length - at - EVENT_HEADER_BYTES;
  const data = room > 0 ? source.take(room) : undefined;
  if (data === undefined) return 0;
  const length = EVENT_HEADER_BYTES + data.length;
  sccb.bytes.fill(0, at, at + EVENT_HEADER_BYTES);
  const header = sccb.fields(eventHeader, at);
  header.set('length', length);
  header.set('type', source.type);
  sccb.setBytes(at + EVENT_HEADER_BYTES, data);
  return length;
}

/** Places of the event buffers, or undefined when their lengths do not add up to the SCCB. */
function eventBuffers(sccb: Sccb): readonly { readonly at: number; readonly length: number }[] | undefined {
  const buffers: { readonly at: number; readonly length: number }[] = [];
  let at = SCCB_HEADER_BYTES;
  while (at < sccb.length) {
    const length = sccb.fields(eventHeader, at).get('length');
    if (length < EVENT_HEADER_BYTES || at + length > sccb.length) return undefined;
    buffers.push({ at, length });
    at += length;
  }
  return buffers;
}
