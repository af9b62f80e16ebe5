import type { Field, FieldKind } from '../../../ir/field.ts';
import { decodeEntry } from '../../../machine/layout.ts';
import { ZERO_REGISTER } from '../cpu/state-layout.ts';

/** What the decoder makes of an operand: a number of 32 bits, or one of 64 for fields of 8 bytes. */
export type FieldReader = (word: number) => number | bigint;

/** A mask by its upper and lower word. */
export interface MaskWords {
  readonly high: number;
  readonly low: number;
}

/** An operand field with the way in which its value comes out of an instruction. */
export interface PpcField extends Field {
  /** The value in an instruction. */
  readonly read: FieldReader;
  /** The words of the value, of a mask: which bits it is from and to. */
  readonly mask: ((word: number) => MaskWords) | undefined;
  /** The bits of an instruction that hold a value: of a register, a number, a distance; of a mask nothing, MB and ME do. */
  readonly write: (value: number) => number;
}

/** A field before it has its place in a decode-cache entry. */
type Draft = Omit<PpcField, 'name' | 'slot'>;

/** The unsigned number in bits `start` and on of an instruction. */
export function bitsOf(word: number, start: number, length: number): number {
  return (word >>> (32 - start - length)) & ((1 << length) - 1);
}

function signedBits(word: number, start: number, length: number): number {
  return (bitsOf(word, start, length) << (32 - length)) >> (32 - length);
}

const put = (value: number, start: number, length: number): number =>
  ((value & ((1 << length) - 1)) << (32 - start - length)) >>> 0;

const byte = (kind: FieldKind, start: number, length: number, other: Partial<Draft> = {}): Draft => ({
  ...{ kind, start, length, signed: false, bytes: 1, mask: undefined },
  read: (word) => bitsOf(word, start, length),
  write: (value) => put(value, start, length),
  ...other,
});
const wide = (start: number, length: number, signed: boolean, other: Partial<Draft> = {}): Draft => ({
  ...{ kind: 'imm', start, length, signed, bytes: 4, mask: undefined },
  read: (word) => (signed ? signedBits(word, start, length) : bitsOf(word, start, length)),
  write: (value) => put(value, start, length),
  ...other,
});
const far = (start: number, length: number, read: FieldReader, write: (value: number) => number): Draft => ({
  ...{ kind: 'rel', start, length, signed: true, bytes: 8, read, write, mask: undefined },
});
const distance = (start: number, length: number): Draft =>
  far(
    start,
    length,
    (word) => signedBits(word, start, length) * 4,
    (value) => put(value >> 2, start, length),
  );
const mask = (start: number, length: number, from: (word: number) => number, to: (word: number) => number): Draft => ({
  ...far(
    start,
    length,
    (word) => BigInt.asIntN(64, maskOf(from(word), to(word))),
    () => 0,
  ),
  mask: (word) => maskWords(from(word), to(word)),
});

/** The mask of bits `from` to `to` of a doubleword, around its end when they cross. */
export function maskOf(from: number, to: number): bigint {
  const all = 0xffff_ffff_ffff_ffffn;
  const left = all >> BigInt(from);
  const right = BigInt.asUintN(64, all << BigInt(63 - to));
  return from <= to ? left & right : left | right;
}
/** The same by words: a kernel that starts decodes tens of thousands of rotates. */
export function maskWords(from: number, to: number): MaskWords {
  const leftHigh = from < 32 ? -1 >>> from : 0;
  const leftLow = from < 32 ? -1 : -1 >>> (from - 32);
  const rightHigh = to < 32 ? -1 << (31 - to) : -1;
  const rightLow = to < 32 ? 0 : -1 << (63 - to);
  return from <= to
    ? { high: leftHigh & rightHigh, low: leftLow & rightLow }
    : { high: leftHigh | rightHigh, low: leftLow | rightLow };
}

const split6 = (word: number): number => bitsOf(word, 30, 1) * 32 + bitsOf(word, 16, 5);
const mask6 = (word: number): number => bitsOf(word, 26, 1) * 32 + bitsOf(word, 21, 5);

