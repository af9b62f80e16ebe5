/** Block ciphers of the message-security assist and their modes of operation, by the host's library. */

import { createCipheriv, createDecipheriv } from 'node:crypto';

/** A block cipher with its key length. */
export interface BlockCipher {
  /** Bytes of a block. */
  readonly block: 8 | 16;
  readonly keyBytes: 8 | 16 | 24 | 32;
  /** The library's name for the cipher, its mode to follow. */
  readonly name: 'des-ede3' | 'aes-128' | 'aes-192' | 'aes-256';
}

/** DEA and TDEA with one, two and three keys; the library has three-key TDEA, of which the others are cases. */
export const dea: BlockCipher = { block: 8, keyBytes: 8, name: 'des-ede3' };
export const tdea128: BlockCipher = { block: 8, keyBytes: 16, name: 'des-ede3' };
export const tdea192: BlockCipher = { block: 8, keyBytes: 24, name: 'des-ede3' };
export const aes128: BlockCipher = { block: 16, keyBytes: 16, name: 'aes-128' };
export const aes192: BlockCipher = { block: 16, keyBytes: 24, name: 'aes-192' };
export const aes256: BlockCipher = { block: 16, keyBytes: 32, name: 'aes-256' };

/** The ciphers by their function codes, the same in every instruction that has them. */
export const ciphers: ReadonlyMap<number, BlockCipher> = new Map([
  [1, dea],
  [2, tdea128],
  [3, tdea192],
  [18, aes128],
  [19, aes192],
  [20, aes256],
]);

/** How far the code of a function with an encrypted key is from that of the same one with a clear key. */
export const ENCRYPTED = 8;

/** The same with encrypted keys. */
export const encryptedCiphers: ReadonlyMap<number, BlockCipher> = new Map(
  [...ciphers].map(([code, cipher]) => [code + ENCRYPTED, cipher] as const),
);

/** All functions with encrypted keys, XTS among them, which several instructions have by the same codes. */
export const encryptedFunctions: ReadonlyMap<number, BlockCipher> = new Map([
  ...encryptedCiphers,
  [58, aes128],
  [60, aes256],
] as const);

/** Modes in which the library works through whole messages. */
export type Mode = 'ecb' | 'cbc' | 'cfb' | 'cfb8' | 'ofb';

/** Something that data passes through block by block. */
export interface Stream {
  update(data: Uint8Array): Uint8Array;
}

function expand(cipher: BlockCipher, key: Uint8Array): Uint8Array {
  if (cipher.name !== 'des-ede3' || key.length === 24) return key;
  return key.length === 8 ? join(key, key, key) : join(key, key.subarray(0, 8));
}

/** A stream that enciphers or deciphers. `chaining` is what the first block is chained to, empty for ECB. */
export function open(cipher: BlockCipher, mode: Mode, key: Uint8Array, chaining: Uint8Array, decipher = false): Stream {
  const name = `${cipher.name}-${mode}`;
  const iv = mode === 'ecb' ? null : chaining;
  const make = decipher ? createDecipheriv : createCipheriv;
  const stream = make(name, expand(cipher, key), iv);
  stream.setAutoPadding(false);
  return stream;
}

/** Enciphers or deciphers whole blocks one by one. */
export function electronicCodebook(
  cipher: BlockCipher,
  key: Uint8Array,
  data: Uint8Array,
  decipher = false,
): Uint8Array {
  return open(cipher, 'ecb', key, new Uint8Array(0), decipher).update(data);
}

/** The bytes of all one behind the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Bytewise exclusive or of two arrays of one length. */
export function exclusiveOr(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}
