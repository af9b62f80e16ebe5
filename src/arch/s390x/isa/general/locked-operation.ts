/** PoP, "General Instructions": COMPARE AND SWAP AND STORE, and PERFORM LOCKED OPERATION. */

import { bigEndian } from '../../../../bits/hex.ts';
import type { AccessPath } from '../../cpu/access-path.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, PSW_HIGH } from '../../cpu/psw.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { pathOf } from '../control/interception.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

/** Where a value is: in a register or in storage. Fetching and storing raise what they meet. */
interface Place {
  fetch(): Uint8Array;
  store(value: Uint8Array): void;
  /** Raises what a store would. */
  requireStorable(): void;
}

function inStorage(vcpu: Vcpu, address: bigint, bytes: number, path: AccessPath): Place {
  const { access } = vcpu.core;
  return {
    fetch: () => access.read(vcpu, address, bytes, path),
    store: (value) => access.write(vcpu, address, value, path),
    requireStorable: () => access.check(vcpu, address, bytes, 'store', path),
  };
}

/** Bits 32-63 of a register, all of it, or an even-odd pair. */
function inRegister(vcpu: Vcpu, register: number, bytes: number): Place {
  return {
    fetch: () => {
      const view = new DataView(new ArrayBuffer(bytes));
      if (bytes === 4) view.setUint32(0, vcpu.grLow(register));
      else for (let i = 0; i < bytes / 8; i++) view.setBigUint64(i * 8, vcpu.gr(register + i));
      return new Uint8Array(view.buffer);
    },
    store: (value) => {
      const view = new DataView(value.buffer, value.byteOffset, bytes);
      if (bytes === 4) vcpu.setGrLow(register, view.getUint32(0));
      else for (let i = 0; i < bytes / 8; i++) vcpu.setGr(register + i, view.getBigUint64(i * 8));
    },
    requireStorable: () => undefined,
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

function specificationIf(vcpu: Vcpu, condition: boolean): void {
  if (condition) vcpu.raise(PGM.specification);
}

function requireMultiple(vcpu: Vcpu, address: bigint, bytes: number): void {
  specificationIf(vcpu, (address & BigInt(bytes - 1)) !== 0n);
}

const compareAndSwapAndStore = helper(
  'compareAndSwapAndStore',
  {
    params: ['i64', 'i32', 'i64', 'i32', 'i32'],
    result: 'i32',
    effects: { fetches: true, stores: true, faults: true },
  },
  (vcpu, address1, b1, address2, b2, r3) => {
    const [first, second] = [BigInt.asUintN(64, address1), BigInt.asUintN(64, address2)];
    const [code, characteristic] = [vcpu.grLow(0) & 0xff, (vcpu.grLow(0) >> 8) & 0xff];
    const wide = vcpu.core.has('compare-and-swap-and-store-2') ? 1 : 0;
    specificationIf(vcpu, code > 1 + wide || characteristic > 3 + wide);
    const [swapped, stored] = [4 << code, 1 << characteristic];
    requireMultiple(vcpu, first, swapped);
    requireMultiple(vcpu, second, stored);
    specificationIf(vcpu, swapped === 16 && (r3 & 1) !== 0);
    const operand1 = inStorage(vcpu, first, swapped, pathOf(b1));
    const operand2 = inStorage(vcpu, second, stored, pathOf(b2));
    const expected = inRegister(vcpu, r3, swapped);
    operand1.requireStorable();
    operand2.requireStorable();
    const list = vcpu.gr(1) & vcpu.amask & ~15n;
    const replacement = inStorage(vcpu, list, swapped, pathOf(1)).fetch();
    const value = inStorage(vcpu, (list + 16n) & vcpu.amask, stored, pathOf(1)).fetch();
    const old = operand1.fetch();
    if (!equal(old, expected.fetch())) {
      expected.store(old);
      return 1;
    }
    operand1.store(replacement);
    operand2.store(value);
    return 0;
  },
);

/** The six operations, four functions each: 32 bits, 64 in a parameter list, 64 in registers, 128 in a list. */
const operation = { load: 0, swap: 1, doubleSwap: 2, swapAndStore: 3, swapAndDoubleStore: 4, swapAndTripleStore: 5 };
const FUNCTIONS = 24;
const codes: readonly number[] = Array.from({ length: FUNCTIONS }, (_, code) => code);
/** Bit 55 of general register 0. */
const TEST = 0x100;

/** Where the parameter list has its values: right-aligned in quadwords at these offsets. */
const listed = {
  comparison1: 0,
  replacement1: 16,
  operand3: 32,
  replacement3: 48,
  operand5: 80,
  operand7: 112,
} as const;
/** ALETs and addresses of operands 4, 6 and 8 in the list. */
const pointers = [
  { alet: 68, address: 72 },
  { alet: 100, address: 104 },
  { alet: 132, address: 136 },
] as const;

/** One execution of PERFORM LOCKED OPERATION: where its operands are. */
class LockedOperation {
  readonly #vcpu: Vcpu;
  readonly #bytes: number;
  readonly #kind: number;
  readonly #inList: boolean;
  readonly #r1: number;
  readonly #r3: number;
  readonly #list: { readonly at: bigint; readonly path: AccessPath };
  readonly #operand2: Place;

  constructor(
    vcpu: Vcpu,
    code: number,
    at: { address2: bigint; b2: number; address4: bigint; b4: number; r1: number; r3: number },
  ) {
    const size = code & 3;
    this.#vcpu = vcpu;
    this.#bytes = size === 0 ? 4 : size === 3 ? 16 : 8;
    this.#kind = code >> 2;
    this.#inList = size === 1 || size === 3;
    this.#r1 = at.r1;
    this.#r3 = at.r3;
    this.#list = { at: at.address4, path: pathOf(at.b4) };
    if (!this.#inList && this.#kind !== operation.load) specificationIf(vcpu, (at.r1 & 1) !== 0);
    if (!this.#inList && this.#kind === operation.doubleSwap) specificationIf(vcpu, (at.r3 & 1) !== 0);
    requireMultiple(vcpu, at.address2, this.#bytes);
    const fourthUsed = this.#inList || this.#kind !== operation.swap;
    if (fourthUsed) requireMultiple(vcpu, at.address4, size === 0 ? 4 : 8);
    this.#operand2 = inStorage(vcpu, at.address2, this.#bytes, pathOf(at.b2));
  }

  /** Does it; the condition code. Nothing has changed when it is left by an exception. */
  run(): number {
    const comparison = this.#value(listed.comparison1, this.#r1);
    const old = this.#operand2.fetch();
    if (!equal(old, comparison.fetch())) {
      comparison.store(old);
      return 1;
    }
    const third = this.#value(listed.operand3, this.#r3);
    switch (this.#kind) {
      case operation.load:
        third.store(this.#operand4().fetch());
        return 0;
      case operation.doubleSwap: {
        const fourth = this.#operand4();
        const value = fourth.fetch();
        if (!equal(value, third.fetch())) {
          third.store(value);
          return 2;
        }
        return this.#storeAll([[fourth, this.#value(listed.replacement3, this.#r3 + 1)]]);
      }
      case operation.swap:
        return this.#storeAll([]);
      case operation.swapAndStore:
        return this.#storeAll([[this.#operand4(), this.#value(listed.replacement3, this.#r3)]]);
      case operation.swapAndDoubleStore:
        return this.#storeAll(this.#listedStores(2));
      default:
        return this.#storeAll(this.#listedStores(3));
    }
  }

  #listedAt(offset: number, bytes: number): Place {
    return inStorage(this.#vcpu, (this.#list.at + BigInt(offset)) & this.#vcpu.amask, bytes, this.#list.path);
  }

  #listedValue(offset: number): Place {
    return this.#listedAt(offset + 16 - this.#bytes, this.#bytes);
  }

  #value(offset: number, register: number): Place {
    return this.#inList ? this.#listedValue(offset) : inRegister(this.#vcpu, register, this.#bytes);
  }

  // Operand 4 is at the instruction's own fourth address when there is no list.
  #operand4(): Place {
    return this.#inList ? this.#pointed(0) : inStorage(this.#vcpu, this.#list.at, this.#bytes, this.#list.path);
  }

  /** An operand by its address in the list; in access-register mode access register R3 takes its ALET. */
  #pointed(index: 0 | 1 | 2): Place {
    const vcpu = this.#vcpu;
    const pointer = pointers[index];
    const address = bigEndian(this.#listedAt(pointer.address, 8).fetch()) & vcpu.amask;
    requireMultiple(vcpu, address, this.#bytes);
    const accessRegisters =
      (vcpu.pswHigh & PSW_HIGH.dat) !== 0 && vcpu.addressSpace === addressSpaceControl.accessRegister;
    const place = inStorage(vcpu, address, this.#bytes, pathOf(this.#r3));
    if (!accessRegisters) return place;
    specificationIf(vcpu, this.#r3 === 0);
    const alet = Number(bigEndian(this.#listedAt(pointer.alet, 4).fetch()));
    const within = <T>(act: () => T): T => {
      vcpu.setAr(this.#r3, alet);
      return act();
    };
    return {
      fetch: () => within(() => place.fetch()),
      store: (value) => within(() => place.store(value)),
      requireStorable: () => within(() => place.requireStorable()),
    };
  }

  #listedStores(count: 2 | 3): readonly (readonly [to: Place, from: Place])[] {
    const values = [listed.replacement3, listed.operand5, listed.operand7];
    return ([0, 1, 2] as const)
      .slice(0, count)
      .map((i) => [this.#pointed(i), this.#listedValue(values[i] ?? 0)] as const);
  }

  /** Stores the pairs' values and the first operand's replacement, all or nothing. */
  #storeAll(pairs: readonly (readonly [to: Place, from: Place])[]): 0 {
    const replacement = this.#value(listed.replacement1, this.#r1 + 1).fetch();
    const values = pairs.map(([, from]) => from.fetch());
    this.#operand2.requireStorable();
    for (const [to] of pairs) to.requireStorable();
    for (const [i, [to]] of pairs.entries()) to.store(values[i] ?? new Uint8Array(0));
    this.#operand2.store(replacement);
    return 0;
  }
}

const performLockedOperation = helper(
  'performLockedOperation',
  {
    params: ['i64', 'i32', 'i64', 'i32', 'i32', 'i32'],
    result: 'i32',
    effects: { fetches: true, stores: true, faults: true },
  },
  (vcpu, address2, b2, address4, b4, r1, r3) => {
    const control = vcpu.grLow(0);
    const code = control & 0xff;
    specificationIf(vcpu, (control & ~0x1ff) !== 0);
    if ((control & TEST) !== 0) return code < FUNCTIONS ? 0 : 3;
    specificationIf(vcpu, code >= FUNCTIONS);
    const at = { address2: BigInt.asUintN(64, address2), b2, address4: BigInt.asUintN(64, address4), b4, r1, r3 };
    const held = vcpu.ar(r3);
    try {
      return new LockedOperation(vcpu, code, at).run();
    } catch (error) {
      vcpu.setAr(r3, held);
      throw error;
    }
  },
);

/** Interlocked updates of several operands. */
export const lockedOperationRows: readonly Row[] = [
  insn(
    'CSST',
    { op: 0xc82, fmt: 'SSF', title: 'COMPARE AND SWAP AND STORE', facility: 'compare-and-swap-and-store' },
    ($, f) => {
      const [first, second] = [$.address1(f), $.address2(f)];
      $.setCc($.call(compareAndSwapAndStore, first.at, $.field(f.b1), second.at, $.field(f.b2), $.field(f.r3)));
    },
  ),
  insn(
    'PLO',
    { op: 0xee, fmt: 'SS_e', title: 'PERFORM LOCKED OPERATION', facility: 'zarch', functions: codes },
    ($, f) => {
      const [second, fourth] = [$.address2(f), $.address4(f)];
      const [b2, b4, r1, r3] = [$.field(f.b2), $.field(f.b4), $.field(f.r1), $.field(f.r3)];
      $.setCc($.call(performLockedOperation, second.at, b2, fourth.at, b4, r1, r3));
    },
  ),
];
