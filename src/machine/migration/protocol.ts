/**
 * What two machines say to each other while a guest moves: messages of a kind, a length and contents.
 *
 * The source says HELLO with what its machine is made of and a token; then pages, again and again; at the hand-over, with its
 * guest halted, the last pages and the rest of the STATE. When the destination has put that back it says READY. The source's
 * COMMIT is the hand-over: the destination starts the guest and says STARTED. A source that loses the connection behind its
 * COMMIT asks again by QUERY, and a destination that had not started never will.
 */

/** Kinds of messages. */
export const kinds = {
  hello: 1,
  pages: 2,
  state: 3,
  commit: 4,
  query: 5,
  accepted: 0x81,
  refused: 0x82,
  ready: 0x83,
  started: 0x84,
  answer: 0x85,
} as const;

export type MessageKind = (typeof kinds)[keyof typeof kinds];

export const PROTOCOL_VERSION = 1;

const HEADER_BYTES = 5;
/** No message is longer. */
const MOST_BYTES = 1 << 30;

/** A message as it came. */
export interface Message {
  readonly kind: number;
  readonly contents: Uint8Array;
}

/** The bytes of a message. */
export function messageBytes(kind: MessageKind, contents: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + contents.length);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, contents.length);
  bytes.set(contents, HEADER_BYTES);
  return bytes;
}

/** Makes messages of bytes as they come. */
export class MessageReader {
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** The messages that are whole now. Throws when one cannot be. */
  push(chunk: Uint8Array): Message[] {
    this.#chunks.push(chunk.slice());
    this.#bytes += chunk.length;
    const found: Message[] = [];
    for (;;) {
      const header = this.#peek(HEADER_BYTES);
      if (header === undefined) return found;
      const length = new DataView(header.buffer, header.byteOffset).getUint32(1);
      if (length > MOST_BYTES) throw new Error('a message of the other side is too long to be one');
      if (this.#bytes < HEADER_BYTES + length) return found;
      const whole = this.#take(HEADER_BYTES + length);
      found.push({ kind: whole[0] ?? 0, contents: whole.subarray(HEADER_BYTES) });
    }
  }

  #peek(length: number): Uint8Array | undefined {
    if (this.#bytes < length) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < length) this.#chunks = [joined(this.#chunks, this.#bytes)];
    return this.#chunks[0];
  }
  #take(length: number): Uint8Array {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? new Uint8Array(0)) : joined(this.#chunks, this.#bytes);
    this.#chunks = all.length > length ? [all.subarray(length)] : [];
    this.#bytes -= length;
    return all.subarray(0, length);
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

const FRAME_NUMBER_BYTES = 4;

/** Frames with their contents, as one message. */
export function pagesMessage(
  frames: readonly number[],
  pageBytes: number,
  read: (frame: number) => Uint8Array,
): Uint8Array {
  const each = FRAME_NUMBER_BYTES + pageBytes;
  const contents = new Uint8Array(frames.length * each);
  const view = new DataView(contents.buffer);
  for (const [i, frame] of frames.entries()) {
    view.setUint32(i * each, frame);
    contents.set(read(frame), i * each + FRAME_NUMBER_BYTES);
  }
  return messageBytes(kinds.pages, contents);
}

/** The frames of a message. Throws when they are cut. */
export function* pagesOf(contents: Uint8Array, pageBytes: number): Iterable<{ frame: number; page: Uint8Array }> {
  const each = FRAME_NUMBER_BYTES + pageBytes;
  if (contents.length % each !== 0) throw new Error('a message of pages has half of one');
  const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
  for (let at = 0; at < contents.length; at += each) {
    yield { frame: view.getUint32(at), page: contents.subarray(at + FRAME_NUMBER_BYTES, at + each) };
  }
}
