/** PoP, "General Instructions": CIPHER MESSAGE WITH AUTHENTICATION, which is Galois/counter mode (NIST SP 800-38D). */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { addressIn, lengthIn, setAddress, setLength, UNIT } from '../storage/operands.ts';
import {
  aes128,
  aes192,
  aes256,
  type BlockCipher,
  ENCRYPTED,
  electronicCodebook,
  exclusiveOr,
  join,
} from './cipher.ts';
import { ghash } from './field.ts';
import { chosen, modifier, requirePairs } from './function-code.ts';
import { ParameterBlock, Stretch } from './operand.ts';
import { placeWithPattern, unwrapped } from './wrapped.ts';

/** Bits of general register 0: last text, last additional authenticated data, hash subkey supplied. */
const LAST_TEXT = 0x100;
const LAST_AAD = 0x200;
const SUBKEY_SUPPLIED = 0x400;

const BLOCK = 16;
/** Where the parameter block has counter value, tag, subkey, total lengths in bits, initial counter block and key. */
const AT = { counter: 12, tag: 16, subkey: 32, lengths: 48, initial: 64, key: 80 } as const;
const STORED_FROM = AT.counter;
const STORED_TO = AT.lengths;

/** A cipher, and whether its key comes encrypted. */
interface Keyed {
  readonly cipher: BlockCipher;
  readonly encrypted: boolean;
}

const clear: ReadonlyMap<number, BlockCipher> = new Map([
  [18, aes128],
  [19, aes192],
  [20, aes256],
]);
const wrapped = new Map([...clear].map(([code, cipher]) => [code + ENCRYPTED, cipher] as const));
const functions: ReadonlyMap<number, Keyed> = new Map(
  [clear, wrapped].flatMap((ciphers) =>
    [...ciphers].map(([code, cipher]) => [code, { cipher, encrypted: ciphers === wrapped }] as const),
  ),
);

/** General registers of the operands: target, source and its length, additional data and their length. */
interface Operands {
  readonly target: number;
  readonly source: number;
  readonly additional: number;
}

/** What the parameter block says, and what of it changes. */
class Galois {
  readonly #cipher: BlockCipher;
  readonly #parameters: ParameterBlock;
  readonly #bytes: Uint8Array;
  #subkey: Uint8Array;
  #tag: Uint8Array;
  #counter: number;

  /** Undefined when another key has wrapped this one. */
  static open(vcpu: Vcpu, { cipher, encrypted }: Keyed): Galois | undefined {
    const place = { at: AT.key, cipher };
    const end = AT.key + cipher.keyBytes;
    const size = encrypted ? placeWithPattern(place, end) : end;
    const parameters = new ParameterBlock(vcpu, size, STORED_FROM, STORED_TO);
    const bytes = encrypted ? unwrapped(parameters.bytes, place) : parameters.bytes;
    return bytes && new Galois(vcpu, cipher, parameters, bytes);
  }

  private constructor(vcpu: Vcpu, cipher: BlockCipher, parameters: ParameterBlock, bytes: Uint8Array) {
    this.#cipher = cipher;
    this.#parameters = parameters;
    this.#bytes = bytes;
    const supplied = (vcpu.grLow(0) & SUBKEY_SUPPLIED) !== 0;
    this.#subkey = supplied ? this.#bytes.slice(AT.subkey, AT.lengths) : this.#encipher(new Uint8Array(BLOCK));
    this.#tag = this.#bytes.slice(AT.tag, AT.subkey);
    this.#counter = new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getUint32(AT.counter);
  }

  #encipher(blocks: Uint8Array): Uint8Array {
    return electronicCodebook(this.#cipher, this.#bytes.subarray(AT.key), blocks);
  }

  /** Adds bytes to the tag; a block that is not full counts as if zeros stood behind it. */
  authenticate(data: Uint8Array): void {
    const padded = new Uint8Array(Math.ceil(data.length / BLOCK) * BLOCK);
    padded.set(data);
    this.#tag = ghash(this.#tag, this.#subkey, padded);
  }

