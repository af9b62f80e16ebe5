/** What a packet is answered with; framing and the client's abilities decide on the bytes. */
export type Reply =
  /** ASCII without the characters that framing reserves. */
  | { readonly kind: 'text'; readonly text: string }
  /** The bytes as pairs of hex digits. */
  | { readonly kind: 'hex'; readonly bytes: Uint8Array }
  /** ASCII, and then bytes that framing escapes. */
  | { readonly kind: 'binary'; readonly prefix: string; readonly bytes: Uint8Array }
  /** An error: `E.text` for a client that takes messages, else `E` and the code in two hex digits. */
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
  /** Nothing now: the stop reply comes later, or never. */
  | { readonly kind: 'none' };

/** Error codes of `E` replies; gdb shows them and gives no meaning to them. */
export const errorCode = { annex: 0x00, refused: 0x01, malformed: 0x16, internal: 0x0e } as const;

/** Plain text. */
export function text(value: string): Reply {
  return { kind: 'text', text: value };
}

/** `OK`. */
export const OK: Reply = text('OK');

/** The empty reply: this packet is not supported. */
export const UNSUPPORTED: Reply = text('');

/** No reply now. */
export const NONE: Reply = { kind: 'none' };

/** The request was understood and cannot be met; `why` is ASCII without `# $ } *`. */
export function refused(why: string, code: number = errorCode.refused): Reply {
  return { kind: 'error', code, text: why };
}

/** `bytes` in hex. */
export function hexReply(bytes: Uint8Array): Reply {
  return { kind: 'hex', bytes };
}

/** `prefix` and then `bytes` in the protocol's binary form. */
export function binaryReply(prefix: string, bytes: Uint8Array): Reply {
  return { kind: 'binary', prefix, bytes };
}

/** A slice of a qXfer document: `m` when more follows, `l` at its end, an error past it. */
export function documentReply(document: Uint8Array, offset: number, length: number): Reply {
  if (offset > document.length) return refused('offset past the end of the document');
  const end = offset + Math.min(length, MAX_DOCUMENT_SLICE);
  return binaryReply(end < document.length ? 'm' : 'l', document.subarray(offset, end));
}

/** Escaping doubles a byte at worst, so a slice of this size fits any packet that the server promises. */
const MAX_DOCUMENT_SLICE = 0x40000;
