/** Storage as a debugger sees it: translated, but past every protection and without a trace in the guest. */

import { type Piece, pieces } from '../../../bits/pieces.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { AccessKind } from '../cpu/access-path.ts';
import { type AccessPlace, type Explanation, explain, newExplanation } from '../cpu/explain.ts';
import type { HostSpace } from '../cpu/host-space.ts';
import { type Asce, asceOf } from '../cpu/protection.ts';
import { PSW_HIGH } from '../cpu/psw.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { further, type Gpa, gpa, type HostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import type { DatControls, WalkStep } from '../dat/translate.ts';
import type { KvmVm } from '../kvm/vm.ts';

/** Storage looked at without populating the gmap. */
class Peeked implements AccessPlace {
  readonly #vm: KvmVm;
  high = 0;
  low = 0;

  constructor(vm: KvmVm) {
    this.#vm = vm;
  }
  get dat(): DatControls {
    return this.#vm.complex.dat;
  }
  /** @inheritdoc */
  fetchEntry(address: Gpa): boolean {
    const at = this.#vm.gmap.peek(address);
    if (at < 0) return false;
    this.high = this.#vm.complex.storage.word(at) >>> 0;
    this.low = this.#vm.complex.storage.word(at + 4) >>> 0;
    return true;
  }
  word(at: HostAddress): number {
    return this.#vm.complex.storage.word(at) >>> 0;
  }
  /** @inheritdoc */
  hostAddress(absolute: Gpa): HostAddress {
    return this.#vm.gmap.peek(absolute);
  }
  /** @inheritdoc */
  keyOf(host: HostAddress): number {
    return this.#vm.complex.keyOf(host);
  }
}

/** The storage of a guest that a vCPU interprets, looked at by the tables of that vCPU. */
class PeekedInner implements AccessPlace {
  readonly #host: Vcpu;
  readonly #space: HostSpace;
  readonly #peeked: Peeked;
  readonly #found = newExplanation();
  high = 0;
  low = 0;

  constructor(vm: KvmVm, host: Vcpu, space: HostSpace) {
    this.#host = host;
    this.#space = space;
    this.#peeked = new Peeked(vm);
  }
  get dat(): DatControls {
    return this.#space.setting.dat;
  }
  /** @inheritdoc */
  fetchEntry(address: Gpa): boolean {
    const at = this.hostAddress(address);
    if (at < 0) return false;
    this.high = this.#peeked.word(at);
    this.low = this.#peeked.word(further(at, 4));
    return true;
  }
  /** @inheritdoc */
  hostAddress(absolute: Gpa): HostAddress {
    const { asce, origin, extent } = this.#space.setting;
    if (absolute >= extent) return NO_HOST_ADDRESS;
    const address = BigInt(absolute + origin);
    const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
    const a = { kind: 'fetch', key: 0, high, low, asce, absolute: false, fetchOnly: false } as const;
    return explain(this.#peeked, this.#host, a, this.#found);
  }
  /** @inheritdoc */
  keyOf(host: HostAddress): number {
    return this.#peeked.keyOf(host);
  }
}

/** Where a vCPU's accesses end, for looks that must have no effect. */
export function peekedPlace(vm: KvmVm, { outer }: Vcpu): AccessPlace {
  return outer?.innerSpace === undefined ? new Peeked(vm) : new PeekedInner(vm, outer, outer.innerSpace);
}

/** What a walk found. */
export interface DebugWalk extends Explanation {
  /** Absolute address of the byte; 0 when the walk did not come so far. */
  readonly absolute: Gpa;
  /** Host address of the byte, none when `code` is not 0. */
  readonly host: HostAddress;
  readonly steps: readonly WalkStep[];
}

/** What tells address spaces apart: an address-space-control element's table origin, whatever its flags. */
export function spaceOf(asce: bigint): bigint {
  return asce & ~0xfffn;
}

/** ASCE of the space that a debugger's addresses are taken in: the operands' own, primary in access-register mode. */
export function debugAsce(vcpu: Vcpu): bigint | undefined {
  return (vcpu.pswHigh & PSW_HIGH.dat) === 0 ? undefined : vcpu.operandAsce();
}

/** Interruptions that end a wait. */
const ENABLED = PSW_HIGH.io | PSW_HIGH.external | PSW_HIGH.machineCheck;
/** Control register of the home space. */
const HOME = 13;

/**
 * The space in which a guest had itself that has ended, by a wait that nothing ends and without DAT: a debugger's addresses are
 * taken in it where no storage is at real ones. Undefined for any other vCPU.
 */
export function endedAsce(vcpu: Vcpu): bigint | undefined {
  if ((vcpu.pswHigh & (ENABLED | PSW_HIGH.dat | PSW_HIGH.wait)) !== PSW_HIGH.wait) return undefined;
  const asce = vcpu.cr(HOME);
  return asce === 0n ? undefined : asce;
}

/** What an access of the vCPU to an address in the space of `asce`, or to a real one, would meet. */
export function debugExplain(
  vm: KvmVm,
  vcpu: Vcpu,
  address: bigint,
  asce: bigint | undefined,
  access: { readonly kind: AccessKind; readonly key: number },
): DebugWalk {
  const steps: WalkStep[] = [];
  const found = newExplanation();
  const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
  const space = asce === undefined ? undefined : asceOf(asce);
  const a = { ...access, high, low, asce: space, absolute: false, fetchOnly: false };
  const host = explain(peekedPlace(vm, vcpu), vcpu, a, found, (s) => steps.push(s));
  return {
    ...found,
    absolute: found.page === 0 && host < 0 ? gpa(0) : further(found.page, low & (PAGE_BYTES - 1)),
    host,
    steps,
  };
}

/** Translates an address in the space of `asce`, or as a real one, past every protection. */
export function debugWalk(vm: KvmVm, vcpu: Vcpu, address: bigint, asce: bigint | undefined): DebugWalk {
  return debugExplain(vm, vcpu, address, asce, { kind: 'fetch', key: 0 });
}

/** Bytes that lie together in storage. */
interface Run extends Piece {
  readonly host: HostAddress;
}

/** Finds the pages of one address space, past every protection. */
class Pages {
  readonly #place: AccessPlace;
  readonly #vcpu: Vcpu;
  readonly #asce: Asce | undefined;
  readonly #found = newExplanation();

