import { bigEndian } from '../../../../bits/hex.ts';
import { type Ccw, ccwFlags } from './ccw.ts';
import type { Chain } from './chain.ts';
import { subchannelStatus } from './schib.ts';

/** A run of bytes of the data area; without an address it is skipped. */
interface Piece {
  readonly address: number | undefined;
  readonly start: number;
  readonly length: number;
}

/** How the area of a command was used in the end. */
export interface DataEnd {
  /** The word that was current. */
  readonly ccw: Ccw;
  /** What is left of its count. */
  readonly residual: number;
}

/**
 * The data area of one command as its device sees it: a run of bytes, though data chaining and indirect-data-address words
 * may have scattered it. Words and lists are fetched no earlier than the device comes to them.
 */
export class DataArea {
  readonly #chain: Chain;
  readonly #pieces: Piece[] = [];
  #ccw: Ccw;
  /** Offset in the area at which the current word's bytes begin. */
  #ccwStart = 0;
  /** Bytes of the area that `#pieces` covers. */
  #known = 0;
  #position = 0;
  #used = 0;
  #indirect = 0;
  #touched = false;
  #tooLong = false;
  #stuck = false;

  constructor(chain: Chain, ccw: Ccw) {
    this.#chain = chain;
    this.#ccw = ccw;
  }

  /** True when a check has stopped the transfer. */
  get failed(): boolean {
    return this.#stuck;
  }

  /** How many bytes there are from the current position on, counted up to `most`. */
  room(most: number): number {
    this.#touched = true;
    while (this.#known - this.#position < most && this.#extend());
    return Math.min(most, this.#known - this.#position);
  }

  /** Takes up to `length` bytes out of storage, fewer when the area ends before. */
  receive(length: number): Uint8Array {
    const out = new Uint8Array(this.room(length));
    let done = 0;
    while (done < out.length) {
      const piece = this.#pieceAt(this.#position, out.length - done);
      const bytes =
        piece.address === undefined ? new Uint8Array(piece.length) : this.#chain.fetch(piece.address, piece.length);
      if (bytes === undefined) return this.#stop(out.subarray(0, done));
      out.set(bytes, done);
      done += piece.length;
      this.#advance(piece.length);
    }
    return out;
  }

  /** Puts bytes into storage; says how many there was room for. */
  send(data: Uint8Array): number {
    const fits = this.room(data.length);
    if (fits < data.length) this.#tooLong = true;
    let done = 0;
    while (done < fits) {
      const piece = this.#pieceAt(this.#position, fits - done);
      const part = data.subarray(done, done + piece.length);
      if (piece.address !== undefined && !this.#chain.store(piece.address, part)) {
        this.#stop(part);
        return done;
      }
      done += piece.length;
      this.#advance(piece.length);
    }
    return fits;
  }

  /** Goes back to the first byte. */
  rewind(): void {
    this.#position = 0;
  }

  /**
   * Called when the device has ended the command: finds incorrect length, unless the device did not take the command at all,
   * which ends it before there is a channel end.
   */
  end(taken: boolean): DataEnd {
    if (this.#touched && !this.#stuck) while (this.#used >= this.#known && this.#extend());
    const { flags } = this.#ccw;
    const residual = Math.max(0, this.#ccwStart + this.#ccw.count - Math.max(this.#used, this.#ccwStart));
    const { orb } = this.#chain;
    // Commands without data are of any length in format 0, and in format 1 when the request says so.
    const immediate = !this.#touched && (!orb.format1 || orb.suppressIncorrectLength);
    const chained = (flags & ccwFlags.chainData) !== 0;
    const suppressed = (flags & ccwFlags.suppressLength) !== 0;
    const wrong = (residual > 0 && (chained || !(suppressed || immediate))) || (this.#tooLong && !suppressed);
    if (wrong && taken && !this.#chain.checked) this.#chain.status |= subchannelStatus.incorrectLength;
    return { ccw: this.#ccw, residual };
  }

  #stop(sofar: Uint8Array): Uint8Array {
    this.#stuck = true;
    return sofar;
  }

  #advance(bytes: number): void {
    this.#position += bytes;
    this.#used = Math.max(this.#used, this.#position);
  }

  // The part of a piece that holds a position, which is known to exist.
  #pieceAt(position: number, most: number): Piece {
    const piece = this.#pieces.findLast((p) => p.start <= position);
    if (piece === undefined) throw new Error('data area: a position outside');
    const into = position - piece.start;
    const length = Math.min(piece.length - into, most);
    return { address: piece.address === undefined ? undefined : piece.address + into, start: position, length };
  }

  // Makes the next run of bytes known; false when there is none.
  #extend(): boolean {
    if (this.#stuck) return false;
    const left = this.#ccwStart + this.#ccw.count - this.#known;
    if (left > 0) return this.#nextPiece(left);
    if ((this.#ccw.flags & ccwFlags.chainData) === 0) return false;
    const next = this.#chain.data();
    if (next === undefined) return this.#fail();
    this.#ccwStart = this.#known;
    this.#ccw = next;
    this.#indirect = 0;
    return this.#extend();
  }

  #nextPiece(left: number): boolean {
    const { flags, address } = this.#ccw;
    if ((flags & ccwFlags.skip) !== 0) return this.#add(undefined, left);
    if ((flags & ccwFlags.indirect) === 0) return this.#add(address, left);
    const word = this.#indirectWord();
    if (word === undefined) return this.#fail();
    const block = this.#chain.orb.idawBlock;
    // Words after the first begin where a block begins.
    if (this.#indirect++ > 0 && word % block !== 0) {
      this.#chain.programCheck();
      return this.#fail();
    }
    return this.#add(word, Math.min(left, block - (word % block)));
  }

  #indirectWord(): number | undefined {
    const bytes = this.#chain.orb.idawFormat2 ? 8 : 4;
    const at = this.#ccw.address + this.#indirect * bytes;
    const text = at % bytes === 0 ? this.#chain.fetch(at, bytes) : undefined;
    if (text === undefined) {
      if (!this.#chain.checked) this.#chain.programCheck();
      return undefined;
    }
    const word = Number(bigEndian(text));
    if ((bytes === 4 && word > 0x7fff_ffff) || !Number.isSafeInteger(word)) {
      this.#chain.programCheck();
      return undefined;
    }
    return word;
  }

  #add(address: number | undefined, length: number): boolean {
    const { limit } = this.#chain;
    const outside =
      address !== undefined && limit !== undefined && (address < limit.from || address + length > limit.below);
    if (outside) {
      this.#chain.programCheck();
      return this.#fail();
    }
    this.#pieces.push({ address, start: this.#known, length });
    this.#known += length;
    return true;
  }

  #fail(): false {
    this.#stuck = true;
    return false;
  }
}
