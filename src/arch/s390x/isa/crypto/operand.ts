/** Storage operands and the parameter block of the message-security assist: found first, accessed when all are. */

import type { AccessPath } from '../../cpu/access-path.ts';
import type { AccessFault } from '../../cpu/access-places.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { addressIn, find, operandOf, report, toStretchEnd } from '../storage/operands.ts';

interface Piece {
  readonly address: bigint;
  /** Storage offset. */
  readonly at: number;
  readonly length: number;
}

/** As many bytes of an operand, from its left, as can be accessed. */
export class Stretch {
  readonly #vcpu: Vcpu;
  readonly #kind: 'fetch' | 'store';
  readonly #path: AccessPath;
  readonly #pieces: Piece[] = [];
  readonly #fault: AccessFault | undefined;
  /** How many bytes were found. */
  readonly length: number;

  /** Looks for `wanted` bytes at a logical address; `register` is the one whose access register counts. */
  constructor(vcpu: Vcpu, address: bigint, wanted: number, kind: 'fetch' | 'store', register: number) {
    this.#vcpu = vcpu;
    this.#kind = kind;
    this.#path = operandOf(register);
    let found = 0;
    while (found < wanted) {
      const here = (address + BigInt(found)) & vcpu.amask;
      const at = find(vcpu, here, kind, this.#path);
      if (at < 0) {
        this.#fault = vcpu.core.access.places.lastFault;
        break;
      }
      const length = Math.min(toStretchEnd(here), wanted - found);
      this.#pieces.push({ address: here, at, length });
      found += length;
    }
    this.length = found;
  }

  /** Raises the access exception that less than `least` bytes have to do with. */
  require(least: number): void {
    if (this.length < least && this.#fault !== undefined) {
      this.#vcpu.raise(this.#fault.code, this.#fault.details);
    }
  }

  /** The first `length` bytes. */
  read(length: number): Uint8Array {
    const { storage } = this.#vcpu.core.complex;
    const out = new Uint8Array(length);
    this.#each(length, ({ at }, from, n) => {
      storage.readInto(at, out.subarray(from, from + n));
    });
    return out;
  }

  /** Stores bytes at the stretch's left end. */
  write(data: Uint8Array): void {
    const { storage } = this.#vcpu.core.complex;
    this.#each(data.length, ({ at }, from, n) => {
      storage.write(at, data.subarray(from, from + n));
    });
  }

  #each(length: number, access: (piece: Piece, from: number, n: number) => void): void {
    let from = 0;
    for (const piece of this.#pieces) {
      const n = Math.min(piece.length, length - from);
      if (n <= 0) return;
      access(piece, from, n);
      report(this.#vcpu, piece.address, piece.at, n, this.#kind, this.#path);
      from += n;
    }
  }
}

/** The parameter block, which general register 1 names; bytes `from` to `to` of it can be stored. */
export class ParameterBlock {
  readonly bytes: Uint8Array;
  readonly #stored: Stretch;

  /** Raises an access exception when `size` bytes cannot be fetched or those that will be stored cannot. */
  constructor(vcpu: Vcpu, size: number, from: number, to: number) {
    const address = addressIn(vcpu, 1);
    const fetched = new Stretch(vcpu, address, size, 'fetch', 1);
    fetched.require(size);
    this.#stored = new Stretch(vcpu, (address + BigInt(from)) & vcpu.amask, to - from, 'store', 1);
    this.#stored.require(to - from);
    this.bytes = fetched.read(size);
  }

  /** Replaces the part that can be stored. */
  store(data: Uint8Array): void {
    this.#stored.write(data);
  }
}