/** Kinds of operand fields by what the manual calls them; `gr0` is a register of which number 0 means the value zero. */
export const field = {
  gr: (start: number) => byte('gr', start, 5),
  gr0: (start: number) => byte('zr', start, 5, { read: (word) => bitsOf(word, start, 5) || ZERO_REGISTER }),
  fr: (start: number) => byte('fr', start, 5),
  /** An even-odd pair of them, by the even one. */
  frPair: (start: number) => byte('fr', start, 5, { write: (value) => put(value & ~1, start, 5) }),
  vr: (start: number) => byte('vr', start, 5, { read: (word) => bitsOf(word, start, 5) + 32 }),
  /** A vector-scalar register: five bits and one more at `extra`. */
  vs: (start: number, extra: number) =>
    byte('vr', start, 5, {
      read: (word) => bitsOf(word, extra, 1) * 32 + bitsOf(word, start, 5),
      write: (value) => put(value, start, 5) | put(value >> 5, extra, 1),
    }),
  bits: (start: number, length: number) => byte('mask', start, length),
  /** A field of CR. */
  crf: (start: number) => byte('cr', start, 3),
  /** Signed 16 bits, and 16 bits that are not. */
  si: () => wide(16, 16, true),
  ui: () => wide(16, 16, false),
  /** A displacement in units of four bytes. */
  ds: () =>
    wide(16, 14, true, {
      read: (word) => signedBits(word, 16, 14) * 4,
      write: (value) => put(value >> 2, 16, 14),
    }),
  /** A displacement in units of sixteen bytes. */
  dq: () =>
    wide(16, 12, true, {
      read: (word) => signedBits(word, 16, 12) * 16,
      write: (value) => put(value >> 4, 16, 12),
    }),
  /** Number of a special-purpose register, whose halves stand the other way round. */
  spr: () =>
    wide(11, 10, false, {
      read: (word) => bitsOf(word, 16, 5) * 32 + bitsOf(word, 11, 5),
      write: (value) => put(value, 11, 5) | put(value >> 5, 16, 5),
    }),
  /** Distances of branches. */
  li: () => distance(6, 24),
  bd: () => distance(16, 14),
  sh6: () => byte('imm', 16, 5, { read: split6, write: (value) => put(value, 16, 5) | put(value >> 5, 30, 1) }),
  /** The mask of MB and ME, bits 32-63 of a doubleword. */
  maskMbMe: () =>
    mask(
      21,
      10,
      (word) => bitsOf(word, 21, 5) + 32,
      (word) => bitsOf(word, 26, 5) + 32,
    ),
  maskMb6: () => mask(21, 6, mask6, () => 63),
  maskMe6: () => mask(21, 6, () => 0, mask6),
  /** From MB to 63 - SH. */
  maskMbSh: () => mask(21, 6, mask6, (word) => 63 - split6(word)),
} as const;

// A class: each would have a layout of its own otherwise, and decoding looks at all of them.
class Placed implements PpcField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly start: number;
  readonly length: number;
  readonly signed: boolean;
  readonly slot: number;
  readonly bytes: 1 | 4 | 8;
  readonly read: FieldReader;
  readonly write: (value: number) => number;
  readonly mask: PpcField['mask'];

  constructor(name: string, slot: number, { kind, start, length, signed, bytes, read, write, mask }: Draft) {
    this.name = name;
    this.kind = kind;
    this.start = start;
    this.length = length;
    this.signed = signed;
    this.slot = slot;
    this.bytes = bytes;
    this.read = read;
    this.write = write;
    this.mask = mask;
  }
}

/** Fields by name. */
export type Fields<T> = { readonly [K in keyof T]: PpcField };

/** Gives fields their places: bytes from the front, four or eight bytes at the end. */
export function form<T extends Readonly<Record<string, Draft>>>(drafts: T): Fields<T> {
  let next: number = decodeEntry.operands;
  const placed = Object.entries(drafts).map(([name, draft]): [string, PpcField] => {
    const slot = draft.bytes === 1 ? next++ : 8;
    return [name, new Placed(name, slot, draft)];
  });
  const wides = placed.filter(([, f]) => f.bytes > 1).length;
  if (wides > 1 || (wides === 1 && next > 8) || next > decodeEntry.bytes) throw new Error('the operands have no room');
  return Object.fromEntries(placed) as Fields<T>;
}

/** The instruction formats that several headings use. */
export const forms = {
  none: form({}),
  dArith: form({ rt: field.gr(6), ra: field.gr0(11), si: field.si() }),
  dArithRa: form({ rt: field.gr(6), ra: field.gr(11), si: field.si() }),
  dLogic: form({ rs: field.gr(6), ra: field.gr(11), ui: field.ui() }),
  xo: form({ rt: field.gr(6), ra: field.gr(11), rb: field.gr(16) }),
  xo2: form({ rt: field.gr(6), ra: field.gr(11) }),
  xLogic: form({ rs: field.gr(6), ra: field.gr(11), rb: field.gr(16) }),
  xLogic2: form({ rs: field.gr(6), ra: field.gr(11) }),
  cmpi: form({ bf: field.crf(6), ra: field.gr(11), si: field.si() }),
  cmpli: form({ bf: field.crf(6), ra: field.gr(11), ui: field.ui() }),
  cmp: form({ bf: field.crf(6), ra: field.gr(11), rb: field.gr(16) }),
  crOp: form({
    ...{ btf: field.crf(6), btb: field.bits(9, 2) },
    ...{ baf: field.crf(11), bab: field.bits(14, 2) },
    ...{ bbf: field.crf(16), bbb: field.bits(19, 2) },
  }),
  load: form({ rt: field.gr(6), ra: field.gr0(11), d: field.si() }),
  loadDs: form({ rt: field.gr(6), ra: field.gr0(11), d: field.ds() }),
  loadX: form({ rt: field.gr(6), ra: field.gr0(11), rb: field.gr(16) }),
  update: form({ rt: field.gr(6), ra: field.gr(11), d: field.si() }),
  updateDs: form({ rt: field.gr(6), ra: field.gr(11), d: field.ds() }),
  updateX: form({ rt: field.gr(6), ra: field.gr(11), rb: field.gr(16) }),
  address: form({ ra: field.gr0(11), rb: field.gr(16) }),
} as const;
