/**
 * PoP, "Message-Security Assist": keys that a program has in an encrypted form alone, behind which the pattern stands that tells the
 * key that they are wrapped by.
 */

import type { Vcpu } from '../../cpu/vcpu.ts';
import { ecb3 } from '../../sie/state-description.ts';
import { type BlockCipher, join } from './cipher.ts';

// The wrapping keys keep nothing secret, and are the same in each machine, so that runs can be repeated: QEMU's, whose guests' keys are good here.
const MASK = 0xaa;
const PATTERN = [0x0f, 0x0a, 0x0c, 0x0e] as const;

/** Where the parameter block of a function has its key, which the verification pattern follows. */
export interface KeyPlace {
  readonly at: number;
  readonly cipher: BlockCipher;
}

/** Bytes of the verification pattern: of the wrapping key for AES, or for DEA. */
export function patternBytes({ block }: BlockCipher): number {
  return block === 16 ? 32 : 24;
}
/** A place in a parameter block, or its end, when the pattern follows the key. */
export function placeWithPattern({ at, cipher }: KeyPlace, place: number): number {
  return place > at ? place + patternBytes(cipher) : place;
}
function patternOf(cipher: BlockCipher): Uint8Array {
  return Uint8Array.from({ length: patternBytes(cipher) }, (_, n) => PATTERN[n & 3] ?? 0);
}
const masked = (key: Uint8Array): Uint8Array => key.map((byte) => byte ^ MASK);

/** A key in its encrypted form, and the pattern. */
export function wrapped(cipher: BlockCipher, key: Uint8Array): Uint8Array {
  return join(masked(key), patternOf(cipher));
}

/** A parameter block with the clear key in place of the encrypted one and its pattern; undefined when another key has wrapped it. */
export function unwrapped(bytes: Uint8Array, { at, cipher }: KeyPlace): Uint8Array | undefined {
  const behind = at + cipher.keyBytes;
  const pattern = patternOf(cipher);
  if (pattern.some((byte, n) => byte !== bytes[behind + n])) return undefined;
  return join(bytes.subarray(0, at), masked(bytes.subarray(at, behind)), bytes.subarray(behind + pattern.length));
}

/** Whether the guest's hypervisor lets it wrap keys of a cipher, and use such ones. */
export function wraps(vcpu: Vcpu, { block }: BlockCipher): boolean {
  return (vcpu.controls.ecb3 & (block === 16 ? ecb3.aes : ecb3.dea)) !== 0;
}
