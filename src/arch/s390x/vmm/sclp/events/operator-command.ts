import { BigEndianRecord, type RecordLayout } from '../../../../../bits/record.ts';
import { type CodePage, textToEbcdic } from '../../ebcdic.ts';
import type { ConsoleInput } from '../console-input.ts';
import { type EventSource, eventTypes } from '../event.ts';

/** Vectors of the general data stream around a command, from the outside in, each with a halfword of length and an id. */
const vectors = [0x1310, 0x1212, 0x1320];
const VECTOR_HEADER_BYTES = 4;
/** Subvectors inside, from the outside in, each with a byte of length and a key: self-defining text message, text. */
const subvectors = [0x31, 0x30];
const SUBVECTOR_HEADER_BYTES = 2;

const ENVELOPE_BYTES = vectors.length * VECTOR_HEADER_BYTES + subvectors.length * SUBVECTOR_HEADER_BYTES;

/** Longest command, for a subvector's length is a byte; what is typed beyond it makes another command. */
export const LONGEST_COMMAND = 0xff - subvectors.length * SUBVECTOR_HEADER_BYTES;

/** Operator commands, the input of the line-mode console: each line that was typed is one. */
export class OperatorCommandSource implements EventSource {
  readonly type: number = eventTypes.operatorCommand;
  readonly #input: ConsoleInput;
  readonly #codePage: CodePage;
  readonly #isActive: () => boolean;

  /** `isActive` says whether what is typed goes to this console. */
  constructor(input: ConsoleInput, codePage: CodePage, isActive: () => boolean) {
    this.#input = input;
    this.#codePage = codePage;
    this.#isActive = isActive;
  }

  pending(): boolean {
    return this.#isActive() && this.#input.hasLine;
  }

  take(room: number): Uint8Array | undefined {
    // A read that has not the room for the longest shall not depend on what was typed.
    if (room < ENVELOPE_BYTES + LONGEST_COMMAND) return undefined;
    const line = this.#input.takeLine(LONGEST_COMMAND);
    return line === undefined ? undefined : operatorCommand(textToEbcdic(line, this.#codePage));
  }
}

const vectorHeader = { length: [0, 2], id: [2, 2] } as const satisfies RecordLayout;

/** The vectors around `text`, which is EBCDIC and no longer than `LONGEST_COMMAND`. */
export function operatorCommand(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ENVELOPE_BYTES + text.length);
  let at = 0;
  for (const id of vectors) {
    const vector = new BigEndianRecord(vectorHeader, bytes.subarray(at));
    vector.set('length', bytes.length - at);
    vector.set('id', id);
    at += VECTOR_HEADER_BYTES;
  }
  for (const key of subvectors) {
    bytes[at] = bytes.length - at;
    bytes[at + 1] = key;
    at += SUBVECTOR_HEADER_BYTES;
  }
  bytes.set(text, at);
  return bytes;
}
