/** PoP: PERFORM CRYPTOGRAPHIC COMPUTATION and PERFORM CRYPTOGRAPHIC KEY MANAGEMENT OPERATION. */

import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import type { Effects } from '../../../../ir/node.ts';
import type { Facility } from '../../cpu/facilities.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import {
  aes128,
  aes256,
  type BlockCipher,
  ciphers,
  ENCRYPTED,
  electronicCodebook,
  encryptedFunctions,
  exclusiveOr,
  join,
} from './cipher.ts';
import { alphaTo, element, elementBytes, times } from './field.ts';
import { chosen, requireNoModifier } from './function-code.ts';
import { multiplications } from './multiplication.ts';
import { ParameterBlock } from './operand.ts';
import { type KeyPlace, patternBytes, placeWithPattern, unwrapped, wrapped } from './wrapped.ts';

/** A computation on the parameter block; gives the condition code. */
type Computation = (vcpu: Vcpu) => number;

// Subkeys of CMAC (NIST SP 800-38B): doublings in the field of the cipher's block.
function doubled(block: Uint8Array): Uint8Array {
  const value = bigEndian(block);
  const bits = BigInt(block.length * 8);
  const reduction = value >> (bits - 1n) === 0n ? 0n : block.length === 16 ? 0x87n : 0x1bn;
  return toBigEndian((value << 1n) ^ reduction, block.length);
}

/** The message's last bits with a one bit and zeros behind them. */
function padded(message: Uint8Array, bits: number): Uint8Array {
  const place = bits >> 3;
  const kept = 0xff00 >> (bits & 7);
  const one = 0x80 >> (bits & 7);
  return message.map((byte, i) => (i < place ? byte : i === place ? (byte & kept & 0xff) | one : 0));
}

/** The parameter block of a computation, and its bytes with the clear key; those are undefined when another key has wrapped this one. */
interface Opened {
  readonly parameters: ParameterBlock;
  readonly bytes: Uint8Array | undefined;
}

/** Fetches a parameter block of so many bytes with a clear key, which changes between two places; the key may be encrypted. */
function openBlock(
  vcpu: Vcpu,
  size: number,
  [from, to]: readonly [number, number],
  key: KeyPlace,
  encrypted: boolean,
): Opened {
  const moved = (place: number): number => (encrypted ? placeWithPattern(key, place) : place);
  const parameters = new ParameterBlock(vcpu, moved(size), moved(from), moved(to));
  return { parameters, bytes: encrypted ? unwrapped(parameters.bytes, key) : parameters.bytes };
}

/**
 * Compute-Last-Block-CMAC: the parameter block has the message's length in bits in byte 0, the message of up to a block, the
 * chaining value, which becomes the CMAC, and the key. Condition code 2 when the message is longer than a block, 1 when the key was wrapped elsewhere.
 */
function lastBlockOfCmac(cipher: BlockCipher, encrypted: boolean): Computation {
  const { block, keyBytes } = cipher;
  const at = 8 + block;
  return (vcpu) => {
    const place = { at: at + block, cipher };
    const { parameters, bytes } = openBlock(vcpu, at + block + keyBytes, [at, at + block], place, encrypted);
    if (bytes === undefined) return 1;
    const bits = bytes[0] ?? 0;
    if (bits > block * 8) return 2;
    const key = bytes.subarray(at + block);
    const message = bytes.subarray(8, at);
    const subkey = doubled(electronicCodebook(cipher, key, new Uint8Array(block)));
    const masked =
      bits === block * 8 ? exclusiveOr(message, subkey) : exclusiveOr(padded(message, bits), doubled(subkey));
    parameters.store(electronicCodebook(cipher, key, exclusiveOr(masked, bytes.subarray(at, at + block))));
    return 0;
  };
}

/**
 * Compute-XTS-Parameter: behind the key the parameter block has the tweak, the block sequential number, how many bits of
 * that are done (none at first, 128 in the end), and the XTS parameter. Condition code 2 when there are no such bits, 1 when
 * the key was wrapped elsewhere.
 */
