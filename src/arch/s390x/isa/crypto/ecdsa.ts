/** ECDSA (FIPS 186-5, 6) as COMPUTE DIGITAL SIGNATURE AUTHENTICATION has it: the message's digest is in the parameter block. */

import { createHmac } from 'node:crypto';
import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { join } from './cipher.ts';
import { inverse, modulo, p256, p384, p521, type SigningCurve } from './curve.ts';
import { modifier } from './function-code.ts';
import { numberIn } from './multiplication.ts';
import { ParameterBlock } from './operand.ts';

/** Fields of the parameter block: the signature's halves, the digest, and the private key and a random number or the public key. */
const FIELD = { r: 0, s: 1, digest: 2, key: 3, random: 4, x: 3, y: 4 } as const;
const FIELDS = 5;

const inRange = (value: bigint, { order }: SigningCurve): boolean => value > 0n && value < order;

/**
 * The secret number of a signature when the machine is to make it. It comes from all that is in the parameter block, the random
 * number included, so that a run can be repeated.
 */
function secretFrom(block: Uint8Array, { order }: SigningCurve): bigint {
  const bytes = [0, 1].map((part) => createHmac('sha512', block).update(Uint8Array.of(part)).digest());
  return modulo(bigEndian(join(...bytes)), order - 1n) + 1n;
}

/**
 * Signs. Bit 56 of general register 0 says that the random number is the signature's secret number as it stands. Condition code 1
 * when the private key is none, 2 when another random number is wanted.
 */
function sign(vcpu: Vcpu, curve: SigningCurve, field: number): number {
  const { order, base } = curve;
  const parameters = new ParameterBlock(vcpu, FIELDS * field, 0, 2 * field);
  const { bytes } = parameters;
  const key = numberIn(bytes, field, FIELD.key);
  if (!inRange(key, curve)) return 1;
  const given = numberIn(bytes, field, FIELD.random);
  const secret = modifier(vcpu) ? given : secretFrom(bytes.subarray(FIELD.digest * field), curve);
  if (!inRange(secret, curve)) return 2;
  const r = modulo(curve.sum([secret, base])?.x ?? 0n, order);
  const s = modulo(inverse(secret, order) * (numberIn(bytes, field, FIELD.digest) + r * key), order);
  if (r === 0n || s === 0n) return 2;
  parameters.store(join(toBigEndian(r, field), toBigEndian(s, field)));
  return 0;
}

/** Verifies. Condition code 1 when the public key is no point of the curve, 2 when the signature is wrong. */
function verify(vcpu: Vcpu, curve: SigningCurve, field: number): number {
  const { order, base } = curve;
  const { bytes } = new ParameterBlock(vcpu, FIELDS * field, 0, 0);
  const key = { x: numberIn(bytes, field, FIELD.x), y: numberIn(bytes, field, FIELD.y) };
  if (!curve.contains(key)) return 1;
  const [r, s] = [numberIn(bytes, field, FIELD.r), numberIn(bytes, field, FIELD.s)];
  if (!inRange(r, curve) || !inRange(s, curve)) return 2;
  const w = inverse(s, order);
  const digest = numberIn(bytes, field, FIELD.digest);
  const point = curve.sum([modulo(digest * w, order), base], [modulo(r * w, order), key]);
  return point !== undefined && modulo(point.x, order) === r ? 0 : 2;
}

const curves = [
  { curve: p256, field: 32 },
  { curve: p384, field: 48 },
  { curve: p521, field: 80 },
] as const;

/** A function on the parameter block alone; gives the condition code. */
export interface EcdsaFunction {
  readonly signs: boolean;
  run(vcpu: Vcpu): number;
}

/** Functions by their codes. */
export const ecdsaFunctions: ReadonlyMap<number, EcdsaFunction> = new Map(
  curves.flatMap(({ curve, field }, i): [number, EcdsaFunction][] => [
    [1 + i, { signs: false, run: (vcpu) => verify(vcpu, curve, field) }],
    [9 + i, { signs: true, run: (vcpu) => sign(vcpu, curve, field) }],
  ]),
);