  /** Without `asce`, addresses are real. */
  constructor(vm: KvmVm, vcpu: Vcpu, asce: bigint | undefined) {
    this.#place = peekedPlace(vm, vcpu);
    this.#vcpu = vcpu;
    this.#asce = asce === undefined ? undefined : asceOf(asce);
  }

  at(page: bigint): HostAddress {
    const [high, low] = [Number(page >> 32n), Number(page & 0xffff_ffffn)];
    const a = { kind: 'fetch', key: 0, high, low, asce: this.#asce, absolute: false, fetchOnly: false } as const;
    return explain(this.#place, this.#vcpu, a, this.#found);
  }
}

/** Finds pages as a debugger wants them. */
function pageFinder(vm: KvmVm, vcpu: Vcpu): (page: bigint) => HostAddress {
  const asce = debugAsce(vcpu);
  const operands = new Pages(vm, vcpu, asce);
  // In secondary-space mode instructions are fetched from another space than operands.
  const other = asce === undefined ? endedAsce(vcpu) : vcpu.instructionAsce();
  if (other === undefined || other === asce) return (page) => operands.at(page);
  const instructions = new Pages(vm, vcpu, other);
  return (page) => {
    const host = operands.at(page);
    return host >= 0 ? host : instructions.at(page);
  };
}

// Up to the first page that is not there; what lies together in storage is one run.
function runs(vm: KvmVm, vcpu: Vcpu, address: bigint, length: number): Run[] {
  const found: Run[] = [];
  const pageAt = pageFinder(vm, vcpu);
  for (const piece of pieces(address, length, PAGE_BYTES)) {
    const host = pageAt((address + BigInt(piece.from)) & vcpu.amask);
    if (host < 0) break;
    const last = found.at(-1);
    if (last === undefined || last.host + last.length !== host) found.push({ ...piece, host });
    else found[found.length - 1] = { ...last, length: last.length + piece.length };
  }
  return found;
}

/** The readable prefix of `length` bytes. */
export function debugRead(vm: KvmVm, vcpu: Vcpu, address: bigint, length: number): Uint8Array {
  const found = runs(vm, vcpu, address, length);
  const last = found.at(-1);
  const out = new Uint8Array(last === undefined ? 0 : last.from + last.length);
  for (const p of found) vm.complex.storage.readInto(p.host, out.subarray(p.from, p.from + p.length));
  return out;
}

/** Stores all bytes or none. Counts as a change, and forgets translated instructions. */
export function debugWrite(vm: KvmVm, vcpu: Vcpu, address: bigint, bytes: Uint8Array): boolean {
  const found = runs(vm, vcpu, address, bytes.length);
  const last = found.at(-1);
  if (last === undefined || last.from + last.length < bytes.length) return bytes.length === 0;
  for (const p of found) {
    for (const { from } of pieces(p.host, p.length, PAGE_BYTES)) vm.complex.frames.storing(p.host + from);
    vm.complex.storage.write(p.host, bytes.subarray(p.from, p.from + p.length));
    for (const { from, length } of pieces(p.host, p.length, PAGE_BYTES))
      vm.complex.storedFromOutside(p.host + from, length);
  }
  return true;
}