function xtsParameter(cipher: BlockCipher, encrypted: boolean): Computation {
  const at = cipher.keyBytes;
  return (vcpu) => {
    const { parameters, bytes } = openBlock(vcpu, at + 64, [at + 32, at + 64], { at: 0, cipher }, encrypted);
    if (bytes === undefined) return 1;
    const number = bigEndian(bytes.subarray(at + 16, at + 32));
    const done = number === 0n ? 0n : bigEndian(bytes.subarray(at + 32, at + 48));
    if (done > 127n) return 2;
    const start =
      done > 0n
        ? bytes.subarray(at + 48)
        : electronicCodebook(cipher, bytes.subarray(0, at), bytes.subarray(at, at + 16));
    const exponent = BigInt.asUintN(Number(128n - done), number);
    const parameter = elementBytes(times(element(start), alphaTo(exponent)));
    parameters.store(join(toBigEndian(128n, 16), parameter));
    return 0;
  };
}

const computations: ReadonlyMap<number, Computation> = new Map([
  ...[...ciphers].flatMap(([code, cipher]): [number, Computation][] => [
    [code, lastBlockOfCmac(cipher, false)],
    [code + ENCRYPTED, lastBlockOfCmac(cipher, true)],
  ]),
  [50, xtsParameter(aes128, false)],
  [52, xtsParameter(aes256, false)],
  [58, xtsParameter(aes128, true)],
  [60, xtsParameter(aes256, true)],
  ...multiplications,
]);

/** Encrypted keys came with the extension 3, multiplications on curves with the extension for signatures. */
const later: ReadonlyMap<number, Facility> = new Map<number, Facility>([
  ...[...encryptedFunctions.keys()].map((code) => [code, 'message-security-assist-3'] as const),
  ...[...multiplications.keys()].map((code) => [code, 'message-security-assist-9'] as const),
]);

const effects: Effects = { fetches: true, stores: true, faults: true };

const pcc = helper('performCryptographicComputation', { params: [], result: undefined, effects }, (vcpu) => {
  requireNoModifier(vcpu);
  vcpu.cc = chosen(vcpu, computations, later, encryptedFunctions)?.(vcpu) ?? 0;
});

/** Encrypts a key: it, and behind it the pattern of the wrapping key. */
function wrapKey(vcpu: Vcpu, cipher: BlockCipher): void {
  const size = cipher.keyBytes + patternBytes(cipher);
  const parameters = new ParameterBlock(vcpu, size, 0, size);
  parameters.store(wrapped(cipher, parameters.bytes.subarray(0, cipher.keyBytes)));
}

const pckmo = helper('performKeyManagement', { params: [], result: undefined, effects }, (vcpu) => {
  requireNoModifier(vcpu);
  const cipher = chosen(vcpu, ciphers, undefined, ciphers);
  if (cipher !== undefined) wrapKey(vcpu, cipher);
});

/** Computations on the parameter block alone. */
export const computationRows: readonly Row[] = [
  insn(
    'PCC',
    {
      op: 0xb92c,
      fmt: 'RRE',
      title: 'PERFORM CRYPTOGRAPHIC COMPUTATION',
      facility: 'message-security-assist-4',
      ignores: ['r1', 'r2'],
      functions: [0, ...computations.keys()],
      later,
    },
    ($) => $.callVoid(pcc),
  ),
  insn(
    'PCKMO',
    {
      op: 0xb928,
      fmt: 'RRE',
      title: 'PERFORM CRYPTOGRAPHIC KEY MANAGEMENT OPERATION',
      facility: 'message-security-assist-3',
      ignores: ['r1', 'r2'],
      functions: [0, ...ciphers.keys()],
    },
    ($) => {
      $.privileged();
      $.callVoid(pckmo);
    },
  ),
];
