import { BigEndianRecord, type RecordLayout } from '../../../../../bits/record.ts';
import { type CodePage, ebcdicToText } from '../../ebcdic.ts';
import type { ConsolePort } from '../console-port.ts';
import type { EventSink } from '../event.ts';
import { type Response, response } from '../response.ts';

/** A message data block: length, type, tag and revision, then objects, each with length and type. */
const MDB_HEADER_BYTES = 12;
const OBJECT_HEADER_BYTES = 4;
/** Object type of a line of text: line flags, alarm control, three reserved bytes, then EBCDIC. */
const TEXT_OBJECT = 4;
const TEXT_HEADER_BYTES = OBJECT_HEADER_BYTES + 6;

/** Messages to the operator, the output of the line-mode console: each text object is a line. */
export class MessageSink implements EventSink {
  readonly type: number;
  readonly #console: ConsolePort;
  readonly #codePage: CodePage;
  readonly #wrote: () => void;

  /** `wrote` is called after each message that was shown. */
  constructor(type: number, console: ConsolePort, codePage: CodePage, wrote: () => void) {
    this.type = type;
    this.#console = console;
    this.#codePage = codePage;
    this.#wrote = wrote;
  }

  accept(data: Uint8Array): Response {
    const lines = textObjects(data);
    if (lines === undefined) return response.inconsistentLengths;
    const text = lines.map((line) => `${displayable(ebcdicToText(line, this.#codePage))}\n`).join('');
    if (text !== '') {
      this.#console.output(Buffer.from(text, 'utf8'), 'line');
      this.#wrote();
    }
    return response.normalCompletion;
  }
}

/** How the message and each of its objects begin. */
const objectHeader = { length: [0, 2], type: [2, 2] } as const satisfies RecordLayout;

/** The EBCDIC of the text objects, or undefined when lengths do not agree. Tag, revision and other objects are ignored. */
function textObjects(data: Uint8Array): readonly Uint8Array[] | undefined {
  const end = data.length < MDB_HEADER_BYTES ? 0 : new BigEndianRecord(objectHeader, data).get('length');
  if (end < MDB_HEADER_BYTES || end > data.length) return undefined;
  const lines: Uint8Array[] = [];
  let at = MDB_HEADER_BYTES;
  while (at < end) {
    if (end - at < OBJECT_HEADER_BYTES) return undefined;
    const object = new BigEndianRecord(objectHeader, data.subarray(at));
    const length = object.get('length');
    const isText = object.get('type') === TEXT_OBJECT;
    if (length < (isText ? TEXT_HEADER_BYTES : OBJECT_HEADER_BYTES) || at + length > end) return undefined;
    if (isText) lines.push(data.subarray(at + TEXT_HEADER_BYTES, at + length));
    at += length;
  }
  return lines;
}

/** A line-mode console shows no controls: line ends and tabs have their effect, anything else is a blank. */
function displayable(text: string): string {
  let shown = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    if (character === '\n' || character === '\x85') shown += '\n';
    else shown += isControl && character !== '\t' ? ' ' : character;
  }
  return shown;
}
