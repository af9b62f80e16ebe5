import type { ByteOrder } from '../../../bits/byte-order.ts';
import type { Frames } from '../../../machine/frames.ts';
import { MSR } from './msr.ts';
import type { Vcpu } from './vcpu.ts';

/** So many pages are entered in the other byte order until that becomes the order in which everything is decoded. */
const MOST_ASIDE = 256;

/**
 * The byte order of instructions. All that is decoded was decoded in one order. Who executes in the other one is aside: a kernel that
 * calls firmware has a few pages decoded for that, which it finds again, and all the rest stays as it is. Who stays there takes the others along.
 */
export class CodeOrder {
  readonly #frames: Frames;
  #little: boolean;
  /** Pages that were entered aside since somebody went there. */
  #entered = 0;

  /** `order` is that of most code, as far as that is known. */
  constructor(frames: Frames, order: ByteOrder) {
    this.#frames = frames;
    this.#little = order === 'little';
  }

  /** The byte order of all that is decoded, pages aside left out. */
  get little(): boolean {
    return this.#little;
  }

  /** A vCPU is about to execute, or has changed its byte order: its address spaces must be chosen anew when this gives true. */
  choose(vcpu: Vcpu): boolean {
    const aside = orderOf(vcpu) !== this.#little;
    if (aside === vcpu.aside) return false;
    this.#entered = 0;
    vcpu.aside = aside;
    return true;
  }

  /** The decode page of a frame that a vCPU is to fetch instructions from. */
  pageFor(vcpu: Vcpu, frame: number): number {
    // Stores into it are looked at, whatever order it is decoded in.
    const page = this.#frames.decodePageFor(frame);
    if (!vcpu.aside) return page;
    if (++this.#entered <= MOST_ASIDE) return this.#frames.decodePages.aside(frame);
    this.decodeIn(orderOf(vcpu) ? 'little' : 'big');
    if (this.choose(vcpu)) vcpu.selectSpaces();
    return this.#frames.decodePageFor(frame);
  }

  /** What is decoded from now on is decoded in an order. vCPUs are told when they execute next. */
  decodeIn(order: ByteOrder): void {
    const little = order === 'little';
    if (little === this.#little) return;
    this.#little = little;
    this.#frames.decodePages.flush();
  }
}

function orderOf(vcpu: Vcpu): boolean {
  return (vcpu.msrLow & MSR.le) !== 0;
}
