/** PoP, "General Instructions": PERFORM RANDOM NUMBER OPERATION, which was PERFORM PSEUDORANDOM NUMBER OPERATION. */

import { createHash } from 'node:crypto';
import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { addressIn, lengthIn, setAddress, setLength, UNIT } from '../storage/operands.ts';
import { join } from './cipher.ts';
import { chosen, modifier, requirePairs } from './function-code.ts';
import { ParameterBlock, Stretch } from './operand.ts';

/** Bytes of the seed in V and C, of the fields that hold them, and of one hash. */
const SEED = 111;
const FIELD = 112;
const HASH = 64;
const LONGEST_SEED = 512n;

/** Offsets in the parameter block of the deterministic generator. */
const at = { reseedCounter: 4, streamBytes: 8, v: 16, c: 16 + FIELD, end: 16 + 2 * FIELD } as const;

const hash = (...parts: readonly Uint8Array[]): Uint8Array =>
  createHash('sha512')
    .update(join(...parts))
    .digest();
const seedBytes = (value: bigint): Uint8Array => toBigEndian(BigInt.asUintN(SEED * 8, value), SEED);

/** The hash derivation function of NIST SP 800-90A for a seed. */
function derive(...input: readonly Uint8Array[]): Uint8Array {
  const prefix = (counter: number): Uint8Array => join(Uint8Array.of(counter), toBigEndian(BigInt(SEED * 8), 4));
  return join(hash(prefix(1), ...input), hash(prefix(2), ...input)).slice(0, SEED);
}

/** The changeable part of the deterministic generator's parameter block. */
interface Generator {
  readonly reseedCounter: bigint;
  readonly streamBytes: bigint;
  readonly v: Uint8Array;
  readonly c: Uint8Array;
}

function load({ bytes }: ParameterBlock): Generator {
  return {
    reseedCounter: bigEndian(bytes.subarray(at.reseedCounter, at.streamBytes)),
    streamBytes: bigEndian(bytes.subarray(at.streamBytes, at.v)),
    v: bytes.subarray(at.c - SEED, at.c),
    c: bytes.subarray(at.end - SEED, at.end),
  };
}

function save(block: ParameterBlock, { reseedCounter, streamBytes, v, c }: Generator): void {
  const zero = new Uint8Array(FIELD - SEED);
  block.store(join(toBigEndian(reseedCounter, 4), toBigEndian(streamBytes, 8), zero, v, zero, c));
}

const generatorBlock = (vcpu: Vcpu): ParameterBlock => new ParameterBlock(vcpu, at.end, at.reseedCounter, at.end);

/** Seeds: instantiates a generator whose reseed counter is zero, else mixes the second operand into what it has. */
function seed(vcpu: Vcpu, r2: number): void {
  const length = lengthIn(vcpu, r2 + 1);
  if (length > LONGEST_SEED) vcpu.raise(PGM.specification);
  const block = generatorBlock(vcpu);
  const source = new Stretch(vcpu, addressIn(vcpu, r2), Number(length), 'fetch', r2);
  source.require(Number(length));
  const entropy = source.read(Number(length));
  const { reseedCounter, v: old } = load(block);
  const v = reseedCounter === 0n ? derive(entropy) : derive(Uint8Array.of(1), old, entropy);
  save(block, { reseedCounter: 1n, streamBytes: 0n, v, c: derive(Uint8Array.of(0), v) });
  vcpu.cc = 0;
}

/**
 * Generates: the first operand is filled from the right, so that what is left of its length tells where an interrupted
 * generation goes on; the address stays. The generator moves on when the operand is full.
 */
function generate(vcpu: Vcpu, r1: number): void {
  const block = generatorBlock(vcpu);
  const generator = load(block);
  const v = bigEndian(generator.v);
  const start = lengthIn(vcpu, r1 + 1);
  let left = start;
  while (left > 0n && start - left < BigInt(UNIT)) {
    const index = (left - 1n) / BigInt(HASH);
    const size = Number(left - index * BigInt(HASH));
    const address = (addressIn(vcpu, r1) + index * BigInt(HASH)) & vcpu.amask;
    const target = new Stretch(vcpu, address, size, 'store', r1);
    if (left === start) target.require(size);
    if (target.length < size) break;
    target.write(hash(seedBytes(v + index)).subarray(0, size));
    left -= BigInt(size);
  }
  const streamBytes = generator.streamBytes + (start - left);
  if (left === 0n) {
    const sum = bigEndian(hash(Uint8Array.of(3), generator.v)) + bigEndian(generator.c) + generator.reseedCounter;
    const reseedCounter = generator.reseedCounter + 1n;
    save(block, { reseedCounter, streamBytes, v: seedBytes(v + sum), c: generator.c });
  } else {
    save(block, { ...generator, streamBytes });
  }
  setLength(vcpu, r1 + 1, left);
  vcpu.cc = left === 0n ? 0 : 3;
}

function deterministic(vcpu: Vcpu, r1: number, r2: number): void {
  if (modifier(vcpu)) seed(vcpu, r2);
  else generate(vcpu, r1);
}

/** As many raw bytes as conditioned ones: the source knows no difference. */
function queryRatio(vcpu: Vcpu): void {
  const block = new Stretch(vcpu, addressIn(vcpu, 1), 8, 'store', 1);
  block.require(8);
  block.write(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1));
  vcpu.cc = 0;
}

/** Fills the raw random numbers of the first operand, then the conditioned ones of the second. */
function trueRandom(vcpu: Vcpu, r1: number, r2: number): void {
  let done = 0;
  for (const r of [r1, r2]) {
    const length = lengthIn(vcpu, r + 1);
    const most = BigInt(UNIT - done);
    const wanted = Number(length < most ? length : most);
    const target = new Stretch(vcpu, addressIn(vcpu, r), wanted, 'store', r);
    if (done === 0 && wanted > 0) target.require(1);
    target.write(vcpu.core.random.draw(target.length));
    setAddress(vcpu, r, (addressIn(vcpu, r) + BigInt(target.length)) & vcpu.amask);
    setLength(vcpu, r + 1, length - BigInt(target.length));
    done += target.length;
    if (target.length < wanted) break;
  }
  vcpu.cc = lengthIn(vcpu, r1 + 1) === 0n && lengthIn(vcpu, r2 + 1) === 0n ? 0 : 3;
}

const functions: ReadonlyMap<number, (vcpu: Vcpu, r1: number, r2: number) => void> = new Map([
  [3, deterministic],
  [112, queryRatio],
  [114, trueRandom],
]);

/** True random numbers came with a machine and without a facility of their own; the extension 8 is of the same one. */
const later: ReadonlyMap<number, Facility> = new Map([
  [112, 'message-security-assist-8'],
  [114, 'message-security-assist-8'],
]);

const prno = helper(
  'performRandomNumberOperation',
  { params: ['i32', 'i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
  (vcpu, r1, r2) => {
    requirePairs(vcpu, r1, r2);
    const f = chosen(vcpu, functions, later);
    if (f === undefined) vcpu.cc = 0;
    else f(vcpu, r1, r2);
  },
);

/** PRNO, which is also known as PPNO. */
export const randomRows: readonly Row[] = [
  insn(
    'PRNO',
    {
      op: 0xb93c,
      fmt: 'RRE',
      title: 'PERFORM RANDOM NUMBER OPERATION',
      facility: 'message-security-assist-5',
      functions: [0, ...functions.keys()],
      later,
    },
    ($, f) => $.callVoid(prno, $.field(f.r1), $.field(f.r2)),
  ),
];
