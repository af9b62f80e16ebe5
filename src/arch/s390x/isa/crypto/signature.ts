/**
 * PoP, "General Instructions": COMPUTE DIGITAL SIGNATURE AUTHENTICATION. The Edwards-curve functions (RFC 8032) are the host
 * library's; those with encrypted keys are absent, as the query tells.
 */

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { addressIn, lengthIn, setAddress, setLength } from '../storage/operands.ts';
import { join } from './cipher.ts';
import { type EcdsaFunction, ecdsaFunctions } from './ecdsa.ts';
import { chosen, functionCode, requireNoModifier, requirePairs } from './function-code.ts';
import { ParameterBlock, Stretch } from './operand.ts';

interface EdwardsCurve {
  /** Bytes of a coordinate, a key and half a signature as RFC 8032 has them, little endian. */
  readonly bytes: 32 | 57;
  /** Bytes of a field of the parameter block, big endian. */
  readonly field: 32 | 64;
  /** What stands in front of a private and of a public key in DER. */
  readonly privatePrefix: string;
  readonly publicPrefix: string;
}

const ed25519: EdwardsCurve = {
  bytes: 32,
  field: 32,
  privatePrefix: '302e020100300506032b657004220420',
  publicPrefix: '302a300506032b6570032100',
};
const ed448: EdwardsCurve = {
  bytes: 57,
  field: 64,
  privatePrefix: '3047020100300506032b6571043b0439',
  publicPrefix: '3043300506032b6571033a00',
};

/** A big-endian field with what the RFC has little endian, and back. */
function fromField({ bytes, field }: EdwardsCurve, block: Uint8Array, index: number): Uint8Array {
  return block
    .slice(index * field, (index + 1) * field)
    .reverse()
    .subarray(0, bytes);
}
function toField({ field }: EdwardsCurve, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(field);
  out.set(value.slice().reverse(), field - value.length);
  return out;
}

const der = (prefix: string, key: Uint8Array): Buffer => Buffer.concat([Buffer.from(prefix, 'hex'), key]);

function privateKey({ privatePrefix }: EdwardsCurve, key: Uint8Array): KeyObject {
  return createPrivateKey({ key: der(privatePrefix, key), format: 'der', type: 'pkcs8' });
}

function publicKey({ publicPrefix }: EdwardsCurve, key: Uint8Array): KeyObject {
  return createPublicKey({ key: der(publicPrefix, key), format: 'der', type: 'spki' });
}

/** Bytes behind the private key that signing keeps for itself. */
const RESERVED = 16;

interface EdwardsFunction {
  readonly curve: EdwardsCurve;
  readonly signs: boolean;
}

const edwardsFunctions: ReadonlyMap<number, EdwardsFunction> = new Map([
  [32, { curve: ed25519, signs: false }],
  [36, { curve: ed448, signs: false }],
  [40, { curve: ed25519, signs: true }],
  [44, { curve: ed448, signs: true }],
]);
const functions: ReadonlyMap<number, EcdsaFunction | EdwardsFunction> = new Map<
  number,
  EcdsaFunction | EdwardsFunction
>([...ecdsaFunctions, ...edwardsFunctions]);

// The whole message at once: there is no way to give the library a part and to get its state back.
function takeMessage(vcpu: Vcpu, register: number): Uint8Array {
  const length = Number(lengthIn(vcpu, register + 1));
  const stretch = new Stretch(vcpu, addressIn(vcpu, register), length, 'fetch', register);
  stretch.require(length);
  return stretch.read(length);
}

/** Condition code 2: the signature is wrong. */
function compute(vcpu: Vcpu, { curve, signs }: EdwardsFunction, register: number): void {
  const { field } = curve;
  const parameters = signs
    ? new ParameterBlock(vcpu, 3 * field + RESERVED, 0, 2 * field)
    : new ParameterBlock(vcpu, 3 * field, 0, 0);
  const message = takeMessage(vcpu, register);
  const key = fromField(curve, parameters.bytes, 2);
  if (signs) {
    const signature = new Uint8Array(sign(null, message, privateKey(curve, key)));
    const halves = [signature.subarray(0, curve.bytes), signature.subarray(curve.bytes)];
    parameters.store(join(...halves.map((half) => toField(curve, half))));
    vcpu.cc = 0;
  } else {
    const signature = join(fromField(curve, parameters.bytes, 0), fromField(curve, parameters.bytes, 1));
    vcpu.cc = verify(null, message, publicKey(curve, key), signature) ? 0 : 2;
  }
  setAddress(vcpu, register, (addressIn(vcpu, register) + BigInt(message.length)) & vcpu.amask);
  setLength(vcpu, register + 1, 0n);
}

const kdsa = helper(
  'computeDigitalSignatureAuthentication',
  { params: ['i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
  (vcpu, r2) => {
    requirePairs(vcpu, r2);
    // Signing with ECDSA has the modifier: the random number is the secret one.
    if (ecdsaFunctions.get(functionCode(vcpu))?.signs !== true) requireNoModifier(vcpu);
    const f = chosen(vcpu, functions);
    if (f === undefined) vcpu.cc = 0;
    else if ('run' in f) vcpu.cc = f.run(vcpu);
    else compute(vcpu, f, r2);
  },
);

/** Digital signatures. */
export const signatureRows: readonly Row[] = [
  insn(
    'KDSA',
    {
      op: 0xb93a,
      fmt: 'RRE',
      title: 'COMPUTE DIGITAL SIGNATURE AUTHENTICATION',
      facility: 'message-security-assist-9',
      ignores: ['r1'],
      functions: [0, ...functions.keys()],
    },
    ($, f) => $.callVoid(kdsa, $.field(f.r2)),
  ),
];