  /** Enciphers or deciphers a part of the text, and adds the ciphertext to the tag. */
  pass(data: Uint8Array, decipher: boolean): Uint8Array {
    const counters = new Uint8Array(Math.ceil(data.length / BLOCK) * BLOCK);
    const view = new DataView(counters.buffer);
    for (let at = 0; at < counters.length; at += BLOCK) {
      counters.set(this.#bytes.subarray(AT.initial, AT.initial + 12), at);
      this.#counter = (this.#counter + 1) >>> 0;
      view.setUint32(at + 12, this.#counter);
    }
    const output = exclusiveOr(data, this.#encipher(counters));
    this.authenticate(decipher ? data : output);
    return output;
  }

  /** The tag is complete: lengths, and the initial counter block enciphered. */
  finish(): void {
    this.authenticate(this.#bytes.subarray(AT.lengths, AT.initial));
    this.#tag = exclusiveOr(this.#tag, this.#encipher(this.#bytes.subarray(AT.initial, AT.key)));
  }

  store(): void {
    const counter = new Uint8Array(4);
    new DataView(counter.buffer).setUint32(0, this.#counter);
    this.#parameters.store(join(counter, this.#tag, this.#subkey));
  }
}

/** How many bytes of an operand this execution does: whole blocks, or all that is left. */
function unitOf(stretches: readonly Stretch[], left: bigint): number {
  const least = left < BigInt(BLOCK) ? Number(left) : BLOCK;
  for (const stretch of stretches) stretch.require(least);
  const found = Math.min(...stretches.map((s) => s.length));
  return BigInt(found) === left ? found : found - (found % BLOCK);
}

const wanted = (left: bigint): number => (left < BigInt(UNIT) ? Number(left) : UNIT);

function advance(vcpu: Vcpu, register: number, bytes: number): void {
  setAddress(vcpu, register, (addressIn(vcpu, register) + BigInt(bytes)) & vcpu.amask);
}

function authenticate(vcpu: Vcpu, galois: Galois, register: number): bigint {
  const length = lengthIn(vcpu, register + 1);
  if (length === 0n) return 0n;
  const from = new Stretch(vcpu, addressIn(vcpu, register), wanted(length), 'fetch', register);
  const n = unitOf([from], length);
  galois.authenticate(from.read(n));
  advance(vcpu, register, n);
  setLength(vcpu, register + 1, length - BigInt(n));
  return length - BigInt(n);
}

function cipherText(vcpu: Vcpu, galois: Galois, { target, source }: Operands): bigint {
  const length = lengthIn(vcpu, source + 1);
  if (length === 0n) return 0n;
  const from = new Stretch(vcpu, addressIn(vcpu, source), wanted(length), 'fetch', source);
  const to = new Stretch(vcpu, addressIn(vcpu, target), wanted(length), 'store', target);
  const n = unitOf([from, to], length);
  to.write(galois.pass(from.read(n), modifier(vcpu)));
  for (const register of new Set([target, source])) advance(vcpu, register, n);
  setLength(vcpu, source + 1, length - BigInt(n));
  return length - BigInt(n);
}

/** Does a unit of the additional data or of the text. Condition code 3 says that more is left, 1 that the key was wrapped elsewhere. */
function cipherWithAuthentication(vcpu: Vcpu, f: Keyed, operands: Operands): void {
  const flags = vcpu.grLow(0);
  const isWhole = (register: number): boolean => lengthIn(vcpu, register + 1) % BigInt(BLOCK) === 0n;
  if ((flags & LAST_AAD) === 0 && !isWhole(operands.additional)) vcpu.raise(PGM.specification);
  if ((flags & LAST_TEXT) === 0 && !isWhole(operands.source)) vcpu.raise(PGM.specification);
  const galois = Galois.open(vcpu, f);
  if (galois === undefined) {
    vcpu.cc = 1;
    return;
  }
  const hadAdditional = lengthIn(vcpu, operands.additional + 1) !== 0n;
  let left = authenticate(vcpu, galois, operands.additional);
  if (left === 0n && (flags & LAST_AAD) !== 0) {
    // One unit at a time: what follows additional data is for the next execution, unless there is next to nothing.
    left = hadAdditional ? lengthIn(vcpu, operands.source + 1) : cipherText(vcpu, galois, operands);
    if (left === 0n && (flags & LAST_TEXT) !== 0) galois.finish();
  }
  galois.store();
  vcpu.setGrLow(0, (flags | SUBKEY_SUPPLIED) >>> 0);
  vcpu.cc = left === 0n ? 0 : 3;
}

const kma = helper(
  'cipherMessageWithAuthentication',
  {
    params: ['i32', 'i32', 'i32'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true },
  },
  (vcpu, target, source, additional) => {
    requirePairs(vcpu, target, source, additional);
    if (additional === target || additional === source) vcpu.raise(PGM.specification);
    const f = chosen(vcpu, functions, undefined, wrapped);
    if (f === undefined) vcpu.cc = 0;
    else cipherWithAuthentication(vcpu, f, { target, source, additional });
  },
);

/** Encipherment with authentication. */
export const authenticatedRows: readonly Row[] = [
  insn(
    'KMA',
    {
      op: 0xb929,
      fmt: 'RRF_b',
      title: 'CIPHER MESSAGE WITH AUTHENTICATION',
      facility: 'message-security-assist-8',
      ignores: ['m4'],
      functions: [0, ...functions.keys()],
    },
    ($, f) => $.callVoid(kma, $.field(f.r1), $.field(f.r2), $.field(f.r3)),
  ),
];
