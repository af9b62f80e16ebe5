import { frameOf } from '../../../machine/storage.ts';
import type { StorageWatch } from '../../../machine/watch.ts';
import { accessRegisterTranslation } from '../dat/access-registers.ts';
import { type Gpa, type HostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import type { AccessKind, AccessPath } from './access-path.ts';
import type { CpuComplex } from './complex.ts';
import { Attempt, type Explanation, explain, newExplanation } from './explain.ts';
import { PGM } from './interruption-codes.ts';
import type { InterruptionDetails } from './program-interruption.ts';
import { type Asce, accessExceptionDetails, asceOf } from './protection.ts';
import { BY_ACCESS_REGISTER, NO_SPACE } from './psw.ts';
import { ZERO_REGISTER } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** An access exception that an access would meet. */
export interface AccessFault {
  readonly code: number;
  readonly details: InterruptionDetails;
}

/** Finds where accesses of vCPUs by logical address go, and what they meet on their way; keeps what the last one did. */
export class AccessPlaces {
  readonly #complex: CpuComplex;
  /** The last access, and what became of it. */
  readonly #attempt = new Attempt();
  readonly #found: Explanation = newExplanation();
  /** The last fault that `locate` met. */
  #fault: AccessFault | undefined;
  /** The access-list entry of the last operand allows fetches only. */
  #fetchOnly = false;
  /** The ASCE that `asce` found last. */
  readonly #space = { high: 0, low: 0 };
  /** The ASCE of the last access, undefined for a real or absolute one; the object is the same each time. */
  #last: Asce | undefined;

  constructor(complex: CpuComplex) {
    this.#complex = complex;
  }

  /**
   * Offset into the storage of the byte at a virtual address (by words), or -1 when the access would fault: `lastFault`
   * then says how. Sets reference and change bits and marks the frame dirty as the access will.
   */
  locate(vcpu: Vcpu, high: number, low: number, kind: AccessKind, path: AccessPath): HostAddress {
    const at = this.examine(vcpu, high, low, kind, path);
    if (at < 0) return at;
    const { frames, keys, keeper } = this.#complex;
    if (frames.watch !== undefined && kind !== 'ifetch') this.#reached(high, low, at, frames.watch);
    const frame = frameOf(at);
    keys[frame] = (keys[frame] ?? 0) | (kind === 'store' ? 6 : 4);
    if (kind === 'store') {
      if (frames.dirty.isClean(frame)) frames.dirty.mark(frame);
      keeper?.before(vcpu, frame);
    }
    return at;
  }

  // A page of a watched space may have got another frame. One that prefixing moves is another for each vCPU, and stays.
  #reached(high: number, low: number, at: number, watch: StorageWatch): void {
    const { page, translation } = this.#found;
    const asce = this.#last;
    if (asce === undefined || page !== translation.page) return;
    const space = (BigInt(asce.high) << 32n) | BigInt((asce.low & 0xffff_f000) >>> 0);
    if (watch.reached(space, high, low, at)) this.#complex.flushTlbs();
  }

  /** As `locate`, for an access that will not happen: nothing is recorded. */
  examine(vcpu: Vcpu, high: number, low: number, kind: AccessKind, path: AccessPath): HostAddress {
    this.#fetchOnly = false;
    const found = this.#found;
    found.overridden = false;
    const asce = this.asce(vcpu, kind, path);
    if (asce === null) return NO_HOST_ADDRESS;
    this.#last = asce;
    const key = path.key ?? vcpu.accessKey;
    const a = this.#attempt.as(high, low, kind, asce, key, path.space === 'absolute', this.#fetchOnly);
    const at = explain(vcpu.place, vcpu, a, found);
    if (at < 0) {
      this.#fault = { code: found.code, details: accessExceptionDetails(vcpu, found.code, a, path, found.type) };
    }
    return at;
  }

  /** Absolute address of the page of the last access that was looked at; 0 when that did not come so far. */
  get lastPage(): Gpa {
    return this.#found.page;
  }

  /** Fetch-protection override allowed the last access, which covers the first bytes of its page alone. */
  get overridden(): boolean {
    return this.#found.overridden;
  }
  set overridden(value: boolean) {
    this.#found.overridden = value;
  }

  /** What the last `locate` that gave -1 met. */
  get lastFault(): AccessFault {
    return this.#fault ?? { code: PGM.addressing, details: {} };
  }

  /** ASCE of the space that a path leads to; undefined: real or absolute; null: `lastFault` says why there is none. The object is the same each time. */
  asce(vcpu: Vcpu, kind: AccessKind, path: AccessPath): Asce | undefined | null {
    switch (path.space) {
      case 'real':
      case 'absolute':
        return undefined;
      case 'primary':
        return this.#inRegister(vcpu, 1);
      case 'secondary':
        return this.#inRegister(vcpu, 7);
      case 'home':
        return this.#inRegister(vcpu, 13);
      default:
        break;
    }
    const ofInstructions = kind === 'ifetch' || path.space === 'instruction';
    if (ofInstructions || path.space === 'current') {
      const n = ofInstructions ? vcpu.instructionSpace() : vcpu.operandSpace();
      if (n === NO_SPACE) return undefined;
      if (n !== BY_ACCESS_REGISTER) return this.#inRegister(vcpu, n);
    }
    if (path.ar === 0 || path.ar >= ZERO_REGISTER) return this.#inRegister(vcpu, 1);
    const found = accessRegisterTranslation(vcpu, vcpu.place, path.ar, vcpu.ar(path.ar));
    if (found.ok) {
      this.#fetchOnly = found.value.fetchOnly;
      return asceOf(found.value.asce);
    }
    this.#fault = { code: found.error, details: { exceptionAccessId: path.ar } };
    return null;
  }

  #inRegister(vcpu: Vcpu, n: number): Asce {
    this.#space.high = vcpu.crHigh(n);
    this.#space.low = vcpu.crLow(n);
    return this.#space;
  }
}
