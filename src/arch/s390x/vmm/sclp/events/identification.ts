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
const layout = { systemType: 2, systemName: 18, systemLevel: 34, sysplexName: 50, bytes: 74 } as const;
const NAME_BYTES = 8;

/** Control-program identification: kept for people to see. */
export class IdentificationSink implements EventSink {
  readonly type: number = eventTypes.identification;
  #latest: Identification | undefined;

  /** What the guest said last. */
  get latest(): Identification | undefined {
    return this.#latest;
  }

  accept(data: Uint8Array): Response {
    if (data.length < layout.bytes) return response.inconsistentLengths;
    const name = (at: number): string => ebcdicToText(data.subarray(at, at + NAME_BYTES)).replace(/[\0 ]+$/, '');
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#latest = {
      systemType: name(layout.systemType),
      systemName: name(layout.systemName),
      systemLevel: view.getBigUint64(layout.systemLevel),
      sysplexName: name(layout.sysplexName),
    };
    return response.normalCompletion;
  }

  restore(latest: Identification | undefined): void {
    this.#latest = latest;
  }
}
