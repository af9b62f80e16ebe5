/** PoP, "General Instructions": COMPUTE INTERMEDIATE MESSAGE DIGEST and COMPUTE LAST MESSAGE DIGEST. */

import type { Effects } from '../../../../ir/node.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { addressIn, lengthIn, setAddress, setLength, UNIT } from '../storage/operands.ts';
import { join } from './cipher.ts';
import { ghash } from './field.ts';
import { chosen, functionCode, requireNoModifier, requirePairs } from './function-code.ts';
import {
  absorb,
  KECCAK_BYTES,
  lastBlock,
  permuted,
  type Sponge,
  sha3_224,
  sha3_256,
  sha3_384,
  sha3_512,
  shake128,
  shake256,
} from './keccak.ts';
import { ParameterBlock, Stretch } from './operand.ts';
import { type Digest, lastBlocks, sha1, sha256, sha512 } from './sha.ts';

const SHAKE_128 = 36;
const SHAKE_256 = 37;

/** A digest as COMPUTE INTERMEDIATE MESSAGE DIGEST has it: a chaining value, and perhaps a key behind it. */
interface Intermediate {
  readonly block: number;
  readonly chaining: number;
  readonly parameters: number;
  unit(parameters: Uint8Array, blocks: Uint8Array): Uint8Array;
}

/** A digest as COMPUTE LAST MESSAGE DIGEST has it: behind the chaining value there may be the message's length in bits. */
interface Last extends Intermediate {
  /** The chaining value behind the last bytes of a message, less than a block, and the padding. */
  finish(parameters: Uint8Array, rest: Uint8Array): Uint8Array;
}

function secureHash(digest: Digest): Last {
  const { block, chaining, length, compress } = digest;
  return {
    block,
    chaining,
    parameters: chaining + length,
    unit: (parameters, blocks) => compress(parameters.subarray(0, chaining), blocks),
    finish: (parameters, rest) =>
      compress(parameters.subarray(0, chaining), lastBlocks(digest, rest, parameters.subarray(chaining))),
  };
}

function sponge(of: Sponge): Last {
  const unit = (chaining: Uint8Array, blocks: Uint8Array): Uint8Array => absorb(of, chaining, blocks);
  return {
    block: of.block,
    chaining: KECCAK_BYTES,
    parameters: KECCAK_BYTES,
    unit,
    finish: (chaining, rest) => unit(chaining, lastBlock(of, rest)),
  };
}

const lastFunctions: ReadonlyMap<number, Last> = new Map([
  [1, secureHash(sha1)],
  [2, secureHash(sha256)],
  [3, secureHash(sha512)],
  [32, sponge(sha3_224)],
  [33, sponge(sha3_256)],
  [34, sponge(sha3_384)],
  [35, sponge(sha3_512)],
  [SHAKE_128, sponge(shake128)],
  [SHAKE_256, sponge(shake256)],
]);

const intermediateFunctions: ReadonlyMap<number, Intermediate> = new Map<number, Intermediate>([
  ...[...lastFunctions].map(([code, f]): [number, Intermediate] => [code, { ...f, parameters: f.chaining }]),
  [
    65,
    {
      block: 16,
      chaining: 16,
      parameters: 32,
      unit: (parameters, blocks) => ghash(parameters.subarray(0, 16), parameters.subarray(16), blocks),
    },
  ],
]);

/** SHA-3 came with a machine and without a facility of its own; the extension 8 is of the same one. */
const later: ReadonlyMap<number, Facility> = new Map([
  ...[32, 33, 34, 35, SHAKE_128, SHAKE_256].map((code) => [code, 'message-security-assist-8'] as const),
  [65, 'message-security-assist-4'],
]);

/** The second operand as far as one execution goes: `least` bytes of it must be there. */
function second(vcpu: Vcpu, r2: number, length: bigint, least: number): Stretch {
  const wanted = length < BigInt(UNIT) ? Number(length) : UNIT;
  const stretch = new Stretch(vcpu, addressIn(vcpu, r2), wanted, 'fetch', r2);
  stretch.require(least);
  return stretch;
}

function advance(vcpu: Vcpu, r2: number, length: bigint, n: number): void {
  setAddress(vcpu, r2, (addressIn(vcpu, r2) + BigInt(n)) & vcpu.amask);
  setLength(vcpu, r2 + 1, length - BigInt(n));
}

function intermediate(vcpu: Vcpu, r2: number, f: Intermediate): void {
  const length = lengthIn(vcpu, r2 + 1);
  if (length % BigInt(f.block) !== 0n) vcpu.raise(PGM.specification);
  if (length === 0n) {
    vcpu.cc = 0;
    return;
  }
  const parameters = new ParameterBlock(vcpu, f.parameters, 0, f.chaining);
  const source = second(vcpu, r2, length, f.block);
  const n = source.length - (source.length % f.block);
  parameters.store(f.unit(parameters.bytes, source.read(n)));
  advance(vcpu, r2, length, n);
  vcpu.cc = BigInt(n) === length ? 0 : 3;
}

/** The message, or a unit of it, and whether that is its end. */
interface Part {
  readonly data: Uint8Array;
  readonly ends: boolean;
}

