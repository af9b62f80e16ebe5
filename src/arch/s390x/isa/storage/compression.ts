/** PoP, "General Instructions": COMPRESSION CALL. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import {
  type CharacterEntry,
  CompressionDictionary,
  ExpansionDictionary,
  FetchedBytes,
  requireSymbol,
} from './compression-dictionary.ts';
import { addressIn, lengthIn, operandOf, setAddress, setLength, UNIT } from './operands.ts';

/** Bits of general register 0. */
const control = { zeroPadding: 0x2_0000, symbolTranslation: 0x1_0000, format1: 0x200, expansion: 0x100 } as const;
/** Smallest and largest symbol-size code. */
const sizes = { first: 1, last: 5 } as const;
/** What is padded to when the program asks for zeros behind the result. */
const PADDED_TO = 256n;

/** What both ways have in common: general registers 0 and 1, and how far the operands have come. */
class Call {
  readonly vcpu: Vcpu;
  readonly r1: number;
  readonly r2: number;
  readonly controls: number;
  /** Bits of an index. */
  readonly bits: number;
  readonly entries: number;
  readonly dictionary: bigint;
  /** Distance of the symbol-translation table from the dictionary. */
  readonly translation: number;
  /** Number of the bit in the compressed data's first byte at which the next index begins. */
  bit: number;
  /** Bytes of both operands that have been passed. */
  target = 0;
  source = 0;
  readonly #to: bigint;
  readonly #from: bigint;
  readonly #room: bigint;
  readonly #left: bigint;

  constructor(vcpu: Vcpu, r1: number, r2: number) {
    this.vcpu = vcpu;
    this.r1 = r1;
    this.r2 = r2;
    this.controls = vcpu.grLow(0);
    const size = (this.controls >> 12) & 15;
    if (((r1 | r2) & 1) !== 0 || size < sizes.first || size > sizes.last) vcpu.raise(PGM.specification);
    this.bits = 8 + size;
    this.entries = 256 << size;
    const parameters = vcpu.gr(1);
    this.dictionary = parameters & ~0xfffn & vcpu.amask;
    this.translation = Number(parameters & 0xff8n) << 4;
    this.bit = Number(parameters & 7n);
    this.#to = addressIn(vcpu, r1);
    this.#from = addressIn(vcpu, r2);
    this.#room = lengthIn(vcpu, r1 + 1);
    this.#left = lengthIn(vcpu, r2 + 1);
  }

