import { PAGE_BYTES } from '../machine/layout.ts';

/** The image of a page of zeros, which takes no room. */
export const ZEROS = -1;

/** Images that a chunk of the pool has room for. */
const CHUNK_IMAGES = 256;

/**
 * Images of pages. Room for them is taken from the host as it is needed, a chunk at a time, and written into without being
 * given up in between: copying into memory that the host has seen before costs a twentieth of copying into new memory.
 */
export class ImagePool {
  readonly #chunks: Uint8Array[] = [];
  readonly #free: number[] = [];
  readonly #zeros = new Uint8Array(PAGE_BYTES);
  readonly #scratch = new Uint8Array(PAGE_BYTES);
  #used = 0;

  /** Bytes of the images that are kept. */
  get bytes(): number {
    return this.#used * PAGE_BYTES;
  }

  /** Keeps a copy of a page. */
  keep(page: Uint8Array): number {
    if (Buffer.compare(page, this.#zeros) === 0) return ZEROS;
    const image = this.#take();
    this.#at(image).set(page);
    return image;
  }

  /** The bytes of an image, which are the pool's own. */
  view(image: number): Uint8Array {
    return image === ZEROS ? this.#zeros : this.#at(image);
  }

  /** Gives an image up. */
  free(image: number): void {
    if (image === ZEROS) return;
    this.#free.push(image);
    this.#used--;
  }

  /** `put` is called with the bytes of an image, which `page` has then; the image of those that it had before. */
  exchange(image: number, page: Uint8Array, put: (bytes: Uint8Array) => void): number {
    const before = this.#scratch;
    before.set(page);
    put(this.view(image));
    if (Buffer.compare(before, this.#zeros) === 0) {
      this.free(image);
      return ZEROS;
    }
    const kept = image === ZEROS ? this.#take() : image;
    this.#at(kept).set(before);
    return kept;
  }

  #take(): number {
    this.#used++;
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const first = this.#chunks.length * CHUNK_IMAGES;
    this.#chunks.push(new Uint8Array(CHUNK_IMAGES * PAGE_BYTES));
    for (let image = first + CHUNK_IMAGES - 1; image > first; image--) this.#free.push(image);
    return first;
  }
  #at(image: number): Uint8Array {
    const chunk = this.#chunks[Math.floor(image / CHUNK_IMAGES)];
    if (chunk === undefined) throw new Error(`there is no image ${image}`);
    const at = (image % CHUNK_IMAGES) * PAGE_BYTES;
    return chunk.subarray(at, at + PAGE_BYTES);
  }
}