// A message of any length: what is less than a block is done together with the padding, in the last execution.
function partOf(source: Stretch, length: bigint, block: number): Part {
  const ends = BigInt(source.length) === length;
  return { data: source.read(ends ? source.length : source.length - (source.length % block)), ends };
}

/** The chaining value behind a part of the message, and behind the padding when it is the last. */
function behind(f: Last, parameters: Uint8Array, { data, ends }: Part): Uint8Array {
  const whole = data.length - (data.length % f.block);
  const chaining = f.unit(parameters, data.subarray(0, whole));
  if (!ends) return chaining;
  return f.finish(join(chaining, parameters.subarray(f.chaining)), data.subarray(whole));
}

const leastOf = (length: bigint, block: number): number => (length < BigInt(block) ? Number(length) : block);

function last(vcpu: Vcpu, r2: number, f: Last): void {
  const length = lengthIn(vcpu, r2 + 1);
  const parameters = new ParameterBlock(vcpu, f.parameters, 0, f.chaining);
  const part = partOf(second(vcpu, r2, length, leastOf(length, f.block)), length, f.block);
  parameters.store(behind(f, parameters.bytes, part));
  advance(vcpu, r2, length, part.data.length);
  vcpu.cc = part.ends ? 0 : 3;
}

/** Bit 55 of general register 0: the message has ended, and its padding is in the chaining value. */
const PADDED = 0x100;

/**
 * SHAKE gives as many bytes as the first operand is long. The chaining value that is stored is the one that its last bytes came from,
 * so that one who comes with the padding bit gets the bytes behind them.
 */
function extendable(vcpu: Vcpu, r1: number, r2: number, f: Last): void {
  const { block } = f;
  const wanted = lengthIn(vcpu, r1 + 1);
  const length = lengthIn(vcpu, r2 + 1);
  const parameters = new ParameterBlock(vcpu, f.parameters, 0, f.chaining);
  const wasPadded = (vcpu.grLow(0) & PADDED) !== 0;
  const part = wasPadded ? undefined : partOf(second(vcpu, r2, length, leastOf(length, block)), length, block);
  let chaining = part === undefined ? parameters.bytes : behind(f, parameters.bytes, part);
  const output: Uint8Array[] = [];
  if (part === undefined || part.ends) {
    const most = UNIT - (UNIT % block);
    const target = new Stretch(vcpu, addressIn(vcpu, r1), leastOf(wanted, most), 'store', r1);
    target.require(leastOf(wanted, block));
    const found = BigInt(target.length) === wanted ? target.length : target.length - (target.length % block);
    for (let at = 0; at < found; at += block) {
      if (wasPadded || at > 0) chaining = permuted(chaining);
      output.push(chaining.slice(0, Math.min(block, found - at)));
    }
    target.write(join(...output));
    vcpu.setGrLow(0, (vcpu.grLow(0) | PADDED) >>> 0);
  }
  parameters.store(chaining);
  if (part !== undefined) advance(vcpu, r2, length, part.data.length);
  const given = output.reduce((sum, { length: n }) => sum + n, 0);
  advance(vcpu, r1, wanted, given);
  vcpu.cc = part?.ends !== false && BigInt(given) === wanted ? 0 : 3;
}

const effects: Effects = { fetches: true, stores: true, faults: true };

const kimd = helper('computeIntermediateMessageDigest', { params: ['i32'], result: undefined, effects }, (vcpu, r2) => {
  requirePairs(vcpu, r2);
  requireNoModifier(vcpu);
  const f = chosen(vcpu, intermediateFunctions, later);
  if (f === undefined) vcpu.cc = 0;
  else intermediate(vcpu, r2, f);
});

const klmd = helper(
  'computeLastMessageDigest',
  { params: ['i32', 'i32'], result: undefined, effects },
  (vcpu, r1, r2) => {
    requirePairs(vcpu, r2);
    requireNoModifier(vcpu);
    const code = functionCode(vcpu);
    const extends_ = code === SHAKE_128 || code === SHAKE_256;
    if (extends_) requirePairs(vcpu, r1);
    const f = chosen(vcpu, lastFunctions, later);
    if (f === undefined) vcpu.cc = 0;
    else if (extends_) extendable(vcpu, r1, r2, f);
    else last(vcpu, r2, f);
  },
);

/** Instructions that compute digests. */
export const digestRows: readonly Row[] = [
  insn(
    'KIMD',
    {
      op: 0xb93e,
      fmt: 'RRE',
      title: 'COMPUTE INTERMEDIATE MESSAGE DIGEST',
      facility: 'message-security-assist',
      ignores: ['r1'],
      functions: [0, ...intermediateFunctions.keys()],
      later,
    },
    ($, f) => $.callVoid(kimd, $.field(f.r2)),
  ),
  insn(
    'KLMD',
    {
      op: 0xb93f,
      fmt: 'RRE',
      title: 'COMPUTE LAST MESSAGE DIGEST',
      facility: 'message-security-assist',
      functions: [0, ...lastFunctions.keys()],
      later,
    },
    ($, f) => $.callVoid(klmd, $.field(f.r1), $.field(f.r2)),
  ),
];