  /** Where the first operand goes on. */
  get to(): bigint {
    return (this.#to + BigInt(this.target)) & this.vcpu.amask;
  }
  /** Where the second operand began. */
  get from(): bigint {
    return this.#from;
  }
  /** Bytes that are left of the operands. */
  get room(): bigint {
    return this.#room - BigInt(this.target);
  }
  get left(): bigint {
    return this.#left - BigInt(this.source);
  }
  /** Bytes that have a part of the next index. */
  get indexBytes(): number {
    return (this.bit + this.bits + 7) >> 3;
  }
  has(bit: number): boolean {
    return (this.controls & bit) !== 0;
  }

  /** Passes an index of the compressed data; gives how many bytes are done with. */
  passIndex(): number {
    const end = this.bit + this.bits;
    this.bit = end & 7;
    return end >> 3;
  }

  /** Brings the registers to where the operands are. */
  commit(): void {
    const { vcpu, r1, r2 } = this;
    vcpu.setGr(1, (vcpu.gr(1) & ~7n) | BigInt(this.bit));
    setAddress(vcpu, r1, this.to);
    setLength(vcpu, r1 + 1, this.room);
    setAddress(vcpu, r2, (this.#from + BigInt(this.source)) & vcpu.amask);
    setLength(vcpu, r2 + 1, this.left);
  }
}

/** Does a part of a compression. */
class Compression {
  readonly #call: Call;
  readonly #dictionary: CompressionDictionary;
  readonly #tables: FetchedBytes;
  readonly #characters: FetchedBytes;

  constructor(call: Call) {
    this.#call = call;
    this.#tables = new FetchedBytes(call.vcpu, call.dictionary, call.r2);
    this.#dictionary = new CompressionDictionary(call.vcpu, this.#tables, call.entries, call.has(control.format1));
    this.#characters = new FetchedBytes(call.vcpu, call.from, call.r2);
  }

  /** The condition code. */
  run(): number {
    const call = this.#call;
    for (;;) {
      if (call.left <= 0n) return 0;
      if (call.room < BigInt(call.indexBytes)) return 1;
      if (call.source >= UNIT) return 3;
      const { index, length } = this.#longest();
      this.#store(index);
      call.source += length;
    }
  }

  /** The longest symbol that the source goes on with. */
  #longest(): { readonly index: number; readonly length: number } {
    const { source, left, vcpu } = this.#call;
    const available = left > 1000n ? 1000 : Number(left);
    let entry = this.#dictionary.entry(this.#characters.at(source));
    for (let length = 1; ; ) {
      if (entry.count === 0 || length >= available) return { index: entry.index, length };
      const found = this.#child(entry, source + length, available - length);
      if (found === undefined) return { index: entry.index, length };
      length += 1 + (typeof found === 'number' ? 0 : found.extensionCount);
      requireSymbol(vcpu, length);
      if (typeof found === 'number') return { index: found, length };
      entry = found;
    }
  }

  // The child that the characters from `at` on match: its index if the symbol ends with it, else its entry.
  #child(parent: CharacterEntry, at: number, available: number): CharacterEntry | number | undefined {
    const character = this.#characters.at(at);
    // Several children may begin with one character, as long as they stand in front of all others.
    let allEqual = true;
    for (let i = 0; i < parent.count; i++) {
      if (this.#dictionary.character(parent.children + i) !== character) {
        allEqual = false;
        continue;
      }
      const index = parent.first + i;
      if (((parent.examine >> (parent.count - 1 - i)) & 1) === 0) return index;
      const child = this.#dictionary.entry(index);
      if (this.#extends(child, at + 1, available - 1)) return child;
      if (!allEqual || i === parent.count - 1) return undefined;
    }
    if (!parent.siblings) return undefined;
    const sibling = this.#dictionary.sibling(parent, character);
    if (sibling === undefined) return undefined;
    if (!sibling.examined) return sibling.index;
    const child = this.#dictionary.entry(sibling.index);
    return this.#extends(child, at + 1, available - 1) ? child : undefined;
  }

  #extends({ extension, extensionCount }: CharacterEntry, at: number, available: number): boolean {
    if (extensionCount > available) return false;
    for (let i = 0; i < extensionCount; i++)
      if (this.#dictionary.character(extension + i) !== this.#characters.at(at + i)) return false;
    return true;
  }

  #store(index: number): void {
    const call = this.#call;
    const { vcpu, bit, bits } = call;
    const symbol = call.has(control.symbolTranslation) ? this.#tables.half(call.translation + 2 * index) : index;
    const bytes = new Uint8Array(call.indexBytes);
    const path = operandOf(call.r1);
    const placed = (symbol & ((1 << bits) - 1)) << (8 * bytes.length - bits - bit);
    for (let i = 0; i < bytes.length; i++) bytes[i] = placed >> (8 * (bytes.length - 1 - i));
    if (bit !== 0) {
      const [before = 0] = vcpu.core.access.read(vcpu, call.to, 1, path);
      bytes[0] = (bytes[0] ?? 0) | (before & ~(0xff >> bit));
    }
    vcpu.core.access.write(vcpu, call.to, bytes, path);
    call.target += call.passIndex();
  }
}

/** Does a part of an expansion; gives the condition code. */
function expand(call: Call): number {
  const { vcpu, bits } = call;
  const tables = new FetchedBytes(vcpu, call.dictionary, call.r2);
  const dictionary = new ExpansionDictionary(vcpu, tables, call.entries);
  const compressed = new FetchedBytes(vcpu, call.from, call.r2);
  const path = operandOf(call.r1);
  for (;;) {
    const bytes = call.indexBytes;
    if (call.left < BigInt(bytes)) return 0;
    if (call.room <= 0n) return 1;
    if (call.target >= UNIT) return 3;
    let text = 0;
    for (let i = 0; i < bytes; i++) text = (text << 8) | compressed.at(call.source + i);
    const index = (text >> (8 * bytes - bits - call.bit)) & ((1 << bits) - 1);
    const length = dictionary.length(index);
    if (call.room < BigInt(length)) return 1;
    const characters = new Uint8Array(length);
    dictionary.expand(index, characters);
    vcpu.core.access.write(vcpu, call.to, characters, path);
    call.target += length;
    call.source += call.passIndex();
  }
}

// Zeros to the next boundary, if the first operand has room for all of them; the registers do not tell of them.
function pad(call: Call): void {
  const partial = !call.has(control.expansion) && call.bit !== 0 && call.room > 0n ? 1n : 0n;
  const from = (call.to + partial) & call.vcpu.amask;
  const zeros = (PADDED_TO - (from % PADDED_TO)) % PADDED_TO;
  if (zeros === 0n || call.room - partial < zeros) return;
  call.vcpu.core.access.write(call.vcpu, from, new Uint8Array(Number(zeros)), operandOf(call.r1));
}

const compressionCall = helper(
  'compressionCall',
  { params: ['i32', 'i32'], result: 'i32', effects: { fetches: true, stores: true, faults: true } },
  (vcpu, r1, r2) => {
    const call = new Call(vcpu, r1, r2);
    try {
      const cc = call.has(control.expansion) ? expand(call) : new Compression(call).run();
      if (call.has(control.zeroPadding) && vcpu.core.has('cmpsc-enhancement')) pad(call);
      return cc;
    } finally {
      // An exception finds the registers behind the last symbol that is done with.
      call.commit();
    }
  },
);

/** Compression. */
export const compressionRows: readonly Row[] = [
  insn('CMPSC', { op: 0xb263, fmt: 'RRE', title: 'COMPRESSION CALL', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(compressionCall, $.field(f.r1), $.field(f.r2))),
  ),
];
