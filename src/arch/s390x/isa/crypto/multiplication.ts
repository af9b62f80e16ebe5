/** PoP, PERFORM CRYPTOGRAPHIC COMPUTATION: scalar multiplication on elliptic curves. */

import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { join } from './cipher.ts';
import {
  type Curve,
  ed448,
  ed25519,
  type Montgomery,
  montgomeryMultiple,
  p256,
  p384,
  p521,
  x448,
  x25519,
} from './curve.ts';
import { ParameterBlock } from './operand.ts';

/** The `index`th big-endian field of the parameter block. */
export function numberIn(block: Uint8Array, field: number, index: number): bigint {
  return bigEndian(block.subarray(index * field, (index + 1) * field));
}

/** Reads the parameter block and stores the result's part of it; gives the condition code. */
type Multiplication = (vcpu: Vcpu) => number;

/**
 * The parameter block has both coordinates of the result, those of the source, and the scalar, in fields of `field` bytes.
 * Condition code 1 when the source is no point of the curve, 2 when the result is none with coordinates: nothing is stored.
 */
function onCurve(curve: Curve, field: number): Multiplication {
  return (vcpu) => {
    const parameters = new ParameterBlock(vcpu, 5 * field, 0, 2 * field);
    const [x, y, scalar] = [2, 3, 4].map((index) => numberIn(parameters.bytes, field, index));
    if (x === undefined || y === undefined || scalar === undefined || !curve.contains({ x, y })) return 1;
    const result = curve.sum([scalar, { x, y }]);
    if (result === undefined) return 2;
    parameters.store(join(toBigEndian(result.x, field), toBigEndian(result.y, field)));
    return 0;
  };
}

/** The same with one coordinate. The scalar counts as it stands: who wants RFC 7748's sets its bits. */
function byCoordinate(curve: Montgomery, field: number): Multiplication {
  return (vcpu) => {
    const parameters = new ParameterBlock(vcpu, 3 * field, 0, field);
    const [u, scalar] = [1, 2].map((index) => numberIn(parameters.bytes, field, index));
    if (u === undefined || scalar === undefined || u >= curve.prime) return 1;
    const result = montgomeryMultiple(curve, scalar, u);
    if (result === 0n) return 2;
    parameters.store(toBigEndian(result, field));
    return 0;
  };
}

/** Scalar multiplications by their function codes; they came with the message-security assist's extension 9. */
export const multiplications: ReadonlyMap<number, Multiplication> = new Map([
  [64, onCurve(p256, 32)],
  [65, onCurve(p384, 48)],
  [66, onCurve(p521, 80)],
  [72, onCurve(ed25519, 32)],
  [73, onCurve(ed448, 64)],
  [80, byCoordinate(x25519, 32)],
  [81, byCoordinate(x448, 64)],
]);
