import { BigEndianRecord, type RecordLayout } from '../../../../../bits/record.ts';
import { ebcdicToText } from '../../ebcdic.ts';
import { type EventSink, eventTypes } from '../event.ts';
import { type Response, response } from '../response.ts';

/** What the control program says that it is. Texts are without trailing blanks. */
export interface Identification {
  /** Such as LINUX. */
  readonly systemType: string;
  readonly systemName: string;
  /** The control program's own number; Linux gives its version. */
  readonly systemLevel: bigint;
  readonly sysplexName: string;
}

/** Fields after the event header. */
const layout = {
  systemType: [2, 8],
  systemName: [18, 8],
  systemLevel: [34, 8],
  sysplexName: [50, 8],
} as const satisfies RecordLayout;
const IDENTIFICATION_BYTES = 74;

/** Control-program identification: kept for people to see. */
export class IdentificationSink implements EventSink {
  readonly type: number = eventTypes.identification;
  #latest: Identification | undefined;

  /** What the guest said last. */
  get latest(): Identification | undefined {
    return this.#latest;
  }

  accept(data: Uint8Array): Response {
    if (data.length < IDENTIFICATION_BYTES) return response.inconsistentLengths;
    const name = ([at, width]: readonly [number, number]): string =>
      ebcdicToText(data.subarray(at, at + width)).replace(/[\0 ]+$/, '');
    this.#latest = {
      systemType: name(layout.systemType),
      systemName: name(layout.systemName),
      systemLevel: new BigEndianRecord(layout, data).big('systemLevel'),
      sysplexName: name(layout.sysplexName),
    };
    return response.normalCompletion;
  }

  restore(latest: Identification | undefined): void {
    this.#latest = latest;
  }
}
