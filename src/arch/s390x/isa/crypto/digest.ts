/** PoP, "General Instructions": COMPUTE INTERMEDIATE MESSAGE DIGEST and COMPUTE LAST MESSAGE DIGEST. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { addressIn, lengthIn, setAddress, setLength, UNIT } from '../storage/operands.ts';
import { ghash } from './field.ts';
import { chosen, requireNoModifier, requirePairs } from './function-code.ts';
import { ParameterBlock, Stretch } from './operand.ts';
import { type Digest, lastBlocks, sha1, sha256, sha512 } from './sha.ts';

/** A digest as COMPUTE INTERMEDIATE MESSAGE DIGEST has it: a chaining value, and perhaps a key behind it. */
interface Intermediate {
  readonly block: number;
  readonly chaining: number;
  readonly parameters: number;
  unit(parameters: Uint8Array, blocks: Uint8Array): Uint8Array;
}

const lastFunctions: ReadonlyMap<number, Digest> = new Map([
  [1, sha1],
  [2, sha256],
  [3, sha512],
]);

const intermediateFunctions: ReadonlyMap<number, Intermediate> = new Map([
  ...[...lastFunctions].map(([code, { block, chaining, compress }]): [number, Intermediate] => [
    code,
    { block, chaining, parameters: chaining, unit: compress },
  ]),
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

// A message of any length: what is less than a block is done together with the padding, in the last execution.
function last(vcpu: Vcpu, r2: number, f: Digest): void {
  const length = lengthIn(vcpu, r2 + 1);
  const parameters = new ParameterBlock(vcpu, f.chaining + f.length, 0, f.chaining);
  const source = second(vcpu, r2, length, length < BigInt(f.block) ? Number(length) : f.block);
  const whole = source.length - (source.length % f.block);
  const ends = BigInt(source.length) === length;
  const n = ends ? source.length : whole;
  const data = source.read(n);
  const chaining = f.compress(parameters.bytes.subarray(0, f.chaining), data.subarray(0, whole));
  if (ends) {
    const messageBits = parameters.bytes.subarray(f.chaining);
    parameters.store(f.compress(chaining, lastBlocks(f, data.subarray(whole), messageBits)));
  } else {
    parameters.store(chaining);
  }
  advance(vcpu, r2, length, n);
  vcpu.cc = ends ? 0 : 3;
}

const compute = <F>(name: string, functions: ReadonlyMap<number, F>, run: (vcpu: Vcpu, r2: number, f: F) => void) =>
  helper(
    name,
    { params: ['i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
    (vcpu, r2) => {
      requirePairs(vcpu, r2);
      requireNoModifier(vcpu);
      const f = chosen(vcpu, functions);
      if (f === undefined) vcpu.cc = 0;
      else run(vcpu, r2, f);
    },
  );

const kimd = compute('computeIntermediateMessageDigest', intermediateFunctions, intermediate);
const klmd = compute('computeLastMessageDigest', lastFunctions, last);

/** Instructions that compute digests. */
export const digestRows: readonly Row[] = (
  [
    ['KIMD', 0xb93e, 'COMPUTE INTERMEDIATE MESSAGE DIGEST', kimd, intermediateFunctions],
    ['KLMD', 0xb93f, 'COMPUTE LAST MESSAGE DIGEST', klmd, lastFunctions],
  ] as const
).map(([mnemonic, op, title, run, functions]) =>
  insn(
    mnemonic,
    {
      op,
      fmt: 'RRE',
      title,
      facility: 'message-security-assist',
      ignores: ['r1'],
      functions: [0, ...functions.keys()],
    },
    ($, f) => {
      $.callVoid(run, $.field(f.r2));
    },
  ),
);
