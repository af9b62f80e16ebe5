/** Ethernet frames on a stream of bytes: each behind its length in four bytes, as QEMU's `-netdev socket` has them, too. */

const LENGTH_BYTES = 4;
/** More than any frame has; a length above it is none. */
const MOST_FRAME = 65_550;

/** The bytes for a frame. */
export function frameBytes(frame: Uint8Array): Uint8Array {
  const out = Buffer.alloc(LENGTH_BYTES + frame.length);
  out.writeUInt32BE(frame.length);
  out.set(frame, LENGTH_BYTES);
  return out;
}

/** Takes a stream apart, however it comes in pieces. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** The frames that are whole now. Throws when the stream is none of frames. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Uint8Array[] = [];
    while (this.#rest.length >= LENGTH_BYTES) {
      const length = this.#rest.readUInt32BE();
      if (length > MOST_FRAME) throw new Error(`a frame of ${length} bytes was announced`);
      const end = LENGTH_BYTES + length;
      if (this.#rest.length < end) break;
      if (length > 0) frames.push(Uint8Array.from(this.#rest.subarray(LENGTH_BYTES, end)));
      this.#rest = this.#rest.subarray(end);
    }
    return frames;
  }
}
